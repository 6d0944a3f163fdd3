//! The check: what the database holds, and what every instance shows, is exactly what the journals know. Reads tables by
//! SQL of its own, so that no code under test stands between.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use applaus::store::db::Db;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Nullable, Text};

use super::client::Asked;
use super::instance::{Instance, tool};
use super::journal::{Journal, Signal};
use super::stage::{ALLOWANCE, PEOPLE, SENDERS, Stage, person};

/// How long an instance may take to show what is so.
const LAG: Duration = Duration::from_secs(10);
/// How many violations of a kind are told.
const TOLD: usize = 3;

#[derive(QueryableByName)]
struct SignalSeen {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = BigInt)]
    version: i64,
    #[diesel(sql_type = Text)]
    status: String,
    #[diesel(sql_type = Nullable<Text>)]
    agent: Option<String>,
    #[diesel(sql_type = BigInt)]
    awards: i64,
    #[diesel(sql_type = BigInt)]
    points: i64,
}

#[derive(QueryableByName)]
struct KudosSeen {
    #[diesel(sql_type = Text)]
    message: String,
    #[diesel(sql_type = Text)]
    id: String,
    #[diesel(sql_type = Text)]
    state: String,
}

#[derive(QueryableByName)]
struct Balance {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = BigInt)]
    balance: i64,
}

/// Everything that is not as the journal knows it.
pub fn check(stage: &Stage, journal: &Journal) -> Vec<String> {
    let mut found = tables(&mut stage.url.connect().unwrap(), journal);
    found.extend(verified(stage));
    if found.is_empty() {
        // Else the boards would only say it again, after waiting for them.
        found.extend(stage.instances.iter().filter_map(|instance| board(stage, instance, journal)));
    }
    found
}

/// What the tables hold otherwise than the journal knows it.
pub fn tables(db: &mut Db, journal: &Journal) -> Vec<String> {
    let mut found = signals(db, journal);
    found.extend(kudos(db, journal));
    let wallets = journal.wallets();
    found.extend(balances(db, "wallet", |number| Some(wallets.get(&number).copied().unwrap_or(0))));
    let given = journal.given();
    let left = |number| (number < SENDERS).then(|| ALLOWANCE - given.get(&number).copied().unwrap_or(0));
    found.extend(balances(db, "allowance", left));
    found
}

/// What a statement, planted in the tables, changes in what `look` finds; the tables stay as they are.
pub fn planted<T>(db: &mut Db, statement: &str, look: impl FnOnce(&mut Db) -> T) -> T {
    db.begin_write().unwrap();
    let rows = diesel::sql_query(statement).execute(db).unwrap();
    assert!(rows > 0, "{statement} changes nothing");
    let found = look(db);
    db.rollback().unwrap();
    found
}

fn few(found: Vec<String>) -> Vec<String> {
    let more = found.len().saturating_sub(TOLD);
    let rest = (more > 0).then(|| format!("and {more} more of the kind"));
    found.into_iter().take(TOLD).chain(rest).collect()
}

/// Each signal at its version, awarded once and in full; none that nobody sent.
fn signals(db: &mut Db, journal: &Journal) -> Vec<String> {
    let rows: Vec<SignalSeen> = diesel::sql_query(
        "SELECT s.key, s.version, s.status, MAX(p.user_name) AS agent, COUNT(a.cause) AS awards, \
         CAST(COALESCE(SUM(a.points), 0) AS BIGINT) AS points \
         FROM signals s LEFT JOIN awards a ON a.cause = 'signal:' || s.id LEFT JOIN people p ON p.id = a.subject \
         WHERE s.source = 'load' GROUP BY s.key, s.version, s.status",
    )
    .load(db)
    .unwrap();
    let mut seen: BTreeMap<String, SignalSeen> = rows.into_iter().map(|row| (row.key.clone(), row)).collect();
    let mut found = Vec::new();
    for (key, told) in &journal.signals {
        match seen.remove(key) {
            None => found.push(format!("signal {key} was acknowledged and is lost")),
            Some(row) if row.version != told.version => {
                found.push(format!("signal {key} has version {}, acknowledged was {}", row.version, told.version));
            }
            Some(row) if !is_as_told(&row, told) => {
                let (status, awards, points, agent) = (&row.status, row.awards, row.points, row.agent.as_deref());
                let agent = agent.unwrap_or("nobody");
                found.push(format!("signal {key} is {status}, {awards} awards, {points} points to {agent}: {told:?}"));
            }
            Some(_) => {}
        }
    }
    found.extend(seen.into_keys().map(|key| format!("signal {key} was never sent")));
    few(found)
}

