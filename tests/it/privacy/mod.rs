//! Nobody learns what hidden people did: not by a number, a rank, a place, a count, a status or a tag, nor by comparing
//! answers (the design's promise 10).
//!
//! Random organisations live through two histories in which only people differ whom nobody sees, and any agent asks
//! anything in both: the answers are the same.

mod afterwards;
mod asking;
mod differencing;
mod faults;
mod organization;
mod small_teams;
mod world;

use proptest::prelude::*;
use proptest::test_runner::TestCaseError;

use self::asking::{Ask, Reply, asks, changes, differs, plainest};
use self::organization::{History, Plan, TIMES, plans};
use self::world::{World, known_ids};

/// Asks everything, one after the other.
fn all(world: &World, asks: &[Ask]) -> Vec<Reply> {
    let observer = world.observer();
    asks.iter().flat_map(|ask| ask.of(&observer, &world.plan)).collect()
}

/// What was read whole, and is asked for once more by its tag.
fn unchanged(world: &World, read: &[Reply]) -> Result<(), TestCaseError> {
    let observer = world.observer();
    for reply in read.iter().filter(|reply| reply.path.starts_with("/leaderboards/") && reply.status == 200) {
        if let Some(tag) = reply.tag.as_ref().filter(|_| !reply.path.contains(", page")) {
            let again = observer.with("if-none-match", tag).get(&reply.path);
            prop_assert_eq!(again.status, 304, "{}: {}", reply.path, again.text);
        }
    }
    Ok(())
}

/// Both histories, and what hidden people do while somebody looks.
fn nobody_notices(plan: &Plan, asks: &[Vec<Ask>]) -> Result<(), TestCaseError> {
    let ids = known_ids(plan);
    let (mut one, mut other) = (World::new(plan), World::new(plan));
    for (phase, asks) in (0..TIMES.len()).zip(asks) {
        one.reach(phase, History::Planned);
        other.reach(phase, History::Other);
        let (before, elsewhere) = (all(&one, asks), all(&other, asks));
        let found = differs(&before, &elsewhere, &ids);
        prop_assert!(found.is_empty(), "phase {phase}, seen by {}:\n{}", plan.observer(), found.join("\n"));
        one.hidden_go_on(phase);
        let found = changes(&before, &all(&one, asks));
        prop_assert!(found.is_empty(), "phase {phase}, seen by {}:\n{}", plan.observer(), found.join("\n"));
        unchanged(&one, &before)?;
    }
    Ok(())
}

fn sequences() -> impl Strategy<Value = Vec<Vec<Ask>>> {
    let sequence = prop::collection::vec(asks(), 20..40).prop_map(|asks| [plainest(), asks].concat());
    prop::collection::vec(sequence, TIMES.len())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn no_sequence_of_requests_shows_what_hidden_people_do(plan in plans(), asks in sequences()) {
        nobody_notices(&plan, &asks)?;
    }
}
