//! What boards of measures and kudos count, and how points moved: values, kudos and points by person or by the team in
//! which each was at home when they came, and whose may have changed after a number of the sequence.
//!
//! Knows which evidence and which kudos count; not what comes of them, nor who is listed.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::{count_star, exists, not, sql};
use diesel::pg::PgRowByRowLoadingMode;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text, Timestamp};

use super::boards::Counted;
use super::db::Db;
use super::row;
use super::schema::{awards, kudos, kudos_receivers, memberships, people, seasons, signals, transfers};
use super::seasons::{SIGNED, after_closing};
use super::values::{Statement, Values, load_given};
use crate::domain::decimal::Decimal4;
use crate::domain::kudos::{State, Visibility};
use crate::domain::time::{Instant, Window};

/// People, teams or signals of one statement.
const CHUNK: usize = 500;
/// Changed signals that are looked through for changes of a measure.
const LOOKED_AT: usize = 20_000;

/// Calls `each` with every row that a statement around [`Values`] finds, one by one: there may be very many. The statement
/// has a text for each database.
macro_rules! each_given {
    ($values:expr, $db:expr, ($postgres:expr, $sqlite:expr), $columns:ty, $row:ty, $each:expr) => {{
        let values = $values;
        match $db {
            Db::Postgres(connection) => {
                let statement = Statement::<$columns>::new($postgres, &values, String::new());
                for found in statement.load_iter::<$row, PgRowByRowLoadingMode>(connection)? {
                    $each(found?)?;
                }
            }
            Db::Sqlite(connection) => {
                let statement = Statement::<$columns>::new($sqlite, &values, row::to_json(&values)?);
                for found in statement.load_iter::<$row, DefaultLoadingMode>(connection)? {
                    $each(found?)?;
                }
            }
        }
        QueryResult::Ok(())
    }};
}

/// Tells every value of a measure in live evidence of a stretch of time: whose, when, and which. In no particular order.
pub fn values_of(
    db: &mut Db,
    measure: &str,
    window: Window,
    mut each: impl FnMut(&str, Instant, Decimal4) -> QueryResult<()>,
) -> QueryResult<()> {
    let mut last = String::new();
    loop {
        let next = people::table.filter(people::id.gt(&last)).order(people::id).limit(500);
        let agents: Vec<String> = next.select(people::id).load(db)?;
        values_of_agents(db, measure, window, &agents, &mut each)?;
        match agents.into_iter().next_back() {
            Some(id) => last = id,
            None => return Ok(()),
        }
    }
}

/// The same of some people.
pub fn values_of_agents(
    db: &mut Db,
    measure: &str,
    window: Window,
    agents: &[String],
    mut each: impl FnMut(&str, Instant, Decimal4) -> QueryResult<()>,
) -> QueryResult<()> {
    // Numbers are taken as the texts that they were kept as.
    const POSTGRES: &str = "SELECT s.agent, s.occurred_at, CAST(s.measures AS json) ->> given.measure \
        FROM {given} CROSS JOIN signals s WHERE s.agent = given.agent \
        AND s.occurred_at >= given.from_at AND s.occurred_at < given.until_at AND s.status = 'live'";
    const SQLITE: &str = "SELECT s.agent, s.occurred_at, s.measures -> given.measure \
        FROM {given} CROSS JOIN signals s WHERE s.agent = given.agent \
        AND s.occurred_at >= given.from_at AND s.occurred_at < given.until_at AND s.status = 'live'";
    let mut tell = |(agent, at, value): (String, NaiveDateTime, Option<String>)| match value {
        Some(value) => each(&agent, row::instant(at), number(&value)?),
        None => Ok(()),
    };
    for chunk in agents.chunks(CHUNK) {
        let given = wanted("agent", chunk, measure, window);
        type Columns = (Text, Timestamp, Nullable<Text>);
        each_given!(given, db, (POSTGRES, SQLITE), Columns, (String, NaiveDateTime, Option<String>), tell)?;
    }
    Ok(())
}

