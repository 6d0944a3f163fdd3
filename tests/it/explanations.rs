//! Why there is a transfer, and where one stands with each rule, over HTTP.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

fn name(text: &str) -> Value {
    json!({ "en": text, "de": format!("{text} (de)") })
}

/// Points for quality, at most 100 a day, doubled in November; a row of three; a goal; and points that a guard keeps back.
fn programme() -> Value {
    let quality = |least: u32| json!({ "measure": "quality", "at_least": least });
    json!({
        "language": 1, "code": "service", "name": name("Service"), "time_zone": "Europe/Berlin", "season": "quarter",
        "grace_days": 5, "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "quality", "name": name("Quality"), "on": ["evaluation"], "when": quality(50),
              "award": { "points": { "measure": "quality", "times": 0.5 } }, "limits": [{ "per": "day", "points": 100 }] },
            { "code": "row", "name": name("Row"), "on": ["evaluation"], "streak": { "length": 3, "of": quality(90) },
              "award": { "points": 10 } },
            { "code": "goal", "name": name("Goal"), "on": ["training"],
              "goal": { "aggregate": "count", "at_least": 2, "per": "month" }, "award": { "points": 7 } },
            { "code": "kept", "name": name("Kept"), "on": ["compliment"], "award": { "points": 5 },
              "guard": { "on": ["evaluation"],
                         "goal": { "measure": "quality", "aggregate": "mean", "at_least": 80, "samples": 1, "per": "month" } } },
            { "code": "team", "name": name("Team"), "for": "team", "on": ["training"],
              "goal": { "aggregate": "count", "at_least": 3, "per": "month" }, "award": { "points": 9 } }
        ],
        "boosts": [{ "code": "november", "name": name("November"), "from": "2026-11-01", "until": "2026-12-01",
                     "rules": ["quality"], "factor": 2 }]
    })
}

fn server() -> TestApp {
    let app = TestApp::start();
    app.team("support", None);
    app.team("kitchen", None);
    app.programme(&programme(), "2026-07-01");
    app
}

fn delivered(app: &TestApp, key: &str, version: u64, kind: &str, at: &str, quality: u32) {
    let measures = if kind == "evaluation" { json!({ "quality": quality }) } else { json!({}) };
    let signal = json!({ "source": "qa", "key": key, "version": version, "kind": kind, "agent": "anna",
                         "occurred_at": at, "measures": measures });
    app.hr().post("/signals", &signal).expect(200);
}

fn evaluated(app: &TestApp, key: &str, version: u64, quality: u32) {
    // One after the other, or which of two comes first would be left to chance.
    let minute = if key == "e-2" { 20 } else { 0 };
    delivered(app, key, version, "evaluation", &format!("2026-11-18T08:{minute:02}:00Z"), quality);
}

/// Their lines of one rule, oldest first.
fn lines(client: &Client, rule: &str) -> Vec<Value> {
    let all = client.get("/people/me/transfers").expect(200).body["items"].as_array().unwrap().clone();
    all.into_iter().filter(|line| line["rule"] == rule).collect()
}

fn explained(client: &Client, line: &Value) -> Value {
    client.get(&format!("/transfers/{}/explanation", line["id"].as_str().unwrap())).expect(200).body
}

fn sentences(body: &Value, language: &str) -> String {
    let said: Vec<&str> =
        body["sentences"][language].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    said.join("\n")
}

fn outlook(client: &Client, query: &str) -> Value {
    client.get(&format!("/people/me/outlook?{query}")).expect(200).body["programmes"][0]["rules"].clone()
}

