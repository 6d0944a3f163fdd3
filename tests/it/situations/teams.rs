//! Teams: what is a team's and what stays with people when they move, also in hindsight.

use serde_json::{Value, json};

use super::story::{Story, happy, programme, rule, with};

/// 500 points for a team with four surveys in a month.
fn together() -> Value {
    let goal = json!({ "aggregate": "count", "at_least": 4, "per": "month" });
    rule("together", "survey", json!({ "for": "team", "goal": goal, "award": { "points": 500 } }))
}

/// 50 points for every member of ten days of a team whose surveys of a month are good on the whole.
fn loved() -> Value {
    let goal = json!({ "measure": "csat", "aggregate": "mean", "at_least": 4, "samples": 2, "per": "month" });
    let award = json!({ "points": 50, "badge": "loved", "to": "members", "min_days": 10 });
    rule("loved", "survey", json!({ "for": "team", "goal": goal, "award": award }))
}

/// With the teams north and south; anna at home in the north.
fn two_teams(rules: &[Value]) -> Story {
    let story = Story::of(rules);
    story.app.team("north", None);
    story.app.team("south", None);
    story.joins("anna", "north", "2026-01-01 00:00:00");
    story
}

#[test]
fn a_team_reaches_its_goal_at_the_start_of_the_day_that_completes_it() {
    let mut story = two_teams(&[together()]);
    story.joins("ben", "north", "2026-01-01 00:00:00");
    story.day("2026-11-03");
    story.survey("anna", 1);
    story.survey("ben", 1);
    story.day("2026-11-05").at("17:00:00");
    story.survey("ben", 1);
    assert!(story.ledger("north").is_empty());
    story.survey("anna", 1);
    assert_eq!(story.ledger("north"), ["11-05 00:00 together 500"]);
    assert!(story.ledger("anna").is_empty());
}

#[test]
fn who_moves_takes_points_along_and_leaves_evidence_behind() {
    let mut story = two_teams(&[together(), happy()]);
    story.joins("ben", "south", "2026-01-01 00:00:00");
    story.day("2026-11-10");
    for _ in 0..3 {
        story.survey("anna", 5);
    }
    story.joins("anna", "south", "2026-11-16 12:00:00");
    story.day("2026-11-16").at("11:59:59");
    story.survey("ben", 1);
    story.survey("ben", 1);
    story.survey("ben", 1);
    story.day("2026-11-16").at("12:00:00");
    story.survey("anna", 4);
    assert!(story.ledger("north").is_empty());
    assert_eq!(story.ledger("south"), ["11-16 00:00 together 500"]);
    let points = ["11-10 09:00 happy 20", "11-10 09:01 happy 20", "11-10 09:02 happy 20", "11-16 12:00 happy 20"];
    assert_eq!(story.ledger("anna"), points);
}

#[test]
fn a_move_entered_for_the_past_takes_the_goal_from_one_team_to_the_other() {
    let mut story = two_teams(&[together(), happy()]);
    for day in ["2026-11-02", "2026-11-10", "2026-11-11", "2026-11-12"] {
        story.day(day);
        story.survey("anna", 5);
    }
    assert_eq!(story.ledger("north"), ["11-12 00:00 together 500"]);
    let points = story.moved("anna");
    story.joins("anna", "south", "2026-11-10 00:00:00");
    assert!(story.ledger("north").is_empty());
    assert!(story.ledger("south").is_empty());
    story.survey("anna", 5);
    assert_eq!(story.ledger("south"), ["11-12 00:00 together 500"]);
    assert_eq!(story.moved("anna")[..4], points);
}

#[test]
fn a_correction_to_a_member_of_another_team_moves_what_counts_there() {
    let mut story = two_teams(&[together()]);
    story.joins("ben", "south", "2026-01-01 00:00:00");
    story.day("2026-11-03");
    let moved = story.survey("anna", 5);
    for _ in 0..3 {
        story.survey("anna", 5);
        story.survey("ben", 5);
    }
    assert_eq!(story.ledger("north"), ["11-03 00:00 together 500"]);
    story.correct(&moved, json!({ "agent": "ben" }));
    assert!(story.ledger("north").is_empty());
    assert_eq!(story.ledger("south"), ["11-03 00:00 together 500"]);
}