/// Tells every value of a measure in live evidence of some teams' members, from while they were at home there: of which
/// team, whose, and which. In no particular order.
pub fn members_values(
    db: &mut Db,
    measure: &str,
    window: Window,
    teams: &[String],
    mut each: impl FnMut(&str, &str, Decimal4) -> QueryResult<()>,
) -> QueryResult<()> {
    const POSTGRES: &str = "SELECT m.team, m.person, CAST(s.measures AS json) ->> given.measure \
        FROM {given} CROSS JOIN memberships m CROSS JOIN signals s WHERE m.team = given.team AND s.agent = m.person \
        AND s.occurred_at >= m.from_at AND (m.until_at IS NULL OR s.occurred_at < m.until_at) \
        AND s.occurred_at >= given.from_at AND s.occurred_at < given.until_at AND s.status = 'live'";
    const SQLITE: &str = "SELECT m.team, m.person, s.measures -> given.measure \
        FROM {given} CROSS JOIN memberships m CROSS JOIN signals s WHERE m.team = given.team AND s.agent = m.person \
        AND s.occurred_at >= m.from_at AND (m.until_at IS NULL OR s.occurred_at < m.until_at) \
        AND s.occurred_at >= given.from_at AND s.occurred_at < given.until_at AND s.status = 'live'";
    let mut tell = |(team, person, value): (String, String, Option<String>)| match value {
        Some(value) => each(&team, &person, number(&value)?),
        None => Ok(()),
    };
    for chunk in teams.chunks(CHUNK) {
        let given = wanted("team", chunk, measure, window);
        type Columns = (Text, Text, Nullable<Text>);
        each_given!(given, db, (POSTGRES, SQLITE), Columns, (String, String, Option<String>), tell)?;
    }
    Ok(())
}

fn wanted<'a>(whom: &'static str, ids: &'a [String], measure: &'a str, window: Window) -> Values<'a> {
    Values::default()
        .texts(whom, ids)
        .texts("measure", ids.iter().map(|_| measure))
        .instants("from_at", ids.iter().map(|_| row::stored(window.from)))
        .instants("until_at", ids.iter().map(|_| row::stored(window.until)))
}

fn number(text: &str) -> QueryResult<Decimal4> {
    Decimal4::parse(text).map_err(row::corrupt)
}

/// A number of the sequence at which something that a board counts for a person changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct EvidenceChange {
    /// The number.
    pub sequence: i64,
    /// Whose.
    pub person: String,
    /// The instant that it counts for.
    pub at: Instant,
}

/// What a signal says of one measure, as far as it is live and has it: whose, when, which value.
type Said = Option<(String, Instant, String)>;

/// Whose values of a measure changed after `since`, in order: of a correction, who had the value before and who has it
/// now. None if these are more than `limit`, or too much other evidence came with them: then read everything anew.
pub fn measured_since(
    db: &mut Db,
    measure: &str,
    since: i64,
    limit: usize,
) -> QueryResult<Option<Vec<EvidenceChange>>> {
    let (mut changes, mut after, mut looked_at) = (BTreeSet::new(), since, 0);
    loop {
        let next = signals::table.filter(signals::sequence.gt(after)).order(signals::sequence).limit(500);
        let changed: Vec<(String, i64)> = next.select((signals::id, signals::sequence)).load(db)?;
        let Some((_, last)) = changed.last() else { return Ok(Some(changes.into_iter().collect())) };
        (after, looked_at) = (*last, looked_at + changed.len());
        let ids: Vec<String> = changed.into_iter().map(|(id, _)| id).collect();
        changes.append(&mut changes_of(db, &ids, measure, since)?);
        if changes.len() > limit || looked_at > LOOKED_AT {
            return Ok(None);
        }
    }
}

