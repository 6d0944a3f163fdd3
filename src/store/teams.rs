//! Teams.

use diesel::prelude::*;

use super::db::Db;
use super::schema::teams;

/// A team as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = teams, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct TeamRow {
    /// See the column.
    pub id: String,
    /// See the column.
    pub code: String,
    /// See the column.
    pub name: String,
    /// The id of the team above it.
    pub parent: Option<String>,
    /// The number of the last change.
    pub revision: i64,
}

/// Every team, by code.
pub fn all(db: &mut Db) -> QueryResult<Vec<TeamRow>> {
    teams::table.order(teams::code).select(TeamRow::as_select()).load(db)
}

/// Adds a team.
pub fn insert(db: &mut Db, row: &TeamRow) -> QueryResult<()> {
    diesel::insert_into(teams::table).values(row).execute(db).map(drop)
}

/// Replaces a team.
pub fn update(db: &mut Db, row: &TeamRow) -> QueryResult<()> {
    diesel::update(teams::table.find(&row.id)).set(row).execute(db).map(drop)
}
