//! From desired awards to what must be written: reversals, new awards, grants and withdrawals of badges.
//!
//! Knows what the ledger holds live, not how it holds it; the same plan twice is an empty plan.

use std::collections::{BTreeMap, HashMap};

use crate::domain::award::{Award, AwardKey};
use crate::domain::ids::{Code, Subject, TransferId};
use crate::domain::time::Instant;

/// An award that the ledger holds and has not reversed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveAward {
    /// What it is.
    pub award: Award,
    /// The transfer that carries its points; none if it has none, only a badge.
    pub transfer: Option<TransferId>,
}

/// What to write, in this order: reversals, then awards, each by instant and key.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Live awards that are desired no more, or with other content.
    pub reverse: Vec<LiveAward>,
    /// Desired awards that are not live so.
    pub append: Vec<Award>,
    /// Badges that come to be held or cease to be, by subject and badge.
    pub badges: Vec<BadgeChange>,
}

/// A badge comes to be held, or ceases to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadgeChange {
    /// Whose.
    pub subject: Subject,
    /// Which.
    pub badge: Code,
    /// Which of the two.
    pub change: Change,
}

/// What becomes of a badge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// It is held, for the first award that names it.
    Granted {
        /// That award's instant.
        at: Instant,
    },
    /// It is held no more. That has no instant in the evidence: it happens when it is written.
    Withdrawn,
}

impl Plan {
    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.reverse.is_empty() && self.append.is_empty() && self.badges.is_empty()
    }
}

/// The steps from the live awards of a programme and season to the desired ones (SEMANTICS S6, S10). In both lists each
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
    Plan { reverse, append, badges: badge_changes(desired, live) }
}

fn by_instant(one: &Award, other: &Award) -> std::cmp::Ordering {
    (one.content.at, &one.key).cmp(&(other.content.at, &other.key))
}

/// The badges that awards name, each with the first instant.
fn badges<'a>(awards: impl IntoIterator<Item = &'a Award>) -> BTreeMap<(Subject, &'a Code), Instant> {
    let mut first = BTreeMap::new();
    for Award { key, content } in awards {
        let Some(badge) = &content.badge else { continue };
        let at = first.entry((key.subject, badge)).or_insert(content.at);
        *at = content.at.min(*at);
    }
    first
}

fn badge_changes(desired: &[Award], live: &[LiveAward]) -> Vec<BadgeChange> {
    let (due, held) = (badges(desired), badges(live.iter().map(|one| &one.award)));
    let granted = due.iter().filter(|(of, _)| !held.contains_key(of)).map(|(of, at)| (of, Change::Granted { at: *at }));
    let withdrawn = held.keys().filter(|of| !due.contains_key(of)).map(|of| (of, Change::Withdrawn));
    let mut changes: Vec<BadgeChange> = granted
        .chain(withdrawn)
        .map(|(&(subject, badge), change)| BadgeChange { subject, badge: badge.clone(), change })
        .collect();
    changes.sort_by(|one, other| (one.subject, &one.badge).cmp(&(other.subject, &other.badge)));
    changes
}
