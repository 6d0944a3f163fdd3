//! How far the boards of a second instance are behind the first: two processes on one PostgreSQL.

use std::path::Path;
use std::time::{Duration, Instant as Stopwatch};

use crate::Options;
use crate::database::Place;
use crate::evidence::Evidence;
use crate::organization::{Caller, FEED, token_of, with_programme};
use crate::process::Server;
use crate::report::{Row, Section, median};

/// How often it is tried.
const TRIES: u32 = 100;
/// After how long the second instance is said not to follow.
const NEVER: Duration = Duration::from_secs(5);
/// How long between two looks at the board.
const LOOK: Duration = Duration::from_millis(1);
/// Where an entry of the board is.
const ENTRY: &str = "/leaderboards/bench/season/entries/agent-0";

/// The row of the second instance.
pub fn measure(options: &Options, dir: &Path, place: &Place) -> Section {
    let mut section = Section::new("A second instance");
    let (database, first, admin) = with_programme(options, dir, place, "instances");
    admin.send("POST", "/people", r#"{"user_name":"agent-0","display_name":"Agent 0"}"#);
    let second = Server::ours(options, &database.data, &database.url);
    let feed = Caller { address: first.address, token: token_of(options, &database, FEED) };
    let reader = Caller { address: second.address, token: token_of(options, &database, "agent-0") };
    let mut evidence = Evidence::new("instances".to_owned(), 0);
    let mut seen = version(&reader);
    let mut lags = Vec::new();
    for _ in 0..TRIES {
        // Every second signal at most earns nothing; it is delivered until one changes the board.
        let written = deliver(&feed, &mut evidence);
        let Some(lag) = until_changed(&reader, &mut seen, written) else { break };
        lags.push(lag.as_secs_f64() * 1e3);
    }
    let ours = if lags.len() < TRIES as usize {
        "n/a: it does not follow".to_owned()
    } else {
        format!("{:.0} ms", median(lags.clone()))
    };
    lags.sort_by(f64::total_cmp);
    let slowest = lags.get(lags.len() * 99 / 100).copied().unwrap_or(f64::NAN);
    section.rows.push(Row {
        path: "a second instance's boards behind the first, idle".to_owned(),
        goal: "≤ 100 ms median".to_owned(),
        latency: if lags.len() < TRIES as usize {
            String::new()
        } else {
            format!("{:.0} / {slowest:.0} ms", median(lags))
        },
        ours,
        ..Row::default()
    });
    section.notes.push(format!(
        "{TRIES} times one signal to the first, then looking at an entry on the second every millisecond, without `min_version`"
    ));
    section
}

/// The version of the board as the reader sees it.
fn version(reader: &Caller) -> i64 {
    reader.send("GET", ENTRY, "").json()["version"].as_i64().unwrap()
}

/// Delivers until something was earned; when that was answered.
fn deliver(feed: &Caller, evidence: &mut Evidence) -> Stopwatch {
    let before = version(feed);
    loop {
        let now = applaus::clock::Clock::System.now();
        feed.send("POST", "/signals", &evidence.fresh(0, now));
        let written = Stopwatch::now();
        if version(feed) != before {
            return written;
        }
    }
}

/// How long after `written` the reader saw another version than before.
fn until_changed(reader: &Caller, seen: &mut i64, written: Stopwatch) -> Option<Duration> {
    loop {
        let now = version(reader);
        let lag = written.elapsed();
        if now != *seen {
            *seen = now;
            return Some(lag);
        }
        if lag > NEVER {
            return None;
        }
        std::thread::sleep(LOOK);
    }
}
