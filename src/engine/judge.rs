//! What one selected signal does to one rule: a claim, a step of a streak, progress of a goal.

use super::fold::{FoldError, Given};
use super::state::{RuleState, Running};
use super::timeline::InForce;
use super::watch::{GoalMet, Judging, Watch};
use crate::domain::award::{Award, AwardKey, Cause, Content, GoalCause};
use crate::domain::ids::Subject;
use crate::domain::people::PersonFacts;
use crate::domain::period::Calendar;
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::goal::{Part, Progress};
use crate::domain::programme::limit::Claim;
use crate::domain::programme::{Boost, Decided, Goal, Pattern, Repeat, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// A signal, and where and when it meets the rules.
pub(super) struct Moment<'m> {
    pub version: &'m InForce,
    pub evidence: &'m Evidence,
    pub local: LocalMoment,
    pub facts: &'m PersonFacts,
    pub calendar: &'m Calendar,
}

/// A rule has selected the signal: what that awards is added to `made`.
pub(super) fn selected<W: Watch>(
    moment: &Moment<'_>,
    rule: &Rule,
    state: &mut RuleState<'_>,
    made: &mut Vec<Award>,
    watch: &mut W,
) -> Result<(), FoldError> {
    let at = moment.evidence.content.occurred_at;
    let signal = Cause::Signal(moment.evidence.id);
    match &rule.pattern {
        Pattern::Each => {
            watch.selected(rule, moment.evidence, true);
            claim(moment, rule, state, (signal, at), made, watch)
        }
        Pattern::Streak(streak) => {
            let counts = streak.of.holds(moment.evidence, moment.local);
            watch.selected(rule, moment.evidence, counts);
            state.row = if counts { state.row.saturating_add(1) } else { 0 };
            if state.row < streak.length {
                return Ok(());
            }
            state.row = 0;
            claim(moment, rule, state, (signal, at), made, watch)
        }
        Pattern::DayStreak(streak) => {
            let counts = !state.counted && streak.of.holds(moment.evidence, moment.local);
            watch.selected(rule, moment.evidence, counts);
            if !counts {
                return Ok(());
            }
            (state.counted, state.row) = (true, state.row.saturating_add(1));
            if state.row < streak.length {
                return Ok(());
            }
            state.row = 0;
            let day = moment.local.day;
            claim(moment, rule, state, (Cause::Day(day), moment.calendar.zone.start_of(day)), made, watch)
        }
        Pattern::Goal(goal) => {
            watch.selected(rule, moment.evidence, true);
            if let Some(running) = &mut state.goal {
                progress(moment, goal, running, made, watch);
            }
            Ok(())
        }
        Pattern::TeamGoal(..) => Ok(()),
    }
}

/// Judges a claim: points, boost, limits (SEMANTICS S21).
fn claim<W: Watch>(
    moment: &Moment<'_>,
    rule: &Rule,
    state: &mut RuleState<'_>,
    (cause, at): (Cause, Instant),
    made: &mut Vec<Award>,
    watch: &mut W,
) -> Result<(), FoldError> {
    let content = &moment.evidence.content;
    let exact = rule.award.points.as_ref().map(|formula| formula.base(content));
    let boost = largest_boost(moment, rule);
    let boosted = exact.map_or(Points::ZERO, |exact| match boost {
        Some(boost) => exact.boosted(boost.factor).rounded(),
        None => exact.rounded(),
    });
    let claim = Claim { at, case: content.case.as_deref(), points: boosted, badge: rule.award.badge.is_some() };
    let base = exact.map_or(Points::ZERO, |exact| exact.rounded());
    let Moment { version, evidence, local, .. } = *moment;
    let before = watch.looks_at(rule, evidence).then(|| state.tally.clone());
    let granted = state.tally.grant(rule, &claim)?;
    watch.granted(rule, &claim, granted);
    if let Some(tally) = &before {
        watch.judged(&Judging { rule, version, evidence, local, base, boost, claim, tally }, granted);
    }
    made.extend(granted.map(|points| Award {
        key: AwardKey { rule: rule.code.clone(), subject: Subject::Person(moment.facts.person), cause },
        content: Content { points, badge: rule.award.badge.clone(), at, version: version.version },
    }));
    Ok(())
}

/// The boost in force with the largest factor; of equals the first in the document.
fn largest_boost<'m>(moment: &Moment<'m>, rule: &Rule) -> Option<&'m Boost> {
    let (day, evidence) = (moment.local.day, moment.evidence);
    let applies = |boost: &&Boost| {
        boost.from <= day
            && day < boost.until
            && boost.rules.contains(&rule.code)
            && boost.when.as_ref().is_none_or(|when| when.holds(evidence, moment.local))
    };
    let boosts = moment.version.programme.boosts.iter().filter(applies);
    boosts.reduce(|largest, boost| if boost.factor > largest.factor { boost } else { largest })
}

/// A selected signal brings a goal forward, and meets it, perhaps.
fn progress<W: Watch>(
    moment: &Moment<'_>,
    goal: &Goal,
    running: &mut Running<'_>,
    made: &mut Vec<Award>,
    watch: &mut W,
) {
    let Some((terms, stretch)) = running.terms.zip(running.stretch) else { return };
    let once = terms.goal.repeat == Repeat::Once && terms.goal.decided == Decided::WhenReached;
    if once && running.met > 0 {
        // Nothing that follows changes anything: two folds that stand here stand alike.
        return;
    }
    running.progress.take(goal, moment.evidence, moment.local);
    if terms.goal.decided == Decided::AtEnd {
        return;
    }
    let times = terms.goal.times(&running.progress);
    while running.met < times {
        running.met += 1;
        let cause = GoalCause { per: running.per, first_day: stretch.days.first, n: running.met };
        let at = moment.evidence.content.occurred_at;
        let subject = Subject::Person(moment.facts.person);
        let award = terms.award(&running.progress, subject, Cause::Goal(cause), at);
        if let Some(award) = award {
            let met = GoalMet {
                rule: terms.rule,
                version: terms.version,
                goal: terms.goal,
                progress: &running.progress,
                award: &award,
            };
            watch.goal_met(&met);
            made.push(award);
        }
    }
    if once && running.met > 0 {
        running.progress = Progress::default();
    }
}

/// A signal of a kind that a rule's guard looks at.
pub(super) fn guarded(moment: &Moment<'_>, rule: &Rule, state: &mut RuleState<'_>) {
    if let Some((guard, running)) = rule.guard.as_ref().zip(state.guard.as_mut()) {
        running.progress.take(&guard.goal, moment.evidence, moment.local);
    }
}

/// A signal of a member adds to a team's goal, or to its guard (SEMANTICS S27).
pub(super) fn give(given: &mut Given, moment: &Moment<'_>, rule: &Rule, part: Part) {
    let goal = match (part, &rule.pattern, &rule.guard) {
        (Part::Goal, Pattern::TeamGoal(goal, _), _) => goal,
        (Part::Guard, _, Some(guard)) => &guard.goal,
        _ => return,
    };
    let Some(home) = moment.facts.belonging_at(moment.evidence.content.occurred_at) else { return };
    let sums = given.entry((rule.code.clone(), part, home.team)).or_default();
    *sums += goal.sums_of(moment.evidence, moment.local);
}
