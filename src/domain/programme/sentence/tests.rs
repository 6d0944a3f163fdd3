//! What rules read like.

use chrono::TimeDelta;

use super::*;
use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::period::Per;
use crate::domain::programme::{
    Aggregate, AttributeTest, Comparison, Decided, Field, Goal, Guard, LimitPer, Operator, Over, PointsFormula,
    Quantity, Repeat, Target, TeamPayee,
};
use crate::domain::signal::AttributeValue;

fn decimal(text: &str) -> Decimal4 {
    Decimal4::parse(text).unwrap()
}

fn rule(on: &[&str], when: Option<Condition>, points: PointsFormula) -> Rule {
    Rule {
        code: Code::new("rule").unwrap(),
        name: Localised { en: "Rule".to_owned(), de: "Regel".to_owned() },
        description: None,
        on: on.iter().map(|kind| (*kind).to_owned()).collect(),
        when,
        pattern: Pattern::Each,
        award: AwardTerms { points: Some(points), badge: None },
        limits: Vec::new(),
        cooldown: None,
        guard: None,
    }
}

fn reads(rule: &Rule, en: &str, de: &str) {
    assert_eq!(sentence(rule, Language::En), en);
    assert_eq!(sentence(rule, Language::De), de);
}

fn csat(operator: Operator, operand: &str) -> Condition {
    Condition::Measure("csat".to_owned(), vec![Comparison { operator, operand: decimal(operand) }])
}

fn channel(names: &[&str]) -> Condition {
    Condition::Field(Field::Channel, names.iter().map(|name| (*name).to_owned()).collect())
}

#[test]
fn limits_and_cooldowns() {
    let mut plain = rule(&["survey"], Some(csat(Operator::AtLeast, "4")), PointsFormula::Fixed(Points(20)));
    plain.limits = vec![Limit { per: LimitPer::Period(Per::Day), most: LimitMost::Points(Points(200)) }];
    reads(
        &plain,
        "For each survey with csat at least 4: 20 points, at most 200 points a day.",
        "Für jede Umfrageantwort mit csat mindestens 4: 20 Punkte, höchstens 200 Punkte pro Tag.",
    );
    plain.award.points = Some(PointsFormula::Fixed(Points(1)));
    plain.award.badge = Code::new("star");
    plain.limits = vec![
        Limit { per: LimitPer::Case, most: LimitMost::Times(1) },
        Limit { per: LimitPer::Period(Per::Season), most: LimitMost::Times(12) },
    ];
    plain.cooldown = Some(TimeDelta::hours(36));
    reads(
        &plain,
        "For each survey with csat at least 4: 1 point and the badge star, at most once per case, at most 12 times a season, \
         again after 1 day and 12 hours at the earliest.",
        "Für jede Umfrageantwort mit csat mindestens 4: 1 Punkt und das Abzeichen star, höchstens einmal pro Fall, \
         höchstens 12-mal pro Saison, frühestens nach 1 Tag und 12 Stunden wieder.",
    );
    plain.award.points = None;
    plain.limits.clear();
    plain.cooldown = Some(TimeDelta::minutes(1));
    reads(
        &plain,
        "For each survey with csat at least 4: the badge star, again after 1 minute at the earliest.",
        "Für jede Umfrageantwort mit csat mindestens 4: das Abzeichen star, frühestens nach 1 Minute wieder.",
    );
}

