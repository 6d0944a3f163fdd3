//! Deciding what a period's end decides: goals, and awards that wait for their guard.

use chrono::{Days, NaiveDate, TimeDelta};

use super::fold::{Basis, FoldError, Outcome};
use super::state::{RuleState, Running, Terms};
use super::timeline::Timeline;
use super::walk::{Stretch, Walk};
use super::watch::{GoalMet, Guarding, Verdict, Watch};
use crate::domain::award::{Award, AwardKey, Cause, Content, GoalCause};
use crate::domain::ids::{Code, Subject};
use crate::domain::period::Calendar;
use crate::domain::points::Points;
use crate::domain::programme::goal::{Part, Progress};
use crate::domain::programme::{Decided, Pattern, Programme, Rule};
use crate::domain::time::Instant;

/// When what is decided at the end of some days, and `grace_days` after it, is.
pub fn due(calendar: &Calendar, until: NaiveDate, grace_days: u16) -> Instant {
    calendar.zone.start_of(until.checked_add_days(Days::new(grace_days.into())).unwrap_or(until))
}

/// By what a rule's goal, or the goal of its guard, is judged in a period (SEMANTICS S29).
pub(super) fn terms<'a>(timeline: &'a Timeline, code: &Code, part: Part, stretch: &Stretch) -> Option<Terms<'a>> {
    let pick = |programme: &'a Programme| -> Option<(&'a Programme, &'a Rule, &'a crate::domain::programme::Goal)> {
        let rule = programme.rules.iter().find(|rule| rule.code == *code)?;
        let goal = match (part, &rule.pattern) {
            (Part::Goal, Pattern::Goal(goal) | Pattern::TeamGoal(goal, _)) => goal,
            (Part::Guard, _) => &rule.guard.as_ref()?.goal,
            _ => return None,
        };
        Some((programme, rule, goal))
    };
    let (version, (programme, rule, goal)) = timeline.first_with(stretch.days, pick)?;
    let due = due(&programme.calendar, stretch.days.until, programme.grace_days);
    Some(Terms { version: version.version, rule, goal, due })
}

impl Terms<'_> {
    /// What the goal awards at what it has come to; none if that is neither points nor a badge.
    pub(super) fn award(&self, progress: &Progress, subject: Subject, cause: Cause, at: Instant) -> Option<Award> {
        let value = self.goal.value(progress)?.rounded();
        let terms = &self.rule.award;
        let points = terms.points.as_ref().map_or(Points::ZERO, |formula| formula.of_goal(value).rounded());
        (points > Points::ZERO || terms.badge.is_some()).then(|| Award {
            key: AwardKey { rule: self.rule.code.clone(), subject, cause },
            content: Content { points, badge: terms.badge.clone(), at, version: self.version },
        })
    }
}

/// When the guard of an award is decided. Where no version of the guard's period has it, it waits as the version that made
/// the award says.
pub(super) fn guard_due(
    timeline: &Timeline,
    calendar: &Calendar,
    terms: Option<Terms<'_>>,
    award: &Award,
    stretch: &Stretch,
) -> Instant {
    let maker = || timeline.versions.iter().find(|one| one.version == award.content.version);
    let grace = || maker().map_or(0, |version| version.programme.grace_days);
    terms.map_or_else(|| due(calendar, stretch.days.until, grace()), |terms| terms.due)
}

/// The last instant of a period.
pub(super) fn last_instant(stretch: &Stretch) -> Instant {
    stretch.until - TimeDelta::microseconds(1)
}

/// Takes what a rule has made: it is awarded, or waits for its guard. `day` is the local day of its instant.
pub(super) fn earn(
    calendar: &Calendar,
    state: &mut RuleState<'_>,
    rule: &Rule,
    (award, day): (Award, NaiveDate),
    outcome: &mut Outcome,
) -> Result<(), FoldError> {
    let Some(guard) = &rule.guard else {
        outcome.awards.push(award);
        return Ok(());
    };
    let current = state.guard.as_ref().and_then(|running| running.stretch);
    let stretch = match current.filter(|stretch| stretch.days.contains(day)) {
        Some(stretch) => stretch,
        None => Stretch::of(calendar, guard.goal.per, day)?,
    };
    state.held.push((award, stretch));
    Ok(())
}

/// Decides, for one person's season.
#[derive(Clone, Copy)]
pub(super) struct Verdicts<'a> {
    pub basis: Basis<'a>,
    pub calendar: &'a Calendar,
}

