//! A database of its own for each test: a copied SQLite file, or a schema of the PostgreSQL under test.

use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use applaus::clock::Clock;
use applaus::store::db::{DatabaseUrl, Db};
use applaus::writer::Writer;
use diesel::prelude::*;

/// The PostgreSQL under test; SQLite without it.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration to ask")]
pub fn postgres() -> Option<String> {
    std::env::var("APPLAUS_TEST_DATABASE_URL").ok()
}

/// A database that goes with the test.
pub struct TestDatabase {
    /// Where it is.
    pub url: DatabaseUrl,
    /// A copy of it that may be read.
    pub replica: Option<DatabaseUrl>,
    /// Holds the SQLite file, and keys.
    pub dir: tempfile::TempDir,
    schema: Option<(String, String)>,
}

impl TestDatabase {
    /// A fresh one, with tables and the organisation set up.
    pub fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        match postgres() {
            Some(server) => Self::in_schema(dir, server),
            None => Self::in_file(dir),
        }
    }

    /// One that is in a folder already.
    pub fn in_folder(dir: tempfile::TempDir, url: DatabaseUrl) -> Self {
        Self { url, replica: None, dir, schema: None }
    }

    /// A fresh one of SQLite, whatever the environment names.
    pub fn sqlite() -> Self {
        Self::in_file(tempfile::tempdir().unwrap())
    }

    fn in_file(dir: tempfile::TempDir) -> Self {
        let path = dir.path().join("applaus.db");
        std::fs::copy(template(), &path).unwrap();
        let url = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
        Self { url, replica: None, dir, schema: None }
    }

    fn in_schema(dir: tempfile::TempDir, server: String) -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        let schema = format!("t{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let mut admin = PgConnection::establish(&server).unwrap();
        diesel::sql_query(format!("CREATE SCHEMA {schema}")).execute(&mut admin).unwrap();
        let joiner = if server.contains('?') { '&' } else { '?' };
        let url = format!("{server}{joiner}options=-csearch_path%3D{schema}");
        let url = DatabaseUrl::parse(&url).unwrap();
        url.connect().unwrap().migrate().unwrap();
        Self { url, replica: None, dir, schema: Some((server, schema)) }
    }
}

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = diesel::sql_types::Text)]
    statement: String,
}

impl TestDatabase {
    /// One that is there already, and stays.
    pub fn at(url: DatabaseUrl, replica: Option<DatabaseUrl>) -> Self {
        Self { url, replica, dir: tempfile::tempdir().unwrap(), schema: None }
    }

    /// A connection to it without the triggers that refuse changes: for faults that are planted.
    pub fn unguarded(&self) -> Db {
        let mut db = self.url.connect().unwrap();
        let triggers = match &db {
            Db::Sqlite(_) => "SELECT 'DROP TRIGGER ' || name AS statement FROM sqlite_master WHERE type = 'trigger'",
            Db::Postgres(_) => {
                "SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass) AS statement \
                 FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid \
                 WHERE NOT tgisinternal AND relnamespace = current_schema()::regnamespace"
            }
        };
        let triggers: Vec<Statement> = diesel::sql_query(triggers).load(&mut db).unwrap();
        assert!(!triggers.is_empty());
        for Statement { statement } in triggers {
            diesel::sql_query(statement).execute(&mut db).unwrap();
        }
        db
    }

    /// The same database with another place for keys; it goes with the first.
    pub fn again(&self) -> Self {
        Self::at(self.url.clone(), self.replica.clone())
    }

    /// The same, known to PostgreSQL by a name; without effect on SQLite.
    pub fn called(mut self, name: &str) -> Self {
        if let DatabaseUrl::Postgres(url) = &mut self.url {
            url.push_str(&format!("&application_name={name}"));
        }
        self
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some((server, schema)) = &self.schema
            && let Ok(mut admin) = PgConnection::establish(server)
        {
            let _ = diesel::sql_query(format!("DROP SCHEMA {schema} CASCADE")).execute(&mut admin);
        }
    }
}

/// A SQLite file with tables and the organisation, made once a process.
fn template() -> &'static PathBuf {
    static TEMPLATE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, path) = TEMPLATE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("template.db");
        let url = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
        url.connect().unwrap().migrate().unwrap();
        drop(Writer::start(&url, Clock::System).unwrap());
        let mut db = url.connect().unwrap();
        diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").execute(&mut db).unwrap();
        (dir, path)
    });
    path
}
