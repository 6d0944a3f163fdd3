//! Reading a programme document (language 1) into a [`Programme`]: all of it, or every problem with its place.
//!
//! Pure: what the catalogue and the directory hold comes in through [`Known`]. What is kept
//! and has no effect yet is told in a warning, never ignored.

mod board;
mod boost;
mod calendar;
mod condition;
mod contest;
mod goal;
mod points;
mod reader;
mod recognition;
mod rule;
#[cfg(test)]
mod tests;
mod warnings;

use std::collections::HashSet;

use serde_json::Value;

pub use self::calendar::local_date;
use self::reader::{Fields, MOST_ENTRIES, Node, Reader, Taken, shown};
use super::{Audience, Programme};
use crate::domain::ids::Code;
use crate::domain::measure::Measure;
use crate::domain::people::Role;
use crate::domain::problem::{Finding, ProblemCode};

/// The one language that documents are written in.
const LANGUAGE: i64 = 1;
/// The longest wait for late evidence after a period's end.
const MOST_GRACE_DAYS: i64 = 60;

/// Codes that no programme can have: the addresses beside the programmes' own.
const RESERVED_CODES: [&str; 2] = ["schema", "validate"];

/// What a document may refer to outside itself.
pub trait Known {
    /// The measure of that code in the catalogue.
    fn measure(&self, code: &str) -> Option<&Measure>;
    /// Whether there is a team of that code.
    fn team(&self, code: &str) -> bool;
    /// Whether the catalogue of rewards has that code.
    fn reward(&self, code: &str) -> bool;
}

/// A document without a problem.
#[derive(Debug, Clone)]
pub struct Read {
    /// What it says.
    pub programme: Programme,
    /// What is taken, but may be a slip.
    pub warnings: Vec<Finding>,
}

/// Reads a programme document; otherwise all its problems, at most 100.
pub fn read(document: &Value, known: &dyn Known) -> Result<Read, Vec<Finding>> {
    let mut reader = Reader { known, findings: Vec::new() };
    let programme = programme(&mut reader, &Node { value: document, at: String::new() });
    match programme {
        Ok(programme) if reader.findings.is_empty() => {
            let warnings = warnings::warnings(&programme, known);
            Ok(Read { programme, warnings })
        }
        _ => Err(reader.findings),
    }
}

