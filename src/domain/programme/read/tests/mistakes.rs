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
    ]);
}

#[test]
fn in_rules() {
    let mut too_many = parsed(EVERYTHING)["rules"].as_array().unwrap().clone();
    too_many.resize(201, too_many[1].clone());
    check(vec![
        ("/rules/1/code", json!("fixed"), "/rules/1/code", "duplicate_code"),
        ("/rules/0/on", json!([]), "/rules/0/on", "empty_list"),
        ("/rules/0/on/1", json!("Umfrage!"), "/rules/0/on/1", "invalid_code"),
        ("/rules/0/on/1", json!(7), "/rules/0/on/1", "text_expected"),
        ("/rules/0/points", json!(7), "/rules/0/points", "unknown_field"),
        ("/rules/0/for", json!("everybody"), "/rules/0/for", "invalid_value"),
        ("/rules/0/award", json!({}), "/rules/0/award", "empty_award"),
        ("/rules/0/award/badge", json!("moon"), "/rules/0/award/badge", "unknown_badge"),
        ("/rules/0/limits/0", json!({ "per": "day" }), "/rules/0/limits/0", "limit_expected"),
        ("/rules/0/limits/0/times", json!(3), "/rules/0/limits/0", "limit_expected"),
        ("/rules/0/limits/0/points", json!(0), "/rules/0/limits/0/points", "whole_number_expected"),
        ("/rules/0/limits/1/times", json!(-1), "/rules/0/limits/1/times", "whole_number_expected"),
        ("/rules/0/limits/0/per", json!("hour"), "/rules/0/limits/0/per", "invalid_value"),
        ("/rules/0/limits", json!(vec![json!({ "per": "day", "times": 1 }); 11]), "/rules/0/limits", "too_many"),
        ("/rules/0/cooldown", json!("4 hours"), "/rules/0/cooldown", "invalid_duration"),
        ("/rules", json!(too_many), "/rules", "too_many"),
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
        (at, json!({ "measure": "goal", "steps": [[1, 1]] }), &inside("/measure"), "no_goal_here"),
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
        ("/boards/0/rank", json!("height"), "/boards/0/rank", "invalid_value"),
        ("/boards/0/show", json!("nobody"), "/boards/0/show", "invalid_value"),
        ("/boards/0/combine", json!("own"), "/boards/0/combine", "combine_for_persons"),
        ("/boards/2/combine", json!("max"), "/boards/2/combine", "invalid_value"),
        ("/boards/0/period", json!("decade"), "/boards/0/period", "invalid_value"),
        ("/boards/0/period/days", json!(367), "/boards/0/period/days", "whole_number_expected"),
        ("/boards/0/subject", json!("site"), "/boards/0/subject", "invalid_value"),
    ]);
}

#[test]
fn in_streaks_and_teams() {
    let days = "/rules/7/streak";
    let inside = |rest: &str| format!("{days}{rest}");
    check(vec![
        (&inside("/length"), json!(0), &inside("/length"), "whole_number_expected"),
        (&inside("/length"), json!(10_001), &inside("/length"), "whole_number_expected"),
        (&inside("/unit"), json!("week"), &inside("/unit"), "invalid_value"),
        (&inside("/of"), json!({}), &inside("/of"), "condition_expected"),
        (&inside("/until"), json!(1), &inside("/until"), "unknown_field"),
        ("/rules/7/goal", json!({ "aggregate": "count", "at_least": 1, "per": "day" }), "/rules/7/goal", "at_most_one"),
        ("/rules/7/for", json!("team"), "/rules/7/for", "goes_only_with"),
        ("/rules/7/award/to", json!("team"), "/rules/7/award/to", "goes_only_with"),
        ("/rules/7/award/min_days", json!(5), "/rules/7/award/min_days", "goes_only_with"),
        ("/rules/13/award/to", json!("all"), "/rules/13/award/to", "invalid_value"),
        ("/rules/13/award/min_days", json!(5), "/rules/13/award/min_days", "goes_only_with"),
        ("/rules/14/award/min_days", json!(0), "/rules/14/award/min_days", "whole_number_expected"),
        ("/rules/13/goal/aggregate", json!("min"), "/rules/13/goal/aggregate", "not_for_teams"),
        ("/rules/14/goal/aggregate", json!("max"), "/rules/14/goal/aggregate", "not_for_teams"),
        ("/rules/13/guard/goal/aggregate", json!("max"), "/rules/13/guard/goal/aggregate", "not_for_teams"),
        (
            "/rules/13/guard/goal",
            json!({ "count_distinct": { "attribute": "course" }, "at_least": 1, "per": "day" }),
            "/rules/13/guard/goal/count_distinct",
            "not_for_teams",
        ),
    ]);
}

