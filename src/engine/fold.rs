//! From evidence to awards: what one programme awards one person in one season.
//!
//! Pure: what it may read is in its arguments (SEMANTICS S1). It knows no ledger, no other season and no clock.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::goals::{self, Verdicts};
use super::judge::{self, Moment};
use super::state::{CaseUse, RuleState, Running, SavedRules};
use super::timeline::{InForce, Timeline};
use super::walk::{NoPeriod, Stretch, Walk};
use super::watch::Watch;
use crate::domain::award::Award;
use crate::domain::ids::{Code, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::period::{Calendar, Per, Period};
use crate::domain::points::Overflow;
use crate::domain::programme::goal::{Part, Sums};
use crate::domain::programme::limit::{Kept, Tally};
use crate::domain::programme::{Pattern, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// A season's points left 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// The season is not of the programme's calendar.
    #[error(transparent)]
    NoPeriod(#[from] NoPeriod),
}

/// What a fold comes to, in no particular order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outcome {
    /// What is awarded.
    pub awards: Vec<Award>,
    /// What will be, if its guard holds (SEMANTICS S25).
    pub pending: Vec<Award>,
}

/// What a person's day adds to the goals of teams, by rule, part and team.
pub type Given = BTreeMap<(Code, Part, TeamId), Sums>;

/// All that a fold reads besides signals.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    /// The programme's versions.
    pub timeline: &'a Timeline,
    /// The season.
    pub season: &'a Period,
    /// The person.
    pub facts: &'a PersonFacts,
    /// Up to when what is decided by time is decided (SEMANTICS S5).
    pub as_of: Instant,
}

/// The awards of a person in a season.
///
/// `signals` are live ones in any order: the fold reads them in [`Evidence::fold_order`], each source and key once.
/// What is about another person or happened outside the season is passed over.
pub fn awards(basis: Basis<'_>, signals: &[Evidence]) -> Result<Outcome, FoldError> {
    watched(basis, signals, ())
}

/// The same, with somebody looking on.
pub fn watched<W: Watch>(basis: Basis<'_>, signals: &[Evidence], watch: W) -> Result<Outcome, FoldError> {
    let Some(mut fold) = Fold::start(basis, watch) else { return Ok(Outcome::default()) };
    for evidence in in_order(basis, signals) {
        fold.take(evidence)?;
    }
    fold.close(basis.season.until)?;
    Ok(fold.outcome)
}

/// The signals that concern a person's season, in the order of the fold.
pub(super) fn in_order<'e>(basis: Basis<'_>, signals: &'e [Evidence]) -> Vec<&'e Evidence> {
    let within = |at| basis.season.from <= at && at < basis.season.until;
    let concerns = |one: &&Evidence| one.content.agent == basis.facts.person && within(one.content.occurred_at);
    let mut ordered: Vec<&Evidence> = signals.iter().filter(concerns).collect();
    ordered.sort_by(|one, other| one.fold_order().cmp(&other.fold_order()));
    ordered
}

/// A fold on its way through a season.
pub(super) struct Fold<'a, W> {
    basis: Basis<'a>,
    calendar: &'a Calendar,
    walk: Walk<'a>,
    /// The version of the day it stands at.
    current: Option<Current<'a>>,
    /// Where in `states` a rule code has its state.
    places: BTreeMap<&'a Code, usize>,
    /// What is carried from signal to signal: one state for each rule code of any version.
    states: Vec<RuleState<'a>>,
    /// The places of goals and of guarded rules.
    timed: Vec<usize>,
    /// The places of streaks of days.
    day_rows: Vec<usize>,
    /// What the signal at hand has made.
    made: Vec<Award>,
    given: Given,
    pub(super) outcome: Outcome,
    watch: W,
}

/// A version in force, its rules sorted out by the kinds of signal that they look at.
struct Current<'a> {
    version: &'a InForce,
    /// In the order of the document.
    looks: BTreeMap<&'a str, Vec<Look<'a>>>,
}

/// A rule, or its guard, looks at a kind of signal.
#[derive(Clone, Copy)]
struct Look<'a> {
    rule: &'a Rule,
    place: usize,
    part: Part,
}

/// What all versions together say of a rule code.
#[derive(Default)]
struct Shape {
    kept: Kept,
    goal: Option<Per>,
    guard: Option<Per>,
    day_row: bool,
}

impl Shape {
    fn also(&mut self, rule: &Rule) {
        self.kept.also(rule);
        self.day_row |= matches!(rule.pattern, Pattern::DayStreak(_));
        if let Pattern::Goal(goal) = &rule.pattern {
            self.goal.get_or_insert(goal.per);
        }
        // The guard of a team's goal is the team's.
        if !matches!(rule.pattern, Pattern::TeamGoal(..))
            && let Some(guard) = &rule.guard
        {
            self.guard.get_or_insert(guard.goal.per);
        }
    }

