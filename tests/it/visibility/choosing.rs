//! Choosing, and who may.

use std::collections::BTreeSet;

use applaus::access::policy::{Action, Relation, permits};
use applaus::writer::Actor;
use applaus::writer::role::TakeRole;

use super::*;
use crate::seasons::programme;

#[test]
fn a_choice_stands_until_it_is_taken_back() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    assert_eq!(anna.get(OWN).expect(200).body, seen("named", false));
    for visibility in ["hidden", "alias", "named", "hidden"] {
        let chosen = choose(&anna, visibility);
        assert_eq!(chosen.body, seen(visibility, true));
        let read = anna.get(&format!("{OWN}?min_version={}", version(&chosen))).expect(200);
        assert_eq!((read.body, read.headers.get("etag")), (chosen.body.clone(), chosen.headers.get("etag")));
    }
    settings(&app, &json!({ "default_visibility": "alias", "smallest_group": 3 }));
    let expected = json!({ "programme": "service", "visibility": "hidden", "chosen": true, "default": "alias", "smallest_group": 3 });
    assert_eq!(anna.get(OWN).expect(200).body, expected);
    let gone = anna.delete(OWN).expect(204);
    let expected = json!({ "programme": "service", "visibility": "alias", "chosen": false, "default": "alias", "smallest_group": 3 });
    assert_eq!(anna.get(OWN).expect(200).body, expected);
    assert_eq!(version(&anna.delete(OWN).expect(204)), version(&gone), "there was nothing to take back");
}

#[test]
fn the_same_choice_again_does_nothing() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let first = choose(&anna, "alias");
    let again = choose(&anna, "alias");
    assert_eq!((version(&again), &again.body), (version(&first), &first.body));
    let other = choose(&anna, "named");
    assert!(version(&other) > version(&first), "by name is a choice too, whatever the default");
    // No state is named: the last choice wins.
    let stale = anna.with("if-match", first.header("etag").unwrap());
    stale.put(OWN, &json!({ "visibility": "hidden" })).expect(200);
    assert_eq!(anna.get(OWN).body["visibility"], "hidden");
}

#[test]
fn a_reader_who_has_it_already_is_told_so() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    let read = |tag: &str| anna.with("if-none-match", tag).get(OWN);
    let first = anna.get(OWN).expect(200).header("etag").unwrap().to_owned();
    read(&first).expect(304);
    let chosen = choose(&anna, "named").header("etag").unwrap().to_owned();
    read(&first).expect(200);
    read(&chosen).expect(304);
    // The default stands in the answer too.
    settings(&app, &json!({ "smallest_group": 2 }));
    read(&chosen).expect(200);
}

#[test]
fn what_is_not_a_choice_is_refused_and_changes_nothing() {
    let app = server();
    let anna = app.agent_in("anna", "north");
    choose(&anna, "alias");
    for (body, pointer, code) in [
        (json!({}), "/visibility", "missing_field"),
        (json!({ "visibility": null }), "/visibility", "wrong_type"),
        (json!({ "visibility": "Named" }), "/visibility", "invalid_value"),
        (json!({ "visibility": "public" }), "/visibility", "invalid_value"),
        (json!({ "visibility": ["named"] }), "/visibility", "wrong_type"),
        (json!({ "visibility": "named", "programme": "service" }), "/programme", "unknown_field"),
    ] {
        crate::people::refused_at(anna.put(OWN, &body), pointer, code);
    }
    assert_eq!(anna.get(OWN).expect(200).body, seen("alias", true));
}

/// Callers who act in one role each, and one in none; all at home in the programme's audience.
fn callers(app: &TestApp) -> Vec<(Option<Role>, &'static str, Client)> {
    let clients = vec![
        (Some(Role::Agent), "agatha", app.agent("agatha")),
        (Some(Role::Lead), "lea", app.lead("lea", "support")),
        (Some(Role::Hr), "hr", app.hr()),
        (Some(Role::Source), "feed", app.source(&["qa"])),
        (Some(Role::Auditor), "auditor", app.auditor()),
        (Some(Role::Admin), "admin", app.admin()),
        (None, "nobody", app.agent("nobody")),
    ];
    for (role, name, _) in &clients {
        app.join(name, "north", "2010-01-01T00:00:00Z");
        if *role != Some(Role::Agent) {
            let take = TakeRole { person: app.person_id(name), role: Role::Agent };
            app.state.writer.run_blocking(Actor::Operator, take).unwrap();
        }
    }
    clients
}

