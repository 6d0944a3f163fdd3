//! Servers as processes of their own, with what they use of the machine.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant as Stopwatch};

use crate::Options;

/// A server under load; stopped when it is dropped.
pub struct Server {
    child: Child,
    /// Where it listens.
    pub address: SocketAddr,
    /// From its start to the line that says where it listens.
    pub started_in: Duration,
}

impl Server {
    /// Ours, on a database.
    pub fn ours(options: &Options, data: &Path, database: &str) -> Self {
        let mut command = ours(options, data, database, &["serve"]);
        command.args(["--listen", "127.0.0.1:0"]);
        Self::start(command)
    }

    /// A floor: this program again, as another server.
    pub fn floor(arguments: &[&str]) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(arguments);
        Self::start(command)
    }

    fn start(mut command: Command) -> Self {
        let watch = Stopwatch::now();
        // The log is written, as it is unless somebody asks for less, but nobody keeps it.
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let started_in = watch.elapsed();
        let address = line.trim().rsplit("http://").next().unwrap_or_default().parse();
        let address = address.unwrap_or_else(|_| panic!("{command:?} did not start: {line}"));
        Self { child, address, started_in }
    }

    /// Memory it holds now, in MiB.
    pub fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().map_or(f64::NAN, |kib| kib / 1_024.0)
    }

    /// Time on a core that it has used so far.
    pub fn cpu(&self) -> Duration {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap_or_default();
        let after_name = stat.rsplit(") ").next().unwrap_or_default();
        let ticks =
            |place: usize| after_name.split(' ').nth(place).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        Duration::from_millis((ticks(11) + ticks(12)) * 10)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A run of our program on a database, up to its end: what it printed.
pub fn run_ours(options: &Options, data: &Path, database: &str, arguments: &[&str]) -> String {
    let output = ours(options, data, database, arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn ours(options: &Options, data: &Path, database: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(&options.server);
    command.args(arguments).arg("--data-dir").arg(data).args(["--database-url", database]);
    command
}
