//! How fast the pure fold is: ten rules over one person's season, of 5,000 signals (as many as an agent may have) and of
//! 100,000 (more than the processor's caches hold); how fast a back-test is over a million; and the rank index of a million.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark may stop where it stands, and prints")]

use std::collections::BTreeSet;
use std::hint::black_box;
use std::sync::Arc;

use applaus::boards::index::{BoardIndex, Contender};
use applaus::domain::decimal::Decimal4;
use applaus::domain::ids::{Code, PersonId, SignalId, TeamId};
use applaus::domain::language::Localised;
use applaus::domain::people::{Belonging, PersonFacts, Role};
use applaus::domain::period::{Calendar, DaySpan, Per, Period, SeasonKind, YearStart, Zone};
use applaus::domain::points::Points;
use applaus::domain::programme::{
    AttributeTest, Audience, AwardTerms, Comparison, Condition, Field, Limit, LimitMost, LimitPer, Operator, Over,
    Pattern, PointsFormula, Programme, Rule,
};
use applaus::domain::signal::{AttributeValue, Content, Evidence};
use applaus::domain::time::{Instant, Interval};
use applaus::engine::back_test::{BackTest, Question, with_draft};
use applaus::engine::fold::{Basis, FoldError, awards};
use applaus::engine::timeline::{InForce, Timeline};
use chrono::{NaiveDate, TimeDelta};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use uuid::Uuid;

const PERSON: PersonId = PersonId(Uuid::from_u128(1));

fn code(text: &str) -> Code {
    Code::new(text).unwrap()
}

fn number(text: &str) -> Decimal4 {
    Decimal4::parse(text).unwrap()
}

fn compare(measure: &str, operator: Operator, operand: &str) -> Condition {
    Condition::Measure(measure.into(), vec![Comparison { operator, operand: number(operand) }])
}

fn rule(text: &str, on: &str, when: Option<Condition>, points: PointsFormula) -> Rule {
    Rule {
        code: code(text),
        name: Localised { en: text.into(), de: text.into() },
        description: None,
        on: vec![on.into()],
        when,
        pattern: Pattern::Each,
        award: AwardTerms { points: Some(points), badge: None },
        limits: vec![],
        cooldown: None,
        guard: None,
    }
}

fn limited(mut rule: Rule, per: LimitPer, most: LimitMost) -> Rule {
    rule.limits.push(Limit { per, most });
    rule
}

/// The kinds of rule that a programme of a service desk has, each kind of limit among them.
fn rules() -> Vec<Rule> {
    let fixed = |points| PointsFormula::Fixed(Points(points));
    let corners = [("70", "0"), ("80", "10"), ("90", "30"), ("100", "60")].map(|(x, y)| (number(x), number(y)));
    let steps = [("80", 10), ("90", 30), ("95", 50)].map(|(x, y)| (number(x), Points(y)));
    let by = PointsFormula::By {
        attribute: "severity".into(),
        cases: vec![("high".into(), fixed(80))],
        otherwise: Box::new(fixed(40)),
    };
    let queue = AttributeTest::In(vec![AttributeValue::Text("billing".into())]);
    let day = LimitPer::Period(Per::Day);
    let points = |points| LimitMost::Points(Points(points));
    let quality = || Over::Measure("quality".to_owned());
    let phone = Condition::Field(Field::Channel, vec!["phone".into()]);
    let night = Condition::LocalTime { from: 22 * 3600, until: 6 * 3600 };
    let mut calm = rule("calm", "evaluation", Some(compare("friendliness", Operator::AtLeast, "95")), fixed(15));
    calm.award.badge = Some(code("calm-voice"));
    calm.cooldown = Some(TimeDelta::days(1));
    vec![
        limited(rule("happy", "survey", Some(compare("csat", Operator::AtLeast, "4")), fixed(20)), day, points(200)),
        rule("zones", "evaluation", None, PointsFormula::Zones { over: quality(), corners: corners.to_vec() }),
        limited(
            rule(
                "short-hold",
                "metric",
                Some(Condition::All(vec![phone, compare("hold_seconds", Operator::AtMost, "30")])),
                fixed(3),
            ),
            day,
            points(60),
        ),
        limited(rule("recovered", "survey", None, by), LimitPer::Case, LimitMost::Times(1)),
        calm,
        rule("steps", "evaluation", None, PointsFormula::Steps { over: quality(), steps: steps.to_vec() }),
        rule("half", "evaluation", None, PointsFormula::Times { over: quality(), factor: number("0.5") }),
        limited(rule("night", "metric", Some(night), fixed(1)), LimitPer::Period(Per::Week), LimitMost::Times(50)),
        limited(
            rule("billing", "survey", Some(Condition::Attribute("queue".into(), vec![queue])), fixed(2)),
            LimitPer::Period(Per::Month),
            points(1000),
        ),
        limited(rule("busy", "metric", None, fixed(1)), LimitPer::Period(Per::Season), LimitMost::Times(10_000)),
    ]
}

