//! Reading a rule: what it looks at, what it awards, how often.

use std::collections::HashSet;

use chrono::TimeDelta;

use super::condition::condition;
use super::granted_badge;
use super::points::formula;
use super::reader::{Fields, MOST_ENTRIES, Node, Reader, Taken};
use crate::domain::ids::Code;
use crate::domain::period::{self, Per};
use crate::domain::problem::ProblemCode;
use crate::domain::programme::{AwardTerms, Limit, LimitMost, LimitPer, Pattern, Rule};

/// The most limits of a rule.
const MOST_LIMITS: usize = 10;
/// The most awards that a limit can name.
const MOST_TIMES: i64 = 1_000_000_000;

const LIMIT_PERIODS: [(&str, LimitPer); 6] = [
    ("day", LimitPer::Period(Per::Day)),
    ("week", LimitPer::Period(Per::Week)),
    ("month", LimitPer::Period(Per::Month)),
    ("quarter", LimitPer::Period(Per::Quarter)),
    ("season", LimitPer::Period(Per::Season)),
    ("case", LimitPer::Case),
];

/// A rule; its badge must be among those declared.
pub(super) fn rule(reader: &mut Reader, node: &Node, declared: &HashSet<&str>) -> Taken<Rule> {
    const KNOWN: &[&str] = &["code", "name", "description", "on", "when", "award", "limits", "cooldown", "for"];
    let fields = reader.fields(node, KNOWN, &["streak", "goal", "guard"])?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let description = fields.get("description").map(|text| reader.description(&text)).transpose();
    let on = fields.need(reader, "on").and_then(|kinds| reader.list(&kinds, 1..=MOST_ENTRIES, Reader::code));
    let when = fields.get("when").map(|when| condition(reader, &when)).transpose();
    let award = fields.need(reader, "award").and_then(|award| award_terms(reader, &award, declared));
    let limits = fields.get("limits").map_or(Ok(Vec::new()), |limits| reader.list(&limits, 0..=MOST_LIMITS, limit));
    let cooldown = fields.get("cooldown").map(|text| cooldown(reader, &text)).transpose();
    for_person(reader, &fields)?;
    Ok(Rule {
        code: code?,
        name: name?,
        description: description?,
        on: on?.into_iter().map(Code::into).collect(),
        when: when?,
        pattern: Pattern::Each,
        award: award?,
        limits: limits?,
        cooldown: cooldown?,
        guard: None,
    })
}

fn for_person(reader: &mut Reader, fields: &Fields) -> Taken<()> {
    let Some(node) = fields.get("for") else { return Ok(()) };
    if reader.one_of(&node, &[("person", false), ("team", true)])? {
        return Err(reader.not_built(&node.at, "\"for\": \"team\""));
    }
    Ok(())
}

fn award_terms(reader: &mut Reader, node: &Node, declared: &HashSet<&str>) -> Taken<AwardTerms> {
    let fields = reader.fields(node, &["points", "badge"], &["to", "min_days"])?;
    let points = fields.get("points").map(|points| formula(reader, &points)).transpose();
    let badge = fields.get("badge").map(|badge| granted_badge(reader, &badge, declared)).transpose();
    match (points?, badge?) {
        (None, None) => Err(reader.refuse_at(node, ProblemCode::EmptyAward)),
        (points, badge) => Ok(AwardTerms { points, badge }),
    }
}

fn limit(reader: &mut Reader, node: &Node) -> Taken<Limit> {
    let fields = reader.fields(node, &["per", "times", "points"], &[])?;
    let per = fields.need(reader, "per").and_then(|per| reader.one_of(&per, &LIMIT_PERIODS));
    let most = match (fields.get("times"), fields.get("points")) {
        (Some(times), None) => {
            reader.whole(&times, 1..=MOST_TIMES).map(|times| LimitMost::Times(u32::try_from(times).unwrap_or(u32::MAX)))
        }
        (None, Some(points)) => reader.points(&points, 1).map(LimitMost::Points),
        _ => Err(reader.refuse_at(node, ProblemCode::ExpectedLimit)),
    };
    Ok(Limit { per: per?, most: most? })
}

fn cooldown(reader: &mut Reader, node: &Node) -> Taken<TimeDelta> {
    let text = reader.text(node)?;
    period::duration(text).ok_or_else(|| reader.refuse_at(node, ProblemCode::InvalidDuration))
}
