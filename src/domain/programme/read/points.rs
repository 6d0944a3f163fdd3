//! Reading how many points a rule awards.

use serde_json::Value;

use super::condition::MOST_IN_VALUE;
use super::reader::{Fields, MOST_ENTRIES, Node, Reader, Taken, shown};
use super::{measure, refuse_outside_scale};
use crate::domain::decimal::Decimal4;
use crate::domain::measure::Measure;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Over, PointsFormula};
use crate::domain::text;

const FORMS: [&str; 4] = ["zones", "steps", "times", "by"];

/// What points are computed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Basis {
    /// A signal: its measures and attributes.
    Signal,
    /// The value that a goal came to, and nothing else.
    Goal,
}

/// Points, bounded in depth and parts.
pub(super) fn formula(reader: &mut Reader, node: &Node, basis: Basis) -> Taken<PointsFormula> {
    reader.within_bounds(node, parts)?;
    bounded(reader, node, basis)
}

/// The points directly inside points.
fn parts(value: &Value) -> Vec<&Value> {
    let cases = value.get("cases").and_then(Value::as_object);
    cases.into_iter().flat_map(|cases| cases.values()).chain(value.get("else")).collect()
}

/// Points whose nesting is known to be bounded.
fn bounded(reader: &mut Reader, node: &Node, basis: Basis) -> Taken<PointsFormula> {
    if node.value.is_number() {
        return reader.points(node, 0).map(PointsFormula::Fixed);
    }
    let named: Vec<_> = FORMS.into_iter().filter(|form| node.value.get(form).is_some()).collect();
    let [form] = named.as_slice() else {
        let finding = Finding::new(node.at.as_str(), ProblemCode::ExpectedPoints);
        return Err(reader.refuse(finding.with("forms", FORMS.join(", "))));
    };
    if *form == "by" {
        let fields = reader.fields(node, &["by", "cases", "else"])?;
        let Some(by) = fields.get("by").filter(|_| basis == Basis::Goal) else {
            return by_attribute(reader, &fields);
        };
        return Err(reader.refuse_at(&by, ProblemCode::NoSignalHere));
    }
    let fields = reader.fields(node, &["measure", form])?;
    over_number(reader, &fields, form, basis)
}

/// The number that points run over, with its measure if it is one's.
fn number_of<'k>(reader: &mut Reader<'k>, fields: &Fields, basis: Basis) -> Taken<Option<&'k Measure>> {
    let node = fields.need(reader, "measure")?;
    match (basis, node.value.as_str()) {
        (Basis::Goal, Some("goal")) => Ok(None),
        (Basis::Goal, _) => Err(reader.refuse_at(&node, ProblemCode::NoSignalHere)),
        (Basis::Signal, Some("goal")) => Err(reader.refuse_at(&node, ProblemCode::NoGoalHere)),
        (Basis::Signal, _) => measure(reader, &node).map(Some),
    }
}

fn over_number(reader: &mut Reader, fields: &Fields, form: &str, basis: Basis) -> Taken<PointsFormula> {
    let measure = number_of(reader, fields, basis);
    let over = fields.need(reader, form)?;
    let named = |measure: Taken<Option<&Measure>>| {
        measure.map(|measure| measure.map_or(Over::Goal, |measure| Over::Measure(measure.code.as_str().to_owned())))
    };
    match form {
        "zones" => {
            let corners = corners(reader, &over);
            Ok(PointsFormula::Zones { over: named(measure)?, corners: corners? })
        }
        "steps" => {
            let steps = reader.list(&over, 1..=MOST_ENTRIES, |reader, node| {
                let (at, points) = pair(reader, node)?;
                let x = reader.number(&at);
                let points = reader.points(&points, 0);
                let x = x?;
                match &measure {
                    Ok(Some(measure)) if !measure.admits(x) => Err(refuse_outside_scale(reader, &at, measure)),
                    _ => Ok((x, points?)),
                }
            });
            let steps = ascending_steps(reader, &over, steps?);
            Ok(PointsFormula::Steps { over: named(measure)?, steps: steps? })
        }
        _ => {
            let factor = reader.number_from_zero(&over);
            Ok(PointsFormula::Times { over: named(measure)?, factor: factor? })
        }
    }
}

