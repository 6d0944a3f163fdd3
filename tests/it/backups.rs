//! Backup under load, and restoring elsewhere: whole or not at all, with the key, and never over something else.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use applaus::store::db::DatabaseUrl;
use diesel::connection::SimpleConnection;
use serde_json::{Value, json};

use crate::situations::story::{month_mean, programme as document};
use crate::support::app::{TestApp, test_now};
use crate::support::client::Client;
use crate::support::database::TestDatabase;
use crate::support::program::{Serving, printed, program, program_on, refused};

/// A place to restore to.
struct Place {
    dir: tempfile::TempDir,
    url: DatabaseUrl,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let url = DatabaseUrl::Sqlite(dir.path().join("data/applaus.db").to_str().unwrap().to_owned());
        Self { dir, url }
    }

    fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    fn run(&self, arguments: &[&str]) -> std::process::Command {
        program_on(&self.url, &self.data(), arguments)
    }
}

fn is_sqlite(database: &TestDatabase) -> bool {
    matches!(database.url, DatabaseUrl::Sqlite(_))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A database with a key and somebody in it, and a backup of it.
fn backed_up() -> Option<(TestDatabase, PathBuf)> {
    let database = TestDatabase::new();
    if !is_sqlite(&database) {
        return None;
    }
    printed(program(&database, &["admin", "ada"]));
    let file = database.dir.path().join("backup");
    printed(program(&database, &["backup", text(&file)]));
    Some((database, file))
}

fn deliver(client: &Client, number: usize) -> u16 {
    let signal = json!({ "source": "qa", "key": format!("k{number}"), "kind": "evaluation", "agent": "anna",
                         "occurred_at": "2026-11-17T10:00:00Z", "measures": { "quality": 90 } });
    client.post("/signals", &signal).status
}

#[test]
fn a_backup_under_load_has_all_that_was_acknowledged_before_it() {
    let app = TestApp::start();
    if !is_sqlite(&app.database) {
        return;
    }
    app.clock.set(test_now());
    app.programme(&document(json!({ "rules": [month_mean()] })), "2026-10-01");
    app.agent("anna");
    let (hr, stop) = (app.hr(), AtomicBool::new(false));
    let token = app.token_of("hr");
    let file = app.database.dir.path().join("backup");
    let before = thread::scope(|scope| {
        let writing = scope.spawn(|| {
            (0..)
                .take_while(|_| !stop.load(Ordering::Relaxed))
                .map(|number| assert_eq!(deliver(&hr, number), 200))
                .count()
        });
        thread::sleep(Duration::from_millis(300));
        assert_eq!(deliver(&hr, 1_000_000), 200);
        printed(program(&app.database, &["backup", text(&file)]));
        thread::sleep(Duration::from_millis(100));
        stop.store(true, Ordering::Relaxed);
        writing.join().unwrap()
    });
    assert!(before > 10);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let place = Place::new();
    printed(place.run(&["restore", text(&file)]));
    let verified = printed(place.run(&["verify"]));
    assert!(verified.contains("clean"), "{verified}");
    assert_eq!(fs::metadata(place.data().join("applaus.db")).unwrap().permissions().mode() & 0o777, 0o600);
    let key = place.data().join("issuer.pem");
    fs::rename(key, place.dir.path().join("issuer.pem")).unwrap();
    let restored = TestApp::start_on(TestDatabase::in_folder(place.dir, place.url), test_now());
    // A token made by the old key.
    let client = restored.with_token(&token);
    client.get("/signals/qa/k1000000").expect(200);
    let held: Value = client.get("/signals/qa/k0").expect(200).body;
    assert_eq!(held["key"], "k0");
    assert_eq!(deliver(&client, 0), 200);
    restored.verify();
}

#[test]
fn nothing_is_overwritten() {
    let Some((database, file)) = backed_up() else { return };
    let said = refused(program(&database, &["backup", text(&file)]));
    assert!(said.contains("is there already: move it away first"), "{said}");
    let said = refused(program(&database, &["restore", text(&file)]));
    assert!(said.contains("applaus.db is there already: move it away first"), "{said}");
    let names = |dir: &Path| {
        let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        entries.filter(|name| name.starts_with(".applaus")).count()
    };
    assert_eq!(names(database.dir.path()), 0, "nothing temporary is left");
    let place = Place::new();
    printed(place.run(&["admin", "eve"]));
    // Whether a log is left behind depends on how the program ended.
    for name in ["applaus.db", "applaus.db-wal", "applaus.db-shm"] {
        let _ = fs::remove_file(place.data().join(name));
    }
    let said = refused(place.run(&["restore", text(&file)]));
    assert!(said.contains("another key") && said.contains("move it away"), "{said}");
    assert!(!place.data().join("applaus.db").exists(), "nothing is put where something was refused");
    fs::write(place.data().join("applaus.db-wal"), "x").unwrap();
    let said = refused(place.run(&["restore", text(&file)]));
    assert!(said.contains("applaus.db-wal is there already"), "{said}");
}

#[test]
fn a_restored_server_serves_and_the_same_can_be_restored_twice() {
    let Some((_database, file)) = backed_up() else { return };
    for _ in 0..2 {
        let place = Place::new();
        printed(place.run(&["restore", text(&file)]));
        let token = printed(place.run(&["token", "ada"]));
        assert!(token.split('.').count() == 3, "{token}");
        for name in ["applaus.db", "applaus.db-wal", "applaus.db-shm"] {
            let _ = fs::remove_file(place.data().join(name));
        }
        printed(place.run(&["restore", text(&file)]));
    }
}

#[test]
fn while_a_server_runs_nothing_is_restored() {
    let Some((database, file)) = backed_up() else { return };
    let _server = Serving::start(&database);
    let said = refused(program(&database, &["restore", text(&file)]));
    assert!(said.contains("stop the servers"), "{said}");
}

#[test]
fn what_is_no_backup_is_told_and_not_restored() {
    let Some((database, file)) = backed_up() else { return };
    let place = Place::new();
    let refuse = |content: &dyn Fn(&Path), expected: &str| {
        let bad = database.dir.path().join("bad");
        fs::copy(&file, &bad).unwrap();
        content(&bad);
        let said = refused(place.run(&["restore", text(&bad)]));
        assert!(said.contains(expected), "{said}");
        assert!(!place.data().join("applaus.db").exists() && !place.data().join("issuer.pem").exists());
        assert_eq!(fs::read_dir(place.data()).unwrap().count(), 1, "but for the lock");
    };
    let connect = |path: &Path| DatabaseUrl::Sqlite(text(path).to_owned()).connect().unwrap();
    refuse(&|bad| fs::write(bad, "Dear Sir or Madam, ".repeat(100)).unwrap(), "not a backup");
    refuse(&|bad| fs::write(bad, "").unwrap(), "not a backup");
    let no_backup = fs::read(database.dir.path().join("applaus.db")).unwrap();
    refuse(&|bad| fs::write(bad, &no_backup).unwrap(), "not a backup");
    refuse(&|bad| connect(bad).batch_execute("UPDATE applaus_backup SET format = 3").unwrap(), "newer version");
    let newer = "INSERT INTO __diesel_schema_migrations (version) VALUES ('20991231000000')";
    refuse(&|bad| connect(bad).batch_execute(newer).unwrap(), "newer version");
    let whole = fs::read(&file).unwrap();
    refuse(&|bad| fs::write(bad, &whole[..20_000]).unwrap(), "damaged");
    // A page in the middle, of which the head and the label know nothing.
    let spoilt: Vec<u8> =
        whole.iter().enumerate().map(|(at, byte)| if at / 4_096 == 4 { 0xff } else { *byte }).collect();
    refuse(&|bad| fs::write(bad, &spoilt).unwrap(), "damaged");
    let missing = refused(place.run(&["restore", "/nowhere/backup"]));
    assert!(missing.contains("/nowhere/backup"), "{missing}");
}

#[test]
fn on_postgresql_both_say_what_to_use() {
    let database = TestDatabase::new();
    if is_sqlite(&database) {
        return;
    }
    for command in ["backup", "restore"] {
        let said = refused(program(&database, &[command, "/tmp/applaus-backup"]));
        assert!(said.contains("pg_dump"), "{said}");
    }
}
