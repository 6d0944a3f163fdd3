//! The steps of a redemption: who may take which, what they move, and that they are taken once.

use super::*;

fn rejected(client: &Client, redemption: &str) -> crate::support::client::Answer {
    client.post(&format!("{redemption}/reject"), &json!({ "note": "Not this month" }))
}

/// Anna of the north team with 250 points, its lead, HR and somebody else.
fn office() -> (TestApp, [Client; 4]) {
    let app = TestApp::start();
    app.team("north", None);
    let clients = [app.agent_in("anna", "north"), app.lead("lea", "north"), app.hr(), app.agent("ben")];
    give(&app, "anna", 250);
    give(&app, "hr", 250);
    offer(&app, mug(), Some(5));
    (app, clients)
}

#[test]
fn it_is_approved_and_handed_over_by_somebody_else() {
    let (app, [anna, lea, hr, ben]) = office();
    let redemption = asked(&anna);
    for client in [&anna, &lea] {
        step(client, &redemption, "approve").problem(403, "forbidden");
        step(client, &redemption, "fulfil").problem(403, "forbidden");
        rejected(client, &redemption).problem(403, "forbidden");
    }
    step(&ben, &redemption, "approve").problem(404, "not_found");
    step(&hr, &redemption, "fulfil").problem(409, "not_from_this_state");
    let approved = step(&hr, &redemption, "approve").expect(200);
    assert_eq!(
        (&approved.body["state"], &approved.body["decided_by"]["user_name"]),
        (&json!("approved"), &json!("hr"))
    );
    assert_eq!(step(&hr, &redemption, "approve").expect(200).body, approved.body);
    rejected(&hr, &redemption).problem(409, "not_from_this_state");
    step(&anna, &redemption, "cancel").problem(409, "not_from_this_state");
    let fulfilled = step(&hr, &redemption, "fulfil").expect(200);
    assert_eq!((&fulfilled.body["state"], &fulfilled.body["inflow_on"]), (&json!("fulfilled"), &json!("2026-11-18")));
    assert_eq!(step(&hr, &redemption, "fulfil").expect(200).body, fulfilled.body);
    step(&hr, &redemption, "cancel").problem(409, "not_from_this_state");
    assert_eq!((wallet(&app, "anna"), stock(&anna)), (150, json!(4)));
    assert_eq!(balance(&app, &Account::Reward("mug".to_owned())), 100);
    assert_eq!(anna.get("/people/me/standing").body["wallet"], json!({ "balance": 150, "reserved": 0 }));
    app.verify();
}

#[test]
fn whatever_ends_otherwise_is_given_back_once() {
    let (app, [anna, _, hr, _]) = office();
    let reject = asked(&anna);
    assert_eq!(rejected(&hr, &reject).expect(200).body["note"], "Not this month");
    let ended = rejected(&hr, &reject).expect(200).body;
    assert_eq!((&ended["state"], ended["refund"].is_string()), (&json!("rejected"), true));
    let cancel = asked(&anna);
    step(&anna, &cancel, "cancel").expect(200);
    step(&anna, &cancel, "cancel").expect(200);
    let approved = asked(&anna);
    step(&hr, &approved, "approve").expect(200);
    hr.post(&format!("{approved}/cancel"), &json!({ "note": "Broken" })).expect(200);
    assert_eq!((wallet(&app, "anna"), stock(&anna)), (250, json!(5)));
    assert_eq!(balance(&app, &Account::Reward("mug".to_owned())), 0);
    step(&hr, &reject, "approve").problem(409, "not_from_this_state");
    app.verify();
}

#[test]
fn nobody_decides_about_their_own() {
    let (app, [anna, _, hr, _]) = office();
    let own = asked(&hr);
    step(&hr, &own, "approve").problem(403, "forbidden");
    rejected(&hr, &own).problem(403, "forbidden");
    step(&anna, &own, "approve").problem(404, "not_found");
    let other = app.lead("lea", "north");
    step(&other, &own, "approve").problem(404, "not_found");
    step(&hr, &own, "cancel").expect(200);
    let approved = asked(&hr);
    let admin = app.admin();
    admin.put_empty("/people/ben/roles/hr").expect(204);
    let ben = app.acting_as("ben");
    step(&ben, &approved, "approve").expect(200);
    step(&hr, &approved, "cancel").problem(409, "not_from_this_state");
    step(&hr, &approved, "fulfil").problem(403, "forbidden");
    step(&ben, &approved, "fulfil").expect(200);
}

