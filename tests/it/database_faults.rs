//! What failures of the databases are taken for: provoked where they can be, else raised with the server's own words.

use std::thread;
use std::time::Duration;

use applaus::store::db::{DatabaseUrl, Db, Patience};
use applaus::store::fault::Fault;
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::support::database::TestDatabase;

fn fault(db: &mut Db, sql: &str) -> Fault {
    match db.batch_execute(sql) {
        Ok(()) => panic!("{sql} does not fail"),
        Err(error) => Fault::of(&error),
    }
}

/// The database, if it is the one asked for.
fn only(postgres: bool) -> Option<TestDatabase> {
    let database = TestDatabase::new();
    (matches!(database.url, DatabaseUrl::Postgres(_)) == postgres).then_some(database)
}

/// SQLSTATEs with the words that PostgreSQL 15 says them in (`src/backend`), and what they are taken for.
const SAID: &[(&str, &str, Fault)] = &[
    ("40P01", "deadlock detected", Fault::Deadlock),
    ("40001", "could not serialize access due to concurrent update", Fault::Deadlock),
    ("40001", "canceling statement due to conflict with recovery", Fault::Deadlock),
    ("55P03", "could not obtain lock on row in relation \"accounts\"", Fault::Busy),
    ("55P03", "canceling statement due to lock timeout", Fault::Busy),
    ("57014", "canceling statement due to statement timeout", Fault::TimedOut),
    ("57014", "canceling statement due to user request", Fault::TimedOut),
    ("53100", "could not extend file \"base/5/16384\": No space left on device", Fault::Disk),
    ("53100", "could not write to file \"pg_wal/xlogtemp.7\": No space left on device", Fault::Disk),
    ("53100", "could not create file \"pg_wal/x\": No space left on device", Fault::Disk),
    ("58030", "could not read block 7 in file \"base/5/16384\": Input/output error", Fault::Disk),
    ("53200", "out of memory", Fault::Busy),
    ("53200", "out of shared memory", Fault::Busy),
    ("53300", "sorry, too many clients already", Fault::Busy),
    ("53300", "too many connections for role \"applaus\"", Fault::Busy),
    ("57P01", "terminating connection due to administrator command", Fault::Gone),
    ("57P02", "terminating connection because of crash of another server process", Fault::Gone),
    ("57P03", "the database system is starting up", Fault::Gone),
    ("57P03", "the database system is in recovery mode", Fault::Gone),
    ("57P05", "terminating connection due to idle-session timeout", Fault::Gone),
    ("25P03", "terminating connection due to idle-in-transaction timeout", Fault::Gone),
    ("08006", "connection failure", Fault::Gone),
    ("25006", "cannot execute INSERT in a read-only transaction", Fault::ReadOnly),
    ("26000", "prepared statement \"__diesel_stmt_1\" does not exist", Fault::Gone),
    ("0A000", "cached plan must not change result type", Fault::Gone),
    ("23505", "duplicate key value violates unique constraint \"transfers_pkey\"", Fault::Defect),
    ("23514", "new row violates check constraint", Fault::Defect),
    ("23001", "transfers is append-only", Fault::Defect),
    ("42P01", "relation \"transfers\" does not exist", Fault::Defect),
    ("42501", "permission denied for table transfers", Fault::Defect),
    ("22P02", "invalid input syntax for type bigint: \"deadlock detected\"", Fault::Defect),
    ("XX000", "unexpected", Fault::Defect),
];

#[test]
fn postgresql_is_understood_code_by_code() {
    let Some(database) = only(true) else { return };
    let mut db = database.url.connect().unwrap();
    for (code, message, expected) in SAID {
        let raised = format!("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}', MESSAGE = '{message}'; END $$");
        assert_eq!(fault(&mut db, &raised), *expected, "{code} {message}");
    }
}

#[test]
fn two_that_wait_for_each_other_are_a_deadlock() {
    let Some(database) = only(true) else { return };
    let connect = || database.url.connect().unwrap();
    let (mut one, mut other) = (connect(), connect());
    one.batch_execute("SET deadlock_timeout = '50ms'; BEGIN; LOCK TABLE people").unwrap();
    other.batch_execute("SET deadlock_timeout = '5s'; BEGIN; LOCK TABLE teams").unwrap();
    let waiting = thread::spawn(move || other.batch_execute("LOCK TABLE people"));
    thread::sleep(Duration::from_millis(300));
    assert_eq!(fault(&mut one, "LOCK TABLE teams"), Fault::Deadlock);
    one.batch_execute("ROLLBACK").unwrap();
    waiting.join().unwrap().unwrap();
}

