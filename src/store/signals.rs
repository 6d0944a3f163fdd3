//! Evidence: what is held under each source and key, and every revision of it.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{signal_revisions, signals};
use super::values::Values;
use crate::domain::ids::{PersonId, SignalId};
use crate::domain::signal::{Content, Evidence, Held};
use crate::domain::time::Instant;

/// Rows of one insert: SQLite takes 32,766 values a statement.
const CHUNK: usize = 500;

/// A signal as it is kept. A tombstone (voided before it came) has no content.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signals, treat_none_as_default_value = false)]
pub struct SignalRow {
    /// See the column.
    pub id: String,
    /// See the column.
    pub source: String,
    /// See the column.
    pub key: String,
    /// The highest version delivered.
    pub version: i64,
    /// `live` or `voided`.
    pub status: String,
    /// See the column.
    pub kind: Option<String>,
    /// See the column.
    pub agent: Option<String>,
    /// See the column.
    pub occurred_at: Option<NaiveDateTime>,
    /// See the column.
    pub channel: Option<String>,
    /// See the column.
    pub case_ref: Option<String>,
    /// JSON.
    pub measures: String,
    /// JSON.
    pub attributes: String,
    /// When the held revision came.
    pub received_at: NaiveDateTime,
    /// The number of the change that brought the held revision.
    pub sequence: i64,
}

/// A delivery that changed what is held.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = signal_revisions, treat_none_as_default_value = false)]
pub struct RevisionRow {
    /// See the column.
    pub signal: String,
    /// The number of the change.
    pub sequence: i64,
    /// The version delivered.
    pub version: i64,
    /// `accepted`, `corrected`, `confirmed` (same content, higher version) or `voided`.
    pub status: String,
    /// JSON of the content; none for a voiding.
    pub content: Option<String>,
    /// When it came.
    pub received_at: NaiveDateTime,
    /// The person who delivered it.
    pub delivered_by: String,
}

impl SignalRow {
    /// The row of a live signal.
    pub fn live(
        id: SignalId,
        source: &str,
        key: &str,
        version: i64,
        content: &Content,
        came: (Instant, i64),
    ) -> QueryResult<Self> {
        Ok(Self {
            id: id.into(),
            source: source.to_owned(),
            key: key.to_owned(),
            version,
            status: "live".to_owned(),
            kind: Some(content.kind.clone()),
            agent: Some(content.agent.into()),
            occurred_at: Some(row::stored(content.occurred_at)),
            channel: content.channel.clone(),
            case_ref: content.case.clone(),
            measures: row::to_json(&content.measures)?,
            attributes: row::to_json(&content.attributes)?,
            received_at: row::stored(came.0),
            sequence: came.1,
        })
    }

    /// Whether it is live.
    pub fn is_live(&self) -> bool {
        self.status == "live"
    }

    /// Its name inside.
    pub fn signal_id(&self) -> QueryResult<SignalId> {
        row::parsed(self.id.clone())
    }

    /// What it says; none for a tombstone.
    pub fn content(&self) -> QueryResult<Option<Content>> {
        let (Some(kind), Some(agent), Some(occurred_at)) = (&self.kind, &self.agent, self.occurred_at) else {
            return Ok(None);
        };
        Ok(Some(Content {
            kind: kind.clone(),
            agent: row::parsed(agent.clone())?,
            occurred_at: row::instant(occurred_at),
            channel: self.channel.clone(),
            case: self.case_ref.clone(),
            measures: row::from_json(&self.measures)?,
            attributes: row::from_json(&self.attributes)?,
        }))
    }

    /// What is held, as the domain judges deliveries against it.
    pub fn held(&self) -> QueryResult<Held> {
        if !self.is_live() {
            return Ok(Held::Voided);
        }
        let content = self.content()?.ok_or_else(|| row::corrupt("a live signal without content"))?;
        Ok(Held::Live { version: self.version, content })
    }
}

