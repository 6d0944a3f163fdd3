//! The catalogue over HTTP: who sees what of it, what HR may write, and stock that nobody loses.

use super::*;

fn reward(code: &str) -> Value {
    json!({
        "code": code, "name": { "en": "Voucher", "de": "Gutschein" }, "kind": "gift_card", "cost": 100, "stock": 5,
        "value": { "amount": "50", "currency": "EUR" },
        "description": { "en": "For books.\nAny.", "de": "Für Bücher." }, "picture": "/pictures/voucher.svg",
        "from": "2026-11-01", "until": "2026-12-01", "low_stock": 3, "eligible": { "teams": ["north"] },
    })
}

fn with(code: &str, change: &Value) -> Value {
    let mut reward = reward(code);
    for (field, value) in change.as_object().unwrap() {
        reward[field] = value.clone();
    }
    reward
}

#[test]
fn a_reward_is_shown_as_it_was_written_and_says_how_it_is_with_you() {
    let app = TestApp::start();
    app.team("north", None);
    let (hr, anna, ben) = (app.hr(), app.agent_in("anna", "north"), app.agent("ben"));
    give(&app, "anna", 40);
    let created = hr.post("/rewards", &reward("voucher")).expect(201);
    assert_eq!(created.header("location"), Some("/api/v1/rewards/voucher"));
    let seen = anna.get("/rewards/voucher").expect(200).body;
    assert_eq!(seen["value"], json!({ "amount": "50.00", "currency": "EUR" }));
    assert_eq!((&seen["last_day"], &seen["stock"]), (&json!("2026-11-30"), &json!(5)));
    assert_eq!(seen["eligible"], json!({ "programmes": [], "teams": ["north"], "tiers": [] }));
    assert!(seen.get("low_stock").is_none() && seen.get("low").is_none());
    assert_eq!(
        seen["for_you"],
        json!({ "can_request": false, "eligible": true, "affordable": false, "hindrances": [{
            "code": "too_few_points", "detail": {
                "en": "60 points are missing for the reward voucher.",
                "de": "Für die Prämie voucher fehlen 60 Punkte.",
            } }] })
    );
    assert_eq!(ben.get("/rewards/voucher").body["for_you"]["hindrances"][0]["code"], "not_eligible");
    let listed = |client: &Client, query: &str| {
        let body = client.get(&format!("/rewards{query}")).expect(200).body;
        body["items"].as_array().unwrap().len()
    };
    assert_eq!((listed(&anna, "?eligible=true"), listed(&ben, "?eligible=true")), (1, 0));
    assert_eq!((listed(&anna, "?affordable=true"), listed(&anna, "?kind=gift_card&affordable=false")), (0, 1));
    assert_eq!(listed(&anna, "?kind=bonus"), 0);
    anna.get("/rewards?kind=gift").problem(400, "invalid_query");
    anna.get("/rewards?colour=red").problem(400, "invalid_query");
    hr.with("If-Match", "*").patch("/rewards/voucher", &json!({ "offered": false })).expect(200);
    anna.get("/rewards/voucher").problem(404, "not_found");
    assert_eq!((listed(&anna, ""), listed(&hr, "?offered=false"), listed(&hr, "?offered=true")), (0, 1, 0));
    for client in [&anna, &app.auditor()] {
        client.post("/rewards", &reward("other")).problem(403, "forbidden");
    }
}

#[test]
fn what_is_no_reward_is_refused_with_every_place() {
    let app = TestApp::start();
    app.team("north", None);
    let hr = app.hr();
    let wrong = json!({
        "name": { "en": "", "de": "x".repeat(121) }, "cost": -1, "stock": 1_000_001,
        "value": { "amount": "1.234", "currency": "EUR" }, "picture": "javascript:alert(1)", "from": "9999-01-01",
        "description": { "en": "a\u{202e}b", "de": "x" },
    });
    let answer = hr.post("/rewards", &with("Bad Code", &wrong)).problem(422, "invalid_request");
    let places: Vec<&str> =
        answer.body["errors"].as_array().unwrap().iter().map(|one| one["pointer"].as_str().unwrap()).collect();
    let expected =
        ["/code", "/name/en", "/name/de", "/description/en", "/cost", "/value/amount", "/from", "/picture", "/stock"];
    assert_eq!(places, expected);
    for (change, place) in [
        (json!({ "eligible": { "teams": ["south"] } }), "/eligible/teams/0"),
        (json!({ "eligible": { "programmes": ["service"] } }), "/eligible/programmes/0"),
        (json!({ "eligible": { "tiers": [{ "programme": "service", "tier": "gold" }] } }), "/eligible/tiers/0"),
        (json!({ "until": "2026-11-01" }), "/until"),
        (json!({ "kind": "day_off" }), "/days_off"),
        (json!({ "days_off": 1 }), "/days_off"),
        (json!({ "kind": "bonus", "value": null }), "/value"),
        (json!({ "low_stock": -1 }), "/low_stock"),
        (json!({ "value": { "amount": "1", "currency": "euro" } }), "/value/currency"),
        (json!({ "picture": "//elsewhere.example/x.png" }), "/picture"),
        (json!({ "kind": "car" }), "/kind"),
        (json!({ "colour": "red" }), "/colour"),
    ] {
        let answer = hr.post("/rewards", &with("voucher", &change)).expect(422);
        assert!(answer.text.contains(place), "{change}: {}", answer.text);
    }
    hr.get("/rewards/voucher").problem(404, "not_found");
    hr.post("/rewards", &with("half", &json!({ "kind": "day_off", "days_off": 0.5 }))).expect(201);
    assert_eq!(hr.get("/rewards/half").body["days_off"], 0.5);
    hr.post("/rewards", &reward("half")).problem(409, "already_exists");
}

#[test]
fn a_change_of_stock_loses_no_piece() {
    let app = TestApp::start();
    let (hr, anna) = (app.hr(), app.agent("anna"));
    give(&app, "anna", 1_000);
    offer(&app, mug(), Some(5));
    let read = hr.get("/rewards/mug").expect(200);
    let tag = read.header("etag").unwrap().to_owned();
    let redemption = asked(&anna);
    hr.patch("/rewards/mug", &json!({ "stock": 7 })).problem(428, "precondition_required");
    hr.with("If-Match", &tag).patch("/rewards/mug", &json!({ "stock": 7 })).problem(412, "precondition_failed");
    let any = hr.with("If-Match", "*");
    assert_eq!(any.patch("/rewards/mug", &json!({ "add_stock": 3 })).expect(200).body["stock"], 7);
    any.patch("/rewards/mug", &json!({ "add_stock": -8 })).problem(422, "whole_number_expected");
    any.patch("/rewards/mug", &json!({ "add_stock": 1, "stock": 1 })).problem(422, "invalid_request");
    any.patch("/rewards/mug", &json!({ "cost": 500, "name": { "en": "Cup", "de": "Tasse" } })).expect(200);
    assert_eq!(anna.get(&redemption).body["cost"], 100);
    assert_eq!(any.patch("/rewards/mug", &json!({ "stock": null })).expect(200).body["stock"], json!(null));
    any.patch("/rewards/mug", &json!({ "add_stock": 1 })).problem(422, "stock_without_end");
    // What was taken from a stock that has no end any more returns to none.
    step(&anna, &redemption, "cancel").expect(200);
    assert_eq!((stock(&anna), wallet(&app, "anna")), (json!(null), 1_000));
    any.patch("/rewards/mug", &json!({ "offered": false })).expect(200);
    anna.post("/redemptions", &json!({ "reward": "mug" })).problem(409, "reward_not_offered");
    app.verify();
}