fn timeline() -> Timeline {
    let calendar = Calendar {
        zone: Zone::new("Europe/Berlin").unwrap(),
        seasons: SeasonKind::Quarter,
        year_starts: YearStart { month: 1, day: 1 },
    };
    let programme = Programme {
        code: code("bench"),
        name: Localised { en: "Bench".into(), de: "Bank".into() },
        description: None,
        calendar,
        grace_days: 5,
        working_days: [true, true, true, true, true, false, false],
        audience: Audience { teams: vec![code("support")], except: vec![], roles: vec![Role::Agent] },
        rules: rules(),
        boosts: vec![],
        badges: vec![],
        tiers: vec![],
        boards: vec![],
        contests: vec![],
    };
    let effective_from = NaiveDate::from_ymd_opt(2026, 1, 1).unwrap();
    Timeline { versions: vec![InForce { version: 1, effective_from, programme: Arc::new(programme) }], last_day: None }
}

fn facts() -> PersonFacts {
    let ever = Interval { from: None, until: None };
    PersonFacts {
        belongings: vec![Belonging {
            team: TeamId(Uuid::from_u128(2)),
            lineage: [code("north"), code("support")].into(),
            interval: ever,
        }],
        roles: vec![(Role::Agent, ever)],
        ..PersonFacts::of(PERSON)
    }
}

/// So many signals evenly over the season, in turn metrics, surveys and evaluations.
fn signals(season: &Period, count: u32) -> Vec<Evidence> {
    let step = (season.until - season.from) / i32::try_from(count + 1).unwrap();
    let mut random = fastrand::Rng::with_seed(7);
    let mut at = season.from;
    let signal = |n: u32| {
        at += step;
        let mut value = |low: i64, high: i64| Decimal4::from_whole(random.i64(low..=high));
        let (kind, measures) = match n % 3 {
            0 => ("metric", vec![("hold_seconds", value(0, 90)), ("answer_seconds", value(0, 120))]),
            1 => ("survey", vec![("csat", value(1, 5)), ("nps", value(0, 10))]),
            _ => ("evaluation", vec![("quality", value(60, 100)), ("friendliness", value(60, 100))]),
        };
        let text = |text: &str| AttributeValue::Text(text.into());
        let queue = if random.bool() { "billing" } else { "retention" };
        let severity = if random.bool() { "high" } else { "low" };
        Evidence {
            id: SignalId(Uuid::from_u128(n.into())),
            source: "desk".into(),
            key: format!("{kind}-{n}"),
            content: Content {
                kind: kind.into(),
                agent: PERSON,
                occurred_at: at,
                channel: Some(if random.bool() { "phone" } else { "chat" }.into()),
                case: random.bool().then(|| format!("case-{}", n / 7)),
                measures: measures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                attributes: [("queue".to_owned(), text(queue)), ("severity".to_owned(), text(severity))].into(),
            },
        }
    };
    (0..count).map(signal).collect()
}

