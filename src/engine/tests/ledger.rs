//! What a server keeps of one season, in memory, brought forward as the writer does it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Days, NaiveDate, TimeDelta};

use super::steps::{Change, Step};
use super::world::{Stay, World, belonging, days_off, evidence};
use crate::domain::award::{Award, AwardKey, Cause};
use crate::domain::ids::{PersonId, Subject, TeamId};
use crate::domain::kept::SavedDay;
use crate::domain::people::PersonFacts;
use crate::domain::period::DaySpan;
use crate::domain::programme::goal::DaySums;
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;
use crate::engine::dues;
use crate::engine::fold::{Basis, FoldError};
use crate::engine::reconcile::{LiveAward, reconcile};
use crate::engine::refold::{DaysRead, Refolded, Source, Until, refold, shape};
use crate::engine::team::{self, TeamBasis};
use crate::engine::timeline::InForce;

/// A slip of whoever brings forward what is kept: the comparison must find each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slip {
    None,
    /// A state is kept with the one of the day before.
    StateAltered,
    /// Folding may stop a day too early.
    StopsEarly,
    /// Folding begins a day too late.
    BeginsLate,
    /// What a day gives to teams is not added.
    GivenDropped,
    /// Days without evidence are kept.
    NothingForgotten,
    /// What was granted by case before is not told.
    CasesUntold,
    /// What comes due is not folded anew.
    DuesForgotten,
    /// States of other rules are taken for the rules' own.
    ShapeIgnored,
    /// After a change of facts folding stops where the state meets.
    FactsMet,
    /// Teams are settled for the days that changed only.
    TeamDaysOnly,
}

impl Slip {
    pub const ALL: [Self; 10] = [
        Self::StateAltered,
        Self::StopsEarly,
        Self::BeginsLate,
        Self::GivenDropped,
        Self::NothingForgotten,
        Self::CasesUntold,
        Self::DuesForgotten,
        Self::ShapeIgnored,
        Self::FactsMet,
        Self::TeamDaysOnly,
    ];
}

/// What is kept of a person's days.
pub type KeptDays = BTreeMap<NaiveDate, SavedDay>;

/// Evidence, facts and rules known so far, and what is kept of them.
pub struct Kept {
    pub world: World,
    /// In the order of the people.
    pub days: Vec<KeptDays>,
    pub sums: BTreeMap<TeamId, DaySums>,
    pub live: BTreeMap<AwardKey, Award>,
    arriving: Vec<Evidence>,
    versions: Vec<InForce>,
    slip: Slip,
    next_id: u128,
}

/// Who is to be settled, and which days of theirs.
#[derive(Default)]
struct Work {
    people: BTreeMap<usize, (NaiveDate, Until)>,
    teams: BTreeMap<TeamId, DaySpan>,
}

impl Work {
    fn add(&mut self, person: usize, from: NaiveDate, until: Until) {
        let (first, end) = self.people.entry(person).or_insert((from, until));
        *first = from.min(*first);
        *end = match (*end, until) {
            (Until::Met(one), Until::Met(other)) => Until::Met(one.max(other)),
            _ => Until::SeasonEnd,
        };
    }

    fn add_team(&mut self, team: TeamId, days: DaySpan) {
        let all = self.teams.entry(team).or_insert(days);
        *all = DaySpan { first: days.first.min(all.first), until: days.until.max(all.until) };
    }
}

impl Kept {
    /// Nothing yet, of a world's first version, just before it begins.
    pub fn of(mut world: World, slip: Slip) -> Self {
        let mut arriving = std::mem::take(&mut world.signals);
        arriving.reverse();
        let mut versions = world.timeline.versions.split_off(1);
        versions.reverse();
        world.as_of = world.calendar.zone.start_of(world.first - Days::new(3));
        Self {
            days: vec![KeptDays::new(); world.people.len()],
            sums: BTreeMap::new(),
            live: BTreeMap::new(),
            next_id: 1000,
            arriving,
            versions,
            slip,
            world,
        }
    }

    /// What a fold of everything would keep of a person's days.
    pub fn folded_whole(&self, facts: &PersonFacts) -> KeptDays {
        let nothing = KeptDays::new();
        let refolded = self.refolded(facts, &nothing, (self.world.season.first_day, Until::SeasonEnd));
        refolded.keep.into_iter().map(|saved| (saved.day, saved)).collect()
    }

