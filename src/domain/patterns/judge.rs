//! Which pairs and rings are far above chance.
//!
//! Three figures are compared with what is expected of them: kudos between two people, kudos inside a group of three to six,
//! and kudos round a cycle of as many. A finding must be so rare that, were everybody honest, one report in a hundred would
//! name any such thing at all: its probability is multiplied with the number of all pairs, groups or cycles that there could
//! have been (Bonferroni, 1936; of groups of one team, with those alone) and with the kinds of tests. And it must be a
//! multiple of what is expected, since a large number shows small differences too. Each person of a ring must be tied to the
//! rest of it beyond chance: else a pair would make a ring with everybody whom either knows.

use super::chance::{Spread, ln_add, ln_choices, ln_tail};
use super::expected::{Aside, Expected};
use super::habits::Share;
use super::network::Network;
use super::search::{LARGEST, Ties, arcs_of};
use super::words;
use crate::domain::language::Localised;

/// Kinds of tests: pairs, groups and cycles of each size, each of one team and of any.
const KINDS_OF_TESTS: f64 = 2.0 * (1.0 + 2.0 * (LARGEST as f64 - 2.0));
/// The least that two people must have given each other in sum, and each of them the other.
const LEAST_OF_PAIR: (u32, u32) = (6, 2);

/// An expectation below this is taken for this, where it divides.
pub const LEAST_EXPECTED: f64 = 0.1;

/// From when on something is a finding.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Strictness {
    /// The most probable that any finding of a report may be where everybody is honest.
    pub chance: f64,
    /// The least multiple of what is expected, of pairs and cycles.
    pub times: f64,
    /// The same of groups, where every kudos between any of them counts.
    pub times_in_group: f64,
    /// The least part of what somebody received that is a finding when one person gave it.
    pub share: f64,
    /// The least that somebody must have received for that.
    pub share_of: u32,
    /// The least part of somebody's kudos that is a finding when they came in the last days.
    pub burst: f64,
    /// The least that somebody must have given for that.
    pub burst_of: u32,
}

impl Default for Strictness {
    fn default() -> Self {
        Self { chance: 0.01, times: 3.0, times_in_group: 2.0, share: 0.5, share_of: 10, burst: 0.5, burst_of: 8 }
    }
}

/// Two to six people and what they gave each other.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    /// Who: of a cycle in the direction of the kudos, else ascending.
    pub people: Vec<u32>,
    /// Whether what is counted goes round, each to the next; else it is all that they gave each other.
    pub round: bool,
    /// How many kudos.
    pub observed: u32,
    /// How many chance would bring.
    pub expected: f64,
    /// Points that these carried.
    pub points: i64,
    /// All kudos that these people gave, to anybody.
    pub given: u32,
    /// How probable it is at most that an honest period shows any such finding: its natural logarithm.
    pub ln_chance: f64,
}

impl Ring {
    /// How many times what chance would bring; of what it would hardly bring at all, at least.
    pub fn times(&self) -> f64 {
        f64::from(self.observed) / self.expected.max(LEAST_EXPECTED)
    }

    /// Why it was found.
    pub fn why(&self) -> Localised {
        words::of_ring(self)
    }
}

/// What stands out in the network.
#[derive(Debug, Default)]
pub struct Found {
    /// Three to six people.
    pub rings: Vec<Ring>,
    /// Two.
    pub pairs: Vec<Ring>,
    /// A giver's part of what somebody received.
    pub shares: Vec<Share>,
}

/// Rings, pairs and shares, the least probable first. A pair of a ring is not named again, nor a ring that is half of another.
pub fn stand_out(network: &Network, strictness: &Strictness) -> Found {
    let model = Expected::new(network);
    let ties = Ties::of(network, &model);
    let bench =
        Bench { network, model: &model, strictness, returned: ties.returned(), families: Families::of(network) };
    let groups = ties.groups().into_iter().filter_map(|group| bench.group(group));
    let cycles = ties.cycles().into_iter().filter_map(|cycle| bench.cycle(cycle));
    let rings = apart(by_chance(groups.chain(cycles).collect()));
    let pairs = ties.all().filter_map(|tie| bench.pair(tie.low, tie.high));
    let in_ring = |pair: &Ring| rings.iter().any(|ring| pair.people.iter().all(|person| ring.people.contains(person)));
    let pairs = by_chance(pairs.filter(|pair| !in_ring(pair)).collect());
    Found { rings, pairs, shares: bench.shares() }
}

