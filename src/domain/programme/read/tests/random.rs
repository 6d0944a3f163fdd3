//! Documents changed at random and at every place: reading never panics, and the schema takes whatever reading takes.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Map, Number, json};

use super::*;

static SCHEMA: LazyLock<jsonschema::Validator> =
    LazyLock::new(|| jsonschema::draft202012::new(&parsed(json_schema())).unwrap());

static WORLD: LazyLock<World> = LazyLock::new(World::new);

/// Words that mean something in a document.
const WORDS: [&str; 54] = [
    "measure",
    "csat",
    "quality",
    "goal",
    "streak",
    "guard",
    "share",
    "count_distinct",
    "aggregate",
    "mean",
    "sum",
    "count",
    "repeat",
    "samples",
    "per",
    "length",
    "of",
    "unit",
    "members",
    "min_days",
    "kudos",
    "alias",
    "all",
    "any",
    "not",
    "attribute",
    "in",
    "equals",
    "at_least",
    "zones",
    "steps",
    "times",
    "by",
    "cases",
    "else",
    "points",
    "badge",
    "star",
    "custom",
    "days",
    "team",
    "person",
    "day",
    "season",
    "mon",
    "22:00",
    "2026-11-03",
    "PT4H",
    "named",
    "UTC",
    "x ",
    "\0",
    "",
    "é",
];

/// Any JSON, often of words and numbers that mean something in a document.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![prop::sample::select(WORDS.to_vec()).prop_map(str::to_owned), ".{0,8}"];
    let number = prop_oneof![
        any::<i64>().prop_map(Number::from),
        (-3_i64..400).prop_map(Number::from),
        any::<f64>().prop_filter_map("finite", Number::from_f64),
        (-3.0..120.0).prop_filter_map("finite", Number::from_f64),
        prop::sample::select(vec![-0.0, -0.00001, 0.00004, 1e12, 20.0]).prop_filter_map("finite", Number::from_f64),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        number.prop_map(Value::Number),
        word.clone().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        let fields = prop::collection::vec((word.clone(), inner.clone()), 0..4);
        prop_oneof![
            prop::collection::vec(inner, 0..4).prop_map(Value::Array),
            fields.prop_map(|fields| Value::Object(Map::from_iter(fields))),
        ]
    })
}

#[derive(Debug, Clone)]
enum Change {
    Delete,
    Replace(Value),
    /// Puts a copy of another place here.
    Copy(Index),
    /// Puts a copy beside it.
    Duplicate,
}

fn change() -> impl Strategy<Value = (Index, Change)> {
    let change = prop_oneof![
        Just(Change::Delete),
        any_json().prop_map(Change::Replace),
        any::<Index>().prop_map(Change::Copy),
        Just(Change::Duplicate),
    ];
    (any::<Index>(), change)
}

/// The pointers of everything inside a value.
fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &Value)> = match value {
        Value::Array(entries) => entries.iter().enumerate().map(|(index, entry)| (index.to_string(), entry)).collect(),
        Value::Object(fields) => fields.iter().map(|(name, field)| (name.clone(), field)).collect(),
        _ => Vec::new(),
    };
    for (step, value) in inner {
        let at = at.to_owned() + &crate::domain::problem::pointer_step(&step);
        places(value, &at, found);
        found.push(at);
    }
}

fn apply(document: &mut Value, place: Index, change: Change) {
    let mut all = Vec::new();
    places(document, "", &mut all);
    if all.is_empty() {
        return;
    }
    let pointer = place.get(&all);
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    let last = last.replace("~1", "/").replace("~0", "~");
    let value = match &change {
        Change::Delete | Change::Duplicate => document.pointer(pointer).unwrap().clone(),
        Change::Replace(value) => value.clone(),
        Change::Copy(from) => document.pointer(from.get(all.as_slice()).as_str()).unwrap().clone(),
    };
    match (document.pointer_mut(parent).unwrap(), change) {
        (Value::Array(entries), Change::Delete) => drop(entries.remove(last.parse().unwrap())),
        (Value::Array(entries), Change::Duplicate) => entries.insert(last.parse().unwrap(), value),
        (Value::Array(entries), _) => entries[last.parse::<usize>().unwrap()] = value,
        (Value::Object(fields), Change::Delete) => drop(fields.remove(&last)),
        (Value::Object(fields), Change::Duplicate) => drop(fields.insert(last + " ", value)),
        (Value::Object(fields), _) => drop(fields.insert(last, value)),
        _ => unreachable!("a place is inside a list or an object"),
    }
}

