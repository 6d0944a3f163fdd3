//! A walk through the local days of a season, from signal to signal.
//!
//! Asks the calendar once per period, not once per signal.

use chrono::NaiveDate;

use crate::domain::period::{Calendar, Per, Period};
use crate::domain::programme::condition::LocalMoment;
use crate::domain::time::Instant;

/// The calendar has no period of a kind for a day of the season.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the calendar has no {per:?} for {day}")]
pub struct NoPeriod {
    /// The kind.
    pub per: Per,
    /// The day.
    pub day: NaiveDate,
}

/// Where a fold stands in the calendar.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    calendar: &'a Calendar,
    day: NaiveDate,
    tomorrow: Instant,
    ends: Vec<(Per, Instant)>,
}

impl<'a> Walk<'a> {
    /// Stands before the first signal of a season; will know the ends of periods of the kinds `pers`.
    pub(super) fn new(calendar: &'a Calendar, season: &Period, mut pers: Vec<Per>) -> Self {
        pers.sort_unstable();
        pers.dedup();
        let ends = pers.into_iter().map(|per| (per, season.from)).collect();
        Self { calendar, day: season.first_day, tomorrow: season.from, ends }
    }

    /// Goes on to `at`, which is not before the instant it stands at, and tells whether another day begins.
    pub(super) fn go_to(&mut self, at: Instant) -> Result<bool, NoPeriod> {
        if at < self.tomorrow {
            return Ok(false);
        }
        let period = |per, day| self.calendar.period_of(per, day).ok_or(NoPeriod { per, day });
        let today = period(Per::Day, self.calendar.zone.local(at).0)?;
        for (per, end) in self.ends.iter_mut().filter(|(_, end)| *end <= at) {
            *end = period(*per, today.first_day)?.until;
        }
        (self.day, self.tomorrow) = (today.first_day, today.until);
        Ok(true)
    }

    /// The local day it stands at.
    pub(super) fn day(&self) -> NaiveDate {
        self.day
    }

    /// The end of the period of a kind that it stands in.
    pub(super) fn end_of(&self, per: Per) -> Option<Instant> {
        self.ends.iter().find(|(known, _)| *known == per).map(|(_, end)| *end)
    }

    /// `at`, an instant of this day, by the local clock.
    pub(super) fn local(&self, at: Instant) -> LocalMoment {
        LocalMoment { day: self.day, time: self.calendar.zone.local(at).1 }
    }
}
