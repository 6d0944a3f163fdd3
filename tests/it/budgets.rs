//! Budgets over HTTP: setting them, what counts, and that nothing overdraws them.

mod concerned;
mod model;
pub mod redeeming;
mod setting;

use applaus::domain::organization::Organization;
use applaus::domain::problem::ProblemCode;
use applaus::writer::organization::{ChangeOrganization, Expected};
use applaus::writer::{Actor, Command, Failure};
use serde_json::{Value, json};

use crate::support::app::TestApp;
use crate::support::client::Client;

/// A server with `north` and `south` below `support`, a programme of monthly seasons for support, and people there.
pub fn server() -> TestApp {
    let app = TestApp::start();
    app.team("support", None);
    app.team("north", Some("support"));
    app.team("south", Some("support"));
    app.programme(&crate::seasons::programme(), "2026-10-01");
    for (name, team) in [("anna", "north"), ("ben", "south"), ("cem", "support")] {
        app.agent_in(name, team);
    }
    app
}

pub fn settings(app: &TestApp, change: impl FnOnce(&mut Organization)) {
    let mut settings = app.state.catalogue().organization.clone();
    change(&mut settings);
    let command = ChangeOrganization { settings, expected: Expected::Any };
    app.state.writer.run_blocking(Actor::Operator, command).unwrap();
}

/// Grants of any size, which await approval above `above`.
pub fn generous(app: &TestApp, above: i64) {
    settings(app, |settings| {
        settings.grants.monthly_limit.0 = 1_000_000;
        settings.grants.second_approval_above.0 = above;
    });
}

/// Does it, or the code of the refusal.
pub fn run<C: Command>(app: &TestApp, command: C) -> Result<C::Output, ProblemCode> {
    match app.state.writer.run_blocking(Actor::Operator, command) {
        Ok(committed) => Ok(committed.output),
        Err(Failure::Refused(problem)) => Err(problem.code),
        Err(failure) => panic!("{failure}"),
    }
}

/// Sets a budget, and gives its path.
pub fn budget(hr: &Client, body: &Value) -> String {
    let answer = hr.post("/budgets", body).expect(201);
    answer.header("location").unwrap().strip_prefix("/api/v1").unwrap().to_owned()
}

pub fn grant(to: &str, points: i64) -> Value {
    json!({ "to": to, "points": points, "reason": "Well done" })
}

/// Limit, used, reserved and left of a budget's points.
pub fn points_of(hr: &Client, path: &str) -> [i64; 4] {
    let points = &hr.get(path).expect(200).body["points"];
    ["limit", "used", "reserved", "left"].map(|name| points[name].as_i64().unwrap())
}

/// Limit, used, reserved and left of a budget's money.
pub fn money_of(hr: &Client, path: &str) -> [String; 4] {
    let money = &hr.get(path).expect(200).body["money"];
    ["limit", "used", "reserved", "left"].map(|name| money[name]["amount"].as_str().unwrap().to_owned())
}
