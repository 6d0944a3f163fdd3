//! Taking evidence in: each delivery is judged against what is held, and the awards follow (SEMANTICS S13-S19).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use chrono::{TimeDelta, Timelike};

use super::settle::{self, Touched};
use super::{Actor, Command, Failure, Tx, erase, season};
use crate::catalogue::Catalogue;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{PersonId, SignalId};
use crate::domain::problem::{Finding, Problem, ProblemCode, pointer_step};
use crate::domain::signal::{AttributeValue, Content, Held, KUDOS_KIND, OWN_SOURCE, Verdict, judge};
use crate::domain::time::{Instant, to_micros};
use crate::store::awards::AwardRow;
use crate::store::head::ChangeKind;
use crate::store::people::{self, PersonRef};
use crate::store::signals::{RevisionRow, SignalRow};
use crate::store::{awards, measures, row, signals};

/// How far ahead of the server's clock evidence may be.
pub(super) const AHEAD: TimeDelta = TimeDelta::minutes(5);

/// One piece of evidence as it was delivered, well formed but not yet compared with what is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Who delivers it.
    pub source: String,
    /// Its name there.
    pub key: String,
    /// Its version; 0 if none was given.
    pub version: i64,
    /// What kind it is.
    pub kind: String,
    /// Whom it is about.
    pub agent: PersonRef,
    /// When it happened.
    pub occurred_at: Instant,
    /// Over which channel, in lower case.
    pub channel: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Values by measure.
    pub measures: BTreeMap<String, Decimal4>,
    /// Values by attribute.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// What became of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// Taken in.
    Accepted,
    /// Known; nothing changed.
    Duplicate,
    /// It replaced what was held.
    Corrected,
    /// Older than what is held; nothing changed.
    Stale,
    /// Voided before; nothing changed.
    Voided,
    /// Refused.
    Rejected,
}

impl Status {
    /// Its name in answers.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Duplicate => "duplicate",
            Self::Corrected => "corrected",
            Self::Stale => "stale",
            Self::Voided => "voided",
            Self::Rejected => "rejected",
        }
    }
}

/// What became of one delivery.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// In one word.
    pub status: Status,
    /// The version now held; none if nothing is.
    pub version: Option<i64>,
    /// The live awards whose cause the signal is, after the commit.
    pub awards: Vec<AwardRow>,
    /// Why it was refused.
    pub problem: Option<Problem>,
}

/// Takes in deliveries, in order.
pub struct Ingest {
    /// The deliveries.
    pub deliveries: Vec<Delivery>,
}

impl Command for Ingest {
    type Output = Vec<Outcome>;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, Failure> {
        Ok(Self::run_together(&[(tx.actor, self)], tx)?.pop().unwrap_or_default())
    }

    /// What all of them touch is settled once.
    fn run_together(commands: &[(Actor, &Self)], tx: &mut Tx<'_>) -> Result<Vec<Self::Output>, Failure> {
        let mut intake = Intake::open(tx, commands.iter().flat_map(|(_, command)| &command.deliveries))?;
        let mut judged = Vec::new();
        for (actor, command) in commands {
            tx.admit(*actor)?;
            for delivery in &command.deliveries {
                judged.push(intake.take(tx, delivery)?);
            }
        }
        intake.close(tx)?;
        let mut outcomes = with_awards(tx, judged)?.into_iter();
        Ok(commands.iter().map(|(_, command)| outcomes.by_ref().take(command.deliveries.len()).collect()).collect())
    }

    fn weight(&self) -> usize {
        self.deliveries.len()
    }
}

/// A delivery's fate before its awards are known.
struct Judged {
    status: Status,
    held: Option<(SignalId, i64)>,
    problem: Option<Problem>,
}

impl Judged {
    fn rejected(problem: impl Into<Problem>, held: Option<&SignalRow>) -> Result<Self, Failure> {
        Ok(Self { problem: Some(problem.into()), ..Self::of(Status::Rejected, held)? })
    }

    fn of(status: Status, held: Option<&SignalRow>) -> Result<Self, Failure> {
        let held = held.map(|row| row.signal_id().map(|id| (id, row.version))).transpose()?;
        Ok(Self { status, held, problem: None })
    }
}

/// The signals of one command: what was held when it began, and what it has changed so far.
struct Intake {
    catalogue: std::sync::Arc<Catalogue>,
    people: HashMap<PersonRef, PersonId>,
    held: HashMap<(String, String), SignalRow>,
    new: BTreeSet<(String, String)>,
    changed: BTreeSet<(String, String)>,
    revisions: Vec<RevisionRow>,
    touched: Touched,
    measures: BTreeSet<String>,
}