fn agrees(document: &Value) -> Result<bool, TestCaseError> {
    match read(document, &*WORLD) {
        Ok(_) => {
            let errors: Vec<_> = SCHEMA.iter_errors(document).map(|error| error.to_string()).collect();
            prop_assert!(errors.is_empty(), "{errors:?}");
            Ok(true)
        }
        Err(findings) => {
            prop_assert!(!findings.is_empty() && findings.len() <= reader::MOST_FINDINGS);
            for finding in findings {
                // Every finding names a place that is there.
                prop_assert!(document.pointer(&finding.pointer).is_some(), "{} in {document}", finding.pointer);
            }
            Ok(false)
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn changed_documents(changes in prop::collection::vec(change(), 1..4), complete in any::<bool>()) {
        let mut document = parsed(if complete { COMPLETE } else { EVERYTHING });
        for (place, change) in changes {
            apply(&mut document, place, change);
        }
        agrees(&document)?;
    }

    #[test]
    fn any_json_at_all(document in any_json()) {
        agrees(&document)?;
    }
}

/// Texts at the edges of what some field takes.
const TEXTS: [&str; 44] = [
    "",
    " ",
    "x",
    "x ",
    "a-b_1",
    "É",
    "UTC",
    "month",
    "half_year",
    "all",
    "case",
    "points",
    "team",
    "own",
    "sum",
    "named",
    "kudos",
    "alias",
    "members",
    "signal",
    "mean",
    "max",
    "share_satisfied",
    "source",
    "kind",
    "sun",
    "agent",
    "star",
    "nps",
    "02-29",
    "12-31",
    "00-10",
    "2000-01-01",
    "2999-12-31",
    "00:00",
    "23:59",
    "24:00",
    "P366D",
    "PT0.5H",
    "pt1s",
    "/x",
    "http://x",
    "\n",
    "\0",
];

/// At the edges of what some field takes.
fn edge_values() -> Vec<Value> {
    let lengths = [64, 65, 120, 121, 200, 201, 1_000, 1_001];
    let numbers = [0.0, -0.0, 0.5, -0.00001, 2.5, 4.00001, 1e12, 1e12 + 0.5, 1e300];
    let whole =
        [0_i64, 1, 5, 7, 59, 60, 61, 366, 367, 1_000_000_000, 1_000_000_001, 1_000_000_000_000, 1_000_000_000_001];
    let mut values = vec![json!(null), json!(true), json!([]), json!({}), json!({ "days": 366 })];
    values.extend(TEXTS.map(Value::from));
    values.extend(lengths.map(|length| Value::from("a".repeat(length))));
    values.extend(numbers.map(Value::from).into_iter().chain(whole.map(Value::from)));
    values.extend([
        json!(["mon"]),
        json!([["mon"]]),
        json!([[1, 2]]),
        json!([1, 2]),
        json!(["sales"]),
        json!(["x", 1, false]),
        json!({ "custom": [{ "code": "one", "from": "2026-01-01", "until": "2026-01-02" }] }),
        json!({ "weekday": ["mon", "mon"] }),
        json!({ "attribute": "x", "exists": false }),
        json!({ "field": "channel", "in": ["É"] }),
        json!({ "measure": "nps", "times": 0 }),
        json!({ "by": { "attribute": "x" }, "cases": { "": 1 }, "else": 1 }),
        json!({ "badge": "star" }),
        json!({ "points": 1, "badge": "star" }),
        json!({ "per": "case", "points": 1 }),
        json!({ "aggregate": "count", "at_least": 1, "per": "season" }),
        json!({ "aggregate": "count", "at_least": 1, "repeat": true, "per": "season" }),
        json!({ "measure": "csat", "aggregate": "share_satisfied", "at_most": 0.5, "samples": 2, "per": "day" }),
        json!({ "length": 1, "unit": "signal", "of": { "weekday": ["mon"] } }),
        json!({ "on": ["survey"], "goal": { "measure": "csat", "aggregate": "mean", "at_least": 4, "per": "week" } }),
        json!({ "to": "members", "points": 1 }),
        json!({ "measure": "goal", "times": 1 }),
        json!({ "measure": "csat" }),
        json!({ "top": 1 }),
        json!({ "samples": 1 }),
        json!({ "ranks": [1, 10_000], "badge": "star" }),
    ]);
    values
}

/// A document with little besides what is at a place, and the place in it: a rule is read alone.
fn around(document: &Value, place: &str) -> (Value, String) {
    let mut few = document.clone();
    let mut steps = place.splitn(4, '/').skip(1);
    if let (Some("rules"), Some(index), rest) = (steps.next(), steps.next(), steps.next()) {
        few["rules"] = json!([document["rules"][index.parse::<usize>().unwrap()]]);
        few["boosts"] = json!([]);
        return (few, rest.map_or("/rules/0".to_owned(), |rest| format!("/rules/0/{rest}")));
    }
    (few, place.to_owned())
}

#[test]
fn every_place_by_every_edge_value() {
    let document = parsed(EVERYTHING);
    let mut all = Vec::new();
    places(&document, "", &mut all);
    let mut taken = 0;
    for (place, value) in all.iter().flat_map(|place| edge_values().into_iter().map(move |value| (place, value))) {
        let (mut changed, place) = around(&document, place);
        *changed.pointer_mut(&place).unwrap() = value.clone();
        let agreed = agrees(&changed).unwrap_or_else(|error| panic!("{place} = {value}: {error}"));
        taken += usize::from(agreed);
    }
    assert!(taken > 2_000, "{taken} were taken: too few to compare");
}

#[test]
fn the_schema_takes_the_examples() {
    assert!([EVERYTHING, EACH, COMPLETE].into_iter().all(|document| agrees(&parsed(document)).unwrap()));
}

#[test]
fn every_field_of_the_schema_has_a_title_in_both_languages() {
    fn check(value: &Value, at: &str, seen: &mut usize) {
        let Some(object) = value.as_object() else {
            return value.as_array().into_iter().flatten().for_each(|entry| check(entry, at, seen));
        };
        for (name, inner) in object {
            let at = format!("{at}/{name}");
            if ["/if/properties", "/then/properties", "/else/properties"].iter().any(|end| at.ends_with(end)) {
                continue;
            }
            for (field, schema) in inner.as_object().into_iter().flatten().filter(|_| name == "properties") {
                assert_eq!(schema["title"], schema["x-title"]["en"], "{at}/{field}");
                assert!(schema["title"].is_string() && schema["x-title"]["de"].is_string(), "{at}/{field}");
                *seen += 1;
            }
            check(inner, &at, seen);
        }
    }
    let mut seen = 0;
    check(&parsed(json_schema()), "", &mut seen);
    assert!(seen > 80, "{seen} fields");
}
