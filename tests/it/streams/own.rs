//! News of oneself.

use serde_json::json;

use super::*;
use crate::leaderboards::{earns, evaluation};
use crate::support::events::Event;

fn training(key: &str, version: u64, agent: &str) -> Value {
    json!({ "source": "qa", "key": key, "version": version, "kind": "training", "agent": agent,
            "occurred_at": "2026-11-17T10:00:00Z", "measures": {} })
}

fn points(points: i64, change: i64) -> (String, Value) {
    let data = json!({ "programme": "service", "season": "2026-Q4", "points": points, "change": change });
    ("points".to_owned(), data)
}

fn tier(code: Option<&str>) -> (String, Value) {
    ("tier".to_owned(), json!({ "programme": "service", "season": "2026-Q4", "tier": code }))
}

fn told(event: &Event) -> (String, Value) {
    (event.name.clone(), event.data.clone())
}

#[test]
fn points_tiers_and_badges_come_as_they_come() {
    let app = server();
    app.agent_in("anna", "north");
    app.agent_in("ben", "north");
    earns(&app, "anna", "2026-11-16T10:00:00Z", 30);
    let mut events = listen(&app, "anna", OWN).opened();
    let standing =
        json!({ "programmes": [{ "programme": "service", "season": "2026-Q4", "points": 30, "tier": null }] });
    assert_eq!(told(&events.event()), ("standing".to_owned(), standing));

    earns(&app, "anna", "2026-11-17T10:00:00Z", 30);
    let part = events.event();
    assert_eq!((told(&part), part.id.as_str()), (points(60, 30), ""), "only the last of several has an id");
    let whole = events.event();
    assert_eq!((told(&whole), whole.id.is_empty()), (tier(Some("bronze")), false));

    app.hr().post("/signals", &training("t", 1, "anna")).expect(200);
    let badge = events.event();
    assert_eq!(badge.name, "badge");
    assert_eq!((&badge.data["badge"], &badge.data["change"]), (&json!("star"), &json!("granted")));

    earns(&app, "ben", "2026-11-17T10:00:00Z", 30);
    events.is_quiet_for(A_WHILE);
}

#[test]
fn what_is_taken_back_is_told_too() {
    let app = server();
    app.agent_in("anna", "north");
    let hr = app.hr();
    hr.post("/signals", &evaluation("k", 1, "anna", "2026-11-17T10:00:00Z", 60)).expect(200);
    let mut events = listen(&app, "anna", OWN).opened();
    events.event();
    hr.post("/signals", &evaluation("k", 2, "anna", "2026-11-17T10:00:00Z", 20)).expect(200);
    assert_eq!(told(&events.event()), points(20, -40));
    assert_eq!(told(&events.event()), tier(None));
}

#[test]
fn what_was_missed_comes_first() {
    let app = server();
    app.agent_in("anna", "north");
    let first = listen(&app, "anna", OWN).opened().event();
    earns(&app, "anna", "2026-11-17T10:00:00Z", 20);
    earns(&app, "anna", "2026-11-17T11:00:00Z", 25);
    let mut events = listen_after(&app, "anna", OWN, &first.id).opened();
    let missed = events.event();
    assert_eq!(told(&missed), points(45, 45), "together");

    let mut nothing = listen_after(&app, "anna", OWN, &missed.id).opened();
    nothing.is_quiet_for(A_WHILE);
    earns(&app, "anna", "2026-11-17T12:00:00Z", 1);
    assert_eq!(told(&nothing.event()), points(46, 1));
    for strange in ["x", "-1", "999999999999"] {
        assert_eq!(listen_after(&app, "anna", OWN, strange).opened().event().name, "standing", "{strange}");
    }
}

#[test]
fn of_much_that_was_missed_only_the_standing_is_told() {
    let app = server();
    app.agent_in("anna", "north");
    let first = listen(&app, "anna", OWN).opened().event();
    let signals: Vec<Value> =
        (0..250).map(|n| evaluation(&format!("m{n}"), 1, "anna", "2026-11-17T10:00:00Z", 1)).collect();
    app.hr().post("/signals", &json!(signals)).expect(200);
    let standing = listen_after(&app, "anna", OWN, &first.id).opened().event();
    assert_eq!((standing.name.as_str(), &standing.data["programmes"][0]["points"]), ("standing", &json!(250)));
}
