//! What leaderboards of points read: points and changes of one programme's period, and who is active.

use diesel::connection::DefaultLoadingMode;
use diesel::dsl::sql;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Db;
use super::memberships::MembershipRow;
use super::row;
use super::schema::{awards, badge_events, memberships, people, transfers};
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

/// The ids of everybody active.
pub fn active_people(db: &mut Db) -> QueryResult<Vec<String>> {
    people::table.filter(people::active.eq(true)).select(people::id).load(db)
}

/// The points of each subject with awards, one after another: there may be very many. A subject may come more than once:
/// SQLite would hold all sums in memory before it gave the first.
pub fn each_points(
    db: &mut Db,
    counted: Counted<'_>,
    give: &mut dyn FnMut(&str, i64) -> QueryResult<()>,
) -> QueryResult<()> {
    let counting = awards::table
        .filter(awards::programme.eq(counted.programme))
        .filter(awards::at.ge(row::stored(counted.from)))
        .filter(awards::at.lt(row::stored(counted.until)));
    let mut each = |row: QueryResult<(String, i64)>| row.and_then(|(subject, points)| give(&subject, points));
    match db {
        Db::Sqlite(c) => {
            let query = counting.select((awards::subject, awards::points));
            query.load_iter::<(String, i64), DefaultLoadingMode>(c)?.try_for_each(&mut each)
        }
        Db::Postgres(c) => {
            let sum = sql::<BigInt>("CAST(SUM(points) AS BIGINT)");
            let query = counting.group_by(awards::subject).select((awards::subject, sum));
            query.load_iter::<(String, i64), PgRowByRowLoadingMode>(c)?.try_for_each(&mut each)
        }
    }
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

/// Whose points in a period changed after `since`, and at which number, in order, at most `limit`.
pub fn points_changed_since(
    db: &mut Db,
    counted: Counted<'_>,
    since: i64,
    limit: i64,
) -> QueryResult<Vec<(i64, Option<String>)>> {
    transfers::table
        .filter(transfers::programme.eq(counted.programme))
        .filter(transfers::sequence.gt(since))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .order(transfers::sequence)
        .limit(limit)
        .select((transfers::sequence, transfers::subject))
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