    /// Takes a step. An error tells of an award that was live when it was to be written.
    pub fn apply(&mut self, step: &Step) -> Result<(), String> {
        let work = match step {
            Step::Signals(changes) => self.deliver(changes),
            Step::Home(person, stay) => {
                let person = person.index(self.world.people.len());
                let teams_before = self.teams_of(person);
                let from = self.move_home(person, *stay);
                self.facts_changed(person, from, teams_before)
            }
            Step::DaysOff(person, from, days) => {
                let person = person.index(self.world.people.len());
                let off = days_off(self.world.first, *from, *days);
                self.world.people[person].days_off.push(off);
                self.facts_changed(person, self.start_of(off.first), BTreeSet::new())
            }
            Step::Version => {
                let Some(version) = self.versions.pop() else { return Ok(()) };
                let from = version.effective_from;
                self.world.timeline.versions.push(version);
                self.rules_changed(from)
            }
            Step::End(days) => {
                if self.world.timeline.last_day.is_some() {
                    return Ok(());
                }
                let last = self.world.first + TimeDelta::days(*days);
                self.world.timeline.last_day = Some(last);
                self.rules_changed(last + Days::new(1))
            }
            Step::Time(days) => self.pass(TimeDelta::days(*days)),
        };
        self.settle(work)
    }

    fn start_of(&self, day: NaiveDate) -> Instant {
        self.world.calendar.zone.start_of(day)
    }

    fn day_of(&self, at: Instant) -> NaiveDate {
        self.world.calendar.zone.local(at).0
    }

    fn season_days(&self) -> DaySpan {
        DaySpan { first: self.world.season.first_day, until: self.world.season.until_day }
    }

    fn place_of(&self, person: PersonId) -> Option<usize> {
        self.world.people.iter().position(|facts| facts.person == person)
    }

    /// Takes a batch of deliveries; whom they leave or enter is settled (S9).
    fn deliver(&mut self, changes: &[Change]) -> Work {
        let mut touched: Vec<(PersonId, Instant)> = Vec::new();
        let start = self.start_of(self.world.first);
        for change in changes {
            let count = self.world.signals.len();
            let gone = match change {
                Change::Corrected(which, _) | Change::Voided(which) if count > 0 => {
                    Some(self.world.signals.swap_remove(which.index(count)))
                }
                _ => None,
            };
            let come = match change {
                Change::Next => self.arriving.pop(),
                Change::New(draft) => {
                    self.next_id += 1;
                    Some(evidence(self.next_id, start, *draft))
                }
                Change::Corrected(_, draft) => gone.as_ref().map(|old| {
                    let corrected = evidence(old.id.0.as_u128(), start, *draft);
                    Evidence { source: old.source.clone(), ..corrected }
                }),
                Change::Voided(_) => None,
            };
            touched.extend(gone.iter().chain(&come).map(|one| (one.content.agent, one.content.occurred_at)));
            self.world.signals.extend(come);
        }
        let mut work = Work::default();
        for (agent, at) in touched {
            let (day, within) = (self.day_of(at), self.world.season.from <= at && at < self.world.season.until);
            if let Some(person) = self.place_of(agent).filter(|_| within) {
                work.add(person, day, Until::Met(day + Days::new(1)));
            }
        }
        work
    }

    fn teams_of(&self, person: usize) -> BTreeSet<TeamId> {
        self.world.people[person].belongings.iter().map(|home| home.team).collect()
    }

    /// From an instant on a person is at home elsewhere (S31).
    fn move_home(&mut self, person: usize, (team, from, length): Stay) -> Instant {
        let new = belonging(self.start_of(self.world.first), (team, from, from + length));
        let at = new.interval.from.unwrap();
        let homes = &mut self.world.people[person].belongings;
        homes.retain(|home| home.interval.from.is_some_and(|from| from < at));
        for home in homes.iter_mut() {
            home.interval.until = home.interval.until.map(|until| until.min(at));
        }
        homes.push(new);
        at
    }

    /// What the person earned since is due, and, where members are rewarded, what their teams earned.
    fn facts_changed(&self, person: usize, from: Instant, mut teams: BTreeSet<TeamId>) -> Work {
        let mut work = Work::default();
        let first = if from > self.world.season.from { self.day_of(from) } else { self.world.season.first_day };
        if from >= self.world.season.until {
            return work;
        }
        let until = if self.slip == Slip::FactsMet { Until::Met(first) } else { Until::SeasonEnd };
        work.add(person, first, until);
        teams.extend(self.teams_of(person));
        if team::rewards_members(&self.world.timeline) {
            let days = DaySpan { first, ..self.season_days() };
            teams.into_iter().for_each(|team| work.add_team(team, days));
        }
        work
    }

