//! Explanations and outlooks: each pattern in words, and in every world the numbers told come to the award.

use chrono::TimeDelta;
use insta::assert_snapshot;
use proptest::prelude::*;

use super::support::*;
use super::world::world;
use crate::domain::award::{Award, AwardKey, Cause};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{Subject, TeamId};
use crate::domain::language::Localised;
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Per, Period};
use crate::domain::points::Points;
use crate::domain::programme::goal::{DaySums, Part, Sums};
use crate::domain::programme::*;
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;
use crate::engine::explain::trace::FormulaTrace;
use crate::engine::explain::{Explanation, Sentences, explain, explain_team};
use crate::engine::fold::{Basis, awards};
use crate::engine::outlook::{Asking, Fate, Participation, RuleOutlook, outlook};
use crate::engine::team::TeamBasis;
use crate::engine::timeline::Timeline;

/// A number of points as a fraction, worked out from what is told.
fn worth(trace: &FormulaTrace) -> (i128, i128) {
    let raw = |value: Decimal4| i128::from(value.raw());
    match trace {
        FormulaTrace::Fixed { points } => (points.0.into(), 1),
        FormulaTrace::Times { value, factor, .. } => (value.map_or(0, raw) * raw(*factor), 100_000_000),
        FormulaTrace::Steps { step, .. } => (step.map_or(0, |(_, points)| points.0.into()), 1),
        FormulaTrace::Zones { value: Some(x), from: Some((x0, y0)), to: Some((x1, y1)), .. } => {
            let (x, x0, y0, x1, y1) = (raw(*x), raw(*x0), raw(*y0), raw(*x1), raw(*y1));
            (y0 * (x1 - x0) + (y1 - y0) * (x - x0), (x1 - x0) * 10_000)
        }
        FormulaTrace::Zones { from, to, .. } => (from.or(*to).map_or(0, |(_, y)| raw(y)), 10_000),
        FormulaTrace::By { of, .. } => worth(of),
    }
}

/// The points of an award, from what its explanation tells.
fn told_points(told: &Explanation) -> i64 {
    let (mut over, mut under) = told.formula.as_ref().map_or((0, 1), worth);
    if let Some(boost) = &told.boost {
        (over, under) = (over * i128::from(boost.factor.raw()), under * 10_000);
    }
    let mut points = (over.max(0) * 2 + under) / (under * 2);
    for step in &told.limits {
        if let Some((most, used)) = step.points.zip(step.used) {
            points = points.min(i128::from(most.0 - used.points.0)).max(0);
        }
        if let Some((most, used)) = step.times.zip(step.used) {
            assert!(used.times < most, "a limit that drops an award leaves none to explain");
        }
    }
    i64::try_from(points).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn what_is_told_comes_to_the_award(world in world()) {
        let (timeline, season, facts) = (&world.timeline, &world.season, &world.facts);
        let basis = Basis { timeline, season, facts, as_of: Instant::MAX_UTC };
        for award in awards(basis, &world.signals).unwrap().awards {
            let told = explain(basis, &world.signals, &award.key).unwrap().expect("an award without explanation");
            prop_assert_eq!(&told.award, &award);
            prop_assert_eq!((told.points, &told.badge, told.version), (award.content.points, &award.content.badge, award.content.version));
            prop_assert_eq!(told_points(&told), award.content.points.0);
            prop_assert!(told.clauses.as_ref().is_none_or(|clause| clause.holds));
            prop_assert!(told.signals >= told.evidence.len() && !told.evidence.is_empty());
            prop_assert!(told.sentences.en.len() == told.sentences.de.len() && told.sentences.en != told.sentences.de);
            if let Some(row) = &told.streak {
                prop_assert!(row.steps.iter().all(|step| step.of.holds));
            }
            if let Cause::Signal(signal) = award.key.cause {
                prop_assert_eq!(told.evidence.last().map(|one| one.id).filter(|_| told.signals <= 50), Some(signal).filter(|_| told.signals <= 50));
            }
        }
    }

    #[test]
    fn an_outlook_tells_what_became_of_each_signal(world in world()) {
        let (timeline, season, facts) = (&world.timeline, &world.season, &world.facts);
        let basis = Basis { timeline, season, facts, as_of: Instant::MAX_UTC };
        let earned = awards(basis, &world.signals).unwrap().awards;
        for signal in world.signals.iter().take(12) {
            let at = signal.content.occurred_at;
            if signal.content.agent != PERSON || !(season.from..season.until).contains(&at) {
                continue;
            }
            let asking = Asking { basis, signals: &world.signals, at, now: Instant::MAX_UTC, team: None, signal: Some(signal.id) };
            for told in outlook(asking).unwrap() {
                let Some(why) = told.signal else { continue };
                let own = |award: &&Award| award.key.rule == told.rule && award.key.cause == Cause::Signal(signal.id);
                if let Some(award) = earned.iter().find(own) {
                    prop_assert_eq!((why.fate, why.points), (Fate::Rewarded, Some(award.content.points)));
                } else {
                    prop_assert_ne!(why.fate, Fate::Rewarded);
                }
            }
        }
    }
}

