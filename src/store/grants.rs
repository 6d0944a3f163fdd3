//! Points that people grant others.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::schema::grants;

/// A grant as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = grants, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct GrantRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub granter: String,
    /// Another person.
    pub receiver: String,
    /// Above zero.
    pub points: i64,
    /// Why.
    pub reason: String,
    /// The programme whose budget it is taken from.
    pub programme: Option<String>,
    /// Its season.
    pub season: Option<String>,
    /// The month of the organisation's zone that it counts for: `2026-11`.
    pub month: String,
    /// `requested`, `granted`, `rejected` or `cancelled`.
    pub state: String,
    /// See the column.
    pub requested_at: NaiveDateTime,
    /// When it was approved or rejected by somebody else, or cancelled.
    pub decided_at: Option<NaiveDateTime>,
    /// By whom.
    pub decided_by: Option<String>,
    /// Why it was rejected.
    pub note: Option<String>,
    /// The transfer, once it is granted.
    pub transfer: Option<String>,
    /// The number of the last change.
    pub revision: i64,
}

/// One grant.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<GrantRow>> {
    grants::table.find(id).select(GrantRow::as_select()).first(db).optional()
}

/// Adds a grant.
pub fn insert(db: &mut Db, row: &GrantRow) -> QueryResult<()> {
    diesel::insert_into(grants::table).values(row).execute(db).map(drop)
}

/// Replaces a grant.
pub fn update(db: &mut Db, row: &GrantRow) -> QueryResult<()> {
    diesel::update(grants::table.find(&row.id)).set(row).execute(db).map(drop)
}
