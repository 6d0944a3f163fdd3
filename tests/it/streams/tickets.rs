//! Tickets in place of tokens.

use applaus::domain::people::Role;
use chrono::TimeDelta;
use serde_json::json;

use super::*;
use crate::support::client::Client;

fn ticket(client: &Client) -> String {
    let given = client.post("/stream-tickets", &json!({})).expect(201);
    given.body["ticket"].as_str().unwrap().to_owned()
}

fn with(app: &TestApp, path: &str, ticket: &str) -> Events {
    Events::open(app.address(), &format!("{path}?ticket={ticket}"), &[])
}

#[test]
fn a_ticket_opens_one_stream() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let path = format!("{BOARD}/stream");
    for path in [path.as_str(), OWN] {
        let given = anna.post("/stream-tickets", &json!({})).expect(201);
        assert_eq!(given.body["expires_at"], "2026-11-18T12:01:00Z");
        let ticket = given.body["ticket"].as_str().unwrap();
        assert!(ticket.len() >= 43, "{ticket}");
        with(&app, path, ticket).opened().event();
        with(&app, path, ticket).refused(401, "unauthorized");
    }
    app.anonymous().post("/stream-tickets", &json!({})).problem(401, "unauthorized");
    app.narrowed("anna", &[Role::Hr]).post("/stream-tickets", &json!({})).problem(403, "forbidden");
}

#[test]
fn a_ticket_is_good_at_any_instance_and_only_once_at_all() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let other = app.another();
    let ticket = ticket(&anna);
    with(&other, OWN, &ticket).opened().event();
    with(&app, OWN, &ticket).refused(401, "unauthorized");
}

#[test]
fn a_ticket_is_good_for_a_minute_and_no_longer_than_its_token() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let late = ticket(&anna);
    let in_time = ticket(&anna);
    app.clock.advance(TimeDelta::seconds(59));
    with(&app, OWN, &in_time).opened().event();
    app.clock.advance(TimeDelta::seconds(1));
    with(&app, OWN, &late).refused(401, "unauthorized");

    let token = app.state.issuer.mint("anna", TimeDelta::seconds(20), &[], app.state.clock.now()).unwrap();
    let given = app.with_token(&token).post("/stream-tickets", &json!({})).expect(201);
    assert_eq!(given.body["expires_at"], "2026-11-18T12:01:20Z");
    let mut events = with(&app, OWN, given.body["ticket"].as_str().unwrap()).opened();
    events.event();
    app.clock.advance(TimeDelta::seconds(20));
    events.ends();
}

#[test]
fn a_ticket_grants_what_its_token_did_and_nothing_to_who_is_gone() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let path = format!("{BOARD}/stream");
    app.agent_in("cook", "kitchen");
    with(&app, &path, &ticket(&app.acting_as("cook"))).refused(404, "not_found");
    app.hr();
    let narrowed = ticket(&app.narrowed("hr", &[Role::Agent]));
    with(&app, &path, &narrowed).refused(404, "not_found");
    with(&app, &path, &ticket(&app.acting_as("hr"))).opened();

    let left = ticket(&anna);
    let hr = app.hr();
    let tag = hr.get("/people/anna").expect(200).header("etag").unwrap().to_owned();
    hr.with("if-match", &tag).patch("/people/anna", &json!({ "active": false })).expect(200);
    with(&app, OWN, &left).refused(401, "unauthorized");
}

#[test]
fn tickets_are_for_streams_and_stand_alone() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let given = ticket(&anna);
    app.anonymous().get(&format!("/people/me?ticket={given}")).problem(401, "unauthorized");
    app.anonymous().get(&format!("{BOARD}?ticket={given}")).problem(401, "unauthorized");
    for wrong in ["", "x", &given[1..], &format!("{given}A"), &"A".repeat(2_000)] {
        with(&app, OWN, wrong).refused(401, "unauthorized");
    }
    with(&app, OWN, &format!("{given}&ticket={given}")).refused(400, "invalid_query");
    let token = format!("Bearer {}", app.token_of("anna"));
    let both = Events::open(app.address(), &format!("{OWN}?ticket={given}"), &[("Authorization", &token)]);
    both.refused(400, "invalid_query");
    with(&app, OWN, &given).opened().event();
}

#[test]
fn nobody_has_any_number_of_tickets() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    (0..100).for_each(|_| drop(ticket(&anna)));
    anna.post("/stream-tickets", &json!({})).problem(429, "too_many_streams");
    app.clock.advance(TimeDelta::seconds(60));
    ticket(&anna);
}
