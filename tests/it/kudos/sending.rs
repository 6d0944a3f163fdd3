//! What a kudos says and moves, and what is refused.

use applaus::store::signals;
use serde_json::{Value, json};

use super::*;

#[test]
fn thanks_move_points_from_the_allowance_to_wallets() {
    let app = TestApp::start();
    settings(&app, |settings| settings.values.push(value("care")));
    let (anna, berta, carl) = (app.agent("anna"), app.person_id("berta"), app.person_id("carl"));
    let body = json!({ "to": ["berta", { "id": carl.to_string() }], "message": " Zoe\u{308},\r\ndanke ", "value": "care", "points": 10 });
    let answer = anna.post("/kudos", &body).expect(201);
    let id = answer.body["id"].as_str().unwrap();
    assert_eq!(answer.header("location"), Some(format!("/api/v1/kudos/{id}").as_str()));
    assert!(answer.header("applaus-version").is_some());
    let name = |id: String, name: &str| json!({ "id": id, "user_name": name, "display_name": name });
    let kudos = json!({
        "id": id,
        "sender": name(app.person_id("anna").to_string(), "anna"),
        "receivers": [
            { "person": name(berta.to_string(), "berta"), "points": 10 },
            { "person": name(carl.to_string(), "carl"), "points": 10 },
        ],
        "message": "Zoë,\ndanke", "value": "care", "value_name": { "en": "care", "de": "care" },
        "points": 10, "visibility": "public", "state": "sent", "reactions": [], "replies": 0,
        "sent_at": "2026-11-18T12:00:00Z", "withdrawable_until": "2026-11-18T12:15:00Z",
    });
    let mut with_costs = kudos.clone();
    with_costs["charged"] = json!(20);
    with_costs["allowance_left"] = json!(80);
    with_costs["kudos_left"] = json!(null);
    assert_eq!(sorted(answer.body.clone()), sorted(with_costs));
    assert_eq!(sorted(anna.get(&format!("/kudos/{id}")).expect(200).body), sorted(kudos));
    assert_eq!((wallet(&app, "berta"), wallet(&app, "carl"), wallet(&app, "anna")), (10, 10, 0));
    assert_eq!(allowance(&app, "anna", "2026-11"), 80);
    in_order(&app);
}

/// Receivers stand in the order of their ids, and two ids of one instant are in no order that a test could know.
fn sorted(mut kudos: Value) -> Value {
    kudos["receivers"].as_array_mut().unwrap().sort_by_key(|receiver| receiver["person"]["user_name"].to_string());
    kudos
}

#[test]
fn each_receiver_gets_a_signal() {
    let app = TestApp::start();
    settings(&app, |settings| settings.values.push(value("care")));
    let anna = app.agent("anna");
    app.agent("berta");
    let body = json!({ "to": ["berta"], "message": "Thank you", "value": "care" });
    let id = sent(&anna, &body);
    let key = format!("kudos:{id}:{}", app.person_id("berta"));
    let signal = app.state.read_here(|db| Ok(signals::find(db, "applaus", &key)?)).unwrap().unwrap();
    let content = signal.content().unwrap().unwrap();
    assert_eq!((content.kind.as_str(), content.agent), ("kudos", app.person_id("berta")));
    assert_eq!(content.occurred_at, app.state.clock.now());
    let attributes: Value = serde_json::from_str(&signal.attributes).unwrap();
    assert_eq!(attributes, json!({ "sender": app.person_id("anna").to_string(), "value": "care" }));
    assert!(content.measures.is_empty());
}

