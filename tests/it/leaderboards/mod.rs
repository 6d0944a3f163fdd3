//! Leaderboards over HTTP: ranks, pages, periods, teams, and equality with what the awards say.

mod access;
mod change;
mod history;
mod pages;
mod periods;
mod promise;
mod seen;
mod teams;

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// A server with `support` above `north` and `south`, with `kitchen` beside them, and with a programme for support in
/// which an evaluation earns as many points as it has quality.
pub fn server() -> TestApp {
    let app = TestApp::start();
    app.team("support", None);
    app.team("north", Some("support"));
    app.team("south", Some("support"));
    app.team("kitchen", None);
    app.programme(&programme(), "2026-07-01");
    app
}

pub fn programme() -> Value {
    let board = |code: &str, period: Value| json!({ "code": code, "name": name(code), "rank": "points", "subject": "person", "period": period, "show": "named" });
    let teams = |code: &str, combine: &str| json!({ "code": code, "name": name(code), "rank": "points", "subject": "team", "period": "month", "combine": combine });
    json!({
        "language": 1, "code": "service", "name": name("Service"), "time_zone": "Europe/Berlin", "season": "quarter",
        "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "quality", "name": name("Quality"), "on": ["evaluation"],
              "award": { "points": { "measure": "quality", "times": 1 } } },
            { "code": "perfect", "name": name("Perfect"), "on": ["training"], "award": { "badge": "star" } }
        ],
        "badges": [{ "code": "star", "name": { "en": "Star", "de": "Stern" } }],
        "tiers": [
            { "code": "bronze", "name": name("Bronze"), "at": 50 }, { "code": "silver", "name": name("Silver"), "at": 120 }
        ],
        "boards": [
            board("season", json!("season")), board("month", json!("month")), board("week", json!("week")),
            board("day", json!("day")), board("rolling", json!({ "days": 30 })), board("ever", json!("all")),
            teams("sum", "sum"), teams("mean", "mean_per_member"), teams("own", "own")
        ]
    })
}

fn name(text: &str) -> Value {
    json!({ "en": text, "de": text })
}

/// An evaluation that earns `points`.
pub fn evaluation(key: &str, version: u64, agent: &str, at: &str, points: u32) -> Value {
    json!({ "source": "qa", "key": key, "version": version, "kind": "evaluation", "agent": agent, "occurred_at": at,
            "measures": { "quality": points } })
}

/// Somebody earns points at an instant.
pub fn earns(app: &TestApp, agent: &str, at: &str, points: u32) -> Answer {
    static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
    let key = format!("e{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
    app.hr().post("/signals", &evaluation(&key, 1, agent, at, points)).expect(200)
}

/// A board of the programme.
#[track_caller]
pub fn board(client: &Client, code: &str, query: &str) -> Answer {
    client.get(&format!("/leaderboards/service/{code}?{query}")).expect(200)
}

/// Rank, name or code, and score of each item.
pub fn lines(answer: &Answer) -> Vec<(u64, String, f64)> {
    answer.body["items"].as_array().unwrap().iter().map(line).collect()
}

/// Rank, name or code, and score of an entry.
pub fn line(entry: &Value) -> (u64, String, f64) {
    let subject = &entry["subject"];
    let who = subject["user_name"].as_str().or_else(|| subject["code"].as_str()).unwrap();
    (entry["rank"].as_u64().unwrap(), who.to_owned(), entry["score"].as_f64().unwrap())
}

/// The same, sorted: for comparisons in which the order inside a tie does not matter.
pub fn sorted(answer: &Answer) -> Vec<(u64, String, f64)> {
    let mut lines = lines(answer);
    lines.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    lines
}

/// What [`lines`] gives, from literals.
pub fn expected(lines: &[(u64, &str, f64)]) -> Vec<(u64, String, f64)> {
    lines.iter().map(|(rank, who, score)| (*rank, (*who).to_owned(), *score)).collect()
}

/// Every page from the first on, each of at most `limit`.
pub fn pages(client: &Client, code: &str, query: &str, limit: usize) -> Vec<Answer> {
    let mut found = vec![board(client, code, &format!("{query}&limit={limit}"))];
    while let Some(next) = found.last().unwrap().body["next"].as_str().map(str::to_owned) {
        found.push(board(client, code, &format!("{query}&limit={limit}&after={next}")));
    }
    found
}
