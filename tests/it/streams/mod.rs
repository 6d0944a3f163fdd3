//! Streams over HTTP: what comes, what comes again, who may listen and for how long, and what they are bounded by.

mod boards;
mod bounds;
mod ends;
mod own;
mod tickets;

use std::time::Duration;

use applaus::clock::ManualClock;
use applaus::http::serve::Bounds;
use serde_json::Value;

use crate::leaderboards::programme;
use crate::support::app::{TestApp, test_now};
use crate::support::database::TestDatabase;
use crate::support::events::Events;

/// The board that most tests look at.
const BOARD: &str = "/leaderboards/service/month";
/// News of oneself.
const OWN: &str = "/people/me/stream";
/// Long enough for something to come that should not.
const A_WHILE: Duration = Duration::from_millis(700);

/// A server with `support` above `north`, with `kitchen` beside it, and the programme of leaderboards.
fn server() -> TestApp {
    server_with(Duration::from_millis(600))
}

fn server_with(heartbeat: Duration) -> TestApp {
    let bounds = Bounds { heartbeat, ..Bounds::default() };
    let app = TestApp::start_within(bounds, TestDatabase::new(), ManualClock::at(test_now()));
    app.team("support", None);
    app.team("north", Some("support"));
    app.team("kitchen", None);
    app.programme(&programme(), "2026-07-01");
    app
}

fn listen(app: &TestApp, who: &str, path: &str) -> Events {
    listen_after(app, who, path, "")
}

fn listen_after(app: &TestApp, who: &str, path: &str, last: &str) -> Events {
    let token = format!("Bearer {}", app.token_of(who));
    let headers = [("Authorization", token.as_str()), ("Last-Event-ID", last)];
    Events::open(app.address(), path, if last.is_empty() { &headers[..1] } else { &headers })
}

/// The scores of a page.
fn scores(page: &Value) -> Vec<(String, f64)> {
    let items = page["items"].as_array().unwrap();
    let line =
        |item: &Value| (item["subject"]["user_name"].as_str().unwrap().to_owned(), item["score"].as_f64().unwrap());
    items.iter().map(line).collect()
}
