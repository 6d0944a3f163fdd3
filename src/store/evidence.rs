//! Evidence as folds read it: live signals of people, very many of them, and nothing else of them.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text, Timestamp};

use super::db::Db;
use super::row;
use super::schema::signals;
use super::values::{Values, load_given};
use crate::domain::ids::PersonId;
use crate::domain::signal::{Content, Evidence};
use crate::domain::time::{Instant, Window};

/// The live signals of a person that happened in `[from, until)`.
pub fn live_of(db: &mut Db, person: PersonId, from: Instant, until: Instant) -> QueryResult<Vec<Evidence>> {
    live_from(db, person, (from, until), i64::MAX)
}

/// What a fold reads of a live signal: it reads very many, so nothing else is fetched.
#[derive(Queryable, Selectable)]
#[diesel(table_name = signals)]
struct EvidenceRow {
    id: String,
    agent: Option<String>,
    source: String,
    key: String,
    kind: Option<String>,
    occurred_at: Option<NaiveDateTime>,
    channel: Option<String>,
    case_ref: Option<String>,
    measures: String,
    attributes: String,
}

/// The types of its columns, in their order.
type EvidenceColumns =
    (Text, Nullable<Text>, Text, Text, Nullable<Text>, Nullable<Timestamp>, Nullable<Text>, Nullable<Text>, Text, Text);

impl EvidenceRow {
    fn evidence(self) -> QueryResult<Evidence> {
        let (Some(kind), Some(agent), Some(occurred_at)) = (self.kind, self.agent, self.occurred_at) else {
            return Err(row::corrupt("a live signal without content"));
        };
        let content = Content {
            kind,
            agent: row::parsed(agent)?,
            occurred_at: row::instant(occurred_at),
            channel: self.channel,
            case: self.case_ref,
            measures: row::from_json(&self.measures)?,
            attributes: if self.attributes == "{}" { BTreeMap::new() } else { row::from_json(&self.attributes)? },
        };
        Ok(Evidence { id: row::parsed(self.id)?, source: self.source, key: self.key, content })
    }
}

/// The live signals of a person that happened in `[from, until)`, in the order they happened, at most `limit`.
pub fn live_from(
    db: &mut Db,
    person: PersonId,
    (from, until): (Instant, Instant),
    limit: i64,
) -> QueryResult<Vec<Evidence>> {
    let rows: Vec<EvidenceRow> = signals::table
        .filter(signals::agent.eq(String::from(person)))
        .filter(signals::occurred_at.ge(row::stored(from)))
        .filter(signals::occurred_at.lt(row::stored(until)))
        .filter(signals::status.eq("live"))
        .order((signals::occurred_at, signals::source, signals::key))
        .limit(limit)
        .select(EvidenceRow::as_select())
        .load(db)?;
    rows.into_iter().map(EvidenceRow::evidence).collect()
}

/// The live signals of several people, of each those that happened in a stretch of time, in no particular order.
pub fn live_of_each(db: &mut Db, wanted: &[(PersonId, Window)]) -> QueryResult<Vec<Evidence>> {
    const QUERY: &str = "SELECT s.id, s.agent, s.source, s.key, s.kind, s.occurred_at, s.channel, s.case_ref, s.measures, \
        s.attributes FROM {given} CROSS JOIN signals s \
        WHERE s.agent = given.person AND s.occurred_at >= given.from_at AND s.occurred_at < given.until_at \
        AND s.status = 'live'";
    let given = Values::default()
        .texts("person", wanted.iter().map(|(person, _)| person.to_string()))
        .instants("from_at", wanted.iter().map(|(_, window)| row::stored(window.from)))
        .instants("until_at", wanted.iter().map(|(_, window)| row::stored(window.until)));
    let rows: Vec<EvidenceRow> = load_given!(given, db, QUERY, EvidenceColumns)?;
    rows.into_iter().map(EvidenceRow::evidence).collect()
}

/// When people had a live signal of a case, within a stretch of time of each.
pub fn instants_of_cases(db: &mut Db, wanted: &[(PersonId, String, Window)]) -> QueryResult<Vec<(PersonId, Instant)>> {
    const QUERY: &str = "SELECT s.agent, s.occurred_at FROM {given} CROSS JOIN signals s \
        WHERE s.case_ref = given.case_ref AND s.agent = given.person AND s.occurred_at >= given.from_at \
        AND s.occurred_at < given.until_at AND s.status = 'live'";
    let given = Values::default()
        .texts("person", wanted.iter().map(|(person, ..)| person.to_string()))
        .texts("case_ref", wanted.iter().map(|(_, case, _)| case))
        .instants("from_at", wanted.iter().map(|(.., window)| row::stored(window.from)))
        .instants("until_at", wanted.iter().map(|(.., window)| row::stored(window.until)));
    let found: Vec<(String, NaiveDateTime)> = load_given!(given, db, QUERY, (Text, Timestamp))?;
    found.into_iter().map(|(agent, at)| Ok((row::parsed(agent)?, row::instant(at)))).collect()
}
