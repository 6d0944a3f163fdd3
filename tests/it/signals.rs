//! Evidence over HTTP: every form, every status, corrections and voids with the awards that follow them.

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// A server with a programme that gives 10 points for good quality, at most 25 a day, and a badge for excellent quality.
fn server() -> TestApp {
    let app = TestApp::start();
    app.team("support", None);
    app.agent_in("anna", "support");
    app.agent_in("ben", "support");
    app.programme(&programme(), "2026-10-01");
    app
}

fn programme() -> Value {
    json!({
        "language": 1, "code": "service", "name": { "en": "Service", "de": "Service" },
        "time_zone": "Europe/Berlin", "season": "quarter",
        "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "quality", "name": { "en": "Quality", "de": "Qualität" }, "on": ["evaluation"],
              "when": { "measure": "quality", "at_least": 80 }, "award": { "points": 10 },
              "limits": [{ "per": "day", "points": 25 }] },
            { "code": "excellent", "name": { "en": "Excellent", "de": "Ausgezeichnet" }, "on": ["evaluation"],
              "when": { "measure": "quality", "at_least": 95 }, "award": { "badge": "star" } }
        ],
        "badges": [{ "code": "star", "name": { "en": "Star", "de": "Stern" } }],
        "boards": [{ "code": "points", "name": { "en": "Points", "de": "Punkte" }, "rank": "points",
                     "subject": "person", "period": "season" }]
    })
}

fn evaluation(key: &str, version: u64, agent: &str, at: &str, quality: f64) -> Value {
    json!({ "source": "qa", "key": key, "version": version, "kind": "evaluation", "agent": agent,
            "occurred_at": at, "measures": { "quality": quality } })
}

fn statuses(answer: &Answer) -> Vec<&str> {
    answer.body["results"].as_array().unwrap().iter().map(|result| result["status"].as_str().unwrap()).collect()
}

fn points(answer: &Answer) -> Vec<i64> {
    answer.body["awards"].as_array().unwrap().iter().map(|award| award["points"].as_i64().unwrap()).collect()
}

fn wallet(app: &TestApp, user_name: &str) -> i64 {
    let account = format!("wallet:{}", app.person_id(user_name));
    let balances = app.state.read_here(|db| Ok(applaus::store::ledger::balances(db, &[account])?)).unwrap();
    balances.into_values().next().unwrap_or(0)
}

/// SEMANTICS S14, S19.
#[test]
fn an_evaluation_is_awarded_corrected_and_voided() {
    let app = server();
    let hr = app.hr();
    let first = hr.post("/signals", &evaluation("e1", 1, "anna", "2026-11-17T09:00:00+01:00", 96.0)).expect(200);
    assert_eq!(first.body["status"], "accepted");
    assert_eq!(first.body["version"], 1);
    let rules: Vec<&str> =
        first.body["awards"].as_array().unwrap().iter().map(|award| award["rule"].as_str().unwrap()).collect();
    assert_eq!(rules, ["excellent", "quality"]);
    assert_eq!(wallet(&app, "anna"), 10);

    let again = hr.post("/signals", &evaluation("e1", 1, "anna", "2026-11-17T08:00:00Z", 96.0)).expect(200);
    assert_eq!(again.body["status"], "duplicate", "another offset says the same instant");
    assert_eq!(again.body["awards"], first.body["awards"], "a repetition gets the same answer");

    let corrected = hr.post("/signals", &evaluation("e1", 2, "anna", "2026-11-17T08:00:00Z", 85.0)).expect(200);
    assert_eq!((corrected.body["status"].as_str(), points(&corrected)), (Some("corrected"), vec![10]));
    let lowered = hr.post("/signals", &evaluation("e1", 3, "anna", "2026-11-17T08:00:00Z", 60.0)).expect(200);
    assert_eq!((lowered.body["status"].as_str(), points(&lowered)), (Some("corrected"), vec![]));
    assert_eq!(wallet(&app, "anna"), 0);
    let stale = hr.post("/signals", &evaluation("e1", 2, "anna", "2026-11-17T08:00:00Z", 85.0)).expect(200);
    assert_eq!((stale.body["status"].as_str(), stale.body["version"].as_i64()), (Some("stale"), Some(3)));

    let moved = hr.post("/signals", &evaluation("e1", 4, "ben", "2026-11-17T08:00:00Z", 90.0)).expect(200);
    assert_eq!(moved.body["status"], "corrected");
    let since = moved.body["sequence"].as_i64().unwrap();
    let kinds = |path: &str| -> Vec<String> {
        let transfers = hr.get(path).expect(200);
        let items = transfers.body["items"].as_array().unwrap().iter();
        items
            .map(|item| format!("{} {}", item["kind"].as_str().unwrap(), item["direction"].as_str().unwrap()))
            .collect()
    };
    assert_eq!(kinds(&format!("/people/anna/transfers?since={since}")), Vec::<String>::new());
    assert_eq!(kinds(&format!("/people/ben/transfers?since={since}")), ["award in"]);
    assert_eq!(
        kinds("/people/anna/transfers"),
        ["award in", "reversal out"],
        "85 gives what 96 gave: nothing is moved"
    );
    assert_eq!((wallet(&app, "anna"), wallet(&app, "ben")), (0, 10));

    assert_eq!(hr.delete("/signals/qa/e1").expect(200).body["was"], "live");
    assert_eq!(hr.delete("/signals/qa/e1").expect(200).body["was"], "already");
    assert_eq!(wallet(&app, "ben"), 0);
    let late = hr.post("/signals", &evaluation("e1", 9, "ben", "2026-11-17T08:00:00Z", 99.0)).expect(200);
    assert_eq!((late.body["status"].as_str(), points(&late)), (Some("voided"), vec![]));
    let revisions = hr.get("/signals/qa/e1/revisions").expect(200);
    let said: Vec<&str> =
        revisions.body["items"].as_array().unwrap().iter().map(|one| one["status"].as_str().unwrap()).collect();
    assert_eq!(said, ["accepted", "corrected", "corrected", "corrected", "voided"]);
    app.verify();
}

