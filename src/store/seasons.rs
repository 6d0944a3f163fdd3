//! Seasons that are closing or closed. One without a row is open.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::schema::seasons;

/// A season as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = seasons, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SeasonRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// `closing` or `closed`.
    pub state: String,
    /// When closing began.
    pub begun_at: NaiveDateTime,
    /// Who closes it.
    pub begun_by: String,
    /// See the column.
    pub closed_at: Option<NaiveDateTime>,
    /// The last number of the sequence that its statement holds.
    pub position: Option<i64>,
}

/// Every one.
pub fn all(db: &mut Db) -> QueryResult<Vec<SeasonRow>> {
    seasons::table.order((seasons::programme, seasons::season)).select(SeasonRow::as_select()).load(db)
}

/// Begins to close a season.
pub fn insert(db: &mut Db, row: &SeasonRow) -> QueryResult<()> {
    diesel::insert_into(seasons::table).values(row).execute(db).map(drop)
}

/// Replaces what is kept of a season.
pub fn update(db: &mut Db, row: &SeasonRow) -> QueryResult<()> {
    diesel::update(seasons::table.find((&row.programme, &row.season))).set(row).execute(db).map(drop)
}