#[test]
fn in_goals_and_guards() {
    let mean = |rest: &str| format!("/rules/8/goal{rest}");
    let guard = |rest: &str| format!("/rules/8/guard{rest}");
    let points = "/rules/8/award/points";
    let (at_8, at_least) = ("/rules/8/goal", mean("/at_least"));
    check(vec![
        (at_8, json!({ "at_least": 1, "per": "day" }), at_8, "exactly_one"),
        (&mean("/share"), json!({ "weekday": ["mon"] }), at_8, "exactly_one"),
        (at_8, json!({ "aggregate": "mean", "at_least": 1, "per": "day" }), at_8, "missing_field"),
        (at_8, json!({ "measure": "csat", "at_least": 1, "per": "day" }), at_8, "missing_field"),
        (at_8, json!({ "aggregate": "count", "per": "day" }), at_8, "exactly_one"),
        (at_8, json!({ "aggregate": "count", "at_least": 1 }), at_8, "missing_field"),
        (&mean("/at_most"), json!(90), at_8, "exactly_one"),
        (&mean("/measure"), json!("mood"), &mean("/measure"), "unknown_measure"),
        (&mean("/aggregate"), json!("median"), &mean("/aggregate"), "invalid_value"),
        (&mean("/aggregate"), json!("share_satisfied"), &mean("/aggregate"), "measure_without_threshold"),
        (&mean("/aggregate"), json!("nps"), &mean("/aggregate"), "not_an_nps_scale"),
        (&at_least, json!(100.5), &at_least, "outside_scale"),
        (&mean("/samples"), json!(0), &mean("/samples"), "whole_number_expected"),
        (&mean("/per"), json!("all"), &mean("/per"), "invalid_value"),
        (&mean("/repeat"), json!(true), &mean("/repeat"), "goes_only_with"),
        (&mean("/repeat"), json!(1), &mean("/repeat"), "invalid_value"),
        ("/rules/9/goal/at_least", json!(80), "/rules/9/goal/at_least", "invalid_number"),
        ("/rules/9/goal/share", json!(80), "/rules/9/goal/share", "object_expected"),
        ("/rules/10/goal/repeat", json!(true), "/rules/10/goal/repeat", "goes_only_with"),
        ("/rules/10/goal/at_least", json!(2.5), "/rules/10/goal/at_least", "invalid_number"),
        ("/rules/11/goal/at_least", json!(0), "/rules/11/goal/at_least", "invalid_number"),
        ("/rules/12/goal/at_least", json!(101), "/rules/12/goal/at_least", "invalid_number"),
        ("/rules/13/goal/at_least", json!(0), "/rules/13/goal/at_least", "invalid_number"),
        ("/rules/8/limits", json!([{ "per": "day", "times": 1 }]), "/rules/8/limits", "not_on_goals"),
        ("/rules/8/cooldown", json!("P1D"), "/rules/8/cooldown", "not_on_goals"),
        (points, json!({ "measure": "quality", "times": 1 }), "/rules/8/award/points/measure", "no_signal_here"),
        (
            points,
            json!({ "by": { "attribute": "a" }, "cases": { "x": 1 }, "else": 1 }),
            "/rules/8/award/points/by",
            "no_signal_here",
        ),
        (&guard("/goal/repeat"), json!(false), &guard("/goal/repeat"), "unknown_field"),
        (&guard("/goal/at_least"), json!(80), &guard("/goal/at_least"), "invalid_number"),
        (&guard("/on"), json!([]), &guard("/on"), "empty_list"),
        (&guard("/on/0"), json!("Umfrage!"), &guard("/on/0"), "invalid_code"),
        (&guard("/when"), json!({}), &guard("/when"), "unknown_field"),
    ]);
}