#[test]
fn a_void_readmits_what_the_limit_displaced() {
    let app = server();
    let hr = app.hr();
    for (key, minute) in [("a", 1), ("b", 2), ("c", 3), ("d", 4)] {
        let at = format!("2026-11-17T10:0{minute}:00Z");
        hr.post("/signals", &evaluation(key, 1, "anna", &at, 90.0)).expect(200);
    }
    assert_eq!(wallet(&app, "anna"), 25);
    let displaced = hr.post("/signals", &evaluation("d", 1, "anna", "2026-11-17T10:04:00Z", 90.0)).expect(200);
    assert_eq!(points(&displaced), Vec::<i64>::new());
    hr.delete("/signals?source=qa&key=a").expect(200);
    assert_eq!(wallet(&app, "anna"), 25, "10 + 10 + 5: what was cut and dropped has moved up");
    let readmitted = hr.post("/signals", &evaluation("d", 1, "anna", "2026-11-17T10:04:00Z", 90.0)).expect(200);
    assert_eq!(points(&readmitted), [5]);
    app.verify();
}

/// SEMANTICS S13.
#[test]
fn a_void_before_arrival_holds() {
    let app = server();
    let hr = app.hr();
    assert_eq!(hr.delete("/signals/qa/later").expect(200).body["was"], "beforehand");
    let came = hr.post("/signals", &evaluation("later", 1, "anna", "2026-11-17T08:00:00Z", 90.0)).expect(200);
    assert_eq!(came.body["status"], "voided");
    assert_eq!(wallet(&app, "anna"), 0);
    assert_eq!(hr.get("/signals/qa/later").expect(200).body["status"], "voided");
}

