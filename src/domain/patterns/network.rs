//! Who thanked whom how often, counted: of people, of teams, and of all.

use std::collections::{BTreeSet, HashMap};

use super::{Sight, Thanks, at, count_up};

/// Kudos to more people than this are thanks to a group: they say nothing of a pair, and are not counted here.
pub const MOST_TOGETHER: usize = 5;

/// What one gave another.
#[derive(Debug, Clone, Default)]
pub struct Arc {
    /// The numbers of the kudos.
    pub kudos: Vec<u32>,
    /// Points in sum.
    pub points: i64,
}

/// Everything that is counted.
pub struct Network {
    /// Of each giver and receiver who have kudos in common.
    pub arcs: HashMap<(u32, u32), Arc>,
    /// Kudos by giver.
    pub given: Vec<u32>,
    /// Kudos by receiver.
    pub received: Vec<u32>,
    /// The team of each person.
    pub teams: Vec<u32>,
    /// People by team.
    pub members: Vec<u32>,
    /// Kudos by the giver's team and the receiver's.
    pub between: HashMap<(u32, u32), u32>,
    /// Kudos by the giver's team.
    pub given_by_team: Vec<u32>,
    /// Kudos by the receiver's team.
    pub received_by_team: Vec<u32>,
    /// Kudos within any team.
    pub within: u32,
    /// All kudos.
    pub total: u32,
    active: Vec<u32>,
}

impl Network {
    /// Counts.
    pub fn of(sight: &Sight<'_>) -> Self {
        let mut network = Self {
            arcs: HashMap::with_capacity(sight.thanks.len()),
            given: vec![0; sight.people.len()],
            received: vec![0; sight.people.len()],
            teams: sight.people.iter().map(|person| person.team).collect(),
            members: Vec::new(),
            between: HashMap::new(),
            given_by_team: Vec::new(),
            received_by_team: Vec::new(),
            within: 0,
            total: 0,
            active: Vec::new(),
        };
        for person in sight.people {
            count_up(&mut network.members, person.team);
            if person.active {
                count_up(&mut network.active, person.team);
            }
        }
        for one in sight.thanks.chunk_by(|one, next| one.kudos == next.kudos) {
            if one.len() <= MOST_TOGETHER {
                one.iter().for_each(|thanks| network.add(thanks));
            }
        }
        network
    }

    fn add(&mut self, thanks: &Thanks) {
        let (giver, receiver) = (thanks.giver, thanks.receiver);
        let arc = self.arcs.entry((giver, receiver)).or_default();
        arc.kudos.push(thanks.kudos);
        arc.points = arc.points.saturating_add(thanks.points);
        count_up(&mut self.given, giver);
        count_up(&mut self.received, receiver);
        let (from, to) = (at(&self.teams, giver), at(&self.teams, receiver));
        *self.between.entry((from, to)).or_default() += 1;
        count_up(&mut self.given_by_team, from);
        count_up(&mut self.received_by_team, to);
        self.within += u32::from(from == to);
        self.total += 1;
    }

    /// How often one thanked another.
    pub fn count(&self, giver: u32, receiver: u32) -> u32 {
        self.kudos(giver, receiver).len() as u32
    }

    /// The numbers of the kudos that one gave another.
    pub fn kudos(&self, giver: u32, receiver: u32) -> &[u32] {
        self.arcs.get(&(giver, receiver)).map_or(&[], |arc| &arc.kudos)
    }

    /// Points that one gave another.
    pub fn points(&self, giver: u32, receiver: u32) -> i64 {
        self.arcs.get(&(giver, receiver)).map_or(0, |arc| arc.points)
    }

    /// The team of somebody.
    pub fn team(&self, person: u32) -> u32 {
        at(&self.teams, person)
    }

    /// Active people in a team.
    pub fn active_in(&self, team: u32) -> u32 {
        at(&self.active, team)
    }

    /// Active people in somebody's team.
    pub fn active_in_team_of(&self, person: u32) -> u32 {
        self.active_in(self.team(person))
    }

    /// People who gave or received.
    pub fn participants(&self) -> u32 {
        let took_part = self.given.iter().zip(&self.received).filter(|(given, received)| **given + **received > 0);
        took_part.count() as u32
    }

    /// Who gave and received: nobody else can be of a ring.
    pub fn two_way(&self) -> Vec<u32> {
        let people = self.given.iter().zip(&self.received).zip(0_u32..);
        people.filter(|((given, received), _)| **given > 0 && **received > 0).map(|(_, person)| person).collect()
    }

    /// The pairs of which one thanked the other, the lower number first.
    pub fn connected(&self) -> BTreeSet<(u32, u32)> {
        self.arcs.keys().map(|(giver, receiver)| (*giver.min(receiver), *giver.max(receiver))).collect()
    }
}