    fn pers(&self) -> impl Iterator<Item = Per> {
        self.kept.pers.iter().copied().chain(self.goal).chain(self.guard)
    }

    fn fresh<'a>(&self, code: &'a Code, from: Instant) -> RuleState<'a> {
        RuleState {
            code,
            tally: Tally::new(&self.kept, from),
            row: 0,
            counted: false,
            goal: self.goal.map(Running::new),
            guard: self.guard.map(Running::new),
            held: Vec::new(),
        }
    }
}

impl<'a, W: Watch> Fold<'a, W> {
    /// Stands before the first signal of a season; none without a version.
    pub fn start(basis: Basis<'a>, watch: W) -> Option<Self> {
        let calendar = &basis.timeline.newest()?.programme.calendar;
        let mut shapes: BTreeMap<&Code, Shape> = BTreeMap::new();
        for rule in basis.timeline.rules() {
            shapes.entry(&rule.code).or_default().also(rule);
        }
        let pers = shapes.values().flat_map(Shape::pers).collect();
        let timed = |(place, shape): (usize, &Shape)| (shape.goal.is_some() || shape.guard.is_some()).then_some(place);
        Some(Self {
            basis,
            calendar,
            walk: Walk::new(calendar, basis.season, pers),
            current: None,
            places: shapes.keys().copied().zip(0..).collect(),
            day_rows: shapes.values().enumerate().filter(|(_, shape)| shape.day_row).map(|(place, _)| place).collect(),
            timed: shapes.values().enumerate().filter_map(timed).collect(),
            states: shapes.iter().map(|(code, shape)| shape.fresh(code, basis.season.from)).collect(),
            made: Vec::new(),
            given: Given::new(),
            outcome: Outcome::default(),
            watch,
        })
    }

