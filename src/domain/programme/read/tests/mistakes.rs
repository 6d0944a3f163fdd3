//! One mistake at a time in a document that is otherwise taken: its place and its code.

use serde_json::{Value, json};

use super::*;

/// Writes `value` at `pointer`, which may be a new field of an object or one past the end of a list.
fn put(document: &mut Value, pointer: &str, value: Value) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    match document.pointer_mut(parent).unwrap() {
        Value::Object(fields) => {
            fields.insert(last.to_owned(), value);
        }
        Value::Array(entries) => {
            let index: usize = last.parse().unwrap();
            entries.truncate(entries.len().max(index));
            if index == entries.len() { entries.push(value) } else { entries[index] = value }
        }
        other => panic!("{parent} is {other}"),
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let (parent, last) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(last).unwrap();
}

/// Each: what is written where, and the finding's place and code.
fn check(mistakes: Vec<(&str, Value, &str, &str)>) {
    for (pointer, value, at, code) in mistakes {
        let mut document = parsed(EVERYTHING);
        put(&mut document, pointer, value.clone());
        assert_eq!(refused(&document), [(at.to_owned(), code)], "{pointer} = {value}");
    }
}

#[test]
fn in_the_frame() {
    check(vec![
        ("/language", json!(2), "/language", "invalid_value"),
        ("/code", json!("Every Thing"), "/code", "invalid_code"),
        ("/code", json!("every\0thing"), "/code", "nul_character"),
        ("/name", json!("Everything"), "/name", "object_expected"),
        ("/name/en", json!(" \n "), "/name/en", "empty_text"),
        ("/name/de", json!("ä".repeat(121)), "/name/de", "text_too_long"),
        ("/name/de", json!("a\u{202E}b"), "/name/de", "unfit_character"),
        ("/name/fr", json!("Tout"), "/name/fr", "unknown_field"),
        ("/description/en", json!("x".repeat(1_001)), "/description/en", "text_too_long"),
        ("/a~b~1c", json!(1), "/a~0b~01c", "unknown_field"),
        ("/time_zone", json!("Europe/Bielefeld"), "/time_zone", "invalid_time_zone"),
        ("/season", json!("decade"), "/season", "invalid_value"),
        ("/season", json!({ "custom": [] }), "/season/custom", "empty_list"),
        ("/season/custom/1/from", json!("2026-05-31"), "/season/custom/1/from", "seasons_overlap"),
        ("/season/custom/1/until", json!("2026-09-01"), "/season/custom/1/until", "invalid_interval"),
        ("/season/custom/1/from", json!("2026-9-1"), "/season/custom/1/from", "invalid_date"),
        ("/season/custom/1/until", json!("3000-01-01"), "/season/custom/1/until", "invalid_date"),
        ("/season/custom/1/code", json!("spring"), "/season/custom/1/code", "duplicate_code"),
        ("/year_starts", json!("02-30"), "/year_starts", "invalid_date"),
        ("/grace_days", json!(61), "/grace_days", "whole_number_expected"),
        ("/grace_days", json!(2.5), "/grace_days", "whole_number_expected"),
        ("/working_days/1", json!("Wednesday"), "/working_days/1", "invalid_value"),
        ("/working_days", json!([]), "/working_days", "empty_list"),
        ("/audience/teams/1", json!("ghosts"), "/audience/teams/1", "unknown_team"),
        ("/audience/roles/0", json!("chief"), "/audience/roles/0", "invalid_value"),
        ("/audience/teams", json!("support"), "/audience/teams", "list_expected"),
        ("/boosts", json!([{ "code": "advent" }]), "/boosts", "not_available"),
        ("/contests", json!([{}]), "/contests", "not_available"),
    ]);
}