/// Rings that are not half of another, the least probable first, each as wide as it is a finding: who belongs to a ring is not
/// left out because the others are tied still closer.
fn apart(found: Vec<Ring>) -> Vec<Ring> {
    let within = |ring: &Ring, other: &Ring| ring.people.iter().all(|person| other.people.contains(person));
    let mut rings: Vec<Ring> = Vec::new();
    for ring in &found {
        let common = |other: &Ring| ring.people.iter().filter(|person| other.people.contains(person)).count();
        if rings.iter().all(|other| 2 * common(other) < ring.people.len().min(other.people.len())) {
            let mut widest = ring;
            while let Some(wider) =
                found.iter().find(|other| within(widest, other) && other.people.len() > widest.people.len())
            {
                widest = wider;
            }
            rings.push(widest.clone());
        }
    }
    rings
}

fn by_chance(mut found: Vec<Ring>) -> Vec<Ring> {
    found.sort_unstable_by(|one, other| {
        one.ln_chance.total_cmp(&other.ln_chance).then_with(|| one.people.cmp(&other.people))
    });
    found
}

/// How many pairs, groups and cycles there could be of people who gave and received.
struct Families {
    people: u32,
    by_team: Vec<u32>,
}

impl Families {
    fn of(network: &Network) -> Self {
        let two_way = network.two_way();
        let mut by_team = Vec::new();
        two_way.iter().for_each(|person| super::count_up(&mut by_team, network.team(*person)));
        Self { people: two_way.len() as u32, by_team }
    }

    /// The natural logarithm of the number of groups of that size.
    fn ln_groups(&self, size: usize, one_team: Option<u32>) -> f64 {
        let size = size as u32;
        if one_team.is_none() {
            return ln_choices(self.people, size);
        }
        let teams = self.by_team.iter().filter(|members| **members >= size);
        teams.map(|members| ln_choices(*members, size)).fold(0.0, ln_add)
    }

    /// The natural logarithm of the number of people who could be one more of a ring.
    fn ln_others(&self, one_team: Option<u32>) -> f64 {
        let others = one_team.map_or(self.people, |team| super::at(&self.by_team, team));
        (2.0 * f64::from(others.max(1))).ln()
    }
}

/// What everything is judged with.
struct Bench<'a> {
    network: &'a Network,
    model: &'a Expected<'a>,
    strictness: &'a Strictness,
    returned: f64,
    families: Families,
}

/// Counted and expected, with the receivers that chance would bring it to.
#[derive(Default)]
struct Sum {
    observed: u32,
    points: i64,
    expected: Vec<(u32, f64)>,
}

impl Sum {
    fn expected(&self) -> f64 {
        self.expected.iter().map(|(_, expected)| expected).sum()
    }
}

