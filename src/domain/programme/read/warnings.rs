//! What is taken, but may be a slip, or does not do anything yet.

use std::collections::HashSet;

use super::Known;
use super::reader::MOST_FINDINGS;
use crate::domain::ids::Code;
use crate::domain::measure::Aggregation;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::{Badge, Programme, Rank};
use crate::domain::samples::is_share;

/// The warnings about a programme, each with its place in the document; at most 100.
pub(super) fn warnings(programme: &Programme, known: &dyn Known) -> Vec<Finding> {
    let mut all: Vec<_> = unused_badges(programme).chain(rewards(programme, known)).collect();
    all.extend(boards(programme, known));
    all.truncate(MOST_FINDINGS);
    all
}

fn unused_badges(programme: &Programme) -> impl Iterator<Item = Finding> {
    let by_rules = programme.rules.iter().filter_map(|rule| rule.award.badge.as_ref());
    let by_tiers = programme.tiers.iter().filter_map(|tier| tier.badge.as_ref());
    let prizes = programme.contests.iter().flat_map(|contest| &contest.prizes);
    let by_prizes = prizes.filter_map(|prize| prize.badge.as_ref());
    let granted: HashSet<&Code> = by_rules.chain(by_tiers).chain(by_prizes).collect();
    let unused = move |(index, badge): (usize, &Badge)| {
        let finding = Finding::new(format!("/badges/{index}"), ProblemCode::UnusedBadge);
        (!granted.contains(&badge.code)).then(|| finding.with("badge", &badge.code))
    };
    programme.badges.iter().enumerate().filter_map(unused)
}

/// Rewards that the catalogue does not have: they are proposed once it does.
fn rewards(programme: &Programme, known: &dyn Known) -> impl Iterator<Item = Finding> {
    let tiers = programme.tiers.iter().enumerate();
    let of_tiers = tiers.map(|(index, tier)| (format!("/tiers/{index}/reward"), &tier.reward));
    let contests = programme.contests.iter().enumerate();
    let of_prizes = contests.flat_map(|(contest, terms)| {
        let prizes = terms.prizes.iter().enumerate();
        prizes.map(move |(index, prize)| (format!("/contests/{contest}/prizes/{index}/reward"), &prize.reward))
    });
    of_tiers.chain(of_prizes).filter_map(|(pointer, reward)| {
        let reward = reward.as_ref().filter(|reward| !known.reward(reward.as_str()))?;
        Some(Finding::new(pointer, ProblemCode::UnknownReward).with("reward", reward))
    })
}

/// Boards of measures on which a prior does nothing, or on which one lucky value is enough for the first rank.
fn boards(programme: &Programme, known: &dyn Known) -> impl Iterator<Item = Finding> {
    programme.boards.iter().enumerate().filter_map(move |(index, board)| {
        let Rank::Measure { measure, min_samples, prior } = &board.rank else { return None };
        let measure = known.measure(measure)?;
        let at = |field: &str, code: ProblemCode| {
            Some(Finding::new(format!("/boards/{index}/{field}"), code).with("measure", &measure.code))
        };
        match prior {
            Some(_) if measure.aggregation != Aggregation::Mean => at("prior", ProblemCode::IdlePrior),
            None if measure.aggregation == Aggregation::Mean && !is_share(measure) && *min_samples < 2 => {
                at("rank", ProblemCode::OneValueSuffices)
            }
            _ => None,
        }
    })
}
