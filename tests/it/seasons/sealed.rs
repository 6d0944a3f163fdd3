//! What a closed season keeps unchangeable: its evidence once it is old, and the facts that its evidence went by.

use super::*;

/// Evidence is accepted for ten days, and October is closed: it ended longer ago than that.
fn sealed() -> TestApp {
    let app = server();
    app.agent_in("anna", "north");
    evaluate(&app, "old", 1, "anna", "2026-10-20T09:00:00Z", 60);
    evaluate(&app, "new", 1, "anna", "2026-11-10T09:00:00Z", 60);
    app.hr().with("if-match", "*").patch("/organization", &json!({ "acceptance_days": 10 })).expect(200);
    app
}

/// SEMANTICS S18.
#[test]
fn evidence_of_a_sealed_season_is_neither_taken_nor_changed() {
    let app = sealed();
    let hr = app.hr();
    let deliver = |key: &str, version, at: &str, quality| {
        hr.post("/signals", &json!([signal("evaluation", key, version, "anna", at, quality)])).expect(200).body["results"][0]
            .clone()
    };
    let refused = deliver("late", 1, "2026-10-20T09:00:00Z", 50);
    assert_eq!(refused["problem"]["code"], "before_acceptance_window", "not closed yet");
    close(&hr, "2026-10").expect(200);
    let statement = season(&hr, "2026-10");
    for (key, version, at) in [
        ("late", 1, "2026-10-20T09:00:00Z"),
        ("old", 2, "2026-10-20T09:00:00Z"),
        // Out of it, and into it.
        ("old", 2, "2026-11-17T09:00:00Z"),
        ("new", 2, "2026-10-20T09:00:00Z"),
    ] {
        let refused = deliver(key, version, at, 10);
        assert_eq!(
            (&refused["status"], &refused["problem"]["code"]),
            (&json!("rejected"), &json!("sealed")),
            "{key} {at}"
        );
    }
    hr.delete("/signals/qa/old").problem(422, "sealed");
    // What changes nothing is answered as ever, and the held revision is what it was.
    assert_eq!(deliver("old", 1, "2026-10-20T09:00:00Z", 60)["status"], "duplicate");
    assert_eq!(hr.get("/signals/qa/old").expect(200).body["version"], 1);
    assert_eq!(deliver("new", 2, "2026-11-17T09:00:00Z", 70)["status"], "corrected");
    assert_eq!((wallet(&app, "anna"), season(&hr, "2026-10").text), (130, statement.text));
    app.verify();
}

#[test]
fn a_closed_season_that_is_not_old_goes_on_to_take_evidence() {
    let app = sealed();
    app.hr().with("if-match", "*").patch("/organization", &json!({ "acceptance_days": 18 })).expect(200);
    close(&app.hr(), "2026-10").expect(200);
    // It ended 17 days and some hours ago.
    evaluate(&app, "late", 1, "anna", "2026-10-31T22:00:00Z", 50);
    assert_eq!(wallet(&app, "anna"), 170);
}

/// SEMANTICS S31.
#[test]
fn memberships_and_days_off_do_not_reach_into_closed_seasons() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    evaluate(&app, "a1", 1, "anna", "2026-10-20T09:00:00Z", 60);
    let hr = app.hr();
    let absence = "/absences/0198f0a0-0000-7000-8000-000000000001";
    let off = |who: &str, from: &str, until: &str| {
        hr.put(&format!("/people/{who}{absence}"), &json!({ "from": from, "until": until }))
    };
    let moved = |who: &str, from: &str| {
        hr.post(&format!("/people/{who}/memberships"), &json!({ "team": "south", "from": from }))
    };
    off("anna", "2026-10-30", "2026-11-03").expect(201);
    close(&hr, "2026-10").expect(200);

    let refused = moved("anna", "2026-10-31T22:59:59Z").problem(422, "season_closed");
    assert_eq!(refused.body["errors"][0]["pointer"], "/from");
    assert!(refused.body["detail"].as_str().unwrap().contains("2026-11-01"), "{}", refused.text);
    let team = moved("anna", "2026-10-31T23:00:00Z").expect(201);
    // Nothing of Ben's rests on it.
    moved("ben", "2026-10-10T00:00:00Z").expect(201);

    let path = format!("/people/anna/memberships/{}", team.body["id"].as_str().unwrap());
    let change = |body: Value| hr.with("if-match", "*").patch(&path, &body);
    change(json!({ "from": "2026-10-31T00:00:00Z" })).problem(422, "membership_overlap");
    change(json!({ "from": "2026-11-02T00:00:00Z" })).expect(200);
    let first = hr.get("/people/anna/memberships").expect(200).body["items"][0]["id"].as_str().unwrap().to_owned();
    let first = format!("/people/anna/memberships/{first}");
    let change = |body: Value| hr.with("if-match", "*").patch(&first, &body);
    change(json!({ "team": "south" })).problem(422, "season_closed");
    change(json!({ "from": "2026-10-25T00:00:00Z" })).problem(422, "season_closed");
    change(json!({ "until": "2026-10-25T00:00:00Z" })).problem(422, "season_closed");
    change(json!({ "until": "2026-11-01T12:00:00Z" })).expect(200);

    // The part in October stays as it was.
    off("anna", "2026-10-29", "2026-11-03").problem(422, "season_closed");
    off("anna", "2026-11-01", "2026-11-03").problem(422, "season_closed");
    off("anna", "2026-10-30", "2026-11-05").expect(200);
    hr.delete(&format!("/people/anna{absence}")).problem(422, "season_closed");
    off("ben", "2026-10-12", "2026-10-14").expect(201);
    app.verify();
}
