//! Finalising: when, by whom, and that nothing changes it any more.

use applaus::domain::people::Role;
use applaus::writer::Actor;
use applaus::writer::role::{GrantRole, Reach};

use super::*;

#[test]
fn a_finalised_contest_is_frozen_and_its_badges_are_held() {
    let app = server();
    november(&app);
    time_is(&app, NOVEMBER_IS_DECIDED);
    let hr = app.hr();
    let done = finalise(&hr, "monthly", &json!({})).expect(200);
    let both = |who: &str| (1, who.to_owned(), json!("gold"), Value::Null);
    let won = [both("anna"), both("ben"), (3, "cleo".to_owned(), Value::Null, json!("voucher"))];
    assert_eq!(winners(&done.body), won);
    assert_eq!((&done.body["state"], &done.body["period"]), (&json!("finalised"), &json!("2026-11")));
    assert_eq!(done.body["finalised_at"], NOVEMBER_IS_DECIDED);
    for winner in ["anna", "ben"] {
        assert_eq!(badges(&app, winner), held(&[("gold", "2026-Q4")]));
    }
    app.verify();

    let seen = contest(&app.acting_as("dora"), "monthly", "period=2026-11");
    assert_eq!((&seen.body["state"], winners(&seen.body)), (&json!("finalised"), won.to_vec()));
    earns(&app, "cleo", "2026-11-20T09:00:00Z", 100);
    app.person("gustav");
    app.join("gustav", "south", "2010-01-01T00:00:00Z");
    disqualify(&hr, "monthly/disqualifications/anna?period=2026-11", "Late").problem(409, "unfit_state");
    app.clock.set("2026-12-10T12:00:00Z".parse().unwrap());
    assert_eq!(contest(&app.acting_as("dora"), "monthly", "period=2026-11").text, seen.text, "byte for byte");
    let again = finalise(&app.hr(), "monthly", &json!({ "period": "2026-11" })).expect(200);
    assert_eq!(again.body, done.body, "finalising it again does nothing");
    assert_eq!(badges(&app, "cleo"), held(&[]));
    app.verify();
}

#[test]
fn a_contest_is_finalised_when_all_in_it_is_decided() {
    let app = server();
    november(&app);
    let hr = app.hr();
    let refused = finalise(&hr, "monthly", &json!({ "period": "2026-11" })).problem(409, "contest_not_over");
    assert!(refused.body["detail"].as_str().unwrap().contains("2026-12-02T23:00:00"), "{}", refused.text);
    time_is(&app, "2026-12-02T22:59:59Z");
    finalise(&app.hr(), "monthly", &json!({})).problem(409, "contest_not_over");
    // Two days after its own end, in the middle of the season.
    app.clock.set("2026-11-17T22:59:59Z".parse().unwrap());
    finalise(&app.hr(), "sprint", &json!({})).problem(409, "contest_not_over");
    app.clock.set("2026-11-17T23:00:00Z".parse().unwrap());
    finalise(&app.hr(), "sprint", &json!({})).expect(200);
    finalise(&app.hr(), "advent", &json!({})).problem(409, "contest_not_over");
}

/// Awards that wait for a guard would be missing.
#[test]
fn a_contest_waits_for_the_guards_of_its_awards() {
    let mut guarded = programme("quarter");
    guarded["rules"][1] = json!({ "code": "praised", "name": name("Praised"), "on": ["compliment"],
        "award": { "points": 500 }, "guard": { "on": ["evaluation"],
            "goal": { "measure": "quality", "aggregate": "mean", "at_least": 1, "per": "month" } } });
    let app = server_with(&guarded);
    november(&app);
    app.hr().post("/signals", &signal("compliment", "c", 1, "cleo", "2026-11-12T09:00:00Z", 1)).expect(200);
    finalise(&app.hr(), "sprint", &json!({})).problem(409, "contest_not_over");
    app.clock.set(NOVEMBER_IS_DECIDED.parse().unwrap());
    let done = finalise(&app.hr(), "sprint", &json!({})).expect(200);
    assert_eq!(winners(&done.body)[0].1, "cleo", "what was decided at this moment counts, without anybody ticking");
    app.verify();
}

#[test]
fn a_contest_is_not_finalised_while_points_are_being_settled() {
    let app = server();
    let mut deliveries = Vec::new();
    for number in 0..150 {
        let who = format!("agent{number}");
        app.agent_in(&who, "north");
        deliveries.push(signal("evaluation", &who, 1, &who, "2026-11-05T09:00:00Z", 60));
    }
    app.hr().post("/signals", &json!(deliveries)).expect(200);
    app.clock.set(NOVEMBER_IS_DECIDED.parse().unwrap());
    let hr = app.hr();
    finalise(&hr, "means", &json!({})).problem(409, "contest_unsettled");
    app.tick();
    finalise(&hr, "means", &json!({})).expect(200);
}

