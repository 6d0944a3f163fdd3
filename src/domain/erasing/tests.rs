//! Names in all kinds of texts; and that what was different stays so.

use proptest::prelude::*;
use serde_json::json;

use super::*;

const ID: &str = "0198f0a0-0000-7000-8000-000000000001";

fn anna() -> Pseudonyms {
    let mut anna = Pseudonyms::new(ID, ["anna", "Anna Größer", "anna@example.org", "47", "471100"]);
    anna.spare("anna-lena");
    anna.spare("ANNA");
    anna.spare("otto");
    anna
}

#[test]
fn names_are_found_as_words_in_any_form() {
    let one = format!("{ID}~1");
    for (text, made) in [
        ("anna", one.clone()),
        ("to Anna!", format!("to {one}!")),
        ("ask anna@example.org.", format!("ask {one}.")),
        ("ask anna@other.org", format!("ask {one}@other.org")),
        ("k_anna_1", format!("k_{one}_1")),
        ("ANNA GRÖSSER", "ANNA GRÖSSER".to_owned()),
        ("ANNA GRÖßER", one.clone()),
        ("anna gro\u{308}ßer", one.clone()),
        ("Anna  Größer, Anna\u{a0}Größer", format!("{one}, {ID}~2")),
        ("Größer, Anna: anna_größer", format!("{one}: {ID}~2")),
        ("T-471100", format!("T-{one}")),
        ("Susanna", "Susanna".to_owned()),
        ("anna\u{301}", "anna\u{301}".to_owned()),
        ("4711 and 47", "4711 and 47".to_owned()),
        ("anna-lena and Anna-Lena", "anna-lena and Anna-Lena".to_owned()),
        ("", String::new()),
    ] {
        assert_eq!(anna().text(text).unwrap_or_else(|| text.to_owned()), made, "{text}");
    }
    let mut twice = anna();
    assert_eq!(twice.text("anna, Anna, anna"), Some(format!("{ID}~1, {ID}~2, {ID}~1")));
}

#[test]
fn a_value_is_named_by_the_shortest_name_too() {
    assert_eq!(anna().value("47"), Some(format!("{ID}~1")));
    assert_eq!(anna().value("no. 47"), None);
    assert_eq!(anna().value("ANNA"), None, "somebody else's, to the letter");
}

#[test]
fn attributes_keep_what_rules_compare() {
    let number = |text: &str| AttributeValue::Number(super::super::decimal::Decimal4::parse(text).unwrap());
    let mut attributes: BTreeMap<String, AttributeValue> = [
        ("by".to_owned(), AttributeValue::Text("anna".to_owned())),
        ("number".to_owned(), number("471100")),
        ("compared".to_owned(), number("471100")),
        ("anna".to_owned(), AttributeValue::Bool(true)),
    ]
    .into();
    let changed = anna().attributes(&mut attributes, &["compared".to_owned()].into());
    assert_eq!(changed, ["anna", "by", "number"].map(str::to_owned).into());
    assert_eq!(attributes.get("compared"), Some(&number("471100")));
    assert!(!attributes.contains_key("anna"));
    assert!(matches!(attributes.get("number"), Some(AttributeValue::Text(_))));
}

#[test]
fn documents_compare_with_what_evidence_bears_now() {
    let mut document = json!({ "name": { "en": "anna" }, "rules": [
        { "when": { "all": [{ "attribute": "by", "in": ["anna", "otto"] }, { "attribute": "by", "equals": "Anna" }] },
          "goal": { "count_distinct": { "attribute": "caller" } } },
        { "award": { "points": { "by": { "attribute": "queue" }, "cases": { "anna": 5, "x": 1 }, "else": 0 } } } ] });
    let mut names = BTreeSet::new();
    named_attributes(&document, &mut names);
    assert_eq!(names, ["by", "caller", "queue"].map(str::to_owned).into());
    assert!(anna().document(&mut document));
    assert_eq!(document["rules"][0]["when"]["all"][0]["in"], json!([format!("{ID}~1"), "otto"]));
    assert_eq!(document["rules"][0]["when"]["all"][1]["equals"], json!(format!("{ID}~2")));
    assert_eq!(document["rules"][1]["award"]["points"]["cases"], json!({ format!("{ID}~1"): 5, "x": 1 }));
    assert_eq!(document["name"]["en"], "anna", "what the company says is not about the person");
}

#[test]
fn hints_stand_in_every_form_of_a_name() {
    assert_eq!(hint("Jürgen Größer").as_deref(), Some("rgen"));
    assert_eq!(hint("anna@example.org").as_deref(), Some("example"));
    assert_eq!(hint("Мария"), None);
    assert_eq!(Pseudonyms::new(ID, ["anna", "Мария"]).hints(), None);
}

fn texts() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec!["anna", "Anna", "ANNA", "anna-lena", " ", "-", "x", "47", "Größer", "@example.org"]),
        0..6,
    )
    .prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn different_texts_stay_different_and_nothing_is_found_again(one in texts(), other in texts()) {
        let mut anna = anna();
        let mut made = |text: &String| anna.value(text).unwrap_or_else(|| text.clone());
        let (first, second) = (made(&one), made(&other));
        prop_assert_eq!(one == other, first == second, "{} {}", first, second);
        prop_assert_eq!(anna.value(&first), None, "{}", first);
    }
}
