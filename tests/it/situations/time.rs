//! Clocks and calendars: daylight saving, midnights that do not exist, zones, and evidence out of time.

use chrono::TimeDelta;
use serde_json::json;

use super::story::{Story, happy, limited, programme, rule};

/// A metric at half past every hour from an instant on.
fn every_hour(story: &mut Story, from: &str, hours: i64) {
    for hour in 0..hours {
        let at = story.instant(from) + TimeDelta::hours(hour);
        story.tell_at(at, "anna", "metric", json!({}));
    }
}

#[test]
fn the_night_shift_is_nine_hours_in_autumn_and_seven_in_spring() {
    let night = json!({ "when": { "local_time": { "from": "22:00", "until": "06:00" } }, "award": { "points": 1 } });
    let document = programme(json!({ "rules": [rule("night", "metric", night)] }));
    let mut story = Story::begin("2026-10-24", &document, "2026-01-01");
    every_hour(&mut story, "2026-10-24T19:30:00Z", 11);
    let autumn = story.ledger("anna");
    assert_eq!(autumn.len(), 9);
    assert_eq!((autumn[0].as_str(), autumn[8].as_str()), ("10-24 22:30 night 1", "10-25 05:30 night 1"));
    assert_eq!(autumn.iter().filter(|line| line.starts_with("10-25 02:30")).count(), 2);
    every_hour(&mut story, "2027-03-27T20:30:00Z", 9);
    let spring = story.ledger("anna").split_off(9);
    assert_eq!(spring.len(), 7);
    assert_eq!((spring[0].as_str(), spring[6].as_str()), ("03-27 22:30 night 1", "03-28 05:30 night 1"));
    assert!(spring.iter().all(|line| !line.starts_with("03-28 02")));
}

