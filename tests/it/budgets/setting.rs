//! Setting budgets, changing and reading them.

use super::*;
use crate::people::{meaning, places, refused_at};

#[test]
fn a_budget_is_set_read_and_changed() {
    let app = server();
    generous(&app, 1_000);
    let (hr, auditor) = (app.hr(), app.auditor());
    let body = json!({ "programme": "service", "team": "north", "season": "2026-11", "points": 500,
        "money": { "amount": "50.5", "currency": "EUR" } });
    let keyed = hr.with("idempotency-key", "b1");
    let set = keyed.post("/budgets", &body).expect(201);
    let again = keyed.post("/budgets", &body).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &set.body));
    let euros = |amount: &str| json!({ "amount": amount, "currency": "EUR" });
    let expected = json!({ "id": set.body["id"], "programme": "service", "team": "north", "season": "2026-11",
        "points": { "limit": 500, "used": 0, "reserved": 0, "left": 500, "awarded": 0, "over": false },
        "money": { "limit": euros("50.50"), "used": euros("0.00"), "reserved": euros("0.00"), "left": euros("50.50") },
        "since": "2026-11-18T12:00:00Z" });
    assert_eq!(set.body, expected);
    let path = set.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
    assert_eq!(auditor.get(&path).expect(200).body, expected);
    hr.post("/budgets", &body).problem(409, "already_exists");

    hr.patch(&path, &json!({ "points": 1 })).problem(428, "precondition_required");
    let meant = meaning(&hr, &path);
    let changed = meant.patch(&path, &json!({ "points": 600, "money": euros("40.00") })).expect(200);
    assert_eq!((&changed.body["points"]["limit"], &changed.body["money"]["left"]), (&json!(600), &euros("40.00")));
    meant.patch(&path, &json!({ "points": 1 })).problem(412, "precondition_failed");
    // What is granted meanwhile is no change of the limits.
    let meant = hr.with("if-match", changed.header("etag").unwrap());
    let granting = json!({ "to": "anna", "points": 100, "reason": "Well done", "programme": "service" });
    hr.post("/grants", &granting).expect(201);
    refused_at(meant.patch(&path, &json!({ "points": 99 })), "/points", "budget_below_taken");
    meant.patch(&path, &json!({ "points": 100 })).expect(200);
    assert_eq!(points_of(&hr, &path), [100, 100, 0, 0]);
    app.verify();
}

#[test]
fn what_is_not_taken_is_named() {
    let app = server();
    let hr = app.hr();
    let set = |change: fn(&mut Value)| {
        let mut body = json!({ "programme": "service", "season": "2026-11", "points": 5 });
        change(&mut body);
        hr.post("/budgets", &body)
    };
    for (answer, pointer, code) in [
        (set(|body| body["programme"] = json!("other")), "/programme", "unknown_name"),
        (set(|body| body["team"] = json!("east")), "/team", "unknown_name"),
        (set(|body| body["season"] = json!("2026-Q4")), "/season", "unknown_season"),
        (set(|body| body["season"] = json!("current")), "/season", "unknown_season"),
        (set(|body| body["season"] = json!("")), "/season", "unknown_season"),
        (set(|body| body["programme"] = json!(null)), "/team", "missing_field"),
        (set(|body| body["points"] = json!(null)), "/points", "missing_field"),
        (set(|body| body["points"] = json!(-1)), "/points", "whole_number_expected"),
        (set(|body| body["points"] = json!(1_000_000_000_001_i64)), "/points", "whole_number_expected"),
        (set(|body| body["points"] = json!(1.5)), "/points", "wrong_type"),
        (set(|body| body["programme"] = json!("A b")), "/programme", "not_taken"),
        (set(|body| body["money"] = json!({ "amount": "5,00", "currency": "EUR" })), "/money/amount", "invalid_amount"),
        (set(|body| body["money"] = json!({ "amount": "-5", "currency": "EUR" })), "/money/amount", "invalid_amount"),
        (set(|body| body["money"] = json!({ "amount": "5", "currency": "€" })), "/money/currency", "invalid_currency"),
        (set(|body| body["money"] = json!("5 EUR")), "/money", "wrong_type"),
        (set(|body| body["spent"] = json!(1)), "/spent", "unknown_field"),
    ] {
        refused_at(answer, pointer, code);
    }
    for season in ["2026-W46", "2026-11-18", "season:2026-11", "2026-1", "all", "previous"] {
        let body = json!({ "team": "north", "season": season, "points": 5 });
        refused_at(hr.post("/budgets", &body), "/season", "unknown_season");
    }
    let several = json!({ "programme": "other", "team": "east", "season": "2026-11" });
    assert_eq!(places(&hr.post("/budgets", &several).expect(422)).len(), 3);

    let path = budget(&hr, &json!({ "team": "north", "season": "2026", "points": 5 }));
    let any = hr.with("if-match", "*");
    let euros = json!({ "amount": "1.00", "currency": "EUR" });
    refused_at(any.patch(&path, &json!({ "money": euros })), "/money", "fixed");
    refused_at(any.patch(&path, &json!({ "points": null })), "/points", "wrong_type");
    refused_at(any.patch(&path, &json!({ "season": "2027" })), "/season", "unknown_field");
    let worth = budget(&hr, &json!({ "team": "south", "season": "2026", "money": euros }));
    refused_at(any.patch(&worth, &json!({ "points": 1 })), "/points", "fixed");
    let dollars = json!({ "amount": "1.00", "currency": "USD" });
    refused_at(any.patch(&worth, &json!({ "money": dollars })), "/money/currency", "fixed");
    any.patch("/budgets/nothing", &json!({})).problem(404, "not_found");
    any.patch(&worth, &json!({})).expect(200);
}

