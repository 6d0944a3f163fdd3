//! From desired awards to what must be written: reversals and new awards.
//!
//! Knows what the ledger holds live, not how it holds it; the same plan twice is an empty plan.

use std::collections::HashMap;

use crate::domain::award::{Award, AwardKey};
use crate::domain::ids::TransferId;

/// An award that the ledger holds and has not reversed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAward {
    /// What it is.
    pub award: Award,
    /// The transfer that carries its points; none if it has none, only a badge.
    pub transfer: Option<TransferId>,
}

/// What to write, in this order: reversals, then awards, of each subject by instant and key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Live awards that are desired no more, or with other content.
    pub reverse: Vec<LiveAward>,
    /// Desired awards that are not live so.
    pub append: Vec<Award>,
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.reverse.is_empty() && self.append.is_empty()
    }

    /// Puts a plan for other subjects beside it.
    pub fn extend(&mut self, other: Self) {
        self.reverse.extend(other.reverse);
        self.append.extend(other.append);
    }
}

/// The steps from the live awards of a programme and season to the desired ones (SEMANTICS S6). In both lists each
/// identity stands once.
pub fn reconcile(desired: &[Award], live: &[LiveAward]) -> Plan {
    let wanted: HashMap<&AwardKey, &Award> = desired.iter().map(|award| (&award.key, award)).collect();
    let held: HashMap<&AwardKey, &Award> = live.iter().map(|one| (&one.award.key, &one.award)).collect();
    let obsolete = |one: &&LiveAward| wanted.get(&one.award.key) != Some(&&one.award);
    let missing = |award: &&Award| held.get(&award.key) != Some(award);
    let mut reverse: Vec<LiveAward> = live.iter().filter(obsolete).cloned().collect();
    let mut append: Vec<Award> = desired.iter().filter(missing).cloned().collect();
    reverse.sort_by(|one, other| by_instant(&one.award, &other.award));
    append.sort_by(by_instant);
    Plan { reverse, append }
}

fn by_instant(one: &Award, other: &Award) -> std::cmp::Ordering {
    (one.content.at, &one.key).cmp(&(other.content.at, &other.key))
}
