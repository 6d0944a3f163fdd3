//! Situations of streaks, goals, guards, boosts and teams, each with its outcome worked out by hand.

use std::sync::Arc;

use chrono::NaiveDate;

use super::support::*;
use crate::domain::award::Award;
use crate::domain::ids::TeamId;
use crate::domain::people::{Belonging, PersonFacts};
use crate::domain::period::{DaySpan, Per, Period, SeasonKind};
use crate::domain::programme::goal::DaySums;
use crate::domain::programme::{
    Aggregate, Audience, Boost, Decided, Goal, Guard, Over, Pattern, PointsFormula, Quantity, Repeat, Rule, Streak,
    Target, TeamPayee,
};
use crate::domain::signal::Evidence;
use crate::domain::time::{Instant, Interval};
use crate::engine::dues;
use crate::engine::fold::{Basis, Fold, Outcome, awards};
use crate::engine::team::{self, TeamBasis};
use crate::engine::timeline::Timeline;
use crate::engine::walk::Stretch;

const TEAM: TeamId = TeamId(uuid::Uuid::from_u128(1));

fn count(target: &str, per: Per) -> Goal {
    let target = Target::AtLeast(number(target));
    let (decided, repeat) = (Decided::WhenReached, Repeat::Once);
    Goal { quantity: Quantity::Signals, target, samples: 1, per, decided, repeat }
}

fn mean(target: &str, samples: u32, per: Per) -> Goal {
    let quantity = Quantity::Measure("m".into(), Aggregate::Mean);
    Goal { quantity, samples, decided: Decided::AtEnd, ..count(target, per) }
}

fn with(pattern: Pattern) -> Rule {
    Rule { pattern, ..rule("r", 10) }
}

fn guarded(rule: Rule, goal: Goal) -> Rule {
    let goal = Goal { decided: Decided::AtEnd, ..goal };
    Rule { guard: Some(Guard { on: vec!["survey".into()], goal }), ..rule }
}

fn streak(length: u32) -> Streak {
    Streak { length, of: at_least("m", "4") }
}

/// Surveys at noon, UTC, each with a value.
fn surveys(of: &[(&str, &str)]) -> Vec<Evidence> {
    let one = |(n, (day, value)): (u128, &(&str, &str))| survey(n, &format!("{day}T12:00:00Z")).measure("m", value);
    (1..).zip(of).map(one).collect()
}

/// What is awarded and what is pending at an instant, as (cause, instant, points).
fn told(timeline: &Timeline, facts: &PersonFacts, signals: &[Evidence], as_of: &str) -> (Vec<String>, Vec<String>) {
    let season = season_of(timeline, signals[0].content.occurred_at);
    let basis = Basis { timeline, season: &season, facts, as_of: instant(as_of) };
    lines(awards(basis, signals).unwrap())
}

fn season_of(timeline: &Timeline, at: Instant) -> Period {
    timeline.newest().unwrap().programme.calendar.season_at(at).unwrap()
}

fn lines(outcome: Outcome) -> (Vec<String>, Vec<String>) {
    let line = |award: &Award| {
        let cause = award.key.cause.to_string().replace("00000000-0000-0000-0000-00000000000", "");
        format!("{cause} {} {}", award.content.at.format("%m-%dT%H:%M"), award.content.points.0)
    };
    let mut told = [outcome.awards, outcome.pending].map(|awards| awards.iter().map(line).collect::<Vec<_>>());
    told.iter_mut().for_each(|lines| lines.sort());
    let [awards, pending] = told;
    (awards, pending)
}

const LATE: &str = "2030-01-01T00:00:00Z";

/// S22: what does not count breaks it; a complete one starts again at 0 even when a limit drops its award.
#[test]
fn a_streak_starts_again_when_it_is_broken_or_complete() {
    let rule = with(Pattern::Streak(streak(2))).times(per(Per::Day), 1);
    let values = ["4", "3", "5", "4", "4", "4", "4"];
    let at = |(n, value): (u128, &&str)| survey(n, &format!("2026-11-03T1{n}:00:00Z")).measure("m", value);
    let signals: Vec<_> = (1..).zip(&values).map(at).collect();
    // 3 and 4 complete one, 5 and 6 one that the day's limit drops; 7 begins another.
    assert_eq!(points(&always(vec![rule]), &signals), [(4, 10)]);
}

