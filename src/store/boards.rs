//! What leaderboards read: points and changes of one programme's period, who is active, and when time alone moves people.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Db;
use super::memberships::MembershipRow;
use super::row;
use super::schema::{awards, badge_events, memberships, people, role_grants, transfers};
use crate::domain::time::Instant;

const CHUNK: usize = 500;

/// The awards that a board counts.
#[derive(Debug, Clone, Copy)]
pub struct Counted<'a> {
    /// The programme.
    pub programme: &'a str,
    /// Earned from then on.
    pub from: Instant,
    /// Earned before then.
    pub until: Instant,
}

/// A number of the sequence at which a subject's points in a period changed.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct PointsChange {
    /// The number.
    pub sequence: i64,
    /// Whose.
    pub subject: Option<String>,
    /// The instant that the points count for.
    pub at: NaiveDateTime,
}

/// The ids of everybody active.
pub fn active_people(db: &mut Db) -> QueryResult<Vec<String>> {
    people::table.filter(people::active.eq(true)).select(people::id).load(db)
}

/// Those of some people who are active.
pub fn active_among(db: &mut Db, ids: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let active = people::table.filter(people::active.eq(true)).filter(people::id.eq_any(chunk));
        found.extend(active.select(people::id).load::<String>(db)?);
    }
    Ok(found)
}

/// The points of those of some subjects who have awards.
pub fn points_among(db: &mut Db, counted: Counted<'_>, subjects: &[String]) -> QueryResult<Vec<(String, i64)>> {
    let mut found = Vec::with_capacity(subjects.len());
    for chunk in subjects.chunks(CHUNK) {
        let rows: Vec<(String, i64)> = awards::table
            .filter(awards::subject.eq_any(chunk))
            .filter(awards::programme.eq(counted.programme))
            .filter(awards::at.ge(row::stored(counted.from)))
            .filter(awards::at.lt(row::stored(counted.until)))
            .group_by(awards::subject)
            .select((awards::subject, sql::<BigInt>("CAST(SUM(points) AS BIGINT)")))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The points that the members of some teams earned while at home there.
pub fn members_points(db: &mut Db, counted: Counted<'_>, teams: &[String]) -> QueryResult<Vec<(String, i64)>> {
    let mut found = Vec::with_capacity(teams.len());
    for chunk in teams.chunks(CHUNK) {
        let then = memberships::person
            .eq(awards::subject)
            .and(memberships::from_at.le(awards::at))
            .and(memberships::until_at.is_null().or(memberships::until_at.gt(awards::at.nullable())));
        let rows: Vec<(String, i64)> = memberships::table
            .inner_join(awards::table.on(then))
            .filter(memberships::team.eq_any(chunk))
            .filter(awards::programme.eq(counted.programme))
            .filter(awards::at.ge(row::stored(counted.from)))
            .filter(awards::at.lt(row::stored(counted.until)))
            .group_by(memberships::team)
            .select((memberships::team, sql::<BigInt>("CAST(SUM(awards.points) AS BIGINT)")))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// The memberships in some teams that overlap `[from, until)`, each person's oldest first.
pub fn memberships_in(db: &mut Db, teams: &[String], from: Instant, until: Instant) -> QueryResult<Vec<MembershipRow>> {
    let mut found = Vec::new();
    for chunk in teams.chunks(CHUNK) {
        let rows: Vec<MembershipRow> = memberships::table
            .filter(memberships::team.eq_any(chunk))
            .filter(memberships::from_at.lt(row::stored(until)))
            .filter(memberships::until_at.is_null().or(memberships::until_at.gt(row::stored(from))))
            .order((memberships::person, memberships::from_at))
            .select(MembershipRow::as_select())
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Changes of points in a period after `since`, in order, at most `limit`.
pub fn points_changed_since(
    db: &mut Db,
    counted: Counted<'_>,
    since: i64,
    limit: i64,
) -> QueryResult<Vec<PointsChange>> {
    transfers::table
        .filter(transfers::programme.eq(counted.programme))
        .filter(transfers::sequence.gt(since))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .order(transfers::sequence)
        .limit(limit)
        .select((transfers::sequence, transfers::subject, transfers::at))
        .load(db)
}

/// Who received or lost a badge of a programme after `since`, and at which number, in order, at most `limit`.
pub fn badges_changed_since(db: &mut Db, programme: &str, since: i64, limit: i64) -> QueryResult<Vec<(i64, String)>> {
    badge_events::table
        .filter(badge_events::programme.eq(programme))
        .filter(badge_events::sequence.gt(since))
        .order(badge_events::sequence)
        .limit(limit)
        .select((badge_events::sequence, badge_events::subject))
        .load(db)
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
