//! Looking on while a fold makes one award, so that it can be told afterwards how.

use std::collections::BTreeSet;

use super::trace::{Clause, CooldownTrace, FormulaTrace, GoalTrace, LimitStep, Worked, limit_steps};
use super::{BoostTrace, GuardTrace, MOST_SHOWN, Row, Step};
use crate::domain::award::{AwardKey, Cause, Content};
use crate::domain::ids::{Code, SignalId};
use crate::domain::period::{Calendar, DaySpan};
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::{Pattern, Rule};
use crate::domain::signal::Evidence;
use crate::engine::timeline::Timeline;
use crate::engine::walk::Stretch;
use crate::engine::watch::{GoalMet, Guarding, Judging, Watch};

/// What was seen of an award as it was made.
pub(super) struct Made {
    /// The rule as it was in force.
    pub rule: Rule,
    pub content: Content,
    /// Signals that it rests on: how many, and the first of them.
    pub signals: usize,
    pub evidence: Vec<Evidence>,
    pub clause: Option<Clause>,
    pub row: Option<Row>,
    pub goal: Option<GoalTrace>,
    pub formula: Option<FormulaTrace>,
    pub base: crate::domain::decimal::Decimal4,
    pub boost: Option<BoostTrace>,
    pub boosted: Points,
    pub limits: Vec<LimitStep>,
    pub cooldown: Option<CooldownTrace>,
}

/// Looks on for the award of one key.
pub(super) struct Looking<'k> {
    key: &'k AwardKey,
    timeline: &'k Timeline,
    calendar: &'k Calendar,
    /// The days of the goal's period, of a goal.
    days: Option<DaySpan>,
    /// The row of a streak so far, and whether it is as long as it must be.
    row: Vec<(Evidence, LocalMoment)>,
    complete: bool,
    /// What was selected in the goal's period: all, and the first of them.
    selected: BTreeSet<SignalId>,
    first: Vec<Evidence>,
    pub made: Option<Made>,
    pub guard: Option<GuardTrace>,
}

impl<'k> Looking<'k> {
    pub fn new(key: &'k AwardKey, timeline: &'k Timeline, calendar: &'k Calendar) -> Self {
        let days = match &key.cause {
            Cause::Goal(goal) => Stretch::of(calendar, goal.per, goal.first_day).ok().map(|stretch| stretch.days),
            _ => None,
        };
        let (row, selected, first) = (Vec::new(), BTreeSet::new(), Vec::new());
        Self { key, timeline, calendar, days, row, complete: false, selected, first, made: None, guard: None }
    }

    fn local(&self, evidence: &Evidence) -> LocalMoment {
        let (day, time) = self.calendar.zone.local(evidence.content.occurred_at);
        LocalMoment { day, time }
    }

    /// The row, each signal by the rule that was in force on its day.
    fn row_of(&self, rule: &Rule) -> Option<Row> {
        let (length, unit) = match &rule.pattern {
            Pattern::Streak(streak) => (streak.length, "signal"),
            Pattern::DayStreak(streak) => (streak.length, "day"),
            _ => return None,
        };
        let step = |(evidence, local): &(Evidence, LocalMoment)| {
            let version = self.timeline.in_force(local.day)?;
            let rule = version.programme.rules.iter().find(|one| one.code == rule.code)?;
            let (Pattern::Streak(streak) | Pattern::DayStreak(streak)) = &rule.pattern else { return None };
            Some(Step { signal: evidence.id, day: local.day, of: Clause::new(&streak.of, evidence, *local) })
        };
        Some(Row { length, unit, steps: self.row.iter().take(MOST_SHOWN).filter_map(step).collect() })
    }

    /// Another signal or day counts in the row.
    fn count(&mut self, length: u32, evidence: &Evidence) {
        if std::mem::take(&mut self.complete) {
            self.row.clear();
        }
        self.row.push((evidence.clone(), self.local(evidence)));
        self.complete = u32::try_from(self.row.len()).is_ok_and(|row| row >= length);
    }