/// What is held under some identities.
pub fn held(db: &mut Db, identities: &[(String, String)]) -> QueryResult<HashMap<(String, String), SignalRow>> {
    let mut by_source: HashMap<&str, Vec<&str>> = HashMap::new();
    for (source, key) in identities {
        by_source.entry(source).or_default().push(key);
    }
    let mut found = HashMap::with_capacity(identities.len());
    for (source, keys) in by_source {
        for keys in keys.chunks(CHUNK) {
            let rows: Vec<SignalRow> = signals::table
                .filter(signals::source.eq(source))
                .filter(signals::key.eq_any(keys))
                .select(SignalRow::as_select())
                .load(db)?;
            found.extend(rows.into_iter().map(|row| ((row.source.clone(), row.key.clone()), row)));
        }
    }
    Ok(found)
}

/// What is held under one identity.
pub fn find(db: &mut Db, source: &str, key: &str) -> QueryResult<Option<SignalRow>> {
    signals::table
        .filter(signals::source.eq(source))
        .filter(signals::key.eq(key))
        .select(SignalRow::as_select())
        .first(db)
        .optional()
}

/// Signals by their names inside.
pub fn by_ids(db: &mut Db, ids: &[String]) -> QueryResult<Vec<SignalRow>> {
    signals::table.filter(signals::id.eq_any(ids)).select(SignalRow::as_select()).load(db)
}

/// Takes in new signals.
pub fn insert(db: &mut Db, rows: &[SignalRow]) -> QueryResult<()> {
    given(rows).execute(
        db,
        "INSERT INTO signals (id, source, key, version, status, kind, agent, occurred_at, channel, case_ref, measures, \
         attributes, received_at, sequence) SELECT id, source, key, version, status, kind, agent, occurred_at, channel, \
         case_ref, measures, attributes, received_at, sequence FROM {given}",
    )
}

/// Replaces what is held under signals' ids.
pub fn update(db: &mut Db, rows: &[SignalRow]) -> QueryResult<()> {
    given(rows).execute(
        db,
        "UPDATE signals SET version = given.version, status = given.status, kind = given.kind, agent = given.agent, \
         occurred_at = given.occurred_at, channel = given.channel, case_ref = given.case_ref, \
         measures = given.measures, attributes = given.attributes, received_at = given.received_at, \
         sequence = given.sequence FROM {given} WHERE signals.id = given.id",
    )
}

fn given(rows: &[SignalRow]) -> Values<'_> {
    Values::default()
        .texts("id", rows.iter().map(|row| &row.id))
        .texts("source", rows.iter().map(|row| &row.source))
        .texts("key", rows.iter().map(|row| &row.key))
        .numbers("version", rows.iter().map(|row| row.version))
        .texts("status", rows.iter().map(|row| &row.status))
        .texts("kind", rows.iter().map(|row| &row.kind))
        .texts("agent", rows.iter().map(|row| &row.agent))
        .instants("occurred_at", rows.iter().map(|row| row.occurred_at))
        .texts("channel", rows.iter().map(|row| &row.channel))
        .texts("case_ref", rows.iter().map(|row| &row.case_ref))
        .texts("measures", rows.iter().map(|row| &row.measures))
        .texts("attributes", rows.iter().map(|row| &row.attributes))
        .instants("received_at", rows.iter().map(|row| row.received_at))
        .numbers("sequence", rows.iter().map(|row| row.sequence))
}

/// Keeps revisions.
pub fn insert_revisions(db: &mut Db, rows: &[RevisionRow]) -> QueryResult<()> {
    Values::default()
        .texts("signal", rows.iter().map(|row| &row.signal))
        .numbers("sequence", rows.iter().map(|row| row.sequence))
        .numbers("version", rows.iter().map(|row| row.version))
        .texts("status", rows.iter().map(|row| &row.status))
        .texts("content", rows.iter().map(|row| &row.content))
        .instants("received_at", rows.iter().map(|row| row.received_at))
        .texts("delivered_by", rows.iter().map(|row| &row.delivered_by))
        .execute(
            db,
            "INSERT INTO signal_revisions (signal, sequence, version, status, content, received_at, delivered_by) \
             SELECT signal, sequence, version, status, content, received_at, delivered_by FROM {given}",
        )
}

/// The revisions of a signal, oldest first.
pub fn revisions(db: &mut Db, signal: SignalId) -> QueryResult<Vec<RevisionRow>> {
    signal_revisions::table
        .filter(signal_revisions::signal.eq(String::from(signal)))
        .order(signal_revisions::sequence)
        .select(RevisionRow::as_select())
        .load(db)
}

