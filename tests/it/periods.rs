//! Local days, periods and seasons, across what clocks and date lines do.

use applaus::domain::period::{Calendar, CustomSeason, Per, Period, SeasonKind, YearStart, Zone};
use chrono::{Datelike, Days, NaiveDate, NaiveTime, TimeDelta, Utc};
use proptest::prelude::*;

const KINDS: [Per; 6] = [Per::Day, Per::Week, Per::Month, Per::Quarter, Per::HalfYear, Per::Year];
const JANUARY: YearStart = YearStart { month: 1, day: 1 };

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn zone(name: &str) -> Zone {
    Zone::new(name).unwrap()
}

fn calendar(name: &str, seasons: SeasonKind, year_starts: YearStart) -> Calendar {
    Calendar { zone: zone(name), seasons, year_starts }
}

fn custom(seasons: &[(&str, &str, &str)]) -> SeasonKind {
    let season = |(code, from, until): &(&str, &str, &str)| CustomSeason {
        code: (*code).to_owned(),
        from: day(from),
        until: day(until),
    };
    SeasonKind::Custom(seasons.iter().map(season).collect())
}

fn days(period: &Period) -> (NaiveDate, NaiveDate) {
    (period.first_day, period.until_day)
}

/// The date on the wall, by jiff alone.
fn date_on_the_wall(zone: &jiff::tz::TimeZone, instant: chrono::DateTime<Utc>) -> NaiveDate {
    let date = zone.to_datetime(jiff::Timestamp::from_microsecond(instant.timestamp_micros()).unwrap()).date();
    NaiveDate::from_ymd_opt(date.year().into(), date.month() as u32, date.day() as u32).unwrap()
}

#[test]
fn days_start_at_their_first_instant() {
    for (name, date, start, minutes) in [
        ("UTC", "2026-11-03", "2026-11-03T00:00:00Z", 24 * 60),
        ("Europe/Berlin", "2026-03-29", "2026-03-28T23:00:00Z", 23 * 60),
        ("Europe/Berlin", "2026-10-25", "2026-10-24T22:00:00Z", 25 * 60),
        // No midnight: the clocks go from 24:00 to 01:00.
        ("Africa/Cairo", "2026-04-24", "2026-04-23T22:00:00Z", 23 * 60),
        ("America/Havana", "2026-03-08", "2026-03-08T05:00:00Z", 23 * 60),
        // Midnight twice.
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", 25 * 60),
        // 23:30 is followed by 00:30.
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z", 23 * 60 + 30),
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", 24 * 60 + 30),
        // The date line moved: there was no 30 December.
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", 24 * 60),
        ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z", 0),
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z", 24 * 60),
    ] {
        let (zone, date) = (zone(name), day(date));
        assert_eq!(zone.start_of(date), start.parse::<chrono::DateTime<Utc>>().unwrap(), "{name} {date}");
        let length = zone.start_of(date.succ_opt().unwrap()) - zone.start_of(date);
        assert_eq!(length, TimeDelta::minutes(minutes), "{name} {date}");
    }
}

#[test]
fn the_wall_shows_local_time() {
    let berlin = zone("Europe/Berlin");
    let (date, time) = berlin.local("2026-07-01T22:30:15.000001Z".parse().unwrap());
    assert_eq!((date, time), (day("2026-07-02"), NaiveTime::from_hms_micro_opt(0, 30, 15, 1).unwrap()));
}

#[test]
fn a_day_that_has_started_is_not_left_again() {
    // In St John's the clocks went from 00:01 back to 23:01 the day before.
    let zone = zone("America/St_Johns");
    let start = zone.start_of(day("2010-11-07"));
    assert_eq!(start, "2010-11-07T02:30:00Z".parse::<chrono::DateTime<Utc>>().unwrap());
    let repeated = start + TimeDelta::minutes(30);
    assert_eq!(zone.local(repeated), (day("2010-11-07"), NaiveTime::from_hms_opt(23, 30, 0).unwrap()));
}

#[test]
fn zones_are_those_of_the_bundled_database() {
    assert_eq!(zone("europe/berlin").name(), "Europe/Berlin");
    assert_eq!(zone("europe/berlin"), zone("Europe/Berlin"));
    assert_ne!(zone("Europe/Kiev"), zone("Europe/Kyiv"));
    assert_eq!(zone("UTC").name(), "UTC");
    for name in ["", "Berlin", "Europe/Atlantis", "Etc/Unknown", "../../etc/passwd", "+02:00", "EST5EDT4,M3"] {
        assert!(Zone::new(name).is_none(), "{name}");
    }
}

