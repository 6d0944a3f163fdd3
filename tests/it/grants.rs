//! Grants of points over HTTP: who gives whom how much, who decides, and who sees it.

use applaus::domain::ledger::Account;
use applaus::domain::people::Role;
use applaus::store::grants::awaiting;
use applaus::store::ledger;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};

use crate::budgets::{generous, grant, server, settings};
use crate::people::refused_at;
use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

fn wallet(app: &TestApp, user_name: &str) -> i64 {
    let id = Account::Wallet(app.person_id(user_name)).to_string();
    let found = app.state.read_here(|db| Ok(ledger::balances(db, std::slice::from_ref(&id))?)).unwrap();
    found.get(&id).copied().unwrap_or(0)
}

fn path(answer: &Answer) -> String {
    answer.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned()
}

/// A second one who may decide.
fn second(app: &TestApp) -> Client {
    let person = app.person_id("hanna");
    let command =
        applaus::writer::role::GrantRole { person, role: Role::Hr, reach: applaus::writer::role::Reach::Whole };
    app.state.writer.run_blocking(applaus::writer::Actor::Operator, command).unwrap();
    app.acting_as("hanna")
}

#[test]
fn a_lead_grants_to_whom_they_lead_and_the_receiver_reads_why() {
    let app = server();
    let lead = app.lead("lea", "north");
    let keyed = lead.with("idempotency-key", "g1");
    let body = json!({ "to": "anna", "points": 40, "reason": " Took  over\r\nthe night shift " });
    let given = keyed.post("/grants", &body).expect(201);
    assert_eq!(keyed.post("/grants", &body).expect(201).header("idempotency-replayed"), Some("true"));
    let anna = app.acting_as("anna");
    let seen = anna.get(&path(&given)).expect(200).body;
    assert_eq!(seen, given.body);
    let expected = json!({ "state": "granted", "points": 40, "reason": "Took  over\nthe night shift", "month": "2026-11",
        "programme": null, "season": null, "decided_at": null, "decided_by": null, "note": null,
        "requested_at": "2026-11-18T12:00:00Z" });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&seen[name], value, "{name}");
    }
    assert_eq!((&seen["granter"]["user_name"], &seen["receiver"]["user_name"]), (&json!("lea"), &json!("anna")));
    assert_eq!(wallet(&app, "anna"), 40);

    let transfer = format!("/transfers/{}", seen["transfer"].as_str().unwrap());
    let line = anna.get(&transfer).expect(200).body;
    assert_eq!((&line["kind"], &line["direction"], &line["amount"]), (&json!("grant"), &json!("in"), &json!(40)));
    assert_eq!(line["cause"], json!({ "grant": seen["id"] }));
    let why = anna.get(&format!("{transfer}/explanation")).expect(200).body;
    let said = |language: &str| why["sentences"][language][0].as_str().unwrap().to_owned();
    assert_eq!(said("en"), "40 points granted by lea on 2026-11-18, 13:00: “Took  over\nthe night shift”.");
    assert_eq!(said("de"), "40 Punkte, verliehen von lea am 18.11.2026, 13:00 Uhr: „Took  over\nthe night shift“.");

    lead.post("/grants", &grant("ben", 1)).problem(403, "forbidden");
    app.acting_as("anna").post("/grants", &grant("ben", 1)).problem(403, "forbidden");
    app.auditor().post("/grants", &grant("ben", 1)).problem(403, "forbidden");
    app.narrowed("lea", &[Role::Agent]).post("/grants", &grant("anna", 1)).problem(403, "forbidden");
    app.hr().post("/grants", &grant("ben", 1)).expect(201);
    app.lead("sam", "support").post("/grants", &grant("ben", 1)).expect(201);
    app.verify();
}

