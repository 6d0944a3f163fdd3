//! What holds in every world: the fold is the model (S1), the order of arrival does not matter, no limit is exceeded,
//! and a plan leads from any awards to any others (S6).
//!
//! `PROPTEST_CASES` sets the number of cases of all properties of the engine in proportion (256 unless given). A long
//! run: `PROPTEST_CASES=10000 cargo test --release --lib engine::tests`.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::naive::{self, Fault};
use super::world::{World, world};
use crate::domain::award::Award;
use crate::domain::ids::{TeamId, TransferId};
use crate::domain::period::DaySpan;
use crate::domain::points::Points;
use crate::domain::programme::{LimitMost, LimitPer, Pattern, Rule};
use crate::domain::time::Instant;
use crate::engine::fold::{Basis, Outcome, awards};
use crate::engine::reconcile::{LiveAward, Plan, reconcile};
use crate::engine::team::{self, TeamBasis};

/// Awards and pending ones in one order.
pub fn ordered(mut outcome: Outcome) -> Outcome {
    let by_instant = |one: &Award, other: &Award| (one.content.at, &one.key).cmp(&(other.content.at, &other.key));
    outcome.awards.sort_by(by_instant);
    outcome.pending.sort_by(by_instant);
    outcome
}

/// What the fold makes of each person's evidence.
fn folded(world: &World) -> Vec<Outcome> {
    let World { timeline, season, as_of, .. } = world;
    let basis = |facts| Basis { timeline, season, facts, as_of: *as_of };
    world.people.iter().map(|facts| ordered(awards(basis(facts), &world.signals).unwrap())).collect()
}

fn modelled(world: &World, fault: Fault) -> Vec<Outcome> {
    world.people.iter().map(|facts| ordered(naive::person(world, facts, fault))).collect()
}

/// What the fold makes of a team's days.
pub fn team_folded(world: &World, team: TeamId) -> Outcome {
    let World { timeline, season, people, as_of, .. } = world;
    let basis = TeamBasis { timeline, season, team, members: people, as_of: *as_of };
    let days = DaySpan { first: season.first_day, until: season.until_day };
    ordered(team::awards(basis, &naive::team_sums(world, team), days).unwrap())
}

fn teams_folded(world: &World) -> Vec<Outcome> {
    world.teams().into_iter().map(|team| team_folded(world, team)).collect()
}

fn teams_modelled(world: &World, fault: Fault) -> Vec<Outcome> {
    world.teams().into_iter().map(|team| ordered(naive::team(world, team, fault))).collect()
}

/// The awards of all persons.
fn all_awards(world: &World) -> Vec<Award> {
    folded(world).into_iter().flat_map(|outcome| outcome.awards).collect()
}

/// Twice as many cases as a property has unless told otherwise.
fn twice() -> ProptestConfig {
    let config = ProptestConfig::default();
    ProptestConfig { cases: config.cases.saturating_mul(2), ..config }
}

proptest! {
    #![proptest_config(twice())]

    #[test]
    fn the_fold_is_the_model(world in world()) {
        prop_assert_eq!(folded(&world), modelled(&world, Fault::None));
        prop_assert_eq!(teams_folded(&world), teams_modelled(&world, Fault::None));
        for as_of in [Instant::MIN_UTC, Instant::MAX_UTC] {
            let world = world.at(as_of);
            prop_assert_eq!(folded(&world), modelled(&world, Fault::None), "as of {}", as_of);
            prop_assert_eq!(teams_folded(&world), teams_modelled(&world, Fault::None), "as of {}", as_of);
        }
    }
}

proptest! {
    #[test]
    fn the_order_of_arrival_does_not_matter(
        (world, shuffled) in world().prop_flat_map(|world| {
            let shuffled = Just(world.signals.clone()).prop_shuffle();
            (Just(world), shuffled)
        }),
    ) {
        prop_assert_eq!(folded(&world), folded(&World { signals: shuffled, ..world.clone() }));
    }

    #[test]
    fn no_limit_is_exceeded(world in world()) {
        // With one version its numbers hold for the whole season; pending awards count (S25).
        let mut world = world.at(Instant::MIN_UTC);
        world.timeline.versions.truncate(1);
        for outcome in folded(&world) {
            let awards: Vec<Award> = [outcome.awards, outcome.pending].concat();
            for rule in &world.timeline.versions[0].programme.rules {
                let mut own: Vec<&Award> = awards.iter().filter(|award| award.key.rule == rule.code).collect();
                own.sort_by_key(|award| award.content.at);
                check_limits(&world, rule, &own)?;
            }
        }
    }

    #[test]
    fn a_plan_leads_from_any_awards_to_any_others(one in world(), keep in any::<u64>()) {
        let desired = all_awards(&one);
        let mut other = one;
        other.signals.retain(|signal| keep >> (signal.id.0.as_u128() % 64) & 1 == 1);
        other.timeline.versions.truncate(2);
        let live: Vec<LiveAward> = all_awards(&other).into_iter().map(held).collect();
        check_plan(&desired, &live)?;
        check_plan(&other_content(&desired, keep), &live)?;
    }
}