impl Intake {
    fn open<'d>(tx: &mut Tx<'_>, deliveries: impl Iterator<Item = &'d Delivery> + Clone) -> Result<Self, Failure> {
        let references: HashSet<&PersonRef> = deliveries.clone().map(|delivery| &delivery.agent).collect();
        let references: Vec<PersonRef> = references.into_iter().cloned().collect();
        // Whoever was erased is unknown, by whatever is left of them too.
        let people = people::resolve(tx.db, &references)?
            .into_iter()
            .filter(|(_, row)| !row.is_erased())
            .map(|(reference, row)| Ok((reference, row.person_id()?)))
            .collect::<Result<_, Failure>>()?;
        let identities: BTreeSet<(String, String)> =
            deliveries.map(|delivery| (delivery.source.clone(), delivery.key.clone())).collect();
        let identities: Vec<_> = identities.into_iter().collect();
        let catalogue = tx.catalogue()?;
        let mut held = signals::held(tx.db, &identities)?;
        if !catalogue.erased.is_empty() {
            held.extend(erase::held_by_other_keys(tx.db, &catalogue, &identities)?);
        }
        Ok(Self {
            catalogue,
            people,
            held,
            new: BTreeSet::new(),
            changed: BTreeSet::new(),
            revisions: Vec::new(),
            touched: Touched::new(),
            measures: BTreeSet::new(),
        })
    }

    /// Judges one delivery and notes what it changes.
    fn take(&mut self, tx: &mut Tx<'_>, delivery: &Delivery) -> Result<Judged, Failure> {
        let identity = (delivery.source.clone(), delivery.key.clone());
        let held_row = self.held.get(&identity);
        if let Err(finding) = own_names(delivery) {
            return Judged::rejected(finding, held_row);
        }
        let held = held_row.map_or(Ok(Held::Nothing), SignalRow::held)?;
        let erased = held_row.is_some_and(|row| erase::is_final(&self.catalogue, row));
        if held == Held::Voided || erased {
            return Judged::of(Status::Voided, held_row);
        }
        let content = match self.content(delivery) {
            Ok(content) => content,
            Err(findings) => return Judged::rejected(findings, held_row),
        };
        match judge(&held, delivery.version, &content) {
            Verdict::Duplicate => Judged::of(Status::Duplicate, held_row),
            Verdict::Stale => Judged::of(Status::Stale, held_row),
            Verdict::Voided => Judged::of(Status::Voided, held_row),
            Verdict::Conflict => {
                let finding = Finding::new("/version", ProblemCode::VersionConflict).with("version", delivery.version);
                Judged::rejected(finding, held_row)
            }
            Verdict::DuplicateNewer => self.hold(tx, delivery, &content, "confirmed", Status::Duplicate),
            verdict @ (Verdict::Accepted | Verdict::Corrected) => {
                let before = match &held {
                    Held::Live { content: before, .. } => Some((before.agent, before.occurred_at)),
                    _ => None,
                };
                let instants = before.iter().map(|(_, occurred_at)| *occurred_at).chain([delivery.occurred_at]);
                let fits = timely(tx.now, &self.catalogue, delivery.occurred_at);
                let sealed = instants.map(|instant| season::check_sealed(&self.catalogue, tx.now, instant));
                if let Err(finding) = sealed.collect::<Result<(), Finding>>().and(fits) {
                    return Judged::rejected(finding, held_row);
                }
                self.touched.extend(before);
                self.touched.insert((content.agent, content.occurred_at));
                match verdict {
                    Verdict::Corrected => self.hold(tx, delivery, &content, "corrected", Status::Corrected),
                    _ => self.hold(tx, delivery, &content, "accepted", Status::Accepted),
                }
            }
        }
    }

    /// Makes `content` what is held.
    fn hold(
        &mut self,
        tx: &mut Tx<'_>,
        delivery: &Delivery,
        content: &Content,
        revision: &str,
        status: Status,
    ) -> Result<Judged, Failure> {
        let identity = (delivery.source.clone(), delivery.key.clone());
        let id = match self.held.get(&identity) {
            Some(row) => {
                if !self.new.contains(&identity) {
                    self.changed.insert(identity.clone());
                }
                row.signal_id()?
            }
            None => {
                self.new.insert(identity.clone());
                SignalId::new(tx.now)
            }
        };
        let name = (delivery.source.as_str(), delivery.key.as_str(), delivery.version);
        let (row, kept) = arrival(tx, id, name, content, revision)?;
        self.revisions.push(kept);
        self.measures.extend(content.measures.keys().cloned());
        let judged = Judged::of(status, Some(&row))?;
        self.held.insert(identity, row);
        Ok(judged)
    }

    /// The canonical content, or everything that is wrong with it.
    fn content(&self, delivery: &Delivery) -> Result<Content, Vec<Finding>> {
        let mut findings = Vec::new();
        let agent = self.people.get(&delivery.agent);
        if agent.is_none() {
            findings.push(Finding::new("/agent", ProblemCode::UnknownAgent).with("reference", &delivery.agent));
        }
        for (code, value) in &delivery.measures {
            let pointer = format!("/measures{}", pointer_step(code));
            match self.catalogue.measures.get(code).map(|entry| &entry.measure) {
                None => findings.push(Finding::new(pointer, ProblemCode::UnknownMeasure).with("measure", code)),
                Some(measure) if !measure.admits(*value) => findings.push(
                    Finding::new(pointer, ProblemCode::OutsideScale)
                        .with("measure", code)
                        .with("scale", measure.scale_text())
                        .with("value", value),
                ),
                Some(_) => {}
            }
        }
        match agent {
            Some(agent) if findings.is_empty() => Ok(Content {
                kind: delivery.kind.clone(),
                agent: *agent,
                occurred_at: to_micros(delivery.occurred_at),
                channel: delivery.channel.clone(),
                case: delivery.case.clone(),
                measures: delivery.measures.clone(),
                attributes: delivery.attributes.clone(),
            }),
            _ => Err(findings),
        }
    }

    /// Writes what has changed, and settles it.
    fn close(self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let rows: Vec<SignalRow> = self.new.iter().filter_map(|identity| self.held.get(identity)).cloned().collect();
        signals::insert(tx.db, &rows)?;
        let rows: Vec<SignalRow> =
            self.changed.iter().filter_map(|identity| self.held.get(identity)).cloned().collect();
        signals::update(tx.db, &rows)?;
        signals::insert_revisions(tx.db, &self.revisions)?;
        mark_used(tx, &self.catalogue, self.measures)?;
        settle::settle(tx, &self.touched)
    }
}

