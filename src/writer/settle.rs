//! Settling: the ledger is brought in line with what evidence, rules and time now say.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use chrono::NaiveDate;
use diesel::QueryResult;

use super::apply::{apply, live_award};
use super::ingest::AHEAD;
use super::source::{Ahead, Stored, Wanted, window};
use super::{Failure, Tx};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::award::{Award, Cause};
use crate::domain::ids::Code;
use crate::domain::ids::{PersonId, Subject, TeamId};
use crate::domain::people::{Belonging, PersonFacts};
use crate::domain::period::{DaySpan, Period};
use crate::domain::programme::goal::{DaySums, Part, Sums};
use crate::domain::time::{Instant, Window};
use crate::engine::fold::Basis;
use crate::engine::reconcile::{LiveAward, Plan, reconcile};
use crate::engine::refold::{Until, refold, wanted};
use crate::engine::team::{self, TeamBasis};
use crate::store::db::Db;
use crate::store::fold_days::{self, FoldDayRow, SeasonKey};
use crate::store::team_sums::TeamSumsRow;
use crate::store::{absences, awards, memberships, roles, row, team_sums};

/// People whose folds are settled together.
const TOGETHER: usize = 256;

/// Whose evidence changed, and when it happened.
pub type Touched = BTreeSet<(PersonId, Instant)>;

/// By how much what people give to the goals of teams has changed.
type Given = BTreeMap<(TeamId, Code, Part, NaiveDate), Sums>;

/// Settles every (person, programme, season) that the touched instants lie in.
pub fn settle(tx: &mut Tx<'_>, touched: &Touched) -> Result<(), Failure> {
    if touched.is_empty() {
        return Ok(());
    }
    let catalogue = tx.catalogue()?;
    let people: BTreeSet<PersonId> = touched.iter().map(|(person, _)| *person).collect();
    let facts = facts_of(tx.db, &catalogue, &people)?;
    for programme in catalogue.activated() {
        let mut seasons: BTreeMap<Instant, SeasonWork> = BTreeMap::new();
        for (person, instant) in touched {
            let Some(season) = season_at(programme, *instant) else { continue };
            let day = programme.day_of(*instant).unwrap_or(season.first_day);
            let until = day.succ_opt().unwrap_or(day);
            let work = seasons.entry(season.from).or_insert_with(|| SeasonWork::new(season));
            work.add(*person, day, Until::Met(until));
        }
        for work in seasons.into_values() {
            work.run(tx, programme, &facts)?;
        }
    }
    Ok(())
}

/// Who is to be settled in one season of a programme, and from which day on.
pub(super) struct SeasonWork {
    season: Period,
    people: BTreeMap<PersonId, (NaiveDate, Until)>,
    teams: BTreeMap<TeamId, DaySpan>,
}

impl SeasonWork {
    pub(super) fn new(season: Period) -> Self {
        Self { season, people: BTreeMap::new(), teams: BTreeMap::new() }
    }

    /// Some days of a person, with those that are to be settled already.
    pub(super) fn add(&mut self, person: PersonId, from: NaiveDate, until: Until) {
        let (first, end) = self.people.entry(person).or_insert((from, until));
        *first = from.min(*first);
        *end = match (*end, until) {
            (Until::Met(one), Until::Met(other)) => Until::Met(one.max(other)),
            _ => Until::SeasonEnd,
        };
    }

    /// Some days of a team.
    pub(super) fn add_team(&mut self, team: TeamId, days: DaySpan) {
        let all = self.teams.entry(team).or_insert(days);
        *all = DaySpan { first: days.first.min(all.first), until: days.until.max(all.until) };
    }

    /// Settles people, then the teams that they give to.
    pub(super) fn run(
        mut self,
        tx: &mut Tx<'_>,
        programme: &Arc<ProgrammeEntry>,
        facts: &HashMap<PersonId, PersonFacts>,
    ) -> Result<(), Failure> {
        let people: Vec<_> =
            self.people.iter().filter_map(|(person, days)| Some((facts.get(person)?, *days))).collect();
        let mut given = Given::new();
        for some in people.chunks(TOGETHER) {
            settle_people(tx, programme, &self.season, some, &mut given)?;
        }
        given.retain(|_, sums| !sums.is_empty());
        for (team, .., day) in given.keys().cloned().collect::<Vec<_>>() {
            self.add_team(team, DaySpan { first: day, until: day.succ_opt().unwrap_or(day) });
        }
        keep_given(tx.db, programme, &self.season, given)?;
        for (team, days) in self.teams {
            settle_team(tx, programme, &self.season, team, days)?;
        }
        Ok(())
    }
}

