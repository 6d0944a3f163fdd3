//! Who may do what in the directory, over HTTP, against the one table.

use applaus::access::caller::{Caller, Dated, HeldRoles};
use applaus::access::policy::{Action, Relation, permits};
use applaus::domain::ids::PersonId;
use applaus::domain::people::Role;
use applaus::writer::Actor;
use applaus::writer::role::TakeRole;

use super::*;

/// A request of an action; `{person}`, `{team}` and `{n}` are filled in.
struct Asked(Action, &'static str, &'static str, Value);

const ABSENCE: &str = "/people/{person}/absences/0198f0a0-0000-7000-8000-000000000001";

fn on_people() -> Vec<Asked> {
    vec![
        Asked(Action::ReadPerson, "GET", "/people/{person}", Value::Null),
        Asked(Action::ChangePerson, "PATCH", "/people/{person}", json!({})),
        Asked(Action::ChangeRoles, "PUT", "/people/{person}/roles/agent", Value::Null),
        Asked(Action::ChangeRoles, "DELETE", "/people/{person}/roles/auditor", Value::Null),
        Asked(Action::ReadMemberships, "GET", "/people/{person}/memberships", Value::Null),
        Asked(
            Action::ChangeMemberships,
            "POST",
            "/people/{person}/memberships",
            json!({ "team": "{team}", "from": "2026-11-02T00:00:{n}Z" }),
        ),
        Asked(Action::ReadAbsences, "GET", "/people/{person}/absences", Value::Null),
        Asked(Action::ChangeAbsences, "PUT", ABSENCE, json!({ "from": "2026-11-02", "until": "2026-11-03" })),
        Asked(Action::ChangeAbsences, "DELETE", ABSENCE, Value::Null),
    ]
}

fn on_whatever_there_is() -> Vec<Asked> {
    let scale = json!({ "min": 0, "max": null });
    let names = json!({ "en": "m", "de": "m" });
    let measure =
        json!({ "code": "m{n}", "name": names, "scale": scale, "direction": "higher_is_better", "aggregation": "sum" });
    vec![
        Asked(Action::ReadOwnIdentity, "GET", "/people/me", Value::Null),
        Asked(Action::SearchPeople, "GET", "/people", Value::Null),
        Asked(Action::CreatePerson, "POST", "/people", json!({ "user_name": "p{n}", "display_name": "P" })),
        Asked(Action::ReadTeams, "GET", "/teams", Value::Null),
        Asked(Action::ReadTeams, "GET", "/teams/blue", Value::Null),
        Asked(Action::ChangeTeams, "POST", "/teams", json!({ "code": "t{n}", "name": "T" })),
        Asked(Action::ChangeTeams, "PATCH", "/teams/blue", json!({})),
        Asked(Action::ReadMeasures, "GET", "/measures", Value::Null),
        Asked(Action::ReadMeasures, "GET", "/measures/csat", Value::Null),
        Asked(Action::ChangeMeasures, "POST", "/measures", measure),
        Asked(Action::ChangeMeasures, "PATCH", "/measures/csat", json!({})),
        Asked(Action::ReadOrganization, "GET", "/organization", Value::Null),
        Asked(Action::ChangeOrganization, "PATCH", "/organization", json!({})),
    ]
}

/// Callers who act in one role each, and one in none.
fn callers(app: &TestApp) -> Vec<(Option<Role>, &'static str, Client)> {
    let admin = app.admin();
    let clients = vec![
        (Some(Role::Agent), "agatha", app.agent("agatha")),
        (Some(Role::Lead), "lea", app.lead("lea", "site")),
        (Some(Role::Hr), "hr", app.hr()),
        (Some(Role::Source), "feed", app.source(&["qa"])),
        (Some(Role::Auditor), "auditor", app.auditor()),
        (Some(Role::Admin), "admin", admin),
        (None, "nobody", app.agent("nobody")),
    ];
    for (role, name, _) in &clients {
        if *role != Some(Role::Agent) {
            let take = TakeRole { person: app.person_id(name), role: Role::Agent };
            app.state.writer.run_blocking(Actor::Operator, take).unwrap();
        }
    }
    clients
}

