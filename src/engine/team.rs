//! What a team's goals award, to the team or to its members (SEMANTICS S27).
//!
//! Reads sums by rule and local day in place of signals: what each member's day has given, taken together.

use std::collections::BTreeSet;

use super::fold::{FoldError, Outcome};
use super::goals::{guard_due, last_instant, terms};
use super::state::Terms;
use super::timeline::Timeline;
use super::walk::Stretch;
use crate::domain::award::{Award, Cause, GoalCause};
use crate::domain::ids::{Code, Subject, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::period::{Calendar, DaySpan, Per, Period};
use crate::domain::programme::goal::{DaySums, Part, Progress, Sums};
use crate::domain::programme::{Decided, Pattern, Rule, TeamPayee};
use crate::domain::standing::member_days;
use crate::domain::time::{Instant, Interval};
use chrono::{NaiveDate, TimeDelta};

/// All that a team's fold reads besides its sums.
#[derive(Debug, Clone, Copy)]
pub struct TeamBasis<'a> {
    /// The programme's versions.
    pub timeline: &'a Timeline,
    /// The season.
    pub season: &'a Period,
    /// The team.
    pub team: TeamId,
    /// Whoever was ever a member of it, with all their facts.
    pub members: &'a [PersonFacts],
    /// Up to when what is decided by time is decided (SEMANTICS S5).
    pub as_of: Instant,
}

/// The kinds of period that goals of teams, and their guards, have in any version.
fn pers(timeline: &Timeline) -> BTreeSet<Per> {
    let rules = timeline.rules();
    let of_rule = |rule: &Rule| match &rule.pattern {
        Pattern::TeamGoal(goal, _) => vec![Some(goal.per), rule.guard.as_ref().map(|guard| guard.goal.per)],
        _ => Vec::new(),
    };
    rules.flat_map(of_rule).flatten().collect()
}

/// Whether any version has a goal of teams.
pub fn has_team_goals(timeline: &Timeline) -> bool {
    !pers(timeline).is_empty()
}

/// Whether any version's goal of teams rewards members.
pub fn rewards_members(timeline: &Timeline) -> bool {
    let mut rules = timeline.rules();
    rules.any(|rule| matches!(rule.pattern, Pattern::TeamGoal(_, TeamPayee::Members { .. })))
}