#[test]
fn in_boosts_and_contests() {
    let boost = |rest: &str| format!("/boosts/0{rest}");
    let contest = |rest: &str| format!("/contests/0{rest}");
    let too_many = vec![parsed(EVERYTHING)["boosts"][0].clone(); 51];
    check(vec![
        ("/boosts", json!(too_many), "/boosts", "too_many"),
        (&boost("/until"), json!("2026-12-01"), &boost("/until"), "invalid_interval"),
        (&boost("/from"), json!("1999-12-01"), &boost("/from"), "invalid_date"),
        (&boost("/rules"), json!([]), &boost("/rules"), "empty_list"),
        (&boost("/rules/0"), json!("ghost"), &boost("/rules/0"), "unknown_name"),
        (&boost("/rules/0"), json!("mean"), &boost("/rules/0"), "not_on_goals"),
        (&boost("/rules/0"), json!("row"), &boost("/rules/1"), "duplicate_code"),
        (&boost("/factor"), json!(0), &boost("/factor"), "invalid_factor"),
        (&boost("/factor"), json!(-1), &boost("/factor"), "invalid_factor"),
        (&boost("/factor"), json!(1.255), &boost("/factor"), "invalid_factor"),
        (&boost("/factor"), json!(1.500_01), &boost("/factor"), "invalid_factor"),
        (&boost("/factor"), json!(100.01), &boost("/factor"), "invalid_factor"),
        (&boost("/when"), json!({ "weekday": [] }), &boost("/when/weekday"), "empty_list"),
        (&contest("/board"), json!("ghost"), &contest("/board"), "unknown_name"),
        (&contest("/from"), json!("2026-12-01"), "/contests/0", "exactly_one"),
        (&contest("/per"), json!("all"), &contest("/per"), "invalid_value"),
        ("/contests/1/until", json!("2026-11-30"), "/contests/1/until", "invalid_interval"),
        (&contest("/qualify"), json!({}), &contest("/qualify"), "missing_field"),
        (&contest("/qualify/samples"), json!(0), &contest("/qualify/samples"), "whole_number_expected"),
        (&contest("/prizes"), json!([]), &contest("/prizes"), "empty_list"),
        (&contest("/prizes/1/ranks"), json!([1, 3]), &contest("/prizes/1/ranks"), "invalid_ranks"),
        (&contest("/prizes/1/ranks"), json!([3, 2]), &contest("/prizes/1/ranks"), "invalid_ranks"),
        (&contest("/prizes/1/ranks"), json!(2), &contest("/prizes/1/ranks"), "invalid_ranks"),
        (&contest("/prizes/1/ranks/1"), json!(10_001), &contest("/prizes/1/ranks/1"), "whole_number_expected"),
        (&contest("/prizes/1"), json!({ "ranks": [2, 3] }), &contest("/prizes/1"), "empty_prize"),
        (&contest("/prizes/0/badge"), json!("moon"), &contest("/prizes/0/badge"), "unknown_badge"),
        (&contest("/prizes/0/reward"), json!("A card"), &contest("/prizes/0/reward"), "invalid_code"),
        (&contest("/ties"), json!("first"), &contest("/ties"), "invalid_value"),
    ]);
}

#[test]
fn in_boards_of_measures() {
    check(vec![
        ("/boards/3/rank/measure", json!("mood"), "/boards/3/rank/measure", "unknown_measure"),
        ("/boards/3/period", json!("week"), "/boards/3/period", "short_measure_board"),
        ("/boards/3/period", json!({ "days": 90 }), "/boards/3/period", "short_measure_board"),
        ("/boards/3/min_samples", json!(0), "/boards/3/min_samples", "whole_number_expected"),
        ("/boards/3/weight", json!(-1), "/boards/3/weight", "invalid_number"),
        ("/boards/3/show/top", json!(0), "/boards/3/show/top", "whole_number_expected"),
        ("/boards/4/min_samples", json!(1), "/boards/4/min_samples", "goes_only_with"),
        ("/boards/0/weight", json!(1), "/boards/0/weight", "goes_only_with"),
    ]);
    let mut document = parsed(EVERYTHING);
    remove(&mut document, "/boards/3/prior");
    assert_eq!(refused(&document), [("/boards/3/weight".to_owned(), "goes_only_with")]);
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
        "/rules/6/streak/length",
        "/rules/6/streak/of",
        "/rules/8/goal/per",
        "/rules/8/guard/on",
        "/rules/8/guard/goal",
        "/rules/8/guard/goal/per",
        "/contests/0/board",
        "/contests/0/prizes",
        "/contests/0/prizes/0/ranks",
        "/contests/1/until",
        "/tiers/0/at",
        "/badges/0/name",
        "/boards/0/rank",
        "/boards/0/subject",
        "/boards/0/period",
    ] {
        let mut document = parsed(EVERYTHING);
        // A boost would miss the rules that it names.
        remove(&mut document, "/boosts");
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