fn read(sentences: &Sentences) -> String {
    format!("{}\n\n{}", sentences.en.join("\n"), sentences.de.join("\n"))
}

fn season(timeline: &Timeline, signals: &[Evidence]) -> Period {
    timeline.versions[0].programme.calendar.season_at(signals[0].content.occurred_at).unwrap()
}

/// The explanation of the last award, in both languages.
fn told(timeline: &Timeline, signals: &[Evidence]) -> Explanation {
    let (season, facts) = (season(timeline, signals), nobody());
    let basis = Basis { timeline, season: &season, facts: &facts, as_of: Instant::MAX_UTC };
    let last = folded(timeline, &season, &facts, signals).unwrap().pop().unwrap();
    explain(basis, signals, &last.key).unwrap().unwrap()
}

fn looked(timeline: &Timeline, signals: &[Evidence], at: &str, asked: usize) -> RuleOutlook {
    let (season, facts, at) = (season(timeline, signals), nobody(), instant(at));
    let basis = Basis { timeline, season: &season, facts: &facts, as_of: at };
    let signal = Some(signals[asked].id);
    outlook(Asking { basis, signals, at, now: at, team: None, signal }).unwrap().remove(0)
}

fn boosted(mut timeline: Timeline, factor: &str) -> Timeline {
    let mut programme = timeline.versions[0].programme.as_ref().clone();
    programme.boosts.push(Boost {
        code: code("advent"),
        name: Localised { en: "Advent".into(), de: "Adventszeit".into() },
        from: day("2026-11-01"),
        until: day("2026-12-25"),
        rules: vec![code("r")],
        when: None,
        factor: number(factor),
    });
    timeline.versions[0].programme = programme.into();
    timeline
}

fn goal(quantity: Quantity, target: &str, samples: u32, decided: Decided) -> Goal {
    let target = Target::AtLeast(number(target));
    Goal { quantity, target, samples, per: Per::Month, decided, repeat: Repeat::Once }
}

fn mean(target: &str) -> Goal {
    goal(Quantity::Measure("m".into(), Aggregate::Mean), target, 2, Decided::AtEnd)
}

#[test]
fn each_signal_with_zones_boost_limits_and_cooldown() {
    let corners = [("70", "0"), ("90", "30"), ("100", "60")].map(|(x, y)| (number(x), number(y)));
    let worth = PointsFormula::Zones { over: Over::Measure("m".into()), corners: corners.to_vec() };
    let phone = Condition::Any(vec![at_least("m", "80"), Condition::Field(Field::Channel, vec!["phone".into()])]);
    let rule = rule("r", 0)
        .worth(worth)
        .when(Condition::All(vec![phone, Condition::Not(Box::new(at_least("m", "99")))]))
        .points(per(Per::Day), 80)
        .times(LimitPer::Case, 1)
        .cooldown(TimeDelta::hours(1));
    let at = |n| survey(n, &format!("2026-11-03T1{n}:00:00Z"));
    let signals = [at(1).measure("m", "92"), at(2).measure("m", "95.5").case("c-1")];
    let told = told(&boosted(always(vec![rule]), "1.5"), &signals);
    assert_eq!(told.points, Points(26));
    assert_snapshot!(read(&told.sentences), @"");
}

