//! Folding anew from a day on: what a change of evidence or facts makes of a person's season (SEMANTICS S49).
//!
//! Starts from the state kept at the end of the last day before the change, and stops where the state meets the one
//! kept: from there on everything is as it was. Gives what a whole fold would give for the days between.

use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::{Hash, Hasher};

use chrono::{Days, NaiveDate};
use serde::de::DeserializeOwned;

use super::fold::{Basis, Fold, FoldError, Outcome, in_order};
use super::state::{CaseUse, SavedRules};
use super::team::widened;
use super::timeline::Timeline;
use super::walk::Stretch;
use crate::domain::award::Award;
use crate::domain::ids::{Code, TeamId};
use crate::domain::kept::SavedDay;
use crate::domain::period::{DaySpan, Per, Period};
use crate::domain::programme::goal::{Part, Sums};
use crate::domain::programme::limit::Used;
use crate::domain::programme::{Decided, Pattern};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// Counts the meanings that a kept state has had.
const FORMAT: u32 = 2;

/// Where evidence and kept days come from.
pub trait Source {
    /// Why they do not.
    type Error: From<FoldError>;

    /// The person's season from a local day on, as much of it as the source thinks fit: one day at least.
    fn days_from(&mut self, from: NaiveDate) -> Result<DaysRead, Self::Error>;
    /// What is kept of the last day before one.
    fn last_before(&mut self, day: NaiveDate) -> Result<Option<SavedDay>, Self::Error>;
    /// What was granted by case on days before one, oldest first: of the days at least on which anything was granted for
    /// one of `cases`.
    fn cases_before(&mut self, day: NaiveDate, cases: &BTreeSet<String>) -> Result<Vec<String>, Self::Error>;
}

/// Some days of a person's season, each whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DaysRead {
    /// The day after the last; the season's end or a later day if nothing follows.
    pub until: NaiveDate,
    /// The live signals, in any order.
    pub evidence: Vec<Evidence>,
    /// What is kept, in any order.
    pub kept: Vec<SavedDay>,
}

/// Until where to fold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Through the days before this one, and on until the state meets the one kept: evidence has changed.
    Met(NaiveDate),
    /// To the season's end: facts or rules have changed.
    SeasonEnd,
}

/// What folding anew has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refolded {
    /// The days that were folded.
    pub days: DaySpan,
    /// The awards, and those pending, whose instants lie in these days.
    pub outcome: Outcome,
    /// The days to keep, where they differ from what is kept.
    pub keep: Vec<SavedDay>,
    /// Those of them of which nothing is kept, or something else of the same shape.
    pub wrong: Vec<NaiveDate>,
    /// The days to forget: their evidence is gone.
    pub forget: Vec<NaiveDate>,
    /// By how much what the person gives to teams' goals has changed.
    pub given: BTreeMap<(Code, Part, TeamId, NaiveDate), Sums>,
}

/// What kept states of a timeline look like: another number, another meaning. Rules and what they limit and count by go
/// into it, not the dates of versions: those change what is folded from their day on, not what was kept before.
pub fn shape(timeline: &Timeline) -> i64 {
    let mut rules: Vec<String> = Vec::new();
    for version in &timeline.versions {
        for rule in &version.programme.rules {
            let pattern = match &rule.pattern {
                Pattern::Each => "each".to_owned(),
                Pattern::Streak(_) => "streak".to_owned(),
                Pattern::DayStreak(_) => "days".to_owned(),
                Pattern::Goal(goal) | Pattern::TeamGoal(goal, _) => format!("{:?} {:?}", goal.per, goal.quantity),
            };
            let guard = rule.guard.as_ref().map(|guard| (guard.goal.per, &guard.goal.quantity));
            let limits: Vec<_> = rule.limits.iter().map(|limit| limit.per).collect();
            rules.push(format!("{} {pattern} {guard:?} {limits:?} {:?}", rule.code, rule.cooldown.is_some()));
        }
    }
    rules.sort_unstable();
    rules.dedup();
    let mut hasher = DefaultHasher::new();
    (FORMAT, rules).hash(&mut hasher);
    i64::from_ne_bytes(hasher.finish().to_ne_bytes())
}

/// What is kept under a text; what cannot be read was never kept.
fn decoded<T: DeserializeOwned + Default>(text: &str) -> Option<T> {
    if text.is_empty() { Some(T::default()) } else { serde_json::from_str(text).ok() }
}

fn encoded<T: serde::Serialize>(value: &T, is_empty: bool) -> String {
    // Maps with text keys and numbers always become JSON.
    if is_empty { String::new() } else { serde_json::to_string(value).unwrap_or_default() }
}

