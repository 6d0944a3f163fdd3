//! The monthly allowance and the caps: never overdrawn, never exceeded, of the organisation's months.

use applaus::store::ledger::since;
use applaus::writer::kudos::allowance as sending;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::json;

use super::*;

fn points_of(answer: &crate::support::client::Answer) -> Vec<i64> {
    let receivers = answer.body["receivers"].as_array().unwrap();
    receivers.iter().map(|receiver| receiver["points"].as_i64().unwrap()).collect()
}

fn instant(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// Policy with an allowance and caps of these sizes.
fn policy(app: &TestApp, allowance: i64, per_receiver: i64, per_pair: i64) {
    settings(app, |settings| {
        settings.kudos.monthly_allowance.0 = allowance;
        settings.kudos.monthly_cap_per_receiver.0 = per_receiver;
        settings.kudos.monthly_cap_per_pair.0 = per_pair;
    });
}

#[test]
fn what_does_not_fit_is_refused_whole() {
    let app = TestApp::start();
    policy(&app, 25, 1000, 1000);
    let anna = app.agent("anna");
    for name in ["berta", "carl", "dora"] {
        app.agent(name);
    }
    let all = json!({ "to": ["berta", "carl", "dora"], "message": "Thank you", "points": 9 });
    let refused = anna.post("/kudos", &all).problem(422, "allowance_exhausted");
    assert_eq!(refused.body["detail"], "27 points are needed and 25 are left for 2026-11.");
    assert_eq!(wallet(&app, "berta"), 0);
    let answer = anna.post("/kudos", &to("berta", 20)).expect(201);
    assert_eq!((&answer.body["charged"], &answer.body["allowance_left"]), (&json!(20), &json!(5)));
    anna.post("/kudos", &to("carl", 6)).problem(422, "allowance_exhausted");
    anna.post("/kudos", &to("carl", 5)).expect(201);
    anna.post("/kudos", &to("carl", 1)).problem(422, "allowance_exhausted");
    anna.post("/kudos", &to("carl", 0)).expect(201);
    assert_eq!((wallet(&app, "berta"), wallet(&app, "carl"), allowance(&app, "anna", "2026-11")), (20, 5, 0));
    let issued = app.state.read_here(|db| Ok(since(db, 0, 100)?)).unwrap();
    assert_eq!(issued.iter().filter(|line| line.kind == "allowance").count(), 1);
    in_order(&app);
}

#[test]
fn sixteen_at_once_spend_no_more_than_there_is() {
    let app = TestApp::start();
    policy(&app, 100, 1000, 1000);
    app.agent("anna");
    for name in ["berta", "carl"] {
        app.agent(name);
    }
    let sent: usize = std::thread::scope(|threads| {
        let send = |thread: usize| {
            let anna = app.acting_as("anna");
            let receiver = if thread.is_multiple_of(2) { "berta" } else { "carl" };
            let statuses = (0..3).map(|_| anna.post("/kudos", &to(receiver, 7)).status).collect::<Vec<_>>();
            assert!(statuses.iter().all(|status| [201, 422].contains(status)), "{statuses:?}");
            statuses.into_iter().filter(|status| *status == 201).count()
        };
        let handles: Vec<_> = (0..16).map(|thread| threads.spawn(move || send(thread))).collect();
        handles.into_iter().map(|handle| handle.join().unwrap()).sum()
    });
    assert_eq!(sent, 14);
    assert_eq!(wallet(&app, "berta") + wallet(&app, "carl"), 98);
    assert_eq!(allowance(&app, "anna", "2026-11"), 2);
    in_order(&app);
}

#[test]
fn a_new_allowance_starts_at_local_midnight_of_the_first() {
    let app = TestApp::start_at(instant("2026-11-30T22:59:59Z"));
    policy(&app, 50, 1000, 40);
    let anna = app.agent("anna");
    for name in ["berta", "carl"] {
        app.agent(name);
    }
    let late = sent(&anna, &to("berta", 40));
    anna.post("/kudos", &to("carl", 11)).problem(422, "allowance_exhausted");
    app.clock.advance(TimeDelta::seconds(1));
    let first = anna.post("/kudos", &to("berta", 40)).expect(201);
    assert_eq!((points_of(&first), &first.body["allowance_left"]), (vec![40], &json!(10)));
    assert_eq!((allowance(&app, "anna", "2026-11"), allowance(&app, "anna", "2026-12")), (10, 10));

    // What is withdrawn returns to the month it came from, where it cannot be spent any more.
    anna.delete(&format!("/kudos/{late}")).expect(204);
    assert_eq!((allowance(&app, "anna", "2026-11"), allowance(&app, "anna", "2026-12")), (50, 10));
    anna.post("/kudos", &to("carl", 11)).problem(422, "allowance_exhausted");
    assert_eq!(wallet(&app, "berta"), 40);
    in_order(&app);
}

#[test]
fn beyond_a_cap_a_kudos_carries_no_points_for_that_receiver() {
    let app = TestApp::start();
    policy(&app, 1000, 50, 30);
    let (anna, dora) = (app.agent("anna"), app.agent("dora"));
    let (_, carl) = (app.agent("berta"), app.agent("carl"));
    anna.post("/kudos", &to("berta", 25)).expect(201);
    // The pair has 5 left: all or nothing.
    let capped = anna.post("/kudos", &to("berta", 6)).expect(201);
    assert_eq!((points_of(&capped), &capped.body["points"], &capped.body["charged"]), (vec![0], &json!(6), &json!(0)));
    let fits = anna.post("/kudos", &to("berta", 5)).expect(201);
    assert_eq!(points_of(&fits), [5]);
    // The receiver has 20 left, from whomever.
    assert_eq!(points_of(&dora.post("/kudos", &to("berta", 21)).expect(201)), [0]);
    let filling = sent(&dora, &to("berta", 20));
    assert_eq!(points_of(&carl.post("/kudos", &to("berta", 1)).expect(201)), [0]);
    assert_eq!(wallet(&app, "berta"), 50);
    // Another receiver of the same kudos gets all.
    let both = json!({ "to": ["berta", "carl"], "message": "Thank you", "points": 3 });
    let answer = dora.post("/kudos", &both).expect(201);
    let mut points = points_of(&answer);
    points.sort_unstable();
    assert_eq!((points, &answer.body["charged"], wallet(&app, "carl")), (vec![0, 3], &json!(3), 3));
    // What is withdrawn counts no more.
    dora.delete(&format!("/kudos/{filling}")).expect(204);
    assert_eq!(points_of(&carl.post("/kudos", &to("berta", 20)).expect(201)), [20]);
    // A new month, new caps.
    app.clock.set(instant("2026-12-01T00:00:00Z"));
    assert_eq!(points_of(&app.acting_as("anna").post("/kudos", &to("berta", 30)).expect(201)), [30]);
    in_order(&app);
}

#[test]
fn the_allowance_is_whole_before_its_first_use_and_keeps_its_size_after() {
    let app = TestApp::start();
    let anna = app.agent("anna");
    app.agent("berta");
    let of_anna = || {
        let (catalogue, now) = (app.state.catalogue(), app.state.clock.now());
        let person = app.person_id("anna");
        let found = app.state.read_here(|db| Ok(sending::allowance(db, &catalogue, person, now)?));
        found.map(|found| (found.month, found.issued.0, found.left.0)).unwrap()
    };
    assert_eq!(of_anna(), ("2026-11".to_owned(), 0, 100));
    anna.post("/kudos", &to("berta", 30)).expect(201);
    assert_eq!(of_anna(), ("2026-11".to_owned(), 100, 70));
    policy(&app, 500, 1000, 1000);
    assert_eq!(of_anna(), ("2026-11".to_owned(), 100, 70));
    app.clock.set(instant("2026-12-01T00:00:00Z"));
    assert_eq!(of_anna(), ("2026-12".to_owned(), 0, 500));
}

#[test]
fn without_an_allowance_thanks_carry_none() {
    let app = TestApp::start();
    policy(&app, 0, 1000, 1000);
    let anna = app.agent("anna");
    app.agent("berta");
    anna.post("/kudos", &to("berta", 1)).problem(422, "allowance_exhausted");
    anna.post("/kudos", &to("berta", 0)).expect(201);
    in_order(&app);
}
