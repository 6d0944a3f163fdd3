//! Programmes: drafts, their changes, and activation from a date (SEMANTICS S28, S29).

use std::sync::Arc;

use chrono::{Days, NaiveDate};
use serde_json::Value;

use super::ingest::{AHEAD, mark_used};
use super::organization::Expected;
use super::{Actor, Command, Failure, Tx, dry_run, due, ending};
use crate::catalogue::{Catalogue, ProgrammeEntry, VersionEntry};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::programme::{self, Programme, Read, fixed_parts_changed, fixed_rules_changed};
use crate::domain::time::Instant;
use crate::store::dry_runs::{self, DryRunRow};
use crate::store::head::ChangeKind;
use crate::store::programmes::{self, ProgrammeRow, VersionRow};
use crate::store::row;

/// Creates a programme with its first draft.
pub struct CreateProgramme {
    /// The document.
    pub document: Value,
}

/// Adds a draft of a further version.
pub struct DraftVersion {
    /// The programme.
    pub programme: String,
    /// The document.
    pub document: Value,
}

/// Replaces a draft.
pub struct ReplaceDraft {
    /// The programme.
    pub programme: String,
    /// The draft's number.
    pub version: u32,
    /// The document.
    pub document: Value,
    /// The revision the change was made on.
    pub expected: Expected,
}

/// Deletes a draft, or withdraws a version that is not in force yet.
pub struct WithdrawVersion {
    /// The programme.
    pub programme: String,
    /// The version's number.
    pub version: u32,
}

/// Activates a version from a local date on.
#[derive(Clone)]
pub struct ActivateVersion {
    /// The programme.
    pub programme: String,
    /// The version's number.
    pub version: u32,
    /// The first day on which it is in force.
    pub effective_from: NaiveDate,
}

/// A draft as it was taken in.
#[derive(Debug, Clone)]
pub struct Drafted {
    /// The programme.
    pub programme: String,
    /// The version's number.
    pub version: u32,
    /// The number of the change.
    pub revision: i64,
    /// What HR should look at.
    pub warnings: Vec<Finding>,
}

impl Command for CreateProgramme {
    type Output = Drafted;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Drafted, Failure> {
        let catalogue = tx.catalogue()?;
        let read = read(&catalogue, &self.document)?;
        let code = read.programme.code.to_string();
        if catalogue.programmes.contains_key(&code) {
            return Err(Finding::new("/code", ProblemCode::AlreadyExists).with("what", code).into());
        }
        let revision = tx.record(ChangeKind::Programme, &code)?;
        programmes::insert(
            tx.db,
            &ProgrammeRow { code, created_at: row::stored(tx.now), revision, last_day: None, as_of: None },
        )?;
        draft(tx, read, 1, revision, &self.document)
    }
}

impl Command for DraftVersion {
    type Output = Drafted;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Drafted, Failure> {
        let catalogue = tx.catalogue()?;
        let entry = catalogue.programmes.get(&self.programme).ok_or(ProblemCode::NotFound)?;
        let read = read(&catalogue, &self.document)?;
        check_fixed(tx, entry, &read.programme)?;
        let version = entry.versions.iter().map(|version| version.row.version).max().unwrap_or(0) + 1;
        let revision = tx.record(ChangeKind::Programme, &self.programme)?;
        programmes::touch(tx.db, &self.programme, revision)?;
        draft(tx, read, version, revision, &self.document)
    }
}

impl Command for ReplaceDraft {
    type Output = Drafted;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Drafted, Failure> {
        let catalogue = tx.catalogue()?;
        let (entry, held) = find(&catalogue, &self.programme, self.version)?;
        self.expected.check(held.row.revision)?;
        in_state(entry, &held.row, &["draft"], tx.now)?;
        let read = read(&catalogue, &self.document)?;
        check_fixed(tx, entry, &read.programme)?;
        let revision = tx.record(ChangeKind::Programme, &self.programme)?;
        programmes::touch(tx.db, &self.programme, revision)?;
        let (document, changed_by) = (row::to_json(&self.document)?, Some(tx.actor_text()));
        programmes::update_version(tx.db, &VersionRow { document, changed_by, revision, ..held.row.clone() })?;
        Ok(Drafted { programme: self.programme.clone(), version: self.version, revision, warnings: read.warnings })
    }
}