#[test]
fn an_award_is_told_with_its_evidence_and_numbers() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    evaluated(&app, "e-1", 1, 80);
    evaluated(&app, "e-2", 1, 61);
    let body = explained(&anna, &lines(&anna, "quality")[1]);
    let award = &body["award"];
    assert_eq!((&award["base"], &award["boosted"], &award["points"]), (&json!(30.5), &json!(61), &json!(20)));
    assert_eq!(award["boost"]["code"], "november");
    assert_eq!(award["limits"][0]["used"], json!({ "times": 1, "points": 80 }));
    assert_eq!(award["clauses"]["saw"], 61);
    assert_eq!(award["formula"], json!({ "formula": "times", "over": "quality", "value": 61, "factor": 0.5 }));
    let evidence = &award["evidence"][0];
    let told = ["source", "key", "version", "status", "kind"].map(|field| evidence[field].clone());
    assert_eq!(json!(told), json!(["qa", "e-2", 1, "live", "evaluation"]));
    assert_eq!((&evidence["measures"], &body["taken_back"]), (&json!({ "quality": 61 }), &Value::Null));
    insta::assert_snapshot!(sentences(&body, "en"), @r"
    20 points by “Quality” (version 1) for signal qa/e-2 of 2026-11-18, 09:20.
    The rule: For each evaluation with quality at least 50: quality × 0.5 points, at most 100 points a day.
    With quality at least 50: yes (61).
    Points: quality 61 × 0.5 = 30.5 points.
    The boost “November”: 30.5 × 2 = 61 points.
    At most 100 points a day: 80 before, 20 left. That cuts it to 20 points.
    ");
    insta::assert_snapshot!(sentences(&body, "de"), @r"
    20 Punkte nach „Quality (de)“ (Version 1) für Signal qa/e-2 vom 18.11.2026, 09:20 Uhr.
    Die Regel: Für jede Bewertung mit quality mindestens 50: quality × 0,5 Punkte, höchstens 100 Punkte pro Tag.
    Mit quality mindestens 50: ja (61).
    Punkte: quality 61 × 0,5 = 30,5 Punkte.
    Der Bonuszeitraum „November (de)“: 30,5 × 2 = 61 Punkte.
    Höchstens 100 Punkte pro Tag: 80 davor, 20 übrig. Das kürzt auf 20 Punkte.
    ");
}

#[test]
fn a_reversed_award_is_told_by_the_evidence_as_it_stood() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    evaluated(&app, "e-1", 1, 80);
    evaluated(&app, "e-2", 1, 60);
    evaluated(&app, "e-1", 2, 52);
    let rows = lines(&anna, "quality");
    let told: Vec<(&str, i64)> =
        rows.iter().map(|row| (row["kind"].as_str().unwrap(), row["amount"].as_i64().unwrap())).collect();
    assert_eq!(told, [("award", 80), ("award", 20), ("reversal", 80), ("reversal", 20), ("award", 52), ("award", 48)]);
    // As it stood: 80 of quality, not 52.
    let first = explained(&anna, &rows[0]);
    assert_eq!((&first["award"]["points"], &first["award"]["clauses"]["saw"]), (&json!(80), &json!(80)));
    let evidence = &first["award"]["evidence"][0];
    assert_eq!((&evidence["version"], &evidence["status"]), (&json!(1), &json!("corrected")));
    let second = explained(&anna, &rows[1]);
    assert_eq!(second["award"]["limits"][0]["used"]["points"], 80);

    let back = explained(&anna, &rows[2]);
    let signal = json!({ "source": "qa", "key": "e-1", "version": 2, "received_at": "2026-11-18T12:00:00Z" });
    assert_eq!(
        back["taken_back"],
        json!({ "transfer": rows[0]["id"], "reason": "signal_corrected", "signal": signal, "version": null, "instead": 52 })
    );
    assert_eq!(back["award"]["points"], 80);
    let displaced = explained(&anna, &rows[3]);
    assert_eq!(displaced["taken_back"]["signal"]["key"], "e-1", "not its own signal, but what that left of the limit");
    insta::assert_snapshot!(sentences(&back, "de"), @r"
    Nimmt 80 Punkte vom 18.11.2026, 09:00 Uhr zurück.
    Signal qa/e-1 wurde am 18.11.2026, 13:00 Uhr berichtigt (Version 2).
    Seither bringt es 52 Punkte.
    Was zurückgenommen wird:
    80 Punkte nach „Quality (de)“ (Version 1) für Signal qa/e-1 vom 18.11.2026, 09:00 Uhr.
    Die Regel: Für jede Bewertung mit quality mindestens 50: quality × 0,5 Punkte, höchstens 100 Punkte pro Tag.
    Mit quality mindestens 50: ja (80).
    Punkte: quality 80 × 0,5 = 40 Punkte.
    Der Bonuszeitraum „November (de)“: 40 × 2 = 80 Punkte.
    Höchstens 100 Punkte pro Tag: 0 davor, 100 übrig.
    ");

    app.hr().delete("/signals/qa/e-2").expect(200);
    let gone = explained(&anna, lines(&anna, "quality").last().unwrap());
    assert_eq!(
        (&gone["taken_back"]["reason"], &gone["taken_back"]["instead"]),
        (&json!("signal_voided"), &Value::Null)
    );
    assert_eq!(gone["award"]["evidence"][0]["status"], "voided");
    app.verify();
}

#[test]
fn a_signal_that_moved_to_somebody_else_is_still_told() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    let ben = app.agent_in("ben", "support");
    evaluated(&app, "e-1", 1, 80);
    evaluated(&app, "e-2", 1, 60);
    let moved = json!({ "source": "qa", "key": "e-1", "version": 2, "kind": "evaluation", "agent": "ben",
                        "occurred_at": "2026-11-18T08:00:00Z", "measures": { "quality": 80 } });
    app.hr().post("/signals", &moved).expect(200);
    let rows = lines(&anna, "quality");
    let first = explained(&anna, &rows[0]);
    assert_eq!(first["award"]["points"], 80);
    // Cut to 20 by a signal that is Ben's now.
    let second = explained(&anna, &rows[1]);
    assert_eq!((&second["award"]["points"], &second["award"]["limits"][0]["used"]["points"]), (&json!(20), &json!(80)));
    for back in &rows[2..4] {
        let taken = &explained(&anna, back)["taken_back"];
        assert_eq!((&taken["reason"], &taken["signal"]["key"]), (&json!("signal_corrected"), &json!("e-1")));
    }
    assert_eq!(explained(&ben, &lines(&ben, "quality")[0])["award"]["points"], 80);
}

