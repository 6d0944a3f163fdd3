//! Made-up organisations: people who thank honestly, and rings planted among them.

use std::ops::Range;

use super::super::*;

/// How honest people thank.
#[derive(Debug, Clone, Copy)]
pub struct Manner {
    /// The part of kudos that goes to team mates.
    pub to_team: f64,
    /// Whether some are thanked far more than others, and some thank far more.
    pub skewed: bool,
    /// How probable it is that thanks are returned, and returned again.
    pub polite: f64,
    /// Receivers of one kudos, at most.
    pub together: usize,
    /// Whether each team thanks one other team as much as itself.
    pub allied: bool,
}

const PLAIN: Manner = Manner { to_team: 0.0, skewed: false, polite: 0.0, together: 1, allied: false };

pub const MANNERS: [Manner; 8] = [
    PLAIN,
    Manner { to_team: 0.6, ..PLAIN },
    Manner { skewed: true, ..PLAIN },
    Manner { polite: 0.3, ..PLAIN },
    Manner { to_team: 0.7, polite: 0.3, ..PLAIN },
    Manner { to_team: 0.6, skewed: true, polite: 0.3, ..PLAIN },
    Manner { to_team: 0.6, polite: 0.2, together: 5, ..PLAIN },
    Manner { to_team: 0.5, polite: 0.2, skewed: true, allied: true, ..PLAIN },
];

/// How a ring thanks itself.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Planted {
    /// Each the next one.
    Round,
    /// Each both neighbours.
    BothWays,
    /// Each everybody else.
    All,
}

pub struct World {
    pub people: Vec<Person>,
    pub thanks: Vec<Thanks>,
    kudos: u32,
    pub rng: fastrand::Rng,
}

pub const DAY: i64 = 86_400;
pub const DAYS: i64 = 30;

pub fn instant(second: i64) -> Instant {
    Instant::from_timestamp(1_793_487_600 + second, 0).unwrap()
}

impl World {
    /// So many people in teams of eight to twelve, who have thanked honestly for a month.
    pub fn honest(seed: u64, size: u32, manner: Manner) -> Self {
        let mut world = Self { people: Vec::new(), thanks: Vec::new(), kudos: 0, rng: fastrand::Rng::with_seed(seed) };
        let mut teams: Vec<Range<u32>> = Vec::new();
        while world.people.len() < size as usize {
            let first = world.people.len() as u32;
            // No team is below the smallest group: rings there would be found, and withheld.
            let until = first + world.rng.u32(8..=12);
            let until = if until + 8 > size { size } else { until };
            world.people.extend((first..until).map(|_| Person { team: teams.len() as u32, active: true }));
            teams.push(first..until);
        }
        let mut fame = vec![0.0];
        for person in 0..size as usize {
            fame.push(fame[person] + if manner.skewed { world.heavy() } else { 1.0 });
        }
        for giver in 0..size {
            let busy = if manner.skewed { world.heavy().min(4.0) } else { 1.0 };
            let often = (busy * world.rng.f64() * 10.0).round() as u32;
            for _ in 0..often {
                let receivers: Vec<u32> = {
                    let count = world.rng.usize(1..=manner.together);
                    let chosen: std::collections::BTreeSet<u32> =
                        (0..count).map(|_| world.somebody(giver, &fame, &teams, manner)).collect();
                    chosen.into_iter().collect()
                };
                world.thank(giver, &receivers);
                for receiver in receivers {
                    let (mut from, mut to) = (receiver, giver);
                    while world.rng.f64() < manner.polite {
                        world.thank(from, &[to]);
                        (from, to) = (to, from);
                    }
                }
            }
        }
        world
    }

    /// Pareto with a mean of about one and a half, at most twenty.
    fn heavy(&mut self) -> f64 {
        (0.5 * (1.0 - self.rng.f64()).powf(-0.7)).min(20.0)
    }

    /// Somebody else, as often as their fame has it. `fame` sums it up before each person, and after the last.
    fn somebody(&mut self, giver: u32, fame: &[f64], teams: &[Range<u32>], manner: Manner) -> u32 {
        let home = self.people[giver as usize].team as usize;
        let chance = self.rng.f64();
        let among = if chance < manner.to_team && teams[home].len() > 1 {
            teams[home].clone()
        } else if manner.allied && chance < manner.to_team + 0.4 {
            teams[(home + 1) % teams.len()].clone()
        } else {
            0..self.people.len() as u32
        };
        let (from, until) = (fame[among.start as usize], fame[among.end as usize]);
        loop {
            let place = from + self.rng.f64() * (until - from);
            let found = (fame.partition_point(|sum| *sum <= place) as u32 - 1).min(among.end - 1);
            if found != giver {
                return found;
            }
            // Whoever is an ally alone thanks anybody.
            if among.len() == 1 {
                return (giver + 1) % self.people.len() as u32;
            }
        }
    }

    pub fn thank(&mut self, giver: u32, receivers: &[u32]) {
        let at = instant(self.rng.i64(0..DAYS * DAY));
        self.thank_at(giver, receivers, at);
    }

    pub fn thank_at(&mut self, giver: u32, receivers: &[u32], at: Instant) {
        for receiver in receivers {
            self.thanks.push(Thanks { kudos: self.kudos, giver, receiver: *receiver, points: 10, at });
        }
        self.kudos += 1;
    }

    /// Five people of one team, or of any.
    pub fn five(&mut self, one_team: bool) -> Vec<u32> {
        let team = self.people[self.rng.usize(0..self.people.len() - 12)].team;
        let all = 0..self.people.len() as u32;
        let mut those: Vec<u32> = all.filter(|one| !one_team || self.people[*one as usize].team == team).collect();
        self.rng.shuffle(&mut those);
        those.truncate(5);
        those
    }

    /// Has a ring thank itself: each of its people gives about `each` kudos.
    pub fn plant(&mut self, ring: &[u32], planted: Planted, each: u32) {
        for (place, giver) in ring.iter().enumerate() {
            let steps: &[usize] = match planted {
                Planted::Round => &[1],
                Planted::BothWays => &[1, 4],
                Planted::All => &[1, 2, 3, 4],
            };
            for step in steps {
                let receiver = ring[(place + step) % ring.len()];
                for _ in 0..each / steps.len() as u32 {
                    self.thank(*giver, &[receiver]);
                }
            }
        }
    }

    pub fn report(&self, strictness: &Strictness) -> Report {
        let last = [Window { from: instant((DAYS - 3) * DAY), until: instant(DAYS * DAY) }];
        let sight =
            Sight { people: &self.people, thanks: &self.thanks, last_days: &last, last_part: 0.1, smallest_group: 1 };
        find_by(&sight, strictness)
    }
}
