//! Goals of a person: each period by itself, each of its beginnings counted anew (S24, S29).

use std::collections::BTreeMap;

use chrono::{NaiveDate, TimeDelta};

use super::points::{Fraction, of_goal};
use super::value::{Reached, reached};
use super::{Fault, Made, Model, Selected, goal_of};
use crate::domain::award::{Award, AwardKey, Cause, Content, GoalCause};
use crate::domain::ids::{Code, Subject};
use crate::domain::people::PersonFacts;
use crate::domain::period::DaySpan;
use crate::domain::points::Points;
use crate::domain::programme::{Decided, Goal, Rule};
use crate::domain::time::Instant;
use crate::engine::timeline::InForce;

/// A period of a goal, what it follows, and the signals selected in it.
pub struct GoalPeriod<'w> {
    pub days: DaySpan,
    pub version: &'w InForce,
    pub rule: &'w Rule,
    pub goal: &'w Goal,
    pub signals: Vec<Selected<'w>>,
}

impl GoalPeriod<'_> {
    pub fn cause(&self, n: u32) -> GoalCause {
        GoalCause { per: self.goal.per, first_day: self.days.first, n }
    }
}

impl<'w> Model<'w> {
    /// The periods of a goal in which anything was selected.
    pub(super) fn goal_periods(self, code: &Code, selected: &[Selected<'w>]) -> Vec<GoalPeriod<'w>> {
        let mut periods: BTreeMap<NaiveDate, Vec<Selected<'w>>> = BTreeMap::new();
        let per = |one: &Selected<'_>| goal_of(one.rule).unwrap().per;
        for one in selected {
            periods.entry(self.period(per(one), one.seen.local.day).first).or_default().push(one.clone());
        }
        let of_period = |signals: Vec<Selected<'w>>| {
            let days = self.period(per(&signals[0]), signals[0].seen.local.day);
            let (version, rule, goal) = self.followed(days, code, goal_of).unwrap();
            GoalPeriod { days, version, rule, goal, signals }
        };
        periods.into_values().map(of_period).collect()
    }

    /// What a person's goal awards.
    pub(super) fn goals(self, facts: &PersonFacts, code: &Code, selected: &[Selected<'w>]) -> Vec<Made<'w>> {
        let mut made = Vec::new();
        for period in self.goal_periods(code, selected) {
            let subject = Subject::Person(facts.person);
            if period.goal.decided == Decided::AtEnd || self.fault == Fault::NeverWhenReached {
                if self.due(period.days, period.version.programme.grace_days) <= self.world.as_of {
                    made.extend(self.at_end(&period, &[(subject, Cause::Goal(period.cause(0)))]));
                }
                continue;
            }
            let mut before = 0;
            for end in 1..=period.signals.len() {
                let so_far = reached(&period.signals[..end], goal_of);
                let times = so_far.times(period.goal, self.fault);
                let last = &period.signals[end - 1].seen;
                for n in before + 1..=times {
                    let cause = Cause::Goal(period.cause(n));
                    made.extend(self.met(&period, &so_far, (subject, cause), (last.at(), last.local.day)));
                }
                before = before.max(times);
            }
        }
        made
    }

    /// What a goal awards at the end of its period, once for each subject and time.
    pub(super) fn at_end(self, period: &GoalPeriod<'w>, subjects: &[(Subject, Cause)]) -> Vec<Made<'w>> {
        let reached = reached(&period.signals, goal_of);
        let at = self.start_of(period.days.until) - TimeDelta::microseconds(1);
        let day = period.days.until.pred_opt().unwrap();
        let mut made = Vec::new();
        for n in 1..=reached.times(period.goal, self.fault) {
            for (subject, cause) in subjects {
                made.extend(self.met(period, &reached, (*subject, cause.for_time(n)), (at, day)));
            }
        }
        made
    }

    /// The award of a goal met; none if it is nothing.
    pub(super) fn met(
        self,
        period: &GoalPeriod<'w>,
        reached: &Reached,
        (subject, cause): (Subject, Cause),
        (at, day): (Instant, NaiveDate),
    ) -> Option<Made<'w>> {
        let terms = &period.rule.award;
        let points = terms.points.as_ref().map_or(Fraction(0, 1), |formula| of_goal(formula, reached.rounded()));
        let (points, badge) = (points.rounded(), terms.badge.clone());
        if points == Points::ZERO && badge.is_none() {
            return None;
        }
        let key = AwardKey { rule: period.rule.code.clone(), subject, cause };
        let content = Content { points, badge, at, version: period.version.version };
        let (version, rule) = (period.version, period.rule);
        Some(Made { award: Award { key, content }, day, case: None, version, rule })
    }
}
