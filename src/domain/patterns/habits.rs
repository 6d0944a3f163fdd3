//! What shows in one person's or one team's kudos: who gave most of them, when they came, and who got none.

use std::collections::HashMap;

use super::chance::ln_share_tail;
use super::judge::Strictness;
use super::words;
use super::{Sight, at, count_up};
use crate::domain::language::Localised;

/// One giver's part of what somebody received.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Who gave it.
    pub giver: u32,
    /// Who received it.
    pub receiver: u32,
    /// Kudos from the giver.
    pub observed: u32,
    /// Kudos from anybody.
    pub received: u32,
    /// Points from the giver.
    pub points: i64,
    /// Kudos that chance would bring from the giver.
    pub expected: f64,
    /// As of rings.
    pub ln_chance: f64,
}

impl Share {
    /// Why it was found.
    pub fn why(&self) -> Localised {
        words::of_share(self)
    }
}

/// Whose kudos came in the last days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Whose {
    /// Those of the organisation.
    Everybody,
    /// Those of the people who are in a team now.
    Team(u32),
    /// Those of one giver.
    Person(u32),
}

/// Kudos saved for the last days before an allowance lapses.
#[derive(Debug, Clone, PartialEq)]
pub struct Burst {
    /// Whose.
    pub whose: Whose,
    /// Kudos in the last days.
    pub observed: u32,
    /// Kudos at any time.
    pub given: u32,
    /// How many were expected: of the organisation by the days' part of the time, of others by the part of the
    /// organisation's kudos that came then, if that is more.
    pub expected: f64,
    /// As of rings.
    pub ln_chance: f64,
}

impl Burst {
    /// Why it was found.
    pub fn why(&self) -> Localised {
        words::of_burst(self)
    }
}

/// Bursts before the ends of months, the organisation first, then teams, then people; each by how improbable it is, as one
/// of all of its kind (Bonferroni).
pub fn bursts(sight: &Sight<'_>, strictness: &Strictness) -> Vec<Burst> {
    if sight.last_part <= 0.0 || sight.last_part >= 1.0 {
        return Vec::new();
    }
    let (mut all, mut late) = (HashMap::new(), HashMap::new());
    for thanks in sight.thanks.chunk_by(|one, next| one.kudos == next.kudos).filter_map(|one| one.first()) {
        let team = sight.people.get(thanks.giver as usize).map_or(u32::MAX, |person| person.team);
        let in_last_days = sight.last_days.iter().any(|days| days.from <= thanks.at && thanks.at < days.until);
        for whose in [Whose::Everybody, Whose::Team(team), Whose::Person(thanks.giver)] {
            *all.entry(whose).or_insert(0_u32) += 1;
            *late.entry(whose).or_insert(0_u32) += u32::from(in_last_days);
        }
    }
    let count = |of: &HashMap<Whose, u32>, whose: Whose| of.get(&whose).copied().unwrap_or_default();
    let usual = f64::from(count(&late, Whose::Everybody)) / f64::from(count(&all, Whose::Everybody).max(1));
    let teams = all.keys().filter(|whose| matches!(whose, Whose::Team(_))).count() as f64;
    let people = all.keys().filter(|whose| matches!(whose, Whose::Person(_))).count() as f64;
    let judged = all.iter().filter_map(|(whose, given)| {
        let (part, ways) = match whose {
            Whose::Everybody => (sight.last_part, 1.0),
            Whose::Team(_) => (usual.max(sight.last_part), teams),
            Whose::Person(_) => (usual.max(sight.last_part), people),
        };
        let observed = count(&late, *whose);
        let ln_chance = (ln_share_tail(observed, *given, part) + f64::ln(3.0 * ways)).min(0.0);
        let burst = Burst { whose: *whose, observed, given: *given, expected: part * f64::from(*given), ln_chance };
        let enough = *given >= strictness.burst_of && f64::from(observed) >= strictness.burst * f64::from(*given);
        (enough && ln_chance <= strictness.chance.ln()).then_some(burst)
    });
    let mut found: Vec<Burst> = judged.collect();
    let kind = |whose: Whose| match whose {
        Whose::Everybody => 0,
        Whose::Team(_) => 1,
        Whose::Person(_) => 2,
    };
    found.sort_unstable_by(|one, other| {
        let by_kind = kind(one.whose).cmp(&kind(other.whose));
        by_kind.then_with(|| one.ln_chance.total_cmp(&other.ln_chance)).then_with(|| one.whose.cmp(&other.whose))
    });
    found
}

/// A team in which some were thanked and some were not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unthanked {
    /// Which; none for all those together that are too small to be told apart.
    pub team: Option<u32>,
    /// Active people in it.
    pub people: u32,
    /// Those of them who received no kudos.
    pub never: u32,
    /// Who; nobody of small teams.
    pub who: Vec<u32>,
}

impl Unthanked {
    /// Why it was found.
    pub fn why(&self) -> Localised {
        words::of_unthanked(self)
    }
}

/// Teams with active people who were never thanked while others there were, the largest part first. Teams below the smallest
/// group are put together, without names.
pub fn unthanked(sight: &Sight<'_>) -> Vec<Unthanked> {
    let mut received = vec![0; sight.people.len()];
    sight.thanks.iter().for_each(|thanks| count_up(&mut received, thanks.receiver));
    let mut teams: HashMap<u32, Unthanked> = HashMap::new();
    for (person, number) in sight.people.iter().zip(0_u32..).filter(|(person, _)| person.active) {
        let empty = || Unthanked { team: Some(person.team), people: 0, never: 0, who: Vec::new() };
        let team = teams.entry(person.team).or_insert_with(empty);
        team.people += 1;
        if at(&received, number) == 0 {
            team.never += 1;
            team.who.push(number);
        }
    }
    let mut found = Vec::new();
    let mut small = Unthanked { team: None, people: 0, never: 0, who: Vec::new() };
    for team in teams.into_values().filter(|team| (1..team.people).contains(&team.never)) {
        if team.people >= sight.floor() {
            found.push(team);
        } else {
            (small.people, small.never) = (small.people + team.people, small.never + team.never);
        }
    }
    if small.people >= sight.floor() {
        found.push(small);
    }
    // The larger part first: a/b > c/d where a*d > c*b.
    found.sort_unstable_by(|one, other| {
        let (left, right) =
            (u64::from(one.never) * u64::from(other.people), u64::from(other.never) * u64::from(one.people));
        right.cmp(&left).then_with(|| one.team.cmp(&other.team))
    });
    found
}