#[test]
fn kinds_and_conditions() {
    let text = |text: &str| AttributeValue::Text(text.to_owned());
    let queue = AttributeTest::In(vec![text("billing"), AttributeValue::Number(decimal("4.5")), text("sales")]);
    let when = Condition::All(vec![
        Condition::Any(vec![csat(Operator::Below, "2.5"), Condition::Not(Box::new(channel(&["phone", "chat"])))]),
        Condition::Attribute("queue".to_owned(), vec![queue]),
        Condition::Attribute("vip".to_owned(), vec![AttributeTest::Exists(false)]),
        Condition::Weekday([false, false, false, false, false, true, true]),
        Condition::LocalTime { from: 22 * 3_600, until: 6 * 3_600 + 1_800 },
    ]);
    reads(
        &rule(&["complaint", "visit"], Some(when), PointsFormula::Fixed(Points(0))),
        "For each complaint or each signal of kind visit (with csat below 2.5 or not on channel phone or chat) \
         and with queue “billing”, 4.5 or “sales” and without a value for vip and on Saturday or Sunday \
         and between 22:00 and 06:30: 0 points.",
        "Für jede Beschwerde oder jedes Signal der Art visit (mit csat unter 2,5 oder nicht über Kanal phone oder chat) \
         und mit queue „billing“, 4,5 oder „sales“ und ohne Wert für vip und am Samstag oder Sonntag \
         und zwischen 22:00 und 06:30 Uhr: 0 Punkte.",
    );
    reads(
        &rule(&["metric"], Some(Condition::All(vec![channel(&["phone"])])), PointsFormula::Fixed(Points(3))),
        "For each metric on channel phone: 3 points.",
        "Für jeden Messwert über Kanal phone: 3 Punkte.",
    );
}

#[test]
fn points() {
    let quality = || "quality".to_owned();
    let corners = vec![(decimal("70"), decimal("0")), (decimal("90.5"), decimal("30"))];
    reads(
        &rule(&["evaluation"], None, PointsFormula::Zones { over: Over::Measure(quality()), corners }),
        "For each evaluation: points by quality (70: 0; 90.5: 30; linear in between).",
        "Für jede Bewertung: Punkte nach quality (70: 0; 90,5: 30; dazwischen linear).",
    );
    let steps = vec![(decimal("80"), Points(10)), (decimal("90"), Points(30))];
    reads(
        &rule(&["training"], None, PointsFormula::Steps { over: Over::Measure(quality()), steps }),
        "For each training: points by quality (from 80: 10; from 90: 30).",
        "Für jede Schulung: Punkte nach quality (ab 80: 10; ab 90: 30).",
    );
    let times = PointsFormula::Times { over: Over::Measure(quality()), factor: decimal("0.5") };
    let by = PointsFormula::By {
        attribute: "severity".to_owned(),
        cases: vec![("high".to_owned(), PointsFormula::Fixed(Points(80)))],
        otherwise: Box::new(times),
    };
    reads(
        &rule(&["complaint_recovered"], None, by),
        "For each recovered complaint: points by severity (high: 80 points; otherwise quality × 0.5 points).",
        "Für jede gewendete Beschwerde: Punkte nach severity (high: 80 Punkte; sonst quality × 0,5 Punkte).",
    );
}

fn of(measure: &str, aggregate: Aggregate) -> Quantity {
    Quantity::Measure(measure.to_owned(), aggregate)
}

fn goal(quantity: Quantity, target: Target, samples: u32, per: Per) -> Goal {
    Goal { quantity, target, samples, per, decided: Decided::AtEnd, repeat: Repeat::Once }
}

fn at_least(text: &str) -> Target {
    Target::AtLeast(decimal(text))
}

fn about(on: &[&str], pattern: Pattern) -> Rule {
    Rule { pattern, ..rule(on, None, PointsFormula::Fixed(Points(100))) }
}

#[test]
fn streaks() {
    let streak = |length, of| Streak { length, of };
    let mut row = about(&["evaluation"], Pattern::Streak(streak(5, csat(Operator::AtLeast, "4"))));
    row.award.badge = Code::new("steady-hand");
    reads(
        &row,
        "For every 5 evaluations in a row with csat at least 4: 100 points and the badge steady-hand.",
        "Für je 5 Bewertungen in Folge mit csat mindestens 4: 100 Punkte und das Abzeichen steady-hand.",
    );
    row = about(&["metric", "visit"], Pattern::Streak(streak(1, csat(Operator::AtLeast, "4"))));
    row.when = Some(channel(&["phone"]));
    reads(
        &row,
        "For each metric or each signal of kind visit on channel phone and with csat at least 4: 100 points.",
        "Für jeden Messwert oder jedes Signal der Art visit über Kanal phone und mit csat mindestens 4: 100 Punkte.",
    );
    row = about(&["complaint_recovered", "visit"], Pattern::DayStreak(streak(10, csat(Operator::AtLeast, "4"))));
    row.when = Some(channel(&["phone"]));
    reads(
        &row,
        "For every 10 days in a row, each with at least one recovered complaint or signal of kind visit \
         on channel phone and with csat at least 4: 100 points.",
        "Für je 10 Tage in Folge mit jeweils mindestens einer gewendeten Beschwerde oder einem Signal der Art visit \
         über Kanal phone und mit csat mindestens 4: 100 Punkte.",
    );
}

