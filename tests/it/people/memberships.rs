//! Home teams.

use super::*;

/// An app with the teams blue and red, and anna.
fn start() -> (TestApp, Client) {
    let app = TestApp::start();
    app.team("blue", None);
    app.team("red", None);
    app.person("anna");
    let hr = app.hr();
    (app, hr)
}

const PATH: &str = "/people/anna/memberships";

fn listed(client: &Client) -> Vec<(String, String, Option<String>)> {
    let page = client.get(&format!("{PATH}?limit=200")).expect(200);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let items = page.body["items"].as_array().unwrap().iter();
    items.map(|item| (text(&item["team"]).unwrap(), text(&item["from"]).unwrap(), text(&item["until"]))).collect()
}

#[test]
fn a_new_membership_ends_the_one_before_it() {
    let (app, hr) = start();
    let first = hr.post(PATH, &json!({ "team": "blue", "from": "2026-01-01" })).expect(201);
    let id = first.body["id"].as_str().unwrap();
    // The day starts where the organisation is: in Berlin.
    assert_eq!(first.body, json!({ "id": id, "team": "blue", "from": "2025-12-31T23:00:00Z", "until": null }));
    assert_eq!(first.header("location").unwrap(), format!("/api/v1/people/{}/memberships/{id}", app.person("anna").id));
    assert_eq!(hr.get("/people/anna").body["team"]["code"], "blue");
    hr.post(PATH, &json!({ "team": "red", "from": "2026-11-18T14:00:00+02:00", "until": "2026-12-01" })).expect(201);
    let expected = [
        ("blue".to_owned(), "2025-12-31T23:00:00Z".to_owned(), Some("2026-11-18T12:00:00Z".to_owned())),
        ("red".to_owned(), "2026-11-18T12:00:00Z".to_owned(), Some("2026-11-30T23:00:00Z".to_owned())),
    ];
    assert_eq!(listed(&hr), expected);
    assert_eq!(listed(&app.acting_as("anna")), expected);
    assert_eq!(hr.get("/people/anna").body["team"]["code"], "red");
    app.clock.advance(chrono::TimeDelta::days(20));
    assert_eq!(hr.get("/people/anna").body["team"], json!(null));
}

#[test]
fn memberships_are_refused_with_the_place_that_is_wrong() {
    let (_app, hr) = start();
    hr.post(PATH, &json!({ "team": "blue", "from": "2026-06-01" })).expect(201);
    for (body, pointer, code) in [
        (json!({ "team": "green", "from": "2026-07-01" }), "/team", "unknown_team"),
        (json!({ "team": "Red\u{7}", "from": "2026-07-01" }), "/team", "unknown_team"),
        (json!({ "from": "2026-07-01" }), "/team", "missing_field"),
        (json!({ "team": "red" }), "/from", "missing_field"),
        (json!({ "team": "red", "from": "yesterday" }), "/from", "invalid_date"),
        (json!({ "team": "red", "from": "2026-02-30" }), "/from", "invalid_date"),
        (json!({ "team": "red", "from": "2026-07-01T10:00:00" }), "/from", "invalid_date"),
        (json!({ "team": "red", "from": "9999-12-31T23:59:59-23:59" }), "/from", "invalid_date"),
        (json!({ "team": "red", "from": "2026-07-01", "until": "2026-07-01" }), "/until", "invalid_interval"),
        (json!({ "team": "red", "from": "2026-07-02", "until": "2026-07-01" }), "/until", "invalid_interval"),
        (json!({ "team": "red", "from": "2026-06-01" }), "/from", "membership_overlap"),
        (json!({ "team": "red", "from": "2026-05-01" }), "/from", "membership_overlap"),
        (json!({ "team": "red", "from": "2026-05-01", "until": "2026-06-02" }), "/from", "membership_overlap"),
        (json!({ "team": "red", "from": "2026-07-01", "why": "x" }), "/why", "unknown_field"),
    ] {
        refused_at(hr.post(PATH, &body), pointer, code);
    }
    hr.post(PATH, &json!({ "team": "red", "from": "2026-05-01", "until": "2026-06-01" })).expect(201);
    assert_eq!(listed(&hr).len(), 2);
    hr.post("/people/nobody/memberships", &json!({ "team": "red", "from": "2026-05-01" })).problem(404, "not_found");
}

#[test]
fn a_membership_can_be_corrected() {
    let (app, hr) = start();
    let mut ids = Vec::new();
    for (team, from) in [("blue", "2026-01-01"), ("red", "2026-06-01")] {
        let added = hr.post(PATH, &json!({ "team": team, "from": from })).expect(201);
        ids.push(format!("{PATH}/{}", added.body["id"].as_str().unwrap()));
    }
    let changed =
        hr.patch(&ids[1], &json!({ "from": "2026-07-01", "team": "blue", "until": "2026-08-01" })).expect(200);
    assert!(changed.header("applaus-version").is_some());
    assert_eq!((&changed.body["team"], &changed.body["from"]), (&json!("blue"), &json!("2026-06-30T22:00:00Z")));
    assert_eq!(hr.patch(&ids[1], &json!({ "until": null })).expect(200).body["until"], json!(null));
    for (id, body, pointer, code) in [
        (&ids[0], json!({ "until": null }), "/from", "membership_overlap"),
        (&ids[0], json!({ "until": "2026-07-02" }), "/from", "membership_overlap"),
        (&ids[0], json!({ "until": "2025-01-01" }), "/until", "invalid_interval"),
        (&ids[1], json!({ "team": "green" }), "/team", "unknown_team"),
        (&ids[1], json!({ "from": null }), "/from", "wrong_type"),
        (&ids[1], json!({ "person": "otto" }), "/person", "unknown_field"),
    ] {
        refused_at(hr.patch(id, &body), pointer, code);
    }
    app.person("otto");
    let id = ids[0].rsplit('/').next().unwrap();
    hr.patch(&format!("/people/otto/memberships/{id}"), &json!({})).problem(404, "not_found");
    hr.patch(&format!("{PATH}/x"), &json!({})).problem(404, "not_found");
}

#[test]
fn they_are_listed_by_page_and_created_once() {
    let (app, hr) = start();
    let keyed = hr.with("idempotency-key", "k");
    let body = json!({ "team": "blue", "from": "2026-01-01" });
    let first = keyed.post(PATH, &body).expect(201);
    let again = keyed.post(PATH, &body).expect(201);
    assert_eq!((&again.body, again.header("idempotency-replayed")), (&first.body, Some("true")));
    keyed.post(PATH, &json!({ "team": "red", "from": "2026-01-01" })).problem(422, "idempotency_key_reused");
    for day in 2..6 {
        hr.post(PATH, &json!({ "team": "red", "from": format!("2026-01-0{day}") })).expect(201);
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = hr.get(&format!("{PATH}?limit=2{after}")).expect(200).body;
        seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["from"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    let expected: Vec<String> = listed(&app.hr()).into_iter().map(|(_, from, _)| from).collect();
    assert_eq!((seen.len(), &seen), (5, &expected));
}
