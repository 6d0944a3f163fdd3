//! What can happen to a season: evidence comes, changes and goes, facts and rules change, time passes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;

use super::world::{DAYS, SignalDraft, Stay, World, home, signal, world};

/// A world, of which nothing but its people and first version is known before its steps.
#[derive(Debug, Clone)]
pub struct History {
    pub world: World,
    pub steps: Vec<Step>,
}

#[derive(Debug, Clone)]
pub enum Step {
    /// A batch of deliveries.
    Signals(Vec<Change>),
    /// A person is at home elsewhere from an hour on.
    Home(Index, Stay),
    /// A person has days off, from a day on.
    DaysOff(Index, i64, i64),
    /// The next version is activated.
    Version,
    /// The programme ends with a day.
    End(i64),
    /// Days pass.
    Time(i64),
}

#[derive(Debug, Clone)]
pub enum Change {
    /// The next signal of the world comes.
    Next,
    /// A signal comes.
    New(SignalDraft),
    /// One of the signals says something else: another time, other values, or another agent.
    Corrected(Index, SignalDraft),
    /// One of the signals is withdrawn.
    Voided(Index),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        2 => signal().prop_map(Change::New),
        3 => (any::<Index>(), signal()).prop_map(|(which, draft)| Change::Corrected(which, draft)),
        2 => any::<Index>().prop_map(Change::Voided),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    let stay = (home(), -24..24 * DAYS, 100i64..500);
    prop_oneof![
        5 => vec(change(), 1..4).prop_map(Step::Signals),
        2 => (any::<Index>(), stay).prop_map(|(person, stay)| Step::Home(person, stay)),
        1 => (any::<Index>(), 0..DAYS, 1i64..4).prop_map(|(person, from, days)| Step::DaysOff(person, from, days)),
        1 => Just(Step::Version),
        1 => (0..DAYS + 10).prop_map(Step::End),
        4 => (1i64..16).prop_map(Step::Time),
    ]
}

pub fn history() -> impl Strategy<Value = History> {
    (world(), vec(step(), 1..9)).prop_map(|(world, later)| {
        let arrivals = Step::Signals(vec![Change::Next; world.signals.len()]);
        let steps = std::iter::once(arrivals).chain(later).collect();
        History { world, steps }
    })
}
