//! The directory of people over HTTP.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

mod absences;
mod changing;
mod creating;
mod listing;
mod memberships;
mod permitted;
mod roles;

/// Pointer and code of each place that a refusal names.
pub fn places(answer: &Answer) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let errors = answer.body["errors"].as_array().unwrap_or_else(|| panic!("{}", answer.text));
    errors.iter().map(|place| (text(&place["pointer"]), text(&place["code"]))).collect()
}

/// A refusal with one place.
#[track_caller]
pub fn refused_at(answer: Answer, pointer: &str, code: &str) {
    let answer = answer.expect(422);
    assert_eq!(places(&answer), [(pointer.to_owned(), code.to_owned())], "{}", answer.text);
}

/// The client, meaning the state that `path` is in now.
pub fn meaning(client: &Client, path: &str) -> Client {
    client.with("if-match", client.get(path).expect(200).header("etag").unwrap())
}

#[test]
fn one_learns_who_one_is_and_what_the_token_leaves() {
    use applaus::domain::people::Role;
    let app = TestApp::start();
    app.team("site", None);
    app.team("blue", Some("site"));
    let lead = app.lead("lea", "site");
    app.hr().post("/people/lea/memberships", &json!({ "team": "blue", "from": "2026-01-01" })).expect(201);
    let me = lead.get("/people/me").expect(200).body;
    assert_eq!(me["id"], app.person("lea").id);
    assert_eq!(me["team"], json!({ "code": "blue", "name": "blue" }));
    assert_eq!((&me["roles"], &me["effective_roles"]), (&json!(["agent", "lead"]), &json!(["agent", "lead"])));
    assert_eq!((&me["leads"], &me["sources"]), (&json!(["site"]), &json!([])));
    assert_eq!((&me["language"], &me["effective_language"]), (&json!(null), &json!("en")));

    let me = app.narrowed("lea", &[Role::Agent, Role::Admin]).get("/people/me").expect(200).body;
    assert_eq!((&me["roles"], &me["effective_roles"]), (&json!(["agent", "lead"]), &json!(["agent"])));
    let nobody = app.narrowed("lea", &[Role::Admin]);
    assert_eq!(nobody.get("/people/me").expect(200).body["effective_roles"], json!([]));
    for path in ["/people", "/teams", "/measures", "/organization"] {
        nobody.get(path).problem(403, "forbidden");
    }
    nobody.get("/people/lea").problem(404, "not_found");
    app.anonymous().get("/people/me").problem(401, "unauthorized");

    let admin = app.admin();
    let meant = meaning(&admin, "/people/me");
    let changed = meant.patch("/people/me", &json!({ "language": "de" })).expect(200);
    assert_eq!((&changed.body["user_name"], &changed.body["language"]), (&json!("admin"), &json!("de")));
    assert_eq!(admin.get("/people/me").body["effective_language"], "de");
    assert_eq!(admin.get("/people/me").header("etag"), changed.header("etag"));
    app.acting_as("lea").with("if-match", "*").patch("/people/me", &json!({})).problem(403, "forbidden");
}