/// SEMANTICS S17.
#[test]
fn bad_items_never_spoil_their_neighbours() {
    let app = server();
    let good = evaluation("g1", 1, "anna", "2026-11-17T08:00:00Z", 90.0);
    let mut items = vec![good.clone()];
    let mut bad = |change: &dyn Fn(&mut Value)| {
        let mut item = evaluation(&format!("b{}", items.len()), 1, "anna", "2026-11-17T08:00:00Z", 90.0);
        change(&mut item);
        items.push(item);
    };
    bad(&|item| item["agent"] = json!("nobody"));
    bad(&|item| item["measures"]["quality"] = json!(101));
    bad(&|item| item["measures"]["qualty"] = json!(1));
    bad(&|item| item["occurred_at"] = json!("2026-11-18T12:05:01Z"));
    bad(&|item| item["occurred_at"] = json!("2025-10-14T11:59:59Z"));
    bad(&|item| item["occurred_at"] = json!("yesterday"));
    bad(&|item| item["colour"] = json!("red"));
    bad(&|item| item["source"] = json!("applaus"));
    bad(&|item| item["kind"] = json!("kudos"));
    bad(&|item| item["key"] = json!("zwei Wörter"));
    bad(&|item| item["version"] = json!(-1));
    bad(&|item| item["case"] = json!("a\u{0}b"));
    bad(&|item| item["measures"]["quality"] = json!("90"));
    bad(&|item| item["attributes"] = json!({ "queue": ["a"] }));
    bad(&|item| {
        item.as_object_mut().unwrap().remove("kind");
    });
    items.push(json!(42));
    items.push(evaluation("g2", 1, "ben", "2026-11-17T08:00:00Z", 90.0));
    let answer = app.hr().post("/signals", &json!(items)).expect(200);
    let results = answer.body["results"].as_array().unwrap();
    assert_eq!(results.len(), items.len());
    let places: Vec<(String, String)> = results[1..results.len() - 1]
        .iter()
        .map(|result| {
            assert_eq!(result["status"], "rejected", "{result}");
            let place = &result["problem"]["errors"][0];
            (place["pointer"].as_str().unwrap().to_owned(), place["code"].as_str().unwrap().to_owned())
        })
        .collect();
    let expected = [
        ("/agent", "unknown_agent"),
        ("/measures/quality", "outside_scale"),
        ("/measures/qualty", "unknown_measure"),
        ("/occurred_at", "in_the_future"),
        ("/occurred_at", "before_acceptance_window"),
        ("/occurred_at", "invalid_date"),
        ("/colour", "unknown_field"),
        ("/source", "reserved_source"),
        ("/kind", "reserved_source"),
        ("/key", "invalid_identifier"),
        ("/version", "invalid_number"),
        ("/case", "nul_character"),
        ("/measures/quality", "wrong_type"),
        ("/attributes/queue", "wrong_type"),
        ("/kind", "missing_field"),
        ("", "object_expected"),
    ];
    let expected: Vec<_> = expected.iter().map(|(at, code)| ((*at).to_owned(), (*code).to_owned())).collect();
    assert_eq!(places, expected);
    assert_eq!(answer.body["counts"], json!({ "accepted": 2, "rejected": 16 }));
    assert_eq!((wallet(&app, "anna"), wallet(&app, "ben")), (10, 10));
}

#[test]
fn a_single_object_answers_with_the_problem_in_the_readers_language() {
    let app = server();
    let answer = app
        .hr()
        .with("accept-language", "de")
        .post("/signals", &evaluation("x", 1, "niemand", "2026-11-17T08:00:00Z", 90.0));
    let answer = answer.problem(422, "unknown_agent");
    assert_eq!(answer.body["errors"][0]["pointer"], "/agent");
    assert_eq!(answer.body["title"], "Unbekannte Person");
}

/// SEMANTICS S14.
#[test]
fn an_equal_version_with_other_content_is_refused_and_the_first_stays() {
    let app = server();
    let hr = app.hr();
    hr.post("/signals", &evaluation("c", 3, "anna", "2026-11-17T08:00:00Z", 90.0)).expect(200);
    let conflict = hr.post("/signals", &evaluation("c", 3, "anna", "2026-11-17T08:00:00Z", 91.0));
    conflict.problem(422, "version_conflict");
    let newer = hr.post("/signals", &evaluation("c", 5, "anna", "2026-11-17T08:00:00Z", 90.0)).expect(200);
    assert_eq!((newer.body["status"].as_str(), newer.body["version"].as_i64()), (Some("duplicate"), Some(5)));
    let older = hr.post("/signals", &evaluation("c", 4, "anna", "2026-11-17T08:00:00Z", 20.0)).expect(200);
    assert_eq!(older.body["status"], "stale", "the higher version is held");
}

/// SEMANTICS S15.
#[test]
fn decimals_are_rounded_from_their_text_and_keys_compare_as_bytes() {
    let app = server();
    let source = app.hr();
    let line = |key: &str, quality: &str| {
        format!(
            r#"{{"source":"qa","key":"{key}","kind":"evaluation","agent":"anna","occurred_at":"2026-11-17T08:00:00Z","measures":{{"quality":{quality}}}}}"#
        )
    };
    let twice = source.send("POST", "/signals", "application/json", &line("t", "1,\"quality\":2"));
    let twice = twice.problem(422, "invalid_request");
    assert_eq!(twice.body["errors"][0]["code"], "duplicate_field", "{}", twice.text);
    let body = [line("k", "89.99995"), line("k", "9e1"), line("K", "90"), line("k", "90.00004")].join("\n\n") + "\n";
    let answer = source.send("POST", "/signals", "application/x-ndjson", &body).expect(200);
    assert_eq!(statuses(&answer), ["accepted", "duplicate", "accepted", "duplicate"]);
}

