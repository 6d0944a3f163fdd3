//! What boards ask the database is found by keys, on tables that have grown: on SQLite by the plans of the statements that
//! were sent, on PostgreSQL by the rows that were read for them.
//!
//! What is read whole, once, when a server or a board begins, is not among it.

use std::sync::{Arc, Mutex};

use applaus::domain::ids::PersonId;
use applaus::domain::time::{Instant, Window};
use applaus::store::boards::{self, Counted};
use applaus::store::db::Db;
use applaus::store::{board_evidence, day_marks, directory, head, memberships, roles, seasons, signals, visibility};
use diesel::connection::InstrumentationEvent;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use crate::support::database::TestDatabase;

/// Rows by table; `i` counts them, `AT` is an instant that comes with each, a minute later than the one before.
const ROWS: &[(&str, u32, &str)] = &[
    ("teams (id, code, name, revision)", 40, "'t' || i, 't' || i, 't', 1"),
    (
        "people (id, user_name, display_name, search, active, created_at, revision)",
        10_000,
        "'p' || i, 'p' || i, 'p', 'p', true, AT, 1",
    ),
    ("memberships (id, person, team, from_at, revision)", 10_000, "'m' || i, 'p' || i, 't' || (i % 40), AT, 1"),
    ("role_grants (id, person, role, reach)", 10_000, "'r' || i, 'p' || i, 'agent', ''"),
    ("changes (sequence, kind, reference)", 10_000, "i, 'person', 'p' || (i % 10000)"),
    (
        "signals (id, source, key, version, status, kind, agent, occurred_at, measures, attributes, received_at, sequence)",
        20_000,
        "'s' || i, 'qa', 'k' || i, 1, 'live', 'evaluation', 'p' || (i % 10000), AT, '{\"csat\":4}', '{}', AT, i",
    ),
    (
        "signal_revisions (signal, sequence, version, status, content, received_at, delivered_by)",
        20_000,
        "'s' || i, i, 1, 'accepted', '{\"agent\":\"p\",\"occurred_at\":\"2026-11-01T00:00:00Z\",\"measures\":{\"csat\":4}}', AT, 'x'",
    ),
    ("accounts (id, kind, owner, balance)", 10_000, "'wallet:p' || i, 'wallet', 'p' || i, 5"),
    ("accounts (id, kind, owner, balance)", 1, "'issuance:one', 'issuance', 'one', -100000"),
    ("programmes (code, created_at, revision)", 4, "'one' || i, AT, 1"),
    (
        "transfers (id, sequence, kind, payer, payee, amount, payer_balance, programme, season, rule, version, subject, \
         cause, at, recorded_at)",
        20_000,
        "'x' || i, i, 'award', 'issuance:one', 'wallet:p' || (i % 10000), 1, -i, 'one' || (i % 4), 'q' || (i / 5000), 'r', 1, \
         'p' || (i % 10000), 'signal:s' || i, AT, AT",
    ),
    (
        "awards (programme, season, rule, subject, cause, points, at, version, transfer)",
        20_000,
        "'one' || (i % 4), 'q' || (i / 5000), 'r', 'p' || (i % 10000), 'signal:s' || i, 1, AT, 1, 'x' || i",
    ),
    (
        "badge_events (id, sequence, programme, season, badge, subject, change, at, recorded_at)",
        20_000,
        "'b' || i, i, 'one' || (i % 4), 'q' || (i / 5000), 'star', 'p' || (i % 10000), 'granted', AT, AT",
    ),
    (
        "seasons (programme, season, state, begun_at, begun_by, closed_at, position)",
        3,
        "'one0', 'q' || i, 'closed', AT, 'system', AT, 5000 * (i + 1)",
    ),
    (
        "kudos (id, sequence, sender, message, points, visibility, state, sent_at, withdrawable_until, revision)",
        20_000,
        "'k' || i, i, 'p' || (i % 10000), 'Thanks', 0, 'public', 'sent', AT, AT, i",
    ),
    ("kudos_receivers (kudos, receiver, sequence, points)", 20_000, "'k' || i, 'p' || ((i + 1) % 10000), i, 0"),
];

/// Tables that grow with people and time.
const LARGE: &[&str] = &[
    "people",
    "memberships",
    "role_grants",
    "changes",
    "signals",
    "signal_revisions",
    "transfers",
    "awards",
    "badge_events",
    "kudos",
    "kudos_receivers",
];

