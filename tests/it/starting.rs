//! Starting: tables of another version, migrations that were interrupted or are begun twice, databases out of reach.

use std::path::Path;
use std::thread;

use applaus::store::db::{DatabaseUrl, Db, OpenError};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;

use crate::support::database::TestDatabase;
use crate::support::program::{program, program_on, refused};

/// Migrations that these tests take back, in this order, and do again: those of triggers.
const MIGRATIONS: [&str; 4] = [
    "2026-11-22-000025_payroll_append_only",
    "2026-11-22-000019_redemptions_fixed",
    "2026-11-22-000012_contests_append_only",
    "2026-11-22-000004_append_only",
];

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(db: &mut Db, from: &str) -> i64 {
    diesel::sql_query(format!("SELECT COUNT(*) AS count FROM {from}")).get_result::<Count>(db).unwrap().count
}

fn triggers(db: &mut Db) -> i64 {
    let from = match db {
        Db::Sqlite(_) => "sqlite_master WHERE type = 'trigger'",
        Db::Postgres(_) => {
            "pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
             WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
        }
    };
    count(db, from)
}

/// A database as it was before [`MIGRATIONS`].
fn before_it() -> (TestDatabase, Db) {
    let database = TestDatabase::new();
    let mut db = database.url.connect().unwrap();
    let set = if matches!(db, Db::Sqlite(_)) { "sqlite" } else { "postgres" };
    for migration in MIGRATIONS {
        let down = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(set).join(migration).join("down.sql");
        db.batch_execute(&std::fs::read_to_string(down).unwrap()).unwrap();
    }
    for migration in MIGRATIONS {
        let version: String = migration.chars().filter(char::is_ascii_digit).collect();
        let forgotten = format!("DELETE FROM __diesel_schema_migrations WHERE version = '{version}'");
        assert_eq!(diesel::sql_query(forgotten).execute(&mut db), Ok(1), "{migration}");
    }
    assert_eq!(triggers(&mut db), 0);
    (database, db)
}

#[test]
fn a_database_of_a_newer_version_is_refused() {
    let database = TestDatabase::new();
    let mut db = database.url.connect().unwrap();
    db.batch_execute("INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')").unwrap();
    // Who wants a PostgreSQL database alone would wait for all tests on the server.
    let alone = ["migrate", "rebuild"].into_iter().filter(|_| !database.url.is_postgres());
    for command in ["serve"].into_iter().chain(alone) {
        let said = refused(program(&database, &[command]));
        assert!(said.contains("newer version") && said.contains("20991231000000"), "{command}: {said}");
    }
}

#[test]
fn a_migration_is_done_whole_or_not_at_all() {
    let (_database, mut db) = before_it();
    let (plant, remove) = match db {
        Db::Sqlite(_) => (
            "CREATE TRIGGER transfers_reversal_mirrors BEFORE INSERT ON head BEGIN SELECT 1; END",
            "DROP TRIGGER transfers_reversal_mirrors",
        ),
        Db::Postgres(_) => (
            "CREATE FUNCTION check_reversal() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$",
            "DROP FUNCTION check_reversal",
        ),
    };
    db.batch_execute(plant).unwrap();
    let before = triggers(&mut db);
    assert!(matches!(db.migrate(), Err(OpenError::Migration(_))), "its last step fails");
    assert_eq!(triggers(&mut db), before, "and nothing of it is left");
    db.batch_execute(remove).unwrap();
    db.migrate().unwrap();
    assert!(triggers(&mut db) > 10);
}

#[test]
fn whoever_is_killed_in_a_migration_leaves_nothing_of_it() {
    let (database, mut db) = before_it();
    let mut killed = database.url.connect().unwrap();
    killed.begin_write().unwrap();
    killed.batch_execute("CREATE TABLE half (x INTEGER)").unwrap();
    let waiting = thread::spawn(move || db.migrate().map(|()| triggers(&mut db)));
    thread::sleep(std::time::Duration::from_millis(200));
    assert!(!waiting.is_finished(), "one migrates at a time");
    drop(killed);
    assert!(waiting.join().unwrap().unwrap() > 10);
    assert!(database.url.connect().unwrap().batch_execute("SELECT * FROM half").is_err());
}

#[test]
fn two_that_start_at_once_migrate_once() {
    for _ in 0..5 {
        let (database, _) = before_it();
        let connect = || database.url.connect().unwrap();
        thread::scope(|scope| {
            let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| connect().migrate())).collect();
            starts.into_iter().for_each(|start| start.join().unwrap().unwrap());
        });
        assert_eq!(count(&mut connect(), "__diesel_schema_migrations WHERE version = '20261122000004'"), 1);
    }
}

#[test]
fn two_that_start_at_once_on_nothing_make_one_database() {
    let dir = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(dir.path().join("new.db").to_str().unwrap().to_owned());
    thread::scope(|scope| {
        let starts: Vec<_> = (0..4).map(|_| scope.spawn(|| url.connect().unwrap().migrate())).collect();
        starts.into_iter().for_each(|start| start.join().unwrap().unwrap());
    });
}

#[test]
fn a_database_out_of_reach_is_told_in_one_line() {
    let dir = tempfile::tempdir().unwrap();
    let postgres = DatabaseUrl::parse("postgres://nobody@127.0.0.1:1/nothing").unwrap();
    for command in ["serve", "migrate", "verify"] {
        let said = refused(program_on(&postgres, dir.path(), &[command]));
        assert!(said.starts_with("applaus: cannot open the database: ") && said.contains("refused"), "{said}");
    }
    let missing = DatabaseUrl::Sqlite(dir.path().join("not/there.db").to_str().unwrap().to_owned());
    let said = refused(program_on(&missing, dir.path(), &["serve"]));
    assert!(said.contains("not/there.db"), "{said}");
    let letter = dir.path().join("letter.db");
    std::fs::write(&letter, "Dear Sir or Madam, ".repeat(100)).unwrap();
    let letter = DatabaseUrl::Sqlite(letter.to_str().unwrap().to_owned());
    let said = refused(program_on(&letter, dir.path(), &["serve"]));
    assert!(said.contains("not a database"), "{said}");
    // Not even root may make a directory there.
    let said = refused(program_on(&missing, Path::new("/proc/applaus"), &["serve"]));
    assert!(said.contains("cannot make the data directory /proc/applaus"), "{said}");
}
