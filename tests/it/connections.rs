//! Clients that are slow, by hand over TCP: each kind is cut in time, and none keeps others waiting.

use std::io::Read;
use std::thread;
use std::time::{Duration, Instant};

use applaus::clock::ManualClock;
use applaus::http::serve::Bounds;

use crate::support::app::{TestApp, test_now};
use crate::support::database::TestDatabase;
use crate::support::raw::Raw;

/// Short, so that the tests are.
fn short() -> Bounds {
    let [head, body, keep_alive, untaken] = [1_000, 1_000, 1_500, 1_000].map(Duration::from_millis);
    Bounds { head, body, keep_alive, untaken, unanswered: Duration::from_secs(2), ..Bounds::default() }
}

fn server() -> (TestApp, String) {
    let app = TestApp::start_within(short(), TestDatabase::new(), ManualClock::at(test_now()));
    app.admin();
    let token = app.token_of("admin");
    (app, token)
}

/// Waits for the end of a connection, which comes about after `seconds`.
#[track_caller]
fn cut_after(mut raw: Raw, seconds: f64) -> String {
    let begun = Instant::now();
    let mut rest = Vec::new();
    let _ = raw.stream.read_to_end(&mut rest);
    let took = begun.elapsed().as_secs_f64();
    assert!(took > seconds - 0.5 && took < seconds + 2.0, "cut after {took}");
    String::from_utf8_lossy(&rest).into_owned()
}

const HEAD: &str = "GET /healthz HTTP/1.1\r\nHost: x\r\n";

#[test]
fn a_head_that_never_ends_is_told_so_and_cut() {
    let (app, _) = server();
    let mut raw = Raw::connect(app.address()).unwrap();
    raw.send(HEAD).unwrap();
    let said = cut_after(raw, 1.0);
    assert!(said.starts_with("HTTP/1.1 408"), "{said}");
    assert_eq!(cut_after(Raw::connect(app.address()).unwrap(), 1.0).get(..12), Some("HTTP/1.1 408"));
}

#[test]
fn a_later_head_that_never_ends_is_cut() {
    let (app, _) = server();
    let mut raw = Raw::connect(app.address()).unwrap();
    raw.ask("GET", "/healthz", "", "").unwrap();
    raw.answer().unwrap();
    raw.send(HEAD).unwrap();
    cut_after(raw, 2.0);
}

#[test]
fn a_body_that_drips_is_refused_in_time() {
    let (app, token) = server();
    let mut raw = Raw::connect(app.address()).unwrap();
    let head = format!("POST /api/v1/teams HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n");
    raw.send(&format!("{head}Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n")).unwrap();
    for _ in 0..15 {
        let _ = raw.send(" ");
        thread::sleep(Duration::from_millis(100));
    }
    let answer = raw.answer().unwrap();
    assert_eq!(answer.status, 408);
    assert!(answer.body.contains("request_timeout"), "{answer:?}");
}

#[test]
fn the_body_of_what_is_refused_is_not_waited_for() {
    let (app, _) = server();
    let mut raw = Raw::connect(app.address()).unwrap();
    raw.send("POST /api/v1/teams HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n{").unwrap();
    assert_eq!(raw.answer().unwrap().status, 401);
    cut_after(raw, 1.0);
}

#[test]
fn a_connection_at_rest_is_closed_in_order() {
    let (app, _) = server();
    let mut raw = Raw::connect(app.address()).unwrap();
    raw.ask("GET", "/healthz", "", "").unwrap();
    raw.answer().unwrap();
    assert!(cut_after(raw, 1.5).is_empty());
}

/// Asks for more than any socket holds, and takes as little of it as `takes` says.
fn reads_slowly(takes: impl Fn(&mut Raw)) {
    let (app, _) = server();
    let mut raw = Raw::connect(app.address()).unwrap();
    for _ in 0..100 {
        raw.ask("GET", "/openapi.json", "", "").unwrap();
    }
    let begun = Instant::now();
    while begun.elapsed() < Duration::from_secs(3) {
        takes(&mut raw);
        thread::sleep(Duration::from_millis(50));
    }
    let mut rest = Vec::new();
    let _ = raw.stream.read_to_end(&mut rest);
    let answers = String::from_utf8_lossy(&rest).matches("HTTP/1.1 200").count();
    assert!(answers < 100, "all was kept for a client that takes nothing");
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn who_does_not_take_the_answer_is_cut() {
    reads_slowly(|_| {});
}

#[test]
fn who_takes_a_byte_at_a_time_is_cut() {
    reads_slowly(|raw| {
        let _ = raw.stream.get_mut().read(&mut [0; 1]);
    });
}

#[test]
fn a_thousand_slow_clients_do_not_stop_others() {
    let app = TestApp::start();
    app.admin();
    let token = app.token_of("admin");
    let files: usize = std::fs::read_to_string("/proc/self/limits")
        .ok()
        .and_then(|limits| {
            limits.lines().find(|line| line.starts_with("Max open files"))?.split_whitespace().nth(3)?.parse().ok()
        })
        .unwrap_or(1_024);
    // Both ends of each connection are files of this process, and other tests run beside this one.
    let many = 1_000.min(files / 4);
    let body = format!(
        "POST /api/v1/teams HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n\
                        Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"
    );
    let slow: Vec<Raw> = (0..many)
        .map(|number| {
            let mut raw = Raw::connect(app.address()).unwrap();
            raw.send(if number % 2 == 0 { HEAD } else { &body }).unwrap();
            raw
        })
        .collect();
    let client = app.acting_as("admin");
    for number in 0..20 {
        let asked = Instant::now();
        let team = serde_json::json!({ "code": format!("team-{number}"), "name": "x" });
        client.post("/teams", &team).expect(201);
        client.get("/teams").expect(200);
        // Slow ones are cut after 10 seconds and more: nobody waits for that.
        assert!(asked.elapsed() < Duration::from_secs(5), "others wait for slow clients");
    }
    drop(slow);
}
