//! Reading contests: on which board, when, and what is won.

use std::collections::HashSet;

use super::calendar::{bounded_period, days};
use super::granted_badge;
use super::reader::{Fields, Node, Reader, Taken, shown};
use crate::domain::ids::Code;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Contest, ContestRuns, Prize};

/// The most contests.
pub(super) const MOST_CONTESTS: usize = 50;
/// The most prizes of a contest.
const MOST_PRIZES: usize = 50;
/// The last rank that can win.
const LAST_RANK: i64 = 10_000;
/// The most samples that a contest can ask for.
const MOST_SAMPLES: i64 = 1_000_000_000;

/// What a contest names of the rest of the document.
pub(super) struct Declared<'a> {
    /// The codes of the boards.
    pub boards: HashSet<&'a str>,
    /// The codes of the badges.
    pub badges: &'a HashSet<&'a str>,
}

/// A contest.
pub(super) fn contest(reader: &mut Reader, node: &Node, declared: &Declared) -> Taken<Contest> {
    const KNOWN: &[&str] = &["code", "name", "board", "per", "from", "until", "qualify", "prizes", "ties"];
    let fields = reader.fields(node, KNOWN)?;
    let code = fields.need(reader, "code").and_then(|code| reader.code(&code));
    let name = fields.need(reader, "name").and_then(|name| reader.name(&name));
    let board = fields.need(reader, "board").and_then(|board| declared_board(reader, &board, declared));
    let runs = runs(reader, &fields);
    let samples = fields.get("qualify").map_or(Ok(1), |qualify| qualify_samples(reader, &qualify));
    let mut last = 0;
    let prizes = fields.need(reader, "prizes").and_then(|prizes| {
        reader.list(&prizes, 1..=MOST_PRIZES, |reader, node| prize(reader, node, declared.badges, &mut last))
    });
    let ties = fields.get("ties").map_or(Ok(()), |ties| reader.one_of(&ties, &[("all", ())]));
    ties?;
    Ok(Contest {
        code: code?,
        name: name?,
        board: board?,
        runs: runs?,
        qualify_samples: u32::try_from(samples?).unwrap_or(u32::MAX),
        prizes: prizes?,
    })
}

fn declared_board(reader: &mut Reader, node: &Node, declared: &Declared) -> Taken<Code> {
    let text = reader.text(node)?;
    Code::new(text).filter(|_| declared.boards.contains(text)).ok_or_else(|| {
        let finding = Finding::new(node.at.as_str(), ProblemCode::UnknownName).with("what", "board");
        reader.refuse(finding.with("name", shown(text)))
    })
}

fn runs(reader: &mut Reader, fields: &Fields) -> Taken<ContestRuns> {
    match (fields.get("per"), fields.get("from").is_some() || fields.get("until").is_some()) {
        (Some(per), false) => bounded_period(reader, &per).map(ContestRuns::Per),
        (None, true) => days(reader, fields).map(ContestRuns::Days),
        _ => Err(reader.refuse_choice(fields, "per, from + until")),
    }
}

fn qualify_samples(reader: &mut Reader, node: &Node) -> Taken<i64> {
    let fields = reader.fields(node, &["samples"])?;
    let samples = fields.need(reader, "samples")?;
    reader.whole(&samples, 1..=MOST_SAMPLES)
}

/// A prize for the ranks after `last`, which moves on to its own last.
fn prize(reader: &mut Reader, node: &Node, badges: &HashSet<&str>, last: &mut u32) -> Taken<Prize> {
    let fields = reader.fields(node, &["ranks", "reward", "badge"])?;
    let ranks = fields.need(reader, "ranks").and_then(|ranks| ranks_after(reader, &ranks, last));
    let reward = fields.get("reward").map(|reward| reader.code(&reward)).transpose();
    let badge = fields.get("badge").map(|badge| granted_badge(reader, &badge, badges)).transpose();
    let ((first, last), reward, badge) = (ranks?, reward?, badge?);
    if reward.is_none() && badge.is_none() {
        return Err(reader.refuse_at(node, ProblemCode::EmptyPrize));
    }
    Ok(Prize { first, last, reward, badge })
}

fn ranks_after(reader: &mut Reader, node: &Node, before: &mut u32) -> Taken<(u32, u32)> {
    let Some([first, last]) = node.value.as_array().map(Vec::as_slice) else {
        return Err(reader.refuse_at(node, ProblemCode::InvalidRanks));
    };
    let mut rank = |index, value| {
        let rank = reader.whole(&node.entry(index, value), 1..=LAST_RANK)?;
        Ok(u32::try_from(rank).unwrap_or(u32::MAX))
    };
    let (first, last) = (rank(0, first), rank(1, last));
    let (first, last) = (first?, last?);
    if first <= std::mem::replace(before, last) || last < first {
        return Err(reader.refuse_at(node, ProblemCode::InvalidRanks));
    }
    Ok((first, last))
}
