//! Time zones: what the clocks on the wall show at an instant, and when a local day starts.
//!
//! Reads the time zone database that is compiled in, never the system's, so that every instance counts alike.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};
use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

use super::super::time::Instant;

/// Instants and days are taken to lie between these: far outside all that is ever counted, well inside what can be
/// computed with.
const EARLIEST: NaiveDate = january(1900);
const LATEST: NaiveDate = january(9900);

/// A time zone of the IANA database. Two are equal if their names are.
#[derive(Debug, Clone)]
pub struct Zone(TimeZone);

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl Zone {
    /// The zone of that IANA name, if there is one; case does not matter.
    pub fn new(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().filter(|zone| !zone.is_unknown()).map(Self)
    }

    /// Its IANA name.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// The local day that holds `instant`, and the time on the wall.
    ///
    /// Where clocks fall back across midnight, a day that has started is not left again: the repeated end of the day
    /// before belongs to the new day. Days so partition time.
    pub fn local(&self, instant: Instant) -> (NaiveDate, NaiveTime) {
        let instant = instant.clamp(utc_midnight(EARLIEST), utc_midnight(LATEST));
        let offset = Timestamp::from_second(instant.timestamp()).map_or(Offset::UTC, |at| self.0.to_offset(at));
        let wall = instant.naive_utc() + seconds(offset);
        match wall.date().succ_opt() {
            Some(next) if self.start_of(next) <= instant => (next, wall.time()),
            _ => (wall.date(), wall.time()),
        }
    }

    /// Whether there is such a local day: a shift of the date line can leave one out.
    pub fn has(&self, day: NaiveDate) -> bool {
        day.succ_opt().is_some_and(|next| self.start_of(day) < self.start_of(next))
    }

    /// How many local days there are from `first` to the day before `until`; 0 if `until` is no later.
    pub fn days_between(&self, first: NaiveDate, until: NaiveDate) -> i64 {
        let (dates, passed) = (until - first, self.start_of(until) - self.start_of(first));
        // A day that was left out is missing whole; daylight saving moves hours.
        let left_out = (dates - passed + TimeDelta::hours(12)).num_days().max(0);
        (dates.num_days() - left_out).max(0)
    }

    /// The first instant of a local day; of a day that does not exist, the first instant after it.
    pub fn start_of(&self, day: NaiveDate) -> Instant {
        let day = day.clamp(EARLIEST, LATEST);
        let midnight = utc_midnight(day);
        let Some(civil) = civil(day) else { return midnight };
        let civil = civil.to_datetime(Time::midnight());
        match self.0.to_ambiguous_timestamp(civil).offset() {
            AmbiguousOffset::Unambiguous { offset } => midnight - seconds(offset),
            AmbiguousOffset::Fold { before, .. } => midnight - seconds(before),
            // Read with the offset that holds after the gap, its midnight lies just before the gap.
            AmbiguousOffset::Gap { after, .. } => self.change_after(midnight - seconds(after)),
        }
    }

    /// The first change of the zone's offset after `instant`.
    fn change_after(&self, instant: Instant) -> Instant {
        Timestamp::from_second(instant.timestamp())
            .ok()
            .and_then(|at| self.0.following(at).next())
            .and_then(|change| DateTime::from_timestamp(change.timestamp().as_second(), 0))
            .unwrap_or(instant)
    }
}

/// The first of January of a year.
pub(super) const fn january(year: i32) -> NaiveDate {
    match NaiveDate::from_ymd_opt(year, 1, 1) {
        Some(day) => day,
        None => NaiveDate::MAX,
    }
}

fn utc_midnight(day: NaiveDate) -> Instant {
    NaiveDateTime::new(day, NaiveTime::MIN).and_utc()
}

fn seconds(offset: Offset) -> TimeDelta {
    TimeDelta::seconds(offset.seconds().into())
}

fn civil(day: NaiveDate) -> Option<Date> {
    let (year, month, day) = (day.year().try_into().ok()?, day.month().try_into().ok()?, day.day().try_into().ok()?);
    Date::new(year, month, day).ok()
}
