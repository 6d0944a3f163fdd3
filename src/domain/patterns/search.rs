//! Where to look for rings: of all groups there could be, those whose people are tied to each other beyond what chance
//! would bring. Bounded in its work whatever there is to look through. Judges nothing: what it does not find is not found,
//! and what it finds is judged as one of all the groups there could be.

use std::collections::{BTreeSet, HashMap};

use super::chance::surprise;
use super::expected::Expected;
use super::network::Network;

/// The most people of a ring.
pub const LARGEST: usize = 6;
/// Ties of one person that are followed.
const MOST_PARTNERS: usize = 8;
/// Arcs from one person that are followed round.
const MOST_ARCS: usize = 4;
/// Ties that groups are grown from.
const MOST_SEEDS: usize = 20_000;
/// Groups, and cycles, that are judged.
const MOST_CANDIDATES: usize = 4_000;
/// Kudos that a tie, an arc or one more in a group must bring.
const LEAST_COUNT: u32 = 2;
/// The most that politeness is taken for.
const MOST_RETURNED: f64 = 0.6;
/// The surprise that an arc or the first tie of a group must bring.
const LEAST_SURPRISE: f64 = 1.5;

/// What groups are grown by: what the model expects of each tie, or what it would if all were as popular.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Look {
    ByModel,
    Flat,
}

/// What two people gave each other.
#[derive(Debug, Clone, Copy)]
pub struct Tie {
    /// The one of the lower number.
    pub low: u32,
    /// The other one.
    pub high: u32,
    /// How often in sum.
    pub count: u32,
    /// How often chance would bring it from the low one to the high one.
    pub forth: f64,
    /// The same back.
    pub back: f64,
    /// What each way of looking expects in sum.
    seen: [f64; 2],
}

impl Tie {
    /// How often chance would bring it in sum.
    fn expected(&self) -> f64 {
        self.forth + self.back
    }

    fn surprise(&self, look: Look) -> f64 {
        surprise(self.count, self.seen(look))
    }

    fn seen(&self, look: Look) -> f64 {
        let [by_model, flat] = self.seen;
        match look {
            Look::ByModel => by_model,
            Look::Flat => flat,
        }
    }

    fn from(&self, giver: u32) -> f64 {
        if giver == self.low { self.forth } else { self.back }
    }
}

/// Everybody's ties.
pub struct Ties<'a> {
    network: &'a Network,
    model: &'a Expected<'a>,
    ties: HashMap<(u32, u32), Tie>,
    /// Everybody's strongest ones, by place.
    partners: Vec<Vec<u32>>,
}

/// Some people, and how much they stand out at a first look.
type Candidate = (f64, Vec<u32>);

impl<'a> Ties<'a> {
    /// Finds them.
    pub fn of(network: &'a Network, model: &'a Expected<'a>) -> Self {
        let mut ties = HashMap::with_capacity(network.arcs.len());
        let mut strongest: Vec<Vec<(f64, u32)>> = vec![Vec::new(); network.teams.len()];
        for (low, high) in network.connected() {
            let aside = model.without(&[low, high]);
            let (forth, back) = (model.between(&aside, low, high), model.between(&aside, high, low));
            let count = network.count(low, high) + network.count(high, low);
            let seen = [forth + back, model.flat(low, high) + model.flat(high, low)];
            let tie = Tie { low, high, count, forth, back, seen };
            ties.insert((low, high), tie);
            for (one, other) in [(low, high), (high, low)] {
                if let Some(strongest) = strongest.get_mut(one as usize) {
                    strongest.push((tie.surprise(Look::Flat), other));
                }
            }
        }
        let partners = strongest.into_iter().map(|ties| best(ties, MOST_PARTNERS)).collect();
        Self { network, model, ties, partners }
    }

    /// Each tie.
    pub fn all(&self) -> impl Iterator<Item = &Tie> {
        self.ties.values()
    }

    /// How often thanks are returned: the pairs that are tied both ways beyond those that are so by chance, as a part of
    /// all that are tied; with two standard errors, rather too high than too low.
    pub fn returned(&self) -> f64 {
        let both_ways = self
            .all()
            .filter(|tie| self.network.count(tie.low, tie.high) > 0 && self.network.count(tie.high, tie.low) > 0);
        let (both, all) = (both_ways.count() as f64, self.ties.len() as f64);
        let any = |expected: f64| 1.0 - (-expected).exp();
        let mut returned = 0.0;
        // What is returned is expected as well, and brings pairs together no second time.
        for _ in 0..4 {
            let firsts = 1.0 - returned;
            let by_chance: f64 = self
                .all()
                .map(|tie| any(tie.forth * firsts) * any(tie.back * firsts) / any(tie.expected() * firsts).max(1e-12))
                .sum();
            returned = ((both - by_chance) / (all - by_chance).max(1.0)).clamp(0.0, MOST_RETURNED);
        }
        (returned + 2.0 * (both + 1.0).sqrt() / (all + 1.0)).min(MOST_RETURNED)
    }

    fn tie(&self, one: u32, other: u32) -> Option<&Tie> {
        self.ties.get(&(one.min(other), one.max(other)))
    }