#[test]
fn rules_that_changed_are_named_and_what_cannot_be_told_is_not_made_up() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    evaluated(&app, "e-1", 1, 80);
    let row = lines(&anna, "quality").remove(0);
    app.join("anna", "kitchen", "2026-11-01T00:00:00Z");
    let body = explained(&anna, &row);
    assert_eq!((&body["award"], &body["taken_back"]), (&Value::Null, &Value::Null));
    assert!(sentences(&body, "en").contains("can no longer be shown"), "{body}");
    assert_eq!(body["transfer"]["amount"], 80);
}

#[test]
fn rows_goals_guards_and_teams_are_told() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    for (key, day) in [("a", 2), ("b", 3), ("c", 4)] {
        delivered(&app, key, 1, "evaluation", &format!("2026-11-0{day}T08:00:00Z"), 95);
        delivered(&app, &format!("t-{key}"), 1, "training", &format!("2026-11-0{day}T09:00:00Z"), 0);
    }
    delivered(&app, "praise", 1, "compliment", "2026-11-05T08:00:00Z", 0);
    let row = explained(&anna, &lines(&anna, "row")[0]);
    assert_eq!((&row["award"]["signals"], &row["award"]["streak"]["length"]), (&json!(3), &json!(3)));
    let goal = explained(&anna, &lines(&anna, "goal")[0]);
    assert_eq!((&goal["award"]["goal"]["value"], &goal["award"]["goal"]["met"]), (&json!(2), &json!(1)));
    assert_eq!(goal["award"]["evidence"][1]["key"], "t-b");

    let standing = anna.get("/people/me/standing").expect(200).body["programmes"][0].clone();
    assert_eq!((&standing["pending"], &standing["streaks"]), (&json!(5), &json!([])));
    evaluated(&app, "d", 1, 91);
    let standing = anna.get("/people/me/standing").expect(200).body["programmes"][0].clone();
    assert_eq!(standing["streaks"], json!([{ "rule": "row", "row": 1, "length": 3, "unit": "signal" }]));
    let rules = outlook(&anna, "rule=kept");
    assert_eq!((&rules[0]["pending"], &rules[0]["guard"]["goal"]["samples"]), (&json!(5), &json!(4)));

    let team = app.auditor().get("/transfers?limit=200").expect(200);
    let team = team.body["items"].as_array().unwrap().iter().find(|line| line["rule"] == "team").unwrap().clone();
    let told = explained(&app.auditor(), &team);
    assert_eq!((&told["award"]["goal"]["value"], &told["award"]["team"]["days_with_evidence"]), (&json!(3), &json!(3)));
    anna.get(&format!("/transfers/{}/explanation", team["id"].as_str().unwrap())).problem(404, "not_found");
}

