//! Replies to kudos.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::count_star;
use diesel::prelude::*;

use crate::store::db::Db;
use crate::store::schema::kudos_replies;

/// A reply as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kudos_replies, treat_none_as_default_value = false)]
pub struct ReplyRow {
    /// See the column.
    pub id: String,
    /// See the column.
    pub kudos: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub author: String,
    /// See the column.
    pub message: String,
    /// See the column.
    pub replied_at: NaiveDateTime,
}

/// Adds a reply.
pub fn insert(db: &mut Db, row: &ReplyRow) -> QueryResult<()> {
    diesel::insert_into(kudos_replies::table).values(row).execute(db).map(drop)
}

/// One reply.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<ReplyRow>> {
    kudos_replies::table.find(id).select(ReplyRow::as_select()).first(db).optional()
}

/// Removes a reply with what it said.
pub fn delete(db: &mut Db, id: &str) -> QueryResult<()> {
    diesel::delete(kudos_replies::table.find(id)).execute(db).map(drop)
}

/// How many replies some kudos have; those without any are left out.
pub fn counts(db: &mut Db, kudos: &[String]) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = kudos_replies::table
        .filter(kudos_replies::kudos.eq_any(kudos))
        .group_by(kudos_replies::kudos)
        .select((kudos_replies::kudos, count_star()))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// The replies to a kudos after a number of the sequence, oldest first.
pub fn list(db: &mut Db, kudos: &str, after: i64, limit: i64) -> QueryResult<Vec<ReplyRow>> {
    kudos_replies::table
        .filter(kudos_replies::kudos.eq(kudos))
        .filter(kudos_replies::sequence.gt(after))
        .order(kudos_replies::sequence)
        .limit(limit)
        .select(ReplyRow::as_select())
        .load(db)
}