    /// What somebody and a group gave each other, and what chance would bring of it.
    fn ties_to(&self, person: u32, group: &[u32], look: Look) -> (u32, f64) {
        let mut sum = (0, 0.0);
        for other in group {
            match self.tie(person, *other) {
                Some(tie) => sum = (sum.0 + tie.count, sum.1 + tie.seen(look)),
                None => sum.1 += self.model.flat(person, *other) + self.model.flat(*other, person),
            }
        }
        sum
    }

    /// Groups of three to six, each ascending: from the most surprising ties on, with whoever adds the most.
    pub fn groups(&self) -> BTreeSet<Vec<u32>> {
        [Look::ByModel, Look::Flat].into_iter().flat_map(|look| self.groups_by(look)).collect()
    }

    fn groups_by(&self, look: Look) -> Vec<Vec<u32>> {
        let surprising = self.all().map(|tie| (tie.surprise(look), (tie.low, tie.high), tie.count));
        let seeds = surprising.filter(|(surprise, _, count)| *count >= LEAST_COUNT && *surprise >= LEAST_SURPRISE);
        let seeds = seeds.map(|(surprise, people, _)| (surprise, people)).collect();
        let mut found = BTreeSet::new();
        let mut candidates: Vec<Candidate> = Vec::new();
        for (low, high) in best(seeds, MOST_SEEDS) {
            for (score, mut group) in self.grow(low, high, look) {
                group.sort_unstable();
                if found.insert(group.clone()) {
                    candidates.push((score, group));
                }
            }
        }
        best(candidates, MOST_CANDIDATES)
    }

    /// The groups on the way from a tie to the largest.
    fn grow(&self, low: u32, high: u32, look: Look) -> Vec<Candidate> {
        let mut group = vec![low, high];
        let (mut count, mut expected) = self.tie(low, high).map_or((0, 0.0), |tie| (tie.count, tie.seen(look)));
        let mut found = Vec::new();
        while group.len() < LARGEST {
            let mut candidates: Vec<u32> =
                group.iter().filter_map(|one| self.partners.get(*one as usize)).flatten().copied().collect();
            candidates.sort_unstable();
            candidates.dedup();
            let added = candidates.into_iter().filter(|one| !group.contains(one)).filter_map(|one| {
                let (more, chance) = self.ties_to(one, &group, look);
                let score = surprise(count + more, expected + chance);
                (more >= LEAST_COUNT).then_some((score, one, more, chance))
            });
            let Some((score, one, more, chance)) = added.max_by(|one, other| one.0.total_cmp(&other.0)) else { break };
            group.push(one);
            (count, expected) = (count + more, expected + chance);
            // Larger groups surprise more by themselves: there are more of them.
            found.push((score / group.len() as f64, group.clone()));
        }
        found
    }

    /// Cycles of three to six, in the direction of the kudos, each from its lowest number on.
    pub fn cycles(&self) -> Vec<Vec<u32>> {
        let mut arcs: Vec<Vec<(f64, u32)>> = vec![Vec::new(); self.network.teams.len()];
        for ((giver, receiver), arc) in &self.network.arcs {
            let Some(tie) = self.tie(*giver, *receiver) else { continue };
            let surprise = surprise(arc.kudos.len() as u32, tie.from(*giver));
            if arc.kudos.len() as u32 >= LEAST_COUNT
                && surprise >= LEAST_SURPRISE
                && let Some(arcs) = arcs.get_mut(*giver as usize)
            {
                arcs.push((surprise, *receiver));
            }
        }
        let arcs: Vec<Vec<u32>> = arcs.into_iter().map(|arcs| best(arcs, MOST_ARCS)).collect();
        let mut found = Vec::new();
        for start in 0..arcs.len() as u32 {
            let mut path = vec![start];
            self.follow(&arcs, &mut path, &mut found);
        }
        best(found, MOST_CANDIDATES)
    }

    fn follow(&self, arcs: &[Vec<u32>], path: &mut Vec<u32>, found: &mut Vec<Candidate>) {
        let (Some(first), Some(last)) = (path.first().copied(), path.last().copied()) else { return };
        for next in arcs.get(last as usize).into_iter().flatten() {
            if *next == first && path.len() > 2 {
                found.push((self.round(path), path.clone()));
            }
            if *next > first && path.len() < LARGEST && !path.contains(next) {
                path.push(*next);
                self.follow(arcs, path, found);
                path.pop();
            }
        }
    }

    /// How much a cycle stands out at a first look, for its length.
    fn round(&self, cycle: &[u32]) -> f64 {
        let (mut count, mut expected) = (0, 0.0);
        for (giver, receiver) in arcs_of(cycle) {
            count += self.network.count(giver, receiver);
            expected += self.tie(giver, receiver).map_or(0.0, |tie| tie.from(giver));
        }
        surprise(count, expected) / cycle.len() as f64
    }
}

/// The arcs of a cycle: each to the next, the last to the first.
pub fn arcs_of(cycle: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    cycle.iter().copied().zip(cycle.iter().copied().cycle().skip(1))
}

/// What scores highest, at most so many; of equal ones the lesser first, so that no order of a map shows.
fn best<T: Ord>(mut scored: Vec<(f64, T)>, most: usize) -> Vec<T> {
    scored.sort_unstable_by(|one, other| other.0.total_cmp(&one.0).then_with(|| one.1.cmp(&other.1)));
    scored.truncate(most);
    scored.into_iter().map(|(_, thing)| thing).collect()
}
