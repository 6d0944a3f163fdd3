//! A throw-away PostgreSQL that keeps what it has committed: `fsync` and `synchronous_commit` are on, unless a control
//! says otherwise. Only a socket in its own folder leads to it.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use diesel::prelude::*;

/// A server that goes with the value.
pub struct Postgres {
    place: tempfile::TempDir,
    programs: PathBuf,
}

/// The newest of the server's programs on this machine.
pub fn programs() -> Option<PathBuf> {
    let mut found: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .filter_map(|entry| Some((entry.as_ref().ok()?.file_name().to_str()?.parse().ok()?, entry.ok()?.path())))
        .collect();
    found.sort();
    let newest = found.pop().map(|(_, folder)| folder.join("bin"));
    let asked = || Command::new("pg_config").arg("--bindir").output().ok();
    let own = || asked().map(|output| PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()));
    newest.or_else(own).filter(|folder| folder.join("initdb").exists())
}

fn succeed(output: &Output) {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

impl Postgres {
    /// A fresh server with further settings.
    pub fn start(settings: &[&str]) -> Self {
        let programs = programs().expect("no PostgreSQL server programs: tests/run installs them");
        let place = tempfile::tempdir().unwrap();
        std::fs::set_permissions(place.path(), PermissionsExt::from_mode(0o755)).unwrap();
        if is_root() {
            succeed(&Command::new("chown").arg("postgres").arg(place.path()).output().unwrap());
        }
        let server = Self { place, programs };
        server.run("initdb -N -D data -A trust -U postgres -E UTF8 --locale=C.UTF-8");
        let usual = ["fsync=on", "synchronous_commit=on", "listen_addresses=''", "max_connections=100"];
        let socket = format!("unix_socket_directories='{}'", server.folder());
        let lines: Vec<&str> = usual.into_iter().chain([socket.as_str()]).chain(settings.iter().copied()).collect();
        std::fs::write(server.place.path().join("more.conf"), lines.join("\n")).unwrap();
        server.run("(echo \"include '../more.conf'\" >> data/postgresql.conf)");
        server.go_on();
        server
    }

    fn folder(&self) -> &str {
        self.place.path().to_str().unwrap()
    }

    /// Runs a line of the shell in the server's folder, on the server's account.
    fn run(&self, line: &str) {
        let line = format!("cd {} && PATH={}:$PATH && {line} >>log 2>&1", self.folder(), self.programs.display());
        let mut command = Command::new(if is_root() { "su" } else { "sh" });
        if is_root() {
            command.args(["postgres", "-s", "/bin/sh"]);
        }
        let done = command.arg("-c").arg(&line).status().unwrap();
        let log = || std::fs::read_to_string(self.place.path().join("log")).unwrap_or_default();
        assert!(done.success(), "{line}: {}", log());
    }

    /// Stops as a crash would: nothing is written that was not.
    pub fn crash(&self) {
        self.run("pg_ctl -D data -m immediate -w stop");
    }

    /// Starts again; recovers what was committed.
    pub fn go_on(&self) {
        self.run("pg_ctl -D data -l server.log -w -t 60 start");
    }

    /// The socket that it listens on.
    pub fn socket(&self) -> PathBuf {
        Path::new(self.folder()).join(".s.PGSQL.5432")
    }

    /// The address of a database.
    pub fn url(&self, database: &str) -> String {
        format!("postgres:///{database}?host={}&user=postgres", self.folder())
    }

    /// Makes an empty database, and gives its name.
    pub fn new_database(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("d{}", NEXT.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"));
        name
    }

    /// Runs a statement in a database; gives the rows that it touched.
    pub fn sql(&self, database: &str, statement: &str) -> usize {
        let mut connection = PgConnection::establish(&self.url(database)).unwrap();
        diesel::sql_query(statement).execute(&mut connection).unwrap()
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = format!("cd {} && {}/pg_ctl -D data -m immediate stop", self.folder(), self.programs.display());
        let mut command = Command::new(if is_root() { "su" } else { "sh" });
        if is_root() {
            command.args(["postgres", "-s", "/bin/sh"]);
        }
        let _ = command.arg("-c").arg(stop).output();
    }
}
