//! Reading a programme's zone, seasons and year, and the dates, times and weekdays in a document.

use chrono::{Datelike, NaiveDate};
use serde_json::Value;

use super::reader::{Fields, MOST_ENTRIES, Node, Reader, Taken, shown};
use crate::domain::period::{Calendar, CustomSeason, DaySpan, Per, SeasonKind, YearStart, Zone};
use crate::domain::problem::{Finding, ProblemCode};

/// The working days of a programme that names none.
pub(super) const MONDAY_TO_FRIDAY: [bool; 7] = [true, true, true, true, true, false, false];
/// The days of a rolling board.
const ROLLING_DAYS: std::ops::RangeInclusive<i64> = 1..=366;

const WEEKDAYS: [(&str, usize); 7] =
    [("mon", 0), ("tue", 1), ("wed", 2), ("thu", 3), ("fri", 4), ("sat", 5), ("sun", 6)];

/// The kinds of period that begin and end.
const BOUNDED_PERIODS: [(&str, Per); 7] = [
    ("day", Per::Day),
    ("week", Per::Week),
    ("month", Per::Month),
    ("quarter", Per::Quarter),
    ("half_year", Per::HalfYear),
    ("year", Per::Year),
    ("season", Per::Season),
];

/// The parts of the document that are fixed for a programme's life.
pub(super) fn calendar(reader: &mut Reader, fields: &Fields) -> Taken<Calendar> {
    let zone = fields.need(reader, "time_zone").and_then(|node| zone(reader, &node));
    let seasons = fields.need(reader, "season").and_then(|node| seasons(reader, &node));
    let january = YearStart { month: 1, day: 1 };
    let year_starts = fields.get("year_starts").map_or(Ok(january), |node| year_starts(reader, &node));
    Ok(Calendar { zone: zone?, seasons: seasons?, year_starts: year_starts? })
}

fn zone(reader: &mut Reader, node: &Node) -> Taken<Zone> {
    let name = reader.text(node)?;
    Zone::new(name).ok_or_else(|| {
        reader.refuse(Finding::new(node.at.as_str(), ProblemCode::InvalidTimeZone).with("zone", shown(name)))
    })
}

fn seasons(reader: &mut Reader, node: &Node) -> Taken<SeasonKind> {
    if node.value.is_object() {
        let fields = reader.fields(node, &["custom"])?;
        let list = fields.need(reader, "custom")?;
        return custom_seasons(reader, &list).map(SeasonKind::Custom);
    }
    match node.value.as_str() {
        Some("month") => Ok(SeasonKind::Month),
        Some("quarter") => Ok(SeasonKind::Quarter),
        Some("half_year") => Ok(SeasonKind::HalfYear),
        Some("year") => Ok(SeasonKind::Year),
        _ => {
            let finding = Finding::new(node.at.as_str(), ProblemCode::InvalidValue);
            Err(reader.refuse(finding.with("expected", "month, quarter, half_year, year, {\"custom\": […]}")))
        }
    }
}

fn custom_seasons(reader: &mut Reader, list: &Node) -> Taken<Vec<CustomSeason>> {
    let mut ended: Option<NaiveDate> = None;
    reader.coded_list(list, 1..=MOST_ENTRIES, |reader, node| {
        let fields = reader.fields(node, &["code", "from", "until"])?;
        let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
        let span = days(reader, &fields);
        let (code, DaySpan { first: from, until }) = (code?, span?);
        if let Some(before) = ended.replace(until).filter(|before| from < *before) {
            let finding = Finding::new(format!("{}/from", node.at), ProblemCode::SeasonsOverlap);
            return Err(reader.refuse(finding.with("until", before)));
        }
        Ok(CustomSeason { code: code.into(), from, until })
    })
}

fn year_starts(reader: &mut Reader, node: &Node) -> Taken<YearStart> {
    let text = reader.text(node)?;
    // In a leap year, so that 29 February is a day.
    let day = exact_date(&format!("2000-{text}"));
    let day = day.ok_or_else(|| refuse_date(reader, node, "MM-DD"))?;
    Ok(YearStart { month: day.month(), day: day.day() })
}

/// The days from `from` on and before `until`, at least one.
pub(super) fn days(reader: &mut Reader, fields: &Fields) -> Taken<DaySpan> {
    let from = fields.need(reader, "from").and_then(|day| date(reader, &day));
    let until = fields.need(reader, "until").and_then(|day| date(reader, &day));
    let (first, until) = (from?, until?);
    if until <= first {
        let at = format!("{}/until", fields.at);
        return Err(reader.refuse(Finding::new(at, ProblemCode::InvalidInterval)));
    }
    Ok(DaySpan { first, until })
}

fn date(reader: &mut Reader, node: &Node) -> Taken<NaiveDate> {
    let text = reader.text(node)?;
    local_date(node.at.as_str(), text).map_err(|finding| reader.refuse(finding))
}

/// A date of this millennium, from the text at `pointer`: those are within what every zone can place in time.
pub fn local_date(pointer: &str, text: &str) -> Result<NaiveDate, Finding> {
    exact_date(text).filter(|day| (2000..3000).contains(&day.year())).ok_or_else(|| {
        Finding::new(pointer, ProblemCode::InvalidDate).with("expected", "YYYY-MM-DD, 2000-01-01 – 2999-12-31")
    })
}

/// A date written exactly so: four, two and two digits.
fn exact_date(text: &str) -> Option<NaiveDate> {
    let day = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    (day.to_string() == text).then_some(day)
}

/// A time of day in seconds since midnight.
pub(super) fn time_of_day(reader: &mut Reader, node: &Node) -> Taken<u32> {
    let text = reader.text(node)?;
    let seconds = || {
        let (hours, minutes) = text.split_once(':')?;
        Some(two_digits(hours, 24)? * 3_600 + two_digits(minutes, 60)? * 60)
    };
    seconds().ok_or_else(|| refuse_date(reader, node, "HH:MM, 00:00 – 23:59"))
}

fn two_digits(text: &str, below: u32) -> Option<u32> {
    let digits = text.len() == 2 && text.bytes().all(|c| c.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number < below)
}

fn refuse_date(reader: &mut Reader, node: &Node, expected: &str) -> super::reader::Refused {
    reader.refuse(Finding::new(node.at.as_str(), ProblemCode::InvalidDate).with("expected", expected))
}

/// A list of weekdays, Monday first in what it becomes.
pub(super) fn weekdays(reader: &mut Reader, node: &Node) -> Taken<[bool; 7]> {
    let named = reader.list(node, 1..=WEEKDAYS.len(), |reader, day| reader.one_of(day, &WEEKDAYS))?;
    Ok(std::array::from_fn(|day| named.contains(&day)))
}

/// The period of a goal or contest.
pub(super) fn bounded_period(reader: &mut Reader, node: &Node) -> Taken<Per> {
    reader.one_of(node, &BOUNDED_PERIODS)
}

/// The period of a board.
pub(super) fn board_period(reader: &mut Reader, node: &Node) -> Taken<Per> {
    if let Value::Object(_) = node.value {
        let fields = reader.fields(node, &["days"])?;
        let days = fields.need(reader, "days").and_then(|days| reader.whole(&days, ROLLING_DAYS))?;
        return Ok(Per::Days(u16::try_from(days).unwrap_or_default()));
    }
    let mut periods = BOUNDED_PERIODS.to_vec();
    periods.push(("all", Per::All));
    reader.one_of(node, &periods)
}