    /// Goes on from the end of a day.
    pub fn resume(&mut self, day: NaiveDate, mut rules: SavedRules) -> Result<(), FoldError> {
        self.go_to(self.calendar.zone.start_of(day))?;
        for (code, place) in &self.places {
            if let Some(state) = self.states.get_mut(*place) {
                state.restore(rules.remove(*code).unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Takes note of what was granted for some cases before the day it stood at when it was resumed.
    pub fn learn_cases(&mut self, mut cases: CaseUse) {
        for (code, place) in &self.places {
            if let (Some(state), Some(granted)) = (self.states.get_mut(*place), cases.remove(*code)) {
                state.tally.learn_cases(granted);
            }
        }
    }

    /// The states at the end of the day it stands at.
    pub fn saved(&self) -> SavedRules {
        let saved =
            self.places.iter().filter_map(|(code, place)| Some(((*code).clone(), self.states.get(*place)?.saved())));
        saved.filter(|(_, saved)| *saved != Default::default()).collect()
    }

    /// What was granted by case on the day it stands at, and what that comes to since the season's start.
    pub fn cases_of_today(&self) -> CaseUse {
        let today = |(code, place): (&&Code, &usize)| {
            let cases = self.states.get(*place)?.tally.cases_of_today().filter(|cases| !cases.is_empty())?;
            Some(((**code).clone(), cases.iter().map(|(case, used)| (case.clone(), *used)).collect()))
        };
        self.places.iter().filter_map(today).collect()
    }

    /// What the day it stands at has added to the goals of teams.
    pub fn given_today(&self) -> &Given {
        &self.given
    }

    /// Takes the next signal in fold order.
    pub fn take(&mut self, evidence: &Evidence) -> Result<(), FoldError> {
        let at = evidence.content.occurred_at;
        self.go_to(at)?;
        let Some(Current { version, looks }) = &self.current else { return Ok(()) };
        if !version.programme.audience.includes(self.basis.facts, at) {
            return Ok(());
        }
        let Some(local) = self.walk.local(at) else { return Ok(()) };
        // The kind comes last: its text is the first of the signal's to be fetched from memory, and with the others
        // close behind the fetches overlap.
        let Some(looks) = looks.get(evidence.content.kind.as_str()) else { return Ok(()) };
        let moment = Moment { version, evidence, local, facts: self.basis.facts, calendar: self.calendar };
        for Look { rule, place, part } in looks {
            let Some(state) = self.states.get_mut(*place) else { continue };
            match (part, &rule.pattern) {
                (Part::Goal, _) if rule.when.as_ref().is_some_and(|when| !when.holds(evidence, local)) => {}
                (part, Pattern::TeamGoal(..)) => judge::give(&mut self.given, &moment, rule, *part),
                (Part::Goal, _) => {
                    judge::selected(&moment, rule, state, &mut self.made, &mut self.watch)?;
                    let maker = state.maker(rule);
                    for award in self.made.drain(..) {
                        goals::earn(self.calendar, state, maker, (award, local.day), &mut self.outcome)?;
                    }
                }
                (Part::Guard, _) => judge::guarded(&moment, rule, state),
            }
        }
        Ok(())
    }

    /// Goes on to an instant, and begins its day if that is another.
    fn go_to(&mut self, at: Instant) -> Result<(), FoldError> {
        let before = self.walk.day();
        if self.walk.go_to(at)?
            && let Some(day) = self.walk.day()
        {
            self.begin_day(before, day)?;
        }
        Ok(())
    }

    fn begin_day(&mut self, before: Option<NaiveDate>, day: NaiveDate) -> Result<(), FoldError> {
        self.given.clear();
        for place in &self.timed {
            let Some(state) = self.states.get_mut(*place) else { continue };
            let verdicts = Verdicts { basis: self.basis, calendar: self.calendar };
            verdicts.roll(state, &self.walk, &mut self.outcome, &mut self.watch)?;
        }
        for state in &mut self.states {
            state.tally.begin_day(|per| self.walk.stretch(per).map(|stretch| stretch.until));
        }
        if let Some(before) = before {
            self.break_rows(before, day);
        }
        let version = self.basis.timeline.in_force(day);
        let number = |version: &InForce| version.version;
        if version.map(number) != self.current.as_ref().map(|current| number(current.version)) {
            self.current = version.map(|version| Current::new(version, &self.places));
        }
        Ok(())
    }

    /// Ends the rows of days in which a working day since `before` did not count (SEMANTICS S23).
    fn break_rows(&mut self, before: NaiveDate, day: NaiveDate) {
        let missed = |fold: &Self, from: NaiveDate| {
            from.iter_days().take_while(|one| *one < day).any(|one| fold.is_working_day(one))
        };
        let missed_before = !self.day_rows.is_empty() && missed(self, before);
        let missed_after = missed_before && before.succ_opt().is_some_and(|next| missed(self, next));
        for place in &self.day_rows {
            let Some(state) = self.states.get_mut(*place) else { continue };
            let missed = if std::mem::take(&mut state.counted) { missed_after } else { missed_before };
            if missed {
                self.watch.broken(state.code);
                state.row = 0;
            }
        }
    }

    fn is_working_day(&self, day: NaiveDate) -> bool {
        use chrono::Datelike;
        let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
        let version = self.basis.timeline.in_force(day);
        version.is_some_and(|version| version.programme.working_days.get(weekday) == Some(&true))
            && !self.basis.facts.is_off(day)
            && self.calendar.zone.has(day)
    }

    /// Whether an award of before `until` waits for a guard that is decided, but by days from `until` on, too.
    pub fn waits_beyond(&self, until: Instant) -> bool {
        let decided = |waiting: &Stretch| until < waiting.until && waiting.until <= self.basis.as_of;
        self.states.iter().flat_map(|state| &state.held).any(|(_, waiting)| decided(waiting))
    }

    /// Goes on to `at`, which is not before the last signal taken, so that states are those of its day.
    pub fn advance(&mut self, at: Instant) -> Result<(), FoldError> {
        self.go_to(at)
    }

    /// How the rules stand, by code.
    pub fn states(&self) -> &[RuleState<'a>] {
        &self.states
    }

    /// Decides what ends until `until`.
    pub fn close(&mut self, until: Instant) -> Result<(), FoldError> {
        for place in &self.timed {
            let Some(state) = self.states.get_mut(*place) else { continue };
            let verdicts = Verdicts { basis: self.basis, calendar: self.calendar };
            verdicts.close(state, until, &mut self.outcome, &mut self.watch)?;
        }
        Ok(())
    }
}

impl<'a> Current<'a> {
    fn new(version: &'a InForce, places: &BTreeMap<&'a Code, usize>) -> Self {
        let mut looks: BTreeMap<&str, Vec<Look<'_>>> = BTreeMap::new();
        for rule in &version.programme.rules {
            // Every rule of the timeline has a place.
            let Some(place) = places.get(&rule.code).copied() else { continue };
            for kind in rule.on.iter().collect::<BTreeSet<_>>() {
                looks.entry(kind).or_default().push(Look { rule, place, part: Part::Goal });
            }
            for kind in rule.guard.iter().flat_map(|guard| &guard.on).collect::<BTreeSet<_>>() {
                looks.entry(kind).or_default().push(Look { rule, place, part: Part::Guard });
            }
        }
        Self { version, looks }
    }
}
