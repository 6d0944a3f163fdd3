//! A PostgreSQL of the test's own, with a streaming replica: both on sockets in a temporary folder.

use std::path::{Path, PathBuf};
use std::process::Command;

use applaus::store::db::DatabaseUrl;
use diesel::prelude::*;

use super::database::{TestDatabase, postgres};

const PRIMARY: Node = Node { name: "primary", port: 5432 };
const REPLICA: Node = Node { name: "replica", port: 5433 };

/// The two servers; they go with the test.
pub struct Cluster {
    programs: PathBuf,
    place: tempfile::TempDir,
}

#[derive(Clone, Copy)]
struct Node {
    name: &'static str,
    port: u16,
}

/// The folder of PostgreSQL's server programs, found as `tests/run` does.
fn programs() -> Option<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let packaged = versions.map(|version| version.path().join("bin")).filter(|bin| bin.join("initdb").exists());
    packaged.max().or_else(|| {
        let found = Command::new("sh").args(["-c", "command -v initdb"]).output().ok()?;
        let path = PathBuf::from(String::from_utf8(found.stdout).ok()?.trim());
        path.parent().filter(|_| found.status.success()).map(Path::to_owned)
    })
}

/// PostgreSQL refuses to run as root; then its own account runs it.
fn as_postgres(command: &str) {
    let root = Command::new("id").arg("-u").output().unwrap().stdout == b"0\n";
    let mut shell = if root { Command::new("su") } else { Command::new("sh") };
    if root {
        shell.args(["postgres", "-s", "/bin/sh"]);
    }
    let done = shell.args(["-c", command]).output().unwrap();
    assert!(done.status.success(), "{command}: {}", String::from_utf8_lossy(&done.stderr));
}

impl Cluster {
    /// Starts both; none when the tests run on SQLite.
    pub fn start() -> Option<Self> {
        postgres()?;
        let programs = programs().unwrap_or_else(|| panic!("PostgreSQL's server programs are not on this machine"));
        let place = tempfile::tempdir().unwrap();
        let cluster = Self { programs, place };
        let place = cluster.place.path().display();
        // The account of PostgreSQL must get there, whoever made the folder.
        assert!(Command::new("chmod").args(["777", &place.to_string()]).status().unwrap().success());
        let programs = cluster.programs.display();
        as_postgres(&format!(
            "{programs}/initdb -D {place}/primary -A trust -U postgres -E UTF8 --locale=C.UTF-8 >/dev/null"
        ));
        cluster.start_node(PRIMARY);
        let from = format!("-h {place} -p {} -U postgres", PRIMARY.port);
        as_postgres(&format!("{programs}/pg_basebackup {from} -D {place}/replica -R -c fast"));
        cluster.start_node(REPLICA);
        Some(cluster)
    }

    fn start_node(&self, node: Node) {
        let (programs, place) = (self.programs.display(), self.place.path().display());
        let Node { name, port } = node;
        as_postgres(&format!(
            "{programs}/pg_ctl -D {place}/{name} -l {place}/{name}/log -w \
             -o \"-k {place} -p {port} -c listen_addresses='' -c fsync=off\" start >/dev/null"
        ));
    }

    fn stop_node(&self, node: Node) {
        let (programs, place) = (self.programs.display(), self.place.path().display());
        as_postgres(&format!("{programs}/pg_ctl -D {place}/{} -m immediate -w stop >/dev/null", node.name));
    }

    /// Stops the replica, in the middle of whatever it does.
    pub fn stop_replica(&self) {
        self.stop_node(REPLICA);
    }

    /// Starts the replica.
    pub fn start_replica(&self) {
        self.start_node(REPLICA);
    }

    /// Runs a statement on the replica.
    pub fn on_replica(&self, statement: &str) {
        let mut replica = PgConnection::establish(&self.url(REPLICA)).unwrap();
        diesel::sql_query(statement).execute(&mut replica).unwrap();
    }

    fn url(&self, node: Node) -> String {
        format!("postgres:///postgres?host={}&port={}&user=postgres", self.place.path().display(), node.port)
    }

    /// The database, to be read from the replica too.
    pub fn database(&self) -> TestDatabase {
        TestDatabase::at(DatabaseUrl::Postgres(self.url(PRIMARY)), Some(DatabaseUrl::Postgres(self.url(REPLICA))))
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        for node in [REPLICA, PRIMARY] {
            if self.place.path().join(node.name).join("postmaster.pid").exists() {
                self.stop_node(node);
            }
        }
        // What belongs to PostgreSQL's account, that account removes.
        as_postgres(&format!("rm -rf {0}/primary {0}/replica", self.place.path().display()));
    }
}