fn fold(criterion: &mut Criterion) {
    let (timeline, facts) = (timeline(), facts());
    let day = NaiveDate::from_ymd_opt(2026, 11, 1).unwrap();
    let season = timeline.in_force(day).unwrap().programme.calendar.season_of(day).unwrap();
    let mut group = criterion.benchmark_group("fold");
    for count in [5_000, 100_000] {
        let signals = signals(&season, count);
        group.throughput(Throughput::Elements(count.into()));
        group.bench_function(format!("10 rules, {count} signals"), |bencher| {
            let basis = Basis { timeline: &timeline, season: &season, facts: &facts, as_of: Instant::MAX_UTC };
            bencher.iter(|| awards(black_box(basis), black_box(&signals)).unwrap());
        });
    }
    group.finish();
}

/// A back-test over a million signals: 200 people with 5,000 each, ten rules drafted beside the ten in force.
fn back_test(criterion: &mut Criterion) {
    const PEOPLE: u64 = 200;
    let active = timeline();
    let first = NaiveDate::from_ymd_opt(2026, 10, 1).unwrap();
    let version = active.in_force(first).unwrap();
    let season = version.programme.calendar.season_of(first).unwrap();
    let draft = with_draft(&active, version.programme.clone(), season.first_day);
    let days = DaySpan { first: season.first_day, until: season.until_day };
    let signals = signals(&season, 5_000);
    let sealed = BTreeSet::new();
    let question = Question { draft: &draft, active: &active, days, sealed: &sealed, now: Instant::MAX_UTC };
    let mut group = criterion.benchmark_group("back-test");
    group.sample_size(10).throughput(Throughput::Elements(PEOPLE * 5_000));
    group.bench_function("10 rules beside 10, 1000000 signals", |bencher| {
        bencher.iter(|| {
            let mut test = BackTest::new(black_box(question)).unwrap();
            for n in 0..PEOPLE {
                let person = PersonId(Uuid::from_u128(n.into()));
                let evidence = |_, _| {
                    let mut own = signals.clone();
                    own.iter_mut().for_each(|signal| signal.content.agent = person);
                    Ok::<_, FoldError>(own)
                };
                test.person(&PersonFacts { person, ..facts() }, evidence).unwrap();
            }
            test.report().unwrap()
        });
    });
    group.finish();
}

/// Memory that the process holds, in bytes.
fn resident() -> usize {
    let pages = std::fs::read_to_string("/proc/self/statm").unwrap();
    pages.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 4096
}

/// The rank index of a board of a million subjects, many of whom share a score.
fn index(criterion: &mut Criterion) {
    const SUBJECTS: u32 = 1_000_000;
    let contender = |number: u32| Contender { number, tie: number.wrapping_mul(2_654_435_761) };
    let score = |number: u32| i64::from(number).wrapping_mul(7_919) % 100_003;
    let before = resident();
    let mut index = BoardIndex::new(1, (0..SUBJECTS).map(|number| (contender(number), score(number))));
    let bytes = (resident() - before) / SUBJECTS as usize;
    println!("index of {SUBJECTS}: {bytes} bytes a subject");
    let mut random = fastrand::Rng::with_seed(7);
    let mut group = criterion.benchmark_group("index");
    group.bench_function("rank of one in 1000000", |bencher| {
        bencher.iter(|| black_box(index.now().rank_of(random.u32(..SUBJECTS))));
    });
    let mut version = 1;
    group.bench_function("update of one in 1000000", |bencher| {
        bencher.iter(|| {
            version += 1;
            index.set(contender(random.u32(..SUBJECTS)), random.i64(0..100_003), version);
        });
    });
    group.finish();
}

// The index first: its bytes are what the process grows by.
criterion_group!(benches, index, fold, back_test);
criterion_main!(benches);
