//! The live awards, and the append-only list of badges granted and withdrawn.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{awards, badge_events};
use crate::domain::ids::TeamId;
use crate::domain::time::Instant;

const CHUNK: usize = 500;

/// A live award as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = awards, treat_none_as_default_value = false)]
pub struct AwardRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// See the column.
    pub rule: String,
    /// The subject's id.
    pub subject: String,
    /// The cause's text.
    pub cause: String,
    /// See the column.
    pub points: i64,
    /// See the column.
    pub badge: Option<String>,
    /// When it was earned.
    pub at: NaiveDateTime,
    /// Programme version.
    pub version: i32,
    /// Its transfer, if it has points.
    pub transfer: Option<String>,
}

/// A grant or withdrawal of a badge.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = badge_events, treat_none_as_default_value = false)]
pub struct BadgeEventRow {
    /// See the column.
    pub id: String,
    /// See the column.
    pub sequence: i64,
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// See the column.
    pub badge: String,
    /// See the column.
    pub subject: String,
    /// `granted` or `withdrawn`.
    pub change: String,
    /// When it was earned; of a withdrawal, when it was withdrawn.
    pub at: NaiveDateTime,
    /// See the column.
    pub recorded_at: NaiveDateTime,
}

/// A stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant inside.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
}

/// The live awards of a subject in a season of a programme, earned within a stretch of time.
pub fn live(db: &mut Db, programme: &str, season: &str, subject: &str, window: Window) -> QueryResult<Vec<AwardRow>> {
    awards::table
        .filter(awards::subject.eq(subject))
        .filter(awards::programme.eq(programme))
        .filter(awards::season.eq(season))
        .filter(awards::at.ge(row::stored(window.from)))
        .filter(awards::at.lt(row::stored(window.until)))
        .select(AwardRow::as_select())
        .load(db)
}

/// The same of what a team's goals awarded its members.
pub fn live_by_team(
    db: &mut Db,
    programme: &str,
    season: &str,
    team: TeamId,
    window: Window,
) -> QueryResult<Vec<AwardRow>> {
    awards::table
        // A range, so that the index on causes is used.
        .filter(awards::cause.ge(format!("team:{team}:")))
        .filter(awards::cause.lt(format!("team:{team};")))
        .filter(awards::programme.eq(programme))
        .filter(awards::season.eq(season))
        .filter(awards::at.ge(row::stored(window.from)))
        .filter(awards::at.lt(row::stored(window.until)))
        .select(AwardRow::as_select())
        .load(db)
}

/// When the first of the live awards that name the badge of an event was earned.
pub fn first_naming(db: &mut Db, event: &BadgeEventRow) -> QueryResult<Option<NaiveDateTime>> {
    awards::table
        .filter(awards::subject.eq(&event.subject))
        .filter(awards::programme.eq(&event.programme))
        .filter(awards::season.eq(&event.season))
        .filter(awards::badge.eq(&event.badge))
        .select(diesel::dsl::min(awards::at))
        .first(db)
}

/// Removes live awards (their transfers are reversed beside it).
pub fn remove(db: &mut Db, row: &AwardRow) -> QueryResult<()> {
    diesel::delete(awards::table.find((&row.programme, &row.season, &row.rule, &row.subject, &row.cause)))
        .execute(db)
        .map(drop)
}

