//! Numbers of teams, compared with one another: no sum or difference of them is about fewer than a group.
//!
//! Which number counts whose evidence is found by trying: everything that somebody did who is not shown by name is
//! changed by one, and all numbers are read again. That gives a matrix of numbers by deeds. A combination of its rows that
//! touches only the deeds of a few is what comparing would make out about them.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::organization::{Event, History, Pick, Plan, Somebody, What, plans, user_name};
use super::world::{World, signal};

/// The days on which everybody does something, and periods that lie around them.
const DAYS: [u64; 3] = [1, 8, 15];
const PERIODS: [(&str, &[&str]); 4] = [
    ("team-day", &["2026-10-15", "2026-10-22", "2026-10-29"]),
    ("team-week", &["2026-W42", "2026-W43", "2026-W44"]),
    ("team-rolling", &["days:7@2026-10-19", "days:7@2026-10-23", "days:7@2026-10-28"]),
    ("team-month", &["2026-10"]),
];

/// Numbers by the deeds that they count: a row is a number, a column what somebody did on a day.
struct Counted {
    people: Vec<usize>,
    rows: Vec<Vec<i64>>,
}

/// Everything that teams are shown with.
fn numbers(world: &World) -> BTreeMap<String, i64> {
    let client = world.app.acting_as(&user_name(0));
    let mut found = BTreeMap::new();
    for (board, periods) in PERIODS {
        for period in periods {
            let path = format!("/leaderboards/service/{board}?period={period}");
            for item in client.get(&path).expect(200).body["items"].as_array().unwrap() {
                let name = format!("{board} {period} {}", item["subject"]["code"]);
                found.insert(name, item["score"].as_i64().unwrap());
            }
        }
    }
    found
}

/// Everybody does something on each of the days; who looks takes part.
fn busy(mut plan: Plan) -> Plan {
    let of_all = |day: &u64| {
        let event = |index: usize| Event { person: Pick(index), day: *day, what: What::Evaluation(10), instead: 0 };
        (0..plan.people.len()).map(event).collect::<Vec<_>>()
    };
    plan.events = DAYS.iter().flat_map(of_all).collect();
    plan.people[0].home = Pick(0);
    plan.people[0].moves = None;
    plan
}

fn count(plan: &Plan) -> Counted {
    let mut world = World::new(plan);
    world.reach(0, History::Planned);
    let (mut people, mut columns) = (Vec::new(), Vec::new());
    let mut before = numbers(&world);
    let names: Vec<String> = before.keys().cloned().collect();
    for (number, event) in plan.events.iter().enumerate() {
        let person = event.person.among(plan.people.len());
        if plan.seen(person) == "named" {
            continue;
        }
        world.deliver(&[signal(&format!("e{number}-0"), 2, (person, What::Evaluation(11)), event.at())]);
        let after = numbers(&world);
        assert_eq!(after.keys().collect::<Vec<_>>(), names.iter().collect::<Vec<_>>());
        columns.push(names.iter().map(|name| after[name] - before[name]).collect::<Vec<_>>());
        people.push(person);
        before = after;
    }
    let rows = (0..names.len()).map(|row| columns.iter().map(|column| column[row]).collect()).collect();
    Counted { people, rows }
}

/// A prime large enough for small whole numbers.
const PRIME: i128 = (1 << 61) - 1;

fn inverse(of: i128) -> i128 {
    let (mut result, mut base, mut exponent) = (1, of, PRIME - 2);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % PRIME;
        }
        base = base * base % PRIME;
        exponent >>= 1;
    }
    result
}

/// How many rows do not follow from the others.
fn rank(mut rows: Vec<Vec<i128>>) -> usize {
    let mut rank = 0;
    for column in 0..rows.first().map_or(0, Vec::len) {
        let Some(pivot) = (rank..rows.len()).find(|row| rows[*row][column] != 0) else { continue };
        rows.swap(rank, pivot);
        let scale = inverse(rows[rank][column]);
        let pivot = rows[rank].clone();
        for row in rows.iter_mut().skip(rank + 1).filter(|row| row[column] != 0) {
            let factor = row[column] * scale % PRIME;
            row.iter_mut().zip(&pivot).for_each(|(cell, above)| *cell = (*cell - factor * above).rem_euclid(PRIME));
        }
        rank += 1;
    }
    rank
}

