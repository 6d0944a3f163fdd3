//! Programmes and the versions of their documents.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::db::Db;
use super::schema::{programme_versions, programmes};

/// A programme as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = programmes, treat_none_as_default_value = false)]
pub struct ProgrammeRow {
    /// See the column.
    pub code: String,
    /// See the column.
    pub created_at: NaiveDateTime,
    /// The number of the last change.
    pub revision: i64,
    /// The last local day on which it earns anything; none while nobody ended it.
    pub last_day: Option<NaiveDate>,
    /// Up to when what is decided by time has been decided.
    pub as_of: Option<NaiveDateTime>,
}

/// A version as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = programme_versions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct VersionRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub version: i32,
    /// The document as it was sent.
    pub document: String,
    /// `draft`, `activated` or `withdrawn`.
    pub state: String,
    /// The first local day on which it is in force.
    pub effective_from: Option<NaiveDate>,
    /// A person.
    pub created_by: String,
    /// See the column.
    pub created_at: NaiveDateTime,
    /// A person.
    pub activated_by: Option<String>,
    /// See the column.
    pub activated_at: Option<NaiveDateTime>,
    /// The number of the last change.
    pub revision: i64,
    /// The person who replaced the draft last; none if it is as it was drafted.
    pub changed_by: Option<String>,
}

/// Every programme, by code.
pub fn all(db: &mut Db) -> QueryResult<Vec<ProgrammeRow>> {
    programmes::table.order(programmes::code).select(ProgrammeRow::as_select()).load(db)
}

/// Adds a programme.
pub fn insert(db: &mut Db, row: &ProgrammeRow) -> QueryResult<()> {
    diesel::insert_into(programmes::table).values(row).execute(db).map(drop)
}

/// Notes that a programme changed.
pub fn touch(db: &mut Db, code: &str, revision: i64) -> QueryResult<()> {
    diesel::update(programmes::table.find(code)).set(programmes::revision.eq(revision)).execute(db).map(drop)
}

/// Sets or takes away the last day on which a programme earns anything.
pub fn set_last_day(db: &mut Db, code: &str, last_day: Option<NaiveDate>) -> QueryResult<()> {
    diesel::update(programmes::table.find(code)).set(programmes::last_day.eq(last_day)).execute(db).map(drop)
}

/// Moves up to when what is decided by time has been decided.
pub fn decide(db: &mut Db, code: &str, as_of: NaiveDateTime, revision: i64) -> QueryResult<()> {
    diesel::update(programmes::table.find(code))
        .set((programmes::as_of.eq(Some(as_of)), programmes::revision.eq(revision)))
        .execute(db)
        .map(drop)
}

/// Every version of every programme, by programme and number.
pub fn all_versions(db: &mut Db) -> QueryResult<Vec<VersionRow>> {
    programme_versions::table
        .order((programme_versions::programme, programme_versions::version))
        .select(VersionRow::as_select())
        .load(db)
}

/// The versions of a programme, by number.
pub fn versions(db: &mut Db, programme: &str) -> QueryResult<Vec<VersionRow>> {
    programme_versions::table
        .filter(programme_versions::programme.eq(programme))
        .order(programme_versions::version)
        .select(VersionRow::as_select())
        .load(db)
}

/// One version.
pub fn version(db: &mut Db, programme: &str, version: i32) -> QueryResult<Option<VersionRow>> {
    programme_versions::table.find((programme, version)).select(VersionRow::as_select()).first(db).optional()
}

/// Adds a version.
pub fn insert_version(db: &mut Db, row: &VersionRow) -> QueryResult<()> {
    diesel::insert_into(programme_versions::table).values(row).execute(db).map(drop)
}

/// Replaces a version.
pub fn update_version(db: &mut Db, row: &VersionRow) -> QueryResult<()> {
    diesel::update(programme_versions::table.find((&row.programme, row.version))).set(row).execute(db).map(drop)
}

/// Removes a draft.
pub fn delete_version(db: &mut Db, programme: &str, version: i32) -> QueryResult<()> {
    diesel::delete(programme_versions::table.find((programme, version))).execute(db).map(drop)
}

/// Removes a programme whose versions are gone.
pub fn delete(db: &mut Db, code: &str) -> QueryResult<()> {
    diesel::delete(programmes::table.find(code)).execute(db).map(drop)
}
