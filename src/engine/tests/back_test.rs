//! Back-tests: equal to folds summed by hand, in named situations and in random worlds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use proptest::prelude::*;
use uuid::Uuid;

use super::support::*;
use super::world::{World, world};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{Code, PersonId, SignalId, TeamId};
use crate::domain::people::{Belonging, PersonFacts};
use crate::domain::period::{DaySpan, Per, SeasonKind};
use crate::domain::points::Points;
use crate::domain::problem::ProblemCode;
use crate::domain::programme::{
    Audience, Decided, Goal, Guard, Pattern, Programme, Quantity, Repeat, Rule, Streak, Target, TeamPayee, Tier,
};
use crate::domain::signal::Evidence;
use crate::domain::time::{Instant, Interval};
use crate::engine::back_test::{BackTest, Question, Report, with_draft};
use crate::engine::fold::{Basis, FoldError, awards};
use crate::engine::timeline::Timeline;

const TEAM: TeamId = TeamId(Uuid::from_u128(99));

fn days(from: &str, until: &str) -> DaySpan {
    DaySpan { first: day(from), until: day(until) }
}

fn person(n: u128) -> PersonId {
    PersonId(Uuid::from_u128(n))
}

/// A person who has always been in the one team.
fn member(n: u128) -> PersonFacts {
    let lineage = [code("team")].into();
    let interval = Interval { from: None, until: None };
    PersonFacts { belongings: vec![Belonging { team: TEAM, lineage, interval }], ..PersonFacts::of(person(n)) }
}

/// A survey about somebody; each instant of a person names one.
fn about(n: u128, at: &str) -> Evidence {
    let mut evidence = survey(n, at);
    evidence.key = format!("{n} {at}");
    evidence.id = SignalId(Uuid::from_u128(n * 1_000_000_000_000 + evidence.content.occurred_at.timestamp() as u128));
    evidence.content.agent = person(n);
    evidence
}

/// What a back-test finds, everybody's evidence being in one list.
fn tested(
    (draft, active): (&Timeline, &Timeline),
    days: DaySpan,
    now: Instant,
    (people, signals): (&[PersonFacts], &[Evidence]),
) -> Report {
    let sealed = BTreeSet::new();
    let mut test = BackTest::new(Question { draft, active, days, sealed: &sealed, now }).unwrap();
    for facts in people {
        let evidence = |from, until| {
            let own = |one: &&Evidence| {
                one.content.agent == facts.person && from <= one.content.occurred_at && one.content.occurred_at < until
            };
            Ok::<_, FoldError>(signals.iter().filter(own).cloned().collect())
        };
        test.person(facts, evidence).unwrap();
    }
    for team in test.teams() {
        let is_member = |facts: &&PersonFacts| facts.belongings.iter().any(|one| one.team == team);
        let members: Vec<PersonFacts> = people.iter().filter(is_member).cloned().collect();
        test.team(team, &members).unwrap();
    }
    test.report().unwrap()
}

fn document(rules: Vec<Rule>) -> Programme {
    programme(berlin(SeasonKind::Quarter), Audience::default(), rules)
}

fn draft_over(active: &Timeline, draft: Programme, from: &str) -> Timeline {
    with_draft(active, Arc::new(draft), day(from))
}

fn goal(per: Per, decided: Decided, at_least: i64) -> Goal {
    let target = Target::AtLeast(Decimal4::from_whole(at_least));
    Goal { quantity: Quantity::Signals, target, samples: 1, per, decided, repeat: Repeat::Once }
}

fn with_goal(code_text: &str, points: i64, goal: Goal) -> Rule {
    Rule { pattern: Pattern::Goal(goal), ..rule(code_text, points) }
}

fn codes(report: &Report) -> Vec<(&str, ProblemCode)> {
    report.warnings.iter().map(|warning| (warning.pointer.as_str(), warning.code)).collect()
}

fn points_of(report: &Report, n: u128) -> (i64, i64) {
    let line = report.people.iter().find(|line| line.subject == person(n)).unwrap();
    (line.listed.draft.points.0, line.listed.active.points.0)
}

const LATER: &str = "2027-06-01T00:00:00Z";

