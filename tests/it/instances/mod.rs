//! Several servers on one database.

mod following;
mod keys;
mod replica;

use std::time::{Duration, Instant};

use crate::support::app::TestApp;
use crate::support::client::Answer;

/// A server with a programme and two agents, and another on the same database.
pub fn two() -> (TestApp, TestApp) {
    let first = crate::leaderboards::server();
    first.agent_in("anna", "north");
    first.agent_in("ben", "south");
    let second = first.another();
    (first, second)
}

/// Waits until `seen`, at most a second; says how long that took.
#[track_caller]
pub fn within_a_second(mut seen: impl FnMut() -> bool) -> Duration {
    let begun = Instant::now();
    while !seen() {
        assert!(begun.elapsed() < Duration::from_secs(1), "not seen within a second");
        std::thread::sleep(Duration::from_millis(2));
    }
    begun.elapsed()
}

/// The version of a write.
pub fn version(written: &Answer) -> i64 {
    let header = written.header("applaus-version").unwrap_or_else(|| panic!("no version in {}", written.text));
    header.parse().unwrap()
}
