//! Two servers on one database: what time decides is decided once (SEMANTICS S5, S48).

use std::thread;

use applaus::clock::Clock;
use applaus::writer::due::Tick;
use applaus::writer::{Actor, Writer};
use serde_json::json;

use crate::situations::story::{month_mean, programme};
use crate::support::app::TestApp;

fn let_time_pass(writer: &Writer) {
    while writer.run_blocking(Actor::Operator, Tick).unwrap().output.more {}
}

#[test]
fn a_months_goal_is_decided_once_by_two_servers() {
    let app = TestApp::start();
    app.clock.set("2026-11-18T12:00:00Z".parse().unwrap());
    app.programme(&programme(json!({ "rules": [month_mean()] })), "2026-10-01");
    let hr = app.hr();
    let agents: Vec<String> = (0..40).map(|n| format!("agent-{n}")).collect();
    for agent in &agents {
        app.agent(agent);
        for key in ["a", "b"] {
            let signal = json!({ "source": "qa", "key": format!("{agent}-{key}"), "kind": "evaluation", "agent": agent,
                                 "occurred_at": "2026-11-17T10:00:00Z", "measures": { "quality": 90 } });
            hr.post("/signals", &signal).expect(200);
        }
    }
    let other = Writer::start(&app.database.url, Clock::Manual(app.clock.clone())).unwrap();
    // December has come, and with it the end of November and its grace.
    app.clock.set("2026-12-01T00:00:00Z".parse().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| let_time_pass(&app.state.writer));
        scope.spawn(|| let_time_pass(&other));
    });
    let transfers = app.state.read_here(|db| Ok(applaus::store::ledger::since(db, 0, 1_000)?)).unwrap();
    let awarded: Vec<_> = transfers.iter().filter(|transfer| transfer.kind == "award").collect();
    assert_eq!((awarded.len(), transfers.len()), (agents.len(), agents.len()));
    app.verify();
}
