//! Contests over HTTP: how they stand, who is taken out, and what finalising makes of them.

mod disqualifying;
mod finalising;
mod rewards;
mod seasons;
mod sight;
mod standing;

use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// When November's contest can be finalised: at its end in Berlin, with two days of grace.
pub const NOVEMBER_IS_DECIDED: &str = "2026-12-02T23:00:00Z";

/// A server with `north` and `south` below `support`, `kitchen` beside them, and a programme for support.
pub fn server() -> TestApp {
    server_with(&programme("quarter"))
}

/// The same with another programme.
pub fn server_with(programme: &Value) -> TestApp {
    let app = TestApp::start();
    app.team("support", None);
    app.team("north", Some("support"));
    app.team("south", Some("support"));
    app.team("kitchen", None);
    app.programme(programme, "2026-10-01");
    app
}

fn name(text: &str) -> Value {
    json!({ "en": text, "de": text })
}

/// A programme in which an evaluation earns as many points as it has quality, and a training a badge.
pub fn programme(season: &str) -> Value {
    let board = |code: &str, subject: &str, combine: Value| {
        let mut board =
            json!({ "code": code, "name": name(code), "rank": "points", "subject": subject, "period": "month" });
        if !combine.is_null() {
            board["combine"] = combine;
        }
        board
    };
    let badge = |code: &str| json!({ "code": code, "name": name(code) });
    let first_three = json!([{ "ranks": [1, 1], "badge": "gold" }, { "ranks": [2, 3], "reward": "voucher" }]);
    json!({
        "language": 1, "code": "service", "name": name("Service"), "time_zone": "Europe/Berlin", "season": season,
        "grace_days": 2, "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "quality", "name": name("Quality"), "on": ["evaluation"],
              "award": { "points": { "measure": "quality", "times": 1 } } },
            { "code": "trained", "name": name("Trained"), "on": ["training"], "award": { "badge": "gold" } },
            { "code": "steady", "name": name("Steady"), "on": ["evaluation"], "award": { "points": 5 },
              "goal": { "measure": "quality", "aggregate": "mean", "at_least": 100, "samples": 9, "per": "month" } }
        ],
        "badges": [badge("gold"), badge("silver"), badge("trophy")],
        "boards": [
            board("month", "person", Value::Null), board("sum", "team", json!("sum")),
            board("mean", "team", json!("mean_per_member"))
        ],
        "contests": [
            { "code": "monthly", "name": name("Of the month"), "board": "month", "per": "month",
              "qualify": { "samples": 2 }, "prizes": first_three },
            { "code": "sprint", "name": name("Sprint"), "board": "month", "from": "2026-11-09", "until": "2026-11-16",
              "prizes": [{ "ranks": [1, 1], "badge": "gold" }, { "ranks": [2, 2], "badge": "silver" }] },
            { "code": "advent", "name": name("Advent"), "board": "month", "from": "2026-12-01", "until": "2026-12-25",
              "prizes": [{ "ranks": [1, 1], "badge": "gold" }] },
            { "code": "teams", "name": name("Teams"), "board": "sum", "per": "month",
              "prizes": [{ "ranks": [1, 1], "badge": "trophy" }] },
            { "code": "means", "name": name("Means"), "board": "mean", "per": "month",
              "prizes": [{ "ranks": [1, 1], "badge": "trophy" }] }
        ]
    })
}

/// Evidence of a kind.
pub fn signal(kind: &str, key: &str, version: u64, agent: &str, at: &str, quality: u32) -> Value {
    json!({ "source": "qa", "key": key, "version": version, "kind": kind, "agent": agent, "occurred_at": at,
            "measures": { "quality": quality } })
}

/// Somebody earns points at an instant; gives the key of the evidence.
pub fn earns(app: &TestApp, agent: &str, at: &str, points: u32) -> String {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let key = format!("e{}", NEXT.fetch_add(1, Ordering::Relaxed));
    app.hr().post("/signals", &signal("evaluation", &key, 1, agent, at, points)).expect(200);
    key
}

/// The time is `at`, and everything that is due by then is done.
pub fn time_is(app: &TestApp, at: &str) {
    app.clock.set(at.parse().unwrap());
    app.tick();
}

/// A contest of the programme.
#[track_caller]
pub fn contest(client: &Client, code: &str, query: &str) -> Answer {
    client.get(&format!("/contests/service/{code}?{query}")).expect(200)
}

/// Finalises a contest.
pub fn finalise(client: &Client, code: &str, body: &Value) -> Answer {
    client.post(&format!("/contests/service/{code}/finalize"), body)
}

/// Takes somebody out of a contest.
pub fn disqualify(client: &Client, place: &str, note: &str) -> Answer {
    client.put(&format!("/contests/service/{place}"), &json!({ "note": note }))
}

fn who(subject: &Value) -> String {
    subject["user_name"].as_str().or_else(|| subject["code"].as_str()).unwrap().to_owned()
}

/// Rank, user name or code, and score of those placed, sorted: inside a tie the order is nobody's.
pub fn placed(answer: &Answer) -> Vec<(u64, String, f64)> {
    let line = |one: &Value| (one["rank"].as_u64().unwrap(), who(&one["subject"]), one["score"].as_f64().unwrap());
    let mut lines: Vec<_> = answer.body["items"].as_array().unwrap().iter().map(line).collect();
    lines.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    lines
}

/// What [`placed`] gives, from literals.
pub fn expected(lines: &[(u64, &str, f64)]) -> Vec<(u64, String, f64)> {
    lines.iter().map(|(rank, who, score)| (*rank, (*who).to_owned(), *score)).collect()
}

/// Rank, user name or code, badge and reward of the winners, sorted.
pub fn winners(body: &Value) -> Vec<(u64, String, Value, Value)> {
    let line = |one: &Value| {
        (one["rank"].as_u64().unwrap(), who(&one["subject"]), one["badge"].clone(), one["reward"].clone())
    };
    let mut lines: Vec<_> = body["winners"].as_array().unwrap().iter().map(line).collect();
    lines.sort_by(|one, other| (one.0, &one.1).cmp(&(other.0, &other.1)));
    lines
}

/// The badges somebody holds, as badge and season.
pub fn badges(app: &TestApp, who: &str) -> Vec<(String, String)> {
    let answer = app.hr().get(&format!("/people/{who}/badges")).expect(200);
    let held = answer.body["items"].as_array().unwrap().iter().filter(|badge| badge["revoked_at"].is_null());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut held: Vec<_> = held.map(|badge| (text(&badge["badge"]), text(&badge["season"]))).collect();
    held.sort();
    held
}

/// The same, from literals.
pub fn held(badges: &[(&str, &str)]) -> Vec<(String, String)> {
    badges.iter().map(|(badge, season)| ((*badge).to_owned(), (*season).to_owned())).collect()
}

/// Anna and ben share the first place in November, cleo is third, dora has too few samples, emil has none.
pub fn november(app: &TestApp) {
    for (agent, team) in [("anna", "north"), ("ben", "north"), ("cleo", "south"), ("dora", "south"), ("emil", "south")]
    {
        app.agent_in(agent, team);
    }
    for (agent, points) in
        [("anna", 90), ("anna", 80), ("ben", 100), ("ben", 70), ("cleo", 60), ("cleo", 60), ("dora", 100)]
    {
        earns(app, agent, "2026-11-10T09:00:00Z", points);
    }
}