/// What changed of a measure in some signals after `since`, by the revisions after it and the last one before.
fn changes_of(db: &mut Db, signals: &[String], measure: &str, since: i64) -> QueryResult<BTreeSet<EvidenceChange>> {
    const POSTGRES: &str = "SELECT r.signal, r.sequence, CAST(r.content AS json) ->> 'agent', \
        CAST(r.content AS json) ->> 'occurred_at', CAST(r.content AS json) -> 'measures' ->> given.measure \
        FROM {given} CROSS JOIN signal_revisions r WHERE r.signal = given.signal AND r.sequence >= COALESCE((SELECT \
        MAX(b.sequence) FROM signal_revisions b WHERE b.signal = given.signal AND b.sequence <= given.since), 0)";
    const SQLITE: &str = "SELECT r.signal, r.sequence, r.content ->> 'agent', \
        r.content ->> 'occurred_at', r.content -> 'measures' -> given.measure \
        FROM {given} CROSS JOIN signal_revisions r WHERE r.signal = given.signal AND r.sequence >= COALESCE((SELECT \
        MAX(b.sequence) FROM signal_revisions b WHERE b.signal = given.signal AND b.sequence <= given.since), 0)";
    let given = Values::default()
        .texts("signal", signals)
        .numbers("since", signals.iter().map(|_| since))
        .texts("measure", signals.iter().map(|_| measure));
    let query = if matches!(db, Db::Postgres(_)) { POSTGRES } else { SQLITE };
    type Columns = (Text, BigInt, Nullable<Text>, Nullable<Text>, Nullable<Text>);
    type Revision = (String, i64, Option<String>, Option<String>, Option<String>);
    let mut revisions: Vec<Revision> = load_given!(given, db, query, Columns)?;
    revisions.sort_unstable_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
    let (mut changes, mut signal, mut before) = (BTreeSet::new(), String::new(), None);
    for (id, sequence, agent, at, value) in revisions {
        let said: Said = match (agent, at, value) {
            (Some(agent), Some(at), Some(value)) => Some((agent, at.parse().map_err(row::corrupt)?, value)),
            _ => None,
        };
        if signal != id {
            (signal, before) = (id, None);
        }
        if sequence > since && before != said {
            let concerned = before.iter().chain(&said);
            changes.extend(concerned.map(|(person, at, _)| EvidenceChange {
                sequence,
                person: person.clone(),
                at: *at,
            }));
        }
        before = said;
    }
    Ok(changes)
}

/// The kudos that boards count, in a stretch of time: those that stand and that everybody may see. Others would show in
/// a number.
#[diesel::dsl::auto_type]
fn counting(window: Window) -> _ {
    let (public, sent): (&'static str, &'static str) = (Visibility::Public.name(), State::Sent.name());
    let (from, until): (NaiveDateTime, NaiveDateTime) = (row::stored(window.from), row::stored(window.until));
    kudos::visibility.eq(public).and(kudos::state.eq(sent)).and(kudos::sent_at.ge(from)).and(kudos::sent_at.lt(until))
}

/// How many kudos everybody received who received any.
pub fn kudos_received(db: &mut Db, window: Window) -> QueryResult<Vec<(String, i64)>> {
    kudos::table
        .inner_join(kudos_receivers::table)
        .filter(counting(window))
        .group_by(kudos_receivers::receiver)
        .select((kudos_receivers::receiver, count_star()))
        .load(db)
}

