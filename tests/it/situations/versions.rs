//! Rules that change: each day follows its version, counters run on, goals follow the first of their period.

use serde_json::json;

use super::story::{Story, happy, in_a_row, limited, month_mean, programme, rule, with};

/// The programme of these rules.
fn of(rules: &[serde_json::Value]) -> serde_json::Value {
    programme(json!({ "rules": rules }))
}

#[test]
fn a_rule_lowered_in_mid_season_leaves_what_was_before() {
    let mut story = Story::of(&[happy()]);
    story.day("2026-11-09");
    story.survey("anna", 5);
    story.version(&of(&[with(happy(), json!({ "award": { "points": 10 } }))]), "2026-11-10");
    story.day("2026-11-10").at("00:00:00");
    story.survey("anna", 5);
    story.day("2026-11-09").at("23:59:59");
    story.survey("anna", 5);
    let expected = ["11-09 09:00 happy 20", "11-09 23:59 happy 20", "11-10 00:00 happy 10 v2"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn a_limits_number_changes_with_the_day_and_its_count_runs_on() {
    let most = |points| of(&[limited(happy(), "week", "points", points)]);
    let mut story = Story::under(&most(60));
    for day in ["2026-11-09", "2026-11-10"] {
        story.day(day);
        story.survey("anna", 5);
    }
    story.version(&most(40), "2026-11-11");
    story.version(&most(60), "2026-11-12");
    for day in ["2026-11-11", "2026-11-12", "2026-11-13"] {
        story.day(day);
        story.survey("anna", 5);
    }
    let expected = ["11-09 09:00 happy 20", "11-10 09:00 happy 20", "11-12 09:00 happy 20 v3"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn a_rule_that_comes_back_remembers_what_it_gave() {
    let limited = || limited(happy(), "season", "times", 3);
    let mut story = Story::of(&[limited()]);
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.survey("anna", 5);
    story.version(&of(&[]), "2026-11-05");
    story.version(&of(&[limited()]), "2026-11-10");
    for day in ["2026-11-05", "2026-11-10", "2026-11-11"] {
        story.day(day);
        story.survey("anna", 5);
    }
    let expected = ["11-03 09:00 happy 20", "11-03 09:01 happy 20", "11-10 09:00 happy 20 v3"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn a_row_under_way_is_completed_by_the_shorter_length_of_a_new_version() {
    let mut story = Story::of(&[in_a_row(5)]);
    story.day("2026-11-09");
    for _ in 0..3 {
        story.evaluation("anna", 95);
    }
    story.version(&of(&[in_a_row(3)]), "2026-11-10");
    story.day("2026-11-10");
    assert!(story.ledger("anna").is_empty());
    for _ in 0..4 {
        story.evaluation("anna", 95);
    }
    assert_eq!(story.ledger("anna"), ["11-10 09:00 row 100 +steady v2", "11-10 09:03 row 100 +steady v2"]);
}

#[test]
fn a_month_keeps_the_goal_that_it_began_with() {
    let mut harder = month_mean();
    harder["goal"]["at_least"] = json!(95);
    harder["award"]["points"] = json!(300);
    let mut story = Story::of(&[month_mean()]);
    story.day("2026-11-03");
    story.evaluation("anna", 90);
    story.version(&of(&[harder]), "2026-11-15");
    for (day, quality) in [("2026-11-20", 90), ("2026-12-02", 94), ("2026-12-03", 94)] {
        story.day(day);
        story.evaluation("anna", quality);
    }
    for (day, quality) in [("2026-12-02", 95), ("2026-12-03", 95)] {
        story.day(day);
        story.evaluation("ben", quality);
    }
    story.until("2027-01-01 00:00:00");
    assert_eq!(story.ledger("anna"), ["11-30 23:59 mean 100"]);
    assert_eq!(story.ledger("ben"), ["12-31 23:59 mean 300 v2"]);
}

#[test]
fn a_goal_that_is_new_in_mid_month_counts_from_its_first_day() {
    let goal = json!({ "aggregate": "count", "at_least": 2, "per": "month" });
    let two = rule("two", "survey", json!({ "goal": goal, "award": { "points": 30 } }));
    let mut story = Story::of(&[happy()]);
    story.day("2026-11-09");
    story.survey("anna", 1);
    story.version(&of(&[happy(), two]), "2026-11-10");
    story.day("2026-11-10");
    story.survey("anna", 1);
    assert!(story.ledger("anna").is_empty());
    story.survey("anna", 1);
    assert_eq!(story.ledger("anna"), ["11-10 09:01 two 30 v2"]);
}

#[test]
fn a_scheduled_version_that_is_withdrawn_never_counts() {
    let mut story = Story::of(&[happy()]);
    let dearer = of(&[with(happy(), json!({ "award": { "points": 99 } }))]);
    let version = story.version(&dearer, "2026-11-10");
    story.hr().delete(&format!("/programmes/programme/versions/{version}")).expect(204);
    story.day("2026-11-10");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-10 09:00 happy 20"]);
}

#[test]
fn what_happened_before_the_first_version_earns_nothing() {
    let mut story = Story::begin("2026-11-01", &of(&[happy()]), "2026-11-10");
    story.day("2026-11-09").at("23:59:59.999999");
    story.survey("anna", 5);
    story.day("2026-11-10").at("00:00:00");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-10 00:00 happy 20"]);
}

#[test]
fn what_comes_after_the_last_day_of_a_programme_earns_nothing() {
    let mut story = Story::of(&[happy(), month_mean()]);
    let end = |story: &Story, day: &str| {
        story.hr().post("/programmes/programme/end", &json!({ "last_day": day })).expect(200);
    };
    end(&story, "2026-11-20");
    story.day("2026-11-10").at("23:50:00");
    story.survey("anna", 5);
    story.evaluation("anna", 80);
    story.evaluation("anna", 90);
    end(&story, "2026-11-11");
    story.day("2026-11-11").at("23:59:00");
    story.survey("anna", 5);
    story.day("2026-11-12").at("00:00:00");
    story.survey("anna", 5);
    story.evaluation("anna", 0);
    story.until("2026-12-01 00:00:00");
    let expected = ["11-10 23:50 happy 20", "11-11 23:59 happy 20", "11-30 23:59 mean 100"];
    assert_eq!(story.ledger("anna"), expected);
}

#[test]
fn an_audience_that_changes_leaves_what_was_earned() {
    let only = |team: &str| programme(json!({ "rules": [happy()], "audience": { "teams": [team] } }));
    let mut story = Story::of(&[happy()]);
    story.app.team("north", None);
    story.joins("anna", "north", "2026-01-01 00:00:00");
    story.day("2026-11-09");
    for agent in ["anna", "ben"] {
        story.survey(agent, 5);
    }
    story.version(&only("north"), "2026-11-10");
    story.day("2026-11-10");
    for agent in ["anna", "ben"] {
        story.survey(agent, 5);
    }
    assert_eq!(story.ledger("anna"), ["11-09 09:00 happy 20", "11-10 09:00 happy 20 v2"]);
    assert_eq!(story.ledger("ben"), ["11-09 09:01 happy 20"]);
}

#[test]
fn a_goal_made_easier_in_hindsight_is_awarded_for_the_month_that_has_passed() {
    let mut hard = month_mean();
    hard["goal"]["at_least"] = json!(95);
    let mut story = Story::of(&[hard]);
    story.evaluation("anna", 90);
    story.evaluation("anna", 90);
    story.until("2026-12-10 00:00:00");
    assert!(story.ledger("anna").is_empty());
    // From the second day on: the goal of November is that of its first day.
    story.in_hindsight(&of(&[month_mean()]), "2026-11-02");
    assert!(story.ledger("anna").is_empty());
    story.in_hindsight(&of(&[month_mean()]), "2026-11-01");
    assert_eq!(story.ledger("anna"), ["11-30 23:59 mean 100 v3"]);
}

#[test]
fn a_row_made_shorter_in_hindsight_is_counted_anew() {
    let mut story = Story::of(&[in_a_row(5)]);
    for day in ["2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"] {
        story.day(day);
        story.evaluation("anna", 95);
    }
    story.in_hindsight(&of(&[in_a_row(2)]), "2026-11-05");
    // Three in a row on the 5th are two or more, and on the 6th is one again.
    assert_eq!(story.ledger("anna"), ["11-05 09:00 row 100 +steady v2"]);
    story.in_hindsight(&of(&[in_a_row(2)]), "2026-11-01");
    assert_eq!(story.ledger("anna"), ["11-04 09:00 row 100 +steady v3", "11-06 09:00 row 100 +steady v3"]);
}

#[test]
fn a_rule_taken_away_in_hindsight_takes_its_awards_and_badges_along() {
    let mut story = Story::of(&[happy(), in_a_row(1)]);
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.evaluation("anna", 95);
    assert_eq!(story.badges("anna"), ["steady"]);
    story.in_hindsight(&of(&[happy()]), "2026-11-03");
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20 v2"]);
    assert!(story.badges("anna").is_empty());
}

#[test]
fn a_boost_announced_in_mid_season_counts_from_its_day() {
    let boost = json!({ "code": "double", "name": { "en": "Double", "de": "Doppelt" }, "from": "2026-11-09",
                        "until": "2026-11-12", "rules": ["happy"], "factor": 2 });
    let mut story = Story::of(&[happy()]);
    story.day("2026-11-09");
    story.version(&programme(json!({ "rules": [happy()], "boosts": [boost] })), "2026-11-10");
    for day in ["2026-11-09", "2026-11-10", "2026-11-11", "2026-11-12"] {
        story.day(day);
        story.survey("anna", 5);
    }
    let expected =
        ["11-09 09:00 happy 20", "11-10 09:00 happy 40 v2", "11-11 09:00 happy 40 v2", "11-12 09:00 happy 20 v2"];
    assert_eq!(story.ledger("anna"), expected);
}