/// One line of what a day has given.
pub type GivenLine = (Code, Part, TeamId, Sums);

/// What a kept day has given to the goals of teams.
pub fn given_of(saved: &SavedDay) -> Vec<GivenLine> {
    decoded(&saved.given).unwrap_or_default()
}

/// Folds some days of a person's season anew. `shape` is that of the timeline.
pub fn refold<S: Source>(
    basis: Basis<'_>,
    shape: i64,
    (from, until): (NaiveDate, Until),
    source: &mut S,
) -> Result<Refolded, S::Error> {
    let wanted = wanted(basis, (from, until))?;
    let Some(mut run) = Run::open(basis, shape, wanted, source)? else { return Ok(nothing(wanted)) };
    run.fold(until == Until::SeasonEnd, source)?;
    Ok(run.finish()?)
}

/// The days that are folded at least, where the state kept before them is of the right shape.
pub fn wanted(basis: Basis<'_>, (from, until): (NaiveDate, Until)) -> Result<DaySpan, FoldError> {
    let until = match until {
        Until::Met(day) => day.min(basis.season.until_day),
        Until::SeasonEnd => basis.season.until_day,
    };
    with_decided(basis, DaySpan { first: from.max(basis.season.first_day), until })
}

/// What is under way for a person at an instant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UnderWay {
    /// Awards that wait for a guard, of those earned on or after the first day asked for.
    pub pending: Vec<Award>,
    /// How long the rows of streaks are, by rule.
    pub rows: BTreeMap<Code, u32>,
}

/// From which day on to fold for what is under way at `at`: the first of all guards' periods that may be undecided then, or
/// the day itself; none if no version has a guard or a streak.
pub fn first_undecided(timeline: &Timeline, season: &Period, at: Instant) -> Option<NaiveDate> {
    let calendar = &timeline.newest()?.programme.calendar;
    let today = calendar.zone.local(at).0.max(season.first_day);
    let mut first = None;
    for version in &timeline.versions {
        for rule in &version.programme.rules {
            let day = match (&rule.guard, &rule.pattern) {
                (Some(guard), _) => {
                    let late = today.checked_sub_days(Days::new(version.programme.grace_days.into()))?;
                    Stretch::of(calendar, guard.goal.per, late.max(season.first_day)).ok()?.days.first
                }
                (None, Pattern::Streak(_) | Pattern::DayStreak(_)) => today,
                _ => continue,
            };
            first = Some(first.map_or(day, |first: NaiveDate| first.min(day)));
        }
    }
    first
}

/// What is under way at `at`, folding from `first` on: a day from which no guard's period that may be undecided began before.
pub fn under_way<S: Source>(
    basis: Basis<'_>,
    shape: i64,
    (first, at): (NaiveDate, Instant),
    source: &mut S,
) -> Result<UnderWay, S::Error> {
    let Some(mut run) = Run::open(basis, shape, DaySpan { first, until: first }, source)? else {
        return Ok(UnderWay::default());
    };
    while run.next < basis.season.until_day && run.start_of(run.next) <= at {
        let days = source.days_from(run.next)?;
        run.learn_cases(&days, source)?;
        for one in in_order(basis, &days.evidence).into_iter().filter(|one| one.content.occurred_at <= at) {
            run.states.take(one)?;
        }
        run.next = days.until;
    }
    run.states.advance(at)?;
    let states = run.states.states();
    let held = states.iter().flat_map(|state| &state.held).map(|(award, _)| award.clone());
    let pending = held.chain(run.states.outcome.pending.iter().cloned()).collect();
    let rows = states.iter().filter(|state| state.row > 0).map(|state| (state.code.clone(), state.row)).collect();
    Ok(UnderWay { pending, rows })
}

fn nothing(days: DaySpan) -> Refolded {
    let (keep, wrong, forget) = (Vec::new(), Vec::new(), Vec::new());
    Refolded { days, outcome: Outcome::default(), keep, wrong, forget, given: BTreeMap::new() }
}

/// With the whole periods of goals and guards that may be decided by now: what they come to may turn on any day of them.
fn with_decided(basis: Basis<'_>, days: DaySpan) -> Result<DaySpan, FoldError> {
    let Some(newest) = basis.timeline.newest() else { return Ok(days) };
    let pers = decided_at_end(basis.timeline);
    let mut whole = days;
    loop {
        let before = whole;
        for per in pers.iter().copied() {
            if Stretch::of(&newest.programme.calendar, per, whole.first)?.until <= basis.as_of {
                let span = widened(basis.timeline, basis.season, whole, [per])?;
                whole = DaySpan { first: whole.first.min(span.first), until: whole.until.max(span.until) };
            }
        }
        // The first day of a month may lie within a week that is decided, too.
        if whole.first == before.first {
            return Ok(whole);
        }
    }
}