impl<'a> Verdicts<'a> {
    /// Goes on to the periods that the walk stands in, deciding those that are left.
    pub fn roll<W: Watch>(
        self,
        state: &mut RuleState<'a>,
        walk: &Walk<'_>,
        outcome: &mut Outcome,
        watch: &mut W,
    ) -> Result<(), FoldError> {
        let entered = |running: &Running<'_>| walk.stretch(running.per).filter(|next| running.stretch != Some(*next));
        if let Some(next) = state.goal.as_ref().and_then(entered) {
            self.decide(state, outcome, watch)?;
            state.goal = Some(self.running(state.code, Part::Goal, next));
        }
        if let Some(next) = state.guard.as_ref().and_then(entered) {
            let left: Vec<_> = state.held.extract_if(.., |(_, stretch)| *stretch != next).collect();
            self.release(state, left, outcome, watch);
            state.guard = Some(self.running(state.code, Part::Guard, next));
        }
        Ok(())
    }

    /// Decides what ends until `until`; what still waits is pending.
    pub fn close<W: Watch>(
        self,
        state: &mut RuleState<'a>,
        until: Instant,
        outcome: &mut Outcome,
        watch: &mut W,
    ) -> Result<(), FoldError> {
        let ended = |running: &Running<'_>| running.stretch.is_some_and(|stretch| stretch.until <= until);
        if state.goal.as_ref().is_some_and(ended) {
            self.decide(state, outcome, watch)?;
        }
        let left: Vec<_> = state.held.extract_if(.., |(_, stretch)| stretch.until <= until).collect();
        self.release(state, left, outcome, watch);
        outcome.pending.extend(state.held.drain(..).map(|(award, _)| award));
        Ok(())
    }

    fn running(self, code: &Code, part: Part, stretch: Stretch) -> Running<'a> {
        let terms = terms(self.basis.timeline, code, part, &stretch);
        Running { stretch: Some(stretch), terms, ..Running::new(stretch.per) }
    }

    /// What a goal that is decided at its period's end comes to.
    fn decide<W: Watch>(
        self,
        state: &mut RuleState<'a>,
        outcome: &mut Outcome,
        watch: &mut W,
    ) -> Result<(), FoldError> {
        let Some(running) = &state.goal else { return Ok(()) };
        let Some((terms, stretch)) = running.terms.zip(running.stretch) else { return Ok(()) };
        if terms.goal.decided == Decided::WhenReached || terms.due > self.basis.as_of {
            return Ok(());
        }
        let subject = Subject::Person(self.basis.facts.person);
        let award = |n| {
            let cause = Cause::Goal(GoalCause { per: running.per, first_day: stretch.days.first, n });
            terms.award(&running.progress, subject, cause, last_instant(&stretch))
        };
        let made: Vec<Award> = (1..=terms.goal.times(&running.progress)).filter_map(award).collect();
        for award in &made {
            let Terms { version, rule, goal, .. } = terms;
            watch.goal_met(&GoalMet { rule, version, goal, progress: &running.progress, award });
        }
        let last_day = stretch.days.until.pred_opt().unwrap_or(stretch.days.first);
        for award in made {
            earn(self.calendar, state, terms.rule, (award, last_day), outcome)?;
        }
        Ok(())
    }

    /// Writes what waited if its guard holds, or keeps it pending before that is decided. A guard's period without a
    /// signal has too few samples, and holds.
    fn release<W: Watch>(
        self,
        state: &RuleState<'a>,
        left: Vec<(Award, Stretch)>,
        outcome: &mut Outcome,
        watch: &mut W,
    ) {
        let nothing = Progress::default();
        for (award, stretch) in left {
            let current = state.guard.as_ref().filter(|running| running.stretch == Some(stretch));
            let terms = match current {
                Some(running) => running.terms,
                None => terms(self.basis.timeline, state.code, Part::Guard, &stretch),
            };
            let due = guard_due(self.basis.timeline, self.calendar, terms, &award, &stretch);
            let holds = current.zip(terms).is_none_or(|(running, terms)| terms.goal.holds(&running.progress));
            let verdict = match (due > self.basis.as_of, holds) {
                (true, _) => Verdict::Waits,
                (false, true) => Verdict::Holds,
                (false, false) => Verdict::Fails,
            };
            let goal = terms.map(|terms| terms.goal);
            let progress = current.map_or(&nothing, |running| &running.progress);
            watch.guarded(&Guarding { award: &award, goal, progress, stretch, due, verdict });
            match verdict {
                Verdict::Waits => outcome.pending.push(award),
                Verdict::Holds => outcome.awards.push(award),
                Verdict::Fails => {}
            }
        }
    }
}