#[test]
fn who_wins_and_who_loses_is_told_with_ranks() {
    let active = always(vec![rule("a", 10)]);
    let lowered = rule("a", 4);
    let extra = rule("night", 30).when(at_least("m", "5"));
    let draft = draft_over(&active, document(vec![lowered, extra]), "2026-10-01");
    let signals = [
        about(1, "2026-10-05T10:00:00Z"),
        about(1, "2026-10-06T10:00:00Z"),
        about(2, "2026-11-02T10:00:00Z").measure("m", "5"),
        // Neither before nor at the end of the range.
        about(2, "2026-09-30T10:00:00Z"),
        about(2, "2026-11-30T23:00:00Z"),
    ];
    let people = [member(1), member(2), member(3)];
    let report = tested((&draft, &active), days("2026-10-01", "2026-12-01"), instant(LATER), (&people, &signals));
    assert_eq!((report.signals, report.participants), (3, 2));
    assert_eq!((points_of(&report, 1), points_of(&report, 2)), ((8, 20), (34, 10)));
    let lines = report.people.iter().map(|line| (line.difference.0, line.listed.draft.rank, line.listed.active.rank));
    assert_eq!(lines.collect::<Vec<_>>(), [(24, Some(1), Some(2)), (-12, Some(2), Some(1))]);
    assert_eq!((report.totals.draft.points.0, report.totals.active.points.0), (42, 30));
    let by_rule: Vec<_> = report
        .rules
        .iter()
        .map(|line| {
            (line.rule.as_str(), line.totals.map(|totals| totals.map(|totals| (totals.awards, totals.points.0))))
        })
        .map(|(rule, totals)| (rule, totals.draft, totals.active))
        .collect();
    assert_eq!(by_rule, [("a", Some((3, 12)), Some((3, 30))), ("night", Some((1, 30)), None)]);
    let team = &report.teams[0];
    assert_eq!((team.subject, team.listed.draft.points.0, team.listed.active.points.0), (TEAM, 42, 30));
    let months: Vec<_> = report.spread.draft.months.iter().map(|(day, points)| (day.to_string(), points.0)).collect();
    assert_eq!(months, [("2026-10-01".to_owned(), 8), ("2026-11-01".to_owned(), 34)]);
    assert_eq!(report.spread.draft.weekdays.map(|points| points.0), [38, 4, 0, 0, 0, 0, 0]);
    assert!(!report.seasons[0].whole);
}

#[test]
fn what_happened_before_the_range_uses_up_limits() {
    let limited = || vec![rule("a", 10).points(per(Per::Season), 25)];
    let active = always(limited());
    let draft = draft_over(&active, document(limited()), "2026-11-01");
    let signals: Vec<_> = ["2026-10-05", "2026-10-06", "2026-11-02", "2026-11-03"]
        .map(|day| about(1, &format!("{day}T10:00:00Z")))
        .into();
    let report = tested((&draft, &active), days("2026-11-01", "2026-12-01"), instant(LATER), (&[member(1)], &signals));
    assert_eq!(points_of(&report, 1), (5, 5));
    assert_eq!(codes(&report), [("/rules/0", ProblemCode::LimitBinds)]);
}

#[test]
fn a_goal_whose_period_goes_on_is_undecided() {
    let draft = |per| {
        let at_end = with_goal("g", 50, goal(per, Decided::AtEnd, 1));
        draft_over(&Timeline { versions: vec![], last_day: None }, document(vec![at_end]), "2026-10-01")
    };
    let nothing = Timeline { versions: vec![], last_day: None };
    let signals = [about(1, "2026-10-05T10:00:00Z"), about(2, "2026-10-06T10:00:00Z")];
    let people = [member(1), member(2)];
    let ask = |per, until, now: &str| {
        let draft = draft(per);
        let report = tested((&draft, &nothing), days("2026-10-01", until), instant(now), (&people, &signals));
        let undecided = report.undecided.iter().map(|one| (one.from.to_string(), one.periods)).collect::<Vec<_>>();
        (report.totals.draft.points.0, undecided, codes(&report).into_iter().map(|(_, code)| code).collect::<Vec<_>>())
    };
    let all = ProblemCode::GoalReachedByAll;
    assert_eq!(ask(Per::Month, "2026-11-01", LATER), (100, vec![], vec![all]));
    assert_eq!(ask(Per::Month, "2026-10-31", LATER), (0, vec![("2026-10-01".to_owned(), 1)], vec![]));
    // Grace is five days.
    let pending = (0, vec![("2026-10-01".to_owned(), 1)], vec![]);
    assert_eq!(ask(Per::Month, "2026-11-01", "2026-11-05T22:59:59Z"), pending);
    assert_eq!(ask(Per::Month, "2026-11-01", "2026-11-05T23:00:00Z"), (100, vec![], vec![all]));
    // A quarter is not decided by November, though it could be by now.
    assert_eq!(ask(Per::Quarter, "2026-11-01", LATER), (0, vec![("2026-10-01".to_owned(), 1)], vec![]));
}