#[test]
fn nobody_grants_themselves_nor_anybody_who_left() {
    let app = server();
    let (lead, hr) = (app.lead("lea", "north"), app.hr());
    app.join("lea", "north", "2026-01-01T00:00:00Z");
    refused_at(lead.post("/grants", &grant("lea", 1)), "/to", "grant_to_oneself");
    refused_at(hr.post("/grants", &grant("hr", 1)), "/to", "grant_to_oneself");
    hr.with("if-match", "*").patch("/people/anna", &json!({ "active": false })).expect(200);
    refused_at(hr.post("/grants", &grant("anna", 1)), "/to", "inactive_person");
    refused_at(hr.post("/grants", &grant("nobody", 1)), "/to", "unknown_person");
    app.verify();
}

#[test]
fn what_is_not_taken_is_named() {
    let app = server();
    let hr = app.hr();
    let give = |change: fn(&mut Value)| {
        let mut body = grant("anna", 5);
        change(&mut body);
        hr.post("/grants", &body)
    };
    for (answer, pointer, code) in [
        (give(|body| body["points"] = json!(0)), "/points", "whole_number_expected"),
        (give(|body| body["points"] = json!(-5)), "/points", "whole_number_expected"),
        (give(|body| body["points"] = json!(1_000_001)), "/points", "whole_number_expected"),
        (give(|body| body["points"] = json!("5")), "/points", "wrong_type"),
        (give(|body| body["reason"] = json!(" \n")), "/reason", "empty_text"),
        (give(|body| body["reason"] = json!("x".repeat(501))), "/reason", "text_too_long"),
        (give(|body| body["reason"] = json!("a\u{202E}b")), "/reason", "unfit_character"),
        (give(|body| body["reason"] = json!("a\u{7}b")), "/reason", "unfit_character"),
        (give(|body| body["reason"] = json!("Well <b>done</b>")), "/reason", "mark_up"),
        (give(|body| body["programme"] = json!("other")), "/programme", "unknown_name"),
        (give(|body| body["to"] = json!(["anna"])), "/to", "wrong_type"),
        (give(|body| body["note"] = json!("x")), "/note", "unknown_field"),
    ] {
        refused_at(answer, pointer, code);
    }
    hr.send("POST", "/grants", "application/json", "{").problem(400, "malformed_json");
    assert_eq!(wallet(&app, "anna"), 0);
}

#[test]
fn more_than_the_threshold_awaits_a_second_person() {
    let app = server();
    generous(&app, 50);
    let (hr, lead, hanna) = (app.hr(), app.lead("lea", "north"), second(&app));
    lead.post("/grants", &grant("anna", 50)).expect(201);
    let asked = lead.post("/grants", &grant("anna", 51)).expect(201);
    assert_eq!((&asked.body["state"], &asked.body["transfer"]), (&json!("requested"), &Value::Null));
    assert_eq!(wallet(&app, "anna"), 50);
    let path = path(&asked);
    let anna = app.acting_as("anna");
    anna.get(&path).problem(404, "not_found");
    let (approve, reject) = (format!("{path}/approve"), format!("{path}/reject"));
    let note = json!({ "note": "Too much" });
    lead.post(&approve, &json!({})).problem(403, "forbidden");
    lead.post(&reject, &note).problem(403, "forbidden");
    anna.post(&approve, &json!({})).problem(404, "not_found");
    hr.post(&format!("{path}/cancel"), &json!({})).problem(403, "forbidden");
    let approved = hr.post(&approve, &json!({})).expect(200).body;
    assert_eq!((&approved["state"], &approved["decided_by"]["user_name"]), (&json!("granted"), &json!("hr")));
    assert_eq!(hr.post(&approve, &json!({})).expect(200).body, approved, "once is enough");
    hanna.post(&approve, &json!({})).problem(409, "grant_decided");
    hr.post(&reject, &note).problem(409, "grant_decided");
    lead.post(&format!("{path}/cancel"), &json!({})).problem(409, "grant_decided");
    assert_eq!(wallet(&app, "anna"), 101);
    anna.get(&path).expect(200);

    // HR never decides on their own, nor on what they are to receive.
    let own = hr.post("/grants", &grant("anna", 60)).expect(201);
    let own = self::path(&own);
    hr.post(&format!("{own}/approve"), &json!({})).problem(403, "forbidden");
    refused_at(hanna.post(&format!("{own}/reject"), &json!({})), "/note", "missing_field");
    refused_at(hanna.post(&format!("{own}/reject"), &json!({ "note": " " })), "/note", "empty_text");
    let rejected = hanna.post(&format!("{own}/reject"), &note).expect(200).body;
    assert_eq!((&rejected["state"], &rejected["note"]), (&json!("rejected"), &json!("Too much")));
    anna.get(&own).problem(404, "not_found");
    let to_hanna = self::path(&hr.post("/grants", &grant("hanna", 60)).expect(201));
    hanna.post(&format!("{to_hanna}/approve"), &json!({})).problem(403, "forbidden");
    let cancelled = hr.post(&format!("{to_hanna}/cancel"), &json!({})).expect(200).body;
    assert_eq!((&cancelled["state"], &cancelled["decided_by"]["user_name"]), (&json!("cancelled"), &json!("hr")));
    hanna.post(&format!("{to_hanna}/cancel"), &json!({})).problem(403, "forbidden");
    assert_eq!((wallet(&app, "anna"), wallet(&app, "hanna")), (101, 0));
    app.verify();
}

