//! Evidence that comes twice, in the wrong order, corrected, or not at all.

use serde_json::json;

use super::story::{Story, happy, limited, month_mean, programme, rule, with};

#[test]
fn a_sender_without_an_answer_sends_again_and_nothing_is_counted_twice() {
    let mut story = Story::of(&[happy()]);
    story.day("2026-11-03");
    let survey = story.survey("anna", 5);
    assert_eq!(story.again(&survey), "duplicate");
    assert_eq!(story.again(&survey), "duplicate");
    assert_eq!(story.ledger("anna"), ["11-03 09:00 happy 20"]);
    assert_eq!(story.moved("anna"), ["+20 happy"]);
}

/// A survey under one key, of a version and with a CSAT.
fn survey(version: u64, csat: u32) -> serde_json::Value {
    json!({ "source": "desk", "key": "one", "version": version, "kind": "survey", "agent": "anna",
            "occurred_at": "2026-11-01T08:00:00Z", "measures": { "csat": csat } })
}

#[test]
fn versions_that_overtake_each_other_come_to_the_highest() {
    let story = Story::of(&[happy()]);
    story.app.person("anna");
    story.until("2026-11-03 09:00:00");
    assert_eq!(story.send(&survey(3, 5)), "accepted");
    assert_eq!(story.send(&survey(1, 1)), "stale");
    assert_eq!(story.send(&survey(3, 1)), "rejected");
    assert_eq!(story.ledger("anna"), ["11-01 09:00 happy 20"]);
    // The same again under a higher number: nothing moves, and the number is held.
    assert_eq!(story.send(&survey(5, 5)), "duplicate");
    assert_eq!(story.send(&survey(4, 1)), "stale");
    assert_eq!(story.send(&survey(6, 1)), "corrected");
    assert!(story.ledger("anna").is_empty());
    assert_eq!(story.moved("anna"), ["+20 happy", "-20 happy"]);
}

#[test]
fn what_is_voided_before_it_arrives_never_counts() {
    let story = Story::of(&[happy()]);
    story.app.person("anna");
    story.until("2026-11-03 09:00:00");
    story.void("one");
    assert_eq!(story.send(&survey(1, 5)), "voided");
    assert_eq!(story.send(&survey(9, 5)), "voided");
    assert!(story.ledger("anna").is_empty());
}

#[test]
fn what_is_voided_stays_so_and_voiding_twice_is_voiding_once() {
    let mut story = Story::of(&[happy()]);
    let survey = story.survey("anna", 5);
    story.void(&survey);
    story.void(&survey);
    assert_eq!(story.again(&survey), "voided");
    assert!(story.ledger("anna").is_empty());
    assert_eq!(story.moved("anna"), ["+20 happy", "-20 happy"]);
}

#[test]
fn a_survey_credited_to_the_wrong_person_moves_to_the_right_one() {
    let mut story = Story::of(&[limited(happy(), "day", "times", 1)]);
    story.day("2026-11-03");
    let wrong = story.survey("anna", 5);
    story.survey("anna", 4);
    story.day("2026-11-03").at("08:00:00");
    story.survey("ben", 4);
    story.correct(&wrong, json!({ "agent": "ben" }));
    assert_eq!(story.ledger("anna"), ["11-03 09:01 happy 20"]);
    assert_eq!(story.ledger("ben"), ["11-03 08:00 happy 20"]);
}

#[test]
fn a_correction_moves_a_signal_to_another_season() {
    let rules = [limited(happy(), "season", "points", 30)];
    let mut story = Story::under(&programme(json!({ "season": "month", "rules": rules })));
    story.day("2026-11-30");
    let survey = story.survey("anna", 5);
    story.survey("anna", 5);
    story.day("2026-12-02");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-30 09:00 happy 20", "11-30 09:01 happy 10", "12-02 09:00 happy 20"]);
    story.correct(&survey, json!({ "occurred_at": story.instant("2026-12-01 00:00:00") }));
    assert_eq!(story.ledger("anna"), ["11-30 09:01 happy 20", "12-01 00:00 happy 20", "12-02 09:00 happy 10"]);
}

