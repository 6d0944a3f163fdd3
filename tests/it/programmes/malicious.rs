//! Documents made to hurt: each gets an answer within bounds.

use super::*;

const MEBIBYTE: usize = 1024 * 1024;

fn validate(world: &World, body: &str) -> Answer {
    let answer = world.hr().send("POST", "/programmes/validate", "application/json", body);
    assert!(answer.status < 500 && answer.text.len() < 4 * MEBIBYTE, "{} bytes: {}", answer.text.len(), answer.status);
    answer
}

#[test]
fn nesting_and_size_are_bounded() {
    let world = World::new();
    let deep = |open: &str, close: &str, times: usize| open.repeat(times) + "1" + &close.repeat(times);
    validate(&world, &deep("[", "]", 100_000)).problem(400, "malformed_json");
    validate(&world, &deep(r#"{"rules":"#, "}", 100_000)).problem(400, "malformed_json");
    validate(&world, &format!("\"{}\"", "x".repeat(MEBIBYTE))).problem(413, "payload_too_large");
    let nested: Value = serde_json::from_str(&deep(r#"{"not":"#, "}", 100)).unwrap();
    let answer = validate(&world, &with("/rules/0/when", nested).to_string()).expect(200);
    assert_eq!(places(&answer.body["errors"]), [("/rules/0/when", "too_deep")]);
}

#[test]
fn a_mebibyte_of_mistakes_is_told_in_a_hundred_places() {
    let world = World::new();
    let rules: Vec<_> = (0..200).map(|_| json!({ "on": (0..200).collect::<Vec<_>>(), "x": 1 })).collect();
    let answer = validate(&world, &with("/rules", json!(rules)).to_string()).expect(200);
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 100);
    let fields: serde_json::Map<_, _> = (0..80_000).map(|number| (format!("f{number}"), json!(1))).collect();
    let answer = validate(&world, &Value::Object(fields).to_string()).expect(200);
    assert_eq!(answer.body["errors"].as_array().unwrap().len(), 100);
    let answer = validate(&world, &with("/badges", json!(vec![1; 400_000])).to_string()).expect(200);
    assert!(places(&answer.body["errors"]).contains(&("/badges", "too_many")));
}

#[test]
fn a_long_name_is_not_repeated_for_each_mistake_behind_it() {
    let world = World::new();
    let wrong: serde_json::Map<_, _> = (0..150).map(|number| (number.to_string(), json!("x"))).collect();
    let behind = json!({ "by": { "attribute": "a" }, "cases": wrong, "else": 1 });
    let points = json!({ "by": { "attribute": "a" }, "cases": { "n".repeat(900_000): behind }, "else": 1 });
    let answer = validate(&world, &with("/rules/0/award/points", points).to_string()).expect(200);
    let codes: Vec<_> = places(&answer.body["errors"]).into_iter().map(|(_, code)| code).collect();
    assert_eq!(codes, ["text_too_long"]);
}

#[test]
fn what_is_no_object_is_told_so() {
    let world = World::new();
    for body in ["[]", "null", "1", "\"x\"", "true"] {
        let answer = validate(&world, body).expect(200);
        assert_eq!(places(&answer.body["errors"]), [("", "object_expected")]);
        let refused = world.hr().send("POST", "/programmes", "application/json", body).expect(422);
        assert_eq!(places(&refused.body["errors"]), [("", "object_expected")]);
    }
    for body in ["", "{", "{}{}", "{\"a\":}"] {
        validate(&world, body).problem(400, "malformed_json");
    }
    let twice = each().to_string().replacen("\"grace_days\":5", "\"grace_days\":5,\"grace_days\":6", 1);
    let refused = validate(&world, &twice).problem(422, "invalid_request");
    assert_eq!(places(&refused.body["errors"]), [("/grace_days", "duplicate_field")]);
}