/// The signals that were about a person, as they stood before the change of number `sequence`, and happened in
/// `[from, until)`, each with its version then. Of those that are about somebody else now only `others` are looked at.
pub fn stood(
    db: &mut Db,
    person: PersonId,
    (from, until): (Instant, Instant),
    sequence: i64,
    others: &[String],
) -> QueryResult<Vec<(Evidence, i64)>> {
    let id = String::from(person);
    let within = signals::occurred_at.ge(row::stored(from)).and(signals::occurred_at.lt(row::stored(until)));
    let mut rows: Vec<SignalRow> = signals::table
        .filter(signals::agent.eq(&id))
        .filter(within.or(signals::sequence.ge(sequence)))
        .select(SignalRow::as_select())
        .load(db)?;
    for chunk in others.chunks(CHUNK) {
        let more: Vec<SignalRow> = by_ids(db, chunk)?;
        rows.extend(more.into_iter().filter(|row| row.agent.as_ref() != Some(&id)));
    }
    let changed: Vec<String> = rows.iter().filter(|row| row.sequence >= sequence).map(|row| row.id.clone()).collect();
    let mut before = last_revisions(db, &changed, sequence)?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let stood = match row.sequence < sequence {
            true if row.is_live() => Some((row.version, row.content()?)),
            true => None,
            false => before.remove(&row.id),
        };
        let Some((version, Some(content))) = stood else { continue };
        if content.agent == person && (from..until).contains(&content.occurred_at) {
            found.push((Evidence { id: row.signal_id()?, source: row.source, key: row.key, content }, version));
        }
    }
    Ok(found)
}

/// The signals that were about a person before a change and are about somebody else now. Reads every revision.
pub fn moved_away(db: &mut Db, person: PersonId, sequence: i64) -> QueryResult<Vec<String>> {
    let id = String::from(person);
    signal_revisions::table
        .inner_join(signals::table.on(signals::id.eq(signal_revisions::signal)))
        .filter(signal_revisions::sequence.lt(sequence))
        .filter(signals::agent.ne(&id))
        .filter(signal_revisions::content.like(format!("%\"{id}\"%")))
        .select(signal_revisions::signal)
        .distinct()
        .load(db)
}

/// What some signals said before a change, with their versions then; nothing of those voided by then.
fn last_revisions(db: &mut Db, ids: &[String], sequence: i64) -> QueryResult<HashMap<String, (i64, Option<Content>)>> {
    let mut last = HashMap::new();
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<RevisionRow> = signal_revisions::table
            .filter(signal_revisions::signal.eq_any(chunk))
            .filter(signal_revisions::sequence.lt(sequence))
            .order(signal_revisions::sequence)
            .select(RevisionRow::as_select())
            .load(db)?;
        for row in rows {
            let content = row.content.as_deref().map(row::from_json).transpose()?;
            last.insert(row.signal, (row.version, content));
        }
    }
    Ok(last)
}

/// Revisions between two changes of signals that are or were about a person, the latest first, at most `limit`. Those
/// that took the signal away from them are found by `ids`.
pub fn revisions_between(
    db: &mut Db,
    person: PersonId,
    ids: &[String],
    (after, before): (i64, i64),
    limit: i64,
) -> QueryResult<Vec<(RevisionRow, String, String)>> {
    signal_revisions::table
        .inner_join(signals::table.on(signals::id.eq(signal_revisions::signal)))
        .filter(signal_revisions::sequence.gt(after))
        .filter(signal_revisions::sequence.lt(before))
        .filter(signals::agent.eq(String::from(person)).or(signals::id.eq_any(ids)))
        .order(signal_revisions::sequence.desc())
        .limit(limit)
        .select((RevisionRow::as_select(), signals::source, signals::key))
        .load(db)
}

/// The people with live signals on or after `from`, with the first and last instant of those.
pub fn people_with_evidence(db: &mut Db, from: Instant) -> QueryResult<Vec<(PersonId, Instant, Instant)>> {
    use diesel::dsl::{max, min};
    let rows: Vec<(Option<String>, Option<NaiveDateTime>, Option<NaiveDateTime>)> = signals::table
        .filter(signals::status.eq("live"))
        .filter(signals::occurred_at.ge(row::stored(from)))
        .group_by(signals::agent)
        .select((signals::agent, min(signals::occurred_at), max(signals::occurred_at)))
        .load(db)?;
    rows.into_iter()
        .filter_map(|(agent, first, last)| Some((agent?, first?, last?)))
        .map(|(agent, first, last)| Ok((row::parsed(agent)?, row::instant(first), row::instant(last))))
        .collect()
}

