//! The catalogue of measures over HTTP.

use serde_json::{Value, json};

use crate::people::{meaning, refused_at};
use crate::support::app::TestApp;

fn politeness() -> Value {
    json!({ "code": "politeness", "name": { "en": "Politeness", "de": "Höflichkeit" }, "scale": { "min": 0, "max": 4.5 },
        "direction": "higher_is_better", "unit": "points", "aggregation": "share_satisfied", "threshold": 3.25 })
}

#[test]
fn a_measure_is_added_read_and_listed() {
    let app = TestApp::start();
    let hr = app.hr();
    let mut expected = politeness();
    expected["used"] = json!(false);
    let keyed = hr.with("idempotency-key", "k");
    let created = keyed.post("/measures", &politeness()).expect(201);
    assert_eq!((&created.body, created.header("location")), (&expected, Some("/api/v1/measures/politeness")));
    assert_eq!(keyed.post("/measures", &politeness()).expect(201).header("idempotency-replayed"), Some("true"));
    hr.post("/measures", &politeness()).problem(409, "already_exists");
    let agent = app.agent("anna");
    let read = agent.get("/measures/politeness").expect(200);
    assert_eq!(read.body, expected);
    agent.with("if-none-match", read.header("etag").unwrap()).get("/measures/politeness").expect(304);
    agent.get("/measures/kindness").problem(404, "not_found");
    let all = agent.get("/measures?limit=200").expect(200).body["items"].as_array().unwrap().clone();
    let codes: Vec<&str> = all.iter().map(|measure| measure["code"].as_str().unwrap()).collect();
    assert!(codes.is_sorted() && codes.contains(&"politeness") && codes.contains(&"csat"), "{codes:?}");
    let page = agent.get("/measures?limit=3").expect(200).body;
    let next = page["next"].as_str().unwrap();
    let second = agent.get(&format!("/measures?limit=1&after={next}")).expect(200).body;
    assert_eq!(second["items"][0]["code"], codes[3]);

    let least = json!({ "code": "calls", "name": { "en": "Calls", "de": "Anrufe" }, "scale": { "min": -1.5 },
        "direction": "lower_is_better", "aggregation": "count" });
    let least = hr.post("/measures", &least).expect(201).body;
    assert_eq!(
        (&least["scale"], &least["unit"], &least["threshold"]),
        (&json!({ "min": -1.5, "max": null }), &json!(""), &json!(null))
    );
}

#[test]
fn what_is_not_taken_is_named() {
    let app = TestApp::start();
    let hr = app.hr();
    for (pointer, value, at, code) in [
        ("/code", json!("Politeness"), "/code", "invalid_code"),
        ("/name/en", json!(""), "/name/en", "empty_text"),
        ("/name/de", json!("a\u{8}"), "/name/de", "unfit_character"),
        ("/name", json!({ "en": "x" }), "/name/de", "missing_field"),
        ("/scale/min", json!("0"), "/scale/min", "wrong_type"),
        ("/scale/min", json!(4.5), "/scale/max", "invalid_interval"),
        ("/scale/max", json!(1e13), "/scale/max", "wrong_type"),
        ("/scale/max", json!(3), "/threshold", "outside_scale"),
        ("/direction", json!("up"), "/direction", "invalid_value"),
        ("/unit", json!("x".repeat(41)), "/unit", "text_too_long"),
        ("/aggregation", json!("median"), "/aggregation", "invalid_value"),
        ("/aggregation", json!("mean"), "/threshold", "invalid_value"),
        ("/threshold", json!(null), "/threshold", "missing_field"),
        ("/threshold", json!(5), "/threshold", "outside_scale"),
    ] {
        let mut body = politeness();
        *body.pointer_mut(pointer).unwrap() = value;
        refused_at(hr.post("/measures", &body), at, code);
    }
    let mut nps = politeness();
    nps["aggregation"] = json!("nps");
    nps["threshold"] = json!(null);
    refused_at(hr.post("/measures", &nps), "/scale", "invalid_value");
    nps["scale"] = json!({ "min": 0, "max": 10 });
    hr.post("/measures", &nps).expect(201);
    let mut unknown = politeness();
    unknown["used"] = json!(true);
    refused_at(hr.post("/measures", &unknown), "/used", "unknown_field");
}

#[test]
fn a_measure_is_fixed_once_used_but_for_its_name() {
    let app = TestApp::start();
    let hr = app.hr();
    hr.post("/measures", &politeness()).expect(201);
    let any = hr.with("if-match", "*");
    let path = "/measures/politeness";
    hr.patch(path, &json!({})).problem(428, "precondition_required");
    let meant = meaning(&hr, path);
    let changed = meant.patch(path, &json!({ "scale": { "min": 1, "max": 5 }, "unit": "stars" })).expect(200).body;
    assert_eq!((&changed["scale"], &changed["threshold"]), (&json!({ "min": 1, "max": 5 }), &json!(3.25)));
    meant.patch(path, &json!({ "unit": "" })).problem(412, "precondition_failed");
    let mean = any.patch(path, &json!({ "aggregation": "mean", "threshold": null })).expect(200);
    assert_eq!(mean.body["threshold"], json!(null));
    refused_at(any.patch(path, &json!({ "name": null })), "/name", "wrong_type");
    refused_at(any.patch(path, &json!({ "code": "x" })), "/code", "unknown_field");

    let before = meaning(&hr, path);
    app.person("anna");
    let signal = json!({ "source": "qa", "key": "1", "kind": "evaluation", "agent": "anna",
        "occurred_at": "2026-11-18T10:00:00Z", "measures": { "politeness": 4 } });
    hr.post("/signals", &signal).expect(200);
    assert_eq!(hr.get(path).body["used"], true);
    before.patch(path, &json!({})).problem(412, "precondition_failed");
    for (body, pointer) in [
        (json!({ "scale": { "min": 0, "max": 5 } }), "/scale/min"),
        (json!({ "scale": { "min": 1 } }), "/scale/max"),
        (json!({ "direction": "lower_is_better" }), "/direction"),
        (json!({ "unit": "" }), "/unit"),
        (json!({ "aggregation": "sum" }), "/aggregation"),
    ] {
        refused_at(any.patch(path, &body), pointer, "fixed");
    }
    let satisfied = json!({ "aggregation": "share_satisfied", "threshold": 4 });
    assert_eq!(crate::people::places(&any.patch(path, &satisfied).expect(422)).len(), 2);
    let named = any.patch(path, &json!({ "name": { "en": "Manners", "de": "Umgang" } })).expect(200).body;
    assert_eq!((&named["name"]["de"], &named["used"]), (&json!("Umgang"), &json!(true)));
    let german = any.with("accept-language", "de").patch(path, &json!({ "unit": "" })).expect(422);
    assert!(german.body["errors"][0]["detail"].as_str().unwrap().contains("kann nach der ersten Verwendung"));
}
