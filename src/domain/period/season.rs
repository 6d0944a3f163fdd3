//! Seasons, and the cycles of months that calendar periods and seasons follow.
//!
//! Knows days, not instants.

use chrono::{Datelike, NaiveDate};

use super::{DaySpan, Per, code};

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

impl CustomSeason {
    fn span(&self) -> DaySpan {
        DaySpan { first: self.from, until: self.until }
    }
}

/// The day on which a programme's year starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct YearStart {
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31; in a shorter month its last day.
    pub day: u32,
}

impl SeasonKind {
    /// The kind of period that its seasons are, or, of custom seasons, count as.
    pub(super) fn per(&self) -> Per {
        match self {
            Self::Month => Per::Month,
            Self::Quarter => Per::Quarter,
            Self::HalfYear | Self::Custom(_) => Per::HalfYear,
            Self::Year => Per::Year,
        }
    }

    /// The days of the season that holds `day`.
    pub(super) fn span_of(&self, day: NaiveDate, years: YearStart) -> Option<DaySpan> {
        match self {
            Self::Custom(seasons) => seasons.iter().map(CustomSeason::span).find(|span| span.contains(day)),
            calendar => Cycle::of(calendar.per(), years)?.span_of(day),
        }
    }

    /// The bare code of the season that holds `day`.
    pub(super) fn code_of(&self, day: NaiveDate, years: YearStart) -> Option<String> {
        match self {
            Self::Custom(seasons) => seasons.iter().find(|s| s.span().contains(day)).map(|s| s.code.clone()),
            calendar => code::write(calendar.per(), day, years),
        }
    }

    /// The days of the season of a bare code.
    pub(super) fn span_named(&self, code: &str, years: YearStart) -> Option<DaySpan> {
        match self {
            Self::Custom(seasons) => seasons.iter().find(|s| s.code == code).map(CustomSeason::span),
            calendar => calendar.span_of(code::read(calendar.per(), code, years)?, years),
        }
    }

    /// The days of the last season that has days in `span`.
    pub(super) fn last_in(&self, span: DaySpan, years: YearStart) -> Option<DaySpan> {
        match self {
            Self::Custom(seasons) => {
                seasons.iter().rev().map(CustomSeason::span).find(|s| s.first < span.until && span.first < s.until)
            }
            calendar => calendar.span_of(span.until.pred_opt()?, years),
        }
    }
}

/// Time cut into stretches of as many months each, counted from a day of the year.
///
/// Stretches are numbered on from the first that starts in the year 0. Each start is computed from the day of the year
/// alone, never from its neighbour: from 31 January follow 28 February and 31 March.
pub(super) struct Cycle {
    start: YearStart,
    months: i32,
}

impl Cycle {
    /// The cycle of a kind; None of the kinds that do not follow months.
    pub(super) fn of(per: Per, years: YearStart) -> Option<Self> {
        let months = match per {
            Per::Month => return Some(Self { start: YearStart { month: 1, day: 1 }, months: 1 }),
            Per::Quarter => 3,
            Per::HalfYear => 6,
            Per::Year => 12,
            Per::Day | Per::Week | Per::Season | Per::All | Per::Days(_) => return None,
        };
        Some(Self { start: years, months })
    }

    /// The days of the stretch that holds `day`.
    pub(super) fn span_of(&self, day: NaiveDate) -> Option<DaySpan> {
        let number = self.number_of(day)?;
        Some(DaySpan { first: self.first_day(number)?, until: self.first_day(number + 1)? })
    }

    /// The calendar year in which the cycle of the stretch that holds `day` starts, and its place in it, from 1.
    pub(super) fn place_of(&self, day: NaiveDate) -> Option<(i32, i32)> {
        let number = self.number_of(day)?;
        Some((number.div_euclid(self.in_a_year()), number.rem_euclid(self.in_a_year()) + 1))
    }

    /// The first day of a stretch by its place.
    pub(super) fn day_at(&self, year: u16, place: u8) -> Option<NaiveDate> {
        self.first_day(i32::from(year) * self.in_a_year() + i32::from(place) - 1)
    }

    fn in_a_year(&self) -> i32 {
        12 / self.months
    }

    fn number_of(&self, day: NaiveDate) -> Option<i32> {
        let months = day.year().checked_mul(12)?.checked_add_unsigned(day.month0())?;
        let number = months.checked_sub_unsigned(self.start_month0())?.div_euclid(self.months);
        Some(if self.first_day(number)? <= day { number } else { number - 1 })
    }

    fn first_day(&self, number: i32) -> Option<NaiveDate> {
        let months = number.checked_mul(self.months)?.checked_add_unsigned(self.start_month0())?;
        let (year, month) = (months.div_euclid(12), u32::try_from(months.rem_euclid(12)).ok()? + 1);
        let day = self.start.day.clamp(1, 31);
        (0..=3).find_map(|short| NaiveDate::from_ymd_opt(year, month, day.saturating_sub(short)))
    }

    fn start_month0(&self) -> u32 {
        self.start.month.clamp(1, 12) - 1
    }
}
