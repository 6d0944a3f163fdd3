//! The machine, the day, and how fast its disk keeps what it was given: what absolute times depend on.

use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::time::Instant as Stopwatch;

use applaus::clock::Clock;

use crate::report::median;

/// In one sentence.
pub fn described(dir: &Path) -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let day = Clock::System.now().format("%F");
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let processors = read("/proc/cpuinfo");
    let model = processors.lines().find_map(|line| line.strip_prefix("model name")).unwrap_or_default();
    let model = model.trim_start_matches(['\t', ' ', ':']);
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    format!(
        "## Measured\n\n{day}, {cores} cores ({model}); 4 KiB are on the disk after {:.2} ms; the machine's load before it began \
         was {load}.\n",
        median((0..100).map(|_| sync(dir))) * 1e3
    )
}

/// Seconds until 4 KiB are on the disk.
fn sync(dir: &Path) -> f64 {
    let mut file = File::options().create(true).append(true).open(dir.join("sync")).unwrap();
    file.write_all(&[0; 4_096]).unwrap();
    let watch = Stopwatch::now();
    file.sync_data().unwrap();
    watch.elapsed().as_secs_f64()
}