impl Command for WithdrawVersion {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let catalogue = tx.catalogue()?;
        let (entry, held) = find(&catalogue, &self.programme, self.version)?;
        // Evidence may be that far ahead, and then rests on the version already.
        in_state(entry, &held.row, &["draft", "scheduled"], tx.now + AHEAD)?;
        let revision = tx.record(ChangeKind::Programme, &self.programme)?;
        programmes::touch(tx.db, &self.programme, revision)?;
        if held.row.state != "draft" {
            if entry.timeline.versions.len() == 1 {
                // What was never in force has no end.
                programmes::set_last_day(tx.db, &self.programme, None)?;
            }
            let withdrawn = VersionRow { state: "withdrawn".to_owned(), revision, ..held.row.clone() };
            return Ok(programmes::update_version(tx.db, &withdrawn)?);
        }
        programmes::delete_version(tx.db, &self.programme, held.row.version)?;
        if entry.versions.len() == 1 {
            programmes::delete(tx.db, &self.programme)?;
        }
        Ok(())
    }
}

/// The same for days that have passed, back to the first of the earliest season that is not closed: after a dry run, whose
/// difference it repeats.
pub struct ActivateRetroactively(pub ActivateVersion);

/// How far back a version may reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// From tomorrow on.
    Forward,
    /// From the earliest open season on.
    Back,
}

impl Command for ActivateVersion {
    type Output = VersionRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<VersionRow, Failure> {
        self.activate(tx, Reach::Forward)
    }
}

impl Command for ActivateRetroactively {
    type Output = (VersionRow, DryRunRow);

    fn run(&self, tx: &mut Tx<'_>) -> Result<(VersionRow, DryRunRow), Failure> {
        let Self(activation) = self;
        let catalogue = tx.catalogue()?;
        let (entry, held) = find(&catalogue, &activation.programme, activation.version)?;
        in_state(entry, &held.row, &["draft"], tx.now)?;
        let told = dry_runs::find(tx.db, &activation.programme, held.row.version)?;
        let told = told.filter(|told| told.effective_from == activation.effective_from);
        let told = told.ok_or(ProblemCode::DryRunNeeded)?;
        let activated =
            |version: &VersionEntry| version.row.state == "activated" && version.row.revision > told.sequence;
        let closed =
            entry.seasons.values().any(|season| season.position.is_none_or(|position| position >= told.sequence));
        if held.row.revision > told.sequence || entry.versions.iter().any(activated) || closed {
            return Err(ProblemCode::DryRunOutdated.into());
        }
        Ok((activation.activate(tx, Reach::Back)?, told))
    }
}

impl ActivateVersion {
    /// Refuses, for a dry run, what activation would refuse; else gives the document.
    pub fn check(&self, catalogue: &Catalogue, now: Instant) -> Result<Arc<Programme>, Failure> {
        let (entry, held) = find(catalogue, &self.programme, self.version)?;
        in_state(entry, &held.row, &["draft"], now)?;
        ending::check_in_time(entry, self.effective_from)?;
        let read = read(catalogue, &row::from_json(&held.row.document)?)?;
        let findings = fixed_changes(entry, &read.programme, now);
        if !findings.is_empty() {
            return Err(Problem::invalid(findings).into());
        }
        Ok(Arc::new(read.programme))
    }

    fn activate(&self, tx: &mut Tx<'_>, reach: Reach) -> Result<VersionRow, Failure> {
        let catalogue = tx.catalogue()?;
        let (entry, held) = find(&catalogue, &self.programme, self.version)?;
        let programme = self.check(&catalogue, tx.now)?;
        check_second_person(tx, &catalogue, &held.row)?;
        self.check_date(entry, &programme, (tx.now, reach))?;
        mark_used(tx, &catalogue, programme.measures())?;
        let revision = tx.record(ChangeKind::Programme, &self.programme)?;
        let activated = VersionRow {
            state: "activated".to_owned(),
            effective_from: Some(self.effective_from),
            activated_by: Some(tx.actor_text()),
            activated_at: Some(row::stored(tx.now)),
            revision,
            ..held.row.clone()
        };
        programmes::update_version(tx.db, &activated)?;
        programmes::touch(tx.db, &self.programme, revision)?;
        settle_since(tx, &self.programme, programme.calendar.zone.start_of(self.effective_from))?;
        Ok(activated)
    }