#[test]
fn in_rules() {
    check(vec![
        ("/rules/1/code", json!("fixed"), "/rules/1/code", "duplicate_code"),
        ("/rules/0/on", json!([]), "/rules/0/on", "empty_list"),
        ("/rules/0/on/1", json!("Umfrage!"), "/rules/0/on/1", "invalid_code"),
        ("/rules/0/on/1", json!(7), "/rules/0/on/1", "text_expected"),
        ("/rules/0/points", json!(7), "/rules/0/points", "unknown_field"),
        ("/rules/0/streak", json!({ "length": 5 }), "/rules/0/streak", "not_available"),
        ("/rules/0/goal", json!({}), "/rules/0/goal", "not_available"),
        ("/rules/0/guard", json!({}), "/rules/0/guard", "not_available"),
        ("/rules/0/for", json!("team"), "/rules/0/for", "not_available"),
        ("/rules/0/for", json!("everybody"), "/rules/0/for", "invalid_value"),
        ("/rules/0/award/to", json!("team"), "/rules/0/award/to", "not_available"),
        ("/rules/0/award/min_days", json!(5), "/rules/0/award/min_days", "not_available"),
        ("/rules/0/award", json!({}), "/rules/0/award", "empty_award"),
        ("/rules/0/award/badge", json!("moon"), "/rules/0/award/badge", "unknown_badge"),
        ("/rules/0/limits/0", json!({ "per": "day" }), "/rules/0/limits/0", "limit_expected"),
        ("/rules/0/limits/0/times", json!(3), "/rules/0/limits/0", "limit_expected"),
        ("/rules/0/limits/0/points", json!(0), "/rules/0/limits/0/points", "whole_number_expected"),
        ("/rules/0/limits/1/times", json!(-1), "/rules/0/limits/1/times", "whole_number_expected"),
        ("/rules/0/limits/0/per", json!("hour"), "/rules/0/limits/0/per", "invalid_value"),
        ("/rules/0/limits", json!(vec![json!({ "per": "day", "times": 1 }); 11]), "/rules/0/limits", "too_many"),
        ("/rules/0/cooldown", json!("4 hours"), "/rules/0/cooldown", "invalid_duration"),
        ("/rules", json!(vec![parsed(EVERYTHING)["rules"][1].clone(); 201]), "/rules", "too_many"),
    ]);
}

#[test]
fn in_points() {
    let at = "/rules/0/award/points";
    let inside = |rest: &str| format!("{at}{rest}");
    let zones = |corners: Value| json!({ "measure": "quality", "zones": corners });
    let steps = |steps: Value| json!({ "measure": "quality", "steps": steps });
    check(vec![
        (at, json!(-1), at, "whole_number_expected"),
        (at, json!(1.5), at, "whole_number_expected"),
        (at, json!(1_000_000_000_001_i64), at, "whole_number_expected"),
        (at, json!("many"), at, "points_expected"),
        (at, json!({ "measure": "quality" }), at, "points_expected"),
        (at, json!({ "measure": "quality", "times": 1, "zones": [[1, 1]] }), at, "points_expected"),
        (at, json!({ "times": 1 }), at, "missing_field"),
        (at, json!({ "measure": "mood", "times": 1 }), &inside("/measure"), "unknown_measure"),
        (at, json!({ "measure": "goal", "steps": [[1, 1]] }), &inside("/measure"), "not_available"),
        (at, json!({ "measure": "quality", "times": -0.00001 }), &inside("/times"), "invalid_number"),
        (at, json!({ "measure": "quality", "times": 1e300 }), &inside("/times"), "number_expected"),
        (at, zones(json!([])), &inside("/zones"), "empty_list"),
        (at, zones(json!([[1, 2, 3]])), &inside("/zones/0"), "pair_expected"),
        (at, zones(json!([[1, 2], [0.5, 3]])), &inside("/zones/1"), "zones_not_ascending"),
        (at, zones(json!([[1, 2], [1, 3], [1, 4]])), &inside("/zones/2"), "zones_not_ascending"),
        (at, zones(json!([[1, -2]])), &inside("/zones/0/1"), "invalid_number"),
        (at, steps(json!([[80, 1], [80, 2]])), &inside("/steps/1"), "not_ascending"),
        (at, steps(json!([[101, 1]])), &inside("/steps/0/0"), "outside_scale"),
        (at, steps(json!([[80, 0.5]])), &inside("/steps/0/1"), "whole_number_expected"),
        (at, json!({ "by": { "attribute": "a" }, "cases": { "x": 1 } }), at, "missing_field"),
        (at, json!({ "by": { "attribute": "a" }, "cases": {}, "else": 1 }), &inside("/cases"), "empty_list"),
        (
            at,
            json!({ "by": { "attribute": "a" }, "cases": { "x/y": "no" }, "else": 1 }),
            &inside("/cases/x~1y"),
            "points_expected",
        ),
        (
            at,
            json!({ "by": { "attribute": "a" }, "cases": { "x": 1, "x ": 2 }, "else": 1 }),
            &inside("/cases/x "),
            "duplicate_code",
        ),
        (
            at,
            json!({ "by": { "attribute": "a\0" }, "cases": { "x": 1 }, "else": 1 }),
            &inside("/by/attribute"),
            "nul_character",
        ),
    ]);
}