impl Bench<'_> {
    fn sum(&self, aside: &Aside, arcs: impl Iterator<Item = (u32, u32)>) -> Sum {
        let mut sum = Sum::default();
        let mut kudos = Vec::new();
        for (giver, receiver) in arcs.filter(|(giver, receiver)| giver != receiver) {
            kudos.extend_from_slice(self.network.kudos(giver, receiver));
            sum.points = sum.points.saturating_add(self.network.points(giver, receiver));
            sum.expected.push((receiver, self.model.between(aside, giver, receiver)));
        }
        // What thanks several of them at once is one act.
        kudos.sort_unstable();
        kudos.dedup();
        sum.observed = kudos.len() as u32;
        sum
    }

    fn pair(&self, low: u32, high: u32) -> Option<Ring> {
        let counts = (self.network.count(low, high), self.network.count(high, low));
        if counts.0 + counts.1 < LEAST_OF_PAIR.0 || counts.0.min(counts.1) < LEAST_OF_PAIR.1 {
            return None;
        }
        let aside = self.model.without(&[low, high]);
        let sum = self.sum(&aside, [(low, high), (high, low)].into_iter());
        let least = self.strictness.times;
        self.ring(&aside, vec![low, high], &sum, Counted { round: false, returned: self.returned, ways: 0.0, least })
    }

    fn shares(&self) -> Vec<Share> {
        let Strictness { share: least, share_of, chance, .. } = *self.strictness;
        let all = self.network.arcs.iter().filter_map(|((giver, receiver), arc)| {
            let (observed, received) = (arc.kudos.len() as u32, super::at(&self.network.received, *receiver));
            if received < share_of || f64::from(observed) < least * f64::from(received) {
                return None;
            }
            let aside = self.model.without(&[*giver, *receiver]);
            let sum = self.sum(&aside, [(*giver, *receiver)].into_iter());
            let ways = (2.0 * f64::from(self.families.people.max(1))).ln() * 2.0;
            let ln_chance = (self.ln_tail(&aside, &sum, self.returned) + ways).min(0.0);
            let (giver, receiver, points, expected) = (*giver, *receiver, sum.points, sum.expected());
            let share = Share { giver, receiver, observed, received, points, expected, ln_chance };
            (ln_chance <= chance.ln()).then_some(share)
        });
        let mut found: Vec<Share> = all.collect();
        found.sort_unstable_by(|one, other| {
            let by_chance = one.ln_chance.total_cmp(&other.ln_chance);
            by_chance.then_with(|| (one.receiver, one.giver).cmp(&(other.receiver, other.giver)))
        });
        found
    }

    fn group(&self, group: Vec<u32>) -> Option<Ring> {
        let aside = self.model.without(&group);
        let sum = self.sum(&aside, pairs_of(&group));
        let least = self.strictness.times_in_group;
        let counted = Counted { round: false, returned: self.returned, ways: 0.0, least };
        let ring = self.ring(&aside, group, &sum, counted)?;
        let tied = |one: u32| {
            let others = ring.people.iter().copied().filter(move |other| *other != one);
            let arcs = others.flat_map(|other| [(one, other), (other, one)]);
            let both_ways = ring.people.iter().any(|other| self.network.count(one, *other) > 0)
                && ring.people.iter().any(|other| self.network.count(*other, one) > 0);
            both_ways && self.belongs(&ring, &aside, &self.sum(&aside, arcs), self.returned)
        };
        ring.people.iter().copied().all(tied).then_some(ring)
    }

    fn cycle(&self, cycle: Vec<u32>) -> Option<Ring> {
        let aside = self.model.without(&cycle);
        let sum = self.sum(&aside, arcs_of(&cycle));
        // As many orders as the others can stand in after the first.
        let ways = (2..cycle.len()).map(|place| (place as f64).ln()).sum();
        let counted = Counted { round: true, returned: 0.0, ways, least: self.strictness.times };
        let ring = self.ring(&aside, cycle, &sum, counted)?;
        let tied = |one: u32| {
            let arcs = arcs_of(&ring.people).filter(move |(giver, receiver)| *giver == one || *receiver == one);
            self.belongs(&ring, &aside, &self.sum(&aside, arcs), 0.0)
        };
        ring.people.iter().copied().all(tied).then_some(ring)
    }

    /// The ring of what was counted, if that is a finding.
    fn ring(&self, aside: &Aside, people: Vec<u32>, sum: &Sum, counted: Counted) -> Option<Ring> {
        let expected = sum.expected();
        let ways = self.families.ln_groups(people.len(), self.one_team(&people)) + counted.ways + KINDS_OF_TESTS.ln();
        let ln_chance = (self.ln_tail(aside, sum, counted.returned) + ways).min(0.0);
        let ring = Ring {
            given: people.iter().map(|person| super::at(&self.network.given, *person)).sum(),
            people,
            round: counted.round,
            observed: sum.observed,
            expected,
            points: sum.points,
            ln_chance,
        };
        (ln_chance <= self.strictness.chance.ln() && ring.times() >= counted.least).then_some(ring)
    }

    /// Whether somebody's ties to the rest are rarer than those of anybody would be by chance: of anybody in the team, if it
    /// is of one.
    fn belongs(&self, ring: &Ring, aside: &Aside, sum: &Sum, returned: f64) -> bool {
        let ways = self.families.ln_others(self.one_team(&ring.people));
        self.ln_tail(aside, sum, returned) + ways <= self.strictness.chance.ln()
    }

    fn one_team(&self, people: &[u32]) -> Option<u32> {
        let team = self.network.team(*people.first()?);
        people.iter().all(|person| self.network.team(*person) == team).then_some(team)
    }

    fn ln_tail(&self, aside: &Aside, sum: &Sum, returned: f64) -> f64 {
        let uncertainty = self.model.uncertainty(aside, &sum.expected);
        ln_tail(sum.observed, sum.expected(), Spread { uncertainty, returned })
    }
}

/// How something was counted.
struct Counted {
    round: bool,
    returned: f64,
    /// The natural logarithm of how many of it each group of people can have.
    ways: f64,
    /// The least multiple of what is expected.
    least: f64,
}

fn pairs_of(group: &[u32]) -> impl Iterator<Item = (u32, u32)> {
    group.iter().flat_map(move |giver| group.iter().map(move |receiver| (*giver, *receiver)))
}
