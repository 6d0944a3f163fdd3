//! Databases to measure on: files of SQLite, and a throw-away PostgreSQL that keeps its promises (`fsync` is on).

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use applaus::store::db::{DatabaseUrl, Db};
use diesel::connection::SimpleConnection;

use crate::Options;

/// One of the two databases, where new ones are made.
pub enum Place {
    /// Files.
    Sqlite,
    /// A server.
    Postgres(Postgres),
}

/// One database, with the directory of its server's keys; the next run begins with a copy.
#[derive(Debug, Clone)]
pub struct Database {
    /// Its URL.
    pub url: String,
    /// Where its keys are kept.
    pub data: PathBuf,
}

impl Place {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Sqlite => "SQLite",
            Self::Postgres(_) => "PostgreSQL",
        }
    }

    /// An empty database.
    pub fn empty(&self, dir: &Path, name: &str) -> Database {
        let data = fresh_dir(dir, self, name);
        let url = match self {
            Self::Sqlite => file(&data),
            Self::Postgres(server) => {
                server.run(&format!("DROP DATABASE IF EXISTS {name}"));
                server.run(&format!("CREATE DATABASE {name}"));
                server.url(name)
            }
        };
        Database { url, data }
    }

    /// A copy of a database that nobody is using.
    ///
    /// What the copy has not yet put into its place is put there now, not in the middle of what is measured.
    pub fn copy(&self, dir: &Path, of: &Database, name: &str) -> Database {
        let data = fresh_dir(dir, self, name);
        for entry in std::fs::read_dir(&of.data).unwrap() {
            let entry = entry.unwrap();
            std::fs::copy(entry.path(), data.join(entry.file_name())).unwrap();
        }
        let url = match self {
            Self::Sqlite => {
                let url = file(&data);
                execute(&url, "PRAGMA wal_checkpoint(TRUNCATE)");
                url
            }
            Self::Postgres(server) => {
                let original = of.data.file_name().and_then(|name| name.to_str()).unwrap();
                let original = original.trim_start_matches("PostgreSQL-");
                server.run(&format!("DROP DATABASE IF EXISTS {name}"));
                server.run(&format!("CREATE DATABASE {name} TEMPLATE {original}"));
                server.run("CHECKPOINT");
                server.url(name)
            }
        };
        Database { url, data }
    }
}

impl Database {
    /// A connection.
    pub fn connect(&self) -> Db {
        DatabaseUrl::parse(&self.url).unwrap().connect().unwrap()
    }
}

fn fresh_dir(dir: &Path, place: &Place, name: &str) -> PathBuf {
    let data = dir.join(format!("{}-{name}", place.name()));
    let _ = std::fs::remove_dir_all(&data);
    std::fs::create_dir_all(&data).unwrap();
    data
}

fn file(data: &Path) -> String {
    format!("sqlite:{}", data.join("applaus.db").display())
}

/// A PostgreSQL with its settings as they come; stopped and removed when it is dropped, if it was started here.
pub struct Postgres {
    base: String,
    started: Option<Started>,
}

struct Started {
    programs: PathBuf,
    dir: tempfile::TempDir,
}

impl Postgres {
    /// The server that the options name, else one of its own; none where there are no programs for it.
    pub fn open(options: &Options) -> Option<Self> {
        if let Some(url) = &options.postgres {
            return Some(Self { base: url.clone(), started: None });
        }
        let programs = programs()?;
        let dir = tempfile::Builder::new().prefix("applaus-load-pg-").tempdir().unwrap();
        as_postgres("chown", &format!("chown postgres {0}; chmod 755 {0}", dir.path().display()));
        let (bin, place) = (programs.display(), dir.path().display());
        as_postgres("initdb", &format!("{bin}/initdb -D {place}/data -A trust -U postgres -E UTF8 --locale=C.UTF-8"));
        let settings = format!("-k {place} -c listen_addresses='' -c max_connections=200");
        as_postgres("start", &format!("{bin}/pg_ctl -D {place}/data -l {place}/log -w -o \"{settings}\" start"));
        let base = format!("postgres:///postgres?host={place}&user=postgres");
        Some(Self { base, started: Some(Started { programs, dir }) })
    }

    /// The URL of a database.
    fn url(&self, name: &str) -> String {
        let (server, query) = self.base.split_once('?').unwrap_or((&self.base, ""));
        let (server, _) = server.rsplit_once('/').unwrap();
        format!("{server}/{name}?{query}").trim_end_matches('?').to_owned()
    }

    fn run(&self, sql: &str) {
        execute(&self.base, sql);
    }
}

/// Runs statements on a connection of their own.
pub fn execute(url: &str, sql: &str) {
    match DatabaseUrl::parse(url).unwrap().connect().unwrap() {
        Db::Postgres(mut connection) => connection.batch_execute(sql).unwrap(),
        Db::Sqlite(mut connection) => connection.batch_execute(sql).unwrap(),
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        if let Some(Started { programs, dir }) = &self.started {
            let (bin, place) = (programs.display(), dir.path().display());
            as_postgres("stop", &format!("{bin}/pg_ctl -D {place}/data -m immediate stop"));
            // The files are not ours, but the directory they lie in is removed with what is in it.
        }
    }
}

/// The folder of the newest PostgreSQL's server programs.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.flatten().map(|version| version.path().join("bin")).collect();
    found.retain(|programs| programs.join("initdb").exists());
    found.sort();
    found.pop()
}

/// PostgreSQL refuses to run as root; then its own account runs it.
fn as_postgres(step: &str, script: &str) {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout == b"0\n");
    let mut command = if root && step != "chown" {
        let mut command = Command::new("su");
        command.args(["postgres", "-s", "/bin/sh", "-c", script]);
        command
    } else if root {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    } else if step == "chown" {
        return;
    } else {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    };
    let status = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "PostgreSQL: {step} failed");
}
