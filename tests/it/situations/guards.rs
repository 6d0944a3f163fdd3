//! Guards: what waits for the end of a period, and what becomes of it.

use serde_json::{Value, json};

use super::story::{Story, happy, limited, programme, rule, with};

/// The rule, if the month's mean quality is 80 or more over at least two evaluations.
fn guarded(rule: Value) -> Value {
    let goal = json!({ "measure": "quality", "aggregate": "mean", "at_least": 80, "samples": 2, "per": "month" });
    with(rule, json!({ "guard": { "on": ["evaluation"], "goal": goal } }))
}

/// Three surveys, of which the day's limit leaves one and a half; five days of grace.
fn three_surveys() -> Story {
    let rule = guarded(limited(happy(), "day", "points", 30));
    let mut story = Story::under(&programme(json!({ "grace_days": 5, "rules": [rule] })));
    story.day("2026-11-03");
    for _ in 0..3 {
        story.survey("anna", 5);
    }
    story
}

const WRITTEN: [&str; 2] = ["11-03 09:00 happy 20", "11-03 09:01 happy 10"];

#[test]
fn a_guard_that_holds_lets_everything_be_written_after_the_grace() {
    let mut story = three_surveys();
    story.evaluation("anna", 90);
    story.evaluation("anna", 70);
    story.until("2026-12-05 23:59:59.999999");
    assert!(story.ledger("anna").is_empty());
    story.until("2026-12-06 00:00:00");
    assert_eq!(story.ledger("anna"), WRITTEN);
}

#[test]
fn a_guard_that_fails_leaves_no_trace_in_the_ledger() {
    let mut story = three_surveys();
    story.evaluation("anna", 90);
    story.evaluation("anna", 69);
    story.until("2027-01-10 00:00:00");
    assert!(story.ledger("anna").is_empty());
    assert!(story.moved("anna").is_empty());
}

#[test]
fn too_few_evaluations_hold() {
    let mut story = three_surveys();
    story.evaluation("anna", 0);
    story.until("2026-12-06 00:00:00");
    assert_eq!(story.ledger("anna"), WRITTEN);
}

#[test]
fn a_late_evaluation_within_the_grace_decides() {
    let mut story = three_surveys();
    story.evaluation("anna", 90);
    story.until("2026-12-05 12:00:00");
    story.day("2026-11-29");
    story.evaluation("anna", 10);
    story.until("2026-12-06 00:00:00");
    assert!(story.ledger("anna").is_empty());
}

#[test]
fn a_correction_after_the_decision_takes_back_what_was_guarded_and_gives_it_again() {
    let mut story = three_surveys();
    let one = story.evaluation("anna", 90);
    story.evaluation("anna", 70);
    story.until("2026-12-20 00:00:00");
    assert_eq!(story.ledger("anna"), WRITTEN);
    story.correct_quality(&one, 80);
    assert!(story.ledger("anna").is_empty());
    story.void(&one);
    // One is left, which is too few.
    assert_eq!(story.ledger("anna"), WRITTEN);
}

#[test]
fn what_comes_after_the_decision_is_written_at_once_or_never() {
    let mut story = three_surveys();
    for quality in [90, 90] {
        story.evaluation("anna", quality);
    }
    for quality in [10, 10] {
        story.evaluation("ben", quality);
    }
    story.until("2026-12-20 00:00:00");
    story.day("2026-11-04");
    story.survey("anna", 5);
    story.survey("ben", 5);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20", "11-03 09:01 happy 10", "11-04 09:00 happy 20"]);
    assert!(story.ledger("ben").is_empty());
}

#[test]
fn a_pending_award_counts_for_its_limits() {
    let rule = guarded(limited(happy(), "season", "times", 2));
    let mut story = Story::of(&[rule]);
    for (month, quality) in [("2026-11", 10), ("2026-12", 90)] {
        story.day(&format!("{month}-10"));
        story.survey("anna", 5);
        story.evaluation("anna", quality);
        story.evaluation("anna", quality);
        story.survey("anna", 5);
    }
    story.until("2027-01-01 00:00:00");
    // Both of November used the season's two times up, though November's guard failed.
    assert!(story.ledger("anna").is_empty());
}

#[test]
fn a_guarded_goal_waits_and_keeps_the_instant_at_which_it_was_reached() {
    let goal = json!({ "aggregate": "count", "at_least": 2, "per": "week" });
    let two = guarded(rule("two", "survey", json!({ "goal": goal, "award": { "points": 30, "badge": "busy" } })));
    let mut story = Story::of(&[two]);
    story.day("2026-11-03");
    story.survey("anna", 1);
    story.survey("anna", 1);
    assert!(story.ledger("anna").is_empty());
    assert!(story.badges("anna").is_empty());
    story.until("2026-12-01 00:00:00");
    assert_eq!(story.ledger("anna"), ["11-03 09:01 two 30 +busy"]);
    assert_eq!(story.badges("anna"), ["busy"]);
}
