//! A drill: cycles of load and disturbance on one stage, and after each the check of everything acknowledged.

use std::sync::atomic::{AtomicBool, Ordering};

use super::check::check;
use super::journal::Journal;
use super::stage::Stage;
use super::worker::{Counts, Habit, Worker};

/// Clients at once.
const WORKERS: usize = 12;
/// After so many cycles a new stage is set, so that checks stay quick.
const FRESH: u32 = 25;

/// What came of a harness.
#[derive(Debug, Default)]
pub struct Found {
    /// Cycles, or runs, that went through.
    pub cycles: u32,
    /// What happened to requests.
    pub counts: Counts,
    /// What was not as it should be.
    pub violations: Vec<String>,
}

impl Found {
    /// Adds what happened to some requests.
    pub fn count(&mut self, counts: Counts) {
        let all = &mut self.counts;
        all.acknowledged += counts.acknowledged;
        all.done_before += counts.done_before;
        all.unanswered += counts.unanswered;
        all.put_off += counts.put_off;
        all.errors += counts.errors;
    }
}

/// Runs cycles until so many went through, or something is wrong. `disturb` runs beside the load, and leaves every
/// instance running or started.
pub fn drill(
    cycles: u32,
    habit: Habit,
    stage: impl Fn() -> Stage,
    mut disturb: impl FnMut(&Stage, &mut fastrand::Rng),
) -> Found {
    let seed = fastrand::u64(..);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut found = Found::default();
    while found.cycles < cycles && found.violations.is_empty() {
        let stage = stage();
        let mut workers: Vec<Worker> = (0..WORKERS).map(|number| Worker::new(number, rng.u64(..), habit)).collect();
        for _ in 0..FRESH.min(cycles - found.cycles) {
            under_load(&stage, &mut workers, || disturb(&stage, &mut rng));
            found.violations = judge(&stage, &mut workers);
            found.cycles += 1;
            if !found.violations.is_empty() {
                break;
            }
        }
        workers.iter().for_each(|worker| found.count(worker.counts));
    }
    found
}

/// Lets clients work while something happens; each ends with an answer to what it last asked.
pub fn under_load(stage: &Stage, workers: &mut [Worker], happens: impl FnOnce()) {
    let enough = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for worker in workers.iter_mut() {
            let enough = &enough;
            scope.spawn(move || {
                while !enough.load(Ordering::Relaxed) && worker.violations.is_empty() {
                    worker.step(stage);
                }
            });
        }
        let happened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(happens));
        enough.store(true, Ordering::Relaxed);
        happened.unwrap_or_else(|panic| std::panic::resume_unwind(panic));
    });
}

/// What is wrong after a cycle.
fn judge(stage: &Stage, workers: &mut [Worker]) -> Vec<String> {
    if let Some(front) = stage.front.get() {
        front.drain();
    }
    let journal = together(workers);
    let mut found = Vec::new();
    for worker in workers {
        found.append(&mut worker.violations);
        if let Some(id) = worker.error.take() {
            let logged = stage.instances.iter().find_map(|instance| instance.logged_under(&id));
            found.push(format!("a request was answered by neither success nor excuse: {logged:?}"));
        }
    }
    for instance in stage.instances.iter().filter(|instance| !instance.runs()) {
        found.push(format!("an instance has ended by itself: {}", instance.log()));
    }
    // What was not acknowledged is unknown, and the rest cannot be judged.
    if found.is_empty() { check(stage, &journal) } else { found }
}

/// What all clients know.
pub fn together(workers: &[Worker]) -> Journal {
    let mut journal = Journal::default();
    for worker in workers {
        journal.signals.extend(worker.journal.signals.clone());
        journal.thanks.extend(worker.journal.thanks.clone());
    }
    journal
}
