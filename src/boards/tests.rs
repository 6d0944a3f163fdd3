//! The rank index against a naive list that is sorted anew for every answer.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use super::index::{BoardIndex, Contender, Expired};
use super::numbers::Number;
use super::view::{Row, Start, View};

/// Who is listed with which score.
type List = BTreeMap<Number, i64>;

/// A change of the list: which subject, its new score if it stays listed, how far the version moves.
type Step = (u8, Option<i64>, i64);

/// Digests that do not follow the numbers, and that some share.
fn tie(number: Number) -> u32 {
    number % 11
}

fn subject(number: u8) -> Contender {
    let number = Number::from(number);
    Contender { number, tie: tie(number) }
}

fn in_order(list: &List) -> Vec<(Contender, i64)> {
    let contender = |number: &Number| Contender { number: *number, tie: tie(*number) };
    let mut order: Vec<(Contender, i64)> = list.iter().map(|(number, score)| (contender(number), *score)).collect();
    order.sort_by_key(|(contender, score)| (Reverse(*score), contender.tie, contender.number));
    order
}

fn naive(list: &List) -> Vec<Row> {
    let rank = |score| 1 + list.values().filter(|other| **other > score).count();
    in_order(list).into_iter().map(|(contender, score)| Row { rank: rank(score), contender, score }).collect()
}

/// The planted fault: ranks 1, 2, 3 where 1, 1, 3 is right.
fn without_shared_ranks(list: &List) -> Vec<Row> {
    let row = |(above, (contender, score)): (usize, (Contender, i64))| Row { rank: above + 1, contender, score };
    in_order(list).into_iter().enumerate().map(row).collect()
}

/// Every query of every shape gives what these rows, the whole list, say.
fn agrees(view: &View<'_>, rows: &[Row]) -> Result<(), TestCaseError> {
    prop_assert_eq!(view.total(), rows.len());
    prop_assert_eq!(view.page(Start::Top, rows.len() + 1), rows);
    for limit in 0..4 {
        prop_assert_eq!(view.page(Start::Top, limit), &rows[..limit.min(rows.len())]);
    }
    for (position, row) in rows.iter().enumerate() {
        prop_assert_eq!(view.score_of(row.contender.number), Some(row.score));
        prop_assert_eq!(view.rank_of(row.contender.number), Some(row.rank));
        for limit in 0..7 {
            let rest = &rows[position + 1..];
            prop_assert_eq!(view.page(view.after(row), limit), &rest[..limit.min(rest.len())]);
            let around = view.around(row.contender, row.score, limit);
            let first = position.saturating_sub(limit / 2).min(rows.len().saturating_sub(limit));
            prop_assert_eq!(around, &rows[first..(first + limit).min(rows.len())]);
        }
    }
    for number in 0..32 {
        let stranger = subject(number);
        if rows.iter().all(|row| row.contender != stranger) {
            prop_assert_eq!(view.score_of(stranger.number), None);
            prop_assert_eq!(view.rank_of(stranger.number), None);
            let place = |row: &Row| (Reverse(row.score), row.contender.tie, row.contender.number);
            let position = rows.iter().filter(|row| place(row) < (Reverse(2), stranger.tie, stranger.number)).count();
            let first = position.saturating_sub(1).min(rows.len().saturating_sub(3));
            prop_assert_eq!(view.around(stranger, 2, 3), &rows[first..(first + 3).min(rows.len())]);
        }
    }
    for score in -1..7 {
        prop_assert_eq!(view.rank_with(score), 1 + rows.iter().filter(|row| row.score > score).count());
    }
    Ok(())
}

/// An index and, beside it, the list as it stood after each change.
struct Pair {
    index: BoardIndex,
    list: List,
    /// Version and list before each change that the ring must remember, and the last before those.
    history: Vec<(i64, List)>,
}

impl Pair {
    fn new(listed: &[(u8, i64)], ring: usize) -> Self {
        let list: List = listed.iter().map(|(number, score)| (Number::from(*number), *score)).collect();
        let listed = listed.iter().map(|(number, score)| (subject(*number), *score));
        let index = BoardIndex::new(10, listed).with_ring(ring);
        Self { index, list, history: Vec::new() }
    }

    fn step(&mut self, (number, score, later): Step) {
        let version = self.index.version() + later;
        let (before, subject) = (self.list.clone(), subject(number));
        match score {
            Some(score) => {
                self.list.insert(subject.number, score);
                self.index.set(subject, score, version);
            }
            None => {
                self.list.remove(&subject.number);
                self.index.remove(subject, version);
            }
        }
        if before != self.list {
            self.history.push((version, before));
        }
    }

    /// The list as of a version: as it stood before the first change after it.
    fn list_at(&self, version: i64) -> &List {
        self.history.iter().find(|(changed, _)| *changed > version).map_or(&self.list, |(_, before)| before)
    }