#[test]
fn all_zones_partition_time_into_days() {
    let (first, until) = (day("2020-01-01"), day("2038-01-01"));
    let database = jiff::tz::TimeZoneDatabase::bundled();
    let names: Vec<String> = database.available().map(|name| name.to_string()).collect();
    assert!(names.len() > 500, "{}", names.len());
    let check = |name: &String| {
        let (zone, raw) = (zone(name), database.get(name).unwrap());
        let mut start = zone.start_of(first);
        for date in first.iter_days().take_while(|date| *date < until) {
            let end = zone.start_of(date.succ_opt().unwrap());
            assert!(start < end, "{name} {date}");
            let usual = end - start == TimeDelta::days(1);
            // A sample of the usual days, and every unusual one.
            if !usual || date.ordinal() % 8 == 0 {
                for instant in [start, end - TimeDelta::microseconds(1)] {
                    assert_eq!(zone.local(instant).0, date, "{name} {instant}");
                    assert_eq!(date_on_the_wall(&raw, instant), date, "{name} {instant}");
                }
            }
            start = end;
        }
    };
    std::thread::scope(|scope| {
        for part in names.chunks(names.len().div_ceil(2)) {
            scope.spawn(|| part.iter().for_each(check));
        }
    });
}

#[test]
fn all_zones_partition_time_into_periods() {
    let names: Vec<String> = jiff::tz::TimeZoneDatabase::bundled().available().map(|name| name.to_string()).collect();
    for (number, name) in names.iter().enumerate() {
        let year_starts = YearStart { month: number as u32 % 12 + 1, day: number as u32 % 31 + 1 };
        let calendar = calendar(name, SeasonKind::Year, year_starts);
        for per in [Per::Week, Per::Month, Per::Quarter, Per::Season] {
            let mut period = calendar.period_of(per, day("2025-12-20")).unwrap();
            while period.until_day < day("2028-01-10") {
                assert!(period.from < period.until, "{name} {period:?}");
                let next = calendar.period_of(per, period.until_day).unwrap();
                assert_eq!((period.until_day, period.until), (next.first_day, next.from), "{name} {period:?}");
                period = next;
            }
        }
    }
}

#[test]
fn codes_name_their_days() {
    let october = YearStart { month: 10, day: 1 };
    for (year_starts, per, date, code, first, until) in [
        (JANUARY, Per::Day, "2026-11-03", "2026-11-03", "2026-11-03", "2026-11-04"),
        (JANUARY, Per::Week, "2026-11-15", "2026-W46", "2026-11-09", "2026-11-16"),
        (JANUARY, Per::Week, "2027-01-03", "2026-W53", "2026-12-28", "2027-01-04"),
        (JANUARY, Per::Week, "2021-01-01", "2020-W53", "2020-12-28", "2021-01-04"),
        (JANUARY, Per::Week, "2018-12-31", "2019-W01", "2018-12-31", "2019-01-07"),
        (JANUARY, Per::Month, "2024-02-29", "2024-02", "2024-02-01", "2024-03-01"),
        (JANUARY, Per::Quarter, "2026-11-03", "2026-Q4", "2026-10-01", "2027-01-01"),
        (JANUARY, Per::HalfYear, "2026-11-03", "2026-H2", "2026-07-01", "2027-01-01"),
        (JANUARY, Per::Year, "2026-11-03", "2026", "2026-01-01", "2027-01-01"),
        (october, Per::Month, "2026-11-03", "2026-11", "2026-11-01", "2026-12-01"),
        (october, Per::Quarter, "2026-11-03", "2026-Q1", "2026-10-01", "2027-01-01"),
        (october, Per::Quarter, "2026-09-30", "2025-Q4", "2026-07-01", "2026-10-01"),
        (october, Per::HalfYear, "2026-09-30", "2025-H2", "2026-04-01", "2026-10-01"),
        (october, Per::Year, "2026-09-30", "2025", "2025-10-01", "2026-10-01"),
        (JANUARY, Per::Season, "2026-11-03", "season:2026", "2026-01-01", "2027-01-01"),
        (JANUARY, Per::Days(30), "2026-11-03", "days:30@2026-11-03", "2026-10-05", "2026-11-04"),
        (JANUARY, Per::Days(1), "2026-11-03", "days:1@2026-11-03", "2026-11-03", "2026-11-04"),
        (JANUARY, Per::Days(900), "2026-11-03", "days:900@2026-11-03", "2024-05-18", "2026-11-04"),
        (JANUARY, Per::All, "2026-11-03", "all", "1970-01-01", "9000-01-01"),
    ] {
        let seasons = if per == Per::Week { custom(&[("s", "2000-01-01", "2100-01-01")]) } else { SeasonKind::Year };
        let calendar = calendar("Europe/Berlin", seasons, year_starts);
        let period = calendar.period_of(per, day(date)).unwrap();
        assert_eq!((period.code.as_str(), days(&period)), (code, (day(first), day(until))), "{per:?} {date}");
        assert_eq!(calendar.period_named(per, code, None, day("2000-01-01")), Some(period), "{per:?} {code}");
    }
}

