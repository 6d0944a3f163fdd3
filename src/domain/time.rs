//! Instants and intervals. What depends on a time zone is in [`super::period`].

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A point in time, in UTC, with whole microseconds.
pub type Instant = DateTime<Utc>;

/// `instant` cut to whole microseconds, the resolution of both databases; a leap second is the second after it.
pub fn to_micros(instant: Instant) -> Instant {
    let cut = instant.timestamp_nanos_opt().map_or_else(|| instant.timestamp_micros(), |nanos| nanos.div_euclid(1_000));
    DateTime::from_timestamp_micros(cut).unwrap_or(instant)
}

/// `[from, until)`; without `until` it has not ended, without `from` it has no known beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Interval {
    /// The first instant inside.
    pub from: Option<Instant>,
    /// The first instant after it.
    pub until: Option<Instant>,
}

impl Interval {
    /// Whether `instant` lies in it.
    pub fn contains(&self, instant: Instant) -> bool {
        self.from.is_none_or(|from| from <= instant) && self.until.is_none_or(|until| instant < until)
    }
}

/// A stretch of time with both its ends: `[from, until)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// The first instant inside.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
}