fn programme(reader: &mut Reader, node: &Node) -> Taken<Programme> {
    const KNOWN: &[&str] = &[
        "language",
        "code",
        "name",
        "description",
        "time_zone",
        "season",
        "year_starts",
        "grace_days",
        "working_days",
        "audience",
        "rules",
        "boosts",
        "badges",
        "tiers",
        "boards",
        "contests",
    ];
    let fields = reader.fields(node, KNOWN)?;
    let language = fields.need(reader, "language").and_then(|number| language(reader, &number));
    let code = fields.need(reader, "code").and_then(|code| own_code(reader, &code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let description = fields.get("description").map(|text| reader.description(&text)).transpose();
    let calendar = calendar::calendar(reader, &fields);
    let grace_days = fields.get("grace_days").map_or(Ok(0), |days| reader.whole(&days, 0..=MOST_GRACE_DAYS));
    let working_days =
        fields.get("working_days").map_or(Ok(calendar::MONDAY_TO_FRIDAY), |days| calendar::weekdays(reader, &days));
    let audience = fields.get("audience").map_or(Ok(Audience::default()), |node| audience(reader, &node));

    let declared = codes_of(&fields, "badges");
    let boostable = boost::boostable(fields.get("rules").as_ref());
    let rules = fields.need(reader, "rules").and_then(|rules| {
        reader.coded_list(&rules, 0..=MOST_ENTRIES, |reader, node| rule::rule(reader, node, &declared))
    });
    let boosts = coded_or_none(reader, &fields, "boosts", boost::MOST_BOOSTS, |reader, node| {
        boost::boost(reader, node, &boostable)
    });
    let badges = coded_or_none(reader, &fields, "badges", MOST_ENTRIES, recognition::badge);
    let tiers = recognition::tiers(reader, &fields, &declared);
    let boards = coded_or_none(reader, &fields, "boards", board::MOST_BOARDS, board::board);
    let declared = contest::Declared { boards: codes_of(&fields, "boards"), badges: &declared };
    let contests = coded_or_none(reader, &fields, "contests", contest::MOST_CONTESTS, |reader, node| {
        contest::contest(reader, node, &declared)
    });

    language?;
    Ok(Programme {
        code: code?,
        name: name?,
        description: description?,
        calendar: calendar?,
        grace_days: u16::try_from(grace_days?).unwrap_or_default(),
        working_days: working_days?,
        audience: audience?,
        rules: rules?,
        boosts: boosts?,
        badges: badges?,
        tiers: tiers?,
        boards: boards?,
        contests: contests?,
    })
}

fn language(reader: &mut Reader, node: &Node) -> Taken<()> {
    if node.value.as_i64() == Some(LANGUAGE) {
        return Ok(());
    }
    let finding = Finding::new(node.at.as_str(), ProblemCode::InvalidValue);
    Err(reader.refuse(finding.with("expected", LANGUAGE)))
}

/// The programme's own code.
fn own_code(reader: &mut Reader, node: &Node) -> Taken<Code> {
    let code = reader.code(node)?;
    if RESERVED_CODES.contains(&code.as_str()) {
        let finding = Finding::new(node.at.as_str(), ProblemCode::ReservedSource);
        return Err(reader.refuse(finding.with("name", code)));
    }
    Ok(code)
}

fn audience(reader: &mut Reader, node: &Node) -> Taken<Audience> {
    let fields = reader.fields(node, &["teams", "except", "roles"])?;
    let teams = list_or_none(reader, &fields, "teams", team);
    let except = list_or_none(reader, &fields, "except", team);
    let roles = list_or_none(reader, &fields, "roles", |reader, node| {
        reader.one_of(node, &Role::ALL.map(|role| (role.name(), role)))
    });
    Ok(Audience { teams: teams?, except: except?, roles: roles? })
}

fn team(reader: &mut Reader, node: &Node) -> Taken<Code> {
    let text = reader.text(node)?;
    Code::new(text).filter(|_| reader.known.team(text)).ok_or_else(|| {
        reader.refuse(Finding::new(node.at.as_str(), ProblemCode::UnknownTeam).with("team", shown(text)))
    })
}

/// A list that may be left out.
fn list_or_none<'a, T>(
    reader: &mut Reader,
    fields: &Fields<'a>,
    name: &str,
    read: impl FnMut(&mut Reader, &Node<'a>) -> Taken<T>,
) -> Taken<Vec<T>> {
    fields.get(name).map_or(Ok(Vec::new()), |list| reader.list(&list, 0..=MOST_ENTRIES, read))
}

/// A list of things with a `code` that may be left out.
fn coded_or_none<'a, T>(
    reader: &mut Reader,
    fields: &Fields<'a>,
    name: &str,
    most: usize,
    read: impl FnMut(&mut Reader, &Node<'a>) -> Taken<T>,
) -> Taken<Vec<T>> {
    fields.get(name).map_or(Ok(Vec::new()), |list| reader.coded_list(&list, 0..=most, read))
}

/// The codes of a list's entries, whether or not those are taken.
fn codes_of<'a>(fields: &Fields<'a>, name: &str) -> HashSet<&'a str> {
    fields.get(name).into_iter().flat_map(|list| list.codes().map(|(_, code)| code)).collect()
}

/// Kinds of signal.
fn kinds(reader: &mut Reader, node: &Node) -> Taken<Vec<String>> {
    let kinds = reader.list(node, 1..=MOST_ENTRIES, Reader::code)?;
    Ok(kinds.into_iter().map(Code::into).collect())
}

/// The badge that a rule, tier or prize grants: it must be declared.
fn granted_badge(reader: &mut Reader, node: &Node, declared: &HashSet<&str>) -> Taken<Code> {
    let text = reader.text(node)?;
    Code::new(text).filter(|_| declared.contains(text)).ok_or_else(|| {
        reader.refuse(Finding::new(node.at.as_str(), ProblemCode::UnknownBadge).with("badge", shown(text)))
    })
}

/// The measure that a condition or points run over: it must be in the catalogue.
fn measure<'k>(reader: &mut Reader<'k>, node: &Node) -> Taken<&'k Measure> {
    let text = reader.text(node)?;
    reader.known.measure(text).ok_or_else(|| {
        reader.refuse(Finding::new(node.at.as_str(), ProblemCode::UnknownMeasure).with("measure", shown(text)))
    })
}

/// Notes a value that lies outside the scale of `measure`.
fn refuse_outside_scale(reader: &mut Reader, node: &Node, measure: &Measure) -> reader::Refused {
    let finding = Finding::new(node.at.as_str(), ProblemCode::OutsideScale);
    let finding = finding.with("measure", &measure.code).with("scale", measure.scale_text());
    reader.refuse(finding.with("value", node.value))
}
