//! Why a team's goal awards what it does, to the team or to a member: from sums, which name no signal.

use super::trace::{FormulaTrace, GoalTrace, Worked};
use super::{Explanation, GuardTrace, Made, Row, TeamTrace, words};
use crate::domain::award::{AwardKey, Cause};
use crate::domain::ids::{Code, Subject};
use crate::domain::period::{Calendar, DaySpan};
use crate::domain::programme::goal::{DaySums, Part};
use crate::domain::programme::{Pattern, TeamPayee};
use crate::domain::standing::member_days;
use crate::domain::time::Interval;
use crate::engine::fold::FoldError;
use crate::engine::goals::terms;
use crate::engine::team::{TeamBasis, awards, progress};
use crate::engine::walk::Stretch;
use crate::engine::watch::Verdict;

/// Why a team's fold awards what `key` names; none if it does not. `sums` are those of the season.
pub fn explain_team(basis: TeamBasis<'_>, sums: &DaySums, key: &AwardKey) -> Result<Option<Explanation>, FoldError> {
    let (Cause::Goal(goal) | Cause::TeamGoal(_, goal)) = key.cause else { return Ok(None) };
    let Some(newest) = basis.timeline.newest() else { return Ok(None) };
    let calendar = &newest.programme.calendar;
    let stretch = Stretch::of(calendar, goal.per, goal.first_day)?;
    let outcome = awards(basis, sums, stretch.days)?;
    let paid = outcome.awards.iter().filter(|award| award.key.rule == key.rule && award.key.cause == key.cause).count();
    let Some(award) = outcome.awards.into_iter().find(|award| award.key == *key) else { return Ok(None) };
    let Some(terms) = terms(basis.timeline, &key.rule, Part::Goal, &stretch) else { return Ok(None) };
    let Pattern::TeamGoal(_, payee) = &terms.rule.pattern else { return Ok(None) };
    let day = calendar.zone.local(award.content.at).0;
    let days = DaySpan { first: stretch.days.first, until: day.succ_opt().unwrap_or(day).min(stretch.days.until) };
    let reached = progress(sums, &key.rule, Part::Goal, days);
    let trace = GoalTrace::new(terms.goal, &reached, stretch.days);
    let worked = Worked::Goal(trace.value.unwrap_or_default());
    let formula = terms.rule.award.points.as_ref();
    let team = TeamTrace {
        members: matches!(payee, TeamPayee::Members { .. }).then_some(paid),
        min_days: match payee {
            TeamPayee::Members { min_days } => Some(*min_days),
            TeamPayee::Team => None,
        },
        days: days_of_member(basis, calendar, key, stretch.days),
        days_with_evidence: days_with_evidence(sums, &key.rule, days),
    };
    let made = Made {
        rule: terms.rule.clone(),
        content: award.content.clone(),
        signals: usize::try_from(reached.sums.selected).unwrap_or_default(),
        evidence: Vec::new(),
        clause: None,
        row: None::<Row>,
        goal: Some(trace),
        formula: formula.map(|formula| FormulaTrace::new(formula, worked)),
        base: formula.map(|formula| worked.exact(formula).decimal()).unwrap_or_default(),
        boost: None,
        boosted: award.content.points,
        limits: Vec::new(),
        cooldown: None,
    };
    let guard = guard_of(basis, calendar, sums, (key, day))?;
    let mut explanation = Explanation::of(award, made, guard);
    explanation.team = Some(team);
    explanation.sentences = words::explained(&explanation, &calendar.zone);
    Ok(Some(explanation))
}

fn days_with_evidence(sums: &DaySums, code: &Code, days: DaySpan) -> usize {
    sums.keys().filter(|(rule, part, day)| rule == code && *part == Part::Goal && days.contains(*day)).count()
}

fn days_of_member(basis: TeamBasis<'_>, calendar: &Calendar, key: &AwardKey, days: DaySpan) -> Option<i64> {
    let Subject::Person(person) = key.subject else { return None };
    let facts = basis.members.iter().find(|facts| facts.person == person)?;
    let here = facts.belongings.iter().filter(|one| one.team == basis.team).map(|one| one.interval);
    Some(member_days(&calendar.zone, &here.collect::<Vec<Interval>>(), days))
}

/// What the guard of a team's goal came to: it held, or there would be no award.
fn guard_of(
    basis: TeamBasis<'_>,
    calendar: &Calendar,
    sums: &DaySums,
    (key, day): (&AwardKey, chrono::NaiveDate),
) -> Result<Option<GuardTrace>, FoldError> {
    let guard_per = basis.timeline.rules();
    let guard_per = guard_per.filter(|rule| rule.code == key.rule).find_map(|rule| rule.guard.as_ref());
    let Some(per) = guard_per.map(|guard| guard.goal.per) else { return Ok(None) };
    let stretch = Stretch::of(calendar, per, day)?;
    let Some(terms) = terms(basis.timeline, &key.rule, Part::Guard, &stretch) else { return Ok(None) };
    let goal = GoalTrace::new(terms.goal, &progress(sums, &key.rule, Part::Guard, stretch.days), stretch.days);
    Ok(Some(GuardTrace { goal, verdict: Verdict::Holds, decided_at: terms.due }))
}