fn is_as_told(row: &SignalSeen, told: &Signal) -> bool {
    if told.voided {
        return row.status == "voided" && row.awards == 0;
    }
    let agent = Some(person(told.agent));
    row.status == "live" && row.awards == 1 && row.points == told.quality && row.agent == agent
}

/// Each kudos once.
fn kudos(db: &mut Db, journal: &Journal) -> Vec<String> {
    let rows: Vec<KudosSeen> = diesel::sql_query("SELECT message, id, state FROM kudos").load(db).unwrap();
    let mut seen: BTreeMap<String, Vec<KudosSeen>> = BTreeMap::new();
    for row in rows {
        seen.entry(row.message.clone()).or_default().push(row);
    }
    let mut found = Vec::new();
    for (message, told) in &journal.thanks {
        match seen.remove(message).unwrap_or_default().as_slice() {
            [] => found.push(format!("kudos {message} was acknowledged and is lost")),
            [one] => {
                if one.id != told.id || (one.state == "withdrawn") != told.withdrawn {
                    found.push(format!("kudos {message} is {} {}: {told:?}", one.id, one.state));
                }
            }
            several => found.push(format!("kudos {message} is there {} times", several.len())),
        }
    }
    found.extend(seen.into_keys().map(|message| format!("kudos {message} is there, and nobody knows of it")));
    few(found)
}

/// The accounts of a kind; one that was never used may be missing.
fn balances(db: &mut Db, kind: &str, expected: impl Fn(usize) -> Option<i64>) -> Vec<String> {
    let rows: Vec<Balance> = diesel::sql_query(format!(
        "SELECT p.user_name AS name, CAST(SUM(a.balance) AS BIGINT) AS balance FROM accounts a \
         JOIN people p ON a.id LIKE '{kind}:' || p.id || '%' GROUP BY p.user_name",
    ))
    .load(db)
    .unwrap();
    let seen: BTreeMap<String, i64> = rows.into_iter().map(|row| (row.name, row.balance)).collect();
    let mut found = Vec::new();
    for number in 0..PEOPLE {
        let name = person(number);
        let held = seen.get(&name).copied();
        let right = match (held, expected(number)) {
            (Some(held), Some(expected)) => held == expected,
            (None, Some(expected)) => expected == 0 || kind == "allowance" && expected == ALLOWANCE,
            (held, None) => held.is_none(),
        };
        if !right {
            found.push(format!("{kind} of {name} holds {held:?}, should be {:?}", expected(number)));
        }
    }
    found
}

/// What `applaus verify` finds wrong.
pub fn verified(stage: &Stage) -> Option<String> {
    let output = tool("verify", &[], &stage.address, stage.data_dir.path());
    let said = || format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (!output.status.success()).then(|| format!("verify: {}", said()))
}

/// The board of all, as an instance shows it, once it has had time to follow.
fn board(stage: &Stage, instance: &Instance, journal: &Journal) -> Option<String> {
    let expected: BTreeMap<String, i64> =
        journal.points().into_iter().filter(|(_, points)| *points > 0).map(|(n, points)| (person(n), points)).collect();
    let since = Instant::now();
    loop {
        let answer = stage.root.ask(instance.address(), &Asked::get("/leaderboards/load/all"));
        let shown = answer.as_ref().map(|answer| {
            let items = answer.body["items"].as_array().cloned().unwrap_or_default();
            let entry = |item: &serde_json::Value| {
                Some((item["subject"]["user_name"].as_str()?.to_owned(), item["score"].as_i64().filter(|s| *s > 0)?))
            };
            items.iter().filter_map(entry).collect::<BTreeMap<String, i64>>()
        });
        if shown.as_ref() == Some(&expected) {
            return None;
        }
        if since.elapsed() > LAG {
            let text = answer.map(|answer| answer.text).unwrap_or_default();
            return Some(format!("after {LAG:?} an instance shows {text} instead of {expected:?}: {}", instance.log()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}