/// SEMANTICS S16.
#[test]
fn cloud_events_are_signals() {
    let app = server();
    let hr = app.hr();
    let mut event = json!({
        "specversion": "1.0", "id": "ev-1", "source": "/survey", "type": "evaluation", "subject": "anna",
        "time": "2026-11-17T08:00:00Z", "datacontenttype": "application/json", "myextension": "kept out",
        "data": { "measures": { "quality": 90 } }
    });
    let one = hr.send("POST", "/signals", "application/cloudevents+json", &event.to_string()).expect(200);
    assert_eq!((one.body["status"].as_str(), one.body["key"].as_str()), (Some("accepted"), Some("ev-1")));
    event["id"] = json!("ev-2");
    event["data"]["key"] = json!("ev-1");
    event["data"]["version"] = json!(2);
    event["data"]["measures"]["quality"] = json!(10);
    let mut bad = event.clone();
    bad["data"]["measures"]["quality"] = json!(1000);
    bad["data"]["key"] = json!("ev-3");
    let batch = json!([event, bad]).to_string();
    let answer = hr.send("POST", "/signals", "application/cloudevents-batch+json", &batch).expect(200);
    assert_eq!(statuses(&answer), ["corrected", "rejected"]);
    assert_eq!(answer.body["results"][1]["problem"]["errors"][0]["pointer"], "/data/measures/quality");
    assert_eq!(wallet(&app, "anna"), 0);
}

#[test]
fn limits_of_a_request() {
    let app = server();
    let hr = app.hr();
    let many: Vec<Value> =
        (0..1001).map(|n| evaluation(&n.to_string(), 1, "anna", "2026-11-17T08:00:00Z", 90.0)).collect();
    hr.post("/signals", &json!(many)).problem(422, "too_many");
    assert_eq!(hr.post("/signals", &json!(many[..1000])).expect(200).body["counts"]["accepted"], 1000);
    hr.send("POST", "/signals", "application/json", &" ".repeat(1024 * 1024 + 1)).problem(413, "payload_too_large");
    hr.send("POST", "/signals", "text/csv", "a,b").problem(415, "unsupported_media_type");
    hr.send("POST", "/signals", "application/json", "{\"source\":").problem(400, "malformed_json");
    hr.send("POST", "/signals", "application/json", "[{]").problem(400, "malformed_json");
    assert_eq!(hr.post("/signals", &json!([])).expect(200).body["results"], json!([]));
    app.verify();
}

#[test]
fn who_may_write_and_see() {
    let app = server();
    let signal = evaluation("s1", 1, "anna", "2026-11-17T08:00:00Z", 90.0);
    let source = app.source(&["qa"]);
    let answer = source.post("/signals", &signal).expect(200);
    assert_eq!(answer.body["status"], "accepted");
    assert_eq!(answer.body.get("awards"), None, "a source learns nothing of points");
    let mut other = signal.clone();
    other["source"] = json!("survey");
    source.post("/signals", &other).problem(403, "source_not_permitted");
    let both = source.post("/signals", &json!([other, signal])).expect(200);
    assert_eq!(statuses(&both), ["rejected", "duplicate"]);
    source.delete("/signals/survey/s1").problem(403, "source_not_permitted");

    let anna = app.acting_as("anna");
    anna.post("/signals", &signal).problem(403, "forbidden");
    app.anonymous().post("/signals", &signal).problem(401, "unauthorized");
    let seen = |client: &Client, path: &str| client.get(path).expect(200).body["items"].as_array().unwrap().len();
    assert_eq!(seen(&anna, "/signals"), 1);
    assert_eq!(seen(&app.acting_as("ben"), "/signals"), 0);
    assert_eq!(seen(&source, "/signals"), 1);
    assert_eq!(seen(&app.lead("lea", "support"), "/signals"), 1);
    app.team("sales", None);
    assert_eq!(seen(&app.lead("leo", "sales"), "/signals"), 0);
    app.acting_as("ben").get("/signals/qa/s1").problem(404, "not_found");
    app.acting_as("ben").get("/people/anna/signals").problem(404, "not_found");
    anna.get("/people/me/signals").expect(200);
    anna.get("/signals/qa/s1").expect(200);
}

#[test]
fn signals_are_listed_page_by_page() {
    let app = server();
    let hr = app.hr();
    for n in 0..7 {
        hr.post("/signals", &evaluation(&format!("p{n}"), 1, "anna", "2026-11-17T08:00:00Z", 90.0)).expect(200);
    }
    let (mut keys, mut next) = (Vec::new(), String::new());
    loop {
        let page = hr.get(&format!("/signals?source=qa&limit=3{next}")).expect(200);
        keys.extend(page.body["items"].as_array().unwrap().iter().map(|item| item["key"].as_str().unwrap().to_owned()));
        let Some(cursor) = page.body["next"].as_str() else { break };
        next = format!("&after={cursor}");
    }
    assert_eq!(keys, ["p6", "p5", "p4", "p3", "p2", "p1", "p0"]);
    hr.get("/signals?status=gone").problem(400, "invalid_query");
    hr.get("/signals?surce=qa").problem(400, "invalid_query");
}