#[test]
fn goals_of_a_measure() {
    let mean = goal(of("quality", Aggregate::Mean), at_least("90"), 8, Per::Month);
    let mut rule = about(&["evaluation"], Pattern::Goal(mean.clone()));
    reads(
        &rule,
        "In each month, when the mean of quality over at least 8 evaluations is at least 90: 100 points, at the end of the month.",
        "In jedem Monat, wenn der Mittelwert von quality über mindestens 8 Bewertungen mindestens 90 beträgt: 100 Punkte, \
         am Ende des Monats.",
    );
    rule.when = Some(channel(&["phone"]));
    rule.pattern = Pattern::Goal(Goal { samples: 1, per: Per::Day, target: Target::AtMost(decimal("7.5")), ..mean });
    rule.award.points = Some(PointsFormula::Steps { over: Over::Goal, steps: vec![(decimal("5"), Points(10))] });
    reads(
        &rule,
        "On each day, when the mean of quality over all evaluations on channel phone is at most 7.5: \
         points by the value reached (from 5: 10), at the end of the day.",
        "An jedem Tag, wenn der Mittelwert von quality über alle Bewertungen über Kanal phone höchstens 7,5 beträgt: \
         Punkte nach dem erreichten Wert (ab 5: 10), am Ende des Tages.",
    );
    let (en, de) = (Speaker::new(Language::En), Speaker::new(Language::De));
    let satisfied = Aggregate::ShareSatisfied(Comparison { operator: Operator::AtLeast, operand: decimal("4") });
    for (aggregate, english, german) in [
        (Aggregate::Sum, "the sum of csat at least 0.9", "die Summe von csat mindestens 0,9"),
        (Aggregate::Count, "the number of values of csat at least 0.9", "die Anzahl der Werte von csat mindestens 0,9"),
        (Aggregate::Min, "the least value of csat at least 0.9", "der kleinste Wert von csat mindestens 0,9"),
        (Aggregate::Max, "the greatest value of csat at least 0.9", "der größte Wert von csat mindestens 0,9"),
        (
            Aggregate::Nps,
            "the net promoter score of csat at least 0.9",
            "der Net Promoter Score von csat mindestens 0,9",
        ),
        (satisfied, "the share with csat at least 4 at least 90%", "der Anteil mit csat mindestens 4 mindestens 90 %"),
    ] {
        let goal = goal(of("csat", aggregate), at_least("0.9"), 1, Per::Week);
        assert_eq!((en.goal(&goal).as_str(), de.goal(&goal).as_str()), (english, german));
    }
}

#[test]
fn goals_of_signals() {
    let count = Goal { decided: Decided::WhenReached, ..goal(Quantity::Signals, at_least("5"), 1, Per::Week) };
    let goal_rule = |goal| about(&["training", "survey"], Pattern::Goal(goal));
    reads(
        &goal_rule(count.clone()),
        "In each week, when there are at least 5 trainings or surveys: 100 points.",
        "In jeder Woche, wenn es mindestens 5 Schulungen oder Umfrageantworten gibt: 100 Punkte.",
    );
    reads(
        &goal_rule(Goal { target: at_least("1"), ..count.clone() }),
        "In each week, when there is at least 1 training or survey: 100 points.",
        "In jeder Woche, wenn es mindestens 1 Schulung oder Umfrageantwort gibt: 100 Punkte.",
    );
    reads(
        &goal_rule(Goal { repeat: Repeat::EachMultiple, ..count.clone() }),
        "In each week, for every 5 trainings or surveys: 100 points.",
        "In jeder Woche für je 5 Schulungen oder Umfrageantworten: 100 Punkte.",
    );
    let sum = Goal { quantity: of("csat", Aggregate::Sum), repeat: Repeat::EachMultiple, ..count };
    reads(
        &goal_rule(sum),
        "In each week, for every 5 that the sum of csat over all trainings and surveys reaches: 100 points.",
        "In jeder Woche für je 5, die die Summe von csat über alle Schulungen und Umfrageantworten erreicht: 100 Punkte.",
    );
    reads(
        &goal_rule(goal(Quantity::Signals, Target::AtMost(decimal("9")), 3, Per::Season)),
        "In each season, when there are at least 3 and at most 9 trainings or surveys: 100 points, at the end of the season.",
        "In jeder Saison, wenn es mindestens 3 und höchstens 9 Schulungen oder Umfrageantworten gibt: 100 Punkte, \
         am Ende der Saison.",
    );
    reads(
        &goal_rule(goal(Quantity::Distinct("course".to_owned()), at_least("5"), 1, Per::HalfYear)),
        "In each half-year, when the number of different values of course over all trainings and surveys is at least 5: \
         100 points, at the end of the half-year.",
        "In jedem Halbjahr, wenn die Anzahl verschiedener Werte von course über alle Schulungen und Umfrageantworten \
         mindestens 5 beträgt: 100 Punkte, am Ende des Halbjahres.",
    );
}

