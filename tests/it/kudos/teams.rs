//! A team as receiver: who is at home there at that moment.

use serde_json::{Value, json};

use super::*;

fn names(answer: &Value) -> Vec<&str> {
    let receivers = answer["receivers"].as_array().unwrap();
    let mut names: Vec<&str> =
        receivers.iter().map(|receiver| receiver["person"]["user_name"].as_str().unwrap()).collect();
    names.sort_unstable();
    names
}

/// `north` with anna, ben and cem; below it `night` with dora; gone left, emil moved away, eva will come.
fn office() -> TestApp {
    let app = TestApp::start();
    team(&app, "north", None);
    team(&app, "night", Some("north"));
    team(&app, "void", None);
    for (name, home) in [("anna", "north"), ("ben", "north"), ("cem", "north"), ("dora", "night"), ("gone", "north")] {
        at_home(&app, name, home);
    }
    at_home(&app, "emil", "north");
    app.join("emil", "night", "2026-11-18T12:00:00Z");
    app.agent("eva");
    app.join("eva", "north", "2026-11-18T12:00:00.000001Z");
    leave(&app, "gone");
    app
}

#[test]
fn a_team_is_its_members_at_that_moment_each_once() {
    let app = office();
    let anna = app.acting_as("anna");
    let thanks = |to: Value| json!({ "to": to, "message": "Thank you", "points": 3 });
    let answer = anna.post("/kudos", &thanks(json!([{ "team": "north" }]))).expect(201);
    assert_eq!((names(&answer.body), &answer.body["charged"]), (vec!["ben", "cem"], &json!(6)));
    let both = json!(["dora", { "team": "north" }, "ben", { "team": "night" }]);
    let answer = anna.post("/kudos", &thanks(both)).expect(201);
    assert_eq!(names(&answer.body), ["ben", "cem", "dora", "emil"]);
    let answer = app.acting_as("dora").post("/kudos", &thanks(json!([{ "team": "north" }]))).expect(201);
    assert_eq!(names(&answer.body), ["anna", "ben", "cem"]);
    assert_eq!(["anna", "ben", "cem", "dora", "emil", "gone"].map(|name| wallet(&app, name)), [3, 9, 9, 3, 3, 0]);
    // Who comes later was not thanked.
    app.clock.advance(chrono::TimeDelta::minutes(1));
    assert_eq!(app.acting_as("eva").get("/kudos?person=me").expect(200).body["items"], json!([]));
    let answer = anna.post("/kudos", &thanks(json!([{ "team": "north" }]))).expect(201);
    assert_eq!(names(&answer.body), ["ben", "cem", "eva"]);
    in_order(&app);
}

#[test]
fn a_team_that_cannot_be_thanked_is_told() {
    let app = office();
    let anna = app.acting_as("anna");
    let thanks = |to: Value| anna.post("/kudos", &json!({ "to": to, "message": "Thank you" }));
    for (to, pointer, code) in [
        (json!([{ "team": "void" }]), "/to/0/team", "empty_team"),
        (json!(["dora", { "team": "nowhere" }]), "/to/1/team", "unknown_team"),
        (json!([{ "team": "north" }, "anna"]), "/to/1", "kudos_to_oneself"),
        (json!(["ben", { "team": "north" }, "ben"]), "/to/2", "receiver_twice"),
    ] {
        assert_eq!(thanks(to).problem(422, code).body["errors"][0]["pointer"], pointer);
    }
    let alone = app.acting_as("dora");
    app.join("emil", "void", "2026-11-18T12:00:00.000002Z");
    app.clock.advance(chrono::TimeDelta::seconds(1));
    let night = alone.post("/kudos", &json!({ "to": [{ "team": "night" }], "message": "Thank you" }));
    assert_eq!(
        night.problem(422, "empty_team").body["detail"],
        "Nobody but you is at home in night just now. Name people, or another team."
    );
    settings(&app, |settings| settings.kudos.most_receivers = 2);
    let answer = thanks(json!([{ "team": "north" }, { "team": "void" }])).problem(422, "too_many");
    assert_eq!(answer.body["errors"][0]["pointer"], "/to");
    thanks(json!(["ben", { "team": "void" }])).expect(201);
    in_order(&app);
}
