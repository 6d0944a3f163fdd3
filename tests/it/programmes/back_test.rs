//! What a draft would have awarded, over HTTP: answered right, to HR alone, and nothing written.

use std::sync::mpsc;

use applaus::back_test::Prepared;
use applaus::domain::language::Language;
use applaus::domain::period::DaySpan;
use applaus::domain::problem::ProblemCode;
use applaus::jobs::MOST_RUNNING;
use applaus::store::db::Db;
use diesel::prelude::*;

use super::*;

const BACK_TEST: &str = "/programmes/service-excellence/back-test";
/// Every table.
const TABLES: [&str; 17] = [
    "accounts",
    "awards",
    "badge_events",
    "changes",
    "due",
    "fold_days",
    "head",
    "idempotency",
    "measures",
    "organization",
    "people",
    "programme_versions",
    "programmes",
    "signal_revisions",
    "signals",
    "team_sums",
    "transfers",
];

#[derive(diesel::QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

/// The sequence, and the rows of each table.
pub(super) fn state_of(world: &World) -> (i64, Vec<i64>) {
    let mut db = world.app.database.url.connect().unwrap();
    let sequence = applaus::store::head::read(&mut db).unwrap();
    let count = |db: &mut Db, table: &str| {
        let query = diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {table}"));
        let rows: Vec<Count> = match db {
            Db::Sqlite(connection) => query.load(connection).unwrap(),
            Db::Postgres(connection) => query.load(connection).unwrap(),
        };
        rows[0].count
    };
    (sequence, TABLES.iter().map(|table| count(&mut db, table)).collect())
}

fn survey(agent: &str, at: &str, csat: u8) -> Value {
    json!({ "source": "desk", "key": format!("{agent}-{at}"), "kind": "survey", "agent": agent, "occurred_at": at,
        "channel": "chat", "measures": { "csat": csat } })
}

/// Evidence about Anna and about somebody whose name is a formula.
pub(super) fn with_evidence() -> World {
    let world = World::new();
    world.app.agent_in("=otto", "support");
    let signals = json!([
        survey("anna", "2026-10-05T10:00:00Z", 5),
        survey("anna", "2026-10-06T10:00:00Z", 4),
        survey("=otto", "2026-10-07T10:00:00Z", 5),
        survey("=otto", "2026-11-07T10:00:00Z", 2),
    ]);
    let answer = world.hr().post("/signals", &signals).expect(200);
    assert_eq!(answer.body["counts"]["accepted"], 4, "{}", answer.text);
    world
}

fn asked(document: &Value) -> Value {
    json!({ "document": document, "from": "2026-10-01", "until": "2026-11-18" })
}

/// The same with points for full marks only.
fn stricter() -> Value {
    let mut document = with("/rules/0/when/at_least", json!(5));
    document["rules"][0]["award"]["points"] = json!(30);
    document
}

fn line<'a>(result: &'a Value, user_name: &str) -> &'a Value {
    let mut people = result["people"].as_array().unwrap().iter();
    people.find(|line| line["person"]["user_name"] == user_name).unwrap()
}

#[test]
fn a_draft_is_compared_with_what_is_in_force_and_nothing_is_written() {
    let world = with_evidence();
    world.in_force(&each());
    let before = state_of(&world);
    let result = world.hr().with("prefer", "wait=10").post(BACK_TEST, &asked(&stricter())).expect(200).body;
    assert_eq!(state_of(&world), before);
    assert_eq!(result["changes"], json!({ "winners": 1, "losers": 1, "unchanged": 0 }));
    let anna = line(&result, "anna");
    assert_eq!((&anna["draft"]["points"], &anna["active"]["points"]), (&json!(30), &json!(40)));
    assert_eq!((&anna["person"]["display_name"], &anna["team"]["code"]), (&json!("anna"), &json!("support")));
    assert_eq!((&anna["draft"]["rank"], &anna["active"]["rank"]), (&json!(1), &json!(1)));
    let otto = line(&result, "=otto");
    assert_eq!((&otto["difference"], &otto["active"]["rank"]), (&json!(10), &json!(2)));
    assert_eq!(result["totals"]["draft"]["points"], 60);
    let rule = &result["rules"][0];
    assert_eq!((&rule["rule"], &rule["name"]["en"]), (&json!("happy-customer"), &json!("Happy customer")));
    assert_eq!((&rule["draft"]["awards"], &rule["active"]["awards"]), (&json!(2), &json!(3)));
    assert_eq!(result["spread"]["channels"], json!([{ "key": "chat", "draft": 60, "active": 60 }]));
    assert_eq!(result["spread"]["months"], json!([{ "key": "2026-10", "draft": 60, "active": 60 }]));
    assert_eq!(result["top"]["people"]["active"][0]["subject"]["user_name"], "anna");
    let never = result["warnings"].as_array().unwrap().iter().filter(|one| one["code"] == "never_awarded");
    assert_eq!(never.count(), 4, "every rule but the first");
    world.app.verify();
}

#[test]
fn the_version_in_force_changes_nothing_and_a_programme_of_drafts_compares_with_nothing() {
    let world = with_evidence();
    world.hr().post("/programmes", &each()).expect(201);
    let hr = world.hr().with("prefer", "wait=10");
    let version = json!({ "version": 1, "from": "2026-10-01", "until": "2026-11-18" });
    let drafted = hr.post(BACK_TEST, &version).expect(200).body;
    assert_eq!((&drafted["version"], &drafted["totals"]["active"]["points"]), (&json!(1), &json!(0)));
    assert_eq!(drafted["totals"]["draft"]["points"], 60);
    world.activate(1, "2026-10-01").expect(200);
    let active = hr.post(BACK_TEST, &version).expect(200).body;
    assert_eq!(active["changes"], json!({ "winners": 0, "losers": 0, "unchanged": 2 }));
    assert_eq!(active["totals"]["active"], drafted["totals"]["draft"]);
}

