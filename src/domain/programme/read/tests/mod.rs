//! Documents that are taken, and what they become.

mod mistakes;
mod patterns;
mod random;

use std::collections::HashMap;

use chrono::{NaiveDate, TimeDelta};
use serde_json::Value;

use super::*;
use crate::domain::decimal::Decimal4;
use crate::domain::language::Language;
use crate::domain::measure;
use crate::domain::period::{CustomSeason, Per, SeasonKind, YearStart};
use crate::domain::points::Points;
use crate::domain::programme::*;
use crate::domain::signal::AttributeValue;

const EVERYTHING: &str = include_str!("everything.json");
const EACH: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/service-excellence-each.json"));
const COMPLETE: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/fixtures/service-excellence.json"));

/// The shipped measures and one that falls below zero, and three teams.
struct World(HashMap<String, Measure>);

impl World {
    fn new() -> Self {
        let mut measures = measure::shipped();
        let below_zero = Code::new("below_zero").unwrap();
        let first = measures[0].clone();
        measures.push(Measure { code: below_zero, scale_min: decimal("-5"), threshold: None, ..first });
        Self(measures.into_iter().map(|measure| (measure.code.to_string(), measure)).collect())
    }
}

impl Known for World {
    fn measure(&self, code: &str) -> Option<&Measure> {
        self.0.get(code)
    }

    fn team(&self, code: &str) -> bool {
        ["support", "sales", "night"].contains(&code)
    }