    /// Everybody with evidence since is due (S28).
    fn rules_changed(&self, from: NaiveDate) -> Work {
        let mut work = Work::default();
        let first = from.max(self.world.season.first_day);
        if first >= self.world.season.until_day {
            return work;
        }
        let since = self.start_of(first);
        for (person, facts) in self.world.people.iter().enumerate() {
            let own = |one: &&Evidence| one.content.agent == facts.person && one.content.occurred_at >= since;
            if self.world.signals.iter().any(|one| own(&one)) {
                work.add(person, first, Until::SeasonEnd);
            }
        }
        for team in self.sums.keys() {
            work.add_team(*team, DaySpan { first, ..self.season_days() });
        }
        work
    }

    /// Time passes: whom that decides something for is due (S5).
    fn pass(&mut self, time: TimeDelta) -> Work {
        let before = self.world.as_of;
        self.world.as_of += time;
        let mut work = Work::default();
        if self.slip == Slip::DuesForgotten {
            return work;
        }
        for due in dues::decided_between(&self.world.timeline, before, self.world.as_of) {
            let season = self.season_days();
            if !season.contains(due.stretch.days.first) {
                continue;
            }
            let days = due.stretch.days;
            let concerned = dues::concerned(&self.world.timeline, &self.world.season, &due.stretch).unwrap();
            let last = days.until.pred_opt().unwrap();
            for (person, kept) in self.days.iter().enumerate() {
                if kept.range(concerned.first..concerned.until).next().is_some() {
                    work.add(person, last, Until::Met(days.until));
                }
            }
            for (team, sums) in &self.sums {
                if sums.keys().any(|(.., day)| concerned.contains(*day)) {
                    work.add_team(*team, DaySpan { first: last, until: days.until });
                }
            }
        }
        work
    }

    /// Settles people, then the teams that they give to.
    fn settle(&mut self, mut work: Work) -> Result<(), String> {
        let mut given: BTreeMap<TeamId, DaySums> = BTreeMap::new();
        for (person, (from, until)) in work.people.clone() {
            let from = if self.slip == Slip::BeginsLate { from + Days::new(1) } else { from };
            let until = match until {
                Until::Met(day) if self.slip == Slip::StopsEarly => Until::Met(day - Days::new(1)),
                other => other,
            };
            let facts = self.world.people[person].clone();
            let refolded = self.refolded(&facts, &self.days[person], (from, until));
            self.keep(person, &refolded);
            for ((code, part, team, day), sums) in refolded.given {
                *given.entry(team).or_default().entry((code, part, day)).or_default() += sums;
            }
            let own = |award: &Award| {
                award.key.subject == Subject::Person(facts.person) && !matches!(award.key.cause, Cause::TeamGoal(..))
            };
            self.reconcile(&refolded.outcome.awards, refolded.days, own)?;
        }
        for (team, changes) in given {
            for ((code, part, day), change) in changes {
                if change.is_empty() || self.slip == Slip::GivenDropped {
                    continue;
                }
                work.add_team(team, DaySpan { first: day, until: day + Days::new(1) });
                let sums = self.sums.entry(team).or_default();
                let held = sums.entry((code.clone(), part, day)).or_default();
                *held += change;
                if held.is_empty() {
                    sums.remove(&(code, part, day));
                }
            }
        }
        work.teams.into_iter().try_for_each(|(team, days)| self.settle_team(team, days))
    }

    fn refolded(&self, facts: &PersonFacts, kept: &KeptDays, days: (NaiveDate, Until)) -> Refolded {
        let World { timeline, season, as_of, .. } = &self.world;
        let basis = Basis { timeline, season, facts, as_of: *as_of };
        let shape = if self.slip == Slip::ShapeIgnored { 0 } else { shape(timeline) };
        refold(basis, shape, days, &mut Stored { of: self, facts, kept }).unwrap_or_else(|error| panic!("{error:?}"))
    }

    fn keep(&mut self, person: usize, refolded: &Refolded) {
        for day in &refolded.forget {
            if self.slip != Slip::NothingForgotten {
                self.days[person].remove(day);
            }
        }
        for saved in &refolded.keep {
            let mut saved = saved.clone();
            let before = self.days[person].range(..saved.day).next_back();
            if let Some((_, before)) = before.filter(|_| self.slip == Slip::StateAltered) {
                saved.state.clone_from(&before.state);
            }
            self.days[person].insert(saved.day, saved);
        }
    }