#[test]
fn a_month_has_a_limit_that_counts_what_awaits() {
    let app = TestApp::start_at("2026-11-30T22:00:00Z".parse().unwrap());
    app.team("north", None);
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    settings(&app, |settings| {
        settings.grants.monthly_limit.0 = 100;
        settings.grants.second_approval_above.0 = 30;
    });
    let (lead, hr) = (app.lead("lea", "north"), app.hr());
    lead.post("/grants", &grant("anna", 30)).expect(201);
    let asked = lead.post("/grants", &grant("ben", 60)).expect(201);
    let refused = lead.post("/grants", &grant("anna", 11)).problem(422, "grant_limit_reached");
    let told = "11 points are needed, and you may grant 10 more in 2026-11, counting what awaits approval.";
    assert_eq!(refused.body["detail"], told);
    hr.post("/grants", &grant("anna", 30)).expect(201);
    hr.post(&format!("{}/reject", path(&asked)), &json!({ "note": "no" })).expect(200);
    let again = lead.post("/grants", &grant("ben", 70)).expect(201);
    lead.post("/grants", &grant("anna", 1)).problem(422, "grant_limit_reached");
    // The next month has a limit of its own; what was asked for in the last one stays there.
    let first: DateTime<Utc> = "2026-11-30T23:00:00Z".parse().unwrap();
    app.clock.advance(first - app.state.clock.now());
    let (lead, hr) = (app.acting_as("lea"), app.acting_as("hr"));
    hr.post(&format!("{}/approve", path(&again)), &json!({})).expect(200);
    let more = lead.post("/grants", &grant("anna", 100)).expect(201).body;
    assert_eq!(more["month"], "2026-12");
    lead.post("/grants", &grant("anna", 1)).problem(422, "grant_limit_reached");
    assert_eq!((wallet(&app, "anna"), wallet(&app, "ben")), (60, 70));
    app.verify();
}