/// S23, S7: weekends, holidays and days off are skipped, a working day without one breaks; awarded at the day's start.
#[test]
fn a_streak_of_days_is_broken_by_working_days_only() {
    let mut timeline = always(vec![with(Pattern::DayStreak(streak(3)))]);
    let programme = Arc::make_mut(&mut timeline.versions[0].programme);
    programme.working_days = [true, true, true, true, true, false, false];
    // A Friday, the Monday after, a Thursday after a day off and a holiday.
    let signals = surveys(&[("2026-11-06", "4"), ("2026-11-09", "5"), ("2026-11-12", "4"), ("2026-11-16", "4")]);
    let off = DaySpan { first: day("2026-11-10"), until: day("2026-11-11") };
    let holidays = Arc::new([day("2026-11-11")].into());
    let facts = PersonFacts { days_off: vec![off], holidays, ..nobody() };
    let award = "day:2026-11-12 11-11T23:00 10".to_owned();
    assert_eq!(told(&timeline, &facts, &signals, LATE).0, [award]);
    assert_eq!(told(&timeline, &nobody(), &signals, LATE).0, [] as [String; 0]);
}

/// S23: there was no 30 December 2011 in Samoa.
#[test]
fn a_day_that_never_was_breaks_nothing() {
    let rule = with(Pattern::DayStreak(streak(2)));
    let calendar = crate::domain::period::Calendar {
        zone: crate::domain::period::Zone::new("Pacific/Apia").unwrap(),
        ..berlin(SeasonKind::Quarter)
    };
    let version = in_force(1, "2011-01-01", programme(calendar, Audience::default(), vec![rule]));
    let timeline = Timeline { versions: vec![version], last_day: None };
    let signals = [survey(1, "2011-12-29T12:00:00Z"), survey(2, "2011-12-30T12:00:00Z")];
    let signals = signals.map(|one| one.measure("m", "4"));
    assert_eq!(told(&timeline, &nobody(), &signals, LATE).0, ["day:2011-12-31 12-30T10:00 10"]);
}

/// S24, S7: once for each multiple, when it is reached.
#[test]
fn a_goal_repeats_at_each_multiple() {
    let goal = Goal { repeat: Repeat::EachMultiple, ..count("2", Per::Week) };
    let signals = surveys(&[("2026-11-02", "1"), ("2026-11-03", "1"), ("2026-11-08", "1"), ("2026-11-08", "1")]);
    let expected = ["goal:week:2026-11-02:1 11-03T12:00 10", "goal:week:2026-11-02:2 11-08T12:00 10"];
    assert_eq!(told(&always(vec![with(Pattern::Goal(goal))]), &nobody(), &signals, "2026-11-03T00:00:00Z").0, expected);
}

/// S24, S7: a mean is judged five days of grace after its month, and awarded at its last instant, with its value.
#[test]
fn a_mean_is_decided_after_its_period_and_grace() {
    let worth = PointsFormula::Times { over: Over::Goal, factor: number("10") };
    let timeline = always(vec![with(Pattern::Goal(mean("4", 2, Per::Month))).worth(worth)]);
    let signals = surveys(&[("2026-11-03", "4"), ("2026-11-30", "4.5")]);
    assert_eq!(told(&timeline, &nobody(), &signals, "2026-12-05T22:59:59Z").0, [] as [String; 0]);
    assert_eq!(
        told(&timeline, &nobody(), &signals, "2026-12-05T23:00:00Z").0,
        ["goal:month:2026-11-01:1 11-30T22:59 43"]
    );
    assert_eq!(told(&timeline, &nobody(), &signals[..1], LATE).0, [] as [String; 0], "too few samples");
}