const LOVED: [&str; 1] = ["11-30 23:59 loved 50 +loved"];

#[test]
fn members_of_ten_days_share_a_teams_goal_and_a_late_comer_does_not() {
    let mut story = two_teams(&[loved()]);
    story.joins("ben", "north", "2026-11-21 17:00:00");
    story.joins("cora", "north", "2026-11-22 00:00:00");
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.survey("anna", 3);
    story.until("2026-12-01 00:00:00");
    assert_eq!(story.ledger("anna"), LOVED);
    assert_eq!(story.ledger("ben"), LOVED);
    assert!(story.ledger("cora").is_empty());
    assert!(story.ledger("north").is_empty());
}

#[test]
fn a_membership_found_out_later_is_rewarded_later() {
    let mut story = two_teams(&[loved()]);
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.survey("anna", 5);
    story.until("2026-12-10 00:00:00");
    story.joins("dan", "north", "2026-11-05 00:00:00");
    assert_eq!(story.ledger("dan"), LOVED);
    assert_eq!(story.badges("dan"), ["loved"]);
}

#[test]
fn a_correction_of_one_members_evidence_takes_the_award_from_all() {
    let mut story = two_teams(&[loved()]);
    story.joins("ben", "north", "2026-01-01 00:00:00");
    story.day("2026-11-03");
    let survey = story.survey("anna", 5);
    story.survey("anna", 3);
    story.until("2026-12-10 00:00:00");
    assert_eq!(story.ledger("ben"), LOVED);
    story.correct(&survey, json!({ "measures": { "csat": 4 } }));
    assert!(story.ledger("anna").is_empty());
    assert!(story.ledger("ben").is_empty());
    assert!(story.badges("ben").is_empty());
}

#[test]
fn who_leaves_the_company_keeps_the_days_worked() {
    let mut story = two_teams(&[loved()]);
    story.joins("ben", "north", "2026-01-01 00:00:00");
    story.day("2026-11-09");
    story.survey("anna", 5);
    story.survey("anna", 5);
    story.until("2026-11-10 09:00:00");
    story.leaves("anna");
    story.until("2026-12-01 00:00:00");
    // Ten days of membership, the last of them begun.
    assert_eq!(story.ledger("anna"), LOVED);
    assert_eq!(story.ledger("ben"), LOVED);
}

#[test]
fn a_guard_of_a_team_looks_at_the_whole_team() {
    let quality = json!({ "measure": "quality", "aggregate": "mean", "at_least": 80, "per": "month" });
    let guarded = with(together(), json!({ "guard": { "on": ["evaluation"], "goal": quality } }));
    let mut story = two_teams(&[guarded]);
    story.joins("ben", "north", "2026-01-01 00:00:00");
    story.day("2026-11-03");
    for _ in 0..4 {
        story.survey("anna", 1);
    }
    story.evaluation("anna", 90);
    let weak = story.evaluation("ben", 60);
    story.until("2026-12-01 00:00:00");
    assert!(story.ledger("north").is_empty());
    story.correct_quality(&weak, 70);
    assert_eq!(story.ledger("north"), ["11-03 00:00 together 500"]);
}

#[test]
fn a_membership_entered_for_the_wrong_team_is_put_right() {
    let mut story = two_teams(&[loved()]);
    story.joins("ben", "north", "2026-11-01 00:00:00");
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.survey("anna", 5);
    story.until("2026-12-10 00:00:00");
    assert_eq!(story.ledger("ben"), LOVED);
    story.corrects_membership("ben", json!({ "team": "south" }));
    assert!(story.ledger("ben").is_empty());
    assert_eq!(story.ledger("anna"), LOVED);
    story.corrects_membership("ben", json!({ "team": "north", "from": story.instant("2026-11-22 00:00:00") }));
    assert!(story.ledger("ben").is_empty());
    story.corrects_membership("ben", json!({ "from": story.instant("2026-11-21 23:59:59") }));
    assert_eq!(story.ledger("ben"), LOVED);
    assert_eq!(story.moved("ben"), ["+50 loved", "-50 loved", "+50 loved"]);
}

