//! Seasons that close: by the clock, by hand, and what comes after, over HTTP.

mod after;
mod boards;
mod closing;
mod rewards;
mod sealed;

use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::{Answer, Client};

/// When the clock closes November: at its end in Berlin, with two days of grace.
pub const NOVEMBER_CLOSES: &str = "2026-12-02T23:00:00Z";

/// A server with `north` and `south` below `support`, and a programme of monthly seasons for support.
pub fn server() -> TestApp {
    let app = TestApp::start();
    app.team("support", None);
    app.team("north", Some("support"));
    app.team("south", Some("support"));
    app.programme(&programme(), "2026-10-01");
    app
}

fn name(text: &str) -> Value {
    json!({ "en": text, "de": text })
}

pub fn programme() -> Value {
    let board = |code: &str, period: Value| json!({ "code": code, "name": name(code), "rank": "points", "subject": "person", "period": period, "show": "named" });
    let teams = |code: &str, combine: &str| json!({ "code": code, "name": name(code), "rank": "points", "subject": "team", "period": "month", "combine": combine });
    let mean = |samples: u32| json!({ "measure": "quality", "aggregate": "mean", "at_least": 80, "samples": samples, "per": "month" });
    json!({
        "language": 1, "code": "service", "name": name("Service"), "time_zone": "Europe/Berlin", "season": "month",
        "grace_days": 2, "audience": { "teams": ["support"], "roles": ["agent"] },
        "rules": [
            { "code": "quality", "name": name("Quality"), "on": ["evaluation"],
              "award": { "points": { "measure": "quality", "times": 1 } } },
            { "code": "steady", "name": name("Steady"), "on": ["evaluation"], "goal": mean(2),
              "award": { "points": 100, "badge": "steady" } },
            { "code": "praised", "name": name("Praised"), "on": ["compliment"], "award": { "points": 10 },
              "guard": { "on": ["evaluation"], "goal": mean(1) } },
            { "code": "busy", "name": name("Busy"), "on": ["evaluation"], "for": "team",
              "goal": { "aggregate": "count", "at_least": 3, "per": "month" }, "award": { "points": 500 } },
            { "code": "trained", "name": name("Trained"), "on": ["training"], "award": { "badge": "star" } }
        ],
        "badges": [
            { "code": "star", "name": name("Star") }, { "code": "steady", "name": name("Steady") },
            { "code": "bronze", "name": name("Bronze") }, { "code": "silver", "name": name("Silver") }
        ],
        "tiers": [
            { "code": "bronze", "name": name("Bronze"), "at": 50, "badge": "bronze" },
            { "code": "silver", "name": name("Silver"), "at": 150, "badge": "silver", "reward": "voucher" }
        ],
        "boards": [
            board("season", json!("season")), board("month", json!("month")), board("week", json!("week")),
            board("day", json!("day")), board("quarter", json!("quarter")), board("ever", json!("all")),
            teams("sum", "sum"), teams("mean", "mean_per_member"), teams("own", "own")
        ]
    })
}

/// Evidence of a kind, with a quality.
pub fn signal(kind: &str, key: &str, version: u64, agent: &str, at: &str, quality: u32) -> Value {
    json!({ "source": "qa", "key": key, "version": version, "kind": kind, "agent": agent, "occurred_at": at,
            "measures": { "quality": quality } })
}

/// An evaluation is delivered.
pub fn evaluate(app: &TestApp, key: &str, version: u64, agent: &str, at: &str, quality: u32) -> Answer {
    app.hr().post("/signals", &signal("evaluation", key, version, agent, at, quality)).expect(200)
}

/// The time is `at`, and everything that is due by then is done.
pub fn time_is(app: &TestApp, at: &str) {
    app.clock.set(at.parse().unwrap());
    app.tick();
}

/// A season of the programme, as somebody sees it.
#[track_caller]
pub fn season(client: &Client, code: &str) -> Answer {
    client.get(&format!("/programmes/service/seasons/{code}")).expect(200)
}

pub fn close(client: &Client, code: &str) -> Answer {
    client.send("POST", &format!("/programmes/service/seasons/{code}/close"), "application/json", "")
}

/// Who stands in a statement: user name or team code, points, rank, tier and badges.
pub fn results(app: &TestApp, statement: &Answer) -> Vec<(String, i64, u64, Value, Value)> {
    let hr = app.hr();
    let named = |subject: &Value| {
        let id = subject["id"].as_str().unwrap();
        if subject["kind"] == "person" {
            return hr.get(&format!("/people/{id}")).expect(200).body["user_name"].as_str().unwrap().to_owned();
        }
        let catalogue = app.state.catalogue();
        catalogue.teams.get(id.parse().unwrap()).unwrap().code.to_string()
    };
    let line = |line: &Value| {
        let (points, rank) = (line["points"].as_i64().unwrap(), line["rank"].as_u64().unwrap());
        (named(&line["subject"]), points, rank, line["tier"].clone(), line["badges"].clone())
    };
    statement.body["subjects"].as_array().unwrap().iter().map(line).collect()
}

/// The balance of somebody's wallet.
pub fn wallet(app: &TestApp, who: &str) -> i64 {
    app.hr().get(&format!("/people/{who}/standing")).expect(200).body["wallet"]["balance"].as_i64().unwrap()
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