/// S3: a quarter of a programme of months is as long as the month.
#[test]
fn a_goal_by_quarter_is_cut_at_the_seasons_edge() {
    let rule = with(Pattern::Goal(mean("4", 1, Per::Quarter)));
    let version = in_force(1, "2026-01-01", programme(berlin(SeasonKind::Month), Audience::default(), vec![rule]));
    let timeline = Timeline { versions: vec![version], last_day: None };
    let signals = surveys(&[("2026-11-03", "4")]);
    assert_eq!(told(&timeline, &nobody(), &signals, LATE).0, ["goal:quarter:2026-11-01:1 11-30T22:59 10"]);
}

/// S29: the target is that of the version in force when the week began.
#[test]
fn a_goal_follows_the_first_version_of_its_period() {
    let of = |target| {
        programme(berlin(SeasonKind::Quarter), Audience::default(), vec![with(Pattern::Goal(count(target, Per::Week)))])
    };
    let versions = vec![in_force(1, "2026-01-01", of("3")), in_force(2, "2026-11-04", of("1"))];
    let timeline = Timeline { versions, last_day: None };
    let signals = surveys(&[("2026-11-05", "1"), ("2026-11-06", "1"), ("2026-11-09", "1")]);
    assert_eq!(told(&timeline, &nobody(), &signals, LATE).0, ["goal:week:2026-11-09:1 11-09T12:00 10"]);
}

/// S25: pending until the guard's month and its grace have ended; limits count it; then written, or not.
#[test]
fn a_guarded_award_is_pending_until_its_guard_is_decided() {
    let rule = guarded(rule("r", 10).times(per(Per::Month), 1), mean("4", 2, Per::Month));
    let timeline = always(vec![rule]);
    let award = "signal:1 11-03T12:00 10".to_owned();
    let nothing: Vec<String> = vec![];
    for (second, after) in [("4", vec![award.clone()]), ("3", nothing.clone())] {
        let signals = surveys(&[("2026-11-03", "4"), ("2026-11-30", second)]);
        let before = told(&timeline, &nobody(), &signals, "2026-12-05T22:00:00Z");
        assert_eq!(before, (nothing.clone(), vec![award.clone()]));
        assert_eq!(told(&timeline, &nobody(), &signals, "2026-12-06T00:00:00Z"), (after, nothing.clone()));
    }
    let alone = surveys(&[("2026-11-03", "1")]);
    assert_eq!(told(&timeline, &nobody(), &alone, LATE).0, [award], "too few samples hold");
}

/// S25, S29: an award is guarded by the rule of the version that makes it, that of its period.
#[test]
fn a_goal_met_is_guarded_by_the_version_that_it_follows() {
    let of = |rule| programme(berlin(SeasonKind::Quarter), Audience::default(), vec![rule]);
    let goal = with(Pattern::Goal(count("1", Per::Month)));
    let with_guard = guarded(goal.clone(), mean("4", 1, Per::Month));
    let versions = vec![in_force(1, "2026-01-01", of(with_guard)), in_force(2, "2026-11-03", of(goal))];
    let timeline = Timeline { versions, last_day: None };
    let signals = surveys(&[("2026-11-05", "1")]);
    assert_eq!(told(&timeline, &nobody(), &signals, "2026-11-06T00:00:00Z").1.len(), 1);
}

/// S5, S25: the end of a guard's week decides on a goal of the month that ended in it, though nothing happened since.
#[test]
fn a_guards_end_concerns_the_goals_that_ended_in_its_period() {
    let rule = guarded(with(Pattern::Goal(mean("4", 1, Per::Month))), mean("4", 1, Per::Week));
    let timeline = always(vec![rule]);
    let calendar = berlin(SeasonKind::Quarter);
    let week = Stretch::of(&calendar, Per::Week, day("2026-11-30")).unwrap();
    let season = calendar.season_of(day("2026-11-30")).unwrap();
    assert_eq!(dues::concerned(&timeline, &season, &week).unwrap().first, day("2026-11-01"));
}

fn boost(code_text: &str, (from, until): (&str, &str), factor: &str) -> Boost {
    let (from, until) = (day(from), day(until));
    Boost {
        code: code(code_text),
        name: name(),
        from,
        until,
        rules: vec![code("r")],
        when: None,
        factor: number(factor),
    }
}