/// Whether none of the teams' goals, nor their guards, whose periods some days lie in is decided yet.
pub fn is_undecided(timeline: &Timeline, days: DaySpan, as_of: Instant) -> Result<bool, FoldError> {
    let Some(newest) = timeline.newest() else { return Ok(true) };
    let mut rules = timeline.rules();
    let at_once = |rule: &Rule| match &rule.pattern {
        Pattern::TeamGoal(goal, _) => goal.decided == Decided::WhenReached && rule.guard.is_none(),
        _ => false,
    };
    if rules.any(at_once) {
        return Ok(false);
    }
    for per in pers(timeline) {
        if Stretch::of(&newest.programme.calendar, per, days.first)?.until <= as_of {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Some days of a season, with the rest of all periods of teams' goals that they lie in.
pub fn whole_periods(timeline: &Timeline, season: &Period, days: DaySpan) -> Result<DaySpan, FoldError> {
    widened(timeline, season, days, pers(timeline))
}

/// Some days of a season, with the rest of all periods of some kinds that they lie in.
pub(super) fn widened(
    timeline: &Timeline,
    season: &Period,
    days: DaySpan,
    pers: impl IntoIterator<Item = Per>,
) -> Result<DaySpan, FoldError> {
    let Some(newest) = timeline.newest() else { return Ok(days) };
    let calendar = &newest.programme.calendar;
    let (first, last) = (days.first.max(season.first_day), days.until.min(season.until_day).pred_opt());
    let mut whole = days;
    for per in pers {
        whole.first = whole.first.min(Stretch::of(calendar, per, first)?.days.first);
        if let Some(last) = last.filter(|last| *last >= first) {
            whole.until = whole.until.max(Stretch::of(calendar, per, last)?.days.until);
        }
    }
    Ok(whole)
}

/// The awards of a team's goals whose instants lie in `days`, in no particular order. `sums` are complete for all
/// periods that these days lie in.
pub fn awards(basis: TeamBasis<'_>, sums: &DaySums, days: DaySpan) -> Result<Outcome, FoldError> {
    let mut outcome = Outcome::default();
    let Some(newest) = basis.timeline.newest() else { return Ok(outcome) };
    let calendar = &newest.programme.calendar;
    let mut seen: BTreeSet<(&Code, NaiveDate)> = BTreeSet::new();
    for (code, part, day) in sums.keys() {
        let Some(per) = per_of(basis.timeline, code).filter(|_| *part == Part::Goal) else { continue };
        let stretch = Stretch::of(calendar, per, *day)?;
        if !seen.insert((code, stretch.days.first)) {
            continue;
        }
        let Some(terms) = terms(basis.timeline, code, Part::Goal, &stretch) else { continue };
        let team = TeamFold { basis, calendar, sums };
        for (award, day) in team.made(code, &stretch, terms) {
            if days.contains(day) {
                team.judge(code, terms, (award, day), &mut outcome)?;
            }
        }
    }
    Ok(outcome)
}

/// The kind of period of a rule's goal: all versions have the same (SEMANTICS S2).
fn per_of(timeline: &Timeline, code: &Code) -> Option<Per> {
    let mut rules = timeline.rules().filter(|rule| rule.code == *code);
    rules.find_map(|rule| match &rule.pattern {
        Pattern::TeamGoal(goal, _) => Some(goal.per),
        _ => None,
    })
}

fn of_days(sums: &DaySums, code: &Code, part: Part, days: DaySpan) -> impl Iterator<Item = (NaiveDate, Sums)> {
    let (from, until) = ((code.clone(), part, days.first), (code.clone(), part, days.until));
    sums.range(from..until).map(|((_, _, day), sums)| (*day, *sums))
}

/// What a team's sums of some days come to.
pub(super) fn progress(sums: &DaySums, code: &Code, part: Part, days: DaySpan) -> Progress {
    let mut total = Sums::default();
    of_days(sums, code, part, days).for_each(|(_, sums)| total += sums);
    total.into()
}

struct TeamFold<'a> {
    basis: TeamBasis<'a>,
    calendar: &'a Calendar,
    sums: &'a DaySums,
}

impl TeamFold<'_> {
    fn of_days(&self, code: &Code, part: Part, days: DaySpan) -> impl Iterator<Item = (NaiveDate, Sums)> {
        of_days(self.sums, code, part, days)
    }

    fn progress(&self, code: &Code, part: Part, days: DaySpan) -> Progress {
        progress(self.sums, code, part, days)
    }

    /// What a goal comes to in a period, each with the local day of its instant.
    fn made(&self, code: &Code, stretch: &Stretch, terms: Terms<'_>) -> Vec<(Award, NaiveDate)> {
        let Pattern::TeamGoal(_, payee) = &terms.rule.pattern else { return Vec::new() };
        let cause = |n| GoalCause { per: stretch.per, first_day: stretch.days.first, n };
        let team = Subject::Team(self.basis.team);
        if terms.goal.decided == Decided::WhenReached {
            let (mut total, mut met, mut made) = (Sums::default(), 0, Vec::new());
            for (day, sums) in self.of_days(code, Part::Goal, stretch.days) {
                total += sums;
                let progress = Progress::from(total);
                while met < terms.goal.times(&progress) {
                    met += 1;
                    let at = self.calendar.zone.start_of(day);
                    made.extend(terms.award(&progress, team, Cause::Goal(cause(met)), at).map(|award| (award, day)));
                }
            }
            return made;
        }
        if terms.due > self.basis.as_of {
            return Vec::new();
        }
        let progress = self.progress(code, Part::Goal, stretch.days);
        let (at, day) = (last_instant(stretch), stretch.days.until.pred_opt().unwrap_or(stretch.days.first));
        let subjects = match payee {
            TeamPayee::Team => vec![(team, Cause::Goal(cause(0)))],
            TeamPayee::Members { min_days } => {
                let members = self.members(stretch, *min_days).into_iter();
                members.map(|member| (member, Cause::TeamGoal(self.basis.team, cause(0)))).collect()
            }
        };
        let times = 1..=terms.goal.times(&progress);
        let each = times.flat_map(|n| subjects.iter().map(move |(subject, cause)| (*subject, cause.for_time(n))));
        each.filter_map(|(subject, cause)| Some((terms.award(&progress, subject, cause, at)?, day))).collect()
    }

    /// Who was a member on at least so many local days of a period, and in the audience when they last were.
    fn members(&self, stretch: &Stretch, min_days: u32) -> Vec<Subject> {
        let from = self.calendar.zone.start_of(stretch.days.first);
        let member = |facts: &&PersonFacts| {
            let here = facts.belongings.iter().filter(|one| one.team == self.basis.team).map(|one| one.interval);
            let here: Vec<Interval> = here.collect();
            let days = member_days(&self.calendar.zone, &here, stretch.days);
            let last = here.iter().filter(|interval| interval.from.is_none_or(|start| start < stretch.until));
            let last = last.map(|interval| interval.until.unwrap_or(stretch.until).min(stretch.until)).max();
            let last = last.filter(|end| *end > from).map(|end| end - TimeDelta::microseconds(1));
            let takes_part = last.is_some_and(|at| {
                let version = self.basis.timeline.in_force(self.calendar.zone.local(at).0);
                version.is_some_and(|version| version.programme.audience.includes(facts, at))
            });
            days >= i64::from(min_days.max(1)) && takes_part
        };
        self.basis.members.iter().filter(member).map(|facts| Subject::Person(facts.person)).collect()
    }

    /// Writes an award, unless a guard keeps it back.
    fn judge(
        &self,
        code: &Code,
        goal: Terms<'_>,
        (award, day): (Award, NaiveDate),
        outcome: &mut Outcome,
    ) -> Result<(), FoldError> {
        let Some(guard) = &goal.rule.guard else {
            outcome.awards.push(award);
            return Ok(());
        };
        let stretch = Stretch::of(self.calendar, guard.goal.per, day)?;
        let terms = terms(self.basis.timeline, code, Part::Guard, &stretch);
        let progress = self.progress(code, Part::Guard, stretch.days);
        if guard_due(self.basis.timeline, self.calendar, terms, &award, &stretch) > self.basis.as_of {
            outcome.pending.push(award);
        } else if terms.is_none_or(|terms| terms.goal.holds(&progress)) {
            outcome.awards.push(award);
        }
        Ok(())
    }
}