#[test]
fn who_may_read_budgets_sees_them_and_nobody_else() {
    let app = server();
    let hr = app.hr();
    let of = |body: Value| budget(&hr, &body);
    let whole = of(json!({ "programme": "service", "season": "2026-11", "points": 9 }));
    let north = of(json!({ "team": "north", "season": "2026-Q4", "points": 5 }));
    let share = of(json!({ "programme": "service", "team": "north", "season": "2026-11", "points": 3 }));
    let south = of(json!({ "team": "south", "season": "2026-Q4", "points": 5 }));
    let listed = |client: &Client, query: &str| -> Vec<String> {
        let items = client.get(&format!("/budgets?{query}")).expect(200).body["items"].clone();
        items.as_array().unwrap().iter().map(|one| format!("/budgets/{}", one["id"].as_str().unwrap())).collect()
    };
    let all = [&whole, &north, &share, &south].map(Clone::clone);
    for client in [&hr, &app.auditor()] {
        assert_eq!(listed(client, ""), all);
    }
    let lead = app.lead("lea", "north");
    assert_eq!(listed(&lead, ""), [north.clone(), share.clone()]);
    for (path, status) in [(&whole, 404), (&north, 200), (&share, 200), (&south, 404)] {
        lead.get(path).expect(status);
    }
    assert_eq!(listed(&app.lead("sam", "support"), ""), all[1..]);
    assert_eq!(listed(&hr, "programme=service"), [whole.clone(), share.clone()]);
    assert_eq!(listed(&hr, "team=north&season=2026-Q4"), std::slice::from_ref(&north));
    assert_eq!(listed(&hr, "team=nowhere"), [] as [String; 0]);
    let first = hr.get("/budgets?limit=3").expect(200).body;
    assert_eq!(
        listed(&hr, &format!("limit=3&after={}", first["next"].as_str().unwrap())),
        std::slice::from_ref(&south)
    );
    hr.get("/budgets?after=abc").problem(400, "invalid_query");
    hr.get("/budgets?teams=north").problem(400, "invalid_query");

    let agent = app.acting_as("anna");
    agent.get("/budgets").problem(403, "forbidden");
    agent.get(&north).problem(404, "not_found");
    let body = json!({ "team": "north", "season": "2027", "points": 5 });
    for client in [&agent, &lead, &app.auditor(), &app.admin()] {
        client.post("/budgets", &body).problem(403, "forbidden");
    }
    lead.with("if-match", "*").patch(&north, &json!({ "points": 9 })).problem(403, "forbidden");
    lead.with("if-match", "*").patch(&south, &json!({ "points": 9 })).problem(404, "not_found");
    app.anonymous().get("/budgets").problem(401, "unauthorized");
}
