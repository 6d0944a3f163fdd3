//! Which signals a rule selects.
//!
//! Looks at one signal and its local moment only: it knows no other signal, no person and no state.

use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use super::{AttributeTest, Comparison, Condition, Field, Operator, Rule};
use crate::domain::decimal::Decimal4;
use crate::domain::signal::{AttributeValue, Evidence};

/// When a signal happened, by the clock and calendar of the programme's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalMoment {
    /// The local day that counts it (SEMANTICS S26).
    pub day: NaiveDate,
    /// What a clock on the wall showed.
    pub time: NaiveTime,
}

impl Rule {
    /// Whether the rule looks at this signal: what it does not select is as if it were not there (SEMANTICS S20).
    pub fn selects(&self, evidence: &Evidence, local: LocalMoment) -> bool {
        self.on.contains(&evidence.content.kind)
            && self.when.as_ref().is_none_or(|condition| condition.holds(evidence, local))
    }
}

impl Condition {
    /// Whether a signal meets it. A clause over something missing is false, and `not` of it true (SEMANTICS S20).
    pub fn holds(&self, evidence: &Evidence, local: LocalMoment) -> bool {
        let content = &evidence.content;
        match self {
            Self::All(all) => all.iter().all(|one| one.holds(evidence, local)),
            Self::Any(any) => any.iter().any(|one| one.holds(evidence, local)),
            Self::Not(inner) => !inner.holds(evidence, local),
            Self::Measure(name, comparisons) => content
                .measures
                .get(name)
                .is_some_and(|value| comparisons.iter().all(|comparison| comparison.holds(*value))),
            Self::Attribute(name, tests) => {
                let value = content.attributes.get(name);
                tests.iter().all(|test| test.holds(value))
            }
            Self::Field(field, names) => field.of(evidence).is_some_and(|value| names.iter().any(|name| name == value)),
            Self::Weekday(days) => days
                .iter()
                .zip(0..)
                .any(|(chosen, index)| *chosen && local.day.weekday().num_days_from_monday() == index),
            Self::LocalTime { from, until } => {
                let second = local.time.num_seconds_from_midnight();
                // Equal ends are the whole day: an empty stretch would select nothing, ever.
                if from < until { (*from..*until).contains(&second) } else { second >= *from || second < *until }
            }
        }
    }
}

impl Comparison {
    /// Whether `value` compares so.
    pub fn holds(&self, value: Decimal4) -> bool {
        match self.operator {
            Operator::AtLeast => value >= self.operand,
            Operator::Above => value > self.operand,
            Operator::AtMost => value <= self.operand,
            Operator::Below => value < self.operand,
            Operator::Equals => value == self.operand,
        }
    }
}

impl AttributeTest {
    /// Whether an attribute's value, or its absence, passes.
    pub fn holds(&self, value: Option<&AttributeValue>) -> bool {
        match self {
            Self::Compares(comparison) => {
                matches!(value, Some(AttributeValue::Number(number)) if comparison.holds(*number))
            }
            Self::In(allowed) => value.is_some_and(|value| allowed.contains(value)),
            Self::Exists(expected) => value.is_some() == *expected,
        }
    }
}