#[test]
fn what_is_not_a_code_of_the_kind_names_nothing() {
    let calendar = calendar("Europe/Berlin", SeasonKind::Quarter, JANUARY);
    for (per, code) in [
        (Per::Day, "2026-11"),
        (Per::Day, "2026-11-3"),
        (Per::Day, "2026-02-29"),
        (Per::Day, "+10000-01-01"),
        (Per::Day, "1969-12-31"),
        (Per::Day, "9000-01-01"),
        (Per::Day, "Current"),
        (Per::Week, "2025-W53"),
        (Per::Week, "2026-W00"),
        (Per::Week, "2026-W1"),
        (Per::Week, "2026-46"),
        (Per::Month, "2026-13"),
        (Per::Month, "2026-00"),
        (Per::Month, "2026-1"),
        (Per::Month, "2026-Q1"),
        (Per::Quarter, "2026-Q5"),
        (Per::Quarter, "2026-Q0"),
        (Per::Quarter, "season:2026-Q1"),
        (Per::HalfYear, "2026-H3"),
        (Per::HalfYear, "2026-Q1"),
        (Per::Year, "26"),
        (Per::Year, "+2026"),
        (Per::Year, "99999999999999999999"),
        (Per::Season, "2026-Q1"),
        (Per::Season, "season:2026"),
        (Per::All, "All"),
        (Per::All, ""),
        (Per::Days(30), "days:7@2026-11-03"),
        (Per::Days(30), "days:30@"),
        (Per::Days(30), "2026-11-03"),
    ] {
        assert_eq!(calendar.period_named(per, code, None, day("2026-11-03")), None, "{per:?} {code}");
    }
    assert!(calendar.season("2026-Q4").is_some());
    for code in ["season:2026-Q4", "2026-Q5", "2026", "", "9000-Q1"] {
        assert_eq!(calendar.season(code), None, "{code}");
    }
}

#[test]
fn starts_are_counted_from_the_anchor() {
    let calendar = calendar("Europe/Berlin", SeasonKind::Quarter, YearStart { month: 11, day: 30 });
    let starts = |year: &str| {
        (1..=4).map(|quarter| calendar.season(&format!("{year}-Q{quarter}")).unwrap().first_day).collect::<Vec<_>>()
    };
    assert_eq!(starts("2026"), ["2026-11-30", "2027-02-28", "2027-05-30", "2027-08-30"].map(day));
    assert_eq!(starts("2027"), ["2027-11-30", "2028-02-29", "2028-05-30", "2028-08-30"].map(day));

    let calendar = Calendar { year_starts: YearStart { month: 8, day: 31 }, ..calendar };
    assert_eq!(calendar.season_of(day("2027-02-27")).unwrap().code, "2026-Q2");
    assert_eq!(calendar.season_of(day("2027-02-28")).unwrap().code, "2026-Q3");
    assert_eq!(calendar.season("2026-Q4").map(|s| days(&s)), Some((day("2027-05-31"), day("2027-08-31"))));

    let leap = Calendar { year_starts: YearStart { month: 2, day: 29 }, seasons: SeasonKind::Year, ..calendar };
    assert_eq!(leap.season("2027").map(|s| days(&s)), Some((day("2027-02-28"), day("2028-02-29"))));
}