#[test]
fn a_row_of_signals() {
    let mut rule = rule("r", 100).badge("steady").times(per(Per::Season), 3);
    rule.pattern = Pattern::Streak(Streak { length: 3, of: at_least("m", "4") });
    let at = |n: u128, m| survey(n, &format!("2026-11-{n:02}T10:00:00Z")).measure("m", m);
    let signals = [at(1, "5"), at(2, "3"), at(3, "4"), at(4, "5"), at(5, "4"), at(6, "5")];
    let timeline = always(vec![rule]);
    let explained = told(&timeline, &signals);
    let row = explained.streak.as_ref().unwrap();
    assert_eq!(row.steps.iter().map(|step| step.signal.0.as_u128()).collect::<Vec<_>>(), [3, 4, 5]);
    assert_snapshot!(read(&explained.sentences), @"");
    let ahead = looked(&timeline, &signals, "2026-11-06T12:00:00Z", 1);
    assert_eq!((ahead.streak.as_ref().unwrap().row, ahead.signal.as_ref().unwrap().fate), (1, Fate::Breaks));
    assert_snapshot!(read(&ahead.sentences), @"");
    assert_snapshot!(read(&ahead.signal.unwrap().sentences), @"");
}

#[test]
fn a_row_of_days() {
    let mut rule = rule("r", 50);
    rule.pattern = Pattern::DayStreak(Streak { length: 2, of: at_least("m", "4") });
    let at = |n: u128, m| survey(n, &format!("2026-11-{n:02}T10:00:00Z")).measure("m", m);
    let signals = [at(1, "5"), at(3, "5"), at(4, "1"), at(5, "4"), at(6, "4"), at(7, "4")];
    let timeline = always(vec![rule]);
    let explained = told(&timeline, &signals);
    let days: Vec<_> = explained.streak.as_ref().unwrap().steps.iter().map(|step| step.day.to_string()).collect();
    assert_eq!(days, ["2026-11-05", "2026-11-06"], "what is broken does not count");
    assert_snapshot!(read(&explained.sentences), @"");
    let ahead = looked(&timeline, &signals, "2026-11-07T12:00:00Z", 2);
    assert_eq!(ahead.signal.as_ref().unwrap().fate, Fate::DoesNotCount);
    assert_snapshot!(read(&ahead.sentences), @"");
    assert_eq!(looked(&timeline, &signals, "2026-11-09T12:00:00Z", 2).streak.unwrap().row, 0, "Sunday has passed");
}

#[test]
fn a_goal_that_is_reached() {
    let mut rule = rule("r", 10);
    let count = goal(Quantity::Signals, "2", 1, Decided::WhenReached);
    rule.pattern = Pattern::Goal(Goal { repeat: Repeat::EachMultiple, ..count });
    let signals: Vec<_> = (1..=5).map(|n| survey(n, &format!("2026-11-0{n}T10:00:00Z"))).collect();
    let timeline = always(vec![rule]);
    let explained = told(&timeline, &signals);
    assert_eq!((explained.signals, explained.evidence.len()), (4, 4), "the fifth came after");
    assert_snapshot!(read(&explained.sentences), @"");
    let ahead = looked(&timeline, &signals, "2026-11-09T12:00:00Z", 0);
    assert_eq!(ahead.goal.as_ref().unwrap().goal.missing, Some(number("1")));
    assert_snapshot!(read(&ahead.sentences), @"");
}

#[test]
fn a_goal_at_the_end_and_a_guard() {
    let steps = vec![(number("4"), Points(10)), (number("4.5"), Points(30))];
    let mut rule = rule("r", 0).worth(PointsFormula::Steps { over: Over::Goal, steps });
    rule.pattern = Pattern::Goal(mean("4"));
    let calm = goal(Quantity::Share(at_least("m", "3")), "0.5", 1, Decided::AtEnd);
    rule.guard = Some(Guard { on: vec!["survey".into()], goal: calm });
    let at = |n, m| survey(n, &format!("2026-11-0{n}T10:00:00Z")).measure("m", m);
    let signals = [at(1, "5"), at(2, "5"), at(3, "4")];
    let timeline = always(vec![rule]);
    assert_snapshot!(read(&told(&timeline, &signals).sentences), @"");
    let ahead = looked(&timeline, &signals, "2026-11-02T12:00:00Z", 0);
    assert_snapshot!(read(&ahead.sentences), @"");
}

