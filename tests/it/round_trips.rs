//! How many statements a request with evidence costs: a few dozen, however much it holds. On PostgreSQL each is a round
//! trip (DESIGN section 8).

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};
use std::thread::{self, ThreadId};

use applaus::writer::{Actor, Command, Failure, Tx};
use diesel::connection::{Instrumentation, InstrumentationEvent, set_default_instrumentation};
use serde_json::{Value, json};

use crate::situations::story::{month_mean, programme};
use crate::support::app::TestApp;

/// Statements so far, by the thread that asked.
static STATEMENTS: LazyLock<Mutex<HashMap<ThreadId, u64>>> = LazyLock::new(Mutex::default);

fn counting() -> Option<Box<dyn Instrumentation>> {
    Some(Box::new(|event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { .. } = event {
            *STATEMENTS.lock().unwrap().entry(thread::current().id()).or_default() += 1;
        }
    }))
}

/// Statements of the writer's thread so far.
struct SoFar;

impl Command for SoFar {
    type Output = u64;

    fn run(&self, _: &mut Tx<'_>) -> Result<u64, Failure> {
        Ok(STATEMENTS.lock().unwrap().get(&thread::current().id()).copied().unwrap_or_default())
    }
}

fn so_far(app: &TestApp) -> u64 {
    app.state.writer.run_blocking(Actor::Operator, SoFar).unwrap().output
}

const AGENTS: usize = 30;

/// `count` evaluations, spread over people, days and cases; `version` tells corrections from what came first.
fn evaluations(first: usize, count: usize, version: usize) -> Value {
    let one = |n: usize| {
        json!({ "source": "qa", "key": format!("e-{n}"), "version": version, "kind": "evaluation",
                "agent": format!("agent-{}", n % AGENTS), "case": format!("case-{}", n / 2),
                "occurred_at": format!("2026-11-{:02}T10:{:02}:00Z", 10 + n % 8, n % 60),
                "measures": { "quality": 75 + (n + version) % 25 } })
    };
    (first..first + count).map(one).collect()
}

#[test]
fn a_group_costs_as_many_statements_as_a_few() {
    set_default_instrumentation(counting).unwrap();
    let app = TestApp::start();
    let by_case = json!({ "code": "good", "name": { "en": "Good", "de": "Gut" }, "on": ["evaluation"],
        "when": { "measure": "quality", "at_least": 80 }, "award": { "points": 5, "badge": "good" },
        "limits": [{ "per": "case", "times": 1 }, { "per": "week", "points": 40 }] });
    app.programme(&programme(json!({ "rules": [month_mean(), by_case] })), "2026-10-01");
    (0..AGENTS).for_each(|n| drop(app.agent(&format!("agent-{n}"))));
    let hr = app.hr();
    let cost = |signals: &Value| {
        let before = so_far(&app);
        let answer = hr.post("/signals", signals).expect(200);
        assert!(answer.body["results"].as_array().unwrap().iter().all(|one| one["status"] != "rejected"));
        so_far(&app) - before
    };
    let (few, many) = (cost(&evaluations(0, 10, 0)), cost(&evaluations(10, 400, 0)));
    let (corrected, many_corrected) = (cost(&evaluations(0, 10, 1)), cost(&evaluations(10, 400, 1)));
    assert!(few > 5 && many < few + 10 && many < 60, "{few} for 10, {many} for 400");
    assert!(many_corrected < corrected + 10 && many_corrected < 60, "{corrected} for 10, {many_corrected} for 400");
    app.verify();
}
