//! The check itself under test: whatever is changed in the tables behind the program's back, it says so.

use std::time::Duration;

use super::Servers;
use super::support::check::{check, planted, tables};
use super::support::drill::{Found, together, under_load};
use super::support::stage::Stage;
use super::support::worker::{Habit, Worker};

const ONE_LIVE: &str = "key = (SELECT MIN(key) FROM signals WHERE source = 'load' AND status = 'live')";
const ITS_AWARD: &str = "cause = (SELECT MIN('signal:' || id) FROM signals WHERE source = 'load' AND status = 'live')";

/// What the check must see.
fn plants() -> [String; 10] {
    [
        format!("UPDATE signals SET key = key || 'x' WHERE {ONE_LIVE}"),
        format!("UPDATE signals SET version = version - 1 WHERE {ONE_LIVE}"),
        format!("UPDATE signals SET status = 'voided' WHERE {ONE_LIVE}"),
        format!("DELETE FROM awards WHERE {ITS_AWARD}"),
        format!(
            "INSERT INTO awards SELECT programme, '2025', rule, subject, cause, 0, badge, at, version, NULL FROM awards \
             WHERE {ITS_AWARD}"
        ),
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'wallet'".to_owned(),
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'allowance'".to_owned(),
        "UPDATE kudos SET message = message || 'x' WHERE id = (SELECT MIN(id) FROM kudos)".to_owned(),
        "UPDATE kudos SET state = 'withdrawn' WHERE id = (SELECT MIN(id) FROM kudos WHERE state = 'sent')".to_owned(),
        "INSERT INTO kudos SELECT id || 'x', sequence + 1000000, sender, message, value, points, visibility, state, \
         sent_at, withdrawable_until, revision FROM kudos WHERE id = (SELECT MIN(id) FROM kudos)"
            .to_owned(),
    ]
}

/// Violations are the plants that go unnoticed.
pub fn in_the_tables(_: u32, servers: &Servers) -> Found {
    let stage = Stage::on_postgres(servers.calm());
    let mut workers: Vec<Worker> = (0..2).map(|number| Worker::new(number, 1, Habit::Keyed)).collect();
    let enough = |workers: &[Worker]| together(workers).thanks.values().any(|thanks| !thanks.withdrawn);
    while !enough(&workers) {
        under_load(&stage, &mut workers, || std::thread::sleep(Duration::from_millis(300)));
    }
    let journal = together(&workers);
    let mut db = stage.url.connect().unwrap();
    let mut found = Found { violations: check(&stage, &journal), ..Found::default() };
    for plant in plants() {
        if planted(&mut db, &plant, |db| tables(db, &journal)).is_empty() {
            found.violations.push(format!("{plant} goes unnoticed"));
        }
        found.cycles += 1;
    }
    found
}
