//! Situations with a name, each with its outcome worked out by hand.

use chrono::TimeDelta;

use super::support::*;
use crate::domain::award::Award;
use crate::domain::period::{CustomSeason, Per, SeasonKind};
use crate::domain::points::Points;
use crate::domain::programme::{Audience, Condition, LimitPer, Over, PointsFormula};
use crate::engine::fold::FoldError;
use crate::engine::reconcile::{LiveAward, reconcile};
use crate::engine::timeline::Timeline;

/// S21.
#[test]
fn two_limits_at_once_leave_what_both_leave() {
    let rule = rule("r", 40).points(per(Per::Day), 100).times(per(Per::Week), 4);
    let signals: Vec<_> = (1..=3)
        .map(|n| survey(n, &format!("2026-11-03T1{n}:00:00Z")))
        .chain((4..=6).map(|n| survey(n, &format!("2026-11-04T1{n}:00:00Z"))))
        .collect();
    // Day one is cut to 100 points; on day two one award is left of the week's four.
    assert_eq!(points(&always(vec![rule]), &signals), [(1, 40), (2, 40), (3, 20), (4, 40)]);
}

/// S1, S6.
#[test]
fn a_displaced_signal_counts_again_when_an_earlier_one_is_voided() {
    let timeline = always(vec![rule("r", 10).times(per(Per::Day), 2)]);
    let signals: Vec<_> = (1..=3).map(|n| survey(n, &format!("2026-11-03T1{n}:00:00Z"))).collect();
    assert_eq!(points(&timeline, &signals), [(1, 10), (2, 10)]);
    assert_eq!(points(&timeline, &signals[1..]), [(2, 10), (3, 10)]);
}

/// S29.
#[test]
fn counts_run_on_across_versions_and_the_day_decides_the_number() {
    let with = |rule| programme(berlin(SeasonKind::Quarter), Audience::default(), vec![rule]);
    let timeline = Timeline {
        versions: vec![
            // Without a limit by week: what it grants counts for the week all the same.
            in_force(1, "2026-01-01", with(rule("r", 10))),
            in_force(2, "2026-11-04", with(rule("r", 10).times(per(Per::Week), 3))),
            in_force(3, "2026-11-06", with(rule("r", 10).times(per(Per::Week), 4))),
        ],
        last_day: None,
    };
    let days = [(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 7), (7, 9)];
    let signals: Vec<_> = days.map(|(n, day)| survey(n, &format!("2026-11-{day:02}T12:00:00Z"))).into();
    assert_eq!(points(&timeline, &signals), [1, 2, 3, 5, 7].map(|n| (n, 10)));
    let versions: Vec<_> = earned(&timeline, &signals).iter().map(|award| award.content.version).collect();
    assert_eq!(versions, [1, 1, 2, 3, 3]);
}

/// S28.
#[test]
fn the_highest_effective_version_is_in_force_even_if_it_is_effective_earlier() {
    let with = |points| programme(berlin(SeasonKind::Quarter), Audience::default(), vec![rule("r", points)]);
    let timeline = Timeline {
        versions: vec![in_force(2, "2026-11-03", with(2)), in_force(1, "2026-11-05", with(1))],
        last_day: None,
    };
    let signals =
        [survey(1, "2026-11-02T12:00:00Z"), survey(2, "2026-11-03T12:00:00Z"), survey(3, "2026-11-06T12:00:00Z")];
    assert_eq!(points(&timeline, &signals), [(2, 2), (3, 2)]);
}

/// S21.
#[test]
fn at_the_end_of_a_cooldown_the_next_award_may_come() {
    let timeline = always(vec![rule("r", 10).cooldown(TimeDelta::hours(1))]);
    let signals = [
        survey(1, "2026-11-03T12:00:00Z"),
        survey(2, "2026-11-03T12:00:00Z"),
        survey(3, "2026-11-03T12:59:59.999999Z"),
        survey(4, "2026-11-03T13:00:00Z"),
        survey(5, "2026-11-03T13:59:00Z"),
    ];
    assert_eq!(points(&timeline, &signals), [(1, 10), (4, 10)]);
}

/// S21.
#[test]
fn what_is_no_award_uses_up_no_time_and_starts_no_cooldown() {
    let worth = PointsFormula::Times { over: Over::Measure("m".into()), factor: number("1") };
    let rule = rule("r", 0).worth(worth).times(per(Per::Day), 1).cooldown(TimeDelta::hours(9));
    let signals = [survey(1, "2026-11-03T12:00:00Z"), survey(2, "2026-11-03T13:00:00Z").measure("m", "4")];
    assert_eq!(points(&always(vec![rule]), &signals), [(2, 4)]);
}

