//! A primary with a streaming replica, and two servers that read from it: no error and nothing stale, whatever becomes
//! of the replica.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use applaus::jobs::{Ending, Outcome, Progress};
use applaus::store::db::Db;
use applaus::store::head;
use diesel::prelude::*;
use serde_json::json;

use super::{version, within_a_second};
use crate::leaderboards::{earns, programme};
use crate::support::app::{TestApp, test_now};
use crate::support::client::Client;
use crate::support::cluster::Cluster;

const TODAY: &str = "2026-11-18T10:00:00Z";
const ENTRY: &str = "/leaderboards/service/season/entries/me";

/// Two servers on the cluster, with a programme and two agents.
fn servers(cluster: &Cluster) -> (TestApp, TestApp) {
    let first = TestApp::start_on(cluster.database(), test_now());
    first.team("support", None);
    first.programme(&programme(), "2026-07-01");
    first.agent_in("anna", "support");
    first.agent_in("ben", "support");
    first.hr();
    let second = first.another();
    (first, second)
}

/// How many reads the replica served, by any server of this process.
fn served(app: &TestApp) -> u64 {
    let metrics = app.anonymous().get_root("/metrics").text;
    let line = metrics.lines().find(|line| line.starts_with("applaus_replica_reads_total{outcome=\"served\"}"));
    line.and_then(|line| line.rsplit_once(' ')).map_or(0, |(_, count)| count.parse().unwrap())
}

/// The number that the replica has reached.
fn reached(app: &TestApp) -> Option<i64> {
    app.state.replica.as_ref().unwrap().read(0, |db| Ok(head::read(db)?)).map(Result::unwrap)
}

#[derive(QueryableByName)]
struct Copy {
    #[diesel(sql_type = diesel::sql_types::Bool)]
    is: bool,
}

/// Whether long work of somebody reads the replica.
fn long_work_reads_the_replica(app: &TestApp, owner: &str) -> bool {
    let work = |_: &Progress, db: &mut Db| {
        let copy: Copy = diesel::sql_query("SELECT pg_is_in_recovery() AS is").get_result(db)?;
        Ok(json!(copy.is))
    };
    let job = app.state.jobs.start(app.person_id(owner), "test", work).unwrap();
    let ending = actix_web::rt::System::new().block_on(job.ending_within(Duration::from_secs(5))).unwrap();
    let Ending::Done(Outcome { json, .. }) = ending.as_ref() else { panic!("{ending:?}") };
    json.as_bool().unwrap()
}

fn score(client: &Client, query: &str) -> f64 {
    client.get(&format!("{ENTRY}?{query}")).expect(200).body["score"].as_f64().unwrap()
}

fn balance(client: &Client, query: &str) -> i64 {
    client.get(&format!("/people/me/standing?{query}")).expect(200).body["wallet"]["balance"].as_i64().unwrap()
}

#[test]
fn what_a_reader_must_see_decides_where_it_is_read() {
    let Some(cluster) = Cluster::start() else { return };
    let (first, second) = servers(&cluster);
    let [anna, ben] = ["anna", "ben"].map(|name| second.acting_as(name));
    let before = served(&second);
    for round in 1..=20 {
        let written = version(&earns(&first, "anna", TODAY, 1));
        assert_eq!(score(&anna, &format!("min_version={written}")), f64::from(round));
        assert_eq!(balance(&anna, &format!("min_version={written}")), i64::from(round));
    }
    within_a_second(|| reached(&second) == Some(second.state.writer.published().newest()));
    balance(&ben, "");
    assert!(served(&second) > before, "the replica is read from");

    cluster.on_replica("SELECT pg_wal_replay_pause()");
    let stands_at = reached(&second).unwrap();
    let written = version(&earns(&first, "anna", TODAY, 1));
    assert_eq!(balance(&anna, &format!("min_version={written}")), 21);
    assert_eq!(score(&anna, &format!("min_version={written}")), 21.0);
    // Whoever wrote here sees it without naming it, another does when it has been there for some time.
    let sent = ben.post("/kudos", &json!({ "to": ["anna"], "message": "Thanks!", "points": 5 })).expect(201);
    let id = sent.body["id"].as_str().unwrap();
    ben.get(&format!("/kudos/{id}")).expect(200);
    let begun = Instant::now();
    while balance(&anna, "") < 26 {
        assert!(begun.elapsed() < Duration::from_secs(3), "a replica that stands still hides what was written");
        std::thread::sleep(Duration::from_millis(20));
    }
    // Roles are as new as they are known to be.
    first.admin();
    let hr = version(&first.acting_as("admin").put_empty("/people/anna/roles/hr").expect(204));
    anna.get(&format!("/programmes/service/versions?min_version={hr}")).expect(200);
    assert!(!long_work_reads_the_replica(&second, "anna"));
    assert_eq!(reached(&second), Some(stands_at), "all this the replica did not have");

    cluster.on_replica("SELECT pg_wal_replay_resume()");
    within_a_second(|| reached(&second) >= Some(hr));
    let before = served(&second);
    assert_eq!((balance(&anna, ""), score(&anna, "")), (26, 21.0));
    assert!(served(&second) > before);
    assert!(long_work_reads_the_replica(&second, "anna"));
}

/// Earns and reads until told to stop; the reads are from the other server.
fn earn_and_read(stop: &AtomicBool, writing: &TestApp, reading: &TestApp, name: &str) -> u32 {
    let (there, mut earned, mut newest) = (reading.acting_as(name), 0, 0);
    while !stop.load(Ordering::Relaxed) {
        // Versions of a board do not go back for those who name none.
        let page = there.get("/leaderboards/service/season?limit=5").expect(200).body;
        let now = page["version"].as_i64().unwrap();
        assert!(now >= newest, "{name}: from {newest} back to {now}");
        newest = now;
        let written = version(&earns(writing, name, TODAY, 1));
        earned += 1;
        let query = format!("min_version={written}");
        assert_eq!(score(&there, &query), f64::from(earned), "{name}");
        assert_eq!(balance(&there, &query), i64::from(earned), "{name}");
    }
    earned
}

#[test]
fn a_replica_that_comes_and_goes_is_no_error() {
    let Some(cluster) = Cluster::start() else { return };
    let (first, second) = servers(&cluster);
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let readers = [
            scope.spawn(|| earn_and_read(&stop, &first, &second, "anna")),
            scope.spawn(|| earn_and_read(&stop, &second, &first, "ben")),
        ];
        let rest = || std::thread::sleep(Duration::from_millis(700));
        for _ in 0..2 {
            rest();
            cluster.stop_replica();
            rest();
            cluster.start_replica();
            rest();
            // What the replica is asked in the middle of a read, it may fail to answer.
            for _ in 0..5 {
                let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                              WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()";
                cluster.on_replica(others);
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        // It rests for a second after it was away.
        std::thread::sleep(Duration::from_millis(1_100));
        let before = served(&second);
        rest();
        stop.store(true, Ordering::Relaxed);
        for reader in readers {
            assert!(reader.join().unwrap() > 10);
        }
        assert!(served(&second) > before, "the replica serves again");
    });
    first.verify();
}

#[test]
fn a_server_starts_and_serves_without_its_replica() {
    let Some(cluster) = Cluster::start() else { return };
    cluster.stop_replica();
    let (first, second) = servers(&cluster);
    let anna = second.acting_as("anna");
    let begun = Instant::now();
    let written = version(&earns(&first, "anna", TODAY, 3));
    assert_eq!(balance(&anna, &format!("min_version={written}")), 3);
    assert!(begun.elapsed() < Duration::from_secs(1));
    assert_eq!(reached(&second), None);
}
