//! When time alone decides something: the ends of goals' and guards' periods, and of seasons, each with its grace.

use std::collections::BTreeSet;

use chrono::Days;

use super::fold::FoldError;
use super::goals::due;
use super::team::widened;
use super::timeline::Timeline;
use super::walk::Stretch;
use crate::domain::period::{Calendar, DaySpan, Per, Period};
use crate::domain::programme::{Decided, Goal, Pattern, Rule};
use crate::domain::time::Instant;

/// How far ahead the next moment is looked for: in a gap between custom seasons there is none.
const FAR: u64 = 800;

/// A moment that decides what a period came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// When.
    pub at: Instant,
    /// The period.
    pub stretch: Stretch,
}

/// The kinds of period that end with a decision, each with the days of grace, in any version.
fn kinds(timeline: &Timeline) -> BTreeSet<(Per, u16)> {
    let mut kinds = BTreeSet::new();
    for version in &timeline.versions {
        let grace = version.programme.grace_days;
        kinds.insert((Per::Season, grace));
        for rule in &version.programme.rules {
            kinds.extend(decided_at_end(rule).map(|goal| (goal.per, grace)));
            kinds.extend(rule.guard.iter().map(|guard| (guard.goal.per, grace)));
        }
    }
    kinds
}

/// The periods of a kind whose moment comes after `after`, in order, up to a stop.
fn following(calendar: &Calendar, (per, grace): (Per, u16), after: Instant) -> impl Iterator<Item = Due> {
    let today = calendar.zone.local(after).0;
    let mut day = today.checked_sub_days(Days::new(u64::from(grace) + 1)).unwrap_or(today);
    let end = today.checked_add_days(Days::new(FAR)).unwrap_or(today);
    std::iter::from_fn(move || {
        while day < end {
            let Ok(stretch) = Stretch::of(calendar, per, day) else {
                day = day.succ_opt()?;
                continue;
            };
            day = stretch.days.until;
            let at = due(calendar, stretch.days.until, grace);
            if at > after {
                return Some(Due { at, stretch });
            }
        }
        None
    })
}

/// What was decided after `after`, up to `until`. `after` is not so long ago that it would be looked at forever: more than
/// two years are cut into steps.
pub fn decided_between(timeline: &Timeline, after: Instant, until: Instant) -> Vec<Due> {
    let Some(newest) = timeline.newest() else { return Vec::new() };
    let calendar = &newest.programme.calendar;
    let mut found = Vec::new();
    for kind in kinds(timeline) {
        let mut from = after;
        loop {
            let step: Vec<Due> = following(calendar, kind, from).take_while(|due| due.at <= until).collect();
            let Some(last) = step.last().copied() else { break };
            found.extend(step);
            from = last.at;
        }
    }
    found
}

/// Whose evidence a due moment concerns: that of the period, and of the periods that end in it, whose goals are guarded
/// in it.
pub fn concerned(timeline: &Timeline, season: &Period, stretch: &Stretch) -> Result<DaySpan, FoldError> {
    let rules = timeline.rules();
    let pers: BTreeSet<Per> = rules.filter_map(|rule| decided_at_end(rule).map(|goal| goal.per)).collect();
    widened(timeline, season, stretch.days, pers)
}

fn decided_at_end(rule: &Rule) -> Option<&Goal> {
    match &rule.pattern {
        Pattern::Goal(goal) | Pattern::TeamGoal(goal, _) => Some(goal).filter(|goal| goal.decided == Decided::AtEnd),
        _ => None,
    }
}

/// The next moment after `after`.
pub fn next_after(timeline: &Timeline, after: Instant) -> Option<Instant> {
    let calendar = &timeline.newest()?.programme.calendar;
    kinds(timeline).into_iter().filter_map(|kind| following(calendar, kind, after).next()).map(|due| due.at).min()
}