#[test]
fn what_takes_too_long_is_given_up() {
    let Some(database) = only(true) else { return };
    let mut db = database.url.connect().unwrap();
    db.batch_execute("SET statement_timeout = '50ms'").unwrap();
    assert_eq!(fault(&mut db, "SELECT pg_sleep(5)"), Fault::TimedOut);
    let mut holder = database.url.connect().unwrap();
    holder.batch_execute("BEGIN; LOCK TABLE people").unwrap();
    db.batch_execute("SET statement_timeout = 0; SET lock_timeout = '50ms'").unwrap();
    assert_eq!(fault(&mut db, "BEGIN; LOCK TABLE people"), Fault::Busy);
    db.batch_execute("ROLLBACK; SET default_transaction_read_only = on").unwrap();
    assert_eq!(fault(&mut db, "DELETE FROM idempotency"), Fault::ReadOnly);
    assert_eq!(fault(&mut db, "SELECT 1 FROM nothing"), Fault::Defect);
}

#[test]
fn whoever_is_thrown_out_is_gone() {
    #[derive(QueryableByName)]
    struct Session {
        #[diesel(sql_type = diesel::sql_types::Integer)]
        pid: i32,
    }
    let Some(database) = only(true) else { return };
    let (mut db, mut admin) = (database.url.connect().unwrap(), database.url.connect().unwrap());
    let Session { pid } = diesel::sql_query("SELECT pg_backend_pid() AS pid").get_result(&mut db).unwrap();
    admin.batch_execute(&format!("SELECT pg_terminate_backend({pid}, 5000)")).unwrap();
    assert_eq!(fault(&mut db, "SELECT 1"), Fault::Gone);
    assert_eq!(fault(&mut db, "SELECT 1"), Fault::Gone, "and stays so");
    let mut hanging = database.url.connect().unwrap();
    hanging.batch_execute("SET idle_in_transaction_session_timeout = '50ms'; BEGIN").unwrap();
    thread::sleep(Duration::from_millis(400));
    assert_eq!(fault(&mut hanging, "SELECT 1"), Fault::Gone);
    let nobody = DatabaseUrl::parse("postgres://nobody@127.0.0.1:1/nothing").unwrap();
    assert_eq!(nobody.connect().map(drop).map_err(|error| Fault::of_opening(&error)), Err(Fault::Gone));
}

#[test]
fn connections_are_bounded_in_time_by_what_they_are_for() {
    #[derive(QueryableByName, Debug, PartialEq)]
    struct Setting {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }
    let Some(database) = only(true) else { return };
    let said = |db: &mut Db, name: &str| {
        let asked = format!("SELECT current_setting('{name}') AS value");
        diesel::sql_query(asked).get_result::<Setting>(db).unwrap().value
    };
    let times = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];
    let mut tool = database.url.connect().unwrap();
    assert_eq!(times.map(|name| said(&mut tool, name)), ["0", "0", "0"]);
    let mut writer = database.url.connect().unwrap().bounded(Patience::WRITER).unwrap();
    assert_eq!(times.map(|name| said(&mut writer, name)), ["1min", "8s", "20s"]);
    writer.begin_write().unwrap();
    writer.take_your_time().unwrap();
    assert_eq!(times.map(|name| said(&mut writer, name)), ["0", "0", "0"]);
    writer.rollback().unwrap();
    assert_eq!(times.map(|name| said(&mut writer, name)), ["1min", "8s", "20s"]);
    assert_eq!(said(&mut writer, "application_name"), "applaus");
    assert!(said(&mut writer, "lc_messages").starts_with('C'), "or this file proves nothing");
}

#[test]
fn sqlite_is_understood() {
    let Some(database) = only(false) else { return };
    let connect = || database.url.connect().unwrap();
    let (mut db, mut holder) = (connect(), connect());
    holder.batch_execute("BEGIN IMMEDIATE").unwrap();
    assert_eq!(fault(&mut db, "PRAGMA busy_timeout = 20; BEGIN IMMEDIATE"), Fault::Busy);
    holder.batch_execute("ROLLBACK").unwrap();
    assert_eq!(fault(&mut db, "PRAGMA query_only = ON; DELETE FROM idempotency"), Fault::ReadOnly);
    let grow = "PRAGMA max_page_count = 1; CREATE TABLE more (x); \
                INSERT INTO more SELECT randomblob(1000000)";
    assert_eq!(fault(&mut connect(), grow), Fault::Disk);
    assert_eq!(fault(&mut connect(), "COMMIT"), Fault::Gone);
    assert_eq!(fault(&mut connect(), "BEGIN; BEGIN"), Fault::Gone);
    assert_eq!(fault(&mut connect(), "INSERT INTO head VALUES (1, 1)"), Fault::Defect);
    assert_eq!(fault(&mut connect(), "DELETE FROM nothing"), Fault::Defect);
    let missing = DatabaseUrl::Sqlite("/nothing/there.db".to_owned());
    assert_eq!(missing.connect().map(drop).map_err(|error| Fault::of_opening(&error)), Err(Fault::Gone));
}

#[test]
fn a_file_that_is_no_database_is_a_defect() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("letter.db");
    std::fs::write(&path, "Dear Sir or Madam, ".repeat(100)).unwrap();
    let url = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
    assert_eq!(url.connect().map(drop).map_err(|error| Fault::of_opening(&error)), Err(Fault::Defect));
}