/// Corners may lie outside the measure's scale: they say where a line would lead.
fn corners(reader: &mut Reader, node: &Node) -> Taken<Vec<(Decimal4, Decimal4)>> {
    let corners = reader.list(node, 1..=MOST_ENTRIES, |reader, corner| {
        let (x, y) = pair(reader, corner)?;
        let (x, y) = (reader.number(&x), reader.number_from_zero(&y));
        Ok((x?, y?))
    })?;
    let mut before: [Option<Decimal4>; 2] = [None, None];
    for (index, (x, _)) in corners.iter().enumerate() {
        let [last_but_one, last] = before;
        if last.is_some_and(|last| *x < last) || (last == Some(*x) && last_but_one == Some(*x)) {
            let at = format!("{}/{index}", node.at);
            return Err(reader.refuse(Finding::new(at, ProblemCode::ZonesNotAscending)));
        }
        before = [last, Some(*x)];
    }
    Ok(corners)
}

fn ascending_steps(reader: &mut Reader, node: &Node, steps: Vec<(Decimal4, Points)>) -> Taken<Vec<(Decimal4, Points)>> {
    let falls = steps.iter().zip(steps.iter().skip(1)).position(|((before, _), (x, _))| x <= before);
    match falls {
        Some(index) => {
            let at = format!("{}/{}", node.at, index + 1);
            Err(reader.refuse(Finding::new(at, ProblemCode::NotAscending)))
        }
        None => Ok(steps),
    }
}

/// The two entries of a pair.
fn pair<'a>(reader: &mut Reader, node: &Node<'a>) -> Taken<(Node<'a>, Node<'a>)> {
    match node.value.as_array().map(Vec::as_slice) {
        Some([x, y]) => Ok((node.entry(0, x), node.entry(1, y))),
        _ => Err(reader.refuse_at(node, ProblemCode::ExpectedPair)),
    }
}

fn by_attribute(reader: &mut Reader, fields: &Fields) -> Taken<PointsFormula> {
    let attribute = fields.need(reader, "by").and_then(|node| {
        let by = reader.fields(&node, &["attribute"])?;
        by.need(reader, "attribute").and_then(|name| reader.line(&name))
    });
    let cases = fields.need(reader, "cases").and_then(|node| cases(reader, &node));
    let otherwise = fields.need(reader, "else").and_then(|node| bounded(reader, &node, Basis::Signal));
    Ok(PointsFormula::By { attribute: attribute?, cases: cases?, otherwise: Box::new(otherwise?) })
}

fn cases(reader: &mut Reader, node: &Node) -> Taken<Vec<(String, PointsFormula)>> {
    let object = node.value.as_object().ok_or_else(|| reader.refuse_at(node, ProblemCode::ExpectedObject))?;
    if object.is_empty() {
        return Err(reader.refuse_at(node, ProblemCode::EmptyList));
    }
    let mut cases: Vec<(String, PointsFormula)> = Vec::new();
    let mut complete = Ok(());
    for (name, value) in object {
        let place = node.field(name, value);
        let named = Value::String(name.clone());
        let name = reader.cleaned(&Node { value: &named, at: place.at.clone() }, MOST_IN_VALUE, text::line);
        // A name that is not taken is not looked behind: each finding there would repeat it, however long it is.
        match name.and_then(|name| Ok((name, bounded(reader, &place, Basis::Signal)?))) {
            Ok((name, _)) if cases.iter().any(|(known, _)| *known == name) => {
                let finding = Finding::new(place.at, ProblemCode::DuplicateCode);
                complete = Err(reader.refuse(finding.with("code", shown(&name))));
            }
            Ok(case) => cases.push(case),
            Err(refused) => complete = Err(refused),
        }
    }
    complete.map(|()| cases)
}
