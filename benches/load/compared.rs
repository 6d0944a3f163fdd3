//! Runs of ours beside runs of the floor, and the row that they come to.

use crate::client::{self, Load, Loaded, Requests};
use crate::process::Server;
use crate::report::{Row, median, rate};

/// What a server did under load.
pub struct Run {
    /// As its clients saw it.
    loaded: Loaded,
    /// What was asked for a second: answers, or signals.
    pub per_second: f64,
    /// What each cost the server's process, in microseconds of a core.
    pub cpu: f64,
    /// Memory afterwards, in MiB.
    memory: f64,
}

impl Run {
    /// Loads a server; each request is worth so many of what is counted.
    pub fn of<R: Requests>(
        server: &Server,
        (load, expected, worth): (Load, u16, f64),
        requests: impl FnMut(usize) -> R,
    ) -> Self {
        let before = server.cpu();
        let loaded = client::run(server.address, load, expected, requests);
        let cpu = (server.cpu() - before).as_secs_f64() * 1e6 / (loaded.answers as f64 * worth);
        let run = Self { per_second: loaded.per_second * worth, cpu, memory: server.memory(), loaded };
        eprintln!(
            "    {:>9.0}/s, p50 {:.2} ms, p99 {:.2} ms, {:.0} µs of a core each",
            run.per_second,
            run.loaded.millis(0.5),
            run.loaded.millis(0.99),
            run.cpu
        );
        run
    }

    /// Answers of all time, also before it counted.
    pub fn answers(&self) -> i64 {
        i64::try_from(self.loaded.answers).unwrap()
    }
}

/// The middle of what runs did a second.
pub fn per_second(runs: &[Run]) -> f64 {
    median(runs.iter().map(|run| run.per_second))
}

/// Ours by the floor. Each run of ours stands beside one of the floor, so what else the machine did is in both.
pub fn ratio(ours: &[Run], floor: &[Run]) -> f64 {
    median(ours.iter().zip(floor).map(|(ours, floor)| ours.per_second / floor.per_second))
}

/// The row of a path.
pub fn row(path: &str, goal: &str, ours: &[Run], floor: &[Run]) -> Row {
    let millis = |share| median(ours.iter().map(|run| run.loaded.millis(share)));
    let refused: u64 = ours.iter().map(|run| run.loaded.refused).sum();
    let refused = if refused == 0 { String::new() } else { format!(", {refused} refused with 503") };
    Row {
        path: path.to_owned(),
        goal: goal.to_owned(),
        floor: rate(per_second(floor)),
        ours: format!("{}{refused}", rate(per_second(ours))),
        ratio: format!("{:.2}", ratio(ours, floor)),
        latency: format!("{:.1} / {:.1} ms", millis(0.5), millis(0.99)),
        memory: format!("{:.0} MiB", median(ours.iter().map(|run| run.memory))),
    }
}

/// What the servers' own work came to.
pub fn cost(ours: &[Run], floor: &[Run]) -> String {
    let cpu = |runs: &[Run]| median(runs.iter().map(|run| run.cpu));
    format!("{:.0} µs of a core each, the floor {:.0} µs", cpu(ours), cpu(floor))
}