    fn settle_team(&mut self, team: TeamId, days: DaySpan) -> Result<(), String> {
        let World { timeline, season, people, as_of, .. } = &self.world;
        if team::is_undecided(timeline, days, *as_of).unwrap() {
            return Ok(());
        }
        let whole = team::whole_periods(timeline, season, days).unwrap();
        let days = if self.slip == Slip::TeamDaysOnly { days } else { whole };
        let around = team::whole_periods(timeline, season, days).unwrap();
        let mut sums = self.sums.get(&team).cloned().unwrap_or_default();
        sums.retain(|(.., day), _| around.contains(*day));
        let ever_here = people.iter().filter(|facts| facts.belongings.iter().any(|home| home.team == team));
        let members: Vec<PersonFacts> = ever_here.cloned().collect();
        let basis = TeamBasis { timeline, season, team, members: &members, as_of: *as_of };
        let desired = team::awards(basis, &sums, days).unwrap().awards;
        self.reconcile(&desired, days, |award| match award.key.cause {
            Cause::TeamGoal(of, _) => of == team,
            _ => award.key.subject == Subject::Team(team),
        })
    }

    /// Brings the live awards of a fold in line, as far as their instants lie in `days`.
    fn reconcile(&mut self, desired: &[Award], days: DaySpan, own: impl Fn(&Award) -> bool) -> Result<(), String> {
        let (from, until) = (self.start_of(days.first), self.start_of(days.until));
        let within = |award: &&Award| from <= award.content.at && award.content.at < until && own(award);
        let live: Vec<LiveAward> = self.live.values().filter(within).cloned().map(unpaid).collect();
        let plan = reconcile(desired, &live);
        for one in &plan.reverse {
            self.live.remove(&one.award.key);
        }
        for award in plan.append {
            if let Some(other) = self.live.insert(award.key.clone(), award) {
                return Err(format!("{other:?} was live when it was to be written again"));
            }
        }
        Ok(())
    }
}

fn unpaid(award: Award) -> LiveAward {
    LiveAward { award, transfer: None }
}

/// A person's evidence and kept days.
struct Stored<'k> {
    of: &'k Kept,
    facts: &'k PersonFacts,
    kept: &'k KeptDays,
}

/// Why nothing can be read: never.
#[derive(Debug)]
struct Never;

impl From<FoldError> for Never {
    fn from(error: FoldError) -> Self {
        panic!("{error}")
    }
}

impl Source for Stored<'_> {
    type Error = Never;

    /// A few days at a time, so that folds go on over the edges of what was read.
    fn days_from(&mut self, from: NaiveDate) -> Result<DaysRead, Never> {
        let World { season, signals, .. } = &self.of.world;
        let until = (from + Days::new(5)).min(season.until_day);
        let (start, end) = (self.of.start_of(from), self.of.start_of(until));
        let mut evidence: Vec<Evidence> = signals.clone();
        evidence.retain(|one| one.content.agent == self.facts.person);
        evidence.retain(|one| start <= one.content.occurred_at && one.content.occurred_at < end);
        let kept = self.kept.range(from..until).map(|(_, saved)| saved.clone()).collect();
        Ok(DaysRead { until, evidence, kept })
    }

    fn last_before(&mut self, day: NaiveDate) -> Result<Option<SavedDay>, Never> {
        Ok(self.kept.range(..day).next_back().map(|(_, saved)| saved.clone()))
    }

    /// Of the days alone on which the person has evidence of one of the cases.
    fn cases_before(&mut self, day: NaiveDate, cases: &BTreeSet<String>) -> Result<Vec<String>, Never> {
        if self.of.slip == Slip::CasesUntold {
            return Ok(Vec::new());
        }
        let World { signals, calendar, .. } = &self.of.world;
        let own = signals.iter().filter(|one| one.content.agent == self.facts.person);
        let named = own.filter(|one| one.content.case.as_ref().is_some_and(|case| cases.contains(case)));
        let days: BTreeSet<NaiveDate> = named.map(|one| calendar.zone.local(one.content.occurred_at).0).collect();
        let before = self.kept.range(..day).filter(|(day, _)| days.contains(day)).map(|(_, saved)| saved.cases.clone());
        Ok(before.filter(|cases| !cases.is_empty()).collect())
    }
}
