//! Reading how recognition shows: badges, tiers and boards.

use std::collections::HashSet;

use serde_json::Value;

use super::calendar::board_period;
use super::reader::{Fields, Node, Reader, Taken};
use super::{coded_or_none, granted_badge};
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Badge, Board, BoardSubject, Combine, Rank, Show, Tier};
use crate::domain::text;

/// The most tiers.
const MOST_TIERS: usize = 50;
/// The most boards.
pub(super) const MOST_BOARDS: usize = 50;
/// Characters of an address.
const MOST_IN_ADDRESS: usize = 1_000;

/// A badge.
pub(super) fn badge(reader: &mut Reader, node: &Node) -> Taken<Badge> {
    let fields = reader.fields(node, &["code", "name", "description", "image"], &[])?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let description = fields.get("description").map(|text| reader.description(&text)).transpose();
    let image = fields.get("image").map(|image| address(reader, &image)).transpose();
    Ok(Badge { code: code?, name: name?, description: description?, image: image? })
}

/// An address that a browser loads a picture from; no scheme that runs or embeds something.
fn address(reader: &mut Reader, node: &Node) -> Taken<String> {
    let address = reader.cleaned(node, MOST_IN_ADDRESS, text::line)?;
    let on_this_server = address.starts_with('/') && !address.starts_with("//");
    if on_this_server || address.starts_with("https://") || address.starts_with("http://") {
        return Ok(address);
    }
    Err(reader.refuse_at(node, ProblemCode::InvalidAddress))
}

/// The tiers, strictly ascending.
pub(super) fn tiers(reader: &mut Reader, fields: &Fields, declared: &HashSet<&str>) -> Taken<Vec<Tier>> {
    let mut below: Option<crate::domain::points::Points> = None;
    coded_or_none(reader, fields, "tiers", MOST_TIERS, |reader, node| {
        let fields = reader.fields(node, &["code", "name", "at", "badge"], &["reward"])?;
        let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
        let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
        let at = fields.need(reader, "at").and_then(|at| {
            let points = reader.points(&at, 0)?;
            match below.replace(points) {
                Some(below) if points <= below => Err(reader.refuse_at(&at, ProblemCode::NotAscending)),
                _ => Ok(points),
            }
        });
        let badge = fields.get("badge").map(|badge| granted_badge(reader, &badge, declared)).transpose();
        Ok(Tier { code: code?, name: name?, at: at?, badge: badge?, reward: None })
    })
}

/// A leaderboard over points.
pub(super) fn board(reader: &mut Reader, node: &Node) -> Taken<Board> {
    const KNOWN: &[&str] = &["code", "name", "rank", "subject", "period", "combine", "show"];
    let fields = reader.fields(node, KNOWN, &["min_samples", "prior", "weight"])?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let ranks_points = fields.need(reader, "rank").and_then(|rank| ranks_points(reader, &rank));
    let subject = subject(reader, &fields);
    let period = fields.need(reader, "period").and_then(|period| board_period(reader, &period));
    shows_names(reader, &fields)?;
    ranks_points?;
    Ok(Board { code: code?, name: name?, rank: Rank::Points, subject: subject?, period: period?, show: Show::Named })
}

fn ranks_points(reader: &mut Reader, node: &Node) -> Taken<()> {
    match node.value {
        Value::String(rank) if rank == "points" => Ok(()),
        Value::String(rank) if rank == "kudos" => Err(reader.not_built(&node.at, "\"rank\": \"kudos\"")),
        Value::Object(rank) if rank.contains_key("measure") => {
            Err(reader.not_built(&node.at, "\"rank\": {\"measure\": …}"))
        }
        _ => {
            let finding = Finding::new(node.at.as_str(), ProblemCode::InvalidValue);
            Err(reader.refuse(finding.with("expected", "points")))
        }
    }
}

fn subject(reader: &mut Reader, fields: &Fields) -> Taken<BoardSubject> {
    let of_teams = fields
        .need(reader, "subject")
        .and_then(|subject| reader.one_of(&subject, &[("person", false), ("team", true)]));
    let combine = fields.get("combine").map(|combine| {
        if let Ok(false) = of_teams {
            return Err(reader.refuse_at(&combine, ProblemCode::CombineForPersons));
        }
        reader.one_of(
            &combine,
            &[("own", Combine::Own), ("sum", Combine::Sum), ("mean_per_member", Combine::MeanPerMember)],
        )
    });
    let combine = combine.transpose()?;
    Ok(if of_teams? { BoardSubject::Team(combine.unwrap_or(Combine::Own)) } else { BoardSubject::Person })
}

fn shows_names(reader: &mut Reader, fields: &Fields) -> Taken<()> {
    let Some(node) = fields.get("show") else { return Ok(()) };
    let what = match node.value {
        Value::String(show) if show == "named" => return Ok(()),
        Value::String(show) if show == "alias" => "\"show\": \"alias\"",
        Value::String(show) if show == "own" => "\"show\": \"own\"",
        Value::Object(show) if show.contains_key("top") => "\"show\": {\"top\": …}",
        _ => {
            let finding = Finding::new(node.at.as_str(), ProblemCode::InvalidValue);
            return Err(reader.refuse(finding.with("expected", "named")));
        }
    };
    Err(reader.not_built(&node.at, what))
}
