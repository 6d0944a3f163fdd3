//! Kudos over HTTP: what they move, what is refused, how they are taken back, and who sees them.

mod allowance;
mod answering;
mod machine;
mod moderating;
mod quotas;
mod retracting;
mod sending;
mod sight;
mod teams;

use applaus::domain::ids::Code;
use applaus::domain::language::Localised;
use applaus::domain::ledger::Account;
use applaus::domain::organization::{CompanyValue, Organization};
use applaus::store::ledger;
use applaus::verify::verify;
use applaus::writer::Actor;
use applaus::writer::membership::AddMembership;
use applaus::writer::organization::{ChangeOrganization, Expected};
use applaus::writer::person::{ChangePerson, PersonChanges};
use applaus::writer::programme::{ActivateVersion, CreateProgramme};
use applaus::writer::team::AddTeam;
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

/// The balance of an account; zero before it is opened.
fn balance(app: &TestApp, account: &Account) -> i64 {
    let id = account.to_string();
    let found = app.state.read_here(|db| Ok(ledger::balances(db, std::slice::from_ref(&id))?)).unwrap();
    found.get(&id).copied().unwrap_or(0)
}

fn wallet(app: &TestApp, user_name: &str) -> i64 {
    balance(app, &Account::Wallet(app.person_id(user_name)))
}

/// What is left in an allowance that was issued.
fn allowance(app: &TestApp, user_name: &str, month: &str) -> i64 {
    balance(app, &Account::Allowance(app.person_id(user_name), month.to_owned()))
}

/// Every promise about the ledger that can be checked from the data alone.
#[track_caller]
fn in_order(app: &TestApp) {
    assert_eq!(app.state.read_here(|db| Ok(ledger::sum_of_balances(db)?)).unwrap().0, 0);
    let report = verify(&mut app.database.url.connect().unwrap()).unwrap();
    assert!(report.is_clean(), "{:?}", report.findings());
}

fn settings(app: &TestApp, change: impl FnOnce(&mut Organization)) {
    let mut settings = app.state.catalogue().organization.clone();
    change(&mut settings);
    let command = ChangeOrganization { settings, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

fn value(code: &str) -> CompanyValue {
    let name = Localised { en: code.to_owned(), de: code.to_owned() };
    CompanyValue { code: Code::new(code).unwrap(), name }
}

fn team(app: &TestApp, code: &str, parent: Option<&str>) {
    let parent = parent.map(|parent| Code::new(parent).unwrap());
    let command = AddTeam { code: Code::new(code).unwrap(), name: code.to_owned(), parent };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

/// An agent at home in a team since long ago.
fn at_home(app: &TestApp, user_name: &str, team: &str) -> Client {
    let person = app.person_id(user_name);
    let from = "2010-01-01T00:00:00Z".parse().unwrap();
    let command = AddMembership { person, team: team.to_owned(), from, until: None };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
    app.acting_as(user_name)
}

/// Somebody leaves.
fn leave(app: &TestApp, user_name: &str) {
    let changes = PersonChanges { active: Some(false), ..PersonChanges::default() };
    let command = ChangePerson { person: app.person_id(user_name), changes, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

/// Awards 5 points for each kudos that names the value `care`, and a badge with it.
fn programme_on_kudos(app: &TestApp) {
    let name = json!({ "en": "Thanked", "de": "Bedankt" });
    let document = json!({
        "language": 1, "code": "thanked", "name": name, "time_zone": "Europe/Berlin", "season": "quarter",
        "audience": { "roles": ["agent"] },
        "rules": [{
            "code": "thanks", "name": name, "on": ["kudos"], "when": { "attribute": "value", "in": ["care"] },
            "award": { "points": 5, "badge": "kind" },
        }],
        "badges": [{ "code": "kind", "name": name }],
    });
    app.state.writer.run_blocking(Actor::Operator, CreateProgramme { document }).unwrap();
    let effective_from = "2026-01-01".parse().unwrap();
    let command = ActivateVersion { programme: "thanked".to_owned(), version: 1, effective_from };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

/// Sends kudos and gives their id.
#[track_caller]
fn sent(client: &Client, kudos: &Value) -> String {
    client.post("/kudos", kudos).expect(201).body["id"].as_str().unwrap().to_owned()
}

fn to(user_name: &str, points: i64) -> Value {
    json!({ "to": [user_name], "message": "Thank you!", "points": points })
}