/// A database whose tables have grown.
fn grown() -> (TestDatabase, Db) {
    let database = TestDatabase::new();
    let mut db = database.url.connect().unwrap();
    let at = match &db {
        Db::Sqlite(_) => "strftime('%Y-%m-%d %H:%M:%f', '2026-11-01', i || ' minutes')",
        Db::Postgres(_) => "TIMESTAMP '2026-11-01' + i * INTERVAL '1 minute'",
    };
    db.begin_write().unwrap();
    for (table, rows, values) in ROWS {
        let values = values.replace("AT", at);
        let count = format!("WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {rows})");
        diesel::sql_query(format!("INSERT INTO {table} {count} SELECT {values} FROM n")).execute(&mut db).unwrap();
    }
    db.commit().unwrap();
    if matches!(db, Db::Postgres(_)) {
        diesel::sql_query("ANALYZE").execute(&mut db).unwrap();
    }
    (database, db)
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Read {
    #[diesel(sql_type = Text)]
    relname: String,
    #[diesel(sql_type = BigInt)]
    whole: i64,
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// A query function.
type Query = fn(&mut Db) -> QueryResult<()>;

/// What a query function reads without a key.
fn scans(db: &mut Db, query: Query) -> Vec<String> {
    match db {
        Db::Sqlite(_) => planned_scans(db, query),
        Db::Postgres(_) => db.snapshot(|db| QueryResult::Ok(counted_scans(db, query))).unwrap(),
    }
}

fn planned_scans(db: &mut Db, query: Query) -> Vec<String> {
    let sent = Arc::new(Mutex::new(Vec::new()));
    let recorder = sent.clone();
    db.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            recorder.lock().unwrap().push(query.to_string());
        }
    });
    query(db).unwrap();
    db.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    let sent = std::mem::take(&mut *sent.lock().unwrap());
    assert!(!sent.is_empty(), "nothing was asked");
    let mut found = Vec::new();
    for text in sent {
        let statement = text.split(" -- binds: ").next().unwrap();
        let steps: Vec<Step> = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(db).unwrap();
        let by_key = |step: &Step| {
            let free = ["SCAN json_each", "SCAN CONSTANT ROW", "SCAN seasons", "SCAN given"];
            !step.detail.contains("AUTOMATIC")
                && (!step.detail.starts_with("SCAN") || free.iter().any(|one| step.detail.starts_with(one)))
        };
        found
            .extend(steps.into_iter().filter(|step| !by_key(step)).map(|step| format!("{}: {statement}", step.detail)));
    }
    found
}

/// Plans that are kept are chosen after a few times.
const TIMES: i64 = 8;

fn counted_scans(db: &mut Db, query: Query) -> Vec<String> {
    let before = read_so_far(db);
    (0..TIMES).for_each(|_| query(db).unwrap());
    let mut found = Vec::new();
    for (after, before) in read_so_far(db).into_iter().zip(before) {
        let (table, whole, rows) = (after.relname, after.whole - before.whole, after.rows - before.rows);
        let size =
            ROWS.iter().find(|(name, ..)| name.starts_with(&format!("{table} "))).map_or(0, |(_, rows, _)| *rows);
        if LARGE.contains(&table.as_str()) && (whole > 0 || rows > TIMES * i64::from(size) / 2) {
            found.push(format!("{table}: {whole} times whole, {rows} rows of {size} in {TIMES} times"));
        }
    }
    found
}

/// What this connection has read by table, in the order of their names.
fn read_so_far(db: &mut Db) -> Vec<Read> {
    let counted = "SELECT relname::text, seq_scan AS whole, seq_tup_read + COALESCE(idx_tup_fetch, 0) AS rows \
                   FROM pg_stat_xact_user_tables WHERE schemaname = current_schema() ORDER BY relname";
    diesel::sql_query(counted).load(db).unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-03T00:00:00Z"), until: at("2026-11-03T00:30:00Z") }
}

fn counted() -> Counted<'static> {
    Counted { programme: "one0", from: window().from, until: window().until }
}

fn people() -> Vec<String> {
    (0..5).map(|n| format!("p{}", n * 37)).collect()
}

fn teams() -> Vec<String> {
    vec!["t3".to_owned()]
}