/// S21, S26: of two boosts the larger counts, a last day is exclusive, and points are rounded once.
#[test]
fn the_largest_boost_in_force_counts() {
    let worth = PointsFormula::Times { over: Over::Measure("m".into()), factor: number("0.5") };
    let mut timeline = always(vec![rule("r", 0).worth(worth)]);
    let programme = Arc::make_mut(&mut timeline.versions[0].programme);
    programme.boosts =
        vec![boost("small", ("2026-11-01", "2026-12-01"), "1.5"), boost("large", ("2026-11-03", "2026-11-04"), "3")];
    let signals = surveys(&[("2026-11-02", "3"), ("2026-11-03", "3"), ("2026-11-04", "3")]);
    // 1.5 points, times 1.5 (2.25) and times 3 (4.5).
    assert_eq!(points(&timeline, &signals), [(1, 2), (2, 5), (3, 2)]);
}

/// A person at home in the team for some time.
fn member(n: u128, from: &str, until: &str) -> PersonFacts {
    let interval = Interval { from: Some(instant(from)), until: Some(instant(until)) };
    let home = Belonging { team: TEAM, lineage: Arc::new([code("north")]), interval };
    let person = crate::domain::ids::PersonId(uuid::Uuid::from_u128(n));
    PersonFacts { belongings: vec![home], ..PersonFacts::of(person) }
}

/// What a team's goal awards for the evidence about some people.
fn team_told(rule: Rule, people: &[PersonFacts], signals: &[(usize, &str)]) -> Vec<String> {
    let timeline = always(vec![rule]);
    let season = season_of(&timeline, instant("2026-11-03T12:00:00Z"));
    let (mut sums, as_of) = (DaySums::new(), Instant::MAX_UTC);
    for (n, (person, at)) in (1..).zip(signals) {
        let facts = &people[*person];
        let mut fold = Fold::start(Basis { timeline: &timeline, season: &season, facts, as_of }, ()).unwrap();
        let mut one = survey(n, at);
        one.content.agent = facts.person;
        fold.take(&one).unwrap();
        for ((code, part, _), given) in fold.given_today() {
            let day: NaiveDate = instant(at).date_naive();
            *sums.entry((code.clone(), *part, day)).or_default() += *given;
        }
    }
    let basis = TeamBasis { timeline: &timeline, season: &season, team: TEAM, members: people, as_of };
    let days = DaySpan { first: season.first_day, until: season.until_day };
    lines(team::awards(basis, &sums, days).unwrap()).0
}

/// S27, S31, S32: a signal counts for the team of its instant, whatever became of its agent; the goal is reached at the
/// start of the day.
#[test]
fn a_teams_goal_counts_by_membership_when_it_happened() {
    let people = [member(1, "2026-11-01T00:00:00Z", "2026-11-05T12:00:00Z")];
    let rule = || with(Pattern::TeamGoal(count("2", Per::Week), TeamPayee::Team));
    let signals = [(0, "2026-11-04T10:00:00Z"), (0, "2026-11-05T11:59:59Z")];
    assert_eq!(team_told(rule(), &people, &signals), ["goal:week:2026-11-02:1 11-04T23:00 10"]);
    let late = [(0, "2026-11-04T10:00:00Z"), (0, "2026-11-05T12:00:00Z")];
    assert_eq!(team_told(rule(), &people, &late), [] as [String; 0]);
}

/// S27: to each who was a member on so many local days of the period, at its end.
#[test]
fn a_teams_goal_to_members_asks_for_days() {
    let people = [
        member(1, "2026-11-01T00:00:00Z", "2026-11-04T12:00:00Z"),
        member(2, "2026-11-03T23:30:00Z", "2026-12-01T00:00:00Z"),
        member(3, "2026-11-07T00:00:00Z", "2026-12-01T00:00:00Z"),
    ];
    let goal = Goal { decided: Decided::AtEnd, ..count("1", Per::Week) };
    let rule = with(Pattern::TeamGoal(goal, TeamPayee::Members { min_days: 3 }));
    let told = team_told(rule, &people, &[(1, "2026-11-04T10:00:00Z")]);
    // The first was there from Monday to Wednesday, the second from Wednesday on, the third on two days.
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told.iter().all(|line| line.ends_with(":1 11-08T22:59 10")), "{told:?}");
}
