//! Kudos and their receivers.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::schema::{kudos, kudos_receivers};

/// A kudos as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kudos, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct KudosRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub sender: String,
    /// See the column.
    pub message: String,
    /// The company value it names.
    pub value: Option<String>,
    /// Points asked for, for each receiver.
    pub points: i64,
    /// `public`, `team` or `private`.
    pub visibility: String,
    /// `sent`, `withdrawn` or `removed`.
    pub state: String,
    /// See the column.
    pub sent_at: NaiveDateTime,
    /// See the column.
    pub withdrawable_until: NaiveDateTime,
    /// The number of the last change.
    pub revision: i64,
}

/// Somebody who received a kudos.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kudos_receivers, treat_none_as_default_value = false)]
pub struct ReceiverRow {
    /// See the column.
    pub kudos: String,
    /// A person.
    pub receiver: String,
    /// The number of the kudos.
    pub sequence: i64,
    /// Points it carried for them.
    pub points: i64,
    /// Its transfer, if it carried any.
    pub transfer: Option<String>,
}

/// Adds a kudos with its receivers.
pub fn insert(db: &mut Db, row: &KudosRow, receivers: &[ReceiverRow]) -> QueryResult<()> {
    diesel::insert_into(kudos::table).values(row).execute(db)?;
    on_backend!(db, |c| diesel::insert_into(kudos_receivers::table).values(receivers).execute(c)).map(drop)
}

/// Replaces a kudos.
pub fn update(db: &mut Db, row: &KudosRow) -> QueryResult<()> {
    diesel::update(kudos::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// One kudos.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<KudosRow>> {
    kudos::table.find(id).select(KudosRow::as_select()).first(db).optional()
}

/// The receivers of some kudos.
pub fn receivers(db: &mut Db, kudos: &[String]) -> QueryResult<Vec<ReceiverRow>> {
    kudos_receivers::table
        .filter(kudos_receivers::kudos.eq_any(kudos))
        .order((kudos_receivers::kudos, kudos_receivers::receiver))
        .select(ReceiverRow::as_select())
        .load(db)
}

/// Sent kudos before the change of number `before`, newest first: a feed for somebody to choose from.
pub fn feed(db: &mut Db, before: Option<i64>, limit: i64) -> QueryResult<Vec<KudosRow>> {
    let mut query = kudos::table.filter(kudos::state.eq("sent")).select(KudosRow::as_select()).into_boxed();
    if let Some(before) = before {
        query = query.filter(kudos::sequence.lt(before));
    }
    query.order(kudos::sequence.desc()).limit(limit).load(db)
}