/// What boards ask, again and again.
const ASKED: &[(&str, Query)] = &[
    ("people_of", |db| directory::people_of(db, &people()).map(drop)),
    ("people_after", |db| directory::people_after(db, "p9", 20).map(drop)),
    ("homes_between", |db| directory::homes_between(db, ("p90", "p91"), window().from).map(drop)),
    ("roles_between", |db| directory::roles_between(db, ("p90", "p91"), window().from).map(drop)),
    ("moved_between", |db| directory::moved_between(db, window().from, window().until).map(drop)),
    ("next_boundary", |db| directory::next_boundary(db, window().from).map(drop)),
    ("choices", |db| visibility::of_people(db, &people()).map(drop)),
    ("points_among", |db| boards::points_among(db, counted(), &people()).map(drop)),
    ("each_points", |db| boards::each_points(db, counted(), &mut |_, _| Ok(()))),
    ("members_points_by_person", |db| board_evidence::members_points_by_person(db, counted(), &teams()).map(drop)),
    ("memberships_in", |db| boards::memberships_in(db, &teams(), window().from, window().until).map(drop)),
    ("memberships of people", |db| memberships::of_people(db, &people()).map(drop)),
    ("roles of people", |db| roles::of_people(db, &people()).map(drop)),
    ("points_changed_since", |db| boards::points_changed_since(db, counted(), 19_980, 2_000).map(drop)),
    ("badges_changed_since", |db| boards::badges_changed_since(db, "one0", 19_980, 2_000).map(drop)),
    ("changed_since", |db| head::changed_since(db, 9_980, 2_000).map(drop)),
    ("kinds_since", |db| head::kinds_since(db, 9_980).map(drop)),
    ("points_moved_since", |db| board_evidence::points_moved_since(db, counted(), 19_980).map(drop)),
    ("points_by_instant", |db| board_evidence::points_by_instant(db, counted(), "p37").map(drop)),
    ("people changed since", |db| head::of_kind_since(db, head::ChangeKind::Person, 9_980, 2_000).map(drop)),
    ("new_since", |db| directory::new_since(db, &people(), window().from).map(drop)),
    ("day_marks", |db| day_marks::of(db, "one0", "2026-11-03".parse().unwrap()).map(drop)),
    ("published", |db| seasons::published(db, counted(), ("q0", 5_000)).map(drop)),
    ("published_at_home", |db| seasons::published_at_home(db, counted(), ("q0", 5_000)).map(drop)),
    ("adjusted", |db| seasons::adjusted(db, counted()).map(drop)),
    ("adjusted_at_home", |db| seasons::adjusted_at_home(db, counted()).map(drop)),
    ("values_of_agents", |db| board_evidence::values_of_agents(db, "csat", window(), &people(), |_, _, _| Ok(()))),
    ("members_values", |db| board_evidence::members_values(db, "csat", window(), &teams(), |_, _, _| Ok(()))),
    ("measured_since", |db| board_evidence::measured_since(db, "csat", 19_980, 2_000).map(drop)),
    ("kudos_received", |db| board_evidence::kudos_received(db, window()).map(drop)),
    ("kudos_received_by", |db| board_evidence::kudos_received_by(db, window(), &people()).map(drop)),
    ("kudos_instants_of", |db| board_evidence::kudos_instants_of(db, window(), &people()).map(drop)),
    ("members_kudos", |db| board_evidence::members_kudos(db, window(), &teams()).map(drop)),
    ("kudos_changed_since", |db| board_evidence::kudos_changed_since(db, 19_980, 2_000).map(drop)),
];

#[test]
fn boards_find_by_keys() {
    let (_database, mut db) = grown();
    let mut found = Vec::new();
    for (name, query) in ASKED {
        found.extend(scans(&mut db, *query).into_iter().map(|scan| format!("{name}: {scan}")));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    let whole: Query = |db| signals::moved_away(db, PersonId(uuid::Uuid::nil()), i64::MAX).map(drop);
    assert!(!scans(&mut db, whole).is_empty(), "reading every revision is not noticed");
    for index in ["kudos_counted", "kudos_changed", "kudos_sent"] {
        diesel::sql_query(format!("DROP INDEX {index}")).execute(&mut db).unwrap();
    }
    let kudos: Query = |db| board_evidence::kudos_received(db, window()).map(drop);
    assert!(!scans(&mut db, kudos).is_empty(), "a missing index is not noticed");
    let people: Query = |db| boards::active_people(db).map(drop);
    assert!(!scans(&mut db, people).is_empty(), "reading all people is not noticed");
}
