//! What activating a version for the past would change, told without changing anything (SEMANTICS S28, S30).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::Serialize;

use super::settle::{facts_of, members_of, season_at, seasons_between};
use super::{Command, Failure, Tx, programme};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::award::Award;
use crate::domain::ids::{PersonId, Subject, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Period};
use crate::domain::points::Points;
use crate::domain::programme::goal::DaySums;
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;
use crate::engine::back_test::collect::{Collected, collect};
use crate::engine::fold::{Basis, Outcome};
use crate::engine::team::{self, TeamBasis};
use crate::engine::timeline::InForce;
use crate::store::db::Db;
use crate::store::dry_runs::{self, DryRunRow};
use crate::store::{evidence, row, signals};

/// People whose evidence is read at a time.
const CHUNK: usize = 100;
/// Subjects that are told; more are counted.
const TOLD: usize = 200;

/// What a version would change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// People and teams whose awards would change.
    pub changed: usize,
    /// Points that would be given beyond those given now; below zero, fewer.
    pub points: Points,
    /// Who would change, those with the greatest difference first, at most 200.
    pub subjects: Vec<SubjectDifference>,
}

/// What a version would change for one subject in one season.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SubjectDifference {
    /// Who.
    pub subject: Subject,
    /// The season.
    pub season: String,
    /// The season's points now.
    pub before: Points,
    /// The season's points then.
    pub after: Points,
    /// Badges that would come to be held.
    pub badges_gained: Vec<String>,
    /// Badges that would cease to be held.
    pub badges_lost: Vec<String>,
}

/// Somebody to be told how far it is, who may end it.
pub type Reached<'a> = &'a mut dyn FnMut(usize, usize) -> Result<(), Failure>;

/// Compares what a programme awards from the season of a draft's first day on with what it would award if the draft were
/// in force from that day.
pub fn difference(
    db: &mut Db,
    catalogue: &Catalogue,
    entry: &ProgrammeEntry,
    (draft, now): (InForce, Instant),
    reached: Reached<'_>,
) -> Result<Difference, Failure> {
    let start = draft.programme.calendar.zone.start_of(draft.effective_from);
    let future = entry.as_if(draft, now);
    let since = season_at(&future, start).map_or(start, |season| season.from);
    let mut both = [Side::new(entry), Side::new(&future)];
    let people = signals::people_with_evidence(db, since)?;
    for (chunk, n) in people.chunks(CHUNK).zip(0..) {
        reached(n * CHUNK, people.len())?;
        let ids: BTreeSet<PersonId> = chunk.iter().map(|(person, ..)| *person).collect();
        let facts = facts_of(db, catalogue, &ids)?;
        for (person, first, last) in chunk {
            let Some(facts) = facts.get(person) else { continue };
            for season in seasons_between(&future, (*first).max(since), *last) {
                let evidence = evidence::live_of(db, *person, season.from, season.until)?;
                let ordered: Vec<&Evidence> = evidence.iter().collect();
                for side in &mut both {
                    side.person(&season, facts, &ordered)?;
                }
            }
        }
    }
    for side in &mut both {
        side.teams(db, catalogue)?;
    }
    let [before, after] = both;
    compared(&before.total, &after.total)
}

/// A subject's season: its points and badges.
type Totals = BTreeMap<(Subject, String), (Points, BTreeSet<String>)>;

/// What a programme awards as it is, or as it would be.
struct Side<'a> {
    entry: &'a ProgrammeEntry,
    given: BTreeMap<(TeamId, String), DaySums>,
    total: Totals,
}

impl<'a> Side<'a> {
    fn new(entry: &'a ProgrammeEntry) -> Self {
        Self { entry, given: BTreeMap::new(), total: Totals::new() }
    }

    fn person(&mut self, season: &Period, facts: &PersonFacts, signals: &[&Evidence]) -> Result<(), Failure> {
        let as_of = self.entry.as_of(&season.code);
        let basis = Basis { timeline: &self.entry.timeline, season, facts, as_of };
        let Collected { outcome, given } = collect(basis, signals, &mut ())?;
        for ((team, place), sums) in given {
            *self.given.entry((team, season.code.clone())).or_default().entry(place).or_default() += sums;
        }
        self.add(season, outcome)
    }