#[test]
fn awards_that_wait_for_a_guard_are_pending() {
    let mut guarded = rule("a", 10);
    guarded.guard = Some(Guard { on: vec!["survey".into()], goal: goal(Per::Month, Decided::AtEnd, 1) });
    let nothing = Timeline { versions: vec![], last_day: None };
    let draft = draft_over(&nothing, document(vec![guarded]), "2026-10-01");
    let signals = [about(1, "2026-10-05T10:00:00Z")];
    let ask = |until| {
        let report = tested((&draft, &nothing), days("2026-10-01", until), instant(LATER), (&[member(1)], &signals));
        let totals = report.rules[0].totals.draft.unwrap();
        (totals.points.0, totals.pending_points.0, report.undecided.len(), report.warnings.len())
    };
    assert_eq!(ask("2026-11-01"), (10, 0, 0, 0));
    assert_eq!(ask("2026-10-20"), (0, 10, 1, 0));
}

#[test]
fn a_teams_goal_counts_for_the_team_or_its_members() {
    let team_goal = |payee| Rule {
        pattern: Pattern::TeamGoal(goal(Per::Month, Decided::AtEnd, 3), payee),
        ..rule("together", 100)
    };
    let nothing = Timeline { versions: vec![], last_day: None };
    let signals = [
        about(1, "2026-10-05T10:00:00Z"),
        about(1, "2026-10-05T11:00:00Z"),
        about(2, "2026-10-06T10:00:00Z"),
        about(1, "2026-11-06T10:00:00Z"),
    ];
    let people = [member(1), member(2), member(3)];
    let ask = |payee| {
        let draft = draft_over(&nothing, document(vec![team_goal(payee)]), "2026-10-01");
        tested((&draft, &nothing), days("2026-10-01", "2027-01-01"), instant(LATER), (&people, &signals))
    };
    let own = ask(TeamPayee::Team);
    let listed = own.teams[0].listed.draft;
    assert_eq!((listed.points.0, listed.own.0, own.people[0].listed.draft.points.0), (100, 100, 0));
    assert_eq!(own.spread.draft.channels.get(&None), Some(&Points(100)));
    let members = ask(TeamPayee::Members { min_days: 5 });
    let listed = members.teams[0].listed.draft;
    assert_eq!((listed.points.0, listed.own.0, members.totals.draft.people), (300, 0, 3));
    assert_eq!(points_of(&members, 3), (100, 0), "without evidence of their own");
}

#[test]
fn what_a_draft_names_and_nobody_bore_is_told() {
    let mut unheard = rule("b", 1).when(at_least("quality", "3"));
    unheard.on = vec!["training".into()];
    let tier = |text: &str, at| Tier { code: code(text), name: name(), at: Points(at), badge: None, reward: None };
    let mut draft =
        document(vec![rule("a", 10), unheard, with_goal("g", 5, goal(Per::Month, Decided::WhenReached, 9))]);
    draft.tiers = vec![tier("low", 10), tier("high", 20), tier("top", 1000)];
    let nothing = Timeline { versions: vec![], last_day: None };
    let draft = draft_over(&nothing, draft, "2026-10-01");
    let signals =
        [about(1, "2026-10-05T10:00:00Z"), about(2, "2026-10-06T10:00:00Z"), about(1, "2026-10-07T10:00:00Z")];
    let people = [member(1), member(2)];
    let report = tested((&draft, &nothing), days("2026-10-01", "2027-01-01"), instant(LATER), (&people, &signals));
    let expected = [
        ("/rules/1/on/0", ProblemCode::UnseenInRange),
        ("/rules/1", ProblemCode::UnseenInRange),
        ("/rules/1", ProblemCode::NeverAwarded),
        ("/rules/2/goal", ProblemCode::GoalNeverReached),
        ("/tiers/0", ProblemCode::TierReachedByAll),
        ("/tiers/2", ProblemCode::TierNeverReached),
    ];
    assert_eq!(codes(&report), expected);
    let tiers: Vec<_> = report.people.iter().map(|line| line.tiers[0].tier.draft.clone()).collect();
    assert_eq!(tiers, [Some(code("high")), Some(code("low"))]);
}

