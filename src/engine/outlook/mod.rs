//! Where a person stands with each rule at an instant: what is left, what is missing, what is to come; and why a signal
//! was not rewarded.
//!
//! Folds the evidence up to that instant and reads the states; decides nothing itself.

pub mod why_not;
mod words;

use std::collections::HashMap;

use chrono::NaiveDate;
use serde::Serialize;

pub use self::why_not::{Fate, WhyNot};
use super::explain::trace::{GoalTrace, UsedBefore, said};
use super::explain::{GuardTrace, Sentences};
use super::fold::{Basis, Fold, FoldError, in_order};
use super::goals::terms;
use super::state::{RuleState, Running};
use super::team::progress;
use super::timeline::InForce;
use super::walk::Stretch;
use super::watch::Verdict;
use crate::domain::award::Award;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{Code, SignalId, TeamId};
use crate::domain::language::Localised;
use crate::domain::period::{Calendar, DaySpan};
use crate::domain::points::Points;
use crate::domain::programme::goal::{DaySums, Part};
use crate::domain::programme::{Boost, Decided, Limit, LimitMost, LimitPer, Pattern, Repeat, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// What an outlook is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// Whose, of which programme and season; decided is what is by the instant asked about.
    pub basis: Basis<'a>,
    /// The live signals of the season.
    pub signals: &'a [Evidence],
    /// The instant, in the season.
    pub at: Instant,
    /// By when the fate of the signal is decided.
    pub now: Instant,
    /// The home team then, with its sums of the season.
    pub team: Option<(TeamId, &'a DaySums)>,
    /// The signal whose fate is asked for.
    pub signal: Option<SignalId>,
}

/// Where a person stands with one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RuleOutlook {
    /// The rule.
    pub rule: Code,
    /// Its name.
    pub name: Localised,
    /// The rule in one sentence.
    pub says: Localised,
    /// The version in force.
    pub version: u32,
    /// Whether the person takes part.
    pub part: Participation,
    /// When the rule can next award something, if not now; null if now, or not before the season ends.
    pub next_at: Option<Instant>,
    /// Whether it can award something now, should the right signal come.
    pub open: bool,
    /// What its limits leave.
    pub quotas: Vec<Quota>,
    /// When the cooldown ends, inclusive; null if it is over.
    pub cooldown_until: Option<Instant>,
    /// The streak under way.
    pub streak: Option<StreakState>,
    /// The goal under way.
    pub goal: Option<GoalState>,
    /// The guard under way.
    pub guard: Option<GuardTrace>,
    /// Points that await the guard.
    pub pending: Points,
    /// Boosts in force and to come, the next first.
    pub boosts: Vec<BoostAhead>,
    /// What became of the signal that was asked about.
    pub signal: Option<WhyNot>,
    /// The same in sentences.
    pub sentences: Sentences,
}

/// Whether somebody takes part in a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Participation {
    /// Yes.
    Yes,
    /// No version is in force yet.
    NotYet,
    /// The programme has ended.
    Ended,
    /// They are not in the audience.
    NotInAudience,
}

/// What a limit leaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quota {
    /// The limit in words.
    pub says: Localised,
    /// How many awards at most.
    pub times: Option<u32>,
    /// How many points at most.
    pub points: Option<Points>,
    /// What was granted in the current period; null of a limit by case.
    pub used: Option<UsedBefore>,
    /// What is left of it; null of a limit by case.
    pub left: Option<i64>,
    /// When the next period begins; null of a limit by case.
    pub until: Option<Instant>,
}

/// A streak under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StreakState {
    /// How long the row is.
    pub row: u32,
    /// How long it must be.
    pub length: u32,
    /// `signal` or `day`.
    pub unit: &'static str,
    /// What a signal must meet to count.
    pub of: Localised,
    /// Whether today counts already, of days.
    pub today_counts: Option<bool>,
}

/// A goal under way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoalState {
    /// What it has come to.
    #[serde(flatten)]
    pub goal: GoalTrace,
    /// When its period ends.
    pub until: Instant,
    /// When it is decided; null if as soon as it is reached.
    pub decided_at: Option<Instant>,
    /// Whether it can be met again in this period.
    pub repeats: bool,
    /// The team whose goal it is.
    pub team: Option<TeamId>,
}

/// A boost in force or to come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoostAhead {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// In one sentence.
    pub says: Localised,
    /// What points are multiplied with.
    pub factor: Decimal4,
    /// The first local day.
    pub from: NaiveDate,
    /// The last.
    pub last_day: NaiveDate,
    /// Whether it is in force.
    pub running: bool,
}