    fn teams(&mut self, db: &mut Db, catalogue: &Catalogue) -> Result<(), Failure> {
        let Some(newest) = self.entry.newest() else { return Ok(()) };
        let timeline = &self.entry.timeline;
        for ((team, code), sums) in std::mem::take(&mut self.given) {
            let Some(season) = newest.calendar.season(&code) else { continue };
            let members = if team::rewards_members(timeline) { members_of(db, catalogue, team)? } else { Vec::new() };
            let as_of = self.entry.as_of(&season.code);
            let basis = TeamBasis { timeline, season: &season, team, members: &members, as_of };
            let days = DaySpan { first: season.first_day, until: season.until_day };
            let outcome = team::awards(basis, &sums, days)?;
            self.add(&season, outcome)?;
        }
        Ok(())
    }

    fn add(&mut self, season: &Period, outcome: Outcome) -> Result<(), Failure> {
        for Award { key, content } in outcome.awards {
            let (points, badges) = self.total.entry((key.subject, season.code.clone())).or_default();
            *points = points.plus(content.points)?;
            badges.extend(content.badge.map(String::from));
        }
        Ok(())
    }
}

fn compared(before: &Totals, after: &Totals) -> Result<Difference, Failure> {
    let whose: BTreeSet<_> = before.keys().chain(after.keys()).cloned().collect();
    let (mut subjects, mut changed) = (Vec::new(), BTreeSet::new());
    let mut points = Points::ZERO;
    let nothing = (Points::ZERO, BTreeSet::new());
    for (subject, season) in whose {
        let key = (subject, season);
        let (then, held) = before.get(&key).unwrap_or(&nothing);
        let (now, holds) = after.get(&key).unwrap_or(&nothing);
        if (then, held) == (now, holds) {
            continue;
        }
        changed.insert(subject);
        points = points.plus(now.minus(*then)?)?;
        subjects.push(SubjectDifference {
            subject,
            season: key.1,
            before: *then,
            after: *now,
            badges_gained: holds.difference(held).cloned().collect(),
            badges_lost: held.difference(holds).cloned().collect(),
        });
    }
    let size = |one: &SubjectDifference| one.after.0.saturating_sub(one.before.0).saturating_abs();
    subjects.sort_by_key(|one| (std::cmp::Reverse(size(one)), one.subject, one.season.clone()));
    subjects.truncate(TOLD);
    Ok(Difference { changed: changed.len(), points, subjects })
}

/// Keeps what was told of a version, for its activation to repeat.
pub struct RecordDryRun {
    /// The programme.
    pub programme: String,
    /// The version's number.
    pub version: u32,
    /// The first day on which it would be in force.
    pub effective_from: NaiveDate,
    /// The last number of the sequence that it was told from.
    pub sequence: i64,
    /// What was told.
    pub difference: Difference,
}

impl Command for RecordDryRun {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let catalogue = tx.catalogue()?;
        // Whatever was refused by then is refused by its activation again.
        programme::find(&catalogue, &self.programme, self.version)?;
        let row = DryRunRow {
            programme: self.programme.clone(),
            version: i32::try_from(self.version).map_err(row::corrupt)?,
            effective_from: self.effective_from,
            sequence: self.sequence,
            difference: row::to_json(&self.difference)?,
        };
        Ok(dry_runs::keep(tx.db, &row)?)
    }
}

/// The first day from which a version may be put in force for the past: the first of the earliest season that is not
/// closed, and none before the programme's own first season.
pub fn earliest(entry: &ProgrammeEntry) -> Option<NaiveDate> {
    let newest = entry.newest()?;
    let first = entry.timeline.versions.iter().map(|version| version.effective_from).min()?;
    let own = newest.calendar.season_of(first).map_or(first, |season| season.first_day);
    let closed = entry.seasons.keys().filter_map(|code| newest.calendar.season(code)).map(|season| season.until_day);
    Some(closed.chain([own]).max().unwrap_or(own))
}
