//! A database that goes away, is busy or hangs: everybody is told in time to try again, nothing is half done, and all goes
//! on by itself when it is back.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::app::{TestApp, test_now};
use crate::support::client::Answer;
use crate::support::database::TestDatabase;
use crate::support::proxy::Proxy;

/// Refused for now, with the time after which to try again.
#[track_caller]
fn passes(answer: Answer, code: &str) {
    let answer = answer.problem(503, code);
    assert_eq!(answer.header("retry-after"), Some("1"));
}

/// Asks again until it is done.
#[track_caller]
fn in_the_end(limit: Duration, mut ask: impl FnMut() -> Answer) -> Answer {
    let begun = Instant::now();
    loop {
        let answer = ask();
        if answer.status < 500 {
            return answer;
        }
        assert_eq!(answer.status, 503, "{}", answer.text);
        assert!(begun.elapsed() < limit, "it does not come back: {}", answer.text);
        thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn while_the_database_is_gone_everybody_is_told_at_once_and_then_it_goes_on() {
    let mut database = TestDatabase::new();
    let Some((proxy, through)) = Proxy::before(&database.url) else { return };
    database.url = through;
    let app = TestApp::start_on(database, test_now());
    let hr = app.hr();
    hr.post("/teams", &json!({ "code": "before", "name": "x" })).expect(201);
    proxy.cut();
    let team = |code: &str| json!({ "code": code, "name": "x" });
    let keyed = hr.with("Idempotency-Key", "k");
    passes(keyed.post("/teams", &team("during")), "unavailable");
    passes(hr.get("/people"), "unavailable");
    passes(app.anonymous().get_root("/readyz"), "unavailable");
    app.anonymous().get_root("/healthz").expect(200);
    let begun = Instant::now();
    for _ in 0..10 {
        passes(keyed.post("/teams", &team("during")), "unavailable");
        passes(hr.get("/people"), "unavailable");
    }
    assert!(begun.elapsed() < Duration::from_secs(8), "all wait for what is known to be gone: {:?}", begun.elapsed());
    proxy.mend();
    let patient = Duration::from_secs(15);
    in_the_end(patient, || keyed.post("/teams", &team("during"))).expect(201);
    in_the_end(patient, || hr.get("/people")).expect(200);
    keyed.post("/teams", &team("during")).expect(201);
    let teams = in_the_end(patient, || hr.get("/teams")).expect(200).body;
    assert_eq!(teams["items"].as_array().unwrap().len(), 2, "{teams}");
    in_the_end(patient, || app.anonymous().get_root("/readyz")).expect(200);
    app.verify();
}

#[test]
fn connections_that_were_ended_are_not_noticed_by_readers() {
    let mut database = TestDatabase::new();
    let Some((proxy, through)) = Proxy::before(&database.url) else { return };
    database.url = through;
    let app = TestApp::start_on(database, test_now());
    let hr = app.hr();
    hr.get("/people").expect(200);
    proxy.cut();
    proxy.mend();
    for _ in 0..5 {
        hr.get("/people").expect(200);
    }
    in_the_end(Duration::from_secs(5), || hr.post("/teams", &json!({ "code": "x", "name": "x" }))).expect(201);
}

#[test]
fn who_waits_for_a_lock_is_told_in_time_and_nothing_is_done() {
    let app = TestApp::start();
    let hr = app.hr();
    let mut holder = app.database.url.connect().unwrap();
    holder.begin_write().unwrap();
    let begun = Instant::now();
    let waiting: Vec<_> = (0..4)
        .map(|number| {
            let hr = hr.with("Idempotency-Key", &format!("k{number}"));
            thread::spawn(move || hr.post("/teams", &json!({ "code": format!("team-{number}"), "name": "x" })))
        })
        .collect();
    hr.get("/people").expect(200);
    for answer in waiting {
        passes(answer.join().unwrap(), "unavailable");
    }
    let waited = begun.elapsed();
    assert!(waited > Duration::from_secs(3) && waited < Duration::from_secs(12), "{waited:?}");
    holder.rollback().unwrap();
    for number in 0..4 {
        let hr = hr.with("Idempotency-Key", &format!("k{number}"));
        let team = json!({ "code": format!("team-{number}"), "name": "x" });
        in_the_end(Duration::from_secs(15), || hr.post("/teams", &team)).expect(201);
    }
    let teams = hr.get("/teams").expect(200).body;
    assert_eq!(teams["items"].as_array().unwrap().len(), 4, "{teams}");
}

#[test]
fn reads_beyond_the_connections_wait_for_their_turn_and_not_for_long() {
    let app = TestApp::start();
    let hr = app.hr();
    let state = app.state.clone();
    let busy = thread::spawn(move || {
        actix_web::rt::System::new().block_on(async move {
            let work = || {
                thread::sleep(Duration::from_secs(8));
                Ok(())
            };
            // As many as there are connections.
            let both = (state.in_turn(work), state.in_turn(work));
            futures_util::future::join(both.0, both.1).await
        })
    });
    thread::sleep(Duration::from_millis(300));
    let begun = Instant::now();
    passes(hr.get("/people"), "overloaded");
    assert!(begun.elapsed() > Duration::from_secs(4) && begun.elapsed() < Duration::from_secs(7));
    hr.get("/people").expect(200);
    let (one, other) = busy.join().unwrap();
    assert!(one.is_ok() && other.is_ok());
}
