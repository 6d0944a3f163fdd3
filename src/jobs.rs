//! Long work: done on threads of its own beside the requests, looked at and cancelled by who started it.
//!
//! Jobs live in this process and go with it; so many are kept that a client finds its result, and no more. Knows nothing
//! of what the work is, but that it reads the data and may tell how far it is.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::domain::ids::{JobId, PersonId};
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::time::Instant;
use crate::http::problem::ApiError;
use crate::replica::LongReads;
use crate::store::db::Db;

/// Jobs that are kept; beyond that the oldest that ended is forgotten.
pub const MOST_KEPT: usize = 100;
/// Jobs that run at once.
pub const MOST_RUNNING: usize = 2;
/// Jobs that wait for their turn.
pub const MOST_WAITING: usize = 20;

/// What work found out.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The result.
    pub json: Value,
    /// The same as comma-separated values, if it can be told so.
    pub csv: Option<String>,
}

impl From<Value> for Outcome {
    fn from(json: Value) -> Self {
        Self { json, csv: None }
    }
}

/// How far work is, and whether it is still wanted.
#[derive(Debug, Default)]
pub struct Progress {
    done: AtomicU64,
    total: AtomicU64,
    cancelled: AtomicBool,
}

impl Progress {
    /// Tells that `done` of `total` steps are made; an error if nobody wants the rest. Work calls it every few
    /// milliseconds and passes the error on.
    pub fn reached(&self, done: u64, total: u64) -> Result<(), ApiError> {
        self.done.store(done, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        if self.is_cancelled() { Err(ProblemCode::Cancelled.into()) } else { Ok(()) }
    }

    /// Steps made and steps in all, once the work has told.
    pub fn steps(&self) -> Option<(u64, u64)> {
        let total = self.total.load(Ordering::Relaxed);
        (total > 0).then(|| (self.done.load(Ordering::Relaxed).min(total), total))
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::Relaxed)
    }
}

/// How a job ended.
#[derive(Debug, Clone)]
pub enum Ending {
    /// With a result.
    Done(Outcome),
    /// With a problem.
    Failed(Problem),
    /// Before it was done, because somebody wanted so.
    Cancelled,
}

/// A job.
#[derive(Debug)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Who started it, and alone sees it.
    pub owner: PersonId,
    /// What kind of work it is.
    pub kind: &'static str,
    /// When it was started.
    pub created_at: Instant,
    /// How far it is.
    pub progress: Progress,
    ended: watch::Sender<Option<(Instant, Arc<Ending>)>>,
}

impl Job {
    /// When it ended, and how; none while it waits or runs.
    pub fn ending(&self) -> Option<(Instant, Arc<Ending>)> {
        self.ended.borrow().clone()
    }

    /// How it ended, if it does so within `limit`.
    pub async fn ending_within(&self, limit: Duration) -> Option<Arc<Ending>> {
        let mut ended = self.ended.subscribe();
        let ending = tokio::time::timeout(limit, ended.wait_for(Option::is_some)).await.ok()?.ok()?;
        ending.as_ref().map(|(_, ending)| ending.clone())
    }

    fn end(&self, at: Instant, ending: Ending) {
        self.ended.send_replace(Some((at, Arc::new(ending))));
    }
}

type Work = Box<dyn FnMut(&Progress, &mut Db) -> Result<Outcome, ApiError> + Send>;

/// The jobs of this process.
#[derive(Clone)]
pub struct Jobs(Arc<Inner>);

struct Inner {
    reads: LongReads,
    clock: Clock,
    shelf: Mutex<Shelf>,
}

#[derive(Default)]
struct Shelf {
    /// In the order in which they were started.
    kept: VecDeque<Arc<Job>>,
    waiting: VecDeque<(Arc<Job>, Work)>,
    running: usize,
}

impl Jobs {
    /// No jobs yet.
    pub fn new(reads: LongReads, clock: Clock) -> Self {
        Self(Arc::new(Inner { reads, clock, shelf: Mutex::default() }))
    }

