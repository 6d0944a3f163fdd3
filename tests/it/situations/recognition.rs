//! Tiers, badges and boosts, as evidence comes and goes.

use serde_json::{Value, json};

use super::story::{Story, happy, in_a_row, limited, programme, rule};

#[test]
fn a_tier_is_lost_by_a_correction_and_won_again() {
    let tier = |code: &str, at: u32| json!({ "code": code, "name": { "en": code, "de": code }, "at": at });
    let tiers = [tier("bronze", 40), tier("silver", 60)];
    let mut story = Story::under(&programme(json!({ "rules": [happy()], "tiers": tiers })));
    assert_eq!(story.app.person("anna").user_name, "anna");
    assert_eq!(story.tier("anna"), "none");
    story.survey("anna", 5);
    let second = story.survey("anna", 5);
    assert_eq!(story.tier("anna"), "bronze");
    let third = story.survey("anna", 5);
    assert_eq!(story.tier("anna"), "silver");
    story.void(&third);
    assert_eq!(story.tier("anna"), "bronze");
    story.correct(&second, json!({ "measures": { "csat": 1 } }));
    assert_eq!(story.tier("anna"), "none");
    story.survey("anna", 5);
    assert_eq!(story.tier("anna"), "bronze");
}

#[test]
fn a_tier_starts_from_nothing_in_a_new_season() {
    let tiers = json!([{ "code": "bronze", "name": { "en": "Bronze", "de": "Bronze" }, "at": 20 }]);
    let mut story = Story::under(&programme(json!({ "season": "month", "rules": [happy()], "tiers": tiers })));
    story.day("2026-11-30").at("23:59:59");
    story.survey("anna", 5);
    assert_eq!(story.tier("anna"), "bronze");
    story.until("2026-12-01 00:00:00");
    assert_eq!(story.tier("anna"), "none");
}

/// SEMANTICS S10.
#[test]
fn a_badge_is_held_as_long_as_one_of_its_awards_stands() {
    let mut story = Story::of(&[in_a_row(2)]);
    story.day("2026-11-03");
    story.evaluation("anna", 95);
    let second = story.evaluation("anna", 95);
    story.evaluation("anna", 95);
    let fourth = story.evaluation("anna", 95);
    assert_eq!(story.ledger("anna"), ["11-03 09:01 row 100 +steady", "11-03 09:03 row 100 +steady"]);
    assert_eq!(story.badges("anna"), ["steady"]);
    story.correct_quality(&second, 50);
    assert_eq!(story.ledger("anna"), ["11-03 09:03 row 100 +steady"]);
    assert_eq!(story.badges("anna"), ["steady"]);
    story.correct_quality(&fourth, 50);
    assert!(story.badges("anna").is_empty());
    story.correct_quality(&second, 95);
    assert_eq!(story.ledger("anna"), ["11-03 09:01 row 100 +steady"]);
    assert_eq!(story.badges("anna"), ["steady"]);
}

#[test]
fn a_badge_of_two_rules_outlives_one_of_them() {
    let first = rule("first", "survey", json!({ "award": { "badge": "kind" } }));
    let second = rule("second", "compliment", json!({ "award": { "badge": "kind", "points": 5 } }));
    let mut story = Story::of(&[first, second]);
    story.day("2026-11-03");
    let survey = story.survey("anna", 1);
    let compliment = story.tell("anna", "compliment", json!({}));
    assert_eq!(story.ledger("anna"), ["11-03 09:00 first 0 +kind", "11-03 09:01 second 5 +kind"]);
    story.void(&survey);
    assert_eq!(story.badges("anna"), ["kind"]);
    story.void(&compliment);
    assert!(story.badges("anna").is_empty());
    // What has no points leaves no line among the transfers.
    assert_eq!(story.moved("anna"), ["+5 second", "-5 second"]);
}

/// A boost of the rule "happy".
fn boost(code: &str, days: [&str; 2], factor: f64) -> Value {
    let [from, until] = days;
    json!({ "code": code, "name": { "en": code, "de": code }, "from": from, "until": until, "rules": ["happy"],
            "factor": factor })
}

#[test]
fn of_several_boosts_the_largest_counts_and_they_do_not_multiply() {
    let mut phone = boost("phone", ["2026-11-03", "2026-11-06"], 2.0);
    phone["when"] = json!({ "field": "channel", "in": ["phone"] });
    let boosts =
        [boost("long", ["2026-11-03", "2026-11-06"], 1.5), boost("short", ["2026-11-04", "2026-11-05"], 3.0), phone];
    let mut story = Story::under(&programme(json!({ "rules": [happy()], "boosts": boosts })));
    for day in ["2026-11-02", "2026-11-03", "2026-11-04", "2026-11-05", "2026-11-06"] {
        story.day(day);
        story.survey("anna", 5);
        story.tell("ben", "survey", json!({ "channel": "phone", "measures": { "csat": 5 } }));
    }
    let points = |ledger: Vec<String>| -> Vec<String> {
        ledger.iter().map(|line| line.rsplit(' ').next().unwrap().to_owned()).collect()
    };
    assert_eq!(points(story.ledger("anna")), ["20", "30", "60", "30", "20"]);
    assert_eq!(points(story.ledger("ben")), ["20", "40", "60", "40", "20"]);
}

#[test]
fn a_boost_comes_before_the_limit() {
    let rules = [limited(happy(), "day", "points", 50)];
    let boosts = [boost("double", ["2026-11-03", "2026-11-04"], 2.0)];
    let mut story = Story::under(&programme(json!({ "rules": rules, "boosts": boosts })));
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 40", "11-03 09:01 happy 10"]);
}

#[test]
fn a_correction_into_a_boosts_days_is_worth_more() {
    let boosts = [boost("double", ["2026-11-03", "2026-11-04"], 2.0)];
    let mut story = Story::under(&programme(json!({ "rules": [happy()], "boosts": boosts })));
    story.day("2026-11-04");
    let survey = story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-04 09:00 happy 20"]);
    story.correct(&survey, json!({ "occurred_at": story.instant("2026-11-03 23:59:59.999999") }));
    assert_eq!(story.ledger("anna"), ["11-03 23:59 happy 40"]);
}
