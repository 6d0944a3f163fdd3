//! The live awards, and the append-only list of badges granted and withdrawn.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};

use super::db::Db;
use super::row;
use super::schema::{awards, badge_events};
use super::values::{Values, load_given};
use crate::domain::ids::TeamId;
use crate::domain::time::Window;

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

impl AwardRow {
    fn keys(rows: &[Self]) -> Values<'_> {
        Values::default()
            .texts("programme", rows.iter().map(|row| &row.programme))
            .texts("season", rows.iter().map(|row| &row.season))
            .texts("rule", rows.iter().map(|row| &row.rule))
            .texts("subject", rows.iter().map(|row| &row.subject))
            .texts("cause", rows.iter().map(|row| &row.cause))
    }
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

/// The live awards of subjects in a season of a programme, of each those earned within a stretch of time, in no particular
/// order.
pub fn live_of_each(
    db: &mut Db,
    programme: &str,
    season: &str,
    wanted: &[(String, Window)],
) -> QueryResult<Vec<AwardRow>> {
    const QUERY: &str = "SELECT a.programme, a.season, a.rule, a.subject, a.cause, a.points, a.badge, a.at, a.version, \
        a.transfer FROM {given} CROSS JOIN awards a \
        WHERE a.subject = given.subject AND a.programme = given.programme AND a.season = given.season \
        AND a.at >= given.from_at AND a.at < given.until_at";
    let given = Values::default()
        .texts("programme", wanted.iter().map(|_| programme))
        .texts("season", wanted.iter().map(|_| season))
        .texts("subject", wanted.iter().map(|(subject, _)| subject))
        .instants("from_at", wanted.iter().map(|(_, window)| row::stored(window.from)))
        .instants("until_at", wanted.iter().map(|(_, window)| row::stored(window.until)));
    load_given!(given, db, QUERY, awards::SqlType)
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

/// A subject's badge in a season of a programme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BadgeKey {
    /// The programme.
    pub programme: String,
    /// The season.
    pub season: String,
    /// The subject.
    pub subject: String,
    /// The badge.
    pub badge: String,
}

impl BadgeKey {
    /// As rows of a query.
    pub(super) fn given(keys: &[Self]) -> Values<'_> {
        Values::default()
            .texts("programme", keys.iter().map(|key| &key.programme))
            .texts("season", keys.iter().map(|key| &key.season))
            .texts("subject", keys.iter().map(|key| &key.subject))
            .texts("badge", keys.iter().map(|key| &key.badge))
    }
}

/// When the first of the live awards that name a badge was earned; nothing of badges that none names.
pub fn first_naming(db: &mut Db, keys: &[BadgeKey]) -> QueryResult<HashMap<BadgeKey, NaiveDateTime>> {
    const QUERY: &str = "SELECT a.programme, a.season, a.subject, a.badge, MIN(a.at) AS at \
        FROM {given} CROSS JOIN awards a WHERE a.subject = given.subject AND a.programme = given.programme \
        AND a.season = given.season AND a.badge = given.badge GROUP BY a.programme, a.season, a.subject, a.badge";
    let found: Vec<(String, String, String, String, NaiveDateTime)> =
        load_given!(BadgeKey::given(keys), db, QUERY, (Text, Text, Text, Text, Timestamp))?;
    let keyed = |(programme, season, subject, badge, at)| (BadgeKey { programme, season, subject, badge }, at);
    Ok(found.into_iter().map(keyed).collect())
}

/// The last change of each badge: `granted` or `withdrawn`; nothing of badges that were never granted.
pub fn last_badge_changes(db: &mut Db, keys: &[BadgeKey]) -> QueryResult<HashMap<BadgeKey, String>> {
    const QUERY: &str = "SELECT e.programme, e.season, e.subject, e.badge, e.change \
        FROM {given} CROSS JOIN badge_events e WHERE e.subject = given.subject AND e.programme = given.programme \
        AND e.season = given.season AND e.badge = given.badge AND e.sequence = (SELECT MAX(o.sequence) \
        FROM badge_events o WHERE o.subject = given.subject AND o.programme = given.programme \
        AND o.season = given.season AND o.badge = given.badge)";
    let found: Vec<(String, String, String, String, String)> =
        load_given!(BadgeKey::given(keys), db, QUERY, (Text, Text, Text, Text, Text))?;
    let keyed = |(programme, season, subject, badge, change)| (BadgeKey { programme, season, subject, badge }, change);
    Ok(found.into_iter().map(keyed).collect())
}

/// Removes live awards (their transfers are reversed beside it).
pub fn remove(db: &mut Db, rows: &[AwardRow]) -> QueryResult<()> {
    const STATEMENT: &str = "DELETE FROM awards WHERE (programme, season, rule, subject, cause) IN \
        (SELECT programme, season, rule, subject, cause FROM {given})";
    AwardRow::keys(rows).execute(db, STATEMENT)
}

/// Adds live awards.
pub fn insert(db: &mut Db, rows: &[AwardRow]) -> QueryResult<()> {
    AwardRow::keys(rows)
        .numbers("points", rows.iter().map(|row| row.points))
        .texts("badge", rows.iter().map(|row| &row.badge))
        .instants("at", rows.iter().map(|row| row.at))
        .numbers("version", rows.iter().map(|row| i64::from(row.version)))
        .texts("transfer", rows.iter().map(|row| &row.transfer))
        .execute(
            db,
            "INSERT INTO awards (programme, season, rule, subject, cause, points, badge, at, version, transfer) \
             SELECT programme, season, rule, subject, cause, points, badge, at, version, transfer FROM {given}",
        )
}

/// Appends grants and withdrawals.
pub fn append_badge_events(db: &mut Db, rows: &[BadgeEventRow]) -> QueryResult<()> {
    Values::default()
        .texts("id", rows.iter().map(|row| &row.id))
        .numbers("sequence", rows.iter().map(|row| row.sequence))
        .texts("programme", rows.iter().map(|row| &row.programme))
        .texts("season", rows.iter().map(|row| &row.season))
        .texts("badge", rows.iter().map(|row| &row.badge))
        .texts("subject", rows.iter().map(|row| &row.subject))
        .texts("change", rows.iter().map(|row| &row.change))
        .instants("at", rows.iter().map(|row| row.at))
        .instants("recorded_at", rows.iter().map(|row| row.recorded_at))
        .execute(
            db,
            "INSERT INTO badge_events (id, sequence, programme, season, badge, subject, change, at, recorded_at) \
             SELECT id, sequence, programme, season, badge, subject, change, at, recorded_at FROM {given}",
        )
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
