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
use crate::engine::watch::Verdict;

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
        for facts in &world.people {
            let basis = Basis { timeline: &world.timeline, season: &world.season, facts, as_of: Instant::MAX_UTC };
            for award in awards(basis, &world.signals).unwrap().awards {
                let told = explain(basis, &world.signals, &award.key).unwrap().expect("an award without explanation");
                check_told(&told, &award)?;
            }
        }
    }

    #[test]
    fn an_outlook_tells_what_became_of_each_signal(world in world()) {
        for facts in &world.people {
            let basis = Basis { timeline: &world.timeline, season: &world.season, facts, as_of: Instant::MAX_UTC };
            let earned = awards(basis, &world.signals).unwrap().awards;
            let within = |at| (world.season.from..world.season.until).contains(&at);
            let own = |one: &&Evidence| one.content.agent == facts.person && within(one.content.occurred_at);
            for signal in world.signals.iter().filter(own).take(8) {
                check_fates(basis, &world.signals, signal, &earned)?;
            }
        }
    }
}

fn check_told(told: &Explanation, award: &Award) -> Result<(), TestCaseError> {
    prop_assert_eq!(&told.award, award);
    let content = &award.content;
    prop_assert_eq!((told.points, &told.badge, told.version), (content.points, &content.badge, content.version));
    prop_assert_eq!(told_points(told), content.points.0);
    prop_assert!(told.clauses.as_ref().is_none_or(|clause| clause.holds));
    prop_assert!(told.signals >= told.evidence.len() && !told.evidence.is_empty());
    prop_assert!(told.sentences.en.len() == told.sentences.de.len() && told.sentences.en != told.sentences.de);
    prop_assert!(told.streak.iter().flat_map(|row| &row.steps).all(|step| step.of.holds));
    prop_assert!(told.guard.as_ref().is_none_or(|guard| guard.verdict == Verdict::Holds));
    if let Cause::Signal(signal) = award.key.cause {
        prop_assert_eq!(told.evidence.last().map(|one| one.id), Some(signal));
    }
    Ok(())
}

