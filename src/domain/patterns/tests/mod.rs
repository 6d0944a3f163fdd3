//! Rings planted in made-up organisations are found, honest ones show nothing, and a weakened judgement fails either.

mod worlds;

use super::*;
use worlds::{DAY, DAYS, MANNERS, Manner, Planted, World, instant};

const SIZES: [u32; 4] = [40, 80, 150, 300];

/// Rings planted and found, and rings or pairs named of people who are not of them.
#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    planted: usize,
    found: usize,
    false_ones: usize,
}

fn organisations() -> impl Iterator<Item = (u64, u32, Manner)> {
    let all = SIZES.iter().flat_map(|size| MANNERS.map(|manner| (*size, manner)));
    all.zip(0_u64..).map(|((size, manner), number)| (number * 1_000, size, manner))
}

/// Whether these are the five, or at least four of them and at most one other.
fn is_of(five: &[u32], people: &[u32]) -> bool {
    let common = people.iter().filter(|person| five.contains(person)).count();
    common >= 4 && people.len() <= common + 1
}

fn planted(planted: Planted, one_team: bool, each: u32, strictness: &Strictness) -> Tally {
    let mut tally = Tally::default();
    for (seed, size, manner) in organisations() {
        let mut world = World::honest(seed, size, manner);
        let five = world.five(one_team);
        world.plant(&five, planted, each);
        let report = world.report(strictness);
        tally.planted += 1;
        tally.found += usize::from(report.rings.iter().any(|ring| is_of(&five, &ring.people)));
        let named = report.rings.iter().chain(&report.pairs);
        tally.false_ones += named.filter(|ring| !ring.people.iter().any(|person| five.contains(person))).count();
    }
    tally
}

#[test]
fn nine_of_ten_planted_rings_are_found() {
    let mut all = Tally::default();
    for (shape, each) in [(Planted::Round, 6), (Planted::BothWays, 12), (Planted::All, 20)] {
        for one_team in [false, true] {
            let tally = planted(shape, one_team, each, &Strictness::default());
            all.planted += tally.planted;
            all.found += tally.found;
            all.false_ones += tally.false_ones;
        }
    }
    assert!(all.found * 10 >= all.planted * 9, "{all:?}");
    assert!(all.false_ones * 100 <= all.planted, "{all:?}");
}

/// Reports on honest organisations, and those of them that name a ring, a pair, a giver or a burst.
fn honest(strictness: &Strictness, times: u64) -> (usize, usize) {
    let (mut reports, mut false_ones) = (0, 0);
    for (seed, size, manner) in organisations() {
        for round in 0..times {
            let report = World::honest(77_000_000 + seed + round, size, manner).report(strictness);
            reports += 1;
            let any = report.rings.len() + report.pairs.len() + report.shares.len() + report.bursts.len();
            false_ones += usize::from(any > 0);
        }
    }
    (reports, false_ones)
}

#[test]
fn one_honest_report_in_a_hundred_names_somebody_at_most() {
    let (reports, false_ones) = honest(&Strictness::default(), 6);
    assert!(false_ones * 100 <= reports, "{false_ones} of {reports}");
}

#[test]
fn without_a_threshold_honest_people_are_named_and_with_an_endless_one_nobody() {
    let none = Strictness { chance: 1.0, times: 0.0, times_in_group: 0.0, ..Strictness::default() };
    let (reports, false_ones) = honest(&none, 1);
    assert!(false_ones * 2 > reports, "{false_ones} of {reports}");
    let endless = Strictness { chance: 0.0, ..Strictness::default() };
    let tally = planted(Planted::Round, false, 6, &endless);
    assert_eq!(tally.found, 0);
}

fn calm() -> World {
    World::honest(5, 60, MANNERS[1])
}

#[test]
fn a_pair_and_a_giver_are_found_with_their_figures() {
    let mut world = calm();
    (0..9).for_each(|_| world.thank(3, &[40]));
    (0..8).for_each(|_| world.thank(40, &[3]));
    (0..14).for_each(|_| world.thank(20, &[55]));
    let report = world.report(&Strictness::default());
    assert_eq!((report.rings.len(), report.pairs.len(), report.shares.len()), (0, 1, 2), "{report:?}");
    let pair = &report.pairs[0];
    let between = |one: &&Thanks| [(3, 40), (40, 3)].contains(&(one.giver, one.receiver));
    assert_eq!(pair.people, [3, 40]);
    assert_eq!(pair.observed as usize, world.thanks.iter().filter(between).count());
    assert_eq!(pair.points, 10 * i64::from(pair.observed));
    // The pair shows there as well.
    let share = &report.shares[0];
    assert_eq!((share.giver, share.receiver), (20, 55));
    for words in [pair.why(), share.why()] {
        assert!(words.en.contains("fewer than 1 of") && words.de.contains("weniger als 1 von"), "{words:?}");
    }
}

#[test]
fn a_burst_is_found_of_whom_it_is() {
    let mut world = calm();
    for number in 0..12 {
        let at = instant((DAYS - 2) * DAY + number);
        world.thank_at(7, &[(20 + number as u32 * 3) % 60], at);
    }
    let report = world.report(&Strictness::default());
    let whose: Vec<Whose> = report.bursts.iter().map(|burst| burst.whose).collect();
    assert_eq!(whose, [Whose::Person(7)], "{:?}", report.bursts);
    assert!(report.bursts[0].observed >= 12 && report.bursts[0].expected < 4.0);
}

#[test]
fn whoever_belongs_to_a_small_group_is_not_named() {
    let mut world = calm();
    // Four people in a team of their own.
    for number in 0..4 {
        world.people.push(Person { team: 99, active: true });
        world.thank(60 + number, &[1]);
    }
    for number in 0..4 {
        (0..10).for_each(|_| world.thank(60 + number, &[60 + (number + 1) % 4]));
    }
    let report = world.report(&Strictness::default());
    assert_eq!((report.rings.len(), report.withheld), (0, 1), "{report:?}");
    world.people.push(Person { team: 99, active: true });
    let report = world.report(&Strictness::default());
    assert_eq!((report.rings.len(), report.withheld), (1, 0));
    assert!(report.rings[0].round);
}

#[test]
fn the_never_thanked_are_counted_and_named_where_the_team_is_large_enough() {
    let mut world = World::honest(1, 0, MANNERS[0]);
    for (team, people) in [(0, 6), (1, 4), (2, 3), (3, 5)] {
        world.people.extend((0..people).map(|_| Person { team, active: true }));
    }
    world.people.push(Person { team: 0, active: false });
    // All but two of the first team, one each of the small ones, nobody of the last.
    for receiver in [0, 1, 2, 3, 6, 10] {
        world.thank((receiver + 1) % 4, &[receiver]);
    }
    let report = world.report(&Strictness::default());
    let expected = [
        Unthanked { team: None, people: 7, never: 5, who: Vec::new() },
        Unthanked { team: Some(0), people: 6, never: 2, who: vec![4, 5] },
    ];
    assert_eq!(report.unthanked, expected);
}

#[test]
fn so_few_take_part_that_nothing_is_said() {
    let mut world = World::honest(1, 0, MANNERS[0]);
    world.people.extend((0..30).map(|_| Person { team: 0, active: true }));
    (0..40).for_each(|_| world.thank(1, &[2]));
    (0..40).for_each(|_| world.thank(2, &[1]));
    let report = world.report(&Strictness::default());
    assert_eq!(report, Report { participants: 2, ..Report::default() });
}