    /// Starts work, at once or when its turn comes. It gets a connection that only reads, and should tell its progress;
    /// it begins again on another connection if a replica gives up.
    ///
    /// Refused with [`ProblemCode::Overloaded`] if too many wait.
    pub fn start<O: Into<Outcome>>(
        &self,
        owner: PersonId,
        kind: &'static str,
        mut work: impl FnMut(&Progress, &mut Db) -> Result<O, ApiError> + Send + 'static,
    ) -> Result<Arc<Job>, ApiError> {
        let created_at = self.0.clock.now();
        let (id, progress, ended) = (JobId::new(created_at), Progress::default(), watch::Sender::new(None));
        let job = Arc::new(Job { id, owner, kind, created_at, progress, ended });
        let work: Work = Box::new(move |progress, db| work(progress, db).map(Into::into));
        let mut shelf = self.0.shelf();
        if shelf.running < MOST_RUNNING {
            let (inner, first) = (self.0.clone(), (job.clone(), work));
            let thread = std::thread::Builder::new().name("job".to_owned());
            thread.spawn(move || inner.work_off(first)).map_err(ApiError::unavailable)?;
            shelf.running += 1;
        } else if shelf.waiting.len() < MOST_WAITING {
            shelf.waiting.push_back((job.clone(), work));
        } else {
            return Err(ProblemCode::Overloaded.into());
        }
        shelf.keep(job.clone());
        Ok(job)
    }

    /// The job of that id, if `owner` started it and it is kept.
    pub fn find(&self, owner: PersonId, id: JobId) -> Option<Arc<Job>> {
        self.0.shelf().kept.iter().find(|job| job.id == id && job.owner == owner).cloned()
    }

    /// Cancels a job: one that waits at once, one that runs when it next tells its progress. One that ended stays so.
    pub fn cancel(&self, job: &Job) {
        job.progress.cancelled.store(true, Ordering::Relaxed);
        let mut shelf = self.0.shelf();
        let waited = shelf.waiting.len();
        shelf.waiting.retain(|(waiting, _)| waiting.id != job.id);
        if shelf.waiting.len() < waited {
            job.end(self.0.clock.now(), Ending::Cancelled);
        }
    }
}

impl Jobs {
    /// Forgets every job that was started up to an instant, and cancels those of them that have not ended.
    pub fn forget_until(&self, at: Instant) {
        let old: Vec<Arc<Job>> = self.0.shelf().kept.iter().filter(|job| job.created_at <= at).cloned().collect();
        old.iter().filter(|job| job.ending().is_none()).for_each(|job| self.cancel(job));
        self.0.shelf().kept.retain(|job| job.created_at > at);
    }

    /// Cancels every job that has not ended.
    pub fn cancel_all(&self) {
        let kept: Vec<Arc<Job>> = self.0.shelf().kept.iter().cloned().collect();
        kept.iter().filter(|job| job.ending().is_none()).for_each(|job| self.cancel(job));
    }
}

impl Shelf {
    fn keep(&mut self, job: Arc<Job>) {
        self.kept.push_back(job);
        if self.kept.len() > MOST_KEPT
            && let Some(oldest) = self.kept.iter().position(|job| job.ending().is_some())
        {
            self.kept.remove(oldest);
        }
    }
}

impl Inner {
    fn shelf(&self) -> MutexGuard<'_, Shelf> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does one work after the other until none waits.
    fn work_off(&self, first: (Arc<Job>, Work)) {
        let mut next = Some(first);
        while let Some((job, work)) = next {
            let ending = catch_unwind(AssertUnwindSafe(|| self.run(&job, work)));
            let ending = ending.unwrap_or_else(|_| Ending::Failed(failed(&job, &ApiError::internal("panic"))));
            let mut shelf = self.shelf();
            // Whoever learns the end may start the next.
            next = shelf.waiting.pop_front();
            if next.is_none() {
                shelf.running -= 1;
            }
            job.end(self.clock.now(), ending);
        }
    }

    fn run(&self, job: &Job, mut work: Work) -> Ending {
        match self.reads.read(job.owner, |db| work(&job.progress, db)) {
            _ if job.progress.is_cancelled() => Ending::Cancelled,
            Ok(outcome) => Ending::Done(outcome),
            Err(error) => Ending::Failed(failed(job, &error)),
        }
    }
}

/// What the owner is told of a failure. What only the log may know goes there, under the job's id.
fn failed(job: &Job, error: &ApiError) -> Problem {
    if let Some(cause) = error.cause() {
        let code = error.problem().code.name();
        tracing::error!(job.id = %job.id, job.kind = job.kind, problem.code = code, problem.cause = cause, "job failed");
    }
    let problem = error.problem().clone();
    if problem.code == ProblemCode::Internal { problem.with("reference", job.id) } else { problem }
}
