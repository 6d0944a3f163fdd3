//! Reading boosts: when which rules are worth more.

use std::collections::HashMap;

use serde_json::Value;

use super::calendar::days;
use super::condition::condition;
use super::reader::{MOST_ENTRIES, Node, Reader, Taken, shown};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::period::DaySpan;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::Boost;

/// The most boosts.
pub(super) const MOST_BOOSTS: usize = 50;
/// The largest factor.
const MOST_TIMES: i64 = 100;

/// What points a rule of the document has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Boostable {
    /// Those of a signal.
    Yes,
    /// Those of a goal.
    Goal,
}

/// The rules of a document, read or not, by code.
pub(super) fn boostable<'a>(rules: Option<&Node<'a>>) -> HashMap<&'a str, Boostable> {
    let entries = rules.and_then(|rules| rules.value.as_array()).into_iter().flatten();
    let coded = entries.filter_map(|rule| Some((rule.get("code")?.as_str()?, rule)));
    coded
        .map(|(code, rule)| (code, if rule.get("goal").is_some() { Boostable::Goal } else { Boostable::Yes }))
        .collect()
}

/// A boost; its rules must be among those declared, and no goals.
pub(super) fn boost(reader: &mut Reader, node: &Node, declared: &HashMap<&str, Boostable>) -> Taken<Boost> {
    let fields = reader.fields(node, &["code", "name", "from", "until", "rules", "when", "factor"])?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let span = days(reader, &fields);
    let rules = fields.need(reader, "rules").and_then(|rules| {
        let mut named: Vec<Code> = Vec::new();
        reader.list(&rules, 1..=MOST_ENTRIES, |reader, node| {
            let code = boosted(reader, node, declared)?;
            if named.contains(&code) {
                let finding = Finding::new(node.at.as_str(), ProblemCode::DuplicateCode);
                return Err(reader.refuse(finding.with("code", code)));
            }
            named.push(code.clone());
            Ok(code)
        })
    });
    let when = fields.get("when").map(|when| condition(reader, &when)).transpose();
    let factor = fields.need(reader, "factor").and_then(|number| factor(reader, &number));
    let DaySpan { first, until } = span?;
    Ok(Boost { code: code?, name: name?, from: first, until, rules: rules?, when: when?, factor: factor? })
}

fn boosted(reader: &mut Reader, node: &Node, declared: &HashMap<&str, Boostable>) -> Taken<Code> {
    let text = reader.text(node)?;
    match (Code::new(text), declared.get(text)) {
        (Some(code), Some(Boostable::Yes)) => Ok(code),
        (Some(_), Some(Boostable::Goal)) => {
            Err(reader.refuse(Finding::new(node.at.as_str(), ProblemCode::NotOnGoals).with("what", "boosts")))
        }
        _ => {
            let finding = Finding::new(node.at.as_str(), ProblemCode::UnknownName).with("what", "rule");
            Err(reader.refuse(finding.with("name", shown(text))))
        }
    }
}

fn factor(reader: &mut Reader, node: &Node) -> Taken<Decimal4> {
    let factor = reader.number(node)?;
    let range = Decimal4::from_raw(1)..=Decimal4::from_whole(MOST_TIMES);
    if range.contains(&factor) && has_two_decimals(node.value) {
        return Ok(factor);
    }
    Err(reader.refuse(Finding::new(node.at.as_str(), ProblemCode::InvalidFactor).with("most", MOST_TIMES)))
}

/// Whether a number has at most two decimals as it is written, before it is rounded to four.
fn has_two_decimals(value: &Value) -> bool {
    let text = value.to_string();
    let decimals = text.split_once('.').map_or("", |(_, decimals)| decimals.trim_end_matches('0'));
    decimals.len() <= 2 && !text.contains(['e', 'E'])
}