#[test]
fn the_evidence_of_a_wrong_membership_goes_to_the_right_team() {
    let mut story = two_teams(&[together()]);
    story.day("2026-11-03");
    for _ in 0..4 {
        story.survey("anna", 1);
    }
    assert_eq!(story.ledger("north"), ["11-03 00:00 together 500"]);
    story.corrects_membership("anna", json!({ "team": "south" }));
    assert!(story.ledger("north").is_empty());
    assert_eq!(story.ledger("south"), ["11-03 00:00 together 500"]);
}

#[test]
fn a_team_goal_that_is_new_in_hindsight_counts_what_was_there() {
    let mut story = two_teams(&[happy()]);
    story.day("2026-11-03");
    for _ in 0..4 {
        story.survey("anna", 5);
    }
    story.until("2026-12-10 00:00:00");
    story.in_hindsight(&programme(json!({ "rules": [together(), loved()] })), "2026-11-01");
    assert_eq!(story.ledger("north"), ["11-03 00:00 together 500 v2"]);
    assert_eq!(story.ledger("anna"), ["11-30 23:59 loved 50 +loved v2"]);
}

#[test]
fn a_team_reaches_two_multiples_on_one_day_and_late_evidence_moves_the_first_ahead() {
    let goal = json!({ "aggregate": "count", "at_least": 2, "repeat": true, "per": "month" });
    let award = json!({ "points": 10 });
    let mut story = two_teams(&[rule("two", "survey", json!({ "for": "team", "goal": goal, "award": award }))]);
    story.day("2026-11-03");
    story.survey("anna", 1);
    story.day("2026-11-05");
    for _ in 0..3 {
        story.survey("anna", 1);
    }
    assert_eq!(story.ledger("north"), ["11-05 00:00 two 10", "11-05 00:00 two 10"]);
    story.day("2026-11-04");
    story.survey("anna", 1);
    assert_eq!(story.ledger("north"), ["11-04 00:00 two 10", "11-05 00:00 two 10"]);
}

#[test]
fn what_a_team_does_is_not_its_parents() {
    let mut story = two_teams(&[together()]);
    story.app.team("night", Some("north"));
    story.joins("ben", "night", "2026-01-01 00:00:00");
    story.day("2026-11-03");
    story.survey("anna", 1);
    for _ in 0..3 {
        story.survey("ben", 1);
    }
    assert!(story.ledger("north").is_empty());
    story.survey("ben", 1);
    assert_eq!(story.ledger("night"), ["11-03 00:00 together 500"]);
    assert!(story.ledger("north").is_empty());
}

#[test]
fn two_stays_in_a_team_add_up() {
    let mut story = two_teams(&[loved()]);
    for (team, from) in [("north", "01"), ("south", "06"), ("north", "26")] {
        story.joins("ben", team, &format!("2026-11-{from} 00:00:00"));
        story.joins("cora", team, &format!("2026-11-{from} 00:00:00"));
    }
    // Cora's second stay lasts four days.
    story.joins("cora", "south", "2026-11-30 00:00:00");
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.survey("anna", 5);
    story.until("2026-12-01 00:00:00");
    assert_eq!(story.ledger("ben"), LOVED);
    assert!(story.ledger("cora").is_empty());
}

#[test]
fn what_happens_while_somebody_is_elsewhere_neither_counts_nor_breaks() {
    let audience = json!({ "teams": ["north"] });
    let mut story = two_teams(&[]);
    let document = programme(json!({ "code": "rows", "audience": audience, "rules": [super::story::in_a_row(3)] }));
    story.programme(&document, "2026-01-01");
    story.joins("anna", "south", "2026-11-04 00:00:00");
    story.joins("anna", "north", "2026-11-05 00:00:00");
    for (day, quality) in [("2026-11-02", 95), ("2026-11-03", 95), ("2026-11-04", 10), ("2026-11-05", 95)] {
        story.day(day);
        story.evaluation("anna", quality);
    }
    assert_eq!(story.ledger("anna"), ["11-05 09:00 rows:row 100 +steady"]);
}