/// Settles some days of people's seasons: reads what all their folds need at once, and writes what they came to at once.
fn settle_people(
    tx: &mut Tx<'_>,
    programme: &Arc<ProgrammeEntry>,
    season: &Period,
    people: &[(&PersonFacts, (NaiveDate, Until))],
    given: &mut Given,
) -> Result<(), Failure> {
    let Some(newest) = programme.newest() else { return Ok(()) };
    let zone = &newest.calendar.zone;
    let (timeline, as_of) = (&programme.timeline, programme.as_of(&season.code));
    let mut all_wanted = Vec::with_capacity(people.len());
    for (facts, days) in people {
        let days = wanted(Basis { timeline, season, facts, as_of }, *days)?;
        all_wanted.push(Wanted {
            person: facts.person,
            key: SeasonKey::new(&programme.code, season, facts.person),
            days,
        });
    }
    let horizon = (zone.local(tx.now + AHEAD).0, programme.shape, timeline.limits_by_case());
    let mut ahead = Ahead::read(tx.db, (season, zone), &all_wanted, horizon)?;
    let (mut keep, mut forget, mut desired) = (Vec::new(), Vec::new(), Vec::new());
    for ((facts, days), Wanted { person, key, .. }) in people.iter().zip(all_wanted) {
        let mut source = ahead.take(Stored::new(tx.db, key.clone(), person, (season, zone)));
        let refolded = refold(Basis { timeline, season, facts, as_of }, programme.shape, *days, &mut source)?;
        forget.extend(refolded.forget.iter().map(|day| (key.clone(), *day)));
        keep.extend(refolded.keep.iter().map(|saved| FoldDayRow::of(&key, saved)));
        for ((code, part, team, day), sums) in refolded.given {
            *given.entry((team, code, part, day)).or_default() += sums;
        }
        desired.push((person, window(zone, refolded.days), refolded.outcome.awards));
    }
    fold_days::forget(tx.db, &forget)?;
    fold_days::keep(tx.db, &keep)?;
    let mut live = live_of_each(tx.db, programme, season, &desired)?;
    let mut plan = Plan::default();
    for (person, _, awards) in &desired {
        plan.extend(reconcile(awards, &live.remove(person).unwrap_or_default()));
    }
    apply(tx, programme, season, &plan)
}

/// The live awards of people's folds in a season, each of a stretch of time of its own.
fn live_of_each(
    db: &mut Db,
    programme: &ProgrammeEntry,
    season: &Period,
    wanted: &[(PersonId, Window, Vec<Award>)],
) -> Result<HashMap<PersonId, Vec<LiveAward>>, Failure> {
    let subjects: Vec<_> = wanted.iter().map(|(person, window, _)| (person.to_string(), *window)).collect();
    let mut live: HashMap<PersonId, Vec<LiveAward>> = HashMap::with_capacity(wanted.len());
    for row in awards::live_of_each(db, programme.code.as_str(), &season.code, &subjects)? {
        let person: PersonId = row::parsed(row.subject.clone())?;
        let award = live_award(row, Subject::Person(person))?;
        if is_of_persons_fold(&award) {
            live.entry(person).or_default().push(award);
        }
    }
    Ok(live)
}

/// What a team's goal awards its members is of the team's fold, never of theirs (SEMANTICS S27).
fn is_of_persons_fold(live: &LiveAward) -> bool {
    !matches!(live.award.key.cause, Cause::TeamGoal(..))
}

/// Adds what has changed to the sums of teams.
fn keep_given(db: &mut Db, programme: &ProgrammeEntry, season: &Period, given: Given) -> Result<(), Failure> {
    let mut by_team: BTreeMap<TeamId, DaySums> = BTreeMap::new();
    for ((team, code, part, day), sums) in given {
        by_team.entry(team).or_default().insert((code, part, day), sums);
    }
    let of = (programme.code.as_str(), season.code.as_str());
    for (team, changes) in by_team {
        let first = changes.keys().map(|(.., day)| *day).min().unwrap_or(season.first_day);
        let last = changes.keys().map(|(.., day)| *day).max().unwrap_or(season.first_day);
        let days = DaySpan { first, until: last.succ_opt().unwrap_or(last) };
        let held = team_sums::of_team(db, of.0, of.1, team, days)?;
        let mut keep = Vec::new();
        for (place, change) in changes {
            let mut sums = held.get(&place).copied().unwrap_or_default();
            sums += change;
            let (code, part, day) = &place;
            let row = TeamSumsRow::of(of, team, (code, *part, *day), sums)?;
            if sums.is_empty() { team_sums::forget(db, &row)? } else { keep.push(row) }
        }
        team_sums::keep(db, &keep)?;
    }
    Ok(())
}