/// Where the person stands with each rule of the version in force, before the first that of the first, after the last day
/// that of the last.
pub fn outlook(asking: Asking<'_>) -> Result<Vec<RuleOutlook>, FoldError> {
    let Asking { basis, signals, at, .. } = asking;
    let Some(newest) = basis.timeline.newest() else { return Ok(Vec::new()) };
    let calendar = &newest.programme.calendar;
    let Some(mut fold) = Fold::start(basis, ()) else { return Ok(Vec::new()) };
    for evidence in in_order(basis, signals).into_iter().filter(|one| one.content.occurred_at <= at) {
        fold.take(evidence)?;
    }
    fold.advance(at)?;
    let day = calendar.zone.local(at).0;
    let Some((version, part)) = version_at(basis, day, at) else { return Ok(Vec::new()) };
    let mut fates = match asking.signal {
        Some(signal) => why_not::fates(Basis { as_of: asking.now, ..basis }, signals, signal)?,
        None => HashMap::new(),
    };
    let looker = Looker { asking, calendar, day, version };
    let mut rules = Vec::with_capacity(version.programme.rules.len());
    for rule in &version.programme.rules {
        let Some(state) = fold.states().iter().find(|state| *state.code == rule.code) else { continue };
        let mut one = looker.rule(rule, state, &fold.outcome.pending, part);
        looker.team_goal(rule, &mut one)?;
        one.signal = fates.remove(&rule.code);
        words::tell(&mut one, &calendar.zone);
        rules.push(one);
    }
    Ok(rules)
}

/// The version that a person goes by on a day, and whether they take part.
fn version_at<'a>(basis: Basis<'a>, day: NaiveDate, at: Instant) -> Option<(&'a InForce, Participation)> {
    let timeline = basis.timeline;
    if let Some(version) = timeline.in_force(day) {
        let takes_part = version.programme.audience.includes(basis.facts, at);
        return Some((version, if takes_part { Participation::Yes } else { Participation::NotInAudience }));
    }
    match timeline.last_day.filter(|last| *last < day) {
        Some(last) => Some((timeline.in_force(last).or(timeline.newest())?, Participation::Ended)),
        None => {
            let first = timeline.versions.iter().map(|version| version.effective_from).min()?;
            Some((timeline.in_force(first)?, Participation::NotYet))
        }
    }
}

struct Looker<'a> {
    asking: Asking<'a>,
    calendar: &'a Calendar,
    day: NaiveDate,
    version: &'a InForce,
}

