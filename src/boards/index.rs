//! The rank index of one board and period: who is listed, with which score, in which order.
//!
//! A data structure only: it knows subjects as small numbers and scores as whole numbers, and no database, HTTP, clock,
//! name or viewer. Who is listed is decided by whoever changes it (SEMANTICS S43). It is read through a [`View`].

use std::cmp::Reverse;
use std::collections::{HashMap, VecDeque};

use indexset::BTreeSet;

use super::numbers::Number;
use super::view::View;

/// How many changes an index remembers, unless told otherwise.
pub const DEFAULT_RING: usize = 4_096;

/// The largest node of the ordered set: of the sizes tried at a million subjects the quickest. Small in tests, so that
/// few subjects split and empty nodes.
const NODE: usize = if cfg!(test) { 4 } else { 256 };

/// Stands for no score where scores are kept by number. No subject can earn it.
pub(super) const NONE: i64 = i64::MIN;

/// The version asked for lies before what the index remembers (SEMANTICS S47).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the version can no longer be read")]
pub struct Expired;

/// A subject that may be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Contender {
    /// Its number.
    pub number: Number,
    /// The digest that orders it inside a tie, always the same for the same subject. Small, for there are as many as
    /// subjects: of a million with one score, a hundred pairs share a digest, and go by number.
    pub tie: u32,
}

/// A subject's place in the order: higher scores first, inside a tie by digest, then by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) score: Reverse<i64>,
    tie: u32,
    pub(super) number: Number,
}

impl Key {
    /// Before every other.
    pub(super) const FIRST: Self = Self::first_with(i64::MAX);

    /// Before every other of that score.
    pub(super) const fn first_with(score: i64) -> Self {
        Self { score: Reverse(score), tie: 0, number: 0 }
    }

    /// Before every other of that score and digest.
    pub(super) const fn first_of(score: i64, tie: u32) -> Self {
        Self { score: Reverse(score), tie, number: 0 }
    }

    pub(super) const fn of(contender: Contender, score: i64) -> Self {
        Self { score: Reverse(score), tie: contender.tie, number: contender.number }
    }

    pub(super) const fn contender(self) -> Contender {
        Contender { number: self.number, tie: self.tie }
    }
}

/// What undoes a change: the score that a subject had before it, if it was listed.
struct Change {
    version: i64,
    contender: Contender,
    before: Option<i64>,
}

/// The rank index of one board and period.
///
/// It stands at a version, the number of the last change that touched it, and can also be read as of the older ones
/// that its bounded ring of changes still reaches. Queries never walk the list; reading an older version costs in
/// proportion to the changes since.
pub struct BoardIndex {
    /// By number.
    scores: Vec<i64>,
    pub(super) order: BTreeSet<Key>,
    version: i64,
    ring: usize,
    changes: VecDeque<Change>,
    /// The oldest version that can still be read.
    oldest: i64,
}

impl BoardIndex {
    /// The list of these as of `version`. Of a subject named twice the last score holds.
    pub fn new(version: i64, listed: impl IntoIterator<Item = (Contender, i64)>) -> Self {
        let mut index = Self {
            scores: Vec::new(),
            order: BTreeSet::with_maximum_node_size(NODE),
            version,
            ring: DEFAULT_RING,
            changes: VecDeque::new(),
            oldest: version,
        };
        for (contender, score) in listed {
            index.put(contender, score);
        }
        index
    }

    /// The same, remembering at most so many changes.
    pub fn with_ring(mut self, changes: usize) -> Self {
        self.ring = changes;
        self.forget();
        self
    }

    /// Lists somebody with `score`, whether or not they were listed before.
    ///
    /// Changes come in the order of the sequence, several of them with one number if they belong together; an older
    /// number is taken for the newest. What changes nothing leaves the version as it was.
    pub fn set(&mut self, contender: Contender, score: i64, version: i64) {
        let before = self.put(contender, score);
        if before != Some(score) {
            self.record(contender, before, version);
        }
    }

    /// Takes somebody off the list.
    pub fn remove(&mut self, contender: Contender, version: i64) {
        let Some(score) = self.score_of(contender.number) else { return };
        if let Some(kept) = self.place(contender.number) {
            *kept = NONE;
        }
        self.order.remove(&Key::of(contender, score));
        self.record(contender, Some(score), version);
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
            then.insert(change.contender, change.before);
        }
        then.retain(|contender, before| self.score_of(contender.number) != *before);
        Ok(View::new(self, version, then))
    }

    /// From now on no older version can be read.
    pub fn expire(&mut self) {
        self.changes.clear();
        self.oldest = self.version;
    }

    /// The oldest version that can still be read.
    pub fn oldest(&self) -> i64 {
        self.oldest
    }

    /// The score of somebody, if they are listed.
    pub fn score_of(&self, number: Number) -> Option<i64> {
        self.scores.get(usize::try_from(number).ok()?).copied().filter(|score| *score != NONE)
    }

    /// Makes room for scores by so many numbers.
    pub fn reserve(&mut self, numbers: usize) {
        self.scores.reserve_exact(numbers.saturating_sub(self.scores.len()));
    }

    /// Those listed, in order.
    pub fn listed(&self) -> impl Iterator<Item = Contender> {
        self.order.iter().map(|key| key.contender())
    }

    /// Where somebody's score is kept; made if need be.
    fn place(&mut self, number: Number) -> Option<&mut i64> {
        let at = usize::try_from(number).ok()?;
        if self.scores.len() <= at {
            self.scores.resize(at + 1, NONE);
        }
        self.scores.get_mut(at)
    }

    /// Lists somebody and tells the score they had.
    fn put(&mut self, contender: Contender, score: i64) -> Option<i64> {
        // The one score that stands for none is never reached.
        let score = score.max(NONE + 1);
        let kept = self.place(contender.number)?;
        let before = Some(std::mem::replace(kept, score)).filter(|before| *before != NONE);
        if before != Some(score) {
            if let Some(before) = before {
                self.order.remove(&Key::of(contender, before));
            }
            self.order.insert(Key::of(contender, score));
        }
        before
    }

    fn record(&mut self, contender: Contender, before: Option<i64>, version: i64) {
        self.touch(version);
        self.changes.push_back(Change { version: self.version, contender, before });
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