fn check_limits(world: &World, rule: &Rule, awards: &[&Award]) -> Result<(), TestCaseError> {
    for limit in &rule.limits {
        let mut windows: BTreeMap<String, (u32, Points)> = BTreeMap::new();
        for award in awards {
            let Some(window) = window_of(world, (rule, limit.per), award) else { continue };
            let (times, points) = windows.entry(window).or_default();
            *times += 1;
            points.0 += award.content.points.0;
        }
        for (window, (times, points)) in windows {
            match limit.most {
                LimitMost::Times(most) => prop_assert!(times <= most, "{window}: {times} awards by {limit:?}"),
                LimitMost::Points(most) => prop_assert!(points <= most, "{window}: {points} points by {limit:?}"),
            }
        }
    }
    for pair in awards.windows(2) {
        let between = pair[1].content.at - pair[0].content.at;
        prop_assert!(rule.cooldown.is_none_or(|cooldown| between >= cooldown));
    }
    Ok(())
}

/// In which period or case an award counts.
fn window_of(world: &World, (rule, per): (&Rule, LimitPer), award: &Award) -> Option<String> {
    match per {
        // The case of a day is that of the signal that completes it: the model knows.
        LimitPer::Case if matches!(rule.pattern, Pattern::DayStreak(_)) => None,
        LimitPer::Case => {
            let number = super::support::signal_of(award);
            let signal = world.signals.iter().find(|one| one.id.0.as_u128() == number).unwrap();
            signal.content.case.clone()
        }
        LimitPer::Period(per) => {
            let day = world.calendar.zone.local(award.content.at).0;
            Some(world.calendar.period_of(per, day).unwrap().from.to_rfc3339())
        }
    }
}

fn held(award: Award) -> LiveAward {
    let transfer = TransferId(Uuid::from_u128(award.content.at.timestamp().unsigned_abs().into()));
    LiveAward { transfer: (award.content.points > Points::ZERO).then_some(transfer), award }
}

/// The same awards, some of them with one point more.
fn other_content(awards: &[Award], which: u64) -> Vec<Award> {
    let mut awards = awards.to_vec();
    for (award, n) in awards.iter_mut().zip(0..) {
        award.content.points.0 += i64::from(which.rotate_right(n % 64) & 1 == 1);
    }
    awards
}

fn check_plan(desired: &[Award], live: &[LiveAward]) -> Result<(), TestCaseError> {
    let plan = reconcile(desired, live);
    prop_assert!(plan.reverse.iter().all(|one| live.contains(one)));
    prop_assert!(plan.reverse.len() <= live.len());
    prop_assert!(plan.reverse.is_sorted_by_key(|one| (one.award.content.at, one.award.key.clone())));
    prop_assert!(plan.append.is_sorted_by_key(|award| (award.content.at, award.key.clone())));

    let mut after: Vec<LiveAward> = live.iter().filter(|one| !plan.reverse.contains(one)).cloned().collect();
    after.extend(plan.append.iter().cloned().map(held));
    let sorted = |mut awards: Vec<Award>| {
        awards.sort_by(|one, other| one.key.cmp(&other.key));
        awards
    };
    let reached = sorted(after.iter().map(|one| one.award.clone()).collect());
    prop_assert_eq!(reached, sorted(desired.to_vec()));
    prop_assert_eq!(reconcile(desired, &after), Plan::default());

    let unchanged = live.iter().filter(|one| desired.contains(&one.award)).count();
    prop_assert_eq!(plan.reverse.len() + unchanged, live.len(), "what stays is not touched");
    Ok(())
}

/// Whether a mistake shows.
fn shows(corpus: &[(World, Vec<Outcome>)], modelled: impl Fn(&World) -> Vec<Outcome>) -> bool {
    corpus.iter().any(|(world, right)| *right != modelled(world))
}

#[test]
fn a_mistake_would_be_found() {
    let mut runner = TestRunner::deterministic();
    let mut worlds = || world().new_tree(&mut runner).unwrap().current();
    let corpus: Vec<(World, Vec<Outcome>)> =
        (0..1000).map(|_| worlds()).map(|one| (one.clone(), folded(&one))).collect();
    let teams: Vec<(World, Vec<Outcome>)> = corpus.iter().map(|(one, _)| (one.clone(), teams_folded(one))).collect();
    let of_persons = Fault::OF_PERSONS.iter().filter(|fault| !shows(&corpus, |world| modelled(world, **fault)));
    let of_teams = Fault::OF_TEAMS.iter().filter(|fault| !shows(&teams, |world| teams_modelled(world, **fault)));
    assert_eq!(of_persons.chain(of_teams).collect::<Vec<_>>(), [] as [&Fault; 0], "these mistakes show in no world");
    for (corpus, name, least) in [(&corpus, "persons", 1000), (&teams, "teams", 100)] {
        let outcomes = || corpus.iter().flat_map(|(_, outcomes)| outcomes);
        let awards: usize = outcomes().map(|one| one.awards.len()).sum();
        let pending: usize = outcomes().map(|one| one.pending.len()).sum();
        assert!(awards > least, "too few awards of {name} to tell: {awards}");
        assert!(pending > least / 10, "too little of {name} is pending: {pending}");
    }
}
