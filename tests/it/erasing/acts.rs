//! Who erases whom, what it answers, and what comes after.

use applaus::domain::people::Role;
use applaus::writer::Actor;
use applaus::writer::role::{GrantRole, Reach};
use serde_json::json;

use super::town::Town;
use crate::support::app::TestApp;
use crate::support::events::{Events, Heard};

#[test]
fn hr_and_administrators_erase_others_and_never_themselves() {
    let app = TestApp::start();
    app.team("north", None);
    let (hr, admin, lead) = (app.hr(), app.admin(), app.lead("lea", "north"));
    let anna = app.agent_in("anna", "north");
    for (client, status) in [(&anna, 403), (&lead, 403), (&app.auditor(), 404), (&app.agent("otto"), 404)] {
        assert_eq!(client.post("/people/anna/erase", &json!({})).status, status);
    }
    hr.post("/people/me/erase", &json!({})).problem(403, "forbidden");
    hr.post("/people/hr/erase", &json!({})).problem(403, "forbidden");
    admin.post("/people/admin/erase", &json!({})).problem(403, "forbidden");
    hr.post("/people/admin/erase", &json!({})).problem(409, "last_admin");
    hr.post("/people/anna/erase", &json!({})).expect(204);
    admin.post("/people/otto/erase", &json!({})).expect(204);
}

#[test]
fn whoever_is_erased_is_gone_at_once_and_for_good() {
    let app = TestApp::start();
    app.team("north", None);
    let (hr, anna, otto) = (app.hr(), app.agent_in("anna", "north"), app.agent("otto"));
    let id = app.person_id("anna").to_string();
    let erased = hr.post("/people/anna/erase", &json!({})).expect(204);
    anna.get("/people/me").problem(401, "unauthorized");
    let left = hr.get(&format!("/people/{id}")).expect(200).body;
    let expected = json!({ "id": id, "user_name": id, "display_name": "", "email": null, "external_id": null, "language": null,
        "active": false, "team": null, "roles": [], "leads": [], "sources": [] });
    assert_eq!(left, expected);
    for person in ["anna", &id] {
        let listed = otto.get(&format!("/people?q={person}")).expect(200).body;
        assert_eq!(listed["items"], json!([]));
    }
    assert!(!hr.get("/people?active=false").expect(200).text.contains(&id));
    hr.get("/people/anna").problem(404, "not_found");

    // A further time does nothing.
    let again = hr.post(&format!("/people/{id}/erase"), &json!({})).expect(204);
    assert_eq!(again.header("applaus-version"), erased.header("applaus-version"));
    let any = hr.with("if-match", "*");
    any.patch(&format!("/people/{id}"), &json!({ "active": true })).problem(409, "person_erased");
    let home = json!({ "team": "north", "from": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z" });
    hr.post(&format!("/people/{id}/memberships"), &home).problem(409, "person_erased");
    let agent = GrantRole { person: app.person_id("otto"), role: Role::Agent, reach: Reach::Whole };
    app.state.writer.run_blocking(Actor::Operator, agent).unwrap();

    // The name stays taken, and says no more than any other that is.
    app.person("berta");
    let taken =
        hr.post("/people", &json!({ "user_name": "berta", "display_name": "B" })).problem(409, "already_exists");
    let reserved =
        hr.post("/people", &json!({ "user_name": "anna", "display_name": "A" })).problem(409, "already_exists");
    assert_eq!(taken.text.replace("berta", "anna"), reserved.text);
    hr.post("/people", &json!({ "user_name": "anna2", "display_name": "A" })).expect(201);
}

#[test]
fn evidence_about_whoever_was_erased_is_about_nobody() {
    let app = TestApp::start();
    let hr = app.hr();
    app.agent("anna");
    let id = app.person_id("anna").to_string();
    let signal = |key: &str, agent: serde_json::Value| {
        json!({ "source": "qa", "key": key, "kind": "survey", "agent": agent,
        "occurred_at": "2026-11-18T11:00:00Z", "measures": { "csat": 5 } })
    };
    hr.post("/signals", &signal("one", json!("anna"))).expect(200);
    hr.post("/people/anna/erase", &json!({})).expect(204);
    for agent in [json!("anna"), json!({ "id": id }), json!(id)] {
        hr.post("/signals", &signal("two", agent)).problem(422, "unknown_agent");
    }
    let again = hr.post("/signals", &signal("one", json!("hr"))).expect(200);
    assert_eq!(again.body["status"], "voided");
    let held = hr.get("/signals/qa/one").expect(200).body;
    assert_eq!((&held["status"], &held["version"]), (&json!("live"), &json!(0)));
    hr.delete("/signals/qa/one");
    assert_eq!(hr.get("/signals/qa/one").expect(200).body["status"], "live", "the key is final");
}

#[test]
fn what_names_them_elsewhere_is_still_found_by_whoever_delivered_it() {
    let app = TestApp::start();
    let hr = app.hr();
    app.agent("anna.schmidt");
    app.agent("berta");
    let signal = |version: u32, csat: u32| {
        json!({ "source": "qa", "key": "anna.schmidt/berta/1", "version": version,
        "kind": "survey", "agent": "berta", "occurred_at": "2026-11-18T11:00:00Z", "measures": { "csat": csat } })
    };
    hr.post("/signals", &signal(1, 5)).expect(200);
    hr.post("/people/anna.schmidt/erase", &json!({})).expect(204);
    let status = |version, csat| {
        let answer = hr.post("/signals", &signal(version, csat)).expect(200);
        answer.body["status"].as_str().unwrap().to_owned()
    };
    assert_eq!([status(1, 5), status(2, 4), status(1, 5)], ["duplicate", "corrected", "stale"]);
    assert_eq!(hr.get("/people/berta/signals").expect(200).body["items"].as_array().unwrap().len(), 1);
    assert!(!hr.get("/signals?limit=200").expect(200).text.contains("schmidt"));
    hr.delete("/signals?source=qa&key=anna.schmidt%2Fberta%2F1");
    assert_eq!(status(3, 5), "voided");
}

#[test]
fn a_request_whose_key_named_them_is_not_done_twice() {
    let town = Town::new(3);
    let body = json!({ "to": ["carl"], "message": "once" });
    let key = format!("again-{}", town.user_name);
    let berta = town.app.acting_as("berta").with("Idempotency-Key", &key);
    let first = berta.post("/kudos", &body).expect(201);
    town.erase();
    let again = berta.post("/kudos", &body).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body["id"]), (Some("true"), &first.body["id"]));
}

