//! Reports of kudos, and what moderators did.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::{KudosRow, Viewer, at_home, received_by, received_in};
use crate::domain::kudos::{Report, State};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::schema::{kudos, kudos_moderations, kudos_reports};

/// A report as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kudos_reports, treat_none_as_default_value = false)]
pub struct ReportRow {
    /// See the column.
    pub kudos: String,
    /// A person.
    pub reporter: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// See the column.
    pub reason: String,
    /// `open`, `upheld`, `dismissed` or `withdrawn`.
    pub state: String,
    /// See the column.
    pub reported_at: NaiveDateTime,
    /// See the column.
    pub decided_at: Option<NaiveDateTime>,
}

/// A hiding or showing again as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kudos_moderations, treat_none_as_default_value = false)]
pub struct ModerationRow {
    /// Its number in the one sequence.
    pub sequence: i64,
    /// See the column.
    pub kudos: String,
    /// `hide` or `restore`.
    pub act: String,
    /// A person.
    pub moderator: String,
    /// See the column.
    pub reason: String,
    /// See the column.
    pub moderated_at: NaiveDateTime,
}

/// Adds a report.
pub fn insert(db: &mut Db, row: &ReportRow) -> QueryResult<()> {
    diesel::insert_into(kudos_reports::table).values(row).execute(db).map(drop)
}

/// Somebody's report of a kudos.
pub fn find(db: &mut Db, kudos: &str, reporter: &str) -> QueryResult<Option<ReportRow>> {
    kudos_reports::table.find((kudos, reporter)).select(ReportRow::as_select()).first(db).optional()
}

/// What became of somebody's reports of some kudos, by kudos.
pub fn by_reporter(db: &mut Db, kudos: &[String], reporter: &str) -> QueryResult<HashMap<String, String>> {
    let rows: Vec<(String, String)> = kudos_reports::table
        .filter(kudos_reports::kudos.eq_any(kudos))
        .filter(kudos_reports::reporter.eq(reporter))
        .select((kudos_reports::kudos, kudos_reports::state))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// Decides the reports of a kudos that are in one of `states`.
pub fn decide(db: &mut Db, kudos: &str, states: &[Report], now: Report, at: NaiveDateTime) -> QueryResult<()> {
    let states: Vec<&str> = states.iter().map(|state| state.name()).collect();
    diesel::update(kudos_reports::table)
        .filter(kudos_reports::kudos.eq(kudos))
        .filter(kudos_reports::state.eq_any(states))
        .set((kudos_reports::state.eq(now.name()), kudos_reports::decided_at.eq(Some(at))))
        .execute(db)
        .map(drop)
}

/// How many reports of a kudos are open.
pub fn open_of(db: &mut Db, kudos: &str) -> QueryResult<i64> {
    kudos_reports::table
        .filter(kudos_reports::kudos.eq(kudos))
        .filter(kudos_reports::state.eq(Report::Open.name()))
        .count()
        .get_result(db)
}

/// Which open reports to list: those that somebody may decide.
#[derive(Debug, Clone)]
pub struct Queue {
    /// Who decides; never on what they sent or received.
    pub moderator: String,
    /// What they may decide on.
    pub viewer: Viewer,
    /// The instant at which people are at home in teams.
    pub at: Instant,
    /// Reported after the one of this number.
    pub after: i64,
}

/// The open reports that somebody may decide, oldest first, each with its kudos.
pub fn open(db: &mut Db, queue: &Queue, limit: i64) -> QueryResult<Vec<(ReportRow, KudosRow)>> {
    let mut query = kudos_reports::table
        .inner_join(kudos::table)
        .filter(kudos_reports::state.eq(Report::Open.name()))
        .filter(kudos_reports::sequence.gt(queue.after))
        .filter(kudos::state.eq(State::Sent.name()))
        .filter(kudos::sender.ne(queue.moderator.clone()))
        .filter(kudos::id.ne_all(received_by(vec![queue.moderator.clone()])))
        .select((ReportRow::as_select(), KudosRow::as_select()))
        .into_boxed();
    if let Viewer::Of(view) = &queue.viewer {
        let led = kudos::id.eq_any(received_in(view.leads.clone(), queue.at));
        let sent_by_led = kudos::sender.eq_any(at_home(view.leads.clone(), queue.at));
        query = query.filter(led.or(sent_by_led.and(kudos::visibility.ne("private"))));
    }
    query.order(kudos_reports::sequence).limit(limit).load(db)
}

/// Adds a hiding or showing again.
pub fn insert_moderation(db: &mut Db, row: &ModerationRow) -> QueryResult<()> {
    diesel::insert_into(kudos_moderations::table).values(row).execute(db).map(drop)
}

/// The last hiding or showing again of some kudos, by kudos.
pub fn last_moderations(db: &mut Db, kudos: &[String]) -> QueryResult<HashMap<String, ModerationRow>> {
    let rows: Vec<ModerationRow> = kudos_moderations::table
        .filter(kudos_moderations::kudos.eq_any(kudos))
        .order(kudos_moderations::sequence)
        .select(ModerationRow::as_select())
        .load(db)?;
    Ok(rows.into_iter().map(|row| (row.kudos.clone(), row)).collect())
}