#[test]
fn a_correction_of_the_kind_takes_a_signal_out_of_one_rule_and_into_another() {
    let blame = rule("talk", "complaint", json!({ "award": { "points": 1 } }));
    let mut story = Story::of(&[happy(), blame]);
    story.day("2026-11-03");
    let survey = story.survey("anna", 5);
    story.correct(&survey, json!({ "kind": "complaint" }));
    assert_eq!(story.ledger("anna"), ["11-03 09:00 talk 1"]);
}

#[test]
fn one_signal_earns_under_two_rules_and_two_programmes() {
    let fast = rule("fast", "survey", json!({ "award": { "points": { "measure": "csat", "times": 2 } } }));
    let mut story = Story::of(&[happy(), fast]);
    story.programme(&programme(json!({ "code": "other", "rules": [happy()] })), "2026-01-01");
    story.day("2026-11-03");
    let survey = story.survey("anna", 4);
    let all = ["11-03 09:00 other:happy 20", "11-03 09:00 fast 8", "11-03 09:00 happy 20"];
    assert_eq!(story.ledger("anna"), all);
    story.correct(&survey, json!({ "measures": { "csat": 3 } }));
    assert_eq!(story.ledger("anna"), ["11-03 09:00 fast 6"]);
}

#[test]
fn evidence_about_somebody_who_has_left_counts_for_when_it_happened() {
    let audience = json!({ "teams": ["north"] });
    let mut story = Story::of(&[month_mean()]);
    story.app.team("north", None);
    story.programme(&programme(json!({ "code": "north", "audience": audience, "rules": [happy()] })), "2026-01-01");
    story.joins("anna", "north", "2026-01-01 00:00:00");
    story.day("2026-11-03");
    story.survey("anna", 5);
    story.until("2026-11-10 12:00:00");
    story.leaves("anna");
    story.day("2026-11-10").at("11:59:59");
    story.survey("anna", 5);
    story.day("2026-11-10").at("12:00:00");
    story.survey("anna", 5);
    assert_eq!(story.ledger("anna"), ["11-03 09:00 north:happy 20", "11-10 11:59 north:happy 20"]);
}

#[test]
fn thanks_feed_a_rule_until_they_are_withdrawn() {
    let thanked = rule(
        "thanked",
        "kudos",
        json!({ "award": { "points": 5 }, "when": { "attribute": "value", "equals": "care" } }),
    );
    let mut story = Story::of(&[limited(thanked, "week", "times", 2)]);
    for person in ["anna", "ben", "cora"] {
        story.app.person(person);
    }
    let values = json!({ "values": [{ "code": "care", "name": { "en": "Care", "de": "Fürsorge" } }] });
    story.changed("/organization", values);
    story.day("2026-11-03");
    story.until("2026-11-03 09:00:00");
    let thank = |story: &Story, from: &str, more: serde_json::Value| {
        let body = with(json!({ "to": ["cora"], "message": "Thank you" }), more);
        story.app.acting_as(from).post("/kudos", &body).expect(201).body["id"].as_str().unwrap().to_owned()
    };
    let care = || json!({ "value": "care" });
    let first = thank(&story, "anna", care());
    story.until("2026-11-03 09:01:00");
    thank(&story, "ben", care());
    thank(&story, "ben", json!({}));
    story.until("2026-11-03 09:02:00");
    thank(&story, "anna", care());
    assert_eq!(story.ledger("cora"), ["11-03 09:00 thanked 5", "11-03 09:01 thanked 5"]);
    story.app.acting_as("anna").delete(&format!("/kudos/{first}")).expect(204);
    assert_eq!(story.ledger("cora"), ["11-03 09:01 thanked 5", "11-03 09:02 thanked 5"]);
}

#[test]
fn a_bad_item_spoils_none_of_its_neighbours() {
    let story = Story::of(&[happy()]);
    story.app.person("anna");
    story.until("2026-11-03 09:00:00");
    let other =
        |key: &str, measures: serde_json::Value| with(survey(1, 5), json!({ "key": key, "measures": measures }));
    let items = json!([survey(1, 5), other("two", json!({ "csat": 6 })), other("three", json!({ "csat": 4 }))]);
    let answer = story.hr().post("/signals", &items).expect(200).body;
    assert_eq!(answer["counts"], json!({ "accepted": 2, "rejected": 1 }));
    assert_eq!(story.ledger("anna"), ["11-01 09:00 happy 20", "11-01 09:00 happy 20"]);
}