    /// Any date for a programme's first version; later ones start after today, or, reaching back, with the earliest open
    /// season (SEMANTICS S28), and before a higher number takes precedence.
    pub fn check_date(
        &self,
        entry: &ProgrammeEntry,
        programme: &Programme,
        (now, reach): (Instant, Reach),
    ) -> Result<(), Failure> {
        let today = programme.calendar.zone.local(now).0;
        let earliest = match reach {
            Reach::Forward => entry.newest().map(|_| today + Days::new(1)),
            Reach::Back => dry_run::earliest(entry),
        };
        if let Some(earliest) = earliest.filter(|earliest| self.effective_from < *earliest) {
            return Err(Finding::new("/effective_from", ProblemCode::TooEarly).with("earliest", earliest).into());
        }
        match entry.timeline.in_force(self.effective_from) {
            Some(higher) if higher.version > self.version => {
                let finding = Finding::new("/effective_from", ProblemCode::NeverInForce);
                Err(finding.with("version", higher.version).with("from", higher.effective_from).into())
            }
            _ => Ok(()),
        }
    }
}

/// Settles, in a programme, whoever has evidence on or after `start`.
pub(super) fn settle_since(tx: &mut Tx<'_>, programme: &str, start: Instant) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let Some(entry) = catalogue.programmes.get(programme).cloned() else { return Ok(()) };
    let Some(day) = entry.day_of(start) else { return Ok(()) };
    if entry.decided.is_none() {
        due::decide(tx, &entry)?;
    }
    due::rules_changed(tx, &entry, day)?;
    due::work_off(tx).map(drop)
}

/// Refuses the author of a version where the organisation wants a second person to put it in force.
fn check_second_person(tx: &Tx<'_>, catalogue: &Catalogue, version: &VersionRow) -> Result<(), Failure> {
    let Actor::Person(person) = tx.actor else { return Ok(()) };
    let mut authors = std::iter::once(&version.created_by).chain(&version.changed_by);
    if catalogue.organization.four_eyes && authors.any(|author| *author == person.to_string()) {
        return Err(ProblemCode::SecondPersonNeeded.into());
    }
    Ok(())
}

/// Reads a document, or refuses it with everything that is wrong with it.
pub fn read(catalogue: &Catalogue, document: &Value) -> Result<Read, Failure> {
    programme::read(document, catalogue).map_err(|findings| Problem::invalid(findings).into())
}

fn draft(tx: &mut Tx<'_>, read: Read, version: i32, revision: i64, document: &Value) -> Result<Drafted, Failure> {
    let programme = read.programme.code.to_string();
    let row = VersionRow {
        programme: programme.clone(),
        version,
        document: row::to_json(document)?,
        state: "draft".to_owned(),
        effective_from: None,
        created_by: tx.actor_text(),
        created_at: row::stored(tx.now),
        activated_by: None,
        activated_at: None,
        revision,
        changed_by: None,
    };
    programmes::insert_version(tx.db, &row)?;
    Ok(Drafted { programme, version: u32::try_from(version).map_err(row::corrupt)?, revision, warnings: read.warnings })
}

pub(super) fn find<'a>(
    catalogue: &'a Catalogue,
    programme: &str,
    version: u32,
) -> Result<(&'a Arc<ProgrammeEntry>, &'a VersionEntry), Failure> {
    let entry = catalogue.programmes.get(programme).ok_or(ProblemCode::NotFound)?;
    let held = entry.versions.iter().find(|held| i64::from(held.row.version) == i64::from(version));
    Ok((entry, held.ok_or(ProblemCode::NotFound)?))
}

fn in_state(entry: &ProgrammeEntry, version: &VersionRow, wanted: &[&str], at: Instant) -> Result<(), Failure> {
    let state = entry.state(version, at);
    if wanted.contains(&state) {
        return Ok(());
    }
    Err(Problem::new(ProblemCode::UnfitState).with("state", state).into())
}

/// What a document changes of a programme that is fixed: its code, and what its newest version fixed by its activation
/// (SEMANTICS S2).
pub fn fixed_changes(entry: &ProgrammeEntry, programme: &Programme, now: Instant) -> Vec<Finding> {
    match entry.newest() {
        Some(newest) => {
            let mut findings = fixed_parts_changed(newest, programme, newest.calendar.zone.local(now).0);
            for change in
                entry.timeline.versions.iter().flat_map(|version| fixed_rules_changed(&version.programme, programme))
            {
                if findings.iter().all(|known| known.pointer != change.pointer) {
                    findings.push(change);
                }
            }
            findings
        }
        None if programme.code != entry.code => vec![Finding::new("/code", ProblemCode::Fixed).with("field", "code")],
        None => Vec::new(),
    }
}

fn check_fixed(tx: &Tx<'_>, entry: &ProgrammeEntry, programme: &Programme) -> Result<(), Failure> {
    let findings = fixed_changes(entry, programme, tx.now);
    if findings.is_empty() { Ok(()) } else { Err(Problem::invalid(findings).into()) }
}
