//! Back-tests over the data: which draft against what, everybody's evidence read person by person, and the answer with
//! names. Only reads; what the answer means is the engine's.

pub mod table;
pub mod view;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use diesel::QueryResult;
use serde_json::Value;

use self::view::{BackTestOut, Names};
use crate::catalogue::{Catalogue, ProgrammeEntry, VersionEntry};
use crate::domain::ids::{Code, TeamId};
use crate::domain::language::{Language, Localised};
use crate::domain::period::DaySpan;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{self, Programme};
use crate::domain::time::Instant;
use crate::engine::back_test::{BackTest, Question, Report, with_draft};
use crate::engine::timeline::Timeline;
use crate::http::problem::ApiError;
use crate::store::db::Db;
use crate::store::{evidence, people, signals};
use crate::writer::Failure;
use crate::writer::programme::fixed_changes;
use crate::writer::settle::{facts_of, members_of};

/// The most days of one back-test.
const MOST_DAYS: i64 = 800;
/// People whose facts are read at a time.
const STEP: usize = 200;

/// A back-test that can be run: whatever is wrong with the question was told before.
#[derive(Debug, Clone)]
pub struct Prepared {
    programme: Code,
    /// The number of the version asked for; none for a document.
    version: Option<u32>,
    draft: Timeline,
    active: Timeline,
    days: DaySpan,
    sealed: BTreeSet<String>,
    now: Instant,
}

/// The range of a back-test: at least a day, at most 800.
pub fn range(from: NaiveDate, until: NaiveDate) -> Result<DaySpan, Finding> {
    if until <= from {
        return Err(Finding::new("/until", ProblemCode::InvalidInterval));
    }
    if (until - from).num_days() > MOST_DAYS {
        return Err(Finding::new("/until", ProblemCode::RangeTooLong).with("limit", MOST_DAYS));
    }
    Ok(DaySpan { first: from, until })
}

impl Prepared {
    /// Of a document: for the programme `held`, or for a new one. Otherwise everything that is wrong with it.
    pub fn of_document(
        catalogue: &Catalogue,
        held: Option<&ProgrammeEntry>,
        document: &Value,
        days: DaySpan,
        now: Instant,
    ) -> Result<Self, Vec<Finding>> {
        let programme = programme::read(document, catalogue)?.programme;
        let changed = held.map_or_else(Vec::new, |held| fixed_changes(held, &programme, now));
        if !changed.is_empty() {
            return Err(changed);
        }
        Ok(Self::new(catalogue, held, (None, Arc::new(programme)), days, now))
    }

    /// The same for the programme of the document's own code, if there is one.
    pub fn of_own_document(
        catalogue: &Catalogue,
        document: &Value,
        days: DaySpan,
        now: Instant,
    ) -> Result<Self, Vec<Finding>> {
        let code = document.get("code").and_then(Value::as_str).unwrap_or_default();
        Self::of_document(catalogue, catalogue.programmes.get(code).map(AsRef::as_ref), document, days, now)
    }

    /// Of a version that is kept: a draft, or one that was put in force.
    pub fn of_version(
        catalogue: &Catalogue,
        held: &ProgrammeEntry,
        version: &VersionEntry,
        days: DaySpan,
        now: Instant,
    ) -> Result<Self, Vec<Finding>> {
        let number = u32::try_from(version.row.version).ok();
        match (&version.programme, held.newest()) {
            // Its calendar is the programme's: later versions may have added seasons (SEMANTICS S4).
            (Some(old), Some(newest)) if version.row.state != "draft" => {
                let programme = Programme { calendar: newest.calendar.clone(), ..Programme::clone(old) };
                Ok(Self::new(catalogue, Some(held), (number, Arc::new(programme)), days, now))
            }
            _ => {
                let unreadable = || vec![Finding::new("", ProblemCode::ExpectedObject)];
                let document: Value = serde_json::from_str(&version.row.document).map_err(|_| unreadable())?;
                let prepared = Self::of_document(catalogue, Some(held), &document, days, now)?;
                Ok(Self { version: number, ..prepared })
            }
        }
    }

