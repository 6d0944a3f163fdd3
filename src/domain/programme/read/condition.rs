//! Reading conditions: combinations, and leaves of one selector with its tests.

use serde_json::Value;

use super::calendar::{time_of_day, weekdays};
use super::reader::{Fields, MOST_ENTRIES, Node, Reader, Taken};
use super::{measure, refuse_outside_scale};
use crate::domain::ids::Code;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{AttributeTest, Comparison, Condition, Field, Operator};
use crate::domain::signal::AttributeValue;
use crate::domain::text;

/// Characters of an attribute's value, of a channel.
pub(super) const MOST_IN_VALUE: usize = 200;

const SELECTORS: [&str; 8] = ["all", "any", "not", "measure", "attribute", "field", "weekday", "local_time"];

const COMPARISONS: [(&str, Operator); 5] = [
    ("at_least", Operator::AtLeast),
    ("above", Operator::Above),
    ("at_most", Operator::AtMost),
    ("below", Operator::Below),
    ("equals", Operator::Equals),
];

/// A condition, bounded in depth and parts.
pub(super) fn condition(reader: &mut Reader, node: &Node) -> Taken<Condition> {
    reader.within_bounds(node, parts)?;
    bounded(reader, node)
}

/// The conditions directly inside one.
fn parts(value: &Value) -> Vec<&Value> {
    let lists = ["all", "any"].into_iter().filter_map(|name| value.get(name)?.as_array());
    lists.flatten().chain(value.get("not")).collect()
}

/// A condition whose nesting is known to be bounded.
fn bounded(reader: &mut Reader, node: &Node) -> Taken<Condition> {
    let object = node.value.as_object().ok_or_else(|| reader.refuse_at(node, ProblemCode::ExpectedObject))?;
    let mut named = SELECTORS.into_iter().filter(|selector| object.contains_key(*selector));
    let (Some(selector), None) = (named.next(), named.next()) else {
        let finding = Finding::new(node.at.as_str(), ProblemCode::ExpectedCondition);
        return Err(reader.refuse(finding.with("selectors", SELECTORS.join(", "))));
    };
    let mut known = vec![selector];
    known.extend(tests_of(selector));
    let fields = reader.fields(node, &known)?;
    let selected = fields.need(reader, selector)?;
    match selector {
        "all" => reader.list(&selected, 1..=MOST_ENTRIES, bounded).map(Condition::All),
        "any" => reader.list(&selected, 1..=MOST_ENTRIES, bounded).map(Condition::Any),
        "not" => bounded(reader, &selected).map(|part| Condition::Not(Box::new(part))),
        "measure" => on_measure(reader, &fields, &selected),
        "attribute" => on_attribute(reader, &fields, &selected),
        "field" => on_field(reader, &fields, &selected),
        "weekday" => weekdays(reader, &selected).map(Condition::Weekday),
        _ => local_time(reader, &selected),
    }
}

/// What may stand beside a selector.
fn tests_of(selector: &str) -> &'static [&'static str] {
    match selector {
        "measure" => &["at_least", "above", "at_most", "below", "equals"],
        "attribute" => &["in", "equals", "exists", "at_least", "above", "at_most", "below"],
        "field" => &["in"],
        _ => &[],
    }
}

fn refuse_without_test<T>(reader: &mut Reader, fields: &Fields, selector: &str) -> Taken<T> {
    let finding = Finding::new(fields.at.as_str(), ProblemCode::ExpectedTest).with("selector", selector);
    Err(reader.refuse(finding.with("operators", tests_of(selector).join(", "))))
}

fn on_measure(reader: &mut Reader, fields: &Fields, selected: &Node) -> Taken<Condition> {
    let measure = measure(reader, selected);
    let mut comparisons = Vec::new();
    for (name, operator) in COMPARISONS {
        let Some(node) = fields.get(name) else { continue };
        let operand = reader.number(&node).and_then(|operand| match &measure {
            Ok(measure) if !measure.admits(operand) => Err(refuse_outside_scale(reader, &node, measure)),
            _ => Ok(operand),
        });
        comparisons.push(operand.map(|operand| Comparison { operator, operand }));
    }
    if comparisons.is_empty() {
        return refuse_without_test(reader, fields, "measure");
    }
    let comparisons = comparisons.into_iter().collect::<Taken<Vec<_>>>()?;
    Ok(Condition::Measure(measure?.code.as_str().to_owned(), comparisons))
}

fn on_attribute(reader: &mut Reader, fields: &Fields, selected: &Node) -> Taken<Condition> {
    let attribute = reader.line(selected);
    let mut tests = Vec::new();
    if let Some(values) = fields.get("in") {
        tests.push(reader.list(&values, 1..=MOST_ENTRIES, attribute_value).map(AttributeTest::In));
    }
    if let Some(value) = fields.get("equals") {
        tests.push(attribute_value(reader, &value).map(|value| AttributeTest::In(vec![value])));
    }
    if let Some(exists) = fields.get("exists") {
        tests.push(reader.truth(&exists).map(AttributeTest::Exists));
    }
    for (name, operator) in COMPARISONS.into_iter().filter(|(name, _)| *name != "equals") {
        if let Some(operand) = fields.get(name) {
            let operand = reader.number(&operand);
            tests.push(operand.map(|operand| AttributeTest::Compares(Comparison { operator, operand })));
        }
    }
    if tests.is_empty() {
        return refuse_without_test(reader, fields, "attribute");
    }
    let tests = tests.into_iter().collect::<Taken<Vec<_>>>()?;
    Ok(Condition::Attribute(attribute?, tests))
}

fn attribute_value(reader: &mut Reader, node: &Node) -> Taken<AttributeValue> {
    match node.value {
        Value::Bool(truth) => Ok(AttributeValue::Bool(*truth)),
        Value::Number(_) => reader.number(node).map(AttributeValue::Number),
        Value::String(_) => reader.cleaned(node, MOST_IN_VALUE, text::line).map(AttributeValue::Text),
        _ => Err(reader.refuse_at(node, ProblemCode::ExpectedScalar)),
    }
}

fn on_field(reader: &mut Reader, fields: &Fields, selected: &Node) -> Taken<Condition> {
    let field =
        reader.one_of(selected, &[("channel", Field::Channel), ("source", Field::Source), ("kind", Field::Kind)]);
    let Some(values) = fields.get("in") else {
        return refuse_without_test(reader, fields, "field");
    };
    let field = field?;
    let values = reader.list(&values, 1..=MOST_ENTRIES, |reader, node| match field {
        // Evidence folds channels to lower case.
        Field::Channel => reader.cleaned(node, MOST_IN_VALUE, text::line).map(|channel| channel.to_lowercase()),
        Field::Source => source(reader, node),
        Field::Kind => reader.code(node).map(Code::into),
    })?;
    Ok(Condition::Field(field, values))
}

fn source(reader: &mut Reader, node: &Node) -> Taken<String> {
    let name = reader.text(node)?;
    if !text::is_identifier(name) {
        return Err(reader.refuse_at(node, ProblemCode::InvalidIdentifier));
    }
    Ok(name.to_owned())
}

fn local_time(reader: &mut Reader, node: &Node) -> Taken<Condition> {
    let fields = reader.fields(node, &["from", "until"])?;
    let from = fields.need(reader, "from").and_then(|time| time_of_day(reader, &time));
    let until = fields.need(reader, "until").and_then(|time| time_of_day(reader, &time));
    let (from, until) = (from?, until?);
    if from == until {
        return Err(reader.refuse_at(node, ProblemCode::EmptyTimeSpan));
    }
    Ok(Condition::LocalTime { from, until })
}