#[test]
fn teams() {
    let share = goal(Quantity::Share(csat(Operator::AtMost, "60")), at_least("0.8"), 100, Per::Quarter);
    let team = |payee| about(&["metric"], Pattern::TeamGoal(share.clone(), payee));
    reads(
        &team(TeamPayee::Team),
        "For each team: in each quarter, when the share with csat at most 60 over at least 100 metrics is at least 80%: \
         100 points for the team, at the end of the quarter.",
        "Für jedes Team: in jedem Quartal, wenn der Anteil mit csat höchstens 60 über mindestens 100 Messwerte \
         mindestens 80 % beträgt: 100 Punkte für das Team, am Ende des Quartals.",
    );
    reads(
        &team(TeamPayee::Members { min_days: 10 }),
        "For each team: in each quarter, when the share with csat at most 60 over at least 100 metrics is at least 80%: \
         100 points for each who was a member on at least 10 days, at the end of the quarter.",
        "Für jedes Team: in jedem Quartal, wenn der Anteil mit csat höchstens 60 über mindestens 100 Messwerte \
         mindestens 80 % beträgt: 100 Punkte für alle, die an mindestens 10 Tagen Mitglied waren, am Ende des Quartals.",
    );
}

#[test]
fn guards() {
    let mut plain = rule(&["survey"], None, PointsFormula::Fixed(Points(20)));
    let guard = |on: &str, goal| Some(Guard { on: vec![on.to_owned()], goal });
    plain.guard = guard("evaluation", goal(of("quality", Aggregate::Mean), at_least("80"), 4, Per::Month));
    reads(
        &plain,
        "For each survey: 20 points, if in that month the mean of quality over at least 4 evaluations is at least 80 \
         (or there are fewer).",
        "Für jede Umfrageantwort: 20 Punkte, sofern in diesem Monat der Mittelwert von quality über mindestens \
         4 Bewertungen mindestens 80 beträgt (oder es weniger gibt).",
    );
    plain.guard = guard("complaint", goal(Quantity::Signals, Target::AtMost(decimal("2")), 1, Per::Day));
    reads(
        &plain,
        "For each survey: 20 points, if on that day there are at most 2 complaints.",
        "Für jede Umfrageantwort: 20 Punkte, sofern es an diesem Tag höchstens 2 Beschwerden gibt.",
    );
}

#[test]
fn boosts() {
    let boost = Boost {
        code: Code::new("advent").unwrap(),
        name: Localised { en: "Advent".to_owned(), de: "Advent".to_owned() },
        from: "2026-12-01".parse().unwrap(),
        until: "2026-12-25".parse().unwrap(),
        rules: ["calm", "quality"].map(|code| Code::new(code).unwrap()).to_vec(),
        when: Some(channel(&["phone"])),
        factor: decimal("1.5"),
    };
    let said = [Language::En, Language::De].map(|language| Speaker::new(language).boost(&boost));
    let expected = [
        "From 2026-12-01 to 2026-12-24: the points of calm and quality × 1.5, for signals on channel phone.",
        "Vom 01.12.2026 bis 24.12.2026: die Punkte von calm und quality × 1,5, für Signale über Kanal phone.",
    ];
    assert_eq!(said, expected);
}