/// What is held from now on under a signal's source, key and version, and the revision that brought it.
fn arrival(
    tx: &mut Tx<'_>,
    id: SignalId,
    (source, key, version): (&str, &str, i64),
    content: &Content,
    status: &str,
) -> Result<(SignalRow, RevisionRow), Failure> {
    let sequence = tx.take_number();
    let revision = RevisionRow {
        signal: id.into(),
        sequence,
        version,
        status: status.to_owned(),
        content: Some(row::to_json(content)?),
        received_at: row::stored(tx.now),
        delivered_by: tx.actor_text(),
    };
    Ok((SignalRow::live(id, source, key, version, content, (tx.now, sequence))?, revision))
}

/// Takes in evidence of the server's own, each under a key that was never used, and settles it.
pub(super) fn take_own(tx: &mut Tx<'_>, evidence: &[(String, Content)]) -> Result<(), Failure> {
    let (mut rows, mut revisions) = (Vec::with_capacity(evidence.len()), Vec::with_capacity(evidence.len()));
    for (key, content) in evidence {
        let (row, revision) = arrival(tx, SignalId::new(tx.now), (OWN_SOURCE, key, 0), content, "accepted")?;
        rows.push(row);
        revisions.push(revision);
    }
    signals::insert(tx.db, &rows)?;
    signals::insert_revisions(tx.db, &revisions)?;
    settle::settle(tx, &evidence.iter().map(|(_, content)| (content.agent, content.occurred_at)).collect())
}

/// Fixes the measures that evidence or a programme names for the first time.
pub(super) fn mark_used(
    tx: &mut Tx<'_>,
    catalogue: &Catalogue,
    named: impl IntoIterator<Item = String>,
) -> Result<(), Failure> {
    let first = |code: &String| catalogue.measures.get(code).is_some_and(|entry| !entry.row.used);
    let codes: Vec<String> = named.into_iter().filter(first).collect();
    if let Some(code) = codes.first() {
        let revision = tx.record(ChangeKind::Measure, code)?;
        measures::mark_used(tx.db, &codes, revision)?;
    }
    Ok(())
}

/// Names that are the server's own.
fn own_names(delivery: &Delivery) -> Result<(), Finding> {
    if delivery.source == OWN_SOURCE {
        return Err(Finding::new("/source", ProblemCode::ReservedSource).with("name", OWN_SOURCE));
    }
    if delivery.kind == KUDOS_KIND {
        return Err(Finding::new("/kind", ProblemCode::ReservedSource).with("name", KUDOS_KIND));
    }
    Ok(())
}

/// Whether evidence of `occurred_at` is taken at `now`.
fn timely(now: Instant, catalogue: &Catalogue, occurred_at: Instant) -> Result<(), Finding> {
    let seconds = |instant: Instant| instant.with_nanosecond(0).unwrap_or(instant).to_rfc3339();
    if occurred_at > now + AHEAD {
        return Err(Finding::new("/occurred_at", ProblemCode::InTheFuture)
            .with("occurred_at", seconds(occurred_at))
            .with("now", seconds(now)));
    }
    let days = catalogue.organization.acceptance_days;
    let earliest = now - TimeDelta::days(i64::from(days));
    if occurred_at < earliest {
        return Err(Finding::new("/occurred_at", ProblemCode::BeforeWindow)
            .with("days", days)
            .with("earliest", seconds(earliest)));
    }
    Ok(())
}

fn with_awards(tx: &mut Tx<'_>, judged: Vec<Judged>) -> Result<Vec<Outcome>, Failure> {
    let cause = |id: SignalId| format!("signal:{id}");
    let causes: BTreeSet<String> = judged.iter().filter_map(|one| one.held).map(|(id, _)| cause(id)).collect();
    let awards = awards::by_cause(tx.db, &causes.into_iter().collect::<Vec<_>>())?;
    let outcome = |one: Judged| Outcome {
        status: one.status,
        version: one.held.map(|(_, version)| version),
        awards: one.held.and_then(|(id, _)| awards.get(&cause(id)).cloned()).unwrap_or_default(),
        problem: one.problem,
    };
    Ok(judged.into_iter().map(outcome).collect())
}