#[test]
fn seasons_cut_what_is_not_longer_than_they() {
    let calendar = calendar("Europe/Berlin", SeasonKind::Quarter, YearStart { month: 1, day: 15 });
    let today = day("2026-11-03");
    let named = |per, code, season| calendar.period_named(per, code, season, today).map(|p| days(&p));
    let april = |from, until| Some((day(from), day(until)));
    assert_eq!(named(Per::Month, "2026-04", None), april("2026-04-15", "2026-05-01"));
    assert_eq!(named(Per::Month, "2026-04", Some("2026-Q2")), april("2026-04-15", "2026-05-01"));
    assert_eq!(named(Per::Month, "2026-04", Some("2026-Q1")), april("2026-04-01", "2026-04-15"));
    assert_eq!(named(Per::Month, "2026-04", Some("2026-Q3")), None);
    assert_eq!(named(Per::Month, "2026-04", Some("nonsense")), None);
    assert_eq!(named(Per::Week, "2026-W16", Some("2026-Q1")), april("2026-04-13", "2026-04-15"));
    assert_eq!(named(Per::Week, "2026-W16", None), april("2026-04-15", "2026-04-20"));
    assert_eq!(named(Per::Days(30), "days:30@2026-04-20", None), april("2026-04-15", "2026-04-21"));
    // Longer than a quarter, these run across its edges.
    assert_eq!(named(Per::HalfYear, "2026-H1", None), april("2026-01-15", "2026-07-15"));
    assert_eq!(named(Per::Year, "2026", None), april("2026-01-15", "2027-01-15"));
    assert_eq!(named(Per::Days(120), "days:120@2026-04-20", None), april("2025-12-22", "2026-04-21"));

    let cut = calendar.period_of(Per::Month, day("2026-04-14")).unwrap();
    assert_eq!((cut.code.as_str(), days(&cut)), ("2026-04", (day("2026-04-01"), day("2026-04-15"))));
}

#[test]
fn custom_seasons_have_gaps() {
    let seasons = [
        ("spring", "2026-03-05", "2026-05-20"),
        ("may", "2026-05-20", "2026-05-25"),
        ("autumn", "2026-09-01", "2026-12-01"),
    ];
    let calendar = calendar("Europe/Berlin", custom(&seasons), JANUARY);
    let today = day("2026-11-03");
    let named = |per, code, season| calendar.period_named(per, code, season, today).map(|p| days(&p));
    assert_eq!(calendar.season_of(day("2026-05-19")).unwrap().code, "spring");
    assert_eq!(calendar.season_of(day("2026-05-20")).unwrap().code, "may");
    assert_eq!(calendar.season_of(day("2026-05-25")), None);
    assert_eq!(calendar.season_at("2026-08-31T22:00:00Z".parse().unwrap()).unwrap().code, "autumn");
    assert_eq!(calendar.season_at("2026-08-31T21:59:59Z".parse().unwrap()), None);
    assert_eq!(named(Per::Season, "season:may", None), Some((day("2026-05-20"), day("2026-05-25"))));
    assert_eq!(named(Per::Season, "season:winter", None), None);
    assert_eq!(named(Per::Month, "2026-05", None), Some((day("2026-05-20"), day("2026-05-25"))));
    assert_eq!(named(Per::Month, "2026-05", Some("spring")), Some((day("2026-05-01"), day("2026-05-20"))));
    assert_eq!(named(Per::Month, "2026-07", None), None);
    assert_eq!(named(Per::HalfYear, "2026-H2", None), Some((day("2026-09-01"), day("2026-12-01"))));
    assert_eq!(named(Per::Year, "2026", None), Some((day("2026-01-01"), day("2027-01-01"))));
    assert_eq!(calendar.period_of(Per::Day, day("2026-07-01")), None);
    assert!(calendar.period_of(Per::Year, day("2026-07-01")).is_some());
}

#[test]
fn current_and_previous_are_neighbours() {
    let calendar = calendar("Europe/Berlin", SeasonKind::Quarter, JANUARY);
    for (per, today, previous) in [
        (Per::Day, "2026-11-03", "2026-11-02"),
        (Per::Week, "2026-11-09", "2026-W45"),
        (Per::Month, "2026-01-31", "2025-12"),
        (Per::Quarter, "2026-01-01", "2025-Q4"),
        (Per::HalfYear, "2026-08-01", "2026-H1"),
        (Per::Year, "2026-08-01", "2025"),
        (Per::Season, "2026-08-01", "season:2026-Q2"),
        (Per::Days(7), "2026-11-09", "days:7@2026-11-02"),
    ] {
        let today = day(today);
        let current = calendar.period_named(per, "current", None, today);
        assert_eq!(current, calendar.period_of(per, today), "{per:?}");
        let before = calendar.period_named(per, "previous", None, today).unwrap();
        assert_eq!((before.code.as_str(), before.until), (previous, current.unwrap().from), "{per:?}");
    }
    assert_eq!(calendar.period_named(Per::All, "previous", None, day("2026-11-03")), None);
    // The week of 1 October is cut by the season: before its later part comes its earlier one.
    let before = calendar.period_named(Per::Week, "previous", None, day("2026-10-02")).unwrap();
    assert_eq!((before.code.as_str(), days(&before)), ("2026-W40", (day("2026-09-28"), day("2026-10-01"))));
}