/// The same of some people.
pub fn kudos_received_by(db: &mut Db, window: Window, people: &[String]) -> QueryResult<Vec<(String, i64)>> {
    let mut found = Vec::with_capacity(people.len());
    for chunk in people.chunks(CHUNK) {
        let rows: Vec<(String, i64)> = kudos_receivers::table
            .inner_join(kudos::table)
            .filter(kudos_receivers::receiver.eq_any(chunk))
            .filter(counting(window))
            .group_by(kudos_receivers::receiver)
            .select((kudos_receivers::receiver, count_star()))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// When some people received kudos, one for each.
pub fn kudos_instants_of(db: &mut Db, window: Window, people: &[String]) -> QueryResult<Vec<(String, Instant)>> {
    let mut found = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let rows: Vec<(String, NaiveDateTime)> = kudos_receivers::table
            .inner_join(kudos::table)
            .filter(kudos_receivers::receiver.eq_any(chunk))
            .filter(counting(window))
            .select((kudos_receivers::receiver, kudos::sent_at))
            .load(db)?;
        found.extend(rows.into_iter().map(|(person, at)| (person, row::instant(at))));
    }
    Ok(found)
}

/// How many kudos the members of some teams received while at home there: by team and person.
pub fn members_kudos(db: &mut Db, window: Window, teams: &[String]) -> QueryResult<Vec<(String, String, i64)>> {
    let mut found = Vec::with_capacity(teams.len());
    for chunk in teams.chunks(CHUNK) {
        let then = kudos::id
            .eq(kudos_receivers::kudos)
            .and(memberships::from_at.le(kudos::sent_at))
            .and(memberships::until_at.is_null().or(memberships::until_at.gt(kudos::sent_at.nullable())));
        let rows: Vec<(String, String, i64)> = memberships::table
            .inner_join(kudos_receivers::table.on(kudos_receivers::receiver.eq(memberships::person)))
            .inner_join(kudos::table.on(then))
            .filter(memberships::team.eq_any(chunk))
            .filter(counting(window))
            .group_by((memberships::team, memberships::person))
            .select((memberships::team, memberships::person, count_star()))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Whose kudos changed after `since`, in order, at most `limit`. Of a kudos only the last change is told.
pub fn kudos_changed_since(db: &mut Db, since: i64, limit: i64) -> QueryResult<Vec<EvidenceChange>> {
    let rows: Vec<(i64, String, NaiveDateTime)> = kudos::table
        .inner_join(kudos_receivers::table)
        .filter(kudos::visibility.eq(Visibility::Public.name()))
        .filter(kudos::revision.gt(since))
        .order((kudos::revision, kudos_receivers::receiver))
        .limit(limit)
        .select((kudos::revision, kudos_receivers::receiver, kudos::sent_at))
        .load(db)?;
    let change = |(sequence, person, at)| EvidenceChange { sequence, person, at: row::instant(at) };
    Ok(rows.into_iter().map(change).collect())
}

/// The points that the members of some teams earned while at home there: by team and person.
pub fn members_points_by_person(
    db: &mut Db,
    counted: Counted<'_>,
    teams: &[String],
) -> QueryResult<Vec<(String, String, i64)>> {
    let mut found = Vec::with_capacity(teams.len());
    for chunk in teams.chunks(CHUNK) {
        let then = memberships::person
            .eq(awards::subject)
            .and(memberships::from_at.le(awards::at))
            .and(memberships::until_at.is_null().or(memberships::until_at.gt(awards::at.nullable())));
        let rows: Vec<(String, String, i64)> = memberships::table
            .inner_join(awards::table.on(then))
            .filter(memberships::team.eq_any(chunk))
            .filter(awards::programme.eq(counted.programme))
            .filter(awards::at.ge(row::stored(counted.from)))
            .filter(awards::at.lt(row::stored(counted.until)))
            .group_by((memberships::team, memberships::person))
            .select((memberships::team, memberships::person, sql::<BigInt>("CAST(SUM(awards.points) AS BIGINT)")))
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// By how much the points of each subject that a board counts moved after `since`: what was awarded less what was taken
/// back. What moved after its season was closed moved no board (SEMANTICS S34).
pub fn points_moved_since(db: &mut Db, counted: Counted<'_>, since: i64) -> QueryResult<Vec<(String, i64)>> {
    let rows: Vec<(Option<String>, i64)> = transfers::table
        .filter(transfers::programme.eq(counted.programme))
        .filter(transfers::sequence.gt(since))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .filter(not(exists(seasons::table.filter(after_closing()))))
        .group_by(transfers::subject)
        .select((transfers::subject, sql::<BigInt>(SIGNED)))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(subject, points)| Some((subject?, points))).collect())
}

/// When somebody earned what points that a board counts, in no particular order: what moved after its season was closed is
/// taken off again (SEMANTICS S34).
pub fn points_by_instant(db: &mut Db, counted: Counted<'_>, subject: &str) -> QueryResult<Vec<(Instant, i64)>> {
    let (from, until) = (row::stored(counted.from), row::stored(counted.until));
    let mut found: Vec<(NaiveDateTime, i64)> = awards::table
        .filter(awards::subject.eq(subject))
        .filter(awards::programme.eq(counted.programme))
        .filter(awards::at.ge(from))
        .filter(awards::at.lt(until))
        .select((awards::at, awards::points))
        .load(db)?;
    let adjustments: Vec<(NaiveDateTime, i64)> = seasons::table
        .inner_join(transfers::table.on(after_closing()))
        .filter(seasons::programme.eq(counted.programme))
        .filter(transfers::subject.eq(subject))
        .filter(transfers::at.ge(from))
        .filter(transfers::at.lt(until))
        .group_by(transfers::at)
        .select((transfers::at, sql::<BigInt>(SIGNED)))
        .load(db)?;
    found.extend(adjustments.into_iter().map(|(at, points)| (at, -points)));
    Ok(found.into_iter().map(|(at, points)| (row::instant(at), points)).collect())
}
