//! How many kudos chance would bring from one person to another: the null model.
//!
//! Everybody gives as often as they did. Which team it goes to follows what the giver's team mates do, and who in that team,
//! how often each is thanked: a configuration model in blocks, as the degree-corrected block model of Karrer and Newman
//! (Physical Review E 83, 2011) has it with teams as blocks. That people thank their own team, that two teams work together,
//! and that some are thanked by everybody, is therefore expected and no finding.
//!
//! What the people under suspicion gave each other is left out of what the model learns: else a ring in a small team would
//! make itself expected. What is learnt from few kudos is drawn towards the organisation's mean by as much as people differ at
//! all (empirical Bayes with a gamma prior: Robbins, 1956; Efron and Morris, 1973), and what stays uncertain about it widens
//! the distribution ([`Expected::uncertainty`]).

use super::at;
use super::network::Network;

/// As so many kudos weighs what the organisation does, beside what a team does.
const PRIOR_WEIGHT: f64 = 10.0;

/// Kudos of one giver that count for how popular somebody is.
const MOST_OF_ONE: usize = 2;

/// The model of a period.
pub struct Expected<'a> {
    network: &'a Network,
    /// The shape of the gamma distribution of how popular people are: the higher, the more alike they are.
    shape: f64,
}

/// Some people, and what they gave each other, which is left out.
#[derive(Default)]
pub struct Aside {
    people: Vec<u32>,
    received: Vec<u32>,
    /// By teams: the giver's and the receiver's.
    between: Vec<((u32, u32), u32)>,
    within: u32,
    total: u32,
}

impl<'a> Expected<'a> {
    /// Learns from the counts.
    pub fn new(network: &'a Network) -> Self {
        // Who is thanked again and again by few is not popular: of one giver the first kudos count.
        let mut popularity = vec![0.0; network.received.len()];
        for ((_, receiver), arc) in &network.arcs {
            if let Some(popularity) = popularity.get_mut(*receiver as usize) {
                *popularity += arc.kudos.len().min(MOST_OF_ONE) as f64;
            }
        }
        let count = popularity.len().max(1) as f64;
        let mean = popularity.iter().sum::<f64>() / count;
        let squares: f64 = popularity.iter().map(|popularity| (popularity - mean).powi(2)).sum();
        let beyond_chance = squares / count - mean;
        let shape = if beyond_chance <= 0.0 { f64::INFINITY } else { mean * mean / beyond_chance };
        Self { network, shape: shape.clamp(0.5, 50.0) }
    }

    /// Leaves out what `people` gave each other.
    pub fn without(&self, people: &[u32]) -> Aside {
        let mut aside = Aside { people: people.to_vec(), received: vec![0; people.len()], ..Aside::default() };
        for giver in people {
            for (receiver, received) in people.iter().zip(&mut aside.received) {
                let count = self.network.count(*giver, *receiver);
                if count == 0 {
                    continue;
                }
                let teams = (self.network.team(*giver), self.network.team(*receiver));
                *received += count;
                aside.total += count;
                aside.within += if teams.0 == teams.1 { count } else { 0 };
                match aside.between.iter_mut().find(|(known, _)| *known == teams) {
                    Some((_, sum)) => *sum += count,
                    None => aside.between.push((teams, count)),
                }
            }
        }
        aside
    }

    /// Kudos that `giver` would give `receiver`.
    pub fn between(&self, aside: &Aside, giver: u32, receiver: u32) -> f64 {
        let (from, to) = (self.network.team(giver), self.network.team(receiver));
        let given = f64::from(at(&self.network.given, giver));
        let mut all = self.shape * f64::from(at(&self.network.members, to))
            + f64::from(at(&self.network.received_by_team, to).saturating_sub(aside.to(to)));
        if from == to {
            all -= self.popularity(aside, giver);
        }
        let popularity = self.popularity(aside, receiver);
        given * self.part(aside, from, to) * (popularity / all.max(popularity))
    }

    /// The same as if everybody in a team were as popular as another: where nobody is left out, a ring that makes itself
    /// popular is at least not looked past.
    pub fn flat(&self, giver: u32, receiver: u32) -> f64 {
        let (from, to) = (self.network.team(giver), self.network.team(receiver));
        let others = at(&self.network.members, to).saturating_sub(u32::from(from == to)).max(1);
        let part = self.organisation(&Aside::default(), from, to);
        f64::from(at(&self.network.given, giver)) * part / f64::from(others)
    }

    /// How often somebody is thanked by others than those left out, drawn towards the mean.
    fn popularity(&self, aside: &Aside, person: u32) -> f64 {
        let inside = aside.people.iter().position(|one| *one == person).and_then(|place| aside.received.get(place));
        let received = at(&self.network.received, person).saturating_sub(inside.copied().unwrap_or_default());
        self.shape + f64::from(received)
    }

    /// The part of a team's kudos that goes to a team: what the organisation does, or if that is more, what the team does.
    fn part(&self, aside: &Aside, from: u32, to: u32) -> f64 {
        let organisation = self.organisation(aside, from, to);
        let between = self.network.between.get(&(from, to)).copied().unwrap_or_default();
        let between = f64::from(between.saturating_sub(aside.between(from, to)));
        let given = f64::from(at(&self.network.given_by_team, from).saturating_sub(aside.from(from)));
        organisation.max((between + PRIOR_WEIGHT * organisation) / (given + PRIOR_WEIGHT)).min(1.0)
    }

    /// The part that goes to a team where only one's own differs from others, and these by how much they receive.
    fn organisation(&self, aside: &Aside, from: u32, to: u32) -> f64 {
        let network = self.network;
        let total = f64::from(network.total.saturating_sub(aside.total)).max(1.0);
        let within = f64::from(network.within.saturating_sub(aside.within)) / total;
        if from == to {
            return within;
        }
        let elsewhere = f64::from(network.total.saturating_sub(at(&network.received_by_team, from))).max(1.0);
        let leaving = if at(&network.members, from) <= 1 { 1.0 } else { 1.0 - within };
        leaving * f64::from(at(&network.received_by_team, to)) / elsewhere
    }

    /// The square of the relative error of a sum of expected counts, each with its receiver: as uncertain as the receivers'
    /// popularity is after what was seen of it.
    pub fn uncertainty(&self, aside: &Aside, expected: &[(u32, f64)]) -> f64 {
        let sum: f64 = expected.iter().map(|(_, expected)| expected).sum();
        if sum <= 0.0 {
            return 0.0;
        }
        let mut by_receiver: Vec<(u32, f64)> = Vec::with_capacity(expected.len());
        for (receiver, expected) in expected {
            match by_receiver.iter_mut().find(|(known, _)| known == receiver) {
                Some((_, sum)) => *sum += expected,
                None => by_receiver.push((*receiver, *expected)),
            }
        }
        by_receiver.iter().map(|(receiver, part)| (part / sum).powi(2) / self.popularity(aside, *receiver)).sum()
    }
}

impl Aside {
    fn between(&self, from: u32, to: u32) -> u32 {
        self.between.iter().find(|(teams, _)| *teams == (from, to)).map_or(0, |(_, count)| *count)
    }

    fn from(&self, team: u32) -> u32 {
        self.between.iter().filter(|((from, _), _)| *from == team).map(|(_, count)| count).sum()
    }

    fn to(&self, team: u32) -> u32 {
        self.between.iter().filter(|((_, to), _)| *to == team).map(|(_, count)| count).sum()
    }
}