    fn check(&self, ring: usize) -> Result<(), TestCaseError> {
        agrees(&self.index.now(), &naive(&self.list))?;
        let forgotten = self.history.len().saturating_sub(ring);
        let oldest = self.history[..forgotten].last().map_or(10, |(version, _)| *version);
        for version in 8..=self.index.version() + 1 {
            match self.index.at(version) {
                Ok(view) => {
                    prop_assert!(version >= oldest);
                    prop_assert_eq!(view.version(), version);
                    agrees(&view, &naive(self.list_at(version)))?;
                }
                Err(Expired) => prop_assert!(version < oldest),
            }
        }
        Ok(())
    }
}

fn listed() -> impl Strategy<Value = Vec<(u8, i64)>> {
    prop::collection::vec((0_u8..24, 0_i64..6), 0..24)
}

fn step() -> impl Strategy<Value = Step> {
    (0_u8..24, prop_oneof![3 => (0_i64..6).prop_map(Some), 1 => Just(None)], 0_i64..3)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_index_equals_a_sorted_list(listed in listed(), steps in prop::collection::vec(step(), 1..24), ring in 0_usize..12) {
        let mut pair = Pair::new(&listed, ring);
        pair.check(ring)?;
        for step in steps {
            pair.step(step);
            pair.check(ring)?;
        }
    }

    #[test]
    fn a_cursor_reads_its_version_once_and_in_order(
        listed in listed(),
        before in prop::collection::vec(step(), 0..12),
        between in prop::collection::vec(prop::collection::vec(step(), 0..6), 1..12),
        limit in 1_usize..5,
    ) {
        let mut pair = Pair::new(&listed, 4_096);
        before.into_iter().for_each(|step| pair.step(step));
        let (version, expected) = (pair.index.version(), naive(&pair.list));
        let (mut read, mut start) = (Vec::new(), Start::Top);
        for steps in between.iter().cycle() {
            let view = pair.index.at(version).map_err(|e| TestCaseError::fail(e.to_string()))?;
            let page = view.page(start, limit);
            let Some(last) = page.last() else { break };
            start = view.after(last);
            read.extend(page);
            // Later changes: the version read has been answered for and takes no more.
            steps.iter().for_each(|(number, score, later)| pair.step((*number, *score, later + 1)));
        }
        prop_assert_eq!(read, expected);
    }
}

#[test]
fn the_check_catches_ranks_that_are_not_shared() {
    let tied = Pair::new(&[(1, 7), (2, 7), (3, 4)], 8);
    let ranks: Vec<usize> = tied.index.now().page(Start::Top, 9).iter().map(|row| row.rank).collect();
    assert_eq!(ranks, [1, 1, 3]);
    assert!(agrees(&tied.index.now(), &naive(&tied.list)).is_ok());
    assert!(agrees(&tied.index.now(), &without_shared_ranks(&tied.list)).is_err());
    let apart = Pair::new(&[(1, 7), (2, 6), (3, 4)], 8);
    assert!(agrees(&apart.index.now(), &without_shared_ranks(&apart.list)).is_ok());
}

#[test]
fn the_check_catches_a_page_of_another_version() {
    let mut pair = Pair::new(&[(1, 7), (2, 6), (3, 4)], 8);
    let then = naive(&pair.list);
    pair.step((3, Some(9), 1));
    assert!(agrees(&pair.index.at(10).unwrap(), &then).is_ok());
    assert!(agrees(&pair.index.now(), &then).is_err());
}

#[test]
fn a_tie_is_ordered_by_digest_then_number() {
    let pair = Pair::new(&[(1, 5), (12, 5), (3, 5), (11, 5), (22, 5)], 8);
    let order: Vec<Contender> = pair.index.now().page(Start::Top, 9).iter().map(|row| row.contender).collect();
    assert_eq!(order, [11, 22, 1, 12, 3].map(subject));
}

#[test]
fn the_version_moves_with_what_changes() {
    let mut index = BoardIndex::new(10, [(subject(1), 5)]);
    index.set(subject(1), 5, 11);
    index.remove(subject(2), 12);
    assert_eq!(index.version(), 10, "nothing changed");
    index.set(subject(1), 6, 13);
    assert_eq!(index.version(), 13);
    index.touch(15);
    assert_eq!(index.version(), 15);
    index.set(subject(1), 7, 14);
    assert_eq!(index.version(), 15, "never backwards");
    let then = |version| index.at(version).map(|view| view.score_of(subject(1).number));
    assert_eq!(
        [9, 10, 12, 13, 14, 15].map(then),
        [Err(Expired), Ok(Some(5)), Ok(Some(5)), Ok(Some(6)), Ok(Some(6)), Ok(Some(7))]
    );
}

#[test]
fn the_highest_and_lowest_scores_have_their_places() {
    let pair = Pair::new(&[(1, i64::MIN + 1), (2, i64::MAX), (0, i64::MAX), (3, 0)], 8);
    assert_eq!(pair.index.now().page(Start::Top, 9), naive(&pair.list));
    assert_eq!(pair.index.now().rank_of(1), Some(4));
}
