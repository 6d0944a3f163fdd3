//! An organisation with a programme of ten rules and two weeks of evidence, made by our own server over HTTP.

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use applaus::clock::Clock;
use chrono::TimeDelta;

use crate::Options;
use crate::client::{Answer, ask, request};
use crate::database::{Database, Place};
use crate::evidence::{AGENTS, Evidence, array};
use crate::process::{Server, run_ours};

/// Signals of each agent that are there before anything is measured.
const BEFORE: u32 = 30;
/// Over how many days.
const DAYS: i64 = 14;
/// Since how many days the programme has been in force.
const IN_FORCE: i64 = 60;

/// How many hire at once.
const DESKS: u32 = 16;

/// What the report says of it.
pub fn described() -> String {
    format!(
        "{AGENTS} agents, ten rules (`benches/programme.json`), {BEFORE} signals an agent over the last {DAYS} days there \
         before anything is measured; each run begins with a copy of that database"
    )
}

/// Who delivers evidence.
pub const FEED: &str = "feed";

/// Makes it; the server is stopped again.
pub fn make(options: &Options, dir: &Path, place: &Place) -> Database {
    let (database, server, admin) = with_programme(options, dir, place, "organization");
    let hire = |agent: u32| {
        let body = format!(r#"{{"user_name":"agent-{agent}","display_name":"Agent {agent}"}}"#);
        admin.send("POST", "/people", &body);
    };
    std::thread::scope(|scope| {
        for desk in 0..DESKS {
            scope.spawn(move || (desk..AGENTS).step_by(DESKS as usize).for_each(hire));
        }
    });
    let feed = Caller { address: server.address, token: token_of(options, &database, FEED) };
    let (mut evidence, mut random) = (Evidence::new("before".to_owned(), 0), fastrand::Rng::with_seed(0));
    let total = i64::from(AGENTS * BEFORE);
    let step = TimeDelta::days(DAYS) / i32::try_from(total).unwrap();
    let began = Clock::System.now() - TimeDelta::days(DAYS);
    for batch in 0..total / 1_000 {
        let signals = (0..1_000).map(|n| {
            let occurred_at = began + step * i32::try_from(batch * 1_000 + n).unwrap();
            evidence.fresh(random.u32(0..AGENTS), occurred_at)
        });
        feed.send("POST", "/signals", &array(signals));
    }
    // What time has decided meanwhile is settled before anybody measures.
    std::thread::sleep(Duration::from_secs(1));
    database
}

/// An organisation of an administrator and a feed with the programme in force, its server, and the administrator.
pub fn with_programme(options: &Options, dir: &Path, place: &Place, name: &str) -> (Database, Server, Caller) {
    let database = place.empty(dir, name);
    let token = run_ours(options, &database.data, &database.url, &["admin", "boss"]);
    let server = Server::ours(options, &database.data, &database.url);
    let admin = Caller { address: server.address, token };
    admin.send("PUT", "/people/boss/roles/hr", "");
    admin.send("POST", "/people", &format!(r#"{{"user_name":"{FEED}","display_name":"Feed"}}"#));
    admin.send("PUT", &format!("/people/{FEED}/roles/source?sources=desk"), "");
    admin.send("POST", "/programmes", include_str!("../programme.json"));
    let from = (Clock::System.now() - TimeDelta::days(IN_FORCE)).date_naive();
    for step in [r#","dry_run":true"#, ""] {
        let body = format!(r#"{{"effective_from":"{from}","retroactive":true{step}}}"#);
        admin.send("POST", "/programmes/bench/versions/1/activate", &body);
    }
    (database, server, admin)
}

/// A token for somebody, by a database's own issuer.
pub fn token_of(options: &Options, database: &Database, user_name: &str) -> String {
    run_ours(options, &database.data, &database.url, &["token", user_name, "--ttl", "8h"])
}

/// Somebody who asks, and must succeed.
pub struct Caller {
    /// Of whom.
    pub address: SocketAddr,
    /// As whom.
    pub token: String,
}

impl Caller {
    /// Asks for a path under the API's base.
    pub fn send(&self, method: &str, path: &str, body: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [("authorization", bearer.as_str()), ("prefer", "wait=10")];
        let answer = ask(self.address, &request(method, &format!("/api/v1{path}"), &headers, body.as_bytes()));
        let said = String::from_utf8_lossy(&answer.body);
        assert!((200..300).contains(&answer.status), "{method} {path}: {} {said}", answer.status);
        answer
    }
}
