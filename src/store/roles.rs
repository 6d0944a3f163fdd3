//! Roles that people hold and held.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::role_grants;
use crate::domain::people::Role;
use crate::domain::time::{Instant, Interval};

/// A grant of a role as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = role_grants, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RoleGrantRow {
    /// See the column.
    pub id: String,
    /// See the column.
    pub person: String,
    /// See the column.
    pub role: String,
    /// Team ids of a lead, source names of a source, separated by commas; else empty.
    pub reach: String,
    /// Since when; since ever without.
    pub from_at: Option<NaiveDateTime>,
    /// Until when; still without.
    pub until_at: Option<NaiveDateTime>,
}

impl RoleGrantRow {
    /// The role.
    pub fn role(&self) -> QueryResult<Role> {
        Role::of_name(&self.role).ok_or_else(|| row::corrupt(format!("no role {}", self.role)))
    }

    /// When.
    pub fn interval(&self) -> Interval {
        Interval { from: self.from_at.map(row::instant), until: self.until_at.map(row::instant) }
    }

    /// The parts of the reach.
    pub fn reaches(&self) -> impl Iterator<Item = &str> {
        self.reach.split(',').filter(|part| !part.is_empty())
    }
}

/// Every grant, past ones too, of some people.
pub fn of_people(db: &mut Db, people: &[String]) -> QueryResult<Vec<RoleGrantRow>> {
    let mut found = Vec::new();
    for chunk in people.chunks(500) {
        let rows: Vec<RoleGrantRow> = role_grants::table
            .filter(role_grants::person.eq_any(chunk))
            .order((role_grants::person, role_grants::role, role_grants::from_at))
            .select(RoleGrantRow::as_select())
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The grants of a role that hold now, of active people or not.
pub fn holders(db: &mut Db, role: Role) -> QueryResult<Vec<RoleGrantRow>> {
    role_grants::table
        .filter(role_grants::role.eq(role.name()))
        .filter(role_grants::until_at.is_null())
        .order(role_grants::person)
        .select(RoleGrantRow::as_select())
        .load(db)
}

/// Every grant.
pub fn all(db: &mut Db) -> QueryResult<Vec<RoleGrantRow>> {
    role_grants::table.order(role_grants::person).select(RoleGrantRow::as_select()).load(db)
}

/// Adds a grant.
pub fn insert(db: &mut Db, row: &RoleGrantRow) -> QueryResult<()> {
    diesel::insert_into(role_grants::table).values(row).execute(db).map(drop)
}

/// Replaces a grant.
pub fn update(db: &mut Db, row: &RoleGrantRow) -> QueryResult<()> {
    diesel::update(role_grants::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// Ends a grant.
pub fn end(db: &mut Db, id: &str, at: Instant) -> QueryResult<()> {
    diesel::update(role_grants::table.find(id)).set(role_grants::until_at.eq(row::stored(at))).execute(db).map(drop)
}
