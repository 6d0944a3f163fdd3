//! The bounds themselves under test: whatever oversteps one of them, in the tables or in a statement, is seen.

use std::time::Duration;

use diesel::prelude::*;

use super::scarce::{exceeded, settle_up};
use super::{Race, Rival};
use crate::Servers;
use crate::support::check::planted;
use crate::support::drill::Found;
use crate::support::stage::Stage;

/// What oversteps a bound.
const PLANTS: [&str; 5] = [
    "UPDATE accounts SET balance = -1 WHERE kind = 'allowance'",
    "UPDATE kudos_receivers SET points = points + 1000 WHERE transfer IS NOT NULL AND kudos IN \
     (SELECT id FROM kudos WHERE state = 'sent')",
    "UPDATE awards SET points = points + 1000 WHERE rule = 'limited'",
    "UPDATE awards SET rule = 'once' WHERE rule = 'limited'",
    "INSERT INTO badge_events SELECT id || 'x', sequence + 1000000, programme, season, badge, subject, change, at, \
     recorded_at FROM badge_events WHERE change = 'granted'",
];

/// What is not as the answers said, with what undoes it.
const COMMITTED: [(&str, &str); 3] = [
    (
        "UPDATE accounts SET balance = balance - 1 WHERE kind = 'allowance'",
        "UPDATE accounts SET balance = balance + 1 WHERE kind = 'allowance'",
    ),
    (
        "UPDATE awards SET points = points + 1 WHERE rule = 'limited'",
        "UPDATE awards SET points = points - 1 WHERE rule = 'limited'",
    ),
    (
        "UPDATE season_statements SET body = REPLACE(body, '\"closed\":', '\"closed\": ')",
        "UPDATE season_statements SET body = REPLACE(body, '\"closed\": ', '\"closed\":')",
    ),
];

/// Violations are the plants that go unnoticed.
pub fn in_the_tables(_: u32, servers: &Servers) -> Found {
    let mut found = Found::default();
    let race = Race::on(Stage::on_postgres(servers.calm()));
    let rivals: Vec<Rival> = race.run(Duration::from_secs(2), &mut found);
    let mut db = race.stage.url.connect().unwrap();
    for plant in PLANTS {
        if planted(&mut db, plant, exceeded).is_none() {
            found.violations.push(format!("{plant} goes unnoticed"));
        }
        found.cycles += 1;
    }
    // The schema refuses to change what was written once; this connection is let through.
    diesel::sql_query("SET session_replication_role = replica").execute(&mut db).unwrap();
    for (plant, undoing) in COMMITTED {
        let rows = diesel::sql_query(plant).execute(&mut db).unwrap();
        if rows == 0 || settle_up(&race, &rivals).is_empty() {
            found.violations.push(format!("{plant} goes unnoticed"));
        }
        diesel::sql_query(undoing).execute(&mut db).unwrap();
        found.cycles += 1;
    }
    found.violations.extend(settle_up(&race, &rivals));
    found
}