    /// The row begins anew.
    fn reset(&mut self) {
        self.row.clear();
        self.complete = false;
    }
}

impl Watch for Looking<'_> {
    fn looks_at(&self, rule: &Rule, evidence: &Evidence) -> bool {
        let is_cause = || match self.key.cause {
            Cause::Signal(signal) => evidence.id == signal,
            Cause::Day(day) => self.local(evidence).day == day,
            Cause::Goal(_) | Cause::TeamGoal(..) => false,
        };
        rule.code == self.key.rule && self.made.is_none() && is_cause()
    }

    fn broken(&mut self, rule: &Code) {
        if *rule == self.key.rule {
            self.reset();
        }
    }

    fn selected(&mut self, rule: &Rule, evidence: &Evidence, counts: bool) {
        if rule.code != self.key.rule || self.made.is_some() {
            return;
        }
        match &rule.pattern {
            Pattern::Streak(_) if !counts => self.reset(),
            Pattern::Streak(streak) | Pattern::DayStreak(streak) if counts => self.count(streak.length, evidence),
            Pattern::Goal(_) if self.days.is_some_and(|days| days.contains(self.local(evidence).day)) => {
                self.selected.insert(evidence.id);
                if self.first.len() < MOST_SHOWN {
                    self.first.push(evidence.clone());
                }
            }
            _ => {}
        }
    }

    fn judged(&mut self, judging: &Judging<'_>, granted: Option<Points>) {
        let Judging { rule, version, evidence, local, boost, claim, tally, .. } = *judging;
        let row = self.row_of(rule);
        let taken = std::mem::take(&mut self.row);
        let Some(points) = granted else { return };
        let formula = rule.award.points.as_ref();
        let worked = Worked::Signal(&evidence.content);
        let evidence_of_row = taken.iter().take(MOST_SHOWN).map(|(evidence, _)| evidence.clone());
        let badge = rule.award.badge.clone();
        self.made = Some(Made {
            rule: rule.clone(),
            content: Content { points, badge, at: claim.at, version: version.version },
            signals: taken.len().max(1),
            evidence: if taken.is_empty() { vec![evidence.clone()] } else { evidence_of_row.collect() },
            clause: rule.when.as_ref().map(|when| Clause::new(when, evidence, local)),
            row,
            goal: None,
            formula: formula.map(|formula| FormulaTrace::new(formula, worked)),
            base: formula.map(|formula| worked.exact(formula).decimal()).unwrap_or_default(),
            boost: boost.map(|boost| BoostTrace::new(boost, evidence, local)),
            boosted: claim.points,
            limits: limit_steps(rule, &claim, tally),
            cooldown: rule.cooldown.map(|cooldown| CooldownTrace::new(cooldown, tally)),
        });
    }

    fn goal_met(&mut self, met: &GoalMet<'_>) {
        if met.award.key != *self.key || self.made.is_some() {
            return;
        }
        let Some(days) = self.days else { return };
        let goal = GoalTrace::new(met.goal, met.progress, days);
        let worked = Worked::Goal(goal.value.unwrap_or_default());
        let formula = met.rule.award.points.as_ref();
        let content = met.award.content.clone();
        self.made = Some(Made {
            rule: met.rule.clone(),
            signals: self.selected.len(),
            evidence: std::mem::take(&mut self.first),
            clause: None,
            row: None,
            goal: Some(goal),
            formula: formula.map(|formula| FormulaTrace::new(formula, worked)),
            base: formula.map(|formula| worked.exact(formula).decimal()).unwrap_or_default(),
            boost: None,
            boosted: content.points,
            limits: Vec::new(),
            cooldown: None,
            content,
        });
    }

    fn guarded(&mut self, guarding: &Guarding<'_>) {
        if guarding.award.key == *self.key {
            self.guard = GuardTrace::new(guarding);
        }
    }
}
