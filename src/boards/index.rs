//! The rank index of one board and period: who is listed, with which score, in which order.
//!
//! A data structure only: it knows subjects as ids and scores as whole numbers, and no database, HTTP, clock, name or
//! viewer. Who is listed is decided by whoever changes it (SEMANTICS S43). It is read through a [`View`].

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};

use indexset::BTreeSet;
use uuid::Uuid;

use super::view::View;

/// How many changes an index remembers, unless told otherwise.
pub const DEFAULT_RING: usize = 4_096;

/// The largest node of the ordered set: of the sizes tried at a million subjects the quickest. Small in tests, so that
/// few subjects split and empty nodes.
const NODE: usize = if cfg!(test) { 4 } else { 256 };

/// The digest that orders subjects inside a tie.
type TieKey = Box<dyn Fn(Uuid) -> u64 + Send + Sync>;

/// The version asked for lies before what the index remembers (SEMANTICS S47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the version can no longer be read")]
pub struct Expired;

/// A subject's place in the order: higher scores first, inside a tie by digest, then by id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) score: Reverse<i64>,
    tie: u64,
    pub(super) subject: Uuid,
}

impl Key {
    /// Before every other.
    pub(super) const FIRST: Self = Self::first_with(i64::MAX);

    /// Before every other of that score.
    pub(super) const fn first_with(score: i64) -> Self {
        Self { score: Reverse(score), tie: 0, subject: Uuid::nil() }
    }
}

/// What undoes a change: the score that a subject had before it, if it was listed.
struct Change {
    version: i64,
    subject: Uuid,
    before: Option<i64>,
}

/// The rank index of one board and period.
///
/// It stands at a version, the number of the last change that touched it, and can also be read as of the older ones
/// that its bounded ring of changes still reaches. Queries never walk the list; reading an older version costs in
/// proportion to the changes since.
pub struct BoardIndex {
    tie_key: TieKey,
    scores: HashMap<Uuid, i64>,
    pub(super) order: BTreeSet<Key>,
    version: i64,
    ring: usize,
    changes: VecDeque<Change>,
    /// The oldest version that can still be read.
    oldest: i64,
}

impl BoardIndex {
    /// The list of these subjects and scores as of `version`; `tie_key` gives the digest that orders subjects inside a
    /// tie, always the same for the same subject. Of a subject named twice the last score holds.
    pub fn new(
        version: i64,
        listed: impl IntoIterator<Item = (Uuid, i64)>,
        tie_key: impl Fn(Uuid) -> u64 + Send + Sync + 'static,
    ) -> Self {
        let mut index = Self {
            tie_key: Box::new(tie_key),
            scores: HashMap::new(),
            order: BTreeSet::with_maximum_node_size(NODE),
            version,
            ring: DEFAULT_RING,
            changes: VecDeque::new(),
            oldest: version,
        };
        for (subject, score) in listed {
            index.put(subject, score);
        }
        index
    }

    /// The same, remembering at most so many changes.
    pub fn with_ring(mut self, changes: usize) -> Self {
        self.ring = changes;
        self.forget();
        self
    }

    /// Lists `subject` with `score`, whether or not it was listed before. Points count as they are, means of teams in
    /// ten-thousandths.
    ///
    /// Changes come in the order of the sequence, several of them with one number if they belong together; an older
    /// number is taken for the newest. What changes nothing leaves the version as it was.
    pub fn set(&mut self, subject: Uuid, score: i64, version: i64) {
        let before = self.put(subject, score);
        if before != Some(score) {
            self.record(subject, before, version);
        }
    }

    /// Takes `subject` off the list.
    pub fn remove(&mut self, subject: Uuid, version: i64) {
        if let Some(score) = self.scores.remove(&subject) {
            let key = self.key(subject, score);
            self.order.remove(&key);
            self.record(subject, Some(score), version);
        }
    }

    /// Moves the version for a change that the board shows but that moves nobody, such as a name.
    pub fn touch(&mut self, version: i64) {
        self.version = self.version.max(version);
    }

    /// The number of the last change that touched the board.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// The list as it stands.
    pub fn now(&self) -> View<'_> {
        View::new(self, self.version, HashMap::new())
    }

    /// The list as of `version`. Of a version after the last change that is the list as it stands: it is for the caller
    /// to have followed the sequence that far.
    pub fn at(&self, version: i64) -> Result<View<'_>, Expired> {
        if version < self.oldest {
            return Err(Expired);
        }
        let mut then = HashMap::new();
        // From the newest back, so that the oldest change after the version has the last word on each subject.
        for change in self.changes.iter().rev().take_while(|change| change.version > version) {
            then.insert(change.subject, change.before);
        }
        then.retain(|subject, before| self.score_of(*subject) != *before);
        Ok(View::new(self, version, then))
    }

    pub(super) fn score_of(&self, subject: Uuid) -> Option<i64> {
        self.scores.get(&subject).copied()
    }

    pub(super) fn key(&self, subject: Uuid, score: i64) -> Key {
        Key { score: Reverse(score), tie: (self.tie_key)(subject), subject }
    }

    /// Lists a subject and tells the score it had.
    fn put(&mut self, subject: Uuid, score: i64) -> Option<i64> {
        let before = self.scores.insert(subject, score);
        if before != Some(score) {
            let key = self.key(subject, score);
            if let Some(before) = before {
                self.order.remove(&Key { score: Reverse(before), ..key });
            }
            self.order.insert(key);
        }
        before
    }

    fn record(&mut self, subject: Uuid, before: Option<i64>, version: i64) {
        self.touch(version);
        self.changes.push_back(Change { version: self.version, subject, before });
        self.forget();
    }

    fn forget(&mut self) {
        while self.changes.len() > self.ring {
            if let Some(forgotten) = self.changes.pop_front() {
                self.oldest = forgotten.version;
            }
        }
    }
}
