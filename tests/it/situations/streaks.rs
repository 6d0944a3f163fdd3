//! Rows of signals and rows of days: what breaks them, what mends them, and where they end.

use serde_json::{Value, json};

use super::story::{Story, in_a_row, limited, rule};

#[test]
fn a_correction_breaks_a_completed_row() {
    let mut story = Story::of(&[in_a_row(3)]);
    story.day("2026-11-03");
    story.evaluation("anna", 95);
    let middle = story.evaluation("anna", 95);
    story.evaluation("anna", 95);
    assert_eq!(story.ledger("anna"), ["11-03 09:02 row 100 +steady"]);
    story.correct_quality(&middle, 89);
    assert!(story.ledger("anna").is_empty());
    assert!(story.badges("anna").is_empty());
    assert_eq!(story.moved("anna"), ["+100 row", "-100 row"]);
}

#[test]
fn a_correction_completes_a_row() {
    let mut story = Story::of(&[in_a_row(3)]);
    story.day("2026-11-03");
    story.evaluation("anna", 95);
    let middle = story.evaluation("anna", 89);
    story.evaluation("anna", 95);
    assert!(story.ledger("anna").is_empty());
    story.correct_quality(&middle, 90);
    assert_eq!(story.ledger("anna"), ["11-03 09:02 row 100 +steady"]);
}

#[test]
fn a_late_signal_moves_where_each_row_is_completed() {
    let mut story = Story::of(&[in_a_row(3)]);
    for day in ["2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06", "2026-11-07"] {
        story.day(day);
        story.evaluation("anna", 95);
    }
    assert_eq!(story.ledger("anna"), ["11-05 09:00 row 100 +steady"]);
    story.day("2026-11-02");
    story.evaluation("anna", 95);
    assert_eq!(story.ledger("anna"), ["11-04 09:00 row 100 +steady", "11-07 09:00 row 100 +steady"]);
}

#[test]
fn voiding_what_broke_a_row_joins_its_halves() {
    let mut story = Story::of(&[in_a_row(4)]);
    story.day("2026-11-03");
    story.evaluation("anna", 95);
    story.evaluation("anna", 95);
    let weak = story.evaluation("anna", 40);
    story.evaluation("anna", 95);
    story.evaluation("anna", 95);
    assert!(story.ledger("anna").is_empty());
    story.void(&weak);
    assert_eq!(story.ledger("anna"), ["11-03 09:04 row 100 +steady"]);
}

#[test]
fn a_row_whose_award_a_limit_drops_begins_anew_all_the_same() {
    let mut story = Story::of(&[limited(in_a_row(2), "day", "times", 1)]);
    story.day("2026-11-03");
    for _ in 0..4 {
        story.evaluation("anna", 95);
    }
    story.day("2026-11-04");
    story.evaluation("anna", 95);
    assert_eq!(story.ledger("anna"), ["11-03 09:01 row 100 +steady"]);
    story.evaluation("anna", 95);
    assert_eq!(story.ledger("anna"), ["11-03 09:01 row 100 +steady", "11-04 09:01 row 100 +steady"]);
}

#[test]
fn a_row_ends_with_its_season() {
    let mut story = Story::of(&[in_a_row(3)]);
    for day in ["2026-12-30", "2026-12-31", "2027-01-01", "2027-01-02"] {
        story.day(day);
        story.evaluation("anna", 95);
    }
    assert!(story.ledger("anna").is_empty());
    story.day("2027-01-03");
    story.evaluation("anna", 95);
    assert_eq!(story.ledger("anna"), ["01-03 09:00 row 100 +steady"]);
}

/// 50 points for so many days in a row with a satisfied customer.
fn days(length: u32) -> Value {
    let streak = json!({ "length": length, "unit": "day", "of": { "measure": "csat", "at_least": 4 } });
    rule("days", "survey", json!({ "streak": streak, "award": { "points": 50 } }))
}

/// Monday to Monday, without the Wednesday.
fn without_wednesday(story: &mut Story, agent: &str) {
    for day in ["2026-11-02", "2026-11-03", "2026-11-05", "2026-11-06", "2026-11-09"] {
        story.day(day);
        story.survey(agent, 5);
    }
}

#[test]
fn a_day_off_entered_for_the_past_mends_a_row_of_days() {
    let mut story = Story::of(&[days(5)]);
    without_wednesday(&mut story, "anna");
    without_wednesday(&mut story, "ben");
    assert!(story.ledger("anna").is_empty());
    story.day_off("anna", "2026-11-04");
    assert_eq!(story.ledger("anna"), ["11-09 00:00 days 50"]);
    assert!(story.ledger("ben").is_empty());
}

#[test]
fn a_holiday_added_mends_the_rows_of_all_and_removed_breaks_them_again() {
    let mut story = Story::of(&[days(5)]);
    without_wednesday(&mut story, "anna");
    without_wednesday(&mut story, "ben");
    story.holidays(&["2026-11-04"]);
    assert_eq!(story.ledger("anna"), ["11-09 00:00 days 50"]);
    assert_eq!(story.ledger("ben"), ["11-09 00:00 days 50"]);
    story.holidays(&[]);
    assert!(story.ledger("anna").is_empty());
    assert_eq!(story.moved("ben"), ["+50 days", "-50 days"]);
}

#[test]
fn a_weekend_day_counts_if_it_is_worked_and_breaks_nothing_if_not() {
    let mut story = Story::of(&[days(4)]);
    story.day("2026-11-06"); // a Friday
    story.survey("anna", 5);
    story.survey("ben", 5);
    story.day("2026-11-07");
    story.survey("anna", 5);
    story.survey("ben", 1);
    for day in ["2026-11-09", "2026-11-10"] {
        story.day(day);
        story.survey("anna", 5);
        story.survey("ben", 5);
    }
    assert_eq!(story.ledger("anna"), ["11-10 00:00 days 50"]);
    assert!(story.ledger("ben").is_empty());
    story.day("2026-11-11");
    story.survey("ben", 5);
    assert_eq!(story.ledger("ben"), ["11-11 00:00 days 50"]);
}

#[test]
fn a_late_survey_fills_a_days_gap() {
    let mut story = Story::of(&[days(6)]);
    without_wednesday(&mut story, "anna");
    story.day("2026-11-04");
    story.survey("anna", 3);
    assert!(story.ledger("anna").is_empty());
    story.survey("anna", 4);
    assert_eq!(story.ledger("anna"), ["11-09 00:00 days 50"]);
}

#[test]
fn a_day_off_withdrawn_breaks_the_row_that_it_mended() {
    let mut story = Story::of(&[days(5)]);
    without_wednesday(&mut story, "anna");
    story.day_off("anna", "2026-11-04");
    story.day("2026-11-10");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-09 00:00 days 50"]);
    story.no_day_off("anna");
    // Four since Thursday, and the day after makes five.
    assert!(story.ledger("anna").is_empty());
    story.day("2026-11-11");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-11 00:00 days 50"]);
}