#[test]
fn whoever_stands_to_win_leaves_it_to_others() {
    let app = server();
    november(&app);
    for (who, role) in [("anna", Role::Hr), ("dora", Role::Hr), ("emil", Role::Hr)] {
        let person = app.person_id(who);
        app.state.writer.run_blocking(Actor::Operator, GrantRole { person, role, reach: Reach::Whole }).unwrap();
    }
    time_is(&app, NOVEMBER_IS_DECIDED);
    let [anna, dora, emil] = ["anna", "dora", "emil"].map(|who| app.acting_as(who));
    finalise(&anna, "monthly", &json!({})).problem(403, "contest_interest");
    finalise(&dora, "monthly", &json!({})).expect(200);
    // Of teams, members of the winning one.
    finalise(&anna, "teams", &json!({})).problem(403, "contest_interest");
    finalise(&emil, "teams", &json!({})).expect(200);
    let rank = |client: &Client| contest(client, "teams", "period=2026-11").body["me"]["rank"].clone();
    assert_eq!((rank(&anna), rank(&emil)), (json!(1), json!(2)));
    app.verify();
}

#[test]
fn a_key_makes_repeating_harmless() {
    let app = server();
    november(&app);
    time_is(&app, NOVEMBER_IS_DECIDED);
    let hr = app.hr().with("idempotency-key", "once");
    let first = finalise(&hr, "monthly", &json!({ "period": "2026-11" })).expect(200);
    let again = finalise(&hr, "monthly", &json!({ "period": "2026-11" })).expect(200);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &first.body));
    finalise(&hr, "monthly", &json!({ "period": "2026-10" })).problem(422, "idempotency_key_reused");
    let empty = app.hr().send("POST", "/contests/service/teams/finalize", "", "").expect(200);
    assert_eq!(empty.body["period"], "2026-11", "without a body the last one that ended");
    assert_eq!(winners(&empty.body)[0].1, "north");
    for (body, code) in
        [(json!({ "period": "2026-W46" }), "invalid_period"), (json!({ "perod": "2026-11" }), "invalid_request")]
    {
        finalise(&app.hr(), "monthly", &body).problem(422, code);
    }
    let refused = finalise(&app.hr(), "monthly", &json!({ "period": "november" })).problem(422, "invalid_period");
    assert_eq!(refused.body["errors"][0]["pointer"], "/period");
    finalise(&app.hr(), "nothing", &json!({})).problem(404, "not_found");
}

/// SEMANTICS S10: what was won is held for good, even if an award named the badge before.
#[test]
fn a_badge_that_was_won_is_not_withdrawn() {
    let app = server();
    november(&app);
    app.hr().post("/signals", &signal("training", "t", 1, "anna", "2026-11-12T09:00:00Z", 1)).expect(200);
    app.hr().post("/signals", &signal("training", "u", 1, "cleo", "2026-11-12T09:00:00Z", 1)).expect(200);
    assert_eq!(badges(&app, "anna"), held(&[("gold", "2026-Q4")]));
    finalise(&app.hr(), "sprint", &json!({})).expect(200);
    app.verify();
    for (who, key, left) in [("anna", "t", &[("gold", "2026-Q4")][..]), ("cleo", "u", &[])] {
        app.hr().delete(&format!("/signals/qa/{key}")).expect(200);
        assert_eq!(badges(&app, who), held(left));
    }
    app.verify();
    let evidence =
        app.hr().post("/signals", &signal("training", "v", 1, "anna", "2026-11-13T09:00:00Z", 1)).expect(200);
    assert_eq!(evidence.body["status"], "accepted");
    assert_eq!(badges(&app, "anna"), held(&[("gold", "2026-Q4")]), "it is held once");
    app.verify();
}

#[test]
fn with_no_competitors_nothing_is_won() {
    let app = server();
    let done = finalise(&app.hr(), "monthly", &json!({ "period": "2026-10" })).expect(200);
    assert_eq!(done.body["winners"], json!([]));
    app.verify();
}

#[test]
fn verify_sees_what_was_tampered_with() {
    use diesel::prelude::*;
    let app = server();
    november(&app);
    time_is(&app, NOVEMBER_IS_DECIDED);
    finalise(&app.hr(), "monthly", &json!({})).expect(200);
    app.verify();
    let mut db = app.database.unguarded();
    let found = |db: &mut _| applaus::verify::verify(db).unwrap().findings().join("\n");
    for (fault, mend, says) in [
        (
            "UPDATE contest_results SET position = position + 1",
            "UPDATE contest_results SET position = position - 1",
            "names position",
        ),
        (
            "UPDATE contest_badges SET badge = 'silver'",
            "UPDATE contest_badges SET badge = 'gold'",
            "is not as the result has it",
        ),
        (
            "UPDATE contest_results SET body = replace(body, '\"rank\":3', '\"rank\":2')",
            "UPDATE contest_results SET body = replace(body, '\"rank\":2', '\"rank\":3')",
            "the ranks are not",
        ),
    ] {
        diesel::sql_query(fault).execute(&mut db).unwrap();
        assert!(found(&mut db).contains(says), "{fault}: {}", found(&mut db));
        diesel::sql_query(mend).execute(&mut db).unwrap();
        assert_eq!(found(&mut db), "");
    }
}
