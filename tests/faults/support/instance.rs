//! The program as a process: started, killed without a warning, started again; and its tools.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, OnceLock};
use std::time::{Duration, Instant};

/// How and where a server of the program runs.
pub struct Instance {
    url: String,
    data_dir: PathBuf,
    log: PathBuf,
    process: Mutex<Option<Child>>,
    /// Where it listens; where it listened, while it does not run.
    address: Mutex<Option<SocketAddr>>,
    /// Where clients ask, if not there.
    front: OnceLock<SocketAddr>,
}

/// The program with some arguments, on a database.
fn program(command: &str, url: &str, data_dir: &Path) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_applaus"));
    program.arg(command).args(["--database-url", url, "--log", "warn", "--data-dir"]).arg(data_dir);
    program.env_remove("APPLAUS_TEST_DATABASE_URL").stdin(Stdio::null());
    program
}

/// Runs a tool of the program to its end.
pub fn tool(command: &str, arguments: &[&str], url: &str, data_dir: &Path) -> Output {
    program(command, url, data_dir).args(arguments).output().unwrap()
}

/// The line that a tool prints.
pub fn line_of(command: &str, arguments: &[&str], url: &str, data_dir: &Path) -> String {
    let output = tool(command, arguments, url, data_dir);
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

impl Instance {
    /// A server on a database, started and ready.
    pub fn start(url: &str, data_dir: &Path, name: &str) -> Self {
        let log = data_dir.join(format!("{name}.log"));
        let instance = Self {
            url: url.to_owned(),
            data_dir: data_dir.to_owned(),
            log,
            process: Mutex::new(None),
            address: Mutex::new(None),
            front: OnceLock::new(),
        };
        instance.go_on();
        instance
    }

    /// Starts it and returns at once, before it is ready. What it prints goes to its log.
    pub fn begin(&self) {
        let log = || File::options().create(true).append(true).open(&self.log).unwrap();
        let mut serve = program("serve", &self.url, &self.data_dir);
        let child = serve.args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).stderr(log()).spawn().unwrap();
        *self.process.lock().unwrap() = Some(child);
    }

    /// Starts it until it is ready. Before its database is, it may refuse; then it is started again.
    pub fn go_on(&self) {
        let until = Instant::now() + Duration::from_secs(60);
        loop {
            self.begin();
            let out = self.process.lock().unwrap().as_mut().unwrap().stdout.take().unwrap();
            let mut line = String::new();
            BufReader::new(out).read_line(&mut line).unwrap();
            if let Some((_, address)) = line.trim().split_once("http://") {
                *self.address.lock().unwrap() = Some(address.parse().unwrap());
                return;
            }
            self.kill();
            assert!(Instant::now() < until, "it does not start: {}", self.log());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// Kills it, as `kill -9` does.
    pub fn kill(&self) {
        if let Some(mut child) = self.process.lock().unwrap().take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    /// Whether its process still runs.
    pub fn runs(&self) -> bool {
        self.process.lock().unwrap().as_mut().is_some_and(|child| matches!(child.try_wait(), Ok(None)))
    }

    /// Where clients ask it.
    pub fn address(&self) -> SocketAddr {
        self.front.get().copied().unwrap_or_else(|| self.own_address())
    }

    /// Where it listens, or listened.
    pub fn own_address(&self) -> SocketAddr {
        self.address.lock().unwrap().unwrap()
    }

    /// From now on clients ask a front.
    pub fn stand_behind(&self, front: SocketAddr) {
        self.front.set(front).unwrap();
    }

    /// The line that it logged under an id.
    pub fn logged_under(&self, id: &str) -> Option<String> {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        log.lines().find(|line| line.contains(id)).map(str::to_owned)
    }

    /// The end of what it logged.
    pub fn log(&self) -> String {
        let log = std::fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(8)..].join("\n")
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        self.kill();
    }
}