#[test]
fn a_missing_day_is_empty() {
    let calendar = calendar("Pacific/Apia", SeasonKind::Year, JANUARY);
    let missing = calendar.period_of(Per::Day, day("2011-12-30")).unwrap();
    assert_eq!(missing.from, missing.until);
    let week = calendar.period_of(Per::Week, day("2011-12-31")).unwrap();
    assert_eq!(week.until - week.from, TimeDelta::days(5), "cut by the year on Sunday");
}

#[test]
fn far_away_nothing_breaks() {
    let calendar = calendar("Europe/Berlin", SeasonKind::Year, YearStart { month: 13, day: 99 });
    let outside = ["1969-12-31", "9000-01-01"].map(day);
    for date in outside.into_iter().chain([NaiveDate::MIN, NaiveDate::MAX]) {
        for per in KINDS.into_iter().chain([Per::Season, Per::All, Per::Days(0), Per::Days(u16::MAX)]) {
            assert_eq!(calendar.period_of(per, date), None, "{per:?} {date}");
            assert_eq!(calendar.period_named(per, "current", None, date), None, "{per:?} {date}");
            assert_eq!(calendar.period_named(per, "previous", None, date), None, "{per:?} {date}");
        }
        calendar.zone.start_of(date);
    }
    for instant in [chrono::DateTime::<Utc>::MIN_UTC, chrono::DateTime::<Utc>::MAX_UTC] {
        calendar.zone.local(instant);
        assert_eq!(calendar.season_at(instant), None);
    }
    for date in [day("1970-01-01"), day("8999-12-31")] {
        for per in KINDS.into_iter().chain([Per::All, Per::Days(u16::MAX)]) {
            let period = calendar.period_of(per, date).unwrap();
            assert!(period.from < period.until, "{period:?}");
            assert_eq!(calendar.period_named(per, &period.code, None, date).map(|p| p.code), Some(period.code));
        }
    }
}

fn any_per() -> impl Strategy<Value = Per> {
    prop_oneof![
        prop::sample::select(KINDS.to_vec()),
        Just(Per::Season),
        Just(Per::All),
        (1_u16..=500).prop_map(Per::Days),
    ]
}

fn any_calendar() -> impl Strategy<Value = Calendar> {
    let names = ["UTC", "Europe/Berlin", "Pacific/Apia", "Africa/Cairo", "America/Havana", "Asia/Kathmandu"];
    let customs = prop::collection::vec((1_u64..200, 0_u64..60), 1..40).prop_map(|lengths| {
        let mut from = day("2000-01-20");
        let season = |(number, (length, gap)): (usize, (u64, u64))| {
            let until = from + Days::new(length);
            let season = CustomSeason { code: format!("s{number}"), from, until };
            from = until + Days::new(gap);
            season
        };
        SeasonKind::Custom(lengths.into_iter().enumerate().map(season).collect())
    });
    let calendars = vec![SeasonKind::Month, SeasonKind::Quarter, SeasonKind::HalfYear, SeasonKind::Year];
    let seasons = prop_oneof![prop::sample::select(calendars), customs];
    (prop::sample::select(names.to_vec()), seasons, 1_u32..=12, 1_u32..=31)
        .prop_map(|(name, seasons, month, day)| calendar(name, seasons, YearStart { month, day }))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_024))]

    #[test]
    fn a_period_is_found_by_its_code(calendar in any_calendar(), per in any_per(), offset in 0_u64..15_000) {
        let date = day("2000-01-01") + Days::new(offset);
        let season = calendar.season_of(date);
        if let Some(season) = &season {
            prop_assert_eq!(calendar.season(&season.code), Some(season.clone()));
        }
        let Some(period) = calendar.period_of(per, date) else {
            prop_assert!(season.is_none());
            return Ok(());
        };
        prop_assert!(period.first_day <= date && date < period.until_day);
        let code = season.as_ref().map(|season| season.code.as_str());
        prop_assert_eq!(calendar.period_named(per, &period.code, code, date), Some(period));
    }

    #[test]
    fn every_day_of_a_period_has_that_period(calendar in any_calendar(), offset in 0_u64..15_000) {
        let date = day("2000-01-01") + Days::new(offset);
        for per in KINDS.into_iter().chain([Per::Season]) {
            let Some(period) = calendar.period_of(per, date) else { continue };
            for other in [period.first_day, period.until_day.pred_opt().unwrap()] {
                prop_assert_eq!(calendar.period_of(per, other), Some(period.clone()));
            }
            let before = calendar.period_of(per, period.first_day.pred_opt().unwrap());
            let after = calendar.period_of(per, period.until_day);
            prop_assert!(before.is_none_or(|before| before.until_day == period.first_day && before.until == period.from));
            prop_assert!(after.is_none_or(|after| after.first_day == period.until_day && after.from == period.until));
        }
    }
}
