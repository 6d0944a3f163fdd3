//! Goals: when they are decided, and what later evidence does to them.

use serde_json::{Value, json};

use super::story::{Story, month_mean, programme, rule};

/// The month's mean with five days of grace.
fn graceful() -> Story {
    Story::under(&programme(json!({ "grace_days": 5, "rules": [month_mean()] })))
}

const NOVEMBER: [&str; 1] = ["11-30 23:59 mean 100"];

#[test]
fn a_goal_is_decided_when_the_grace_is_over_and_not_before() {
    let mut story = graceful();
    story.evaluation("anna", 90);
    story.evaluation("anna", 80);
    for before in ["2026-12-01 00:00:00", "2026-12-05 23:59:59.999999"] {
        story.until(before);
        assert!(story.ledger("anna").is_empty());
    }
    story.until("2026-12-06 00:00:00");
    assert_eq!(story.ledger("anna"), NOVEMBER);
}

#[test]
fn late_evidence_within_the_grace_flips_a_goal() {
    let mut story = graceful();
    for quality in [90, 90] {
        story.evaluation("anna", quality);
    }
    for quality in [70, 70] {
        story.evaluation("ben", quality);
    }
    story.until("2026-12-05 20:00:00");
    story.day("2026-11-30");
    story.evaluation("anna", 0);
    story.evaluation("ben", 100);
    story.until("2026-12-06 00:00:00");
    assert!(story.ledger("anna").is_empty());
    assert_eq!(story.ledger("ben"), NOVEMBER);
}

#[test]
fn one_late_value_makes_enough_of_too_few() {
    let mut story = graceful();
    story.evaluation("anna", 90);
    story.until("2026-12-20 00:00:00");
    assert!(story.ledger("anna").is_empty());
    story.day("2026-11-02");
    story.evaluation("anna", 90);
    assert_eq!(story.ledger("anna"), NOVEMBER);
}

#[test]
fn a_correction_long_after_the_decision_takes_the_goal_back_and_gives_it_again() {
    let mut story = graceful();
    let first = story.evaluation("anna", 90);
    story.evaluation("anna", 80);
    story.until("2027-02-01 00:00:00");
    assert_eq!(story.ledger("anna"), NOVEMBER);
    story.correct_quality(&first, 79);
    assert!(story.ledger("anna").is_empty());
    story.correct_quality(&first, 81);
    assert_eq!(story.ledger("anna"), NOVEMBER);
    assert_eq!(story.moved("anna"), ["+100 mean", "-100 mean", "+100 mean"]);
}

#[test]
fn a_correction_to_another_month_is_felt_in_both() {
    let mut story = Story::of(&[month_mean()]);
    story.day("2026-11-03");
    story.evaluation("anna", 90);
    story.evaluation("anna", 70);
    let weak = story.evaluation("anna", 50);
    story.day("2026-12-03");
    story.evaluation("anna", 85);
    story.evaluation("anna", 80);
    story.until("2027-01-01 00:00:00");
    assert_eq!(story.ledger("anna"), ["12-31 23:59 mean 100"]);
    story.correct(&weak, json!({ "occurred_at": story.instant("2026-12-04 09:00:00") }));
    assert_eq!(story.ledger("anna"), NOVEMBER);
}

/// 10 points for each 100 seconds on hold, which somebody is thanked for.
fn patience() -> Value {
    let goal =
        json!({ "measure": "hold_seconds", "aggregate": "sum", "at_least": 100, "repeat": true, "per": "month" });
    rule("patience", "metric", json!({ "goal": goal, "award": { "points": 10 } }))
}

#[test]
fn one_signal_reaches_two_multiples_and_a_correction_takes_one() {
    let mut story = Story::of(&[patience()]);
    story.day("2026-11-03");
    let long = story.metric("anna", "hold_seconds", 250);
    story.metric("anna", "hold_seconds", 60);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 patience 10", "11-03 09:00 patience 10", "11-03 09:01 patience 10"]);
    story.correct(&long, json!({ "measures": { "hold_seconds": 150 } }));
    assert_eq!(story.ledger("anna"), ["11-03 09:00 patience 10", "11-03 09:01 patience 10"]);
    // The first for the first hundred stands: it is the same award as before.
    assert_eq!(story.moved("anna").len(), 3 + 2 + 1);
}

/// 30 points for three surveys in a week.
fn three_a_week() -> Value {
    let goal = json!({ "aggregate": "count", "at_least": 3, "per": "week" });
    rule("three", "survey", json!({ "goal": goal, "award": { "points": 30 } }))
}

#[test]
fn when_one_of_three_is_voided_the_fourth_reaches_the_goal() {
    let mut story = Story::of(&[three_a_week()]);
    story.day("2026-11-02");
    let first = story.survey("anna", 1);
    story.survey("anna", 2);
    story.survey("anna", 3);
    story.day("2026-11-08").at("23:59:59");
    story.survey("anna", 4);
    assert_eq!(story.ledger("anna"), ["11-02 09:02 three 30"]);
    story.void(&first);
    assert_eq!(story.ledger("anna"), ["11-08 23:59 three 30"]);
}

#[test]
fn a_correction_over_the_weeks_edge_takes_the_goal_with_it() {
    let mut story = Story::of(&[three_a_week()]);
    story.day("2026-11-08");
    let last = story.survey("anna", 5);
    story.survey("anna", 5);
    story.survey("anna", 5);
    story.day("2026-11-09");
    story.survey("anna", 5);
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-08 09:02 three 30"]);
    story.correct(&last, json!({ "occurred_at": story.instant("2026-11-09 00:00:00") }));
    assert_eq!(story.ledger("anna"), ["11-09 09:01 three 30"]);
}

#[test]
fn a_server_that_was_down_for_months_decides_all_that_came_due() {
    let mean = |code: &str, per: &str| {
        let goal = json!({ "measure": "quality", "aggregate": "mean", "at_least": 80, "per": per });
        rule(code, "evaluation", json!({ "goal": goal, "award": { "points": 10 } }))
    };
    let rules = [mean("day", "day"), mean("week", "week"), mean("month", "month"), mean("season", "season")];
    let mut story = Story::under(&programme(json!({ "grace_days": 3, "rules": rules })));
    story.day("2026-11-17");
    story.evaluation("anna", 80);
    assert!(story.ledger("anna").is_empty());
    story.until("2027-09-01 00:00:00");
    let expected = ["11-17 23:59 day 10", "11-22 23:59 week 10", "11-30 23:59 month 10", "12-31 23:59 season 10"];
    assert_eq!(story.ledger("anna"), expected);
}
