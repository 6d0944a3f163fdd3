//! Which goals and guards of a draft the end of the range, or grace that has not passed, leaves undecided.

use chrono::NaiveDate;

use super::BackTest;
use crate::domain::ids::Code;
use crate::domain::period::Per;
use crate::domain::programme::goal::Part;
use crate::domain::programme::{Decided, Pattern, Rule};
use crate::engine::fold::FoldError;
use crate::engine::goals::terms;
use crate::engine::walk::Stretch;

/// A goal or guard with periods in the range that are not decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undecided {
    /// The rule.
    pub rule: Code,
    /// Its goal, or its guard.
    pub part: Part,
    /// The first day of the first such period.
    pub from: NaiveDate,
    /// How many there are.
    pub periods: u32,
}

/// What became of a goal's periods in the range.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Periods {
    /// Those that are decided, or need no decision.
    pub decided: u32,
    /// Those that are not, and the first day of the first.
    pub undecided: Option<(NaiveDate, u32)>,
}

impl BackTest<'_> {
    /// What is undecided, in the order of the draft's rules.
    pub(super) fn undecided(&self) -> Result<Vec<Undecided>, FoldError> {
        let mut found = Vec::new();
        for rule in &self.draft.programme.rules {
            for part in [Part::Goal, Part::Guard] {
                if let Some((from, periods)) = self.periods(rule, part)?.undecided {
                    found.push(Undecided { rule: rule.code.clone(), part, from, periods });
                }
            }
        }
        Ok(found)
    }

    /// The periods of a rule's goal or guard that meet the range.
    pub(super) fn periods(&self, rule: &Rule, part: Part) -> Result<Periods, FoldError> {
        let goal = match (part, &rule.pattern) {
            (Part::Goal, Pattern::Goal(goal) | Pattern::TeamGoal(goal, _)) => Some((goal.per, goal.decided)),
            (Part::Goal, _) => None,
            (Part::Guard, _) => rule.guard.as_ref().map(|guard| (guard.goal.per, Decided::AtEnd)),
        };
        let mut periods = Periods::default();
        let Some((per, decided)) = goal else { return Ok(periods) };
        for stretch in self.stretches(per)? {
            let terms = terms(self.question.draft, &rule.code, part, &stretch);
            if decided == Decided::WhenReached || terms.is_none_or(|terms| terms.due <= self.sides.draft.as_of) {
                periods.decided += 1;
            } else {
                let (_, count) = periods.undecided.get_or_insert((stretch.days.first, 0));
                *count += 1;
            }
        }
        Ok(periods)
    }

    /// The periods of a kind that meet the range, in order.
    fn stretches(&self, per: Per) -> Result<Vec<Stretch>, FoldError> {
        let (calendar, days) = (&self.draft.programme.calendar, self.question.days);
        let mut found: Vec<Stretch> = Vec::new();
        for season in &self.seasons {
            let mut day = days.first.max(season.first_day);
            while day < season.until_day.min(days.until) {
                let stretch = Stretch::of(calendar, per, day)?;
                day = stretch.days.until;
                found.push(stretch);
            }
        }
        Ok(found)
    }
}