#[test]
fn a_day_is_a_day_whether_it_has_25_hours_or_23() {
    let document = programme(json!({ "rules": [limited(happy(), "day", "times", 1)] }));
    let mut story = Story::begin("2026-10-24", &document, "2026-01-01");
    let instants = ["2026-10-24T22:00:00Z", "2026-10-25T22:59:59Z", "2026-10-25T23:00:00Z"];
    let spring = ["2027-03-27T23:00:00Z", "2027-03-28T21:59:59Z", "2027-03-28T22:00:00Z"];
    for at in instants.into_iter().chain(spring) {
        story.tell_at(story.instant(at), "anna", "survey", json!({ "measures": { "csat": 5 } }));
    }
    let expected = ["10-25 00:00 happy 20", "10-26 00:00 happy 20", "03-28 00:00 happy 20", "03-29 00:00 happy 20"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn a_boost_starts_with_a_day_whose_midnight_does_not_exist() {
    // In Chile the clocks go from 23:59:59 on 5 September to 01:00 on the 6th.
    let boost = json!({ "code": "spring", "name": { "en": "Spring", "de": "Frühling" }, "from": "2026-09-06",
                        "until": "2026-09-07", "rules": ["happy"], "factor": 2 });
    let parts = json!({ "time_zone": "America/Santiago", "rules": [happy()], "boosts": [boost] });
    let mut story = Story::begin("2026-09-01", &programme(parts), "2026-01-01");
    for at in ["2026-09-06T03:59:59Z", "2026-09-06T04:00:00Z", "2026-09-07T02:59:59Z", "2026-09-07T03:00:00Z"] {
        story.tell_at(story.instant(at), "anna", "survey", json!({ "measures": { "csat": 5 } }));
    }
    let expected = ["09-05 23:59 happy 20", "09-06 01:00 happy 40", "09-06 23:59 happy 40", "09-07 00:00 happy 20"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn one_instant_is_two_days_in_two_programmes() {
    let mut story = Story::of(&[limited(happy(), "day", "times", 1)]);
    let parts =
        json!({ "code": "other", "time_zone": "Pacific/Auckland", "rules": [limited(happy(), "day", "times", 1)] });
    story.programme(&programme(parts), "2026-01-01");
    // 23:30 and half past midnight in Auckland, noon in Berlin.
    for at in ["2026-11-03T10:30:00Z", "2026-11-03T11:30:00Z"] {
        story.tell_at(story.instant(at), "anna", "survey", json!({ "measures": { "csat": 5 } }));
    }
    let expected = ["11-03 11:30 other:happy 20", "11-03 11:30 happy 20", "11-03 12:30 other:happy 20"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn a_month_ends_earlier_in_the_east() {
    let mean = |code: &str, zone: &str| {
        let rules = json!([super::story::month_mean()]);
        programme(json!({ "code": code, "time_zone": zone, "rules": rules }))
    };
    let mut story = Story::under(&mean("programme", "Europe/Berlin"));
    story.programme(&mean("east", "Asia/Tokyo"), "2026-01-01");
    story.evaluation("anna", 90);
    story.evaluation("anna", 90);
    story.until("2026-11-30T14:59:59Z");
    assert!(story.ledger("anna").is_empty());
    story.until("2026-11-30T15:00:00Z");
    assert_eq!(story.ledger("anna"), ["11-30 15:59 east:mean 100"]);
    story.until("2026-11-30T23:00:00Z");
    assert_eq!(story.ledger("anna"), ["11-30 15:59 east:mean 100", "11-30 23:59 mean 100"]);
}

#[test]
fn evidence_from_too_long_ago_or_too_far_ahead_is_not_taken() {
    let mut story = Story::of(&[happy()]);
    story.until("2026-11-03 12:00:00");
    let known = story.survey("anna", 5);
    let at = |story: &Story, instant: &str, key: &str| {
        let body = json!({ "source": "desk", "key": key, "kind": "survey", "agent": "anna",
                           "occurred_at": story.instant(instant), "measures": { "csat": 5 } });
        story.send(&body)
    };
    assert_eq!(at(&story, "2026-11-03 12:05:00", "soon"), "accepted");
    assert_eq!(at(&story, "2026-11-03 12:05:01", "too-soon"), "rejected");
    assert_eq!(at(&story, "2025-08-01 12:00:00", "long-ago"), "rejected");
    assert_eq!(story.again(&known), "duplicate");
    assert_eq!(story.ledger("anna"), ["11-01 09:00 happy 20", "11-03 12:05 happy 20"]);
}

#[test]
fn between_two_seasons_nothing_is_earned() {
    let season = |code: &str, from: &str, until: &str| json!({ "code": code, "from": from, "until": until });
    let seasons = [season("autumn", "2026-11-01", "2026-11-12"), season("winter", "2026-11-16", "2027-03-01")];
    let rules = [limited(happy(), "week", "times", 1)];
    let document = programme(json!({ "season": { "custom": seasons }, "rules": rules }));
    let mut story = Story::under(&document);
    // A week from Monday, 9 November, to Sunday, the 15th, and the one after it.
    for (day, time) in
        [("2026-11-11", "23:59:59"), ("2026-11-12", "00:00:00"), ("2026-11-15", "23:59:59"), ("2026-11-16", "00:00:00")]
    {
        story.day(day).at(time);
        story.survey("anna", 5);
    }
    assert_eq!(story.ledger("anna"), ["11-11 23:59 happy 20", "11-16 00:00 happy 20"]);
}

#[test]
fn a_week_across_two_seasons_is_two_weeks() {
    let rules = [limited(happy(), "week", "times", 1)];
    let mut story = Story::under(&programme(json!({ "season": "month", "rules": rules })));
    for day in ["2026-11-30", "2026-11-30", "2026-12-01", "2026-12-06", "2026-12-07"] {
        story.day(day);
        story.survey("anna", 5);
    }
    assert_eq!(story.ledger("anna"), ["11-30 09:00 happy 20", "12-01 09:00 happy 20", "12-07 09:00 happy 20"]);
}

#[test]
fn a_quarter_follows_the_start_of_the_organisations_year() {
    // A year from 1 February on: its fourth quarter begins on 1 November, its first on 1 February.
    let rules = [limited(happy(), "season", "times", 1)];
    let mut story = Story::under(&programme(json!({ "year_starts": "02-01", "rules": rules })));
    for day in ["2026-11-01", "2026-12-31", "2027-01-31", "2027-02-01", "2027-04-30"] {
        story.day(day);
        story.survey("anna", 5);
    }
    assert_eq!(story.ledger("anna"), ["11-01 09:00 happy 20", "02-01 09:00 happy 20"]);
}