/// Adds live awards.
pub fn insert(db: &mut Db, rows: &[AwardRow]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(awards::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Appends grants and withdrawals.
pub fn append_badge_events(db: &mut Db, rows: &[BadgeEventRow]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(badge_events::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// The last change of the badge that an event is about.
pub fn last_badge_change(db: &mut Db, event: &BadgeEventRow) -> QueryResult<Option<String>> {
    badge_events::table
        .filter(badge_events::subject.eq(&event.subject))
        .filter(badge_events::programme.eq(&event.programme))
        .filter(badge_events::season.eq(&event.season))
        .filter(badge_events::badge.eq(&event.badge))
        .order(badge_events::sequence.desc())
        .select(badge_events::change)
        .first(db)
        .optional()
}

/// A subject's badge events, oldest first.
pub fn badge_events_of(db: &mut Db, subject: &str) -> QueryResult<Vec<BadgeEventRow>> {
    badge_events::table
        .filter(badge_events::subject.eq(subject))
        .order(badge_events::sequence)
        .select(BadgeEventRow::as_select())
        .load(db)
}

/// The badge events of a season, oldest first.
pub fn badge_events_in(db: &mut Db, programme: &str, season: &str) -> QueryResult<Vec<BadgeEventRow>> {
    badge_events::table
        .filter(badge_events::programme.eq(programme))
        .filter(badge_events::season.eq(season))
        .order(badge_events::sequence)
        .select(BadgeEventRow::as_select())
        .load(db)
}

/// The points of each subject who has live awards of a season.
pub fn points_in_season(db: &mut Db, programme: &str, season: &str) -> QueryResult<Vec<(String, i64)>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    awards::table
        .filter(awards::programme.eq(programme))
        .filter(awards::season.eq(season))
        .group_by(awards::subject)
        .select((awards::subject, sql::<BigInt>("CAST(SUM(points) AS BIGINT)")))
        .load(db)
}

/// Whether a subject has live awards of a season.
pub fn any_in_season(db: &mut Db, programme: &str, season: &str, subject: &str) -> QueryResult<bool> {
    let held = awards::table
        .filter(awards::subject.eq(subject))
        .filter(awards::programme.eq(programme))
        .filter(awards::season.eq(season));
    diesel::select(diesel::dsl::exists(held)).get_result(db)
}

/// The live awards of some causes, by cause.
pub fn by_cause(db: &mut Db, causes: &[String]) -> QueryResult<HashMap<String, Vec<AwardRow>>> {
    let mut found: HashMap<String, Vec<AwardRow>> = HashMap::new();
    for chunk in causes.chunks(CHUNK) {
        let rows: Vec<AwardRow> = awards::table
            .filter(awards::cause.eq_any(chunk))
            .order((awards::programme, awards::rule, awards::subject))
            .select(AwardRow::as_select())
            .load(db)?;
        for row in rows {
            found.entry(row.cause.clone()).or_default().push(row);
        }
    }
    Ok(found)
}

/// The points of each subject from awards of a programme earned in `[from, until)`.
pub fn points_by_subject(
    db: &mut Db,
    programme: &str,
    from: Instant,
    until: Instant,
) -> QueryResult<Vec<(String, i64)>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    awards::table
        .filter(awards::programme.eq(programme))
        .filter(awards::at.ge(row::stored(from)))
        .filter(awards::at.lt(row::stored(until)))
        .group_by(awards::subject)
        .select((awards::subject, sql::<BigInt>("CAST(SUM(points) AS BIGINT)")))
        .load(db)
}

/// A subject's points by season of a programme.
pub fn season_points(db: &mut Db, subject: &str) -> QueryResult<Vec<(String, String, i64)>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    awards::table
        .filter(awards::subject.eq(subject))
        .group_by((awards::programme, awards::season))
        .select((awards::programme, awards::season, sql::<BigInt>("CAST(SUM(points) AS BIGINT)")))
        .order((awards::programme, awards::season))
        .load(db)
}

/// Every live award, for checking.
pub fn all(db: &mut Db) -> QueryResult<Vec<AwardRow>> {
    awards::table
        .order((awards::programme, awards::season, awards::subject, awards::rule, awards::cause))
        .select(AwardRow::as_select())
        .load(db)
}

/// Every badge event, for checking.
pub fn all_badge_events(db: &mut Db) -> QueryResult<Vec<BadgeEventRow>> {
    badge_events::table.order(badge_events::sequence).select(BadgeEventRow::as_select()).load(db)
}
