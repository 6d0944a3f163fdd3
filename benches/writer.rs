//! How long the writer works on one signal in the middle of a season of 5,000, and how fast `verify` checks a ledger.
//!
//! A correction is measured twice: while its month is open, and after the month's goals were decided, when what they came to
//! is folded anew from the month's start.
//!
//! On SQLite with `synchronous=FULL`, so each command pays for its commit; the floor is a command that writes one row and
//! settles nothing.
#![expect(clippy::unwrap_used, reason = "a benchmark may stop where it stands")]

use std::collections::BTreeMap;

use applaus::clock::{Clock, ManualClock};
use applaus::domain::decimal::Decimal4;
use applaus::domain::signal::AttributeValue;
use applaus::domain::time::Instant;
use applaus::store::db::DatabaseUrl;
use applaus::store::people::PersonRef;
use applaus::verify::verify;
use applaus::writer::ingest::{Delivery, Ingest};
use applaus::writer::person::{AddPerson, PersonDetails};
use applaus::writer::programme::{ActivateVersion, CreateProgramme};
use applaus::writer::void::Void;
use applaus::writer::{Actor, Writer};
use chrono::TimeDelta;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

/// Signals of one person in a season.
const SIGNALS: u32 = 5_000;

/// A server's writer on a database of its own.
struct World {
    url: DatabaseUrl,
    writer: Writer,
    _dir: tempfile::TempDir,
}

impl World {
    fn new(now: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(dir.path().join("bench.db").to_str().unwrap().to_owned());
        url.connect().unwrap().migrate().unwrap();
        let writer = Writer::start(&url, Clock::Manual(ManualClock::at(now.parse().unwrap()))).unwrap();
        let document = serde_json::from_str(include_str!("programme.json")).unwrap();
        writer.run_blocking(Actor::Operator, CreateProgramme { document }).unwrap();
        let effective_from = "2026-10-01".parse().unwrap();
        let activation = ActivateVersion { programme: "bench".to_owned(), version: 1, effective_from };
        writer.run_blocking(Actor::Operator, activation).unwrap();
        Self { url, writer, _dir: dir }
    }

    /// A person with a season's evidence.
    fn person(&self, name: &str, signals: u32) {
        let details = PersonDetails {
            user_name: name.to_owned(),
            display_name: name.to_owned(),
            email: None,
            external_id: None,
            language: None,
        };
        self.writer.run_blocking(Actor::Operator, AddPerson { details }).unwrap();
        let all: Vec<Delivery> = (0..signals).map(|n| delivery(name, n, 0)).collect();
        for deliveries in all.chunks(1_000).map(<[Delivery]>::to_vec) {
            self.writer.run_blocking(Actor::Operator, Ingest { deliveries }).unwrap();
        }
    }
}

/// The `n`-th signal of a person, evenly over the season; other versions say otherwise.
fn delivery(name: &str, n: u32, version: u32) -> Delivery {
    let mut random = fastrand::Rng::with_seed(u64::from(n) * 1_000 + u64::from(version));
    let mut value = |low: i64, high: i64| Decimal4::from_whole(random.i64(low..=high));
    let (kind, measures) = match n % 3 {
        0 => ("metric", vec![("hold_seconds", value(0, 90)), ("answer_seconds", value(0, 120))]),
        1 => ("survey", vec![("csat", value(1, 5)), ("nps", value(0, 10))]),
        _ => ("evaluation", vec![("quality", value(60, 100)), ("friendliness", value(60, 100))]),
    };
    let start: Instant = "2026-10-01T06:00:00Z".parse().unwrap();
    Delivery {
        source: "desk".to_owned(),
        key: format!("{name}-{n}"),
        version: i64::from(version),
        kind: kind.to_owned(),
        agent: PersonRef::UserName(name.to_owned()),
        occurred_at: start + TimeDelta::minutes(i64::from(n) * 26),
        channel: Some("phone".to_owned()),
        case: n.is_multiple_of(2).then(|| format!("case-{}", n / 7)),
        measures: measures.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        attributes: BTreeMap::from([("severity".to_owned(), AttributeValue::Text("high".to_owned()))]),
    }
}

/// A season of 5,000 signals up to its end, looked at when it is over; and up to its middle, looked at then.
fn one_signal(criterion: &mut Criterion) {
    in_the_middle(criterion, "its month decided", "2026-12-31T12:00:00Z", SIGNALS);
    in_the_middle(criterion, "its month open", "2026-11-16T06:00:00Z", SIGNALS / 2);
}

fn in_the_middle(criterion: &mut Criterion, when: &str, now: &str, signals: u32) {
    let world = World::new(now);
    world.person("anna", signals);
    let mut group = criterion.benchmark_group(format!("writer, {when}"));
    let mut n = 0;
    group.bench_function("floor: one row, nothing to settle", |bencher| {
        bencher.iter(|| {
            n += 1;
            let command = Void { source: "floor".to_owned(), key: n.to_string() };
            world.writer.run_blocking(Actor::Operator, command).unwrap()
        });
    });
    let mut version = 0;
    group.bench_function("correct one signal in the middle of the season", |bencher| {
        bencher.iter(|| {
            version += 1;
            let middle = SIGNALS / 2 - 300 + version % 100;
            let deliveries = vec![delivery("anna", middle, version)];
            world.writer.run_blocking(Actor::Operator, Ingest { deliveries }).unwrap()
        });
    });
    let mut added = signals;
    group.bench_function("add one signal in the middle of the season", |bencher| {
        bencher.iter(|| {
            added += 1;
            let late = delivery("anna", SIGNALS / 2 - 300 + added % 100, 0);
            let deliveries = vec![Delivery { key: format!("late-{added}"), ..late }];
            world.writer.run_blocking(Actor::Operator, Ingest { deliveries }).unwrap()
        });
    });
    group.finish();
}

fn checking(criterion: &mut Criterion) {
    let world = World::new("2026-12-31T12:00:00Z");
    for n in 0..10 {
        world.person(&format!("agent-{n}"), SIGNALS);
    }
    let mut db = world.url.connect().unwrap();
    let report = verify(&mut db).unwrap();
    assert!(report.is_clean(), "{report}");
    let mut group = criterion.benchmark_group("verify");
    group.sample_size(10);
    group.throughput(Throughput::Elements(report.transfers));
    group.bench_function(format!("{} transfers of 50,000 signals", report.transfers), |bencher| {
        bencher.iter(|| verify(&mut db).unwrap());
    });
    group.finish();
}

criterion_group!(benches, one_signal, checking);
criterion_main!(benches);