#[test]
fn leads_decide_where_the_organisation_leaves_it_to_them() {
    let (app, [anna, lea, _, _]) = office();
    settings(&app, |settings| settings.redemptions.leads_approve = true);
    app.join("lea", "north", "2026-01-01T00:00:00Z");
    give(&app, "lea", 100);
    let (annas, leas) = (asked(&anna), asked(&lea));
    step(&lea, &annas, "approve").expect(200);
    step(&lea, &annas, "fulfil").expect(200);
    step(&lea, &leas, "approve").problem(403, "forbidden");
    step(&app.lead("max", "north"), &leas, "approve").expect(200);
    app.team("south", None);
    step(&app.lead("sue", "south"), &leas, "fulfil").problem(404, "not_found");
}

#[test]
fn what_nobody_hands_over_in_time_expires() {
    let (app, [anna, _, hr, _]) = office();
    settings(&app, |settings| settings.redemptions.expires_after_days = 10);
    let (requested, approved) = (asked(&anna), asked(&anna));
    step(&hr, &approved, "approve").expect(200);
    app.clock.advance(chrono::TimeDelta::days(10) - chrono::TimeDelta::seconds(1));
    app.tick();
    assert_eq!(app.acting_as("anna").get(&requested).body["state"], "requested");
    app.clock.advance(chrono::TimeDelta::seconds(1));
    app.tick();
    for redemption in [&requested, &approved] {
        let body = app.acting_as("anna").get(redemption).expect(200).body;
        assert_eq!(
            (&body["state"], &body["ended_by"], &body["expires_at"]),
            (&json!("expired"), &json!(null), &json!(null))
        );
    }
    assert_eq!((wallet(&app, "anna"), stock(&app.acting_as("anna"))), (250, json!(5)));
    app.verify();
}

#[test]
fn whoever_leaves_gets_nothing_more_and_keeps_their_points() {
    let (app, [anna, _, hr, _]) = office();
    let redemption = asked(&anna);
    let tag = hr.get("/people/anna").expect(200).header("etag").unwrap().to_owned();
    hr.with("If-Match", &tag).patch("/people/anna", &json!({ "active": false })).expect(200);
    let body = hr.get(&redemption).expect(200).body;
    assert_eq!((&body["state"], &body["note"]), (&json!("cancelled"), &json!("deactivated")));
    assert_eq!((wallet(&app, "anna"), stock(&hr)), (250, json!(5)));
    app.verify();
}

#[test]
fn what_is_written_is_checked() {
    let (_app, [anna, _, hr, _]) = office();
    let redemption = asked(&anna);
    let refused = |step: &str, body: &Value, code: &str| {
        let answer = hr.post(&format!("{redemption}/{step}"), body).expect(422);
        assert!(answer.text.contains(code), "{}", answer.text);
    };
    refused("reject", &json!({}), "missing_field");
    refused("reject", &json!({ "note": " " }), "empty_text");
    refused("reject", &json!({ "note": "x".repeat(501) }), "text_too_long");
    refused("cancel", &json!({ "note": "a\u{202e}b" }), "unfit_character");
    step(&hr, &redemption, "approve").expect(200);
    refused("fulfil", &json!({ "inflow_on": "2026-11-17" }), "invalid_date");
    refused("fulfil", &json!({ "inflow_on": "2028-11-17" }), "invalid_date");
    refused("fulfil", &json!({ "code": "" }), "empty_text");
    let day = json!({ "inflow_on": "2026-12-01" });
    hr.post(&format!("{redemption}/fulfil"), &day).expect(200);
    hr.post(&format!("{redemption}/fulfil"), &day).expect(200);
    let other = json!({ "inflow_on": "2026-12-02" });
    hr.post(&format!("{redemption}/fulfil"), &other).problem(409, "fulfilled_otherwise");
    hr.get("/redemptions/nothing").problem(404, "not_found");
    step(&hr, "/redemptions/01890000-0000-7000-8000-000000000000", "approve").problem(404, "not_found");
}
