//! What a team's goal came to is not told to members of a team so small that it would be about the others.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

fn programme() -> Value {
    let name = |text: &str| json!({ "en": text, "de": text });
    json!({
        "language": 1, "code": "service", "name": name("Service"), "time_zone": "Europe/Berlin", "season": "month",
        "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [{
            "code": "together", "name": name("Together"), "for": "team", "on": ["evaluation"],
            "goal": { "measure": "quality", "aggregate": "sum", "at_least": 100, "per": "month" },
            "award": { "points": 5, "to": "members", "min_days": 1 }
        }],
        "boards": []
    })
}

/// Anna and others in a team in which anna had 60 and ben 87, where the smallest group is three.
fn server(others: &[&str]) -> (TestApp, Client) {
    let app = TestApp::start();
    app.hr().with("if-match", "*").patch("/organization", &json!({ "smallest_group": 3 })).expect(200);
    app.team("support", None);
    app.programme(&programme(), "2026-11-01");
    let anna = app.agent_in("anna", "support");
    others.iter().for_each(|other| drop(app.agent_in(other, "support")));
    for (agent, quality) in [("anna", 60), ("ben", 87)] {
        let signal = json!({ "source": "qa", "key": agent, "version": 1, "kind": "evaluation", "agent": agent,
                             "occurred_at": "2026-11-17T09:00:00Z", "measures": { "quality": quality } });
        app.hr().post("/signals", &signal).expect(200);
    }
    (app, anna)
}

fn goal(client: &Client, person: &str, query: &str) -> Value {
    let outlook = client.get(&format!("/people/{person}/outlook?{query}")).expect(200);
    outlook.body["programmes"][0]["rules"][0]["goal"].clone()
}

/// November is over: why anna has its award, as somebody is told.
fn explanation(app: &TestApp, reader: &str) -> Value {
    app.clock.set("2026-12-01T06:00:00Z".parse().unwrap());
    app.tick();
    let transfers = app.acting_as("anna").get("/people/me/transfers").expect(200);
    let award = transfers.body["items"][0]["id"].as_str().unwrap().to_owned();
    app.acting_as(reader).get(&format!("/transfers/{award}/explanation")).expect(200).body
}

#[test]
fn a_small_teams_numbers_are_not_for_its_members() {
    let (app, anna) = server(&["ben"]);
    for query in ["", "at=2026-11-17T12:00:00Z", "at=2026-11-10T12:00:00Z"] {
        assert_eq!(goal(&anna, "me", query), Value::Null);
    }
    // Those who may see what each of them did see the sum.
    assert_eq!(goal(&app.lead("lea", "support"), "anna", "")["value"], json!(147));
    let told = explanation(&app, "anna");
    assert_eq!((&told["award"], &told["transfer"]["amount"]), (&Value::Null, &json!(5)));
    assert!(!told["sentences"].to_string().contains("147"), "{told}");
    assert!(told["sentences"]["en"].to_string().contains("met its goal"), "{told}");
    assert_eq!(explanation(&app, "lea")["award"]["goal"]["value"], json!(147));
}

#[test]
fn those_of_a_group_are() {
    let (app, anna) = server(&["ben", "cleo"]);
    assert_eq!(goal(&anna, "me", "")["value"], json!(147));
    assert_eq!(explanation(&app, "anna")["award"]["goal"]["value"], json!(147));
}

#[test]
fn a_group_that_was_small_for_a_while_is_small() {
    let (app, anna) = server(&["ben", "cleo"]);
    // From when one of them was away on, and before: the difference would be about two.
    app.team("elsewhere", None);
    app.join("cleo", "elsewhere", "2026-11-16T00:00:00Z");
    assert_eq!(goal(&anna, "me", ""), Value::Null);
    assert_eq!(explanation(&app, "anna")["award"], Value::Null);
}