    fn reward(&self, code: &str) -> bool {
        code == "mug"
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn taken(text: &str) -> Read {
    read(&parsed(text), &World::new()).unwrap()
}

fn refused(document: &Value) -> Vec<(String, &'static str)> {
    let findings = read(document, &World::new()).unwrap_err();
    findings.into_iter().map(|finding| (finding.pointer, finding.code.name())).collect()
}

fn decimal(text: &str) -> Decimal4 {
    Decimal4::parse(text).unwrap()
}

fn comparison(operator: Operator, operand: &str) -> Comparison {
    Comparison { operator, operand: decimal(operand) }
}

#[test]
fn the_frame_becomes_what_it_says() {
    let Read { programme, warnings } = taken(EVERYTHING);
    let warned: Vec<_> = warnings.iter().map(|found| (found.pointer.as_str(), found.code.name())).collect();
    let expected = [
        ("/tiers/1/reward", "unknown_reward"),
        ("/contests/0/prizes/0/reward", "unknown_reward"),
        ("/contests/0/prizes/1/reward", "unknown_reward"),
        ("/boards/3/prior", "prior_without_effect"),
    ];
    assert_eq!(warned, expected);
    assert_eq!(programme.description.unwrap().en, "All that\nis built");
    let day = |text: &str| text.parse::<NaiveDate>().unwrap();
    let season = |code: &str, from, until| CustomSeason { code: code.to_owned(), from: day(from), until: day(until) };
    let seasons = vec![season("spring", "2026-03-01", "2026-06-01"), season("autumn", "2026-09-01", "2026-12-01")];
    assert_eq!(programme.calendar.zone.name(), "America/St_Johns");
    assert_eq!(programme.calendar.seasons, SeasonKind::Custom(seasons));
    assert_eq!(programme.calendar.year_starts, YearStart { month: 4, day: 6 });
    assert_eq!(programme.grace_days, 3);
    assert_eq!(programme.working_days, [false, true, true, false, false, true, false]);
    let codes = |texts: &[&str]| texts.iter().map(|text| Code::new(text).unwrap()).collect::<Vec<_>>();
    let audience = Audience {
        teams: codes(&["support", "sales"]),
        except: codes(&["night"]),
        roles: vec![Role::Agent, Role::Lead],
    };
    assert_eq!(programme.audience, audience);
    assert_eq!(programme.badges[0].image.as_deref(), Some("https://example.org/star.svg"));
    assert_eq!(programme.tiers.iter().map(|tier| tier.at).collect::<Vec<_>>(), [Points(0), Points(4_000)]);
    let boards: Vec<_> = programme.boards.iter().map(|board| (board.subject, board.period)).collect();
    let expected = [
        (BoardSubject::Person, Per::Days(30)),
        (BoardSubject::Team(Combine::Own), Per::Season),
        (BoardSubject::Team(Combine::MeanPerMember), Per::HalfYear),
        (BoardSubject::Person, Per::Month),
        (BoardSubject::Person, Per::Week),
        (BoardSubject::Person, Per::All),
    ];
    assert_eq!(boards, expected);
}

#[test]
fn what_is_left_out_has_its_default() {
    let Read { programme, .. } = taken(
        r#"{ "language": 1, "code": "bare", "name": { "en": "Bare", "de": "Karg" }, "time_zone": "UTC", "season": "year", "rules": [] }"#,
    );
    assert_eq!(programme.calendar.year_starts, YearStart { month: 1, day: 1 });
    assert_eq!(programme.calendar.seasons, SeasonKind::Year);
    assert_eq!(programme.grace_days, 0);
    assert_eq!(programme.working_days, [true, true, true, true, true, false, false]);
    assert_eq!(programme.audience, Audience::default());
}

#[test]
fn conditions_become_what_they_say() {
    let Read { programme, .. } = taken(EVERYTHING);
    let attribute = |name: &str, tests| Condition::Attribute(name.to_owned(), tests);
    let queues = vec![
        AttributeValue::Text("billing".to_owned()),
        AttributeValue::Number(decimal("7")),
        AttributeValue::Bool(true),
    ];
    let expected = Condition::All(vec![
        Condition::Measure(
            "csat".to_owned(),
            vec![comparison(Operator::AtLeast, "2"), comparison(Operator::Below, "4.5")],
        ),
        Condition::Any(vec![
            attribute("queue", vec![AttributeTest::In(queues)]),
            attribute(
                "amount",
                vec![
                    AttributeTest::Compares(comparison(Operator::Above, "-1.25")),
                    AttributeTest::Compares(comparison(Operator::AtMost, "1000")),
                ],
            ),
            attribute("vip", vec![AttributeTest::In(vec![AttributeValue::Bool(true)]), AttributeTest::Exists(true)]),
        ]),
        Condition::Not(Box::new(Condition::Field(Field::Channel, vec!["phone".to_owned(), "chat".to_owned()]))),
        Condition::Field(Field::Source, vec!["crm:eu".to_owned()]),
        Condition::Field(Field::Kind, vec!["survey".to_owned()]),
        Condition::Weekday([true, false, false, false, false, false, true]),
        Condition::LocalTime { from: 22 * 3_600, until: 6 * 3_600 + 30 * 60 },
    ]);
    assert_eq!(programme.rules[0].when, Some(expected));
}

#[test]
fn rules_become_what_they_say() {
    let Read { programme, .. } = taken(EVERYTHING);
    let [fixed, zones, steps, times, by, badge, ..] = programme.rules.as_slice() else { panic!("rules") };
    assert_eq!(fixed.on, ["survey", "own-kind_2"]);
    assert_eq!(fixed.cooldown, Some(TimeDelta::hours(4)));
    let limit = |per, most| Limit { per, most };
    assert_eq!(
        fixed.limits,
        [
            limit(LimitPer::Period(Per::Day), LimitMost::Points(Points(200))),
            limit(LimitPer::Case, LimitMost::Times(1)),
            limit(LimitPer::Period(Per::Season), LimitMost::Times(12)),
        ]
    );
    assert_eq!(fixed.award.points, Some(PointsFormula::Fixed(Points(20))));
    assert_eq!(fixed.award.badge.as_ref().map(Code::as_str), Some("star"));
    let corner = |x, y| (decimal(x), decimal(y));
    let corners = vec![corner("-10", "0"), corner("80", "10.5"), corner("80", "30"), corner("120", "60")];
    assert_eq!(zones.award.points, Some(PointsFormula::Zones { over: Over::Measure("quality".to_owned()), corners }));
    let at = vec![(decimal("80"), Points(10)), (decimal("90.5"), Points(30))];
    assert_eq!(steps.award.points, Some(PointsFormula::Steps { over: Over::Measure("quality".to_owned()), steps: at }));
    let half = PointsFormula::Times { over: Over::Measure("handle_seconds".to_owned()), factor: decimal("0.5") };
    assert_eq!(times.award.points, Some(half));
    let nested = PointsFormula::By {
        attribute: "vip".to_owned(),
        cases: vec![("true".to_owned(), PointsFormula::Fixed(Points(9)))],
        otherwise: Box::new(PointsFormula::Fixed(Points(0))),
    };
    let low = PointsFormula::Steps { over: Over::Measure("csat".to_owned()), steps: vec![(decimal("4"), Points(5))] };
    let cases = vec![("high".to_owned(), PointsFormula::Fixed(Points(80))), ("low/mid".to_owned(), low)];
    let attribute = "severity".to_owned();
    assert_eq!(by.award.points, Some(PointsFormula::By { attribute, cases, otherwise: Box::new(nested) }));
    assert!(badge.award.points.is_none() && badge.limits.is_empty() && badge.when.is_none());
}

#[test]
fn the_examples_are_taken() {
    let Read { programme, warnings } = taken(EACH);
    assert_eq!((programme.rules.len(), programme.tiers.len(), programme.boards.len()), (5, 3, 2));
    assert_eq!(warnings, []);
    let Read { programme, warnings } = taken(COMPLETE);
    let counts = (programme.rules.len(), programme.boosts.len(), programme.boards.len(), programme.contests.len());
    assert_eq!(counts, (9, 1, 3, 1));
    let warned: Vec<_> = warnings.iter().map(|found| (found.pointer.as_str(), found.code.name())).collect();
    let expected = [
        ("/tiers/2/reward", "unknown_reward"),
        ("/contests/0/prizes/0/reward", "unknown_reward"),
        ("/contests/0/prizes/1/reward", "unknown_reward"),
    ];
    assert_eq!(warned, expected);
    assert!(warnings[0].detail(Language::En).contains("There is no reward gift-card-50 yet"));
}

#[test]
fn a_badge_that_nothing_grants_is_a_warning() {
    let mut document = parsed(EACH);
    document["rules"][4]["award"] = serde_json::json!({ "points": 15 });
    let Read { warnings, .. } = read(&document, &World::new()).unwrap();
    assert_eq!(warnings.iter().map(|found| found.pointer.as_str()).collect::<Vec<_>>(), ["/badges/0"]);
    assert!(warnings[0].detail(Language::En).contains("calm-voice"));
}

#[test]
fn a_board_that_one_value_leads_or_whose_prior_is_idle_is_a_warning() {
    let warned = |board: serde_json::Value| -> Vec<(String, &'static str)> {
        let mut document = parsed(EACH);
        let name = serde_json::json!({ "en": "Calls", "de": "Anrufe" });
        let mut whole = serde_json::json!({ "code": "calls", "name": name, "subject": "person", "period": "month" });
        whole.as_object_mut().unwrap().extend(board.as_object().unwrap().clone());
        document["boards"] = serde_json::json!([whole]);
        let Read { warnings, .. } = read(&document, &World::new()).unwrap();
        warnings.into_iter().map(|found| (found.pointer, found.code.name())).collect()
    };
    let measure = |code: &str, more: serde_json::Value| {
        let mut board = serde_json::json!({ "rank": { "measure": code } });
        board.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        warned(board)
    };
    let drawn = serde_json::json!({ "prior": 4, "weight": 5 });
    assert_eq!(measure("quality", serde_json::json!({})), [("/boards/0/rank".to_owned(), "one_value_suffices")]);
    assert_eq!(measure("quality", serde_json::json!({ "min_samples": 2 })), []);
    assert_eq!(measure("quality", drawn.clone()), []);
    assert_eq!(measure("csat", serde_json::json!({})), [], "a share is ranked by what evidence supports");
    assert_eq!(measure("csat", drawn), [("/boards/0/prior".to_owned(), "prior_without_effect")]);
}
