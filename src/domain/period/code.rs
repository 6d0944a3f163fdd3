//! The codes of periods (LANGUAGE, Periods). Knows days, not instants, and no seasons.
//!
//! Weeks are those of ISO 8601. Quarters, half-years and years are named by the calendar year in which the programme's
//! year starts.

use chrono::{Datelike, NaiveDate, Weekday};

use super::season::{Cycle, YearStart};
use super::{FIRST_DAY, Per};

const ALL: &str = "all";

/// The code of the period of kind `per` that holds `day`; None of seasons, whose codes the seasons know.
pub(super) fn write(per: Per, day: NaiveDate, years: YearStart) -> Option<String> {
    let code = match per {
        Per::Day => day.to_string(),
        Per::Week => format!("{:04}-W{:02}", day.iso_week().year(), day.iso_week().week()),
        Per::Month | Per::Quarter | Per::HalfYear | Per::Year => {
            let (year, place) = Cycle::of(per, years)?.place_of(day)?;
            match per {
                Per::Month => format!("{year:04}-{place:02}"),
                Per::Quarter => format!("{year:04}-Q{place}"),
                Per::HalfYear => format!("{year:04}-H{place}"),
                _ => format!("{year:04}"),
            }
        }
        Per::Days(count) => format!("days:{count}@{day}"),
        Per::All => ALL.to_owned(),
        Per::Season => return None,
    };
    Some(code)
}

/// A day of the period of kind `per` that a code names, if it names one: the last of so many days, of others the first.
pub(super) fn read(per: Per, code: &str, years: YearStart) -> Option<NaiveDate> {
    let day = match per {
        Per::Day => code.parse().ok()?,
        Per::Week => {
            let (year, week) = code.split_once("-W")?;
            NaiveDate::from_isoywd_opt(read_year(year)?.into(), week.parse().ok()?, Weekday::Mon)?
        }
        Per::Month => read_place(per, code.split_once('-')?, years)?,
        Per::Quarter => read_place(per, code.split_once("-Q")?, years)?,
        Per::HalfYear => read_place(per, code.split_once("-H")?, years)?,
        Per::Year => read_place(per, (code, "1"), years)?,
        Per::Days(_) => code.split_once('@')?.1.parse().ok()?,
        Per::All => FIRST_DAY,
        Per::Season => return None,
    };
    // What is read leniently above is a code only if it is the one that would be written.
    (write(per, day, years)? == code).then_some(day)
}

fn read_place(per: Per, (year, place): (&str, &str), years: YearStart) -> Option<NaiveDate> {
    Cycle::of(per, years)?.day_at(read_year(year)?, place.parse().ok()?)
}

fn read_year(text: &str) -> Option<u16> {
    text.parse().ok().filter(|year| *year <= 9999)
}