impl Counted {
    fn rank_without(&self, some: &BTreeSet<usize>) -> usize {
        let cells = |row: &Vec<i64>| {
            let others = row.iter().zip(&self.people).filter(|(_, person)| !some.contains(person));
            others.map(|(cell, _)| i128::from(*cell).rem_euclid(PRIME)).collect()
        };
        rank(self.rows.iter().map(cells).collect())
    }

    /// Fewer than `group` about whom a combination of numbers says something: with their columns left out, fewer rows are
    /// of their own, so some combination is about nobody else.
    fn made_out(&self, group: usize) -> Option<BTreeSet<usize>> {
        let everybody: Vec<usize> = self.people.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let whole = self.rank_without(&BTreeSet::new());
        let some = subsets(&everybody, group.saturating_sub(1).min(everybody.len()));
        some.into_iter().find(|some| self.rank_without(some) < whole)
    }
}

fn subsets(of: &[usize], size: usize) -> Vec<BTreeSet<usize>> {
    match (size, of) {
        (0, _) => vec![BTreeSet::new()],
        (_, []) => Vec::new(),
        (_, [first, rest @ ..]) => {
            let with = subsets(rest, size - 1).into_iter().map(|mut some| {
                some.insert(*first);
                some
            });
            with.chain(subsets(rest, size)).collect()
        }
    }
}

fn group(plan: &Plan) -> usize {
    3.max(plan.smallest_group as usize)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 5, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn no_numbers_of_teams_put_together_are_about_fewer_than_a_group(plan in plans()) {
        let plan = busy(plan);
        let found = count(&plan).made_out(group(&plan));
        prop_assert!(found.is_none(), "{found:?} of {plan:?}");
    }
}

/// Some people of a team `t1`, of whom some move to `support` after the first of the days.
fn of_one_team(seen: &[(&'static str, bool)]) -> Plan {
    let somebody = |(choice, moves): &(&'static str, bool)| Somebody {
        home: Pick(1),
        moves: moves.then(|| (Pick(0), 5)),
        choice: Some(*choice),
    };
    let mut people = vec![Somebody { home: Pick(0), moves: None, choice: Some("named") }];
    people.extend(seen.iter().map(somebody));
    let above = vec![Pick(0)];
    busy(Plan { smallest_group: 1, default: "named", above, people, events: Vec::new(), observer: Pick(0) })
}

#[test]
fn a_group_that_stays_together_counts_as_one() {
    let counted = count(&of_one_team(&[("hidden", false), ("alias", false), ("hidden", false), ("named", false)]));
    assert!(counted.rank_without(&BTreeSet::new()) >= 3, "they count");
    assert_eq!(counted.made_out(3), None);
    assert!(counted.made_out(4).is_some(), "three are made out, which is enough");
}

#[test]
fn who_leaves_a_group_does_not_give_away_who_stays() {
    assert_eq!(count(&of_one_team(&[("hidden", false), ("hidden", false), ("hidden", true)])).made_out(3), None);
    assert_eq!(count(&of_one_team(&[("hidden", false), ("hidden", true), ("hidden", true)])).made_out(3), None);
}

#[test]
fn the_check_finds_a_number_with_too_few_in_it() {
    let people = vec![1, 1, 2, 2, 3, 3];
    let all: Vec<i64> = vec![1; 6];
    let fair = Counted { people: people.clone(), rows: vec![all.clone(), vec![1, 0, 1, 0, 1, 0]] };
    assert_eq!(fair.made_out(3), None);
    // One hidden person in a number; a day without one of the three; the same by way of a third number.
    for leak in [vec![1, 0, 0, 0, 0, 0], vec![1, 0, 1, 0, 0, 0], vec![2, 1, 2, 1, 1, 1]] {
        let counted = Counted { people: people.clone(), rows: vec![all.clone(), vec![1, 0, 1, 0, 1, 0], leak] };
        assert!(counted.made_out(3).is_some());
    }
}