#[test]
fn an_outlook_tells_what_is_left_and_why_not() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    evaluated(&app, "e-1", 1, 80);
    evaluated(&app, "e-2", 1, 40);
    let rules = outlook(&anna, "programme=service&source=qa&key=e-2");
    let codes: Vec<&str> = rules.as_array().unwrap().iter().map(|rule| rule["rule"].as_str().unwrap()).collect();
    assert_eq!(codes, ["quality", "row", "goal", "kept", "team"]);
    let quality = &rules[0];
    assert_eq!((&quality["open"], &quality["quotas"][0]["left"]), (&json!(true), &json!(20)));
    assert_eq!(quality["quotas"][0]["until"], "2026-11-18T23:00:00Z");
    assert_eq!(quality["signal"]["fate"], "not_selected");
    assert_eq!(
        (&quality["signal"]["clauses"]["holds"], &quality["signal"]["clauses"]["saw"]),
        (&json!(false), &json!(40))
    );
    insta::assert_snapshot!(sentences(&quality["signal"], "de"), @r"
    Die Regel wählt es nicht aus.
    Mit quality mindestens 50: nein (40).
    ");
    assert_eq!(rules[1]["signal"]["fate"], "breaks");
    assert_eq!(rules[2]["signal"]["fate"], "other_kind");
    // Before it all, and tomorrow.
    assert_eq!(outlook(&anna, "rule=quality&at=2026-11-01T12:00:00Z")[0]["quotas"][0]["left"], 100);
    assert_eq!(outlook(&anna, "rule=quality&at=2026-11-19T12:00:00Z")[0]["quotas"][0]["left"], 100);
    insta::assert_snapshot!(sentences(&outlook(&anna, "rule=quality")[0], "en"), @r"
    For each evaluation with quality at least 50: quality × 0.5 points, at most 100 points a day.
    At most 100 points a day: 20 left until 2026-11-19, 00:00.
    In force: From 2026-11-01 to 2026-11-30: the points of quality × 2.
    ");
    for query in ["programme=nothing", "rule=nothing", "source=qa&key=nothing"] {
        anna.get(&format!("/people/me/outlook?{query}")).problem(404, "not_found");
    }
    for query in ["source=qa", "at=yesterday", "rules=quality"] {
        anna.get(&format!("/people/me/outlook?{query}")).problem(400, "invalid_query");
    }
}

#[test]
fn explanations_and_outlooks_are_for_few_eyes() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    let ben = app.agent_in("ben", "support");
    let cook = app.agent_in("cook", "kitchen");
    let (hr, auditor, lead, chef) = (app.hr(), app.auditor(), app.lead("boss", "support"), app.lead("chef", "kitchen"));
    evaluated(&app, "e-1", 1, 80);
    let path = format!("/transfers/{}/explanation", lines(&anna, "quality")[0]["id"].as_str().unwrap());
    [&anna, &hr, &auditor, &lead].into_iter().for_each(|client| drop(client.get(&path).expect(200)));
    [&ben, &chef, &cook].into_iter().for_each(|client| drop(client.get(&path).problem(404, "not_found")));
    ben.get("/transfers/nothing/explanation").problem(404, "not_found");
    [&anna, &hr, &lead].into_iter().for_each(|client| drop(client.get("/people/anna/outlook").expect(200)));
    [&ben, &chef, &cook, &auditor]
        .into_iter()
        .for_each(|client| drop(client.get("/people/anna/outlook").problem(404, "not_found")));
    // Nobody learns of a programme that was never theirs, nor of others' signals.
    cook.get("/people/me/outlook?programme=service").problem(404, "not_found");
    assert_eq!(cook.get("/people/me/outlook").expect(200).body["programmes"], json!([]));
    assert_eq!(
        hr.get("/people/cook/outlook?programme=service").expect(200).body["programmes"][0]["rules"][0]["part"],
        "not_in_audience"
    );
    ben.get("/people/me/outlook?source=qa&key=e-1").problem(404, "not_found");
}

#[test]
fn a_kudos_is_told_plainly() {
    let app = server();
    let anna = app.agent_in("anna", "support");
    app.agent_in("ben", "support");
    let sent = anna.post("/kudos", &json!({ "to": ["ben"], "message": "Thanks", "points": 10 })).expect(201).body;
    anna.delete(&format!("/kudos/{}", sent["id"].as_str().unwrap())).expect(204);
    let all = app.auditor().get("/transfers").expect(200).body["items"].as_array().unwrap().clone();
    let said: Vec<String> = all.iter().map(|line| sentences(&explained(&app.auditor(), line), "en")).collect();
    insta::assert_snapshot!(said.join("\n\n"), @r"
    100 points to give as kudos in 2026-11.

    10 points with a kudos of 2026-11-18, 13:00.

    It takes back 10 points of 2026-11-18, 13:00.
    The kudos was taken back.
    What it takes back:
    10 points with a kudos of 2026-11-18, 13:00.
    ");
}
