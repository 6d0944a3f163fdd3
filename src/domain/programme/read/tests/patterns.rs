//! What streaks, goals, guards, boosts, boards and contests become.

use super::*;
use crate::domain::period::DaySpan;

fn rule(code: &str) -> Rule {
    let Read { programme, .. } = taken(EVERYTHING);
    programme.rules.into_iter().find(|rule| rule.code.as_str() == code).unwrap()
}

/// A goal for the end of a period, met once.
fn at_end(quantity: Quantity, target: Target, samples: u32, per: Per) -> Goal {
    Goal { quantity, target, samples, per, decided: Decided::AtEnd, repeat: Repeat::Once }
}

fn at_least(text: &str) -> Target {
    Target::AtLeast(decimal(text))
}

fn of(measure: &str, aggregate: Aggregate) -> Quantity {
    Quantity::Measure(measure.to_owned(), aggregate)
}

#[test]
fn streaks() {
    let row = rule("row");
    let good = Condition::Measure("quality".to_owned(), vec![comparison(Operator::AtLeast, "90")]);
    assert_eq!(row.pattern, Pattern::Streak(Streak { length: 5, of: good }));
    assert_eq!((row.limits.len(), row.cooldown), (1, Some(TimeDelta::days(1))));
    let few = at_end(Quantity::Signals, Target::AtMost(decimal("2")), 1, Per::Season);
    assert_eq!(row.guard, Some(Guard { on: vec!["complaint".to_owned(), "survey".to_owned()], goal: few }));
    let passed = AttributeTest::In(vec![AttributeValue::Bool(true)]);
    let passed = Condition::Attribute("passed".to_owned(), vec![passed]);
    assert_eq!(rule("days").pattern, Pattern::DayStreak(Streak { length: 10, of: passed }));
}

#[test]
fn goals() {
    let mean = rule("mean");
    assert_eq!(mean.pattern, Pattern::Goal(at_end(of("quality", Aggregate::Mean), at_least("90"), 8, Per::Month)));
    let corners = vec![(decimal("90"), decimal("100")), (decimal("100"), decimal("500"))];
    assert_eq!(mean.award.points, Some(PointsFormula::Zones { over: Over::Goal, corners }));
    let satisfied = Aggregate::ShareSatisfied(comparison(Operator::AtLeast, "4"));
    let goal = at_end(of("csat", satisfied), at_least("0.8"), 4, Per::Month);
    assert_eq!(mean.guard, Some(Guard { on: vec!["survey".to_owned()], goal }));
    let fast = Condition::Measure("answer_seconds".to_owned(), vec![comparison(Operator::AtMost, "60")]);
    let share = at_end(Quantity::Share(fast), at_least("0.8"), 1, Per::Quarter);
    assert_eq!(rule("share").pattern, Pattern::Goal(share));
    let distinct = at_end(Quantity::Distinct("course".to_owned()), at_least("5"), 1, Per::HalfYear);
    assert_eq!(rule("distinct").pattern, Pattern::Goal(distinct));
    let nps = at_end(of("nps", Aggregate::Nps), at_least("-20.5"), 1, Per::Year);
    assert_eq!(rule("nps").pattern, Pattern::Goal(nps));
}

