//! Patterns in who thanks whom, with the figures behind each: pairs and small rings that thank each other far above
//! chance, givers who make up most of somebody's kudos, bursts before an allowance lapses, and people never thanked.
//!
//! For people to judge: nothing acts on them. Knows no names, no database and no message; people and teams are numbers.
//! What chance would bring is said in [`expected`], how rare something is in [`chance`].

mod chance;
mod expected;
mod habits;
mod judge;
mod network;
mod search;
#[cfg(test)]
mod tests;
mod words;

use super::time::{Instant, Window};
pub use habits::{Burst, Share, Unthanked, Whose};
pub use judge::{LEAST_EXPECTED, Ring, Strictness};

use network::Network;

/// The most findings of a kind that a report names.
pub const MOST_FINDINGS: usize = 200;
/// Below so many people nobody is named, however small a group the organisation shows.
pub const LEAST_GROUP: u32 = 5;
/// Days before an allowance lapses that count as its end.
pub const LAST_DAYS: u32 = 3;

/// Somebody who is active, or gave or received in the period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Person {
    /// The number of their home team, of those without one a number of their own.
    pub team: u32,
    /// Whether they take part in the organisation.
    pub active: bool,
}

/// One receiver of one kudos that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thanks {
    /// The number of the kudos: those of one kudos share it, and stand one after the other.
    pub kudos: u32,
    /// The sender's place among the people.
    pub giver: u32,
    /// The receiver's.
    pub receiver: u32,
    /// What it carried.
    pub points: i64,
    /// When it was sent.
    pub at: Instant,
}

/// What is looked at.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    /// Everybody.
    pub people: &'a [Person],
    /// The kudos of the period.
    pub thanks: &'a [Thanks],
    /// The last days of each month in the period, as far as they have passed, in order.
    pub last_days: &'a [Window],
    /// The part of the time that has passed which these days are, from 0 to 1.
    pub last_part: f64,
    /// The fewest people that a group hides somebody in.
    pub smallest_group: u32,
}

impl Sight<'_> {
    /// The fewest people of a group of which anybody is named.
    pub fn floor(&self) -> u32 {
        self.smallest_group.max(LEAST_GROUP)
    }
}

/// What is found, of each kind the most striking first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Report {
    /// People who gave or received.
    pub participants: u32,
    /// Three to six people whose kudos go round among themselves.
    pub rings: Vec<Ring>,
    /// Two people who thank each other.
    pub pairs: Vec<Ring>,
    /// Givers who make up most of what somebody received.
    pub shares: Vec<Share>,
    /// Kudos saved for the last days.
    pub bursts: Vec<Burst>,
    /// Teams in which some are thanked and some never.
    pub unthanked: Vec<Unthanked>,
    /// Findings that are not shown, because somebody in them is of a group below the smallest.
    pub withheld: usize,
    /// Findings beyond the [`MOST_FINDINGS`] of their kind.
    pub left_off: usize,
}

/// What stands out, as strictly as the product judges.
pub fn find(sight: &Sight<'_>) -> Report {
    find_by(sight, &Strictness::default())
}

/// What stands out to a given strictness.
pub fn find_by(sight: &Sight<'_>, strictness: &Strictness) -> Report {
    let network = Network::of(sight);
    let mut report = Report { participants: network.participants(), ..Report::default() };
    // So few would be known by any figure.
    if report.participants < sight.floor() {
        return report;
    }
    let found = judge::stand_out(&network, strictness);
    let named = |person: u32| network.active_in_team_of(person) >= sight.floor();
    report.rings = report.shown(found.rings, |ring| ring.people.iter().copied().all(named));
    report.pairs = report.shown(found.pairs, |pair| pair.people.iter().copied().all(named));
    report.shares = report.shown(found.shares, |share| named(share.giver) && named(share.receiver));
    let bursts = habits::bursts(sight, strictness);
    report.bursts = report.shown(bursts, |burst| match burst.whose {
        Whose::Everybody => true,
        Whose::Team(team) => network.active_in(team) >= sight.floor(),
        Whose::Person(person) => named(person),
    });
    let unthanked = habits::unthanked(sight);
    report.unthanked = report.shown(unthanked, |_| true);
    report
}

impl Report {
    /// Those of one kind that may be shown, as many as are; counts the others.
    fn shown<T>(&mut self, found: Vec<T>, may_be: impl Fn(&T) -> bool) -> Vec<T> {
        let all = found.len();
        let mut shown: Vec<T> = found.into_iter().filter(may_be).collect();
        self.withheld += all - shown.len();
        self.left_off += shown.len().saturating_sub(MOST_FINDINGS);
        shown.truncate(MOST_FINDINGS);
        shown
    }
}

/// What stands at a place of a column that is as long as there are people, or teams; nothing beyond it.
fn at<T: Copy + Default>(column: &[T], place: u32) -> T {
    column.get(place as usize).copied().unwrap_or_default()
}

/// Counts up at a place.
fn count_up(column: &mut Vec<u32>, place: u32) {
    let place = place as usize;
    if column.len() <= place {
        column.resize(place + 1, 0);
    }
    if let Some(count) = column.get_mut(place) {
        *count += 1;
    }
}
