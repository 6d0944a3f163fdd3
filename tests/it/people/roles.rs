//! Giving and taking roles.

use super::*;

#[test]
fn a_role_acts_from_the_next_request_on_until_it_is_taken() {
    let app = TestApp::start();
    let admin = app.admin();
    let anna = app.agent("anna");
    anna.get("/people/admin").problem(404, "not_found");
    let given = admin.put_empty("/people/anna/roles/hr").expect(204);
    assert!(given.header("applaus-version").unwrap().parse::<i64>().unwrap() > 0);
    anna.get("/people/admin").expect(200);
    admin.put_empty("/people/anna/roles/hr").expect(204);
    admin.delete("/people/anna/roles/hr").expect(204);
    anna.get("/people/admin").problem(404, "not_found");
    admin.delete("/people/anna/roles/hr").expect(204);
    admin.delete("/people/anna/roles/agent").expect(204);
    anna.get("/people").problem(403, "forbidden");
    assert_eq!(anna.get("/people/me").expect(200).body["roles"], json!([]));
}

#[test]
fn a_lead_needs_teams_and_a_source_its_sources() {
    let app = TestApp::start();
    let admin = app.admin();
    app.team("blue", None);
    app.team("red", None);
    app.person("anna");
    let put = |rest: &str| admin.put_empty(&format!("/people/anna/roles/{rest}"));
    put("lead?team=red,blue,red").expect(204);
    put("source?sources=survey,qa").expect(204);
    let anna = admin.get("/people/anna").expect(200).body;
    assert_eq!((&anna["leads"], &anna["sources"]), (&json!(["blue", "red"]), &json!(["qa", "survey"])));
    put("lead?team=blue").expect(204);
    assert_eq!(admin.get("/people/anna").body["leads"], json!(["blue"]));
    for (rest, pointer, code) in [
        ("lead", "team", "missing_field"),
        ("lead?team=", "team", "missing_field"),
        ("lead?team=,", "team", "missing_field"),
        ("lead?team=green", "team", "unknown_team"),
        ("lead?team=blue&sources=qa", "sources", "unknown_field"),
        ("source", "sources", "missing_field"),
        ("source?sources=applaus", "sources", "reserved_source"),
        ("source?sources=q%20a", "sources", "invalid_identifier"),
        ("source?sources=q%C3%A4", "sources", "invalid_identifier"),
        ("source?sources=qa&team=blue", "team", "unknown_field"),
        ("agent?team=blue", "team", "unknown_field"),
        ("hr?sources=qa", "sources", "unknown_field"),
        ("boss", "role", "invalid_value"),
        ("HR", "role", "invalid_value"),
    ] {
        refused_at(put(rest), pointer, code);
    }
    put("hr?colour=red").problem(400, "invalid_query");
    refused_at(admin.delete("/people/anna/roles/boss"), "role", "invalid_value");
    let many: Vec<String> = (0..201).map(|index| format!("s{index}")).collect();
    refused_at(put(&format!("source?sources={}", many.join(","))), "sources", "too_many");
    admin.put_empty("/people/nobody/roles/hr").problem(404, "not_found");
    let german = admin.with("accept-language", "de").put_empty("/people/anna/roles/lead").expect(422);
    assert_eq!(german.body["detail"], "Das Feld team ist nötig.");
}