#[test]
fn points_that_wait_for_a_guard() {
    let mut rule = rule("r", 20).points(per(Per::Day), 30);
    rule.guard = Some(Guard { on: vec!["survey".into()], goal: mean("4") });
    let signals: Vec<_> = (1..=3).map(|n| survey(n, &format!("2026-11-03T1{n}:00:00Z")).measure("m", "5")).collect();
    let timeline = always(vec![rule]);
    let ahead = looked(&timeline, &signals, "2026-11-03T20:00:00Z", 2);
    assert_eq!((ahead.pending, ahead.open, ahead.next_at), (Points(30), false, Some(instant("2026-11-03T23:00:00Z"))));
    assert_eq!(ahead.signal.as_ref().unwrap().fate, Fate::NothingLeft);
    assert_snapshot!(read(&ahead.sentences), @"");
    assert_snapshot!(read(&ahead.signal.unwrap().sentences), @"");
    assert_eq!(looked(&timeline, &signals, "2026-11-03T20:00:00Z", 1).signal.unwrap().fate, Fate::Pending);
}

#[test]
fn a_team_and_its_members() {
    let mut rule = rule("r", 200);
    let share = goal(Quantity::Share(at_least("m", "4")), "0.8", 10, Decided::AtEnd);
    rule.pattern = Pattern::TeamGoal(share, TeamPayee::Members { min_days: 10 });
    let timeline = always(vec![rule]);
    let season = timeline.versions[0].programme.calendar.season_of(day("2026-11-03")).unwrap();
    let team = TeamId(uuid::Uuid::from_u128(3));
    let stay = crate::domain::people::Belonging {
        team,
        lineage: vec![code("north")].into(),
        interval: crate::domain::time::Interval { from: Some(instant("2026-11-12T00:00:00Z")), until: None },
    };
    let members = [PersonFacts { belongings: vec![stay], ..nobody() }];
    let sums = |selected, favourable| Sums { selected, favourable, ..Sums::default() };
    let place = |text: &str| (code("r"), Part::Goal, day(text));
    let sums: DaySums = [(place("2026-11-03"), sums(8, 7)), (place("2026-11-20"), sums(12, 10))].into();
    let basis = TeamBasis { timeline: &timeline, season: &season, team, members: &members, as_of: Instant::MAX_UTC };
    let days = DaySpan { first: season.first_day, until: season.until_day };
    let award = crate::engine::team::awards(basis, &sums, days).unwrap().awards.remove(0);
    assert_eq!(award.key.subject, Subject::Person(PERSON));
    let told = explain_team(basis, &sums, &award.key).unwrap().unwrap();
    assert_eq!((&told.award, told_points(&told), told.signals), (&award, 200, 20));
    assert_snapshot!(read(&told.sentences), @"");
    let other = AwardKey { cause: award.key.cause.for_time(2), ..award.key };
    assert_eq!(explain_team(basis, &sums, &other).unwrap(), None);
}

#[test]
fn what_is_not_awarded_is_not_explained() {
    let timeline = always(vec![rule("r", 10).times(per(Per::Day), 1)]);
    let signals = [survey(1, "2026-11-03T11:00:00Z"), survey(2, "2026-11-03T12:00:00Z")];
    let (season, facts) = (season(&timeline, &signals), nobody());
    let basis = Basis { timeline: &timeline, season: &season, facts: &facts, as_of: Instant::MAX_UTC };
    let key = AwardKey { rule: code("r"), subject: Subject::Person(PERSON), cause: Cause::Signal(signals[1].id) };
    assert_eq!(explain(basis, &signals, &key).unwrap(), None);
    let why = looked(&timeline, &signals, "2026-11-03T13:00:00Z", 1).signal.unwrap();
    assert_eq!(why.fate, Fate::LimitReached);
    assert_snapshot!(read(&why.sentences), @"");
}

#[test]
fn who_does_not_take_part_is_told() {
    let mut timeline = always(vec![rule("r", 10)]);
    let mut programme = timeline.versions[0].programme.as_ref().clone();
    programme.audience.teams = vec![code("support")];
    timeline.versions[0].programme = programme.into();
    let signals = [survey(1, "2026-11-03T11:00:00Z")];
    let outside = looked(&timeline, &signals, "2026-11-03T12:00:00Z", 0);
    assert_eq!((outside.part, outside.signal.unwrap().fate), (Participation::NotInAudience, Fate::NotInAudience));
    timeline.last_day = Some(day("2026-11-02"));
    let ended = looked(&timeline, &signals, "2026-11-03T12:00:00Z", 0);
    assert_eq!((ended.part, ended.open, ended.signal.unwrap().fate), (Participation::Ended, false, Fate::NotInForce));
}
