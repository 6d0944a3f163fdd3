//! Drafts: checked, created, told where they are wrong.

use super::*;

#[test]
fn the_schema_takes_the_example_and_is_kept_by_its_content() {
    let world = World::new();
    let anna = world.anna();
    let schema = anna.get("/programmes/schema").expect(200);
    assert_eq!(schema.header("content-type"), Some("application/schema+json"));
    assert!(jsonschema::validator_for(&schema.body).unwrap().is_valid(&each()));
    let tag = schema.header("etag").unwrap();
    assert_eq!(anna.with("if-none-match", tag).get("/programmes/schema").expect(304).text, "");
    assert_eq!(World::new().hr().get("/programmes/schema").header("etag"), Some(tag));
}

#[test]
fn a_valid_document_is_read_back_in_both_languages() {
    let world = World::new();
    let answer = world.hr().post("/programmes/validate", &each()).expect(200);
    assert_eq!((&answer.body["valid"], &answer.body["errors"]), (&json!(true), &json!([])));
    insta::assert_json_snapshot!(answer.body["rules"][0], @r#"
    {
      "code": "happy-customer",
      "sentence": {
        "de": "Für jede Umfrageantwort mit csat mindestens 4: 20 Punkte, höchstens 200 Punkte pro Tag.",
        "en": "For each survey with csat at least 4: 20 points, at most 200 points a day."
      }
    }
    "#);
    assert_eq!(answer.body["rules"].as_array().unwrap().len(), 5);
    world.hr().get("/programmes/service-excellence").problem(404, "not_found");
}

#[test]
fn names_that_no_recent_evidence_bore_are_warnings() {
    let world = World::new();
    let mut document = with("/rules/0/on", json!(["survey", "callback"]));
    document["rules"][0]["when"] = json!({ "not": { "any": [
        { "field": "kind", "in": ["survey", "visit"] }, { "attribute": "queue", "exists": true } ] } });
    let unseen = |document: &Value| {
        let answer = world.hr().post("/programmes/validate", document).expect(200);
        let warnings = places(&answer.body["warnings"]).into_iter().map(|(pointer, code)| {
            assert_eq!(code, "unseen_name");
            assert!(document.pointer(pointer).is_some(), "{pointer}");
            pointer.to_owned()
        });
        warnings.collect::<Vec<_>>()
    };
    let (severity, queues) =
        ("/rules/3/award/points/by/attribute", ["/rules/0/when/not/any/1/attribute", "/rules/4/when/all/1/attribute"]);
    let kinds = ["/rules/0/on/1", "/rules/0/when/not/any/0/in/1"];
    assert_eq!(unseen(&document), [kinds[0], kinds[1], queues[0], severity, queues[1]]);

    let signal = |key, kind, at, attribute| Signal { key, kind, at, measures: &[], attributes: attribute };
    world.give(&signal("long-ago", "visit", "2026-08-20T11:59:59Z", &[("severity", "high")]));
    world.give(&signal("of-another-kind", "training", "2026-11-01T12:00:00Z", &[("severity", "high")]));
    world.give(&signal("recent", "callback", "2026-08-20T12:00:00Z", &[("queue", "billing")]));
    assert_eq!(unseen(&document), [kinds[1], severity]);

    let drafted = world.hr().with("accept-language", "de").post("/programmes", &document).expect(201);
    insta::assert_json_snapshot!(drafted.body, @r#"
    {
      "code": "service-excellence",
      "state": "draft",
      "version": 1,
      "warnings": [
        {
          "code": "unseen_name",
          "detail": "Kein Beleg der letzten 90 Tage trug kind visit.",
          "pointer": "/rules/0/when/not/any/0/in/1"
        },
        {
          "code": "unseen_name",
          "detail": "Kein Beleg der letzten 90 Tage trug attribute severity.",
          "pointer": "/rules/3/award/points/by/attribute"
        }
      ]
    }
    "#);
}

#[test]
fn a_draft_is_created_once_for_each_key() {
    let world = World::new();
    let keyed = world.hr().with("idempotency-key", "first");
    let created = keyed.post("/programmes", &each()).expect(201);
    assert_eq!(created.header("location"), Some("/api/v1/programmes/service-excellence"));
    assert!(created.header("applaus-version").is_some());
    let again = keyed.post("/programmes", &each()).expect(201);
    assert_eq!((again.header("idempotency-replayed"), &again.body), (Some("true"), &created.body));
    keyed.post("/programmes", &with("/grace_days", json!(6))).problem(422, "idempotency_key_reused");
    let taken = world.hr().post("/programmes", &each()).problem(409, "already_exists");
    assert_eq!(places(&taken.body["errors"]), [("/code", "already_exists")]);
    world.hr().post("/programmes", &with("/code", json!("another"))).expect(201);
    let list = world.hr().get("/programmes?limit=1").expect(200);
    assert_eq!(list.body["items"][0]["code"], "another");
    let next = list.body["next"].as_str().unwrap();
    let rest = world.hr().get(&format!("/programmes?limit=1&after={next}")).expect(200);
    assert_eq!((&rest.body["items"][0]["code"], &rest.body["next"]), (&json!("service-excellence"), &Value::Null));
}

#[test]
fn mistakes_are_told_all_at_once_in_the_readers_language() {
    let world = World::new();
    let mut document = each();
    document["time_zone"] = json!("Europe/Bielefeld");
    document["audience"]["teams"] = json!(["support", "suport"]);
    document["rules"][0]["when"]["measure"] = json!("csta");
    document["rules"][1]["limit"] = json!([]);
    document["rules"][4]["award"]["badge"] = json!("calm");
    let expected = [
        ("/time_zone", "invalid_time_zone"),
        ("/audience/teams/1", "unknown_team"),
        ("/rules/0/when/measure", "unknown_measure"),
        ("/rules/1/limit", "unknown_field"),
        ("/rules/4/award/badge", "unknown_badge"),
    ];
    for (language, detail) in [("en", "There is no team suport."), ("de", "Ein Team suport gibt es nicht.")] {
        let reader = world.hr().with("accept-language", language);
        let validated = reader.post("/programmes/validate", &document).expect(200);
        assert_eq!((&validated.body["valid"], &validated.body["rules"]), (&json!(false), &json!([])));
        assert_eq!(places(&validated.body["errors"]), expected);
        assert_eq!(validated.body["errors"][1]["detail"], detail);
        let refused = reader.post("/programmes", &document).problem(422, "invalid_request");
        assert_eq!(refused.body["errors"], validated.body["errors"]);
    }
    world.hr().get("/programmes/service-excellence").problem(404, "not_found");
}

#[test]
fn the_complete_example_is_taken_and_says_what_is_not_there_yet() {
    let world = World::new();
    let complete: Value = serde_json::from_str(include_str!("../fixtures/service-excellence.json")).unwrap();
    let validated = world.hr().post("/programmes/validate", &complete).expect(200);
    assert_eq!((&validated.body["valid"], &validated.body["errors"]), (&json!(true), &json!([])));
    assert_eq!(validated.body["rules"].as_array().unwrap().len(), 9);
    let warnings = places(&validated.body["warnings"]);
    for warning in [
        ("/tiers/2/reward", "unknown_reward"),
        ("/contests/0/prizes/0/reward", "unknown_reward"),
        ("/contests/0/prizes/1/reward", "unknown_reward"),
    ] {
        assert!(warnings.contains(&warning), "{warning:?} in {warnings:?}");
    }
    let rest = warnings.iter().filter(|(_, code)| *code != "unknown_reward");
    assert!(rest.clone().all(|(_, code)| *code == "unseen_name"), "{warnings:?}");
    world.hr().post("/programmes", &complete).expect(201);
}

#[test]
fn addresses_beside_programmes_are_no_codes() {
    let world = World::new();
    for code in ["schema", "validate"] {
        let refused = world.hr().post("/programmes", &with("/code", json!(code))).expect(422);
        assert_eq!(places(&refused.body["errors"]), [("/code", "reserved_source")]);
    }
}
