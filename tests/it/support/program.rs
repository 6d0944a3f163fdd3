//! The program itself, as it is installed: started with arguments, told to stop, killed.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::time::{Duration, Instant};

use applaus::store::db::DatabaseUrl;

use super::database::TestDatabase;

/// The program with a test's database.
pub fn program(database: &TestDatabase, arguments: &[&str]) -> Command {
    program_on(&database.url, database.dir.path(), arguments)
}

/// The program with any database.
pub fn program_on(url: &DatabaseUrl, dir: &Path, arguments: &[&str]) -> Command {
    let url = match url {
        DatabaseUrl::Sqlite(path) => format!("sqlite:{path}"),
        DatabaseUrl::Postgres(url) => url.clone(),
    };
    let mut command = Command::new(env!("CARGO_BIN_EXE_applaus"));
    command.args(arguments).env("APPLAUS_DATABASE_URL", url).env("APPLAUS_DATA_DIR", dir);
    command
}

/// What it says, and how it ends.
pub fn run(mut command: Command) -> Output {
    command.output().unwrap()
}

/// What it prints, if it succeeds.
#[track_caller]
pub fn printed(command: Command) -> String {
    let output = run(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// The one line with which it fails.
#[track_caller]
pub fn refused(command: Command) -> String {
    let output = run(command);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    said
}

/// A server in a process of its own.
pub struct Serving {
    child: Child,
    /// Where it serves.
    pub address: SocketAddr,
}

impl Serving {
    /// Starts it, and waits until it serves.
    pub fn start(database: &TestDatabase) -> Self {
        let mut command = program(database, &["serve", "--listen", "127.0.0.1:0", "--log", "off"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit('/').next().unwrap().parse().unwrap();
        Self { child, address }
    }

    /// Sends it a signal, by name.
    pub fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits for its end, for so long.
    pub fn ends_within(&mut self, limit: Duration) -> ExitStatus {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(begun.elapsed() < limit, "it has not ended after {limit:?}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
