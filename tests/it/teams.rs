//! Teams over HTTP.

use serde_json::{Value, json};

use crate::people::{meaning, refused_at};
use crate::support::app::TestApp;

#[test]
fn a_team_is_added_read_and_listed() {
    let app = TestApp::start();
    let hr = app.hr();
    hr.post("/teams", &json!({ "code": "site", "name": " Zürich " })).expect(201);
    let keyed = hr.with("idempotency-key", "k");
    let body = json!({ "code": "blue", "name": "Blue", "parent": "site" });
    let created = keyed.post("/teams", &body).expect(201);
    assert_eq!(created.header("location"), Some("/api/v1/teams/blue"));
    let id = created.body["id"].as_str().unwrap();
    assert_eq!(created.body, json!({ "id": id, "code": "blue", "name": "Blue", "parent": "site" }));
    assert_eq!(keyed.post("/teams", &body).expect(201).header("idempotency-replayed"), Some("true"));
    keyed.post("/teams", &json!({ "code": "red", "name": "R" })).problem(422, "idempotency_key_reused");

    let agent = app.agent("anna");
    let read = agent.get("/teams/site").expect(200);
    assert_eq!((&read.body["name"], &read.body["parent"]), (&json!("Zürich"), &json!(null)));
    agent.with("if-none-match", read.header("etag").unwrap()).get("/teams/site").expect(304);
    agent.get("/teams/green").problem(404, "not_found");
    let first = agent.get("/teams?limit=1").expect(200).body;
    assert_eq!(first["items"][0]["code"], "blue");
    let next = first["next"].as_str().unwrap();
    let second = agent.get(&format!("/teams?limit=1&after={next}")).expect(200).body;
    assert_eq!((&second["items"][0]["code"], &second["next"]), (&json!("site"), &json!(null)));
    agent.get(&format!("/measures?after={next}")).problem(400, "invalid_query");
}

#[test]
fn what_is_not_taken_is_named() {
    let app = TestApp::start();
    let hr = app.hr();
    app.team("blue", None);
    for (body, pointer, code) in [
        (json!({ "code": "Blue", "name": "x" }), "/code", "invalid_code"),
        (json!({ "code": "", "name": "x" }), "/code", "invalid_code"),
        (json!({ "code": "x".repeat(65), "name": "x" }), "/code", "invalid_code"),
        (json!({ "code": "a\u{0}", "name": "x" }), "/code", "nul_character"),
        (json!({ "code": "red", "name": "" }), "/name", "empty_text"),
        (json!({ "code": "red", "name": "a\u{1b}b" }), "/name", "unfit_character"),
        (json!({ "code": "red", "name": "x".repeat(121) }), "/name", "text_too_long"),
        (json!({ "code": "red", "name": "x", "parent": "green" }), "/parent", "unknown_team"),
        (json!({ "code": "red", "name": "x", "parent": "GREEN" }), "/parent", "unknown_team"),
        (json!({ "code": "red" }), "/name", "missing_field"),
        (json!({ "code": "red", "name": "x", "lead": "anna" }), "/lead", "unknown_field"),
    ] {
        refused_at(hr.post("/teams", &body), pointer, code);
    }
    hr.post("/teams", &json!({ "code": "blue", "name": "x" })).problem(409, "already_exists");
    let german =
        hr.with("accept-language", "de").post("/teams", &json!({ "code": "r", "name": "x", "parent": "green" }));
    assert_eq!(german.expect(422).body["detail"], "Ein Team green gibt es nicht.");
}

#[test]
fn a_team_is_changed_on_the_state_that_was_read() {
    let app = TestApp::start();
    let hr = app.hr();
    app.team("blue", None);
    app.team("site", None);
    hr.patch("/teams/blue", &json!({ "name": "Sky" })).problem(428, "precondition_required");
    let meant = meaning(&hr, "/teams/blue");
    let changed = meant.patch("/teams/blue", &json!({ "name": "Sky" })).expect(200);
    assert_eq!((&changed.body["name"], changed.header("etag")), (&json!("Sky"), hr.get("/teams/blue").header("etag")));
    meant.patch("/teams/blue", &json!({ "name": "Sea" })).problem(412, "precondition_failed");
    let any = hr.with("if-match", "*");
    let moved = any.patch("/teams/blue", &json!({ "parent": "site" })).expect(200).body;
    assert_eq!((&moved["name"], &moved["parent"]), (&json!("Sky"), &json!("site")));
    assert_eq!(any.patch("/teams/blue", &json!({ "name": "Sea" })).expect(200).body["parent"], "site");
    assert_eq!(any.patch("/teams/blue", &json!({ "parent": null })).expect(200).body["parent"], Value::Null);
    refused_at(any.patch("/teams/blue", &json!({ "code": "sky" })), "/code", "unknown_field");
    refused_at(any.patch("/teams/blue", &json!({ "name": null })), "/name", "wrong_type");
    any.patch("/teams/green", &json!({})).problem(404, "not_found");
}

#[test]
fn no_team_is_inside_itself_or_too_deep() {
    let app = TestApp::start();
    let any = app.hr().with("if-match", "*");
    app.team("t1", None);
    for level in 2..=16 {
        app.team(&format!("t{level}"), Some(&format!("t{}", level - 1)));
    }
    refused_at(any.patch("/teams/t1", &json!({ "parent": "t1" })), "/parent", "team_cycle");
    refused_at(any.patch("/teams/t1", &json!({ "parent": "t3" })), "/parent", "team_cycle");
    refused_at(
        any.post("/teams", &json!({ "code": "t17", "name": "x", "parent": "t16" })),
        "/parent",
        "teams_too_deep",
    );
    app.team("top", None);
    refused_at(any.patch("/teams/t1", &json!({ "parent": "top" })), "/parent", "teams_too_deep");
    any.patch("/teams/t2", &json!({ "parent": "top" })).expect(200);
}

#[test]
fn the_parent_is_fixed_once_anybody_was_at_home_below() {
    let app = TestApp::start();
    let any = app.hr().with("if-match", "*");
    for (code, parent) in [("site", None), ("blue", Some("site")), ("other", None)] {
        app.team(code, parent);
    }
    any.patch("/teams/site", &json!({ "parent": "other" })).expect(200);
    any.patch("/teams/site", &json!({ "parent": null })).expect(200);
    app.agent_in("anna", "blue");
    for team in ["site", "blue"] {
        refused_at(any.patch(&format!("/teams/{team}"), &json!({ "parent": "other" })), "/parent", "fixed");
        any.patch(&format!("/teams/{team}"), &json!({ "name": "Renamed" })).expect(200);
    }
    any.patch("/teams/blue", &json!({ "parent": "site" })).expect(200);
    any.patch("/teams/other", &json!({ "parent": "blue" })).expect(200);
}