#[test]
fn nobody_else_reads_or_makes_a_choice() {
    let app = TestApp::start();
    for (code, parent) in [("support", None), ("north", Some("support"))] {
        app.team(code, parent);
    }
    let for_all = json!({ "teams": ["support"], "roles": ["agent", "lead", "hr", "source", "auditor", "admin"] });
    app.programme(
        &{
            let mut document = programme();
            document["audience"] = for_all;
            document
        },
        "2026-10-01",
    );
    choose(&app.agent_in("anna", "north"), "hidden");
    let mut told = BTreeSet::new();
    for (role, own_name, client) in callers(&app) {
        for person in ["anna", "me", own_name, "no-one"] {
            let path = format!("/people/{person}/visibility/service");
            let own = person == "me" || person == own_name;
            let relations: &[Relation] = if own { &[Relation::Themselves] } else { &[] };
            for (action, answer) in [
                (Action::ReadVisibility, client.get(&path)),
                (Action::ChangeVisibility, client.put(&path, &json!({ "visibility": "alias" }))),
                (Action::ChangeVisibility, client.delete(&path)),
            ] {
                let what = format!("{role:?} on {person}: {}", answer.text);
                if permits(action, &acting(role), relations) {
                    assert!((200..300).contains(&answer.status), "{what}");
                } else {
                    assert_eq!(answer.status, 404, "{what}");
                    told.insert(answer.text);
                }
            }
        }
    }
    assert_eq!(told.len(), 1, "what is hidden reads like what does not exist: {told:?}");
    app.anonymous().get("/people/anna/visibility/service").problem(401, "unauthorized");
    assert_eq!(app.acting_as("anna").get(OWN).expect(200).body, seen("hidden", true));
}

#[test]
fn a_programme_that_one_cannot_read_is_like_one_that_does_not_exist() {
    let app = server();
    app.team("sales", None);
    let (anna, otto) = (app.agent_in("anna", "north"), app.agent_in("otto", "sales"));
    let unknown = anna.get("/people/me/visibility/nothing").problem(404, "not_found").text;
    let mut draft = programme();
    draft["code"] = json!("draft");
    app.hr().post("/programmes", &draft).expect(201);
    for (client, path) in
        [(&otto, OWN), (&anna, "/people/me/visibility/draft"), (&app.hr(), "/people/me/visibility/draft")]
    {
        assert_eq!(client.get(path).problem(404, "not_found").text, unknown);
        client.put(path, &json!({ "visibility": "hidden" })).problem(404, "not_found");
        client.delete(path).problem(404, "not_found");
    }
}

#[test]
fn who_took_part_once_may_still_choose() {
    let app = server();
    app.team("sales", None);
    let anna = app.agent_in("anna", "north");
    app.join("anna", "sales", "2026-11-10T00:00:00Z");
    anna.get("/programmes/service").problem(404, "not_found");
    assert_eq!(choose(&anna, "hidden").body, seen("hidden", true));
    // The programme began at 22:00: who had left by then never stood on its boards.
    let ben = app.agent_in("ben", "north");
    app.join("ben", "sales", "2026-09-30T22:00:01Z");
    ben.get(OWN).expect(200);
    let cleo = app.agent("cleo");
    cleo.get(OWN).problem(404, "not_found");
    app.join("cleo", "north", "2026-09-01T00:00:00Z");
    app.join("cleo", "sales", "2026-09-30T22:00:00Z");
    cleo.get(OWN).problem(404, "not_found");
}

#[test]
fn a_programme_that_is_called_off_has_no_boards_to_be_seen_on() {
    let app = server();
    let mut planned = programme();
    planned["code"] = json!("planned");
    app.programme(&planned, "2026-12-01");
    let anna = app.agent_in("anna", "north");
    let path = "/people/me/visibility/planned";
    anna.put(path, &json!({ "visibility": "hidden" })).expect(200);
    app.hr().delete("/programmes/planned/versions/1").expect(204);
    anna.get(path).problem(404, "not_found");
}