impl Field {
    /// What a signal has in this field.
    fn of(self, evidence: &Evidence) -> Option<&str> {
        match self {
            Self::Channel => evidence.content.channel.as_deref(),
            Self::Source => Some(&evidence.source),
            Self::Kind => Some(&evidence.content.kind),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{PersonId, SignalId};
    use crate::domain::signal::Content;
    use uuid::Uuid;

    fn evidence() -> Evidence {
        let number = |text| Decimal4::parse(text).unwrap();
        Evidence {
            id: SignalId(Uuid::from_u128(1)),
            source: "qa".into(),
            key: "1".into(),
            content: Content {
                kind: "evaluation".into(),
                agent: PersonId(Uuid::from_u128(2)),
                occurred_at: chrono::DateTime::from_timestamp(1_790_000_000, 0).unwrap(),
                channel: Some("phone".into()),
                case: None,
                measures: [("quality".to_owned(), number("92.5"))].into(),
                attributes: [
                    ("queue".to_owned(), AttributeValue::Text("billing".into())),
                    ("vip".to_owned(), AttributeValue::Bool(true)),
                    ("stars".to_owned(), AttributeValue::Number(number("4"))),
                ]
                .into(),
            },
        }
    }

    fn at(day: u32, hour: u32, minute: u32, second: u32) -> LocalMoment {
        // 2 November 2026 is a Monday.
        LocalMoment {
            day: NaiveDate::from_ymd_opt(2026, 11, day).unwrap(),
            time: NaiveTime::from_hms_opt(hour, minute, second).unwrap(),
        }
    }

    fn holds(condition: &Condition) -> bool {
        condition.holds(&evidence(), at(2, 12, 0, 0))
    }

    fn measure(name: &str, operator: Operator, operand: &str) -> Condition {
        Condition::Measure(name.into(), vec![comparison(operator, operand)])
    }

    fn comparison(operator: Operator, operand: &str) -> Comparison {
        Comparison { operator, operand: Decimal4::parse(operand).unwrap() }
    }

    #[test]
    fn measures_compare() {
        for (operator, below, equal, above) in [
            (Operator::AtLeast, true, true, false),
            (Operator::Above, true, false, false),
            (Operator::AtMost, false, true, true),
            (Operator::Below, false, false, true),
            (Operator::Equals, false, true, false),
        ] {
            assert_eq!(holds(&measure("quality", operator, "92.4999")), below, "{operator:?}");
            assert_eq!(holds(&measure("quality", operator, "92.5")), equal, "{operator:?}");
            assert_eq!(holds(&measure("quality", operator, "92.5001")), above, "{operator:?}");
        }
        let band = vec![comparison(Operator::AtLeast, "90"), comparison(Operator::Below, "92")];
        assert!(!holds(&Condition::Measure("quality".into(), band)));
    }

    #[test]
    fn what_is_missing_meets_nothing_and_not_turns_it_round() {
        let attribute = |test| Condition::Attribute("gone".into(), vec![test]);
        for clause in [
            measure("csat", Operator::AtMost, "5"),
            attribute(AttributeTest::In(vec![AttributeValue::Text("x".into())])),
            attribute(AttributeTest::Compares(comparison(Operator::Below, "5"))),
            attribute(AttributeTest::Exists(true)),
        ] {
            assert!(!holds(&clause), "{clause:?}");
            assert!(holds(&Condition::Not(Box::new(clause.clone()))), "{clause:?}");
        }
        assert!(holds(&attribute(AttributeTest::Exists(false))));
        let mut silent = evidence();
        silent.content.channel = None;
        assert!(!Condition::Field(Field::Channel, vec!["phone".into()]).holds(&silent, at(2, 12, 0, 0)));
    }

    #[test]
    fn attributes_compare_by_type() {
        let test = |name: &str, test| holds(&Condition::Attribute(name.into(), vec![test]));
        assert!(test("queue", AttributeTest::In(vec![AttributeValue::Text("billing".into())])));
        assert!(test("vip", AttributeTest::In(vec![AttributeValue::Bool(true)])));
        assert!(!test("vip", AttributeTest::In(vec![AttributeValue::Text("true".into())])));
        assert!(test("stars", AttributeTest::Compares(comparison(Operator::AtLeast, "4"))));
        assert!(!test("queue", AttributeTest::Compares(comparison(Operator::AtLeast, "0"))));
        assert!(!test("queue", AttributeTest::Exists(false)));
    }

    #[test]
    fn clauses_combine_and_fields_are_read() {
        let (yes, no) = (Condition::All(vec![]), Condition::Any(vec![]));
        assert!(holds(&Condition::All(vec![yes.clone(), yes.clone()])));
        assert!(!holds(&Condition::All(vec![yes.clone(), no.clone()])));
        assert!(holds(&Condition::Any(vec![no.clone(), yes])));
        assert!(!holds(&no));
        for (field, value) in [(Field::Channel, "phone"), (Field::Source, "qa"), (Field::Kind, "evaluation")] {
            assert!(holds(&Condition::Field(field, vec!["other".into(), value.into()])));
            assert!(!holds(&Condition::Field(field, vec!["other".into()])));
        }
    }

    #[test]
    fn weekdays_and_times_are_local_and_wrap() {
        let weekend = Condition::Weekday([false, false, false, false, false, true, true]);
        let on = |condition: &Condition, moment| condition.holds(&evidence(), moment);
        assert!(!on(&weekend, at(6, 12, 0, 0)));
        assert!(on(&weekend, at(7, 12, 0, 0)));
        assert!(on(&weekend, at(8, 12, 0, 0)));
        let night = Condition::LocalTime { from: 22 * 3600, until: 6 * 3600 };
        let office = Condition::LocalTime { from: 9 * 3600, until: 17 * 3600 };
        for (moment, at_night, in_office) in [
            (at(2, 21, 59, 59), false, false),
            (at(2, 22, 0, 0), true, false),
            (at(2, 0, 0, 0), true, false),
            (at(2, 5, 59, 59), true, false),
            (at(2, 6, 0, 0), false, false),
            (at(2, 9, 0, 0), false, true),
            (at(2, 17, 0, 0), false, false),
        ] {
            assert_eq!(on(&night, moment), at_night, "{moment:?}");
            assert_eq!(on(&office, moment), in_office, "{moment:?}");
        }
        assert!(on(&Condition::LocalTime { from: 3600, until: 3600 }, at(2, 12, 0, 0)));
    }
}
