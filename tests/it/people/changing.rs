//! Reading and changing a person.

use super::*;

#[test]
fn a_reader_who_has_it_is_told_so_until_anything_about_the_person_changes() {
    let app = TestApp::start();
    let (hr, admin) = (app.hr(), app.admin());
    app.team("blue", None);
    app.agent_in("anna", "blue");
    let mut tag = hr.get("/people/anna").expect(200).header("etag").unwrap().to_owned();
    let mut changes_tag = |what: &str, change: &dyn Fn()| {
        hr.with("if-none-match", &tag).get("/people/anna").expect(304);
        change();
        let answer = hr.with("if-none-match", &tag).get("/people/anna").expect(200);
        let new = answer.header("etag").unwrap().to_owned();
        assert_ne!(new, tag, "{what}");
        tag = new;
        answer.body
    };
    let patch = |path: &str, body: Value| meaning(&hr, path).patch(path, &body).expect(200);
    changes_tag("name", &|| drop(patch("/people/anna", json!({ "display_name": "Anna" }))));
    changes_tag("a role", &|| drop(admin.put_empty("/people/anna/roles/auditor").expect(204)));
    changes_tag("a role less", &|| drop(admin.delete("/people/anna/roles/auditor").expect(204)));
    let shown = changes_tag("the team's name", &|| drop(patch("/teams/blue", json!({ "name": "Sky" }))));
    assert_eq!(shown["team"]["name"], "Sky");
    app.team("red", None);
    let to_red = json!({ "team": "red", "from": "2026-11-18T13:00:00Z" });
    changes_tag("a move to come", &|| drop(hr.post("/people/anna/memberships", &to_red).expect(201)));
    let shown = changes_tag("the move", &|| app.clock.advance(chrono::TimeDelta::hours(1)));
    assert_eq!(shown["team"]["code"], "red");
}

#[test]
fn a_change_needs_the_state_it_was_made_on() {
    let app = TestApp::start();
    let hr = app.hr();
    app.person("anna");
    let body = json!({ "display_name": "Anna" });
    hr.patch("/people/anna", &body).problem(428, "precondition_required");
    let meant = meaning(&hr, "/people/anna");
    let changed = meant.patch("/people/anna", &body).expect(200);
    assert_eq!(changed.body["display_name"], "Anna");
    meant.patch("/people/anna", &json!({ "display_name": "Other" })).problem(412, "precondition_failed");
    let next = hr.with("if-match", changed.header("etag").unwrap());
    next.patch("/people/anna", &json!({ "email": "a@x" })).expect(200);
    hr.with("if-match", "*").patch("/people/anna", &json!({ "external_id": "7" })).expect(200);
    hr.with("if-match", "\"r1\"").patch("/people/anna", &json!({})).problem(412, "precondition_failed");
}

#[test]
fn null_removes_and_absence_keeps() {
    let app = TestApp::start();
    let hr = app.hr().with("if-match", "*");
    app.person("anna");
    let set = json!({ "display_name": "Änne", "email": "a@x", "external_id": "7", "language": "de" });
    hr.patch("/people/anna", &set).expect(200);
    let kept = hr.patch("/people/anna", &json!({ "display_name": "Anne" })).expect(200).body;
    assert_eq!((&kept["email"], &kept["external_id"], &kept["language"]), (&json!("a@x"), &json!("7"), &json!("de")));
    let removed = json!({ "email": null, "external_id": null, "language": null });
    let kept = hr.patch("/people/anna", &removed).expect(200).body;
    assert_eq!((&kept["email"], &kept["external_id"], &kept["language"]), (&json!(null), &json!(null), &json!(null)));
    assert_eq!(kept["display_name"], "Anne");
    for (body, pointer, code) in [
        (json!({ "display_name": null }), "/display_name", "wrong_type"),
        (json!({ "active": null }), "/active", "wrong_type"),
        (json!({ "user_name": "b" }), "/user_name", "unknown_field"),
        (json!({ "display_name": "" }), "/display_name", "empty_text"),
        (json!({ "email": "x" }), "/email", "invalid_email"),
        (json!({ "external_id": "a b" }), "/external_id", "invalid_identifier"),
        (json!({ "language": "it" }), "/language", "invalid_value"),
    ] {
        refused_at(hr.patch("/people/anna", &body), pointer, code);
    }
    app.person("otto");
    hr.patch("/people/otto", &json!({ "email": "a@x" })).expect(200);
    hr.patch("/people/anna", &json!({ "email": "a@x" })).problem(409, "already_exists");
    hr.patch("/people/otto", &json!({ "email": "a@x" })).expect(200);
}

#[test]
fn deactivation_acts_at_once() {
    let app = TestApp::start();
    let hr = app.hr();
    app.team("blue", None);
    let anna = app.agent_in("anna", "blue");
    anna.get("/people/me").expect(200);
    let future = json!({ "team": "blue", "from": "2027-01-01" });
    hr.post("/people/anna/memberships", &future).expect(201);
    let off = meaning(&hr, "/people/anna").patch("/people/anna", &json!({ "active": false })).expect(200);
    assert_eq!((&off.body["active"], &off.body["team"]), (&json!(false), &json!(null)));
    anna.get("/people/me").problem(401, "unauthorized");
    let ended = hr.get("/people/anna/memberships").expect(200).body["items"].clone();
    assert_eq!(ended.as_array().unwrap().len(), 1, "what had not begun is gone");
    assert_eq!(ended[0]["until"], "2026-11-18T12:00:00Z");
    let home = json!({ "team": "blue", "from": "2026-11-18T12:00:00Z" });
    hr.post("/people/anna/memberships", &home).problem(422, "inactive_person");
    app.admin().put_empty("/people/anna/roles/hr").problem(422, "inactive_person");

    hr.with("if-match", "*").patch("/people/anna", &json!({ "active": true })).expect(200);
    let me = anna.get("/people/me").expect(200).body;
    assert_eq!((&me["roles"], &me["team"]), (&json!(["agent"]), &json!(null)));
}

#[test]
fn the_last_administrator_stays() {
    let app = TestApp::start();
    let (admin, hr) = (app.admin(), app.hr());
    let off = json!({ "active": false });
    hr.with("if-match", "*").patch("/people/admin", &off).problem(409, "last_admin");
    admin.delete("/people/me/roles/admin").problem(409, "last_admin");
    app.person("anna");
    admin.put_empty("/people/anna/roles/admin").expect(204);
    hr.with("if-match", "*").patch("/people/anna", &off).expect(200);
    admin.delete("/people/admin/roles/admin").problem(409, "last_admin");
    hr.with("if-match", "*").patch("/people/anna", &json!({ "active": true })).expect(200);
    admin.delete("/people/admin/roles/admin").expect(204);
    admin.put_empty("/people/anna/roles/hr").problem(404, "not_found");
    let german = hr.with("if-match", "*").with("accept-language", "de-AT").patch("/people/anna", &off);
    assert_eq!(german.problem(409, "last_admin").body["title"], "Letzte Administration");
}
