//! What is held of everybody in memory: names, home teams and roles as they are at a moment, in pages by id.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{memberships, people, role_grants};
use crate::domain::time::Instant;

const CHUNK: usize = 500;

/// A person, in short.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct Named {
    /// Their id.
    pub id: String,
    /// Their name in tokens and addresses.
    pub user_name: String,
    /// The name that others see.
    pub display_name: String,
    /// Whether they take part in anything.
    pub active: bool,
}

/// How many people there are.
pub fn count(db: &mut Db) -> QueryResult<i64> {
    people::table.count().get_result(db)
}

/// The people after one id, by id, at most `limit`.
pub fn people_after(db: &mut Db, id: &str, limit: i64) -> QueryResult<Vec<Named>> {
    people::table
        .filter(people::id.gt(id))
        .order(people::id)
        .limit(limit)
        .select((people::id, people::user_name, people::display_name, people::active))
        .load(db)
}

/// Some people.
pub fn people_of(db: &mut Db, ids: &[String]) -> QueryResult<Vec<Named>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<Named> = people::table
            .filter(people::id.eq_any(chunk))
            .select((people::id, people::user_name, people::display_name, people::active))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Those of some people who were not there before an instant.
pub fn new_since(db: &mut Db, ids: &[String], at: Instant) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in ids.chunks(CHUNK) {
        let those = people::table.filter(people::id.eq_any(chunk)).filter(people::created_at.ge(row::stored(at)));
        found.extend(those.select(people::id).load::<String>(db)?);
    }
    Ok(found)
}

/// People from one id to another, both included, and their home teams at an instant.
pub fn homes_between(db: &mut Db, (first, last): (&str, &str), at: Instant) -> QueryResult<Vec<(String, String)>> {
    memberships::table
        .filter(memberships::person.ge(first))
        .filter(memberships::person.le(last))
        .filter(memberships::from_at.le(row::stored(at)))
        .filter(memberships::until_at.is_null().or(memberships::until_at.gt(row::stored(at))))
        .select((memberships::person, memberships::team))
        .load(db)
}

/// People from one id to another, both included, and the roles that they hold at an instant.
pub fn roles_between(db: &mut Db, (first, last): (&str, &str), at: Instant) -> QueryResult<Vec<(String, String)>> {
    role_grants::table
        .filter(role_grants::person.ge(first))
        .filter(role_grants::person.le(last))
        .filter(role_grants::from_at.is_null().or(role_grants::from_at.le(row::stored(at))))
        .filter(role_grants::until_at.is_null().or(role_grants::until_at.gt(row::stored(at))))
        .select((role_grants::person, role_grants::role))
        .load(db)
}

/// Whose membership or role begins or ends after one instant and not after another.
pub fn moved_between(db: &mut Db, after: Instant, until: Instant) -> QueryResult<Vec<String>> {
    let (after, until) = (row::stored(after), row::stored(until));
    let (since, till) = (memberships::from_at, memberships::until_at);
    let mut moved: Vec<String> =
        memberships::table.filter(since.gt(after)).filter(since.le(until)).select(memberships::person).load(db)?;
    moved.extend(
        memberships::table
            .filter(till.gt(after))
            .filter(till.le(until))
            .select(memberships::person)
            .load::<String>(db)?,
    );
    let (since, till) = (role_grants::from_at, role_grants::until_at);
    let granted = role_grants::table.select(role_grants::person);
    moved.extend(granted.filter(since.gt(after)).filter(since.le(until)).load::<String>(db)?);
    moved.extend(granted.filter(till.gt(after)).filter(till.le(until)).load::<String>(db)?);
    moved.sort_unstable();
    moved.dedup();
    Ok(moved)
}

/// The first instant after `now` at which a membership or a role begins or ends.
pub fn next_boundary(db: &mut Db, now: Instant) -> QueryResult<Option<Instant>> {
    use diesel::dsl::min;
    let now = row::stored(now);
    let ends: [Option<NaiveDateTime>; 4] = [
        memberships::table.filter(memberships::from_at.gt(now)).select(min(memberships::from_at)).first(db)?,
        memberships::table.filter(memberships::until_at.gt(now)).select(min(memberships::until_at)).first(db)?,
        role_grants::table.filter(role_grants::from_at.gt(now)).select(min(role_grants::from_at)).first(db)?,
        role_grants::table.filter(role_grants::until_at.gt(now)).select(min(role_grants::until_at)).first(db)?,
    ];
    Ok(ends.into_iter().flatten().min().map(row::instant))
}
