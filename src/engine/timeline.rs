//! The versions of one programme, and which of them is in force on a day.

use std::sync::Arc;

use chrono::NaiveDate;

use crate::domain::period::DaySpan;
use crate::domain::programme::{LimitPer, Programme, Rule};

/// The activated versions of one programme, in any order.
#[derive(Debug, Clone)]
pub struct Timeline {
    /// The versions; their numbers differ, their calendars do not, except that later ones may add custom seasons
    /// (SEMANTICS S2, S4).
    pub versions: Vec<InForce>,
    /// The last local day on which the programme earns anything; none while nobody ended it.
    pub last_day: Option<NaiveDate>,
}

/// A version and from when on it counts.
#[derive(Debug, Clone)]
pub struct InForce {
    /// Its number.
    pub version: u32,
    /// The first local day on which it counts, unless a higher version does.
    pub effective_from: NaiveDate,
    /// Its document.
    pub programme: Arc<Programme>,
}

impl Timeline {
    /// The version of the highest number: it knows every season.
    pub fn newest(&self) -> Option<&InForce> {
        self.versions.iter().max_by_key(|one| one.version)
    }

    /// The version in force on a local day: the highest number effective on or before it (SEMANTICS S28); none after
    /// the last day.
    pub fn in_force(&self, day: NaiveDate) -> Option<&InForce> {
        if self.last_day.is_some_and(|last| last < day) {
            return None;
        }
        self.versions.iter().filter(|one| one.effective_from <= day).max_by_key(|one| one.version)
    }

    /// The rules of all versions.
    pub fn rules(&self) -> impl Iterator<Item = &Rule> {
        self.versions.iter().flat_map(|version| &version.programme.rules)
    }

    /// Whether any rule of any version limits by case, so that its folds ask what was granted for cases before.
    pub fn limits_by_case(&self) -> bool {
        self.rules().any(|rule| rule.limits.iter().any(|limit| limit.per == LimitPer::Case))
    }

    /// The first version in force within some days of which `pick` finds something, with what it found: goals and
    /// tiers follow it (SEMANTICS S29).
    pub fn first_with<'a, T>(
        &'a self,
        days: DaySpan,
        pick: impl Fn(&'a Programme) -> Option<T>,
    ) -> Option<(&'a InForce, T)> {
        self.versions_within(days).filter_map(|version| Some((version, pick(&version.programme)?))).next()
    }

    /// The versions in force within some days, in order; some perhaps more than once.
    pub fn versions_within(&self, days: DaySpan) -> impl Iterator<Item = &InForce> {
        let mut starts: Vec<NaiveDate> = self.versions.iter().map(|one| one.effective_from.max(days.first)).collect();
        starts.retain(|day| *day < days.until);
        starts.sort_unstable();
        starts.into_iter().filter_map(|day| self.in_force(day))
    }
}
