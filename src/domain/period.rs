//! Local days, periods and seasons: the one place that turns zones and calendars into instants.
//!
//! Days are the civil days of a zone of the IANA database; a local day starts at its first instant, whatever
//! daylight saving or a shift of the date line does to midnight. Periods are sequences of whole local days.

use chrono::{NaiveDate, NaiveTime};

use super::time::Instant;

/// A time zone of the IANA database.
#[derive(Debug, Clone)]
pub struct Zone(jiff::tz::TimeZone);

impl Zone {
    /// The zone of that IANA name, if there is one.
    pub fn new(_name: &str) -> Option<Self> {
        unimplemented!()
    }
    /// Its IANA name.
    pub fn name(&self) -> &str {
        unimplemented!()
    }
    /// The civil date and time at `instant`.
    pub fn local(&self, _instant: Instant) -> (NaiveDate, NaiveTime) {
        unimplemented!()
    }
    /// The first instant of a local day; of a day that does not exist, the first instant after it.
    pub fn start_of(&self, _day: NaiveDate) -> Instant {
        unimplemented!()
    }
}

/// The kind of a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Per {
    /// A local day.
    Day,
    /// An ISO week, Monday to Sunday.
    Week,
    /// A calendar month.
    Month,
    /// Three months from the start of the year.
    Quarter,
    /// Six months from the start of the year.
    HalfYear,
    /// Twelve months from the start of the year.
    Year,
    /// The programme's season.
    Season,
    /// All time.
    All,
    /// The last so many days, today included.
    Days(u16),
}

/// The kind of a programme's seasons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SeasonKind {
    /// Calendar months.
    Month,
    /// Quarters of the year.
    Quarter,
    /// Halves of the year.
    HalfYear,
    /// Years.
    Year,
    /// Dated intervals, ascending, without overlap.
    Custom(Vec<CustomSeason>),
}

/// A season with dates of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomSeason {
    /// Its code.
    pub code: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The day after its last.
    pub until: NaiveDate,
}

/// The day on which a programme's year starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearStart {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31; in a shorter month its last day.
    pub day: u32,
}

/// A named stretch of whole local days.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Period {
    /// Its code, e.g. `2026-W46`, `2026-Q4`, `season:2026-Q4`, `all`.
    pub code: String,
    /// The first day.
    pub first_day: NaiveDate,
    /// The day after the last.
    pub until_day: NaiveDate,
    /// The first instant.
    pub from: Instant,
    /// The first instant after it.
    pub until: Instant,
}

/// A programme's zone and way of counting seasons, fixed for its life (SEMANTICS S2).
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Where its days start and end.
    pub zone: Zone,
    /// How its seasons run.
    pub seasons: SeasonKind,
    /// When its year starts.
    pub year_starts: YearStart,
}

impl Calendar {
    /// The season that holds a local day; its code is bare (`2026-Q4`). None outside custom seasons.
    pub fn season_of(&self, _day: NaiveDate) -> Option<Period> {
        unimplemented!()
    }
    /// The season that holds an instant.
    pub fn season_at(&self, _instant: Instant) -> Option<Period> {
        unimplemented!()
    }
    /// The season of a bare code.
    pub fn season(&self, _code: &str) -> Option<Period> {
        unimplemented!()
    }
    /// The period of kind `per` that holds a local day, cut at the edges of the season that holds it (SEMANTICS S3).
    /// None where a season is needed and the day lies in none.
    pub fn period_of(&self, _per: Per, _day: NaiveDate) -> Option<Period> {
        unimplemented!()
    }
    /// The period of kind `per` that a code names: `current`, `previous` or a code (LANGUAGE, Periods). Where a season's
    /// edge cuts it, the part in `season`, else the later part.
    pub fn period_named(&self, _per: Per, _code: &str, _season: Option<&str>, _today: NaiveDate) -> Option<Period> {
        unimplemented!()
    }
}

/// Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds, a day being 24 hours; positive, at most 366 days.
pub fn duration(_text: &str) -> Option<chrono::TimeDelta> {
    unimplemented!()
}