#[test]
fn a_kudos_without_points_opens_no_account() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    let answer = anna.post("/kudos", &json!({ "to": ["berta"], "message": "Thank you" })).expect(201);
    assert_eq!((&answer.body["charged"], &answer.body["allowance_left"]), (&json!(0), &json!(100)));
    assert!(app.state.read_here(|db| Ok(ledger::all_accounts(db)?)).unwrap().is_empty());
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    for name in ["berta", "gone"] {
        app.agent(name);
    }
    leave(&app, "gone");
    let berta = app.person_id("berta").to_string();
    let many: Vec<String> = (0..21).map(|number| format!("person{number}")).collect();
    let thanks = |field: &str, value: Value| {
        let mut kudos = to("berta", 1);
        kudos[field] = value;
        kudos
    };
    for (kudos, pointer, code) in [
        (thanks("to", json!([])), "/to", "empty_list"),
        (thanks("to", json!(many)), "/to", "too_many"),
        (thanks("to", json!(["nobody"])), "/to/0", "unknown_person"),
        (thanks("to", json!(["berta", { "email": "x@example.org" }])), "/to/1", "unknown_person"),
        (thanks("to", json!(["gone"])), "/to/0", "inactive_person"),
        (thanks("to", json!(["anna"])), "/to/0", "kudos_to_oneself"),
        (thanks("to", json!(["berta", { "user_name": "anna" }])), "/to/1", "kudos_to_oneself"),
        (thanks("to", json!(["berta", { "id": berta }])), "/to/1", "receiver_twice"),
        (thanks("message", json!("  ")), "/message", "empty_text"),
        (thanks("message", json!("x".repeat(501))), "/message", "text_too_long"),
        (thanks("message", json!("a\u{202E}b")), "/message", "unfit_character"),
        (thanks("message", json!("a\u{7}b")), "/message", "unfit_character"),
        (thanks("message", json!("Thank <b>you</b>")), "/message", "mark_up"),
        (thanks("points", json!(-1)), "/points", "whole_number_expected"),
        (thanks("points", json!(i64::MAX)), "/points", "whole_number_expected"),
        (thanks("value", json!("care")), "/value", "unknown_name"),
    ] {
        let answer = anna.post("/kudos", &kudos).problem(422, code);
        assert_eq!(answer.body["errors"][0]["pointer"], pointer, "{kudos}");
    }
    for (kudos, pointer, code) in [
        (json!({ "to": ["berta"] }), "/message", "missing_field"),
        (thanks("to", json!("berta")), "/to", "wrong_type"),
        (thanks("to", json!(["berta", { "id": berta, "user_name": "berta" }])), "/to/1", "wrong_type"),
        (thanks("to", json!([{}])), "/to/0", "wrong_type"),
        (thanks("to", json!([{ "team": "north", "user_name": "berta" }])), "/to/0", "wrong_type"),
        (thanks("points", json!(1.5)), "/points", "wrong_type"),
        (thanks("visibility", json!("secret")), "/visibility", "invalid_value"),
        (thanks("stars", json!(1)), "/stars", "unknown_field"),
        (thanks("message", json!("a\0b")), "/message", "nul_character"),
    ] {
        let answer = anna.post("/kudos", &kudos).problem(422, "invalid_request");
        let place = &answer.body["errors"][0];
        assert_eq!((&place["pointer"], &place["code"]), (&json!(pointer), &json!(code)), "{kudos}");
    }
    let several = json!({ "to": ["anna", "berta", "nobody"], "message": "Thank you", "value": "care" });
    let answer = anna.post("/kudos", &several).problem(422, "invalid_request");
    let places: Vec<&Value> = answer.body["errors"].as_array().unwrap().iter().map(|place| &place["pointer"]).collect();
    assert_eq!(places, ["/to/0", "/to/2", "/value"]);
    assert_eq!(anna.get("/kudos").expect(200).body["items"], json!([]));
    assert!(app.state.read_here(|db| Ok(ledger::all_accounts(db)?)).unwrap().is_empty());
}

#[test]
fn whoever_was_deactivated_or_acts_in_no_role_sends_nothing() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    app.anonymous().post("/kudos", &to("berta", 1)).problem(401, "unauthorized");
    let in_no_role = app.narrowed("anna", &[applaus::domain::people::Role::Hr]);
    in_no_role.post("/kudos", &to("berta", 1)).problem(403, "forbidden");
    in_no_role.get("/kudos").problem(403, "forbidden");
    leave(&app, "anna");
    anna.post("/kudos", &to("berta", 1)).problem(401, "unauthorized");
    assert_eq!(wallet(&app, "berta"), 0);
}

#[test]
fn a_retry_with_the_same_key_counts_once() {
    let app = TestApp::start();
    let (anna, berta) = (app.agent("anna"), app.agent("berta"));
    app.agent("carl");
    let retried = anna.with("Idempotency-Key", "k1");
    let first = retried.post("/kudos", &to("berta", 10)).expect(201);
    let again = retried.post("/kudos", &to("berta", 10)).expect(201);
    assert_eq!((&again.body, again.header("location")), (&first.body, first.header("location")));
    assert_eq!((first.header("idempotency-replayed"), again.header("idempotency-replayed")), (None, Some("true")));
    retried.post("/kudos", &to("carl", 10)).problem(422, "idempotency_key_reused");
    assert_eq!((wallet(&app, "berta"), wallet(&app, "carl"), allowance(&app, "anna", "2026-11")), (10, 0, 90));
    berta.with("Idempotency-Key", "k1").post("/kudos", &to("carl", 10)).expect(201);
    anna.with("Idempotency-Key", "k2").post("/kudos", &to("berta", 10)).expect(201);
    assert_eq!((wallet(&app, "berta"), wallet(&app, "carl")), (20, 10));
    in_order(&app);
}

#[test]
fn a_rule_on_kudos_awards_until_the_thanks_are_withdrawn() {
    let app = TestApp::start();
    settings(&app, |settings| settings.values.extend([value("care"), value("speed")]));
    let anna = app.agent("anna");
    app.agent("berta");
    programme_on_kudos(&app);
    let thanks = |value: &str| json!({ "to": ["berta"], "message": "Thank you", "value": value, "points": 10 });
    sent(&anna, &thanks("speed"));
    assert_eq!(wallet(&app, "berta"), 10);
    let id = sent(&anna, &thanks("care"));
    assert_eq!(wallet(&app, "berta"), 25);
    assert_eq!(balance(&app, &Account::ProgrammeIssuance("thanked".to_owned())), -5);
    in_order(&app);
    anna.delete(&format!("/kudos/{id}")).expect(204);
    assert_eq!(wallet(&app, "berta"), 10);
    assert_eq!(balance(&app, &Account::ProgrammeIssuance("thanked".to_owned())), 0);
    in_order(&app);
}
