//! A server that is told to stop, as a process of its own and under load: everybody is answered, and nothing is lost.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::support::database::TestDatabase;
use crate::support::program::{Serving, printed, program};
use crate::support::raw::Raw;

/// What a client has seen by the time that nobody lets it in any more.
#[derive(Debug, Default)]
struct Seen {
    answered: usize,
    acknowledged: Vec<String>,
    told_to_close: usize,
    wrong: Vec<String>,
}

/// Writes one person after the other until it is refused a connection; with a connection each, or as few as it may.
fn client(address: SocketAddr, token: &str, name: &str, keeps: Keeps) -> Seen {
    let mut seen = Seen::default();
    let mut kept: Option<Raw> = None;
    for number in 0.. {
        let mut raw = match kept.take() {
            Some(raw) => raw,
            None => match Raw::connect(address) {
                Ok(raw) => raw,
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => break,
                Err(error) => {
                    seen.wrong.push(format!("connecting: {error}"));
                    break;
                }
            },
        };
        let user_name = format!("{name}-{number}");
        let body = json!({ "user_name": user_name, "display_name": "x" }).to_string();
        match raw.ask("POST", "/api/v1/people", token, &body).and_then(|()| raw.answer()) {
            Ok(answer) => {
                seen.answered += 1;
                if answer.status == 201 {
                    seen.acknowledged.push(user_name);
                } else {
                    seen.wrong.push(answer.body.clone());
                }
                seen.told_to_close += usize::from(answer.closes());
                kept = (keeps == Keeps::Connections && !answer.closes()).then_some(raw);
            }
            Err(error) => seen.wrong.push(format!("request {number}: {error}")),
        }
    }
    seen
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Keeps {
    Connections,
    Nothing,
}

/// Asks whether it is ready until nobody answers, and gives the statuses.
fn load_balancer(address: SocketAddr) -> Vec<u16> {
    let mut statuses = Vec::new();
    while let Ok(mut raw) = Raw::connect(address) {
        raw.ask("GET", "/readyz", "", "").unwrap();
        statuses.push(raw.answer().unwrap().status);
        thread::sleep(Duration::from_millis(50));
    }
    statuses
}

fn stops_without_dropping_anybody(signal: &str) {
    let database = TestDatabase::new();
    let token = &printed(program(&database, &["admin", "ada"]));
    let mut server = Serving::start(&database);
    let address = server.address;
    let mut idle: Vec<Raw> = (0..20).map(|_| Raw::connect(address).unwrap()).collect();
    for raw in &mut idle[10..] {
        raw.ask("GET", "/healthz", "", "").unwrap();
        assert_eq!(raw.answer().unwrap().status, 200);
    }
    let (seen, ready, elapsed) = thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|n| {
                let keeps = if n % 2 == 0 { Keeps::Connections } else { Keeps::Nothing };
                scope.spawn(move || client(address, token, &format!("client-{n}"), keeps))
            })
            .collect();
        let balancer = scope.spawn(move || load_balancer(address));
        thread::sleep(Duration::from_millis(500));
        let stopped = Instant::now();
        server.signal(signal);
        let status = server.ends_within(Duration::from_secs(10));
        assert_eq!(status.code(), Some(0));
        let elapsed = stopped.elapsed();
        let seen: Vec<Seen> = clients.into_iter().map(|client| client.join().unwrap()).collect();
        (seen, balancer.join().unwrap(), elapsed)
    });
    assert!(elapsed < Duration::from_secs(5), "idle connections hold it up: {elapsed:?}");
    assert!(idle.iter_mut().all(Raw::ends_in_order), "an idle connection is reset");
    let wrong: Vec<&String> = seen.iter().flat_map(|seen| &seen.wrong).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(seen.iter().all(|seen| seen.answered > 10 && seen.told_to_close > 0), "{seen:?}");
    assert_eq!((ready.first(), ready.last()), (Some(&200), Some(&503)), "{ready:?}");
    let mut db = database.url.connect().unwrap();
    let people = applaus::store::people::all(&mut db).unwrap();
    let known: std::collections::BTreeSet<String> = people.into_iter().map(|person| person.user_name).collect();
    let lost: Vec<&String> =
        seen.iter().flat_map(|seen| &seen.acknowledged).filter(|name| !known.contains(*name)).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

#[test]
fn told_to_terminate_it_answers_everybody_and_ends() {
    stops_without_dropping_anybody("TERM");
}

#[test]
fn interrupted_it_answers_everybody_and_ends() {
    stops_without_dropping_anybody("INT");
}

#[test]
fn a_second_signal_ends_it_at_once() {
    let database = TestDatabase::new();
    let mut server = Serving::start(&database);
    server.signal("TERM");
    thread::sleep(Duration::from_millis(200));
    server.signal("TERM");
    assert_eq!(server.ends_within(Duration::from_millis(800)).code(), Some(0));
}

#[test]
fn who_never_ends_a_request_does_not_hold_it_up_for_ever() {
    let database = TestDatabase::new();
    let token = printed(program(&database, &["admin", "ada"]));
    let mut server = Serving::start(&database);
    let mut slow = Raw::connect(server.address).unwrap();
    let head = format!("POST /api/v1/people HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n");
    slow.send(&format!("{head}Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{{")).unwrap();
    thread::sleep(Duration::from_millis(100));
    server.signal("TERM");
    assert_eq!(server.ends_within(Duration::from_secs(10)).code(), Some(0));
}