/// The first and last instant of a person's live signals.
pub fn span_of(db: &mut Db, person: PersonId) -> QueryResult<Option<(Instant, Instant)>> {
    use diesel::dsl::{max, min};
    let (first, last): (Option<NaiveDateTime>, Option<NaiveDateTime>) = signals::table
        .filter(signals::agent.eq(String::from(person)))
        .filter(signals::status.eq("live"))
        .select((min(signals::occurred_at), max(signals::occurred_at)))
        .first(db)?;
    Ok(first.zip(last).map(|(first, last)| (row::instant(first), row::instant(last))))
}

/// Whether a person has live signals that happened in `[from, until)`.
pub fn any_between(db: &mut Db, person: PersonId, from: Instant, until: Instant) -> QueryResult<bool> {
    let held = signals::table
        .filter(signals::agent.eq(String::from(person)))
        .filter(signals::occurred_at.ge(row::stored(from)))
        .filter(signals::occurred_at.lt(row::stored(until)))
        .filter(signals::status.eq("live"));
    diesel::select(diesel::dsl::exists(held)).get_result(db)
}

/// The kinds of live signals that happened at or after `from`.
pub fn kinds_since(db: &mut Db, from: Instant) -> QueryResult<BTreeSet<String>> {
    let kinds: Vec<Option<String>> = signals::table
        .filter(signals::status.eq("live"))
        .filter(signals::occurred_at.ge(row::stored(from)))
        .select(signals::kind)
        .distinct()
        .load(db)?;
    Ok(kinds.into_iter().flatten().collect())
}

/// The names of attributes of live signals of some kinds that happened at or after `from`; looks at the `most` newest.
pub fn attributes_since(db: &mut Db, from: Instant, kinds: &[String], most: i64) -> QueryResult<BTreeSet<String>> {
    let each: Vec<String> = signals::table
        .filter(signals::status.eq("live"))
        .filter(signals::occurred_at.ge(row::stored(from)))
        .filter(signals::kind.eq_any(kinds))
        .filter(signals::attributes.ne("{}"))
        .order(signals::sequence.desc())
        .limit(most)
        .select(signals::attributes)
        .load(db)?;
    let mut names = BTreeSet::new();
    for attributes in each {
        names.extend(row::from_json::<BTreeMap<String, serde::de::IgnoredAny>>(&attributes)?.into_keys());
    }
    Ok(names)
}

/// Which signals to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of this source.
    pub source: Option<String>,
    /// Of one of these sources.
    pub sources: Option<Vec<String>>,
    /// `live` or `voided`.
    pub status: Option<String>,
    /// About this person.
    pub agent: Option<PersonId>,
    /// About one of these people.
    pub agents: Option<Vec<String>>,
    /// Of this case.
    pub case: Option<String>,
    /// That happened at or after.
    pub from: Option<Instant>,
    /// That happened before.
    pub until: Option<Instant>,
    /// Taken in before the change of this number.
    pub before: Option<i64>,
}

/// Signals that fit, the latest change first.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<SignalRow>> {
    let mut query = signals::table.select(SignalRow::as_select()).into_boxed();
    if let Some(source) = &filter.source {
        query = query.filter(signals::source.eq(source.clone()));
    }
    if let Some(sources) = &filter.sources {
        query = query.filter(signals::source.eq_any(sources.clone()));
    }
    if let Some(status) = &filter.status {
        query = query.filter(signals::status.eq(status.clone()));
    }
    if let Some(agent) = filter.agent {
        query = query.filter(signals::agent.eq(String::from(agent)));
    }
    if let Some(agents) = &filter.agents {
        query = query.filter(signals::agent.eq_any(agents.clone()));
    }
    if let Some(case) = &filter.case {
        query = query.filter(signals::case_ref.eq(case.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(signals::occurred_at.ge(row::stored(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(signals::occurred_at.lt(row::stored(until)));
    }
    if let Some(before) = filter.before {
        query = query.filter(signals::sequence.lt(before));
    }
    query.order(signals::sequence.desc()).limit(limit).load(db)
}
