//! The days that the demo lives through, in the organisation's zone. Pure.

use chrono::{Datelike, Days as Count, NaiveDate, TimeDelta};

use crate::domain::period::Zone;
use crate::domain::time::Instant;

/// The zone of the organisation and its programme.
pub const ZONE: &str = "Europe/Berlin";
/// Minutes after midnight at which a day begins.
const MORNING: i64 = 6 * 60;
/// Minutes after midnight at which the systems deliver.
const EVENING: i64 = 22 * 60;

/// Consecutive local days, counted from 0; the last one holds `now` and ends there.
#[derive(Debug, Clone)]
pub struct Days {
    zone: Zone,
    first: NaiveDate,
    last: u32,
    now: Instant,
}

impl Days {
    /// The day of `now` and so many days before it.
    pub fn until(zone: Zone, now: Instant, before: u32) -> Self {
        let today = zone.local(now).0;
        let first = today.checked_sub_days(Count::new(before.into())).unwrap_or(today);
        Self { zone, first, last: before, now }
    }

    /// Their numbers.
    pub fn numbers(&self) -> impl Iterator<Item = u32> + use<> {
        0..=self.last
    }

    /// The number of the last one.
    pub fn last(&self) -> u32 {
        self.last
    }

    /// The date of a day.
    pub fn date(&self, day: u32) -> NaiveDate {
        self.first.checked_add_days(Count::new(day.into())).unwrap_or(self.first)
    }

    /// The weekday of a day, Monday being 0.
    pub fn weekday(&self, day: u32) -> usize {
        self.date(day).weekday().num_days_from_monday() as usize
    }

    /// So many minutes after a day's first instant.
    pub fn at(&self, day: u32, minutes: i64) -> Instant {
        self.zone.start_of(self.date(day)) + TimeDelta::minutes(minutes)
    }

    /// When a day begins, if that is not still to come.
    pub fn morning(&self, day: u32) -> Option<Instant> {
        Some(self.at(day, MORNING)).filter(|morning| *morning <= self.now)
    }

    /// When a day's evidence is delivered: in the evening, today now.
    pub fn evening(&self, day: u32) -> Instant {
        self.at(day, EVENING).min(self.now)
    }
}