#[test]
fn in_conditions() {
    let at = "/rules/0/when";
    let inside = |rest: &str| format!("{at}{rest}");
    check(vec![
        (at, json!([]), at, "object_expected"),
        (at, json!({}), at, "condition_expected"),
        (at, json!({ "measure": "csat", "weekday": ["mon"], "at_least": 1 }), at, "condition_expected"),
        (at, json!({ "all": [] }), &inside("/all"), "empty_list"),
        (at, json!({ "any": [{ "not": 5 }] }), &inside("/any/0/not"), "object_expected"),
        (at, json!({ "measure": "csat" }), at, "condition_without_test"),
        (at, json!({ "measure": "csat", "at_least": 4, "at_leest": 4 }), &inside("/at_leest"), "unknown_field"),
        (at, json!({ "measure": "csat", "at_least": "4" }), &inside("/at_least"), "number_expected"),
        (at, json!({ "measure": "csat", "at_least": 40 }), &inside("/at_least"), "outside_scale"),
        (at, json!({ "measure": "mood", "at_least": 40 }), &inside("/measure"), "unknown_measure"),
        (at, json!({ "attribute": "", "exists": true }), &inside("/attribute"), "empty_text"),
        (at, json!({ "attribute": "a", "exists": "yes" }), &inside("/exists"), "invalid_value"),
        (at, json!({ "attribute": "a", "in": [null] }), &inside("/in/0"), "value_expected"),
        (at, json!({ "attribute": "a", "in": vec![1; 201] }), &inside("/in"), "too_many"),
        (at, json!({ "field": "agent", "in": ["x"] }), &inside("/field"), "invalid_value"),
        (at, json!({ "field": "kind", "in": ["No Kind"] }), &inside("/in/0"), "invalid_code"),
        (at, json!({ "field": "source", "in": ["no source"] }), &inside("/in/0"), "invalid_identifier"),
        (at, json!({ "field": "channel" }), at, "condition_without_test"),
        (at, json!({ "weekday": ["someday"] }), &inside("/weekday/0"), "invalid_value"),
        (
            at,
            json!({ "local_time": { "from": "24:00", "until": "06:00" } }),
            &inside("/local_time/from"),
            "invalid_date",
        ),
        (at, json!({ "local_time": { "from": "06:00", "until": "06:00" } }), &inside("/local_time"), "empty_time_span"),
    ]);
}

#[test]
fn in_badges_tiers_and_boards() {
    check(vec![
        ("/badges/0/image", json!("javascript:alert(1)"), "/badges/0/image", "invalid_address"),
        ("/badges/0/image", json!("//elsewhere.example/x.png"), "/badges/0/image", "invalid_address"),
        ("/badges/2", parsed(EVERYTHING)["badges"][0].clone(), "/badges/2/code", "duplicate_code"),
        ("/tiers/1/at", json!(0), "/tiers/1/at", "not_ascending"),
        ("/tiers/1/at", json!(-5), "/tiers/1/at", "whole_number_expected"),
        ("/tiers/1/badge", json!("moon"), "/tiers/1/badge", "unknown_badge"),
        ("/tiers/1/reward", json!("gift-card-50"), "/tiers/1/reward", "not_available"),
        ("/boards/0/rank", json!("kudos"), "/boards/0/rank", "not_available"),
        ("/boards/0/rank", json!({ "measure": "csat" }), "/boards/0/rank", "not_available"),
        ("/boards/0/rank", json!("height"), "/boards/0/rank", "invalid_value"),
        ("/boards/0/weight", json!(10), "/boards/0/weight", "not_available"),
        ("/boards/0/show", json!({ "top": 3 }), "/boards/0/show", "not_available"),
        ("/boards/0/show", json!("nobody"), "/boards/0/show", "invalid_value"),
        ("/boards/0/combine", json!("own"), "/boards/0/combine", "combine_for_persons"),
        ("/boards/2/combine", json!("max"), "/boards/2/combine", "invalid_value"),
        ("/boards/0/period", json!("decade"), "/boards/0/period", "invalid_value"),
        ("/boards/0/period/days", json!(367), "/boards/0/period/days", "whole_number_expected"),
        ("/boards/0/subject", json!("site"), "/boards/0/subject", "invalid_value"),
    ]);
}

