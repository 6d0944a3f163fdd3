//! A board of very many people, written straight into SQLite: what a season of evidence would have left behind.

use std::path::Path;

use applaus::clock::Clock;
use chrono::Datelike;

use crate::Options;
use crate::database::{Database, Place, execute};
use crate::organization::with_programme;

/// An organisation in which `people` have earned something this season.
pub fn make(options: &Options, dir: &Path, people: u32) -> Database {
    let name = format!("standings-{people}");
    let (database, server, _) = with_programme(options, dir, &Place::Sqlite, &name);
    drop(server);
    let now = Clock::System.now();
    let (season, at) = (format!("{}-Q{}", now.year(), now.month0() / 3 + 1), now.format("%F %T"));
    let id = |kind: &str| format!("printf('019a{kind}-0000-7000-8000-%012x', n)");
    let (person, grant, transfer, signal) = (id("0001"), id("0002"), id("0003"), id("0004"));
    // Many share a score, as on every board.
    let points = "(n * 7919) % 100003 + 1";
    let all = format!(
        "WITH RECURSIVE all_of_them (n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM all_of_them WHERE n < {people})"
    );
    execute(
        &database.url,
        &format!(
            "PRAGMA foreign_keys = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -1000000; BEGIN;
             INSERT INTO accounts SELECT 'issuance:programme:bench', 'issuance', 'bench', 0 WHERE true
                 ON CONFLICT (id) DO NOTHING;
             {all} INSERT INTO people SELECT {person}, 'agent-' || n, 'Agent ' || n, 'agent ' || n, NULL, NULL, NULL, true,
                 '{at}', n FROM all_of_them;
             {all} INSERT INTO role_grants SELECT {grant}, {person}, 'agent', '', NULL, NULL FROM all_of_them;
             {all} INSERT INTO accounts SELECT 'wallet:' || {person}, 'wallet', {person}, {points} FROM all_of_them;
             {all} INSERT INTO transfers SELECT {transfer}, (SELECT sequence FROM head) + n, 'award',
                 'issuance:programme:bench', 'wallet:' || {person}, {points}, -n, NULL, 'bench', '{season}', 'happy', 1,
                 {person}, 'signal:' || {signal}, '{at}', '{at}' FROM all_of_them;
             {all} INSERT INTO awards SELECT 'bench', '{season}', 'happy', {person}, 'signal:' || {signal}, {points}, NULL,
                 '{at}', 1, {transfer} FROM all_of_them;
             UPDATE accounts SET balance = -(SELECT SUM(amount) FROM transfers) WHERE id = 'issuance:programme:bench';
             UPDATE head SET sequence = sequence + {people};
             COMMIT; PRAGMA wal_checkpoint(TRUNCATE);"
        ),
    );
    database
}