    fn new(
        catalogue: &Catalogue,
        held: Option<&ProgrammeEntry>,
        (version, draft): (Option<u32>, Arc<Programme>),
        days: DaySpan,
        now: Instant,
    ) -> Self {
        let nothing = Timeline { versions: Vec::new(), last_day: None };
        let active = held.map_or(nothing, |held| held.timeline.clone());
        let sealed = held.map_or_else(BTreeSet::new, |held| sealed(catalogue, held, now));
        let programme = draft.code.clone();
        Self { programme, version, draft: with_draft(&active, draft, days.first), active, days, sealed, now }
    }

    /// Runs it on one state of the data. `reached` is told how many people of how many were looked at, and may stop it.
    pub fn run(
        &self,
        db: &mut Db,
        language: Language,
        mut reached: impl FnMut(u64, u64) -> Result<(), ApiError>,
    ) -> Result<BackTestOut, ApiError> {
        db.snapshot(|db| {
            let catalogue = Catalogue::load(db)?;
            let report = self.report(db, &catalogue, &mut reached)?;
            let names = self.names(db, &catalogue, &report)?;
            Ok(BackTestOut::new(self, &report, &names, language))
        })
    }

    fn report(
        &self,
        db: &mut Db,
        catalogue: &Catalogue,
        reached: &mut impl FnMut(u64, u64) -> Result<(), ApiError>,
    ) -> Result<Report, ApiError> {
        let Self { draft, active, days, sealed, now, .. } = self;
        let question = Question { draft, active, days: *days, sealed, now: *now };
        let mut back_test = BackTest::new(question).ok_or_else(|| ApiError::internal("a back-test of no version"))?;
        let mut everybody = match back_test.evidence_span() {
            Some((from, until)) => signals::people_with_evidence(db, from)?
                .into_iter()
                .filter_map(|(person, first, _)| (first < until).then_some(person))
                .collect(),
            None => Vec::new(),
        };
        everybody.sort_unstable();
        let (mut done, total) = (0, u64::try_from(everybody.len()).unwrap_or(u64::MAX));
        for step in everybody.chunks(STEP) {
            let facts = facts_of(db, catalogue, &step.iter().copied().collect())?;
            for person in step {
                reached(done, total)?;
                done += 1;
                let Some(facts) = facts.get(person) else { continue };
                let evidence = |from, until| Ok::<_, Failure>(evidence::live_of(db, *person, from, until)?);
                back_test.person(facts, evidence)?;
            }
        }
        reached(done, total)?;
        for team in back_test.teams() {
            let members = if back_test.needs_members() { members_of(db, catalogue, team)? } else { Vec::new() };
            back_test.team(team, &members).map_err(Failure::from)?;
        }
        Ok(back_test.report().map_err(Failure::from)?)
    }

    fn names(&self, db: &mut Db, catalogue: &Catalogue, report: &Report) -> QueryResult<Names> {
        let ids: Vec<String> = report.people.iter().map(|line| line.subject.to_string()).collect();
        let mut people = BTreeMap::new();
        for row in people::by_ids(db, &ids)? {
            people.insert(row.person_id()?, (row.user_name, row.display_name));
        }
        let teams: BTreeMap<TeamId, (Code, String)> =
            catalogue.teams.all().map(|team| (team.id, (team.code.clone(), team.row.name.clone()))).collect();
        let mut rules: BTreeMap<Code, Localised> = BTreeMap::new();
        // The draft's names are the newest, and come last.
        for version in self.active.versions.iter().chain(&self.draft.versions) {
            rules.extend(version.programme.rules.iter().map(|rule| (rule.code.clone(), rule.name.clone())));
        }
        Ok(Names { people, teams, rules })
    }
}

/// The seasons whose evidence may be gone: closed, and ended longer ago than evidence is accepted (SEMANTICS S18).
fn sealed(catalogue: &Catalogue, held: &ProgrammeEntry, now: Instant) -> BTreeSet<String> {
    let Some(newest) = held.newest() else { return BTreeSet::new() };
    let earliest = now.checked_sub_signed(TimeDelta::days(catalogue.organization.acceptance_days.into()));
    let is_sealed = |code: &&String| {
        let season = newest.calendar.season(code);
        held.is_closed(code) && season.zip(earliest).is_some_and(|(season, earliest)| season.until < earliest)
    };
    held.seasons.keys().filter(is_sealed).cloned().collect()
}
