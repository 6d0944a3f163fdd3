//! Conditions in words.
//!
//! Each leaf becomes a phrase with its own preposition ("with csat at least 4", "on channel phone"), because those can be
//! joined, negated and nested in both languages without moving a verb.

use super::Speaker;
use crate::domain::programme::{AttributeTest, Comparison, Condition, Field, Operator};
use crate::domain::signal::AttributeValue;

const WEEKDAYS: [(&str, &str); 7] = [
    ("Monday", "Montag"),
    ("Tuesday", "Dienstag"),
    ("Wednesday", "Mittwoch"),
    ("Thursday", "Donnerstag"),
    ("Friday", "Freitag"),
    ("Saturday", "Samstag"),
    ("Sunday", "Sonntag"),
];

impl Speaker {
    /// `with csat at least 4 and on channel phone`.
    pub fn condition(self, condition: &Condition) -> String {
        match condition {
            Condition::All(parts) => self.joined(parts, self.and()),
            Condition::Any(parts) => self.joined(parts, self.pick(" or ", " oder ")),
            Condition::Not(part) => format!("{} {}", self.pick("not", "nicht"), self.nested(part)),
            Condition::Measure(measure, comparisons) => {
                format!("{} {measure} {}", self.with(), self.comparisons(comparisons))
            }
            Condition::Attribute(attribute, tests) => {
                let tests: Vec<_> = tests.iter().map(|test| self.attribute_test(attribute, test)).collect();
                tests.join(self.and())
            }
            Condition::Field(field, values) => {
                let field = match field {
                    Field::Channel => self.pick("on channel", "über Kanal"),
                    Field::Source => self.pick("from source", "aus Quelle"),
                    Field::Kind => self.pick("of kind", "der Art"),
                };
                format!("{field} {}", self.either(values))
            }
            Condition::Weekday(days) => {
                let days = WEEKDAYS.iter().zip(days).filter(|(_, chosen)| **chosen);
                let days: Vec<_> = days.map(|((en, de), _)| self.pick(*en, *de).to_owned()).collect();
                format!("{} {}", self.pick("on", "am"), self.either(&days))
            }
            Condition::LocalTime { from, until } => {
                let (from, until) = (clock(*from), clock(*until));
                self.pick(format!("between {from} and {until}"), format!("zwischen {from} und {until} Uhr"))
            }
        }
    }

    fn with(self) -> &'static str {
        self.pick("with", "mit")
    }

    fn joined(self, parts: &[Condition], by: &str) -> String {
        match parts {
            [only] => self.condition(only),
            _ => parts.iter().map(|part| self.nested(part)).collect::<Vec<_>>().join(by),
        }
    }

    /// A part of another condition: what is itself made of parts stands in brackets.
    pub(super) fn nested(self, condition: &Condition) -> String {
        let said = self.condition(condition);
        match condition {
            Condition::All(parts) | Condition::Any(parts) if parts.len() > 1 => format!("({said})"),
            Condition::Attribute(_, tests) if tests.len() > 1 => format!("({said})"),
            _ => said,
        }
    }

    fn comparisons(self, comparisons: &[Comparison]) -> String {
        let each: Vec<_> = comparisons.iter().map(|comparison| self.comparison(*comparison)).collect();
        each.join(self.and())
    }

    fn comparison(self, Comparison { operator, operand }: Comparison) -> String {
        let operator = match operator {
            Operator::AtLeast => self.pick("at least", "mindestens"),
            Operator::Above => self.pick("above", "über"),
            Operator::AtMost => self.pick("at most", "höchstens"),
            Operator::Below => self.pick("below", "unter"),
            Operator::Equals => self.pick("exactly", "genau"),
        };
        format!("{operator} {}", self.number(operand))
    }

    fn attribute_test(self, attribute: &str, test: &AttributeTest) -> String {
        match test {
            AttributeTest::Compares(comparison) => {
                format!("{} {attribute} {}", self.with(), self.comparison(*comparison))
            }
            AttributeTest::In(values) => {
                let values: Vec<_> = values.iter().map(|value| self.attribute_value(value)).collect();
                format!("{} {attribute} {}", self.with(), self.either(&values))
            }
            AttributeTest::Exists(true) => {
                format!("{} {attribute}", self.pick("with a value for", "mit einem Wert für"))
            }
            AttributeTest::Exists(false) => {
                format!("{} {attribute}", self.pick("without a value for", "ohne Wert für"))
            }
        }
    }

    /// A value: `“billing”`, `4.5`, `true`.
    pub fn attribute_value(self, value: &AttributeValue) -> String {
        match value {
            AttributeValue::Bool(true) => self.pick("true", "wahr").to_owned(),
            AttributeValue::Bool(false) => self.pick("false", "falsch").to_owned(),
            AttributeValue::Number(number) => self.number(*number),
            AttributeValue::Text(text) => self.pick(format!("“{text}”"), format!("„{text}“")),
        }
    }
}

/// `06:30`.
fn clock(seconds: u32) -> String {
    format!("{:02}:{:02}", seconds / 3_600, seconds / 60 % 60)
}