#[test]
fn the_whole_language_is_tested() {
    let world = with_evidence();
    let whole: Value = serde_json::from_str(include_str!("../fixtures/service-excellence.json")).unwrap();
    world.hr().post("/programmes", &whole).expect(201);
    let result = world.hr().with("prefer", "wait=10").post(BACK_TEST, &asked(&whole)).expect(200).body;
    assert_eq!(result["rules"].as_array().unwrap().len(), whole["rules"].as_array().unwrap().len());
    assert!(!result["undecided"].as_array().unwrap().is_empty(), "November goes on");
}

#[test]
fn a_job_is_followed_and_its_table_is_safe_in_a_spreadsheet() {
    let world = with_evidence();
    world.in_force(&each());
    let started = world.hr().post(BACK_TEST, &asked(&stricter())).expect(202);
    let location = started.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
    let job = std::iter::repeat_with(|| world.hr().get(&location).expect(200).body)
        .find(|job| job["state"] != "running")
        .unwrap();
    assert_eq!((&job["state"], &job["kind"]), (&json!("done"), &json!("back_test")));
    assert_eq!(job["progress"], json!({ "done": 2, "total": 2 }));
    let table = world.hr().with("accept", "text/csv").get(&format!("{location}/result")).expect(200).text;
    let mut lines = table.split("\r\n");
    assert!(lines.next().unwrap().starts_with("id,user_name,display_name,team,draft_points"));
    let otto = world.app.person_id("=otto");
    assert_eq!(lines.next().unwrap(), format!("{otto},'=otto,'=otto,support,30,20,10,1,2,0,0,,"));
    assert_eq!(table.split("\r\n").count(), 4, "{table}");
}

#[test]
fn what_waits_is_cancelled_and_what_runs_stops() {
    let world = with_evidence();
    world.in_force(&each());
    let (open, gates): (Vec<_>, Vec<_>) = (0..MOST_RUNNING).map(|_| mpsc::channel::<()>()).unzip();
    let owner = world.app.person_id("hr");
    for gate in gates {
        let work = move |_: &_, _: &mut _| {
            gate.recv().ok();
            Ok(json!(null))
        };
        world.app.state.jobs.start(owner, "test", work).unwrap();
    }
    let started = world.hr().post(BACK_TEST, &asked(&each())).expect(202);
    let location = started.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned();
    world.hr().delete(&location).expect(204);
    assert_eq!(world.hr().get(&location).expect(200).body["state"], "cancelled");
    drop(open);
    let days = DaySpan { first: "2026-10-01".parse().unwrap(), until: "2026-11-01".parse().unwrap() };
    let now = world.app.state.clock.now();
    let prepared = Prepared::of_own_document(&world.app.state.catalogue(), &each(), days, now).unwrap();
    let mut db = world.app.database.url.connect_reading().unwrap();
    let mut told = Vec::new();
    let stop = |done, total| {
        told.push((done, total));
        if done == 1 { Err(ProblemCode::Cancelled.into()) } else { Ok(()) }
    };
    let stopped = prepared.run(&mut db, Language::En, stop).map(|_| ()).unwrap_err();
    assert_eq!((stopped.problem().code, told), (ProblemCode::Cancelled, vec![(0, 2), (1, 2)]));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let world = with_evidence();
    world.in_force(&each());
    let hr = world.hr();
    let ask = |body: Value| {
        let answer = hr.post(BACK_TEST, &body).expect(422).body;
        let places = places(&answer["errors"]).into_iter();
        places.map(|(pointer, code)| format!("{pointer} {code}")).collect::<Vec<_>>()
    };
    let between = |from: &str, until: &str| ask(json!({ "document": each(), "from": from, "until": until }));
    assert_eq!(between("2026-10-01", "2026-10-01"), ["/until invalid_interval"]);
    assert_eq!(between("2024-01-01", "2026-10-01"), ["/until range_too_long"]);
    assert_eq!(between("1.10.2026", "soon"), ["/from invalid_date", "/until invalid_date"]);
    let dated = json!({ "from": "2026-10-01", "until": "2026-10-02" });
    assert_eq!(ask(dated.clone()), [" either_one"]);
    let mut both = asked(&each());
    both["version"] = json!(1);
    assert_eq!(ask(both), [" either_one"]);
    let mut unknown = dated;
    unknown["version"] = json!(9);
    assert_eq!(ask(unknown), ["/version unknown_name"]);
    let wrong = with("/rules/0/when/measure", json!("csta"));
    assert_eq!(ask(asked(&wrong)), ["/document/rules/0/when/measure unknown_measure"]);
    assert_eq!(ask(asked(&with("/code", json!("another")))), ["/document/code fixed"]);
    assert_eq!(ask(asked(&json!([]))), ["/document object_expected"]);
    hr.post("/programmes/another/back-test", &asked(&each())).problem(404, "not_found");
    for (client, status) in [(world.app.auditor(), 403), (world.anna(), 403), (world.app.agent("uwe"), 404)] {
        assert_eq!(client.post(BACK_TEST, &asked(&each())).status, status);
    }
}
