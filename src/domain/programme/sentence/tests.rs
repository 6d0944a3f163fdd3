//! What rules read like.

use super::*;
use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::programme::{AttributeTest, Comparison, Condition, Field, Operator, Pattern};
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