/// The kinds of period at whose end any version decides something for a person.
fn decided_at_end(timeline: &Timeline) -> BTreeSet<Per> {
    let mut pers = BTreeSet::new();
    for rule in timeline.rules() {
        match &rule.pattern {
            Pattern::TeamGoal(..) => continue,
            Pattern::Goal(goal) if goal.decided == Decided::AtEnd => drop(pers.insert(goal.per)),
            _ => {}
        }
        pers.extend(rule.guard.as_ref().map(|guard| guard.goal.per));
    }
    pers
}

/// What was granted for a case of a rule.
type Cases = HashMap<(Code, String), Used>;

/// Folding on its way.
struct Run<'a> {
    basis: Basis<'a>,
    states: Fold<'a, ()>,
    shape: i64,
    wanted: DaySpan,
    /// The next day to fold.
    next: NaiveDate,
    /// Of which cases it is known what was granted before the first day; none if everything is folded.
    known_cases: Option<BTreeSet<String>>,
    /// What was granted by case before the first day, and since then: by this fold, and by what is kept.
    cases_before: Cases,
    cases_now: Cases,
    cases_kept: Cases,
    refolded: Refolded,
}

impl<'a> Run<'a> {
    /// Stands at the end of the last day kept before the first that is wanted; where none of the shape is, at the
    /// season's start.
    fn open<S: Source>(
        basis: Basis<'a>,
        shape: i64,
        wanted: DaySpan,
        source: &mut S,
    ) -> Result<Option<Self>, S::Error> {
        let Some(states) = Fold::start(basis, ()) else { return Ok(None) };
        let mut run = Self {
            basis,
            states,
            shape,
            wanted,
            next: basis.season.first_day,
            known_cases: None,
            cases_before: Cases::new(),
            cases_now: Cases::new(),
            cases_kept: Cases::new(),
            refolded: nothing(wanted),
        };
        let kept = source.last_before(wanted.first)?.filter(|kept| kept.shape == shape);
        let kept = kept.and_then(|kept| Some((kept.day, decoded::<SavedRules>(&kept.state)?)));
        if let Some((day, rules)) = kept {
            run.states.resume(day, rules)?;
            run.known_cases = basis.timeline.limits_by_case().then(BTreeSet::new);
            run.next = wanted.first;
        }
        run.refolded.days.first = run.next;
        Ok(Some(run))
    }

    /// Looks up what was granted, before the first day, for cases that have not been met so far.
    fn learn_cases<S: Source>(&mut self, read: &DaysRead, source: &mut S) -> Result<(), S::Error> {
        let Some(known) = &mut self.known_cases else { return Ok(()) };
        let of_evidence = read.evidence.iter().filter_map(|one| one.content.case.clone());
        let of_kept = read.kept.iter().filter_map(|kept| decoded::<CaseUse>(&kept.cases));
        let of_kept = of_kept.flat_map(CaseUse::into_values).flat_map(HashMap::into_keys);
        let new: BTreeSet<String> = of_evidence.chain(of_kept).filter(|case| !known.contains(case)).collect();
        if new.is_empty() {
            return Ok(());
        }
        let mut by_rule = CaseUse::new();
        for text in source.cases_before(self.wanted.first, &new)? {
            for (code, mut cases) in decoded::<CaseUse>(&text).unwrap_or_default() {
                cases.retain(|case, _| new.contains(case));
                by_rule.entry(code).or_default().extend(cases);
            }
        }
        known.extend(new);
        self.cases_before.extend(flat(by_rule.clone()));
        self.states.learn_cases(by_rule);
        Ok(())
    }

    /// Folds what is wanted, and on until the state meets the one kept or the season ends.
    fn fold<S: Source>(&mut self, all: bool, source: &mut S) -> Result<(), S::Error> {
        let season_end = self.basis.season.until_day;
        while self.next < season_end {
            let read = source.days_from(self.next)?;
            self.learn_cases(&read, source)?;
            let days = self.by_day(&read.evidence);
            let mut kept: BTreeMap<NaiveDate, SavedDay> = read.kept.into_iter().map(|kept| (kept.day, kept)).collect();
            let all_days: BTreeSet<NaiveDate> = days.keys().chain(kept.keys()).copied().collect();
            for day in all_days {
                let met = self.one_day(day, days.get(&day).map(Vec::as_slice), kept.remove(&day))?;
                let next = day.succ_opt().unwrap_or(season_end);
                if met && !all && next >= self.wanted.until && !self.states.waits_beyond(self.start_of(next)) {
                    self.refolded.days.until = next;
                    return Ok(());
                }
            }
            self.next = read.until;
        }
        self.refolded.days.until = season_end;
        Ok(())
    }

