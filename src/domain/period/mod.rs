//! Local days, periods and seasons: the one place that turns zones and calendars into instants.
//!
//! Days are the civil days of a zone of the IANA database; a local day starts at its first instant, whatever
//! daylight saving or a shift of the date line does to midnight. Periods are sequences of whole local days.
//!
//! Where seasons cut (SEMANTICS S3): a period is cut at the edges of the season that holds its day unless its kind is
//! longer than the season's kind; then it runs across seasons. Kinds compare by the most days they can have (day 1,
//! week 7, month 31, quarter 92, half-year 184, year 366, `n` days n), and custom seasons count as half-years: under them
//! all but years and `all` are cut. A cut kind has no period on a day without a season.
//!
//! Days from 1970 to 8999 have periods; others have none.

mod code;
mod duration;
mod season;
mod zone;

use chrono::{Datelike, Days, NaiveDate};

pub use duration::duration;
pub use season::{CustomSeason, SeasonKind, YearStart};
pub use zone::Zone;

use super::time::Instant;
use season::Cycle;

/// The first day that has periods.
const FIRST_DAY: NaiveDate = zone::january(1970);
/// The day after the last one that has periods.
const END_DAY: NaiveDate = zone::january(9000);
/// What a season's code is preceded by where other periods could stand.
const SEASON_PREFIX: &str = "season:";

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

impl Per {
    /// Whether its periods last a month or longer, where no season's edge cuts them.
    pub fn is_a_month_or_longer(self) -> bool {
        match self {
            Self::Month | Self::Quarter | Self::HalfYear | Self::Year | Self::Season | Self::All => true,
            Self::Day | Self::Week | Self::Days(_) => false,
        }
    }

    /// The most days that a period of this kind can have; of seasons, which are never cut, as many as there are.
    fn longest(self) -> u16 {
        match self {
            Self::Day => 1,
            Self::Week => 7,
            Self::Month => 31,
            Self::Quarter => 92,
            Self::HalfYear => 184,
            Self::Year => 366,
            Self::Season | Self::All => u16::MAX,
            Self::Days(count) => count,
        }
    }
}

/// A stretch of whole local days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct DaySpan {
    /// The first day.
    pub first: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
}

impl DaySpan {
    /// Whether `day` lies in it.
    pub fn contains(self, day: NaiveDate) -> bool {
        self.first <= day && day < self.until
    }

    /// The days in both.
    fn common(self, other: Self) -> Option<Self> {
        let common = Self { first: self.first.max(other.first), until: self.until.min(other.until) };
        (common.first < common.until).then_some(common)
    }
}

/// A named stretch of whole local days.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Period {
    /// Its code, e.g. `2026-W46`, `2026-Q4`, `season:2026-Q4`, `days:30@2026-11-03` (by its last day), `all`.
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

impl Period {
    /// Its days.
    pub fn days(&self) -> DaySpan {
        DaySpan { first: self.first_day, until: self.until_day }
    }
}

