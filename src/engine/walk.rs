//! A walk through the local days of a season, from signal to signal.
//!
//! Asks the calendar once per period, not once per signal.

use chrono::NaiveDate;

use crate::domain::period::{Calendar, DaySpan, Per, Period};
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

/// A period by its days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stretch {
    /// The kind.
    pub per: Per,
    /// Its days.
    pub days: DaySpan,
    /// The first instant after it.
    pub until: Instant,
}

impl Stretch {
    /// The period of kind `per` that holds a day of the season, cut at the season's edges: folds know only their season
    /// (SEMANTICS S3).
    pub fn of(calendar: &Calendar, per: Per, day: NaiveDate) -> Result<Self, NoPeriod> {
        let mut days = calendar.span_of(per, day).ok_or(NoPeriod { per, day })?;
        // The calendar cuts periods shorter than seasons itself.
        if matches!(per, Per::Quarter | Per::HalfYear | Per::Year) {
            let season = calendar.span_of(Per::Season, day).ok_or(NoPeriod { per, day })?;
            days = DaySpan { first: days.first.max(season.first), until: days.until.min(season.until) };
        }
        Ok(Self { per, days, until: calendar.zone.start_of(days.until) })
    }
}

/// Where a fold stands in the calendar.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    calendar: &'a Calendar,
    day: Option<NaiveDate>,
    tomorrow: Instant,
    stretches: Vec<Stretch>,
}

impl<'a> Walk<'a> {
    /// Stands before the first signal of a season; will know the periods of the kinds `pers`.
    pub(super) fn new(calendar: &'a Calendar, season: &Period, mut pers: Vec<Per>) -> Self {
        pers.sort_unstable();
        pers.dedup();
        let nothing = DaySpan { first: season.first_day, until: season.first_day };
        let stretches = pers.into_iter().map(|per| Stretch { per, days: nothing, until: season.from }).collect();
        Self { calendar, day: None, tomorrow: season.from, stretches }
    }

    /// Goes on to `at`, which is not before the instant it stands at, and tells whether another day begins.
    pub(super) fn go_to(&mut self, at: Instant) -> Result<bool, NoPeriod> {
        if at < self.tomorrow {
            return Ok(false);
        }
        let today = Stretch::of(self.calendar, Per::Day, self.calendar.zone.local(at).0)?;
        for stretch in self.stretches.iter_mut().filter(|stretch| stretch.until <= at) {
            *stretch = Stretch::of(self.calendar, stretch.per, today.days.first)?;
        }
        (self.day, self.tomorrow) = (Some(today.days.first), today.until);
        Ok(true)
    }

    /// The local day it stands at; none before the first.
    pub(super) fn day(&self) -> Option<NaiveDate> {
        self.day
    }

    /// The period of a kind that it stands in.
    pub(super) fn stretch(&self, per: Per) -> Option<Stretch> {
        self.stretches.iter().find(|stretch| stretch.per == per).copied()
    }

    /// `at`, an instant of this day, by the local clock.
    pub(super) fn local(&self, at: Instant) -> Option<LocalMoment> {
        Some(LocalMoment { day: self.day?, time: self.calendar.zone.local(at).1 })
    }
}
