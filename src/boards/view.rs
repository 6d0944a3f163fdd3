//! Reading a board's index: ranks, pages and neighbours, as of the newest version or an older one.
//!
//! An older version is the newest list without the subjects that changed since, merged with those subjects' old places.

use std::collections::HashMap;
use std::iter;

use super::index::{BoardIndex, Contender, Key};
use super::numbers::Number;

/// A line of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// 1 + the listed with a higher score.
    pub rank: usize,
    /// Who.
    pub contender: Contender,
    /// With how much.
    pub score: i64,
}

/// Where a page starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// At the head of the list.
    Top,
    /// After the first so many with that score and digest.
    After {
        /// With how much.
        score: i64,
        /// The digest that orders them inside a tie.
        tie: u32,
        /// How many: one, but where subjects share a digest.
        count: usize,
    },
}

/// A board's list as of one version.
pub struct View<'a> {
    index: &'a BoardIndex,
    version: i64,
    /// The scores at the version of those who changed since; None for those who were not listed.
    then: HashMap<Number, Option<i64>>,
    /// The places that those subjects have now, in order.
    left_out: Vec<Key>,
    /// The places that those subjects had then, in order.
    put_back: Vec<Key>,
}

impl<'a> View<'a> {
    pub(super) fn new(index: &'a BoardIndex, version: i64, then: HashMap<Contender, Option<i64>>) -> Self {
        let in_order = |mut keys: Vec<Key>| {
            keys.sort_unstable();
            keys
        };
        let now = |contender: &Contender| index.score_of(contender.number).map(|score| Key::of(*contender, score));
        let left_out = in_order(then.keys().filter_map(now).collect());
        let put_back = in_order(then.iter().filter_map(|(who, score)| Some(Key::of(*who, (*score)?))).collect());
        let then = then.into_iter().map(|(contender, score)| (contender.number, score)).collect();
        Self { index, version, then, left_out, put_back }
    }

    /// The version it shows.
    pub fn version(&self) -> i64 {
        self.version
    }

    /// How many are listed.
    pub fn total(&self) -> usize {
        self.index.order.len() + self.put_back.len() - self.left_out.len()
    }

    /// The score of somebody, if they are listed.
    pub fn score_of(&self, number: Number) -> Option<i64> {
        self.then.get(&number).copied().unwrap_or_else(|| self.index.score_of(number))
    }

    /// The rank of somebody, if they are listed: 1 + the listed with a higher score.
    pub fn rank_of(&self, number: Number) -> Option<usize> {
        self.score_of(number).map(|score| self.rank_with(score))
    }

    /// The rank that a score has or would have, such as that of a hidden person in their own eyes.
    pub fn rank_with(&self, score: i64) -> usize {
        1 + self.before(&Key::first_with(score))
    }

    /// At most `limit` rows from `start` on.
    pub fn page(&self, start: Start, limit: usize) -> Vec<Row> {
        match start {
            Start::Top => self.rows(self.from(&Key::FIRST).take(limit)),
            Start::After { score, tie, count } => {
                self.rows(self.from(&Key::first_of(score, tie)).skip(count).take(limit))
            }
        }
    }

    /// Where the page after a row starts.
    pub fn after(&self, row: &Row) -> Start {
        let (score, tie) = (row.score, row.contender.tie);
        let count = self.before(&Key::of(row.contender, score)) - self.before(&Key::first_of(score, tie)) + 1;
        Start::After { score, tie, count }
    }

    /// `limit` rows around the place that somebody with that score has, or would have; they are in the middle, or as near
    /// to it as the ends of the list allow.
    pub fn around(&self, contender: Contender, score: i64, limit: usize) -> Vec<Row> {
        let place = Key::of(contender, score);
        let position = self.before(&place);
        let first = position.saturating_sub(limit / 2).min(self.total().saturating_sub(limit));
        let above = position.saturating_sub(first);
        let mut keys: Vec<Key> = self.back_from(&place).take(above).collect();
        keys.reverse();
        keys.extend(self.from(&place).take(limit.saturating_sub(above)));
        self.rows(keys.into_iter())
    }

    /// How many places lie before one.
    fn before(&self, place: &Key) -> usize {
        let among = |keys: &[Key]| keys.partition_point(|key| key < place);
        self.index.order.rank(place) + among(&self.put_back) - among(&self.left_out)
    }

    /// The places from one on, itself included.
    fn from(&self, place: &Key) -> impl Iterator<Item = Key> {
        let order = &self.index.order;
        let first = order.rank(place);
        let now = (first < order.len()).then(|| order.range_idx(first..order.len()));
        let then = self.put_back.iter().skip(self.put_back.partition_point(|key| key < place));
        merged(self.unchanged(now.into_iter().flatten()), then.copied(), |a, b| a < b)
    }

    /// The places before one, the nearest first.
    fn back_from(&self, place: &Key) -> impl Iterator<Item = Key> {
        let order = &self.index.order;
        let until = order.rank(place);
        let now = (until > 0).then(|| order.range_idx(0..until).rev());
        let then = self.put_back.iter().take(self.put_back.partition_point(|key| key < place)).rev();
        merged(self.unchanged(now.into_iter().flatten()), then.copied(), |a, b| a > b)
    }

    fn unchanged<'k>(&self, keys: impl Iterator<Item = &'k Key>) -> impl Iterator<Item = Key> {
        keys.copied().filter(|key| !self.then.contains_key(&key.number))
    }

    /// The rows of neighbouring places.
    fn rows(&self, keys: impl Iterator<Item = Key>) -> Vec<Row> {
        let mut keys = keys.peekable();
        let Some(first) = keys.peek().copied() else { return Vec::new() };
        let (mut position, mut score) = (self.before(&first), first.score.0);
        let mut rank = self.rank_with(score);
        let row = |key: Key| {
            position += 1;
            if key.score.0 != score {
                (score, rank) = (key.score.0, position);
            }
            Row { rank, contender: key.contender(), score }
        };
        keys.map(row).collect()
    }
}

/// Two ordered sequences as one.
pub(super) fn merged<T>(
    one: impl Iterator<Item = T>,
    other: impl Iterator<Item = T>,
    precedes: impl Fn(&T, &T) -> bool,
) -> impl Iterator<Item = T> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(a), Some(b)) if precedes(b, a) => other.next(),
        (None, _) => other.next(),
        _ => one.next(),
    })
}