/// S21.
#[test]
fn a_points_limit_withholds_no_badge_but_a_times_limit_does() {
    let signals: Vec<_> = (1..=3).map(|n| survey(n, &format!("2026-11-03T1{n}:00:00Z"))).collect();
    let by_points = rule("r", 10).badge("star").points(per(Per::Day), 15);
    let awards = earned(&always(vec![by_points.clone()]), &signals);
    assert_eq!(awards.iter().map(|award| award.content.points.0).collect::<Vec<_>>(), [10, 5, 0]);
    assert!(awards.iter().all(|award| award.content.badge == Some(code("star"))));
    assert_eq!(points(&always(vec![by_points.times(per(Per::Season), 2)]), &signals), [(1, 10), (2, 5)]);
}

#[test]
fn a_limit_by_case_leaves_signals_without_a_case_alone() {
    let timeline = always(vec![rule("r", 10).times(LimitPer::Case, 1)]);
    let at = |n| survey(n, &format!("2026-11-03T1{n}:00:00Z"));
    let signals = [at(1).case("x"), at(2), at(3).case("y"), at(4).case("x"), at(5)];
    assert_eq!(points(&timeline, &signals), [1, 2, 3, 5].map(|n| (n, 10)));
}

/// S20.
#[test]
fn by_picks_a_case_or_else() {
    let worth = PointsFormula::By {
        attribute: "severity".into(),
        cases: vec![("high".into(), PointsFormula::Fixed(Points(80)))],
        otherwise: Box::new(PointsFormula::Fixed(Points(40))),
    };
    let at = |n| survey(n, &format!("2026-11-03T1{n}:00:00Z"));
    let signals = [at(1).attribute("severity", "high"), at(2).attribute("severity", "low"), at(3)];
    assert_eq!(points(&always(vec![rule("r", 0).worth(worth)]), &signals), [(1, 80), (2, 40), (3, 40)]);
}

#[test]
fn zones_jump_to_the_later_value() {
    let corners = [("70", "0"), ("90", "30"), ("90", "50")].map(|(x, y)| (number(x), number(y)));
    let worth = PointsFormula::Zones { over: Over::Measure("quality".into()), corners: corners.to_vec() };
    let at = |n| survey(n, &format!("2026-11-03T1{n}:00:00Z"));
    let signals = [at(1).measure("quality", "89.99"), at(2).measure("quality", "90"), at(3).measure("quality", "70")];
    assert_eq!(points(&always(vec![rule("r", 0).worth(worth)]), &signals), [(1, 30), (2, 50)]);
}

/// S20.
#[test]
fn the_night_shift_goes_by_the_clock_on_the_wall() {
    let night = Condition::LocalTime { from: 22 * 3600, until: 6 * 3600 };
    let timeline = always(vec![rule("r", 1).when(night)]);
    let signals = [
        survey(1, "2026-10-24T19:59:59Z"), // 21:59:59 in summer
        survey(2, "2026-10-24T20:00:00Z"), // 22:00
        survey(3, "2026-10-25T00:30:00Z"), // 02:30, the first time
        survey(4, "2026-10-25T01:30:00Z"), // 02:30, the second time
        survey(5, "2026-10-25T04:59:59Z"), // 05:59:59 in winter
        survey(6, "2026-10-25T05:00:00Z"), // 06:00
        survey(7, "2026-10-25T20:00:00Z"), // 21:00 in winter
        survey(8, "2026-10-25T21:00:00Z"), // 22:00
    ];
    assert_eq!(points(&timeline, &signals), [2, 3, 4, 5, 8].map(|n| (n, 1)));
}

/// S26.
#[test]
fn a_day_of_25_hours_is_one_day() {
    let timeline = always(vec![rule("r", 1).times(per(Per::Day), 1)]);
    let signals = [
        survey(1, "2026-10-24T21:59:59Z"), // Saturday, 23:59:59
        survey(2, "2026-10-24T22:00:00Z"), // Sunday, 00:00
        survey(3, "2026-10-25T22:59:59Z"), // Sunday, 23:59:59
        survey(4, "2026-10-25T23:00:00Z"), // Monday, 00:00
    ];
    assert_eq!(points(&timeline, &signals), [1, 2, 4].map(|n| (n, 1)));
}