/// Settles the goals of a team whose periods some days lie in.
fn settle_team(
    tx: &mut Tx<'_>,
    programme: &Arc<ProgrammeEntry>,
    season: &Period,
    team: TeamId,
    days: DaySpan,
) -> Result<(), Failure> {
    let as_of = programme.as_of(&season.code);
    let Some(newest) = programme.newest() else { return Ok(()) };
    if team::is_undecided(&programme.timeline, days, as_of)? {
        return Ok(());
    }
    let days = team::whole_periods(&programme.timeline, season, days)?;
    let catalogue = tx.catalogue()?;
    let desired = team_awards(tx.db, &catalogue, programme, season, team, days)?;
    let window = window(&newest.calendar.zone, days);
    let live = live(tx.db, programme, season, Subject::Team(team), window)?;
    let plan = reconcile(&desired, &live);
    apply(tx, programme, season, &plan)
}

/// What a team's goals award on some days, which are whole periods.
pub fn team_awards(
    db: &mut Db,
    catalogue: &Catalogue,
    programme: &ProgrammeEntry,
    season: &Period,
    team: TeamId,
    days: DaySpan,
) -> Result<Vec<Award>, Failure> {
    let (timeline, as_of) = (&programme.timeline, programme.as_of(&season.code));
    let around = team::whole_periods(timeline, season, days)?;
    let sums = team_sums::of_team(db, programme.code.as_str(), &season.code, team, around)?;
    let members = if team::rewards_members(timeline) { members_of(db, catalogue, team)? } else { Vec::new() };
    let basis = TeamBasis { timeline, season, team, members: &members, as_of };
    Ok(team::awards(basis, &sums, days)?.awards)
}

/// The season of a programme at an instant.
pub fn season_at(programme: &ProgrammeEntry, instant: Instant) -> Option<Period> {
    programme.newest()?.calendar.season_at(instant)
}

/// The seasons of a programme that `[first, last]` meets.
pub fn seasons_between(programme: &ProgrammeEntry, first: Instant, last: Instant) -> Vec<Period> {
    let Some(newest) = programme.newest() else { return Vec::new() };
    let day = |instant| newest.calendar.zone.local(instant).0;
    newest.calendar.seasons_between(day(first), day(last))
}

/// Whoever was ever a member of a team, with all their facts.
pub fn members_of(db: &mut Db, catalogue: &Catalogue, team: TeamId) -> QueryResult<Vec<PersonFacts>> {
    let people = memberships::ever_in(db, team)?.into_iter().map(row::parsed).collect::<QueryResult<_>>()?;
    Ok(facts_of(db, catalogue, &people)?.into_values().collect())
}

/// The dated facts about some people that their folds read.
pub fn facts_of(
    db: &mut Db,
    catalogue: &Catalogue,
    people: &BTreeSet<PersonId>,
) -> QueryResult<HashMap<PersonId, PersonFacts>> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let mut facts: HashMap<PersonId, PersonFacts> = people
        .iter()
        .map(|person| (*person, PersonFacts { holidays: catalogue.holidays.clone(), ..PersonFacts::of(*person) }))
        .collect();
    for membership in memberships::of_people(db, &ids)? {
        let team = catalogue.teams.get(row::parsed(membership.team.clone())?);
        let team = team.ok_or_else(|| row::corrupt("a membership without team"))?;
        if let Some(person) = facts.get_mut(&row::parsed(membership.person.clone())?) {
            let (lineage, interval) = (team.lineage.clone(), membership.interval());
            person.belongings.push(Belonging { team: team.id, lineage, interval });
        }
    }
    for absence in absences::of_people(db, &ids)? {
        if let Some(person) = facts.get_mut(&row::parsed(absence.person.clone())?) {
            person.days_off.push(absence.span());
        }
    }
    for grant in roles::of_people(db, &ids)? {
        if let Some(person) = facts.get_mut(&row::parsed(grant.person.clone())?) {
            person.roles.push((grant.role()?, grant.interval()));
        }
    }
    Ok(facts)
}

/// The live awards of a subject's fold in a season, of a stretch of time.
pub fn live(
    db: &mut Db,
    programme: &ProgrammeEntry,
    season: &Period,
    subject: Subject,
    window: Window,
) -> QueryResult<Vec<LiveAward>> {
    let (code, id) = (programme.code.as_str(), subject.uuid().to_string());
    let mut found = Vec::new();
    for row in awards::live_of_each(db, code, &season.code, &[(id, window)])? {
        let live = live_award(row, subject)?;
        if is_of_persons_fold(&live) {
            found.push(live);
        }
    }
    if let Subject::Team(team) = subject {
        for row in awards::live_by_team(db, code, &season.code, team, window)? {
            let member = Subject::Person(row::parsed(row.subject.clone())?);
            found.push(live_award(row, member)?);
        }
    }
    Ok(found)
}