fn check_fates(
    basis: Basis<'_>,
    signals: &[Evidence],
    signal: &Evidence,
    earned: &[Award],
) -> Result<(), TestCaseError> {
    let at = signal.content.occurred_at;
    let asking = Asking { basis, signals, at, now: Instant::MAX_UTC, team: None, signal: Some(signal.id) };
    for told in outlook(asking).unwrap() {
        let Some(why) = told.signal else { continue };
        let mut own = earned.iter().filter(|award| award.key.rule == told.rule);
        if let Some(award) = own.clone().find(|award| award.key.cause == Cause::Signal(signal.id)) {
            prop_assert_eq!((why.fate, why.points), (Fate::Rewarded, Some(award.content.points)));
        } else if why.fate == Fate::Rewarded {
            let fits = |award: &Award| matches!(award.key.cause, Cause::Day(_)) || award.content.at == at;
            prop_assert!(own.any(fits), "{}: rewarded without an award", told.rule);
        }
    }
    Ok(())
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
    assert_snapshot!(read(&told.sentences), @r"
    26 points by “Name” (version 1) for signal s/2 of 2026-11-03, 13:00.
    The rule: For each survey (with m at least 80 or on channel phone) and not with m at least 99: points by m (70: 0; 90: 30; 100: 60; linear in between), at most 80 points a day, at most once per case, again after 1 hour at the earliest.
    With m at least 80 or on channel phone: yes (95.5; missing).
    Not with m at least 99: yes (95.5).
    Points: m 95.5, between 90 → 30 and 100 → 60 = 46.5 points.
    The boost “Advent”: 46.5 × 1.5 = 70 points, rounded.
    Again after 1 hour at the earliest: the next was possible from 2026-11-03, 13:00.
    At most 80 points a day: 54 before, 26 left. That cuts it to 26 points.
    At most once per case: 0 before, 1 left.

    26 Punkte nach „Name“ (Version 1) für Signal s/2 vom 03.11.2026, 13:00 Uhr.
    Die Regel: Für jede Umfrageantwort (mit m mindestens 80 oder über Kanal phone) und nicht mit m mindestens 99: Punkte nach m (70: 0; 90: 30; 100: 60; dazwischen linear), höchstens 80 Punkte pro Tag, höchstens einmal pro Fall, frühestens nach 1 Stunde wieder.
    Mit m mindestens 80 oder über Kanal phone: ja (95,5; fehlt).
    Nicht mit m mindestens 99: ja (95,5).
    Punkte: m 95,5, zwischen 90 → 30 und 100 → 60 = 46,5 Punkte.
    Der Bonuszeitraum „Adventszeit“: 46,5 × 1,5 = 70 Punkte, gerundet.
    Frühestens nach 1 Stunde wieder: möglich wieder ab 03.11.2026, 13:00 Uhr.
    Höchstens 80 Punkte pro Tag: 54 davor, 26 übrig. Das kürzt auf 26 Punkte.
    Höchstens einmal pro Fall: 0 davor, 1 übrig.
    ");
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
    assert_snapshot!(read(&explained.sentences), @r"
    100 points and the badge steady by “Name” (version 1) for 3 signals in a row, from 2026-11-03 to 2026-11-05.
    The rule: For every 3 surveys in a row with m at least 4: 100 points and the badge steady, at most 3 times a season.
    Always 100 points.
    At most 3 times a season: 0 before, 3 left.

    100 Punkte und das Abzeichen steady nach „Name“ (Version 1) für 3 Signale in Folge, vom 03.11.2026 bis 05.11.2026.
    Die Regel: Für je 3 Umfrageantworten in Folge mit m mindestens 4: 100 Punkte und das Abzeichen steady, höchstens 3-mal pro Saison.
    Immer 100 Punkte.
    Höchstens 3-mal pro Saison: 0 davor, 3 übrig.
    ");
    let ahead = looked(&timeline, &signals, "2026-11-06T12:00:00Z", 1);
    assert_eq!((ahead.streak.as_ref().unwrap().row, ahead.signal.as_ref().unwrap().fate), (1, Fate::Breaks));
    assert_snapshot!(read(&ahead.sentences), @r"
    For every 3 surveys in a row with m at least 4: 100 points and the badge steady, at most 3 times a season.
    At most 3 times a season: 2 left until 2027-01-01, 00:00.
    1 of 3 in a row; a signal that is not “with m at least 4” breaks it.

    Für je 3 Umfrageantworten in Folge mit m mindestens 4: 100 Punkte und das Abzeichen steady, höchstens 3-mal pro Saison.
    Höchstens 3-mal pro Saison: 2 übrig bis 01.01.2027, 00:00 Uhr.
    1 von 3 in Folge; ein Signal, für das „mit m mindestens 4“ nicht gilt, unterbricht sie.
    ");
    assert_snapshot!(read(&ahead.signal.unwrap().sentences), @r"
    It breaks the row.
    With m at least 4: no (3).

    Es unterbricht die Folge.
    Mit m mindestens 4: nein (3).
    ");
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
    assert_snapshot!(read(&explained.sentences), @r"
    50 points by “Name” (version 1) for 2 days in a row, from 2026-11-05 to 2026-11-06.
    The rule: For every 2 days in a row, each with at least one survey with m at least 4: 50 points.
    Always 50 points.

    50 Punkte nach „Name“ (Version 1) für 2 Tage in Folge, vom 05.11.2026 bis 06.11.2026.
    Die Regel: Für je 2 Tage in Folge mit jeweils mindestens einer Umfrageantwort mit m mindestens 4: 50 Punkte.
    Immer 50 Punkte.
    ");
    let ahead = looked(&timeline, &signals, "2026-11-07T12:00:00Z", 2);
    assert_eq!(ahead.signal.as_ref().unwrap().fate, Fate::DoesNotCount);
    assert_snapshot!(read(&ahead.sentences), @r"
    For every 2 days in a row, each with at least one survey with m at least 4: 50 points.
    1 of 2 days in a row, today counts already; a working day without a signal “with m at least 4” breaks it.

    Für je 2 Tage in Folge mit jeweils mindestens einer Umfrageantwort mit m mindestens 4: 50 Punkte.
    1 von 2 Tagen in Folge, heute zählt schon; ein Arbeitstag ohne Signal „mit m mindestens 4“ unterbricht sie.
    ");
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
    assert_snapshot!(read(&explained.sentences), @r"
    10 points by “Name” (version 1) for a goal reached from 2026-11-01 to 2026-11-30.
    The rule: In each month, for every 2 surveys: 10 points.
    The goal, the number of signals at least 2 (time 2): 4 over 4 samples.
    Always 10 points.

    10 Punkte nach „Name“ (Version 1) für ein erreichtes Ziel vom 01.11.2026 bis 30.11.2026.
    Die Regel: In jedem Monat für je 2 Umfrageantworten: 10 Punkte.
    Das Ziel, die Anzahl der Signale mindestens 2 (zum 2. Mal): 4 bei 4 Werten.
    Immer 10 Punkte.
    ");
    let ahead = looked(&timeline, &signals, "2026-11-09T12:00:00Z", 0);
    assert_eq!(ahead.goal.as_ref().unwrap().goal.missing, Some(number("1")));
    assert_snapshot!(read(&ahead.sentences), @r"
    In each month, for every 2 surveys: 10 points.
    The number of signals at least 2: 5 over 5 samples, 1 away; it runs until 2026-12-01, 00:00.

    In jedem Monat für je 2 Umfrageantworten: 10 Punkte.
    Die Anzahl der Signale mindestens 2: 5 bei 5 Werten, noch 1; es läuft bis 01.12.2026, 00:00 Uhr.
    ");
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
    assert_snapshot!(read(&told(&timeline, &signals).sentences), @r"
    30 points by “Name” (version 1) for a goal reached from 2026-11-01 to 2026-11-30.
    The rule: In each month, when the mean of m over at least 2 surveys is at least 4: points by the value reached (from 4: 10; from 4.5: 30), at the end of the month, if in that month the share with m at least 3 over all surveys is at least 50% (or there are none).
    The goal, the mean of m at least 4: 4.6667 over 3 samples.
    Points: the value reached 4.6667, step 4.5 → 30 = 30 points.
    The guard from 2026-11-01 to 2026-11-30, the share with m at least 3 at least 50%: 100% over 3 samples, it holds.

    30 Punkte nach „Name“ (Version 1) für ein erreichtes Ziel vom 01.11.2026 bis 30.11.2026.
    Die Regel: In jedem Monat, wenn der Mittelwert von m über mindestens 2 Umfrageantworten mindestens 4 beträgt: Punkte nach dem erreichten Wert (ab 4: 10; ab 4,5: 30), am Ende des Monats, sofern in diesem Monat der Anteil mit m mindestens 3 über alle Umfrageantworten mindestens 50 % beträgt (oder es keine gibt).
    Das Ziel, der Mittelwert von m mindestens 4: 4,6667 bei 3 Werten.
    Punkte: der erreichte Wert 4,6667, Stufe 4,5 → 30 = 30 Punkte.
    Die Bedingung vom 01.11.2026 bis 30.11.2026, der Anteil mit m mindestens 3 mindestens 50 %: 100 % bei 3 Werten, erfüllt.
    ");
    let ahead = looked(&timeline, &signals, "2026-11-02T12:00:00Z", 0);
    assert_snapshot!(read(&ahead.sentences), @r"
    In each month, when the mean of m over at least 2 surveys is at least 4: points by the value reached (from 4: 10; from 4.5: 30), at the end of the month, if in that month the share with m at least 3 over all surveys is at least 50% (or there are none).
    The mean of m at least 4: 5 over 2 samples, met so far; it runs until 2026-12-01, 00:00 and is decided on 2026-12-06, 00:00.
    The guard from 2026-11-01 to 2026-11-30, the share with m at least 3 at least 50%: 100% over 2 samples, decided on 2026-12-06, 00:00.

    In jedem Monat, wenn der Mittelwert von m über mindestens 2 Umfrageantworten mindestens 4 beträgt: Punkte nach dem erreichten Wert (ab 4: 10; ab 4,5: 30), am Ende des Monats, sofern in diesem Monat der Anteil mit m mindestens 3 über alle Umfrageantworten mindestens 50 % beträgt (oder es keine gibt).
    Der Mittelwert von m mindestens 4: 5 bei 2 Werten, bisher erfüllt; es läuft bis 01.12.2026, 00:00 Uhr und wird am 06.12.2026, 00:00 Uhr entschieden.
    Die Bedingung vom 01.11.2026 bis 30.11.2026, der Anteil mit m mindestens 3 mindestens 50 %: 100 % bei 2 Werten, entschieden wird am 06.12.2026, 00:00 Uhr.
    ");
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
    assert_snapshot!(read(&ahead.sentences), @r"
    For each survey: 20 points, at most 30 points a day, if in that month the mean of m over at least 2 surveys is at least 4 (or there are fewer).
    At most 30 points a day: 0 left until 2026-11-04, 00:00.
    The guard from 2026-11-01 to 2026-11-30, the mean of m at least 4: 5 over 3 samples, decided on 2026-12-06, 00:00.
    30 points wait for it.

    Für jede Umfrageantwort: 20 Punkte, höchstens 30 Punkte pro Tag, sofern in diesem Monat der Mittelwert von m über mindestens 2 Umfrageantworten mindestens 4 beträgt (oder es weniger gibt).
    Höchstens 30 Punkte pro Tag: 0 übrig bis 04.11.2026, 00:00 Uhr.
    Die Bedingung vom 01.11.2026 bis 30.11.2026, der Mittelwert von m mindestens 4: 5 bei 3 Werten, entschieden wird am 06.12.2026, 00:00 Uhr.
    30 Punkte warten darauf.
    ");
    assert_snapshot!(read(&ahead.signal.unwrap().sentences), @r"
    The limits left nothing.
    Always 20 points.
    At most 30 points a day: 30 before, 0 left. That cuts it to 0 points.

    Die Grenzen ließen nichts übrig.
    Immer 20 Punkte.
    Höchstens 30 Punkte pro Tag: 30 davor, 0 übrig. Das kürzt auf 0 Punkte.
    ");
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
    assert_snapshot!(read(&told.sentences), @r"
    200 points by “Name” (version 1) for a goal reached from 2026-11-01 to 2026-11-30.
    The rule: For each team: in each month, when the share with m at least 4 over at least 10 surveys is at least 80%: 200 points for each who was a member on at least 10 days, at the end of the month.
    The goal, the share with m at least 4 at least 80%: 85% over 20 samples.
    Members of the team on at least 10 days: 1; this one on 19.
    Always 200 points.

    200 Punkte nach „Name“ (Version 1) für ein erreichtes Ziel vom 01.11.2026 bis 30.11.2026.
    Die Regel: Für jedes Team: in jedem Monat, wenn der Anteil mit m mindestens 4 über mindestens 10 Umfrageantworten mindestens 80 % beträgt: 200 Punkte für alle, die an mindestens 10 Tagen Mitglied waren, am Ende des Monats.
    Das Ziel, der Anteil mit m mindestens 4 mindestens 80 %: 85 % bei 20 Werten.
    Mitglieder an mindestens 10 Tagen: 1; dieses an 19.
    Immer 200 Punkte.
    ");
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
    assert_snapshot!(read(&why.sentences), @r"
    A limit was reached.
    Always 10 points.
    At most once a day: 1 before, 0 left. That drops the award.

    Eine Grenze war erreicht.
    Immer 10 Punkte.
    Höchstens einmal pro Tag: 1 davor, 0 übrig. Damit entfällt die Vergabe.
    ");
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