/// S3, S4.
#[test]
fn a_week_is_cut_at_the_edge_of_the_season() {
    // Wednesday, 14 October 2026 is the edge.
    let season = |code: &str, from, until| CustomSeason { code: code.into(), from: day(from), until: day(until) };
    let seasons = vec![season("one", "2026-10-01", "2026-10-14"), season("two", "2026-10-14", "2026-11-01")];
    let calendar = berlin(SeasonKind::Custom(seasons));
    let rules = vec![rule("r", 1).times(per(Per::Week), 1)];
    let timeline = Timeline {
        versions: vec![in_force(1, "2026-01-01", programme(calendar, Audience::default(), rules))],
        last_day: None,
    };
    let signals = [
        survey(1, "2026-10-12T12:00:00Z"),
        survey(2, "2026-10-13T21:59:59Z"),
        survey(3, "2026-10-13T22:00:00Z"),
        survey(4, "2026-10-18T12:00:00Z"),
        survey(5, "2026-10-19T12:00:00Z"),
    ];
    assert_eq!(points(&timeline, &signals), [(1, 1)]);
    assert_eq!(points(&timeline, &signals[2..]), [(3, 1), (5, 1)]);
}

/// S8.
#[test]
fn rules_are_independent() {
    let timeline = always(vec![rule("z", 1).times(per(Per::Day), 1), rule("a", 2).when(at_least("m", "4"))]);
    let signals =
        [survey(1, "2026-11-03T12:00:00Z").measure("m", "4"), survey(2, "2026-11-03T13:00:00Z").measure("m", "5")];
    let earned = earned(&timeline, &signals);
    let told: Vec<_> = earned.iter().map(|award| (signal_of(award), award.key.rule.as_str())).collect();
    assert_eq!(told, [(1, "a"), (1, "z"), (2, "a")]);
}

/// S28.
#[test]
fn without_a_version_in_force_there_is_no_award() {
    let timeline = Timeline {
        versions: vec![in_force(1, "2026-11-04", always(vec![rule("r", 1)]).versions[0].programme.as_ref().clone())],
        last_day: None,
    };
    let signals = [survey(1, "2026-11-03T22:59:59Z"), survey(2, "2026-11-03T23:00:00Z")];
    assert_eq!(points(&timeline, &signals), [(2, 1)]);
    let season = timeline.versions[0].programme.calendar.season_of(day("2026-11-04")).unwrap();
    assert_eq!(folded(&Timeline { versions: vec![], last_day: None }, &season, &nobody(), &signals), Ok(vec![]));
}

#[test]
fn after_the_last_day_there_is_no_award() {
    let ended = Timeline { last_day: Some(day("2026-11-03")), ..always(vec![rule("r", 1)]) };
    let signals = [survey(1, "2026-11-03T22:59:59Z"), survey(2, "2026-11-03T23:00:00Z")];
    assert_eq!(points(&ended, &signals), [(1, 1)]);
}

#[test]
fn a_season_of_another_calendar_is_an_error() {
    let season = berlin(SeasonKind::Quarter).season_of(day("2026-11-04")).unwrap();
    let calendar = berlin(SeasonKind::Custom(vec![]));
    let programme = programme(calendar, Audience::default(), vec![rule("r", 1)]);
    let timeline = Timeline { versions: vec![in_force(1, "2026-01-01", programme)], last_day: None };
    let outcome = folded(&timeline, &season, &nobody(), &[survey(1, "2026-11-03T12:00:00Z")]);
    assert!(matches!(outcome, Err(FoldError::NoPeriod(_))), "{outcome:?}");
}

/// Awards of a badge for surveys 1 and 2, live.
fn two_with_a_badge() -> Vec<LiveAward> {
    let timeline = always(vec![rule("r", 10).badge("star")]);
    let signals = [survey(1, "2026-11-03T12:00:00Z"), survey(2, "2026-11-03T13:00:00Z")];
    let live = |award| LiveAward { award, transfer: None };
    earned(&timeline, &signals).into_iter().map(live).collect()
}

/// S6.
#[test]
fn other_content_is_reversed_and_awarded_anew() {
    let live = two_with_a_badge();
    let mut desired: Vec<Award> = live.iter().map(|one| one.award.clone()).collect();
    desired[1].content.version = 2;
    let plan = reconcile(&desired, &live);
    assert_eq!((plan.reverse, plan.append), (live[1..].to_vec(), desired[1..].to_vec()));
}
