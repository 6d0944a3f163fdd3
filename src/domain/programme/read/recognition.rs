//! Reading how recognition shows: badges and tiers.

use std::collections::HashSet;

use super::reader::{Fields, Node, Reader, Taken};
use super::{coded_or_none, granted_badge};
use crate::domain::problem::ProblemCode;
use crate::domain::programme::{Badge, Tier};
use crate::domain::text;

/// The most tiers.
const MOST_TIERS: usize = 50;
/// Characters of an address.
const MOST_IN_ADDRESS: usize = 1_000;

/// A badge.
pub(super) fn badge(reader: &mut Reader, node: &Node) -> Taken<Badge> {
    let fields = reader.fields(node, &["code", "name", "description", "image"])?;
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
        let fields = reader.fields(node, &["code", "name", "at", "badge", "reward"])?;
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
        let reward = fields.get("reward").map(|reward| reader.code(&reward)).transpose();
        Ok(Tier { code: code?, name: name?, at: at?, badge: badge?, reward: reward? })
    })
}
