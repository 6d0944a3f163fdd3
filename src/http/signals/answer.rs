//! What is answered about evidence: what became of each delivery, what is held, and its revisions.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::item::Form;
use crate::domain::decimal::Decimal4;
use crate::domain::language::Language;
use crate::domain::problem::Problem;
use crate::domain::signal::{AttributeValue, Content};
use crate::http::problem::ProblemBody;
use crate::store::awards::AwardRow;
use crate::store::row;
use crate::store::signals::{RevisionRow, SignalRow};
use crate::writer::ingest::{Outcome, Status};

/// What became of one delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultOut {
    /// As it was sent.
    pub source: Option<String>,
    /// As it was sent.
    pub key: Option<String>,
    /// accepted, duplicate, corrected, stale, voided or rejected.
    pub status: &'static str,
    /// The version now held; null if nothing is.
    pub version: Option<i64>,
    /// The live awards whose cause the signal is; only for tokens that may see them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub awards: Option<Vec<AwardOut>>,
    /// Why it was rejected; places are relative to the item.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<ProblemBody>,
}

/// A single delivery that was taken in, or was known.
#[derive(Debug, Serialize, ToSchema)]
pub struct OneOut {
    /// What became of it.
    #[serde(flatten)]
    pub result: ResultOut,
    /// Everything else that it moved is in the transfers since this number.
    pub sequence: i64,
}

/// What became of many.
#[derive(Debug, Serialize, ToSchema)]
pub struct ManyOut {
    /// One for each item, in order.
    pub results: Vec<ResultOut>,
    /// How many of each status.
    pub counts: BTreeMap<&'static str, usize>,
    /// Everything else that they moved is in the transfers since this number.
    pub sequence: i64,
}

/// A live award.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AwardOut {
    /// The programme that gives it.
    pub programme: String,
    /// Its season.
    pub season: String,
    /// The rule that gives it.
    pub rule: String,
    /// The id of who receives it.
    pub subject: String,
    /// Points.
    pub points: i64,
    /// A badge.
    pub badge: Option<String>,
    /// The transfer that carries the points.
    pub transfer: Option<String>,
}

impl From<AwardRow> for AwardOut {
    fn from(award: AwardRow) -> Self {
        Self {
            programme: award.programme,
            season: award.season,
            rule: award.rule,
            subject: award.subject,
            points: award.points,
            badge: award.badge,
            transfer: award.transfer,
        }
    }
}

/// Who reads an answer, as far as it makes a difference.
#[derive(Debug, Clone, Copy)]
pub struct Reading {
    /// In which language.
    pub language: Language,
    /// Whether awards are for their eyes.
    pub awards: AwardsShown,
}

/// Whether awards are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AwardsShown {
    /// They are.
    Yes,
    /// They are not: not even whether there are any.
    No,
}

impl ResultOut {
    /// A delivery that went to the writer.
    pub fn of(outcome: Outcome, identity: (Option<String>, Option<String>), form: Form, reading: Reading) -> Self {
        let awards = outcome.awards.into_iter().map(AwardOut::from).collect();
        let problem = outcome.problem.map(|problem| ProblemBody::new(&form.place(problem), reading.language));
        Self {
            source: identity.0,
            key: identity.1,
            status: outcome.status.name(),
            version: outcome.version,
            awards: (reading.awards == AwardsShown::Yes).then_some(awards),
            problem,
        }
    }

    /// An item that was refused before it.
    pub fn rejected(problem: &Problem, identity: (Option<String>, Option<String>), reading: Reading) -> Self {
        Self {
            source: identity.0,
            key: identity.1,
            status: Status::Rejected.name(),
            version: None,
            awards: (reading.awards == AwardsShown::Yes).then(Vec::new),
            problem: Some(ProblemBody::new(problem, reading.language)),
        }
    }
}

impl ManyOut {
    /// The answer to many.
    pub fn new(results: Vec<ResultOut>, sequence: i64) -> Self {
        let mut counts = BTreeMap::new();
        for result in &results {
            *counts.entry(result.status).or_default() += 1;
        }
        Self { results, counts, sequence }
    }
}

/// A signal as it is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct SignalOut {
    /// The system that delivered it.
    pub source: String,
    /// Its name there.
    pub key: String,
    /// The highest version delivered.
    pub version: i64,
    /// live or voided.
    pub status: String,
    /// What it says; null if it was voided before it came.
    #[serde(flatten)]
    pub content: Option<ContentOut>,
    /// When the held revision came.
    pub received_at: DateTime<Utc>,
}

/// What a signal says.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContentOut {
    /// What kind of evidence it is.
    pub kind: String,
    /// The id of whom it is about.
    pub agent: Uuid,
    /// When it happened.
    pub occurred_at: DateTime<Utc>,
    /// Over which channel.
    pub channel: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Values by measure.
    #[schema(value_type = BTreeMap<String, f64>)]
    pub measures: BTreeMap<String, Decimal4>,
    /// Values by attribute.
    #[schema(value_type = BTreeMap<String, serde_json::Value>)]
    pub attributes: BTreeMap<String, AttributeValue>,
}

impl From<Content> for ContentOut {
    fn from(content: Content) -> Self {
        Self {
            kind: content.kind,
            agent: content.agent.0,
            occurred_at: content.occurred_at,
            channel: content.channel,
            case: content.case,
            measures: content.measures,
            attributes: content.attributes,
        }
    }
}

impl SignalOut {
    /// A signal as it is held.
    pub fn of(held: &SignalRow) -> QueryResult<Self> {
        Ok(Self {
            source: held.source.clone(),
            key: held.key.clone(),
            version: held.version,
            status: held.status.clone(),
            content: held.content()?.map(ContentOut::from),
            received_at: row::instant(held.received_at),
        })
    }
}

/// A delivery that changed what is held.
#[derive(Debug, Serialize, ToSchema)]
pub struct RevisionOut {
    /// The number of the change.
    pub sequence: i64,
    /// The version delivered.
    pub version: i64,
    /// accepted, corrected, confirmed (the same content under a higher version) or voided.
    pub status: String,
    /// What it said; null for a voiding.
    pub content: Option<ContentOut>,
    /// When it came.
    pub received_at: DateTime<Utc>,
}

impl RevisionOut {
    /// A revision as it is kept.
    pub fn of(revision: &RevisionRow) -> QueryResult<Self> {
        let content: Option<Content> = revision.content.as_deref().map(row::from_json).transpose()?;
        Ok(Self {
            sequence: revision.sequence,
            version: revision.version,
            status: revision.status.clone(),
            content: content.map(ContentOut::from),
            received_at: row::instant(revision.received_at),
        })
    }
}

/// What voiding did.
#[derive(Debug, Serialize, ToSchema)]
pub struct VoidOut {
    /// As it was asked for.
    pub source: String,
    /// As it was asked for.
    pub key: String,
    /// `voided`.
    pub status: &'static str,
    /// live: a live signal was voided; beforehand: nothing had come yet, and what comes will not count; already: nothing
    /// changed.
    pub was: &'static str,
    /// What it moved is in the transfers since this number.
    pub sequence: i64,
}