    fn start_of(&self, day: NaiveDate) -> Instant {
        let newest = self.basis.timeline.newest();
        newest.map_or(self.basis.season.until, |newest| newest.programme.calendar.zone.start_of(day))
    }

    fn by_day<'e>(&self, evidence: &'e [Evidence]) -> BTreeMap<NaiveDate, Vec<&'e Evidence>> {
        let mut days: BTreeMap<NaiveDate, Vec<&Evidence>> = BTreeMap::new();
        let Some(newest) = self.basis.timeline.newest() else { return days };
        let zone = &newest.programme.calendar.zone;
        let (mut day, mut tomorrow) = (self.basis.season.first_day, self.basis.season.from);
        for one in in_order(self.basis, evidence) {
            // Asks the calendar once a day, not once a signal.
            if one.content.occurred_at >= tomorrow {
                day = zone.local(one.content.occurred_at).0;
                tomorrow = day.succ_opt().map_or(self.basis.season.until, |next| zone.start_of(next));
            }
            days.entry(day).or_default().push(one);
        }
        days
    }

    /// Folds a day, and tells whether its end is the one kept.
    fn one_day(
        &mut self,
        day: NaiveDate,
        evidence: Option<&[&Evidence]>,
        kept: Option<SavedDay>,
    ) -> Result<bool, FoldError> {
        if let Some(kept) = &kept {
            for (code, part, team, sums) in given_of(kept) {
                *self.refolded.given.entry((code, part, team, day)).or_default() += -sums;
            }
            self.cases_kept.extend(flat(decoded(&kept.cases).unwrap_or_default()));
        }
        let Some(evidence) = evidence else {
            self.refolded.forget.push(day);
            return Ok(false);
        };
        for one in evidence {
            self.states.take(one)?;
        }
        let cases = self.states.cases_of_today();
        let now = self.saved(day, &cases);
        for ((code, part, team), sums) in self.states.given_today() {
            *self.refolded.given.entry((code.clone(), *part, *team, day)).or_default() += *sums;
        }
        self.cases_now.extend(flat(cases));
        let alike = kept.as_ref().is_some_and(|kept| kept.shape == now.shape && kept.state == now.state);
        if kept.as_ref() != Some(&now) {
            if kept.is_none_or(|kept| kept.shape == now.shape) {
                self.refolded.wrong.push(day);
            }
            self.refolded.keep.push(now);
        }
        Ok(alike && self.cases_meet())
    }

    /// The end of the day the fold stands at.
    fn saved(&self, day: NaiveDate, cases: &CaseUse) -> SavedDay {
        let rules = self.states.saved();
        let lines = self.states.given_today().iter();
        let given: Vec<GivenLine> =
            lines.map(|((code, part, team), sums)| (code.clone(), *part, *team, *sums)).collect();
        SavedDay {
            day,
            shape: self.shape,
            state: encoded(&rules, rules.is_empty()),
            cases: encoded(&sorted(cases), cases.is_empty()),
            given: encoded(&given, given.is_empty()),
        }
    }

    /// Whether by now the same was granted by case as is kept.
    fn cases_meet(&self) -> bool {
        let at = |since: &Cases, key: &(Code, String)| since.get(key).or_else(|| self.cases_before.get(key)).copied();
        let mut changed = self.cases_now.keys().chain(self.cases_kept.keys());
        changed.all(|key| at(&self.cases_now, key) == at(&self.cases_kept, key))
    }

    /// Decides what ended, and keeps of all awards those of the days that were folded.
    fn finish(mut self) -> Result<Refolded, FoldError> {
        let (from, until) = (self.start_of(self.refolded.days.first), self.start_of(self.refolded.days.until));
        self.states.close(until)?;
        let within = |award: &Award| from <= award.content.at && award.content.at < until;
        self.refolded.outcome = self.states.outcome;
        self.refolded.outcome.awards.retain(within);
        self.refolded.outcome.pending.retain(within);
        self.refolded.given.retain(|_, sums| !sums.is_empty());
        Ok(self.refolded)
    }
}

fn flat(cases: CaseUse) -> impl Iterator<Item = ((Code, String), Used)> {
    let of_rule = |(code, cases): (Code, HashMap<String, Used>)| {
        cases.into_iter().map(move |(case, used)| ((code.clone(), case), used))
    };
    cases.into_iter().flat_map(of_rule)
}

/// In one order, so that equal ones have equal texts.
fn sorted(cases: &CaseUse) -> BTreeMap<&Code, BTreeMap<&String, &Used>> {
    cases.iter().map(|(code, cases)| (code, cases.iter().collect())).collect()
}
