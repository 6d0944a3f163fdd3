//! Home-team memberships, dated `[from, until)`.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::memberships;
use crate::domain::ids::TeamId;
use crate::domain::time::{Instant, Interval};

/// A membership as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = memberships, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct MembershipRow {
    /// See the column.
    pub id: String,
    /// See the column.
    pub person: String,
    /// See the column.
    pub team: String,
    /// See the column.
    pub from_at: NaiveDateTime,
    /// See the column.
    pub until_at: Option<NaiveDateTime>,
    /// The number of the last change.
    pub revision: i64,
}

impl MembershipRow {
    /// When.
    pub fn interval(&self) -> Interval {
        Interval { from: Some(row::instant(self.from_at)), until: self.until_at.map(row::instant) }
    }
}

/// The memberships of some people, each person's oldest first.
pub fn of_people(db: &mut Db, people: &[String]) -> QueryResult<Vec<MembershipRow>> {
    let mut found = Vec::new();
    for chunk in people.chunks(500) {
        let rows: Vec<MembershipRow> = memberships::table
            .filter(memberships::person.eq_any(chunk))
            .order((memberships::person, memberships::from_at))
            .select(MembershipRow::as_select())
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The home team at an instant of each of some people who have one.
pub fn home_teams(db: &mut Db, people: &[String], at: Instant) -> QueryResult<HashMap<String, TeamId>> {
    of_people(db, people)?
        .into_iter()
        .filter(|membership| membership.interval().contains(at))
        .map(|membership| Ok((membership.person, row::parsed(membership.team)?)))
        .collect()
}

/// The memberships that overlap `[from, until)`, by person, oldest first.
pub fn overlapping(db: &mut Db, from: Instant, until: Instant) -> QueryResult<Vec<MembershipRow>> {
    memberships::table
        .filter(memberships::from_at.lt(row::stored(until)))
        .filter(memberships::until_at.is_null().or(memberships::until_at.gt(row::stored(from))))
        .order((memberships::person, memberships::from_at))
        .select(MembershipRow::as_select())
        .load(db)
}

/// Whoever was ever at home in a team.
pub fn ever_in(db: &mut Db, team: TeamId) -> QueryResult<Vec<String>> {
    memberships::table
        .filter(memberships::team.eq(team.to_string()))
        .select(memberships::person)
        .distinct()
        .order(memberships::person)
        .load(db)
}

/// Whether anybody was ever at home in the team.
pub fn team_is_used(db: &mut Db, team: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(memberships::table.filter(memberships::team.eq(team)))).get_result(db)
}

/// Adds a membership.
pub fn insert(db: &mut Db, row: &MembershipRow) -> QueryResult<()> {
    diesel::insert_into(memberships::table).values(row).execute(db).map(drop)
}

/// Replaces a membership.
pub fn update(db: &mut Db, row: &MembershipRow) -> QueryResult<()> {
    diesel::update(memberships::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// Removes a membership that never began to count.
pub fn delete(db: &mut Db, id: &str) -> QueryResult<()> {
    diesel::delete(memberships::table.find(id)).execute(db).map(drop)
}
