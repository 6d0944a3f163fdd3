//! Documents changed at random: validation answers each within bounds, and names the places that are wrong.

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

use crate::support::app::TestApp;

/// A change at some place of a document.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(Value),
    Remove,
    Rename(String),
    Wrap(&'static str),
    Repeat(usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let values = [
        json!(null),
        json!(true),
        json!(-1),
        json!(0),
        json!(0.5),
        json!(1e300),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(""),
        json!("support"),
        json!("csat"),
        json!("\u{202e}x"),
        json!("\u{0}"),
        json!("2026-02-30"),
        json!("P1D"),
        json!([]),
        json!({}),
        json!([[1, 2], [1, 2], [1, 2]]),
        json!({ "days": 30 }),
        json!({ "measure": "csat", "times": 0.5 }),
        json!({ "measure": "goal", "times": 0.5 }),
        json!({ "measure": "csat" }),
        json!({ "top": 3 }),
        json!("goal"),
        json!("team"),
        json!("members"),
        json!("season"),
        json!("happy-customer"),
        json!({ "length": 3, "unit": "day", "of": { "weekday": ["mon"] } }),
        json!({ "aggregate": "count", "at_least": 5, "repeat": true, "per": "week" }),
        json!({ "count_distinct": { "attribute": "course" }, "at_most": 5, "per": "season" }),
        json!({ "on": ["survey"], "goal": { "measure": "csat", "aggregate": "mean", "at_least": 4, "per": "month" } }),
        json!({ "custom": [{ "code": "a", "from": "2026-01-01", "until": "2026-02-01" }] }),
        json!("x".repeat(5_000)),
    ];
    prop_oneof![
        4 => prop::sample::select(values.to_vec()).prop_map(Mutation::Replace),
        2 => Just(Mutation::Remove),
        2 => prop_oneof!["[a-z_/~]{0,12}", prop::sample::select(vec!["when", "by", "goal", "streak", "guard", "per", "share"]).prop_map(str::to_owned)].prop_map(Mutation::Rename),
        2 => prop::sample::select(vec!["not", "all", "any", "else", "cases", "goal", "share", "of"]).prop_map(Mutation::Wrap),
        1 => (2_usize..300).prop_map(Mutation::Repeat),
    ]
}

/// Every place below the root.
fn pointers(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut visit = |step: &str, inner: &Value| {
        let place = format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
        pointers(inner, &place, found);
        found.push(place);
    };
    match value {
        Value::Array(list) => list.iter().enumerate().for_each(|(index, inner)| visit(&index.to_string(), inner)),
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| visit(name, inner)),
        _ => {}
    }
}

fn mutate(document: &mut Value, place: &Index, mutation: &Mutation) {
    let mut found = Vec::new();
    pointers(document, "", &mut found);
    if found.is_empty() {
        return;
    }
    let pointer = place.get(&found);
    let (parent, step) = pointer.rsplit_once('/').unwrap();
    let step = step.replace("~1", "/").replace("~0", "~");
    let old = document.pointer(pointer).unwrap().clone();
    let parent = document.pointer_mut(parent).unwrap();
    match (mutation, parent) {
        (Mutation::Remove, Value::Object(fields)) => drop(fields.remove(&step)),
        (Mutation::Remove, Value::Array(list)) => drop(list.remove(step.parse().unwrap())),
        (Mutation::Rename(name), Value::Object(fields)) => {
            fields.remove(&step);
            fields.insert(name.clone(), old);
        }
        (Mutation::Repeat(times), Value::Array(list)) => list.extend(std::iter::repeat_n(old, *times)),
        _ => {
            let new = match mutation {
                Mutation::Replace(value) => value.clone(),
                Mutation::Wrap(name @ ("all" | "any")) => json!({ *name: [old] }),
                Mutation::Wrap(name) => json!({ *name: old }),
                _ => json!([old]),
            };
            *document.pointer_mut(pointer).unwrap() = new;
        }
    }
}

#[test]
fn any_change_of_a_document_gets_an_answer_with_places() {
    let app = TestApp::start();
    let hr = app.hr();
    let mut original: Value = serde_json::from_str(include_str!("fixtures/service-excellence.json")).unwrap();
    // There is no team here, and with one mistake to start with no document would be valid.
    original["audience"] = json!({});
    let mut runner = TestRunner::new(Config { cases: 400, failure_persistence: None, ..Config::default() });
    let mutations = prop::collection::vec((any::<Index>(), mutation()), 1..4);
    let outcome = runner.run(&mutations, |mutations| {
        let mut document = original.clone();
        mutations.iter().for_each(|(place, mutation)| mutate(&mut document, place, mutation));
        let answer = hr.post("/programmes/validate", &document);
        prop_assert!(answer.status < 500 && answer.text.len() < 1 << 20, "{} {}", answer.status, answer.text);
        let (errors, warnings) = (&answer.body["errors"], &answer.body["warnings"]);
        if answer.status == 200 {
            prop_assert_eq!(answer.body["valid"] == json!(true), errors == &json!([]));
        } else {
            prop_assert!(document.to_string().contains("\\u0000"), "{}", answer.text);
            prop_assert!(!errors.as_array().unwrap().is_empty());
        }
        for place in errors.as_array().into_iter().chain(warnings.as_array()).flatten() {
            let pointer = place["pointer"].as_str().unwrap();
            prop_assert!(document.pointer(pointer).is_some(), "{} in {}", pointer, document);
        }
        Ok(())
    });
    outcome.unwrap();
}
