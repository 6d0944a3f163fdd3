//! What holds in every world.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use uuid::Uuid;

use super::naive::{self, Fault};
use super::world::{World, world};
use crate::domain::award::Award;
use crate::domain::ids::TransferId;
use crate::domain::points::Points;
use crate::domain::programme::{LimitMost, LimitPer, Rule};
use crate::engine::reconcile::{LiveAward, Plan, reconcile};

fn folded(world: &World) -> Vec<Award> {
    super::support::folded(&world.timeline, &world.season, &world.facts, &world.signals).unwrap()
}

/// The model's awards, in the same order.
fn modelled(world: &World, fault: Fault) -> Vec<Award> {
    let mut awards = naive::awards(world, fault);
    awards.sort_by(|one, other| (one.content.at, &one.key).cmp(&(other.content.at, &other.key)));
    awards
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn the_fold_is_the_model(world in world()) {
        prop_assert_eq!(folded(&world), modelled(&world, Fault::None));
    }

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
        let mut world = world;
        // With one version its numbers hold for the whole season.
        world.timeline.versions.truncate(1);
        let awards = folded(&world);
        for rule in &world.timeline.versions[0].programme.rules {
            let own: Vec<&Award> = awards.iter().filter(|award| award.key.rule == rule.code).collect();
            check_limits(&world, rule, &own)?;
        }
    }

    #[test]
    fn a_plan_leads_from_any_awards_to_any_others(one in world(), keep in any::<u64>()) {
        let desired = folded(&one);
        let mut other = one;
        other.signals.retain(|signal| keep >> (signal.id.0.as_u128() % 64) & 1 == 1);
        other.timeline.versions.truncate(2);
        let live: Vec<LiveAward> = folded(&other).into_iter().map(held).collect();
        check_plan(&desired, &live)?;
        check_plan(&other_content(&desired, keep), &live)?;
    }
}

fn check_limits(world: &World, rule: &Rule, awards: &[&Award]) -> Result<(), TestCaseError> {
    for limit in &rule.limits {
        let mut windows: BTreeMap<String, (u32, Points)> = BTreeMap::new();
        for award in awards {
            let Some(window) = window_of(world, limit.per, award) else { continue };
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
fn window_of(world: &World, per: LimitPer, award: &Award) -> Option<String> {
    let signal = world.signals.iter().find(|one| one.id.0.as_u128() == super::support::signal_of(award)).unwrap();
    match per {
        LimitPer::Case => signal.content.case.clone(),
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
        award.content.points.0 += i64::from(which.rotate_right(n) & 1 == 1);
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

#[test]
fn a_mistake_would_be_found() {
    let mut runner = TestRunner::deterministic();
    let corpus: Vec<World> = (0..400).map(|_| world().new_tree(&mut runner).unwrap().current()).collect();
    let differing = |fault| corpus.iter().filter(|world| folded(world) != modelled(world, fault)).count();
    assert_eq!(differing(Fault::None), 0);
    for fault in [
        Fault::TimesOffByOne,
        Fault::PointsOffByOne,
        Fault::CooldownExclusive,
        Fault::CountsByVersion,
        Fault::NoCaseIsACase,
        Fault::NothingCounts,
        Fault::BadgeWithheld,
        Fault::LatestDateInForce,
    ] {
        assert!(differing(fault) >= 10, "{fault:?} shows in {} worlds only", differing(fault));
    }
    let awards: usize = corpus.iter().map(|world| folded(world).len()).sum();
    assert!(awards > 5 * corpus.len(), "the worlds award too little to tell: {awards}");
}