#[test]
fn what_never_falls_is_decided_when_it_is_reached() {
    let reached = |quantity, target, per| Goal {
        decided: Decided::WhenReached,
        repeat: Repeat::EachMultiple,
        ..at_end(quantity, target, 1, per)
    };
    let again = reached(Quantity::Signals, at_least("5"), Per::Week);
    assert_eq!(rule("again").pattern, Pattern::Goal(again));
    let team = reached(of("handle_seconds", Aggregate::Sum), at_least("1000.5"), Per::Day);
    assert_eq!(rule("team").pattern, Pattern::TeamGoal(team, TeamPayee::Team));
    // Members are known at the end.
    let members = at_end(of("csat", Aggregate::Count), at_least("3"), 1, Per::Month);
    assert_eq!(rule("members").pattern, Pattern::TeamGoal(members, TeamPayee::Members { min_days: 10 }));
    for (goal, decided) in [
        (serde_json::json!({ "aggregate": "count", "at_most": 5, "per": "day" }), Decided::AtEnd),
        (
            serde_json::json!({ "measure": "csat", "aggregate": "count", "at_least": 5, "per": "day" }),
            Decided::WhenReached,
        ),
        (
            serde_json::json!({ "measure": "csat", "aggregate": "sum", "at_least": 5, "per": "day" }),
            Decided::WhenReached,
        ),
        (serde_json::json!({ "measure": "csat", "aggregate": "sum", "at_most": 5, "per": "day" }), Decided::AtEnd),
        (
            serde_json::json!({ "measure": "below_zero", "aggregate": "sum", "at_least": 5, "per": "day" }),
            Decided::AtEnd,
        ),
        (serde_json::json!({ "measure": "csat", "aggregate": "max", "at_least": 5, "per": "day" }), Decided::AtEnd),
    ] {
        let mut document = parsed(EVERYTHING);
        document["rules"] = serde_json::json!([{ "code": "goal", "name": { "en": "Goal", "de": "Ziel" },
            "on": ["survey"], "goal": goal, "award": { "points": 1 } }]);
        document["boosts"] = serde_json::json!([]);
        let Read { programme, .. } = read(&document, &World::new()).unwrap();
        assert_eq!(programme.rules[0].pattern.goal().map(|goal| goal.decided), Some(decided), "{goal}");
    }
}

#[test]
fn boosts_boards_and_contests() {
    let Read { programme, .. } = taken(EVERYTHING);
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let [boost] = programme.boosts.as_slice() else { panic!("one boost") };
    assert_eq!((boost.from, boost.until, boost.factor), (day("2026-12-01"), day("2026-12-25"), decimal("1.25")));
    assert_eq!(boost.rules.iter().map(Code::as_str).collect::<Vec<_>>(), ["fixed", "row"]);
    assert!(boost.when.is_some());
    let shown: Vec<_> = programme.boards.iter().skip(2).map(|board| (board.rank.clone(), board.show)).collect();
    let csat =
        Rank::Measure { measure: "csat".to_owned(), min_samples: 10, prior: Some((decimal("4.2"), decimal("5"))) };
    let expected =
        [(Rank::Points, Show::Named), (csat, Show::Top(10)), (Rank::Kudos, Show::Alias), (Rank::Points, Show::Own)];
    assert_eq!(shown, expected);
    let [monthly, once] = programme.contests.as_slice() else { panic!("two contests") };
    assert_eq!((monthly.runs, monthly.qualify_samples), (ContestRuns::Per(Per::Month), 20));
    let ranks = |contest: &Contest| contest.prizes.iter().map(|prize| (prize.first, prize.last)).collect::<Vec<_>>();
    assert_eq!((ranks(monthly), ranks(once)), (vec![(1, 1), (2, 3)], vec![(1, 5)]));
    let span = DaySpan { first: day("2026-12-01"), until: day("2026-12-25") };
    assert_eq!((once.runs, once.qualify_samples), (ContestRuns::Days(span), 1));
    assert_eq!(programme.tiers[1].reward.as_ref().map(Code::as_str), Some("gift-card-50"));
}

#[test]
fn every_name_from_outside_is_told() {
    let Read { programme, .. } = taken(EVERYTHING);
    let measures: Vec<_> = programme.measures().into_iter().collect();
    let expected = ["answer_seconds", "csat", "handle_seconds", "hold_seconds", "nps", "quality"];
    assert_eq!(measures, expected);
    let expected = programme.expects();
    for place in expected.kinds.iter().chain(&expected.attributes) {
        let found = parsed(EVERYTHING).pointer(&place.pointer).cloned();
        assert_eq!(found, Some(Value::from(place.name.as_str())), "{}", place.pointer);
    }
    let named: Vec<_> = expected.attributes.iter().map(|place| place.pointer.as_str()).collect();
    let patterns =
        ["/rules/6/when/attribute", "/rules/7/streak/of/attribute", "/rules/10/goal/count_distinct/attribute"];
    assert!(patterns.iter().all(|pointer| named.contains(pointer)), "{named:?}");
    assert!(named.contains(&"/boosts/0/when/attribute"), "{named:?}");
}