#[test]
fn streams_and_boards_that_are_open_follow() {
    let town = Town::new(4);
    let path = "/leaderboards/town/season/stream?period=current";
    let listen = |who: &str| {
        let token = format!("Bearer {}", town.app.token_of(who));
        Events::open(town.app.address(), path, &[("authorization", &token)]).opened()
    };
    let (mut own, mut others) = (listen(&town.user_name), listen("berta"));
    let first = others.event();
    assert!(first.data.to_string().contains(&town.user_name), "{}", first.data);
    own.event();
    let hr = town.hr();
    let board = || town.app.acting_as("berta").get("/leaderboards/town/season?period=current").expect(200).text;
    assert!(board().contains(&town.user_name));
    hr.post(&format!("/people/{}/erase", town.id), &json!({})).expect(204);
    let next = others.event();
    assert!(!next.data.to_string().contains(&town.user_name), "{}", next.data);
    assert!(!board().contains(&town.user_name));
    assert_eq!(
        loop {
            match own.heard(std::time::Duration::from_secs(10)) {
                Heard::Comment | Heard::Event(_) => {}
                other => break other,
            }
        },
        Heard::End
    );
}

#[test]
fn former_names_go_too_however_their_words_are_parted() {
    let app = TestApp::start();
    let hr = app.hr();
    hr.post("/people", &json!({ "user_name": "jan.sievers", "display_name": "Jan Brandt" })).expect(201);
    let any = hr.with("if-match", "*");
    any.patch("/people/jan.sievers", &json!({ "display_name": "Jan Sievers" })).expect(200);
    app.person("maja");
    let message = "Brandt, Jan helped; so did Jan  Sievers, jan_sievers and JAN BRANDT. Jan Ottens did not.";
    let sent = app.agent("otto").post("/kudos", &json!({ "to": ["maja"], "message": message })).expect(201);
    hr.post("/people/jan.sievers/erase", &json!({})).expect(204);
    let seen = hr.get(&format!("/kudos/{}", sent.body["id"].as_str().unwrap())).expect(200);
    let left = seen.body["message"].as_str().unwrap().to_lowercase();
    assert!(!left.contains("brandt") && !left.contains("sievers") && left.contains("jan ottens did not"), "{left}");
    app.verify();
}