fn acting(role: Option<Role>) -> Caller {
    let held = HeldRoles { roles: role.into_iter().collect(), ..HeldRoles::default() };
    let person = PersonId::new(chrono::DateTime::UNIX_EPOCH);
    Caller {
        person,
        user_name: String::new(),
        language: None,
        held,
        dated: Dated::default(),
        scope: None,
        until: chrono::DateTime::UNIX_EPOCH,
    }
}

fn ask(client: &Client, asked: &Asked, person: &str, n: usize) -> Answer {
    let team = if person == "anna" { "blue" } else { "red" };
    let fill = |text: &str| text.replace("{person}", person).replace("{team}", team).replace("{n}", &format!("{n:02}"));
    let Asked(_, method, path, body) = asked;
    let client = if *method == "PATCH" { client.with("if-match", "*") } else { client.clone() };
    match (*method, body) {
        ("GET", _) => client.get(&fill(path)),
        ("DELETE", _) => client.delete(&fill(path)),
        ("PUT", Value::Null) => client.put_empty(&fill(path)),
        (method, body) => client.send(method, &fill(path), "application/json", &fill(&body.to_string())),
    }
}

#[test]
fn people_are_touched_by_those_who_may() {
    let app = TestApp::start();
    for (code, parent) in [("site", None), ("blue", Some("site")), ("red", None)] {
        app.team(code, parent);
    }
    app.agent_in("anna", "blue");
    app.agent_in("otto", "red");
    let mut n = 0;
    let mut told = std::collections::BTreeSet::new();
    for (role, own_name, client) in callers(&app) {
        for person in ["anna", "otto", own_name] {
            let mut relations = Vec::new();
            relations.extend((person == own_name).then_some(Relation::Themselves));
            relations.extend((person == "anna" && role == Some(Role::Lead)).then_some(Relation::LeadOfThem));
            for asked in on_people() {
                n += 1;
                let answer = ask(&client, &asked, person, n % 60);
                let what = format!("{role:?} {} {} on {person}: {}", asked.1, asked.2, answer.text);
                let caller = acting(role);
                if permits(asked.0, &caller, &relations) {
                    assert!((200..300).contains(&answer.status), "{what}");
                } else if permits(Action::ReadPerson, &caller, &relations) {
                    assert_eq!(answer.status, 403, "{what}");
                } else {
                    assert_eq!(answer.status, 404, "{what}");
                    assert_eq!(ask(&client, &asked, "no-one", 0).status, 404);
                    told.insert(answer.text);
                }
            }
        }
    }
    assert_eq!(told.len(), 1, "what is hidden reads like what does not exist: {told:?}");
}

#[test]
fn the_rest_is_touched_by_those_who_may() {
    let app = TestApp::start();
    app.team("site", None);
    app.team("blue", Some("site"));
    for (n, (role, _, client)) in callers(&app).into_iter().enumerate() {
        for asked in on_whatever_there_is() {
            let answer = ask(&client, &asked, "", n);
            let what = format!("{role:?} {} {}: {}", asked.1, asked.2, answer.text);
            let named = asked.2.starts_with("/teams/") || asked.2.starts_with("/measures/");
            if permits(asked.0, &acting(role), &[]) {
                assert!((200..300).contains(&answer.status), "{what}");
            } else {
                assert_eq!(answer.status, if named && role.is_none() { 404 } else { 403 }, "{what}");
            }
        }
    }
    for asked in on_people().into_iter().chain(on_whatever_there_is()) {
        assert_eq!(ask(&app.anonymous(), &asked, "anna", 0).status, 401, "{} {}", asked.1, asked.2);
    }
}
