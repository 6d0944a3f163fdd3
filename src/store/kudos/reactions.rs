//! Reactions to kudos: each person's once of each kind.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::{count_star, exists, select};
use diesel::prelude::*;

use crate::store::db::Db;
use crate::store::schema::kudos_reactions;

/// A reaction as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kudos_reactions, treat_none_as_default_value = false)]
pub struct ReactionRow {
    /// See the column.
    pub kudos: String,
    /// See the column.
    pub person: String,
    /// Its name.
    pub reaction: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// See the column.
    pub reacted_at: NaiveDateTime,
}

/// Adds a reaction.
pub fn insert(db: &mut Db, row: &ReactionRow) -> QueryResult<()> {
    diesel::insert_into(kudos_reactions::table).values(row).execute(db).map(drop)
}

/// Whether somebody has reacted so.
pub fn is_there(db: &mut Db, kudos: &str, person: &str, reaction: &str) -> QueryResult<bool> {
    select(exists(kudos_reactions::table.find((kudos, person, reaction)))).get_result(db)
}

/// Removes a reaction.
pub fn delete(db: &mut Db, kudos: &str, person: &str, reaction: &str) -> QueryResult<()> {
    diesel::delete(kudos_reactions::table.find((kudos, person, reaction))).execute(db).map(drop)
}

/// How many reacted to some kudos, by kudos and reaction.
pub fn counts(db: &mut Db, kudos: &[String]) -> QueryResult<HashMap<(String, String), i64>> {
    let rows: Vec<(String, String, i64)> = kudos_reactions::table
        .filter(kudos_reactions::kudos.eq_any(kudos))
        .group_by((kudos_reactions::kudos, kudos_reactions::reaction))
        .select((kudos_reactions::kudos, kudos_reactions::reaction, count_star()))
        .load(db)?;
    Ok(rows.into_iter().map(|(kudos, reaction, count)| ((kudos, reaction), count)).collect())
}

/// How somebody reacted to some kudos: kudos and reaction.
pub fn by_person(db: &mut Db, kudos: &[String], person: &str) -> QueryResult<Vec<(String, String)>> {
    kudos_reactions::table
        .filter(kudos_reactions::kudos.eq_any(kudos))
        .filter(kudos_reactions::person.eq(person))
        .select((kudos_reactions::kudos, kudos_reactions::reaction))
        .load(db)
}

/// The reactions to a kudos after a number of the sequence, oldest first.
pub fn list(db: &mut Db, kudos: &str, after: i64, limit: i64) -> QueryResult<Vec<ReactionRow>> {
    kudos_reactions::table
        .filter(kudos_reactions::kudos.eq(kudos))
        .filter(kudos_reactions::sequence.gt(after))
        .order(kudos_reactions::sequence)
        .limit(limit)
        .select(ReactionRow::as_select())
        .load(db)
}