#[test]
fn sixteen_at_once_grant_no_more_than_a_month_allows() {
    let app = server();
    settings(&app, |settings| settings.grants.monthly_limit.0 = 100);
    app.hr();
    let given: usize = std::thread::scope(|threads| {
        let give = |_| {
            let hr = app.acting_as("hr");
            (0..3).filter(|_| hr.post("/grants", &grant("anna", 7)).status == 201).count()
        };
        let handles: Vec<_> = (0..16).map(|thread| threads.spawn(move || give(thread))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    assert_eq!((given, wallet(&app, "anna")), (14, 98));
    app.verify();
}

#[test]
fn whoever_leaves_takes_along_what_awaits() {
    let app = server();
    generous(&app, 0);
    let (hr, lead) = (app.hr(), app.lead("lea", "north"));
    let budget = crate::budgets::budget(&hr, &json!({ "team": "support", "season": "2026-11", "points": 100 }));
    let by_lea = lead.post("/grants", &grant("anna", 10)).expect(201);
    let to_ben = hr.post("/grants", &grant("ben", 20)).expect(201);
    let stays = hr.post("/grants", &grant("anna", 30)).expect(201);
    app.clock.advance(TimeDelta::seconds(1));
    for name in ["lea", "ben"] {
        hr.with("if-match", "*").patch(&format!("/people/{name}"), &json!({ "active": false })).expect(200);
    }
    let state = |answer: &Answer| hr.get(&path(answer)).expect(200).body["state"].clone();
    assert_eq!([&by_lea, &to_ben, &stays].map(state), ["cancelled", "cancelled", "requested"]);
    assert_eq!(crate::budgets::points_of(&hr, &budget), [100, 0, 30, 70]);
    app.verify();
}

#[test]
fn each_sees_what_concerns_them() {
    let app = server();
    generous(&app, 50);
    let (hr, lead, hanna) = (app.hr(), app.lead("lea", "north"), second(&app));
    app.join("lea", "north", "2026-01-01T00:00:00Z");
    let id = |answer: Answer| answer.body["id"].clone();
    let to_anna = id(lead.post("/grants", &grant("anna", 10)).expect(201));
    let waits = id(lead.post("/grants", &grant("anna", 60)).expect(201));
    let to_ben = id(hr.post("/grants", &grant("ben", 20)).expect(201));
    let to_lea = id(hr.post("/grants", &grant("lea", 70)).expect(201));
    let listed = |client: &Client, query: &str| -> Vec<Value> {
        let items = client.get(&format!("/grants?{query}")).expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|one| one["id"].clone()).collect()
    };
    assert_eq!(listed(&hr, ""), [&to_lea, &to_ben, &waits, &to_anna].map(Clone::clone));
    assert_eq!(listed(&lead, ""), [&waits, &to_anna].map(Clone::clone), "not what awaits oneself");
    assert_eq!(listed(&app.acting_as("anna"), ""), std::slice::from_ref(&to_anna));
    assert_eq!(listed(&app.acting_as("ben"), ""), std::slice::from_ref(&to_ben));
    assert_eq!(listed(&app.acting_as("cem"), ""), [] as [Value; 0]);
    assert_eq!(listed(&app.auditor(), ""), [] as [Value; 0]);
    assert_eq!(listed(&hr, "state=requested&person=anna"), std::slice::from_ref(&waits));
    assert_eq!(listed(&hr, "person=me&month=2026-11"), [&to_lea, &to_ben].map(Clone::clone));
    assert_eq!(listed(&hr, "person=nobody"), [] as [Value; 0]);
    assert_eq!(listed(&hr, "programme=service"), [] as [Value; 0]);
    let first = hr.get("/grants?limit=3").expect(200).body;
    assert_eq!(listed(&hr, &format!("after={}", first["next"].as_str().unwrap())), std::slice::from_ref(&to_anna));
    for query in ["state=given", "after=x", "who=me", "limit=0"] {
        hr.get(&format!("/grants?{query}")).problem(400, "invalid_query");
    }
    lead.get(&format!("/grants/{}", to_lea.as_str().unwrap())).problem(404, "not_found");
    hr.get("/grants/nothing").problem(404, "not_found");
    app.narrowed("anna", &[Role::Admin]).get("/grants").problem(403, "forbidden");

    let queue = |name: &str| -> Vec<String> {
        let approver = app.person_id(name).to_string();
        let rows = app.state.read_here(|db| Ok(awaiting(db, &approver, 0, 10)?)).unwrap();
        rows.into_iter().map(|row| row.id).collect()
    };
    let text = |id: &Value| id.as_str().unwrap().to_owned();
    assert_eq!(queue("hanna"), [text(&waits), text(&to_lea)]);
    assert_eq!(queue("hr"), [text(&waits)]);
    hanna.post(&format!("/grants/{}/approve", text(&waits)), &json!({})).expect(200);
    assert_eq!(queue("hanna"), [text(&to_lea)]);
    assert_eq!(listed(&app.acting_as("anna"), ""), [&waits, &to_anna].map(Clone::clone));
}
