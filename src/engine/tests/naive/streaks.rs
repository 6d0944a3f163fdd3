//! Rows of signals and rows of days: how long each is is counted anew at every step (S22, S23).

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};

use super::claims::Claim;
use super::{Fault, Model, Selected};
use crate::domain::award::Cause;
use crate::domain::people::PersonFacts;
use crate::domain::programme::{Pattern, Streak};

impl<'w> Selected<'w> {
    /// The streak that the rule asks for on the signal's day.
    fn streak(&self) -> &'w Streak {
        match &self.rule.pattern {
            Pattern::Streak(streak) | Pattern::DayStreak(streak) => streak,
            other => panic!("{other:?} is no streak"),
        }
    }

    fn counts(&self) -> bool {
        self.seen.meets(&self.streak().of)
    }
}

impl<'w> Model<'w> {
    /// The signals that complete a row of signals.
    pub(super) fn streaks(self, selected: &[Selected<'w>]) -> Vec<Claim<'w>> {
        let mut complete: Vec<usize> = Vec::new();
        for (index, one) in selected.iter().enumerate() {
            let after_last = complete.last().map_or(0, |last| last + 1);
            let first = if self.fault == Fault::StreakGoesOn { 0 } else { after_last };
            let mut row: Vec<&Selected<'_>> = Vec::new();
            for earlier in &selected[first..=index] {
                match (earlier.counts(), self.fault) {
                    (true, _) => row.push(earlier),
                    (false, Fault::NothingBreaks) => {}
                    (false, _) => row.clear(),
                }
            }
            if one.counts() && row.len() >= one.streak().length as usize {
                complete.push(index);
            }
        }
        let chosen: Vec<Selected<'w>> = complete.into_iter().map(|index| selected[index].clone()).collect();
        self.each(&chosen)
    }

    /// The days that complete a row of days, each with its first signal that counts.
    pub(super) fn day_streaks(self, facts: &PersonFacts, selected: &[Selected<'w>]) -> Vec<Claim<'w>> {
        let mut counting: BTreeMap<NaiveDate, &Selected<'w>> = BTreeMap::new();
        for one in selected.iter().filter(|one| one.counts()) {
            counting.entry(one.seen.local.day).or_insert(one);
        }
        let breaks = |day: NaiveDate| !counting.contains_key(&day) && self.breaks(facts, day);
        let mut claims: Vec<Claim<'w>> = Vec::new();
        for (day, one) in &counting {
            let last = claims.last().map(|claim| claim.selected.seen.local.day);
            let unbroken = |from: NaiveDate| !from.iter_days().take_while(|between| between < day).any(breaks);
            let in_row = |from: &NaiveDate| last.is_none_or(|last| last < *from) && unbroken(*from);
            let row = counting.range(..=*day).filter(|(from, _)| in_row(from)).count();
            if row >= one.streak().length as usize {
                let first = if self.fault == Fault::DayStreakAtSignal { one.seen.at() } else { self.start_of(*day) };
                claims.push(Claim { cause: Cause::Day(*day), at: first, selected: (*one).clone() });
            }
        }
        claims
    }

    /// Whether a day without a signal that counts breaks a row.
    fn breaks(self, facts: &PersonFacts, day: NaiveDate) -> bool {
        let weekday = day.weekday().num_days_from_monday() as usize;
        let works = self.in_force(day).is_some_and(|version| version.programme.working_days[weekday]);
        let never_was = self.start_of(day) == self.start_of(day + Days::new(1));
        let holiday = facts.holidays.contains(&day) && self.fault != Fault::HolidaysBreak;
        let day_off = facts.days_off.iter().any(|off| off.contains(day)) && self.fault != Fault::DaysOffBreak;
        match self.fault {
            Fault::EveryDayBreaks => true,
            Fault::DayThatNeverWasBreaks => works && !holiday && !day_off,
            _ => works && !holiday && !day_off && !never_was,
        }
    }
}