#[test]
fn in_what_is_missing() {
    for pointer in [
        "/language",
        "/code",
        "/name",
        "/time_zone",
        "/season",
        "/rules",
        "/name/de",
        "/season/custom/0/until",
        "/rules/0/code",
        "/rules/0/name",
        "/rules/0/name/en",
        "/rules/0/on",
        "/rules/0/award",
        "/rules/0/limits/1/per",
        "/tiers/0/at",
        "/badges/0/name",
        "/boards/0/rank",
        "/boards/0/subject",
        "/boards/0/period",
    ] {
        let mut document = parsed(EVERYTHING);
        remove(&mut document, pointer);
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let findings = read(&document, &World::new()).unwrap_err();
        assert_eq!(findings, [Finding::new(parent, ProblemCode::MissingField).with("field", field)]);
    }
}

#[test]
fn all_are_found_at_once_and_said_in_both_languages() {
    let mut document = parsed(EVERYTHING);
    put(&mut document, "/rules/0/award/badge", json!("moon"));
    put(&mut document, "/rules/1/on", json!([]));
    put(&mut document, "/tiers/1/at", json!(0));
    let findings = read(&document, &World::new()).unwrap_err();
    let places: Vec<_> = findings.iter().map(|finding| finding.pointer.as_str()).collect();
    assert_eq!(places, ["/rules/0/award/badge", "/rules/1/on", "/tiers/1/at"]);
    assert_eq!(
        findings[0].detail(Language::En),
        "No badge moon is declared under badges. Declare it there, or correct the code."
    );
    assert_eq!(
        findings[0].detail(Language::De),
        "Unter badges steht kein Abzeichen moon. Tragen Sie es dort ein oder berichtigen Sie den Code."
    );
}

#[test]
fn findings_are_few_and_short_whatever_is_sent() {
    let mut document = parsed(EVERYTHING);
    let wrong = json!({ "attribute": "a", "exists": "yes" });
    put(&mut document, "/rules/0/when", json!({ "any": vec![wrong; 199] }));
    put(&mut document, "/rules/0/award/badge", json!("moon\0".repeat(100_000)));
    put(&mut document, "/rules/1/award/badge", json!("moon".repeat(100_000)));
    assert_eq!(read(&document, &World::new()).unwrap_err().len(), reader::MOST_FINDINGS);
    put(&mut document, "/rules/0/when", json!({ "weekday": ["mon"] }));
    let findings = read(&document, &World::new()).unwrap_err();
    assert_eq!(findings.len(), 2);
    assert!(findings.iter().all(|finding| finding.detail(Language::De).len() < 250));
}

#[test]
fn nesting_is_bounded() {
    let leaf = json!({ "weekday": ["mon"] });
    let condition = |levels: usize| (1..levels).fold(leaf.clone(), |inner, _| json!({ "not": inner }));
    let points = |levels: usize| {
        (1..levels).fold(json!(1), |inner, _| json!({ "by": { "attribute": "a" }, "cases": { "x": 1 }, "else": inner }))
    };
    let wide = |parts: usize| json!({ "all": [{ "any": vec![leaf.clone(); parts - 3] }, leaf] });
    for (pointer, fits, does_not) in [
        ("/rules/0/when", condition(8), condition(9)),
        ("/rules/0/when", condition(8), condition(2_000)),
        ("/rules/0/when", wide(200), wide(201)),
        ("/rules/0/award/points", points(8), points(9)),
        ("/rules/0/award/points", points(8), points(2_000)),
    ] {
        let mut document = parsed(EVERYTHING);
        put(&mut document, pointer, fits);
        assert!(read(&document, &World::new()).is_ok(), "{pointer}");
        put(&mut document, pointer, does_not);
        assert_eq!(refused(&document), [(pointer.to_owned(), "too_deep")]);
    }
}

#[test]
fn in_what_is_no_document() {
    for value in [json!(null), json!([]), json!("text"), json!(1)] {
        assert_eq!(refused(&value), [(String::new(), "object_expected")]);
    }
}