/// A programme's zone and way of counting seasons, fixed for its life (SEMANTICS S2).
#[derive(Debug, Clone, PartialEq, Eq)]
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
    pub fn season_of(&self, day: NaiveDate) -> Option<Period> {
        let span = self.span_of(Per::Season, day)?;
        let code = self.seasons.code_of(day, self.year_starts)?;
        Some(self.period(code, span))
    }

    /// The season that holds an instant.
    pub fn season_at(&self, instant: Instant) -> Option<Period> {
        self.season_of(self.zone.local(instant).0)
    }

    /// The season of a bare code.
    pub fn season(&self, code: &str) -> Option<Period> {
        let span = self.season_span(code)?;
        Some(self.period(code.to_owned(), span))
    }

    /// The days of the period of kind `per` that holds a local day: what [`Self::period_of`] finds, without its names
    /// and instants.
    pub fn span_of(&self, per: Per, day: NaiveDate) -> Option<DaySpan> {
        if day < FIRST_DAY || END_DAY <= day {
            return None;
        }
        let whole = self.whole(per, day)?;
        if self.is_cut(per) { whole.common(self.seasons.span_of(day, self.year_starts)?) } else { Some(whole) }
    }

    /// The period of kind `per` that holds a local day, cut at the edges of the season that holds it (SEMANTICS S3).
    /// None where a season is needed and the day lies in none.
    pub fn period_of(&self, per: Per, day: NaiveDate) -> Option<Period> {
        let span = self.span_of(per, day)?;
        Some(self.period(self.code_of(per, day)?, span))
    }

    /// The period of kind `per` that a code names: `current`, `previous` (which holds the day before the current one's
    /// first) or a code (LANGUAGE, Periods). Where a season's edge cuts it, the part in `season`, else the later part.
    pub fn period_named(&self, per: Per, code: &str, season: Option<&str>, today: NaiveDate) -> Option<Period> {
        match code {
            "current" => self.period_of(per, today),
            "previous" => self.period_of(per, self.span_of(per, today)?.first.pred_opt()?),
            code => {
                let whole = self.whole_named(per, code)?;
                let span = if self.is_cut(per) { self.part(whole, season)? } else { whole };
                Some(self.period(code.to_owned(), span))
            }
        }
    }

    fn period(&self, code: String, span: DaySpan) -> Period {
        let (from, until) = (self.zone.start_of(span.first), self.zone.start_of(span.until));
        Period { code, first_day: span.first, until_day: span.until, from, until }
    }

    /// The seasons that have any of some days, both included, in order.
    pub fn seasons_between(&self, first: NaiveDate, last: NaiveDate) -> Vec<Period> {
        let (mut seasons, mut day) = (Vec::new(), first);
        while day <= last {
            let season = self.season_of(day);
            let next = season.as_ref().map(|season| season.until_day).or_else(|| day.succ_opt());
            seasons.extend(season);
            let Some(next) = next else { break };
            day = next;
        }
        seasons
    }

    /// Whether each period of a kind lies in one season: it is cut at the edges of seasons, or is one.
    pub fn is_within_season(&self, per: Per) -> bool {
        per == Per::Season || self.is_cut(per)
    }

    fn is_cut(&self, per: Per) -> bool {
        per.longest() <= self.seasons.per().longest()
    }

    /// The days of the period that holds `day`, as the calendar has it, before any cut.
    fn whole(&self, per: Per, day: NaiveDate) -> Option<DaySpan> {
        let first = match per {
            Per::Day => day,
            Per::Week => day.checked_sub_days(Days::new(day.weekday().num_days_from_monday().into()))?,
            Per::Days(count) => day.checked_sub_days(Days::new(u64::from(count.saturating_sub(1))))?,
            Per::All => return Some(DaySpan { first: FIRST_DAY, until: END_DAY }),
            Per::Season => return self.seasons.span_of(day, self.year_starts),
            Per::Month | Per::Quarter | Per::HalfYear | Per::Year => {
                return Cycle::of(per, self.year_starts)?.span_of(day);
            }
        };
        let days = if per == Per::Week { 7 } else { u64::from(per.longest().max(1)) };
        Some(DaySpan { first, until: first.checked_add_days(Days::new(days))? })
    }

    fn code_of(&self, per: Per, day: NaiveDate) -> Option<String> {
        match per {
            Per::Season => Some(format!("{SEASON_PREFIX}{}", self.seasons.code_of(day, self.year_starts)?)),
            per => code::write(per, day, self.year_starts),
        }
    }

    /// The days that a code of kind `per` names, before any cut.
    fn whole_named(&self, per: Per, code: &str) -> Option<DaySpan> {
        let whole = match per {
            Per::Season => return self.season_span(code.strip_prefix(SEASON_PREFIX)?),
            per => self.whole(per, code::read(per, code, self.year_starts)?)?,
        };
        (FIRST_DAY < whole.until && whole.first < END_DAY).then_some(whole)
    }

    fn season_span(&self, code: &str) -> Option<DaySpan> {
        let span = self.seasons.span_named(code, self.year_starts)?;
        (FIRST_DAY < span.until && span.first < END_DAY).then_some(span)
    }

    fn part(&self, whole: DaySpan, season: Option<&str>) -> Option<DaySpan> {
        match season {
            Some(code) => whole.common(self.season_span(code)?),
            None => whole.common(self.seasons.last_in(whole, self.year_starts)?),
        }
    }
}