impl Looker<'_> {
    fn rule(&self, rule: &Rule, state: &RuleState<'_>, pending: &[Award], part: Participation) -> RuleOutlook {
        let at = self.asking.at;
        let own = pending.iter().filter(|award| award.key.rule == rule.code);
        let waiting = own.chain(state.held.iter().map(|(award, _)| award)).map(|award| award.content.points);
        let cooldown_until = state.tally.cools_until(rule.cooldown).filter(|until| *until > at);
        let quotas: Vec<Quota> = rule.limits.iter().map(|limit| quota(limit, state)).collect();
        let exhausted = || quotas.iter().filter(|quota| quota.left.is_some_and(|left| left <= 0));
        // Without points left there may still be a badge.
        let blocked = exhausted().filter(|quota| quota.times.is_some() || rule.award.badge.is_none());
        let free_at = blocked.clone().filter_map(|quota| quota.until).chain(cooldown_until).max();
        let open = part == Participation::Yes && free_at.is_none();
        RuleOutlook {
            rule: rule.code.clone(),
            name: rule.name.clone(),
            says: said(|speaker| speaker.rule(rule)),
            version: self.version.version,
            part,
            next_at: free_at.filter(|free| part == Participation::Yes && *free < self.asking.basis.season.until),
            open,
            quotas,
            cooldown_until,
            streak: streak(rule, state),
            goal: state.goal.as_ref().and_then(|running| goal(running)),
            guard: state.guard.as_ref().filter(|_| rule.guard.is_some()).and_then(guard),
            pending: Points::sum(waiting).unwrap_or(Points::ZERO),
            boosts: self.boosts(rule),
            signal: None,
            sentences: Sentences::default(),
        }
    }

    fn boosts(&self, rule: &Rule) -> Vec<BoostAhead> {
        let boosts = self.version.programme.boosts.iter();
        let own = boosts.filter(|boost| boost.rules.contains(&rule.code) && self.day < boost.until);
        let ahead = |boost: &Boost| BoostAhead {
            code: boost.code.clone(),
            name: boost.name.clone(),
            says: said(|speaker| speaker.boost(boost)),
            factor: boost.factor,
            from: boost.from,
            last_day: boost.until.pred_opt().unwrap_or(boost.until),
            running: boost.from <= self.day,
        };
        let mut ahead: Vec<BoostAhead> = own.map(ahead).collect();
        ahead.sort_by_key(|boost| boost.from);
        ahead
    }

    /// Fills in the goal of the home team.
    fn team_goal(&self, rule: &Rule, one: &mut RuleOutlook) -> Result<(), FoldError> {
        let Pattern::TeamGoal(goal, _) = &rule.pattern else { return Ok(()) };
        let Some((team, sums)) = self.asking.team else { return Ok(()) };
        let timeline = self.asking.basis.timeline;
        let so_far = |stretch: &Stretch| DaySpan {
            first: stretch.days.first,
            until: self.day.succ_opt().unwrap_or(self.day).min(stretch.days.until),
        };
        let stretch = Stretch::of(self.calendar, goal.per, self.day)?;
        if let Some(terms) = terms(timeline, &rule.code, Part::Goal, &stretch) {
            let reached = progress(sums, &rule.code, Part::Goal, so_far(&stretch));
            one.goal = Some(GoalState {
                goal: GoalTrace::new(terms.goal, &reached, stretch.days),
                until: stretch.until,
                decided_at: (terms.goal.decided == Decided::AtEnd).then_some(terms.due),
                repeats: terms.goal.repeat == Repeat::EachMultiple,
                team: Some(team),
            });
        }
        let Some(guard) = &rule.guard else { return Ok(()) };
        let stretch = Stretch::of(self.calendar, guard.goal.per, self.day)?;
        if let Some(terms) = terms(timeline, &rule.code, Part::Guard, &stretch) {
            let reached = progress(sums, &rule.code, Part::Guard, so_far(&stretch));
            let goal = GoalTrace::new(terms.goal, &reached, stretch.days);
            one.guard = Some(GuardTrace { goal, verdict: Verdict::Waits, decided_at: terms.due });
        }
        Ok(())
    }
}

fn quota(limit: &Limit, state: &RuleState<'_>) -> Quota {
    let used = state.tally.used(limit.per, None);
    let left = used.map(|used| match limit.most {
        LimitMost::Times(times) => i64::from(times).saturating_sub(used.times.into()),
        LimitMost::Points(points) => points.0.saturating_sub(used.points.0),
    });
    let (times, points) = match limit.most {
        LimitMost::Times(times) => (Some(times), None),
        LimitMost::Points(points) => (None, Some(points)),
    };
    Quota {
        says: said(|speaker| speaker.limit(limit)),
        times,
        points,
        used: used.map(|used| UsedBefore { times: used.times, points: used.points }),
        left: left.map(|left| left.max(0)),
        until: match limit.per {
            LimitPer::Period(per) => state.tally.window_end(per),
            LimitPer::Case => None,
        },
    }
}

fn streak(rule: &Rule, state: &RuleState<'_>) -> Option<StreakState> {
    let (streak, unit) = match &rule.pattern {
        Pattern::Streak(streak) => (streak, "signal"),
        Pattern::DayStreak(streak) => (streak, "day"),
        _ => return None,
    };
    let of = said(|speaker| speaker.condition(&streak.of));
    let today_counts = (unit == "day").then_some(state.counted);
    Some(StreakState { row: state.row, length: streak.length, unit, of, today_counts })
}

fn goal(running: &Running<'_>) -> Option<GoalState> {
    let (terms, stretch) = running.terms.zip(running.stretch)?;
    Some(GoalState {
        goal: GoalTrace::new(terms.goal, &running.progress, stretch.days),
        until: stretch.until,
        decided_at: (terms.goal.decided == Decided::AtEnd).then_some(terms.due),
        repeats: terms.goal.repeat == Repeat::EachMultiple,
        team: None,
    })
}

fn guard(running: &Running<'_>) -> Option<GuardTrace> {
    let (terms, stretch) = running.terms.zip(running.stretch)?;
    let goal = GoalTrace::new(terms.goal, &running.progress, stretch.days);
    Some(GuardTrace { goal, verdict: Verdict::Waits, decided_at: terms.due })
}