/// A world with one version and a range.
fn ranged(mut world: World, (first, length): (u64, u64)) -> (World, DaySpan) {
    world.timeline.versions.truncate(1);
    let first = world.season.first_day + chrono::Days::new(first);
    (world, DaySpan { first, until: first + chrono::Days::new(length) })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_version_in_force_as_a_draft_changes_nothing(world in world(), range in (0u64..20, 1u64..40)) {
        let (World { timeline: active, people, signals, as_of: now, .. }, days) = ranged(world, range);
        // The draft begins no earlier than what it equals.
        let days = DaySpan { first: days.first.max(active.versions[0].effective_from), ..days };
        prop_assume!(days.first < days.until);
        let draft = with_draft(&active, active.versions[0].programme.clone(), days.first);
        let report = tested((&draft, &active), days, now, (&people, &signals));
        prop_assert_eq!(&report.totals.draft, &report.totals.active);
        prop_assert_eq!(&report.spread.draft, &report.spread.active);
        prop_assert!(report.people.iter().all(|line| line.listed.draft == line.listed.active));
        prop_assert!(report.people.iter().all(|line| line.difference == Points::ZERO));
        prop_assert!(report.teams.iter().all(|line| line.listed.draft == line.listed.active));
        prop_assert!(report.rules.iter().all(|line| line.totals.draft == line.totals.active));
    }

    #[test]
    fn the_sums_are_those_of_the_folds(world in world(), range in (0u64..20, 1u64..40)) {
        let (World { timeline: active, people, signals, as_of: now, .. }, days) = ranged(world, range);
        let nothing = Timeline { versions: vec![], last_day: None };
        let draft = with_draft(&nothing, active.versions[0].programme.clone(), days.first);
        let report = tested((&draft, &nothing), days, now, (&people, &signals));
        // Every point is somebody's, and went somewhere.
        let all = report.totals.draft.points.0;
        let teams: i64 = report.teams.iter().map(|line| line.listed.draft.own.0).sum();
        let everybody: i64 = report.people.iter().map(|line| line.listed.draft.points.0).sum();
        prop_assert_eq!(everybody + teams, all);
        let spread = &report.spread.draft;
        prop_assert_eq!(spread.teams.values().map(|points| points.0).sum::<i64>(), all);
        prop_assert_eq!(spread.channels.values().map(|points| points.0).sum::<i64>(), all);
        prop_assert_eq!(spread.weekdays.iter().map(|points| points.0).sum::<i64>(), all);
        prop_assert_eq!(spread.months.values().map(|points| points.0).sum::<i64>(), all);
        // Each person's folds, summed by rule.
        let summed = summed_by_hand(&draft, (days, now), &report, (&people, &signals));
        for rule in &draft.versions[0].programme.rules {
            let line = report.rules.iter().find(|line| line.rule == rule.code).unwrap();
            let totals = line.totals.draft.unwrap();
            if !matches!(rule.pattern, Pattern::TeamGoal(..)) {
                let expected = summed.get(&rule.code).copied().unwrap_or_default();
                prop_assert_eq!((totals.awards, totals.points.0), expected, "{}", rule.code);
            }
        }
    }

    #[test]
    fn the_order_of_people_does_not_matter(world in world(), range in (0u64..20, 1u64..40)) {
        let newest = world.timeline.newest().unwrap().programme.clone();
        let whole = world.timeline.clone();
        let (World { people, mut signals, as_of: now, .. }, days) = ranged(world, range);
        let draft = with_draft(&whole, newest, days.first);
        let report = tested((&draft, &whole), days, now, (&people, &signals));
        signals.reverse();
        let turned: Vec<_> = people.into_iter().rev().collect();
        prop_assert_eq!(&report, &tested((&draft, &whole), days, now, (&turned, &signals)));
    }
}

/// Awards and points of people in a range, by rule.
fn summed_by_hand(
    timeline: &Timeline,
    (days, now): (DaySpan, Instant),
    report: &Report,
    (people, signals): (&[PersonFacts], &[Evidence]),
) -> BTreeMap<Code, (u64, i64)> {
    let programme = &timeline.versions[0].programme;
    let zone = &programme.calendar.zone;
    let (from, until) = (zone.start_of(days.first), zone.start_of(days.until));
    let as_of = zone.start_of(days.until + chrono::Days::new(programme.grace_days.into())).min(now);
    let known: Vec<_> = signals.iter().filter(|one| one.content.occurred_at < until).cloned().collect();
    let mut summed: BTreeMap<Code, (u64, i64)> = BTreeMap::new();
    for facts in people {
        for line in &report.seasons {
            let made = awards(Basis { timeline, season: &line.season, facts, as_of }, &known).unwrap().awards;
            for award in made.into_iter().filter(|award| from <= award.content.at && award.content.at < until) {
                let (awards, points) = summed.entry(award.key.rule).or_default();
                (*awards, *points) = (*awards + 1, *points + award.content.points.0);
            }
        }
    }
    summed
}

#[test]
fn a_streak_of_days_has_no_channel_and_the_signal_it_awards_does() {
    let of = at_least("m", "1");
    let days_in_a_row = Rule { pattern: Pattern::DayStreak(Streak { length: 1, of }), ..rule("days", 5) };
    let nothing = Timeline { versions: vec![], last_day: None };
    let draft = draft_over(&nothing, document(vec![rule("a", 2), days_in_a_row]), "2026-10-01");
    let mut signal = about(1, "2026-10-05T10:00:00Z").measure("m", "1");
    signal.content.channel = Some("phone".into());
    let report =
        tested((&draft, &nothing), days("2026-10-01", "2026-10-06"), instant(LATER), (&[member(1)], &[signal]));
    let channels: Vec<_> = report.spread.draft.channels.into_iter().collect();
    assert_eq!(channels, [(None, Points(5)), (Some("phone".to_owned()), Points(2))]);
}
