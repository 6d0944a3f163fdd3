//! Answers kept for repeated requests, stored with the effect they tell of (SEMANTICS S41).

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::schema::idempotency;

/// An answer as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = idempotency, treat_none_as_default_value = false)]
pub struct AnswerRow {
    /// A person.
    pub caller: String,
    /// Of the request.
    pub path: String,
    /// The `Idempotency-Key`.
    pub key: String,
    /// Of the request's body.
    pub body_digest: String,
    /// HTTP status.
    pub status: i32,
    /// JSON.
    pub body: String,
    /// The `Location`.
    pub location: Option<String>,
    /// See the column.
    pub created_at: NaiveDateTime,
}

/// The answer kept for a request.
pub fn find(db: &mut Db, caller: &str, path: &str, key: &str) -> QueryResult<Option<AnswerRow>> {
    idempotency::table.find((caller, path, key)).select(AnswerRow::as_select()).first(db).optional()
}

/// Keeps an answer.
pub fn insert(db: &mut Db, row: &AnswerRow) -> QueryResult<()> {
    diesel::insert_into(idempotency::table).values(row).execute(db).map(drop)
}

/// Forgets answers kept before `before`.
pub fn forget(db: &mut Db, before: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(idempotency::table.filter(idempotency::created_at.lt(before))).execute(db).map(drop)
}
