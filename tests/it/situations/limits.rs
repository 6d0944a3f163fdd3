//! Limits and cooldowns: corrected, voided and late evidence changes who of several gets what there is.

use serde_json::json;

use super::story::{Story, happy, limited, programme, rule, with};

/// Half a point for each point of quality, at most 60 a day.
fn capped() -> serde_json::Value {
    let award = json!({ "award": { "points": { "measure": "quality", "times": 0.5 } } });
    limited(rule("capped", "evaluation", award), "day", "points", 60)
}

#[test]
fn a_correction_downwards_leaves_more_for_what_follows() {
    let mut story = Story::of(&[capped()]);
    story.day("2026-11-03");
    let first = story.evaluation("anna", 80);
    story.evaluation("anna", 60);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 capped 40", "11-03 09:01 capped 20"]);
    story.correct_quality(&first, 40);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 capped 20", "11-03 09:01 capped 30"]);
}

#[test]
fn a_correction_upwards_cuts_what_follows() {
    let mut story = Story::of(&[capped()]);
    story.day("2026-11-03");
    let first = story.evaluation("anna", 60);
    story.evaluation("anna", 40);
    story.evaluation("anna", 90);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 capped 30", "11-03 09:01 capped 20", "11-03 09:02 capped 10"]);
    story.correct_quality(&first, 100);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 capped 50", "11-03 09:01 capped 10"]);
}

#[test]
fn a_correction_that_changes_nothing_that_counts_moves_nothing() {
    let mut story = Story::of(&[capped()]);
    let first = story.evaluation("anna", 80);
    story.correct(&first, json!({ "attributes": { "queue": "billing" } }));
    assert_eq!(story.moved("anna"), ["+40 capped"]);
}

#[test]
fn voiding_frees_a_limits_room() {
    let mut story = Story::of(&[limited(happy(), "day", "times", 2)]);
    story.day("2026-11-03");
    let first = story.survey("anna", 5);
    story.survey("anna", 5);
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20", "11-03 09:01 happy 20"]);
    story.void(&first);
    assert_eq!(story.ledger("anna"), ["11-03 09:01 happy 20", "11-03 09:02 happy 20"]);
}

#[test]
fn a_late_signal_takes_the_place_of_a_later_one() {
    let mut story = Story::of(&[limited(happy(), "day", "times", 1)]);
    story.day("2026-11-03").at("15:00:00");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-03 15:00 happy 20"]);
    story.day("2026-11-05");
    story.survey("anna", 5);
    story.day("2026-11-03").at("08:00:00");
    story.survey("anna", 4);
    assert_eq!(story.ledger("anna"), ["11-03 08:00 happy 20", "11-05 09:00 happy 20"]);
    assert_eq!(story.moved("anna"), ["+20 happy", "+20 happy", "-20 happy", "+20 happy"]);
}

#[test]
fn a_late_signal_of_the_months_last_second_counts_for_that_month() {
    let rules = [limited(happy(), "month", "times", 1)];
    let mut story = Story::under(&programme(json!({ "time_zone": "America/New_York", "rules": rules })));
    story.day("2026-12-01").at("00:00:00");
    story.survey("anna", 5);
    story.day("2026-11-30").at("23:59:59.999999");
    story.survey("anna", 5);
    story.day("2026-11-30").at("23:59:59.999998");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-30 23:59 happy 20", "12-01 00:00 happy 20"]);
}

#[test]
fn a_correction_to_another_month_makes_room_in_the_one_it_leaves() {
    let mut story = Story::of(&[limited(happy(), "month", "points", 30)]);
    story.day("2026-11-03");
    let first = story.survey("anna", 5);
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20", "11-03 09:01 happy 10"]);
    story.day("2026-12-02");
    story.survey("anna", 5);
    story.correct(&first, json!({ "occurred_at": story.instant("2026-12-01 10:00:00") }));
    assert_eq!(story.ledger("anna"), ["11-03 09:01 happy 20", "12-01 10:00 happy 20", "12-02 09:00 happy 10"]);
}

#[test]
fn a_case_counts_once_a_season_however_far_apart() {
    let mut story = Story::of(&[limited(happy(), "case", "times", 1)]);
    let on_case = |csat| json!({ "case": "T-1", "measures": { "csat": csat } });
    story.day("2026-11-03");
    let first = story.tell("anna", "survey", on_case(5));
    story.day("2026-12-30");
    story.tell("anna", "survey", on_case(5));
    story.day("2027-01-02");
    story.tell("anna", "survey", on_case(5));
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20", "01-02 09:00 happy 20"]);
    story.correct(&first, on_case(1));
    assert_eq!(story.ledger("anna"), ["12-30 09:00 happy 20", "01-02 09:00 happy 20"]);
}

#[test]
fn when_the_first_award_goes_the_cooldown_begins_with_the_next() {
    let mut story = Story::of(&[with(happy(), json!({ "cooldown": "PT2H" }))]);
    story.day("2026-11-03");
    let mut at = |time: &str| {
        story.at(time);
        story.survey("anna", 5)
    };
    let first = at("09:00:00");
    for time in ["10:00:00", "11:00:00", "11:59:00", "12:30:00"] {
        at(time);
    }
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20", "11-03 11:00 happy 20"]);
    story.void(&first);
    assert_eq!(story.ledger("anna"), ["11-03 10:00 happy 20", "11-03 12:30 happy 20"]);
}
