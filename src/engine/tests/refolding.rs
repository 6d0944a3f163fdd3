//! Random histories of one season: after every step, what was folded anew in parts is what the model makes of it all
//! (SEMANTICS S5, S9, S28, S31, S49).

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use super::ledger::{Kept, KeptDays, Slip};
use super::naive::{self, Fault};
use super::steps::{History, Step, history};
use crate::domain::award::Award;
use crate::domain::kept::SavedDay;

/// What is wrong after a step.
fn difference(kept: &Kept) -> Option<String> {
    let world = &kept.world;
    let of_people = world.people.iter().flat_map(|facts| naive::person(world, facts, Fault::None).awards);
    let of_teams = world.teams().into_iter().flat_map(|team| naive::team(world, team, Fault::None).awards);
    let mut desired: Vec<Award> = of_people.chain(of_teams).collect();
    desired.sort_by(|one, other| one.key.cmp(&other.key));
    let live: Vec<Award> = kept.live.values().cloned().collect();
    if live != desired {
        let extra: Vec<_> = live.iter().filter(|award| !desired.contains(award)).collect();
        let missing: Vec<_> = desired.iter().filter(|award| !live.contains(award)).collect();
        return Some(format!("too many: {extra:?}\ntoo few: {missing:?}"));
    }
    for (facts, days) in world.people.iter().zip(&kept.days) {
        let whole = kept.folded_whole(facts);
        if !stand_alike(days, &whole) {
            return Some(format!("kept of {}: {days:?}\na whole fold keeps: {whole:?}", facts.person));
        }
    }
    for team in world.teams() {
        let (sums, right) = (kept.sums.get(&team).cloned().unwrap_or_default(), naive::team_sums(world, team));
        if sums != right {
            return Some(format!("sums of {team}: {sums:?}\ntheir members': {right:?}"));
        }
    }
    None
}

/// Whether kept days are those of a whole fold. A state of another shape is never read, but what its day gave is.
fn stand_alike(kept: &KeptDays, whole: &KeptDays) -> bool {
    let alike = |(kept, whole): (&SavedDay, &SavedDay)| {
        let state = kept.shape != whole.shape || kept == whole;
        state && (kept.day, &kept.given) == (whole.day, &whole.given)
    };
    kept.len() == whole.len() && kept.values().zip(whole.values()).all(alike)
}

/// The first step after which something is wrong, and what.
fn first_difference(history: &History, slip: Slip) -> Option<(usize, String)> {
    let mut kept = Kept::of(history.world.clone(), slip);
    for (number, step) in history.steps.iter().enumerate() {
        if let Err(twice) = kept.apply(step) {
            return Some((number, twice));
        }
        if let Some(difference) = difference(&kept) {
            return Some((number, difference));
        }
    }
    None
}

proptest! {
    #[test]
    fn folding_parts_anew_is_folding_the_whole(history in history()) {
        if let Some((number, difference)) = first_difference(&history, Slip::None) {
            prop_assert!(false, "after step {number}, {:?}:\n{difference}", history.steps[number]);
        }
    }
}

#[test]
fn a_slip_would_be_found() {
    let mut runner = TestRunner::deterministic();
    let corpus: Vec<History> = (0..300).map(|_| history().new_tree(&mut runner).unwrap().current()).collect();
    let shows = |slip| corpus.iter().any(|history| first_difference(history, slip).is_some());
    let missed: Vec<Slip> = Slip::ALL.into_iter().filter(|slip| !shows(*slip)).collect();
    assert_eq!(missed, [], "these slips show nowhere");
    let steps =
        |is: fn(&Step) -> bool| corpus.iter().flat_map(|history| &history.steps).filter(|step| is(step)).count();
    assert!(steps(|step| matches!(step, Step::Version)) > 50 && steps(|step| matches!(step, Step::Time(_))) > 100);
}
