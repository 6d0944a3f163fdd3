//! The writer's queue and thread: groups of commands, each group one transaction.

use std::any::Any;
use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant as Stopwatch};

use tokio::sync::oneshot;

use super::due::Tick;
use super::{Actor, Command, Committed, Failure, News, Published, Tx};
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;
use crate::store::db::{DatabaseUrl, Db, OpenError};
use crate::store::fault::Fault;
use crate::store::head;

/// Commands that may wait; more are refused as overload.
const WAITING: usize = 4_096;
/// How often the clock is looked at while nothing is waiting.
const LOOK: Duration = Duration::from_millis(200);
/// How long a database that is not there is left alone.
const PAUSE: Duration = Duration::from_millis(500);
/// How often an idle writer takes in what others wrote.
const CATCH_UP: Duration = Duration::from_secs(1);
/// How long what failed to be settled by itself is left alone.
const RETRY: chrono::TimeDelta = chrono::TimeDelta::seconds(5);
/// Weight of the commands of one transaction: bounds how long the first of them waits for the last.
const GROUP: usize = 1_000;

/// What a request waits for.
type Answered<T> = Result<Committed<T>, Failure>;

/// The end that requests hold.
#[derive(Clone)]
pub(super) struct Sender {
    jobs: SyncSender<Box<dyn Job>>,
    gone: Arc<AtomicBool>,
}

impl Sender {
    /// Hands a command in.
    pub(super) fn hand_in<C: Command>(
        &self,
        actor: Actor,
        command: C,
    ) -> Result<oneshot::Receiver<Answered<C::Output>>, Failure> {
        if self.gone.load(Ordering::Relaxed) {
            return Err(Failure::Unavailable);
        }
        let (answer, waiting) = oneshot::channel();
        let job = Handed { actor, command, since: 0, result: None, answer: Some(answer) };
        match self.jobs.try_send(Box::new(job)) {
            Ok(()) => Ok(waiting),
            Err(TrySendError::Full(_)) => Err(Failure::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(Failure::Unavailable),
        }
    }
}

/// A command with its answer's way back, its type hidden.
trait Job: Send {
    /// Runs it together with those of `next` that follow it at once and are of its kind, and keeps the results. Says how
    /// many of `next` that were; none if they may not be committed.
    fn run(&mut self, next: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Option<usize>;
    /// How many things it does.
    fn weight(&self) -> usize;
    /// Itself, for whoever knows its kind.
    fn as_any(&mut self) -> &mut dyn Any;
    /// Answers with the kept result as committed.
    fn committed(&mut self, sequence: i64);
    /// Answers that it was not done: with the kept failure, else with `failure`.
    fn failed(&mut self, failure: Failure);
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;
    /// Whether the kept failure says that the connection is to be thrown away.
    fn spoils_connection(&self) -> bool;
}

struct Handed<C: Command> {
    actor: Actor,
    command: C,
    since: i64,
    result: Option<Result<C::Output, Failure>>,
    answer: Option<oneshot::Sender<Answered<C::Output>>>,
}

impl<C: Command> Handed<C> {
    fn answer(&mut self, answer: Answered<C::Output>) {
        if let Some(sender) = self.answer.take() {
            // Whoever asked may have gone away; what is committed stays committed.
            let _ = sender.send(answer);
        }
    }
}

impl<C: Command> Job for Handed<C> {
    fn run(&mut self, next: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Option<usize> {
        let since = tx.sequence;
        let alike = next.iter_mut().map_while(|job| job.as_any().downcast_mut::<Self>());
        let mut all: Vec<&mut Self> = std::iter::once(self).chain(alike).collect();
        let commands: Vec<(Actor, &C)> = all.iter().map(|job| (job.actor, &job.command)).collect();
        let outputs = catch_unwind(AssertUnwindSafe(|| C::run_together(&commands, tx)));
        match outputs.unwrap_or_else(|panic| Err(Failure::Defect(panic_text(panic.as_ref())))) {
            Ok(outputs) => {
                for (job, output) in all.iter_mut().zip(outputs) {
                    (job.since, job.result) = (since, Some(Ok(output)));
                }
                Some(all.len() - 1)
            }
            Err(failure) => {
                // Whose failure it is shows when they are run one by one.
                if let Some(first) = all.first_mut() {
                    first.result = Some(Err(failure));
                }
                None
            }
        }
    }

    fn weight(&self) -> usize {
        self.command.weight()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn committed(&mut self, sequence: i64) {
        if let Some(result) = self.result.take() {
            let since = self.since;
            self.answer(result.map(|output| Committed { output, since, sequence }));
        }
    }

    fn failed(&mut self, failure: Failure) {
        let kept = self.result.take().and_then(Result::err);
        self.answer(Err(kept.unwrap_or(failure)));
    }

    fn is_wanted(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| !answer.is_closed())
    }

    fn spoils_connection(&self) -> bool {
        let failure = self.result.as_ref().and_then(|result| result.as_ref().err());
        failure.and_then(Failure::fault).is_some_and(Fault::spoils_connection)
    }
}

/// Whether all may be committed.
fn run_all(mut jobs: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> bool {
    while let Some((first, next)) = jobs.split_first_mut() {
        let Some(together) = first.run(next, tx) else { return false };
        jobs = next.get_mut(together..).unwrap_or_default();
    }
    true
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
}

/// The thread's own state.
pub(super) struct Worker {
    url: DatabaseUrl,
    db: Option<Db>,
    clock: Clock,
    catalogue: Arc<Catalogue>,
    sequence: i64,
    active: HashMap<PersonId, bool>,
    published: Arc<Published>,
    /// When time next decides something; none if nobody knows.
    next_moment: Option<Instant>,
    /// Whether the due list may hold something.
    due: bool,
    /// Whether the database is known not to be there.
    gone: Arc<AtomicBool>,
    /// When an idle writer last took in what others wrote.
    caught_up: Stopwatch,
}

/// Starts the thread. It ends when every [`Sender`] is dropped.
pub(super) fn start(mut worker: Worker) -> Sender {
    let (jobs, receiver) = sync_channel(WAITING);
    let gone = worker.gone.clone();
    std::thread::Builder::new()
        .name("writer".to_owned())
        .spawn(move || worker.work(&receiver))
        .map_or_else(|error| tracing::error!(error = %error, "the writer's thread cannot start"), drop);
    Sender { jobs, gone }
}

impl Worker {
    pub(super) fn new(
        url: DatabaseUrl,
        db: Db,
        clock: Clock,
        catalogue: Arc<Catalogue>,
        sequence: i64,
        published: Arc<Published>,
    ) -> Self {
        Self {
            url,
            db: Some(db),
            clock,
            catalogue,
            sequence,
            active: HashMap::new(),
            published,
            next_moment: None,
            due: true,
            gone: Arc::default(),
            caught_up: Stopwatch::now(),
        }
    }

    fn work(&mut self, receiver: &Receiver<Box<dyn Job>>) {
        loop {
            let turn = catch_unwind(AssertUnwindSafe(|| self.turn(receiver)));
            match turn {
                Ok(true) => {}
                Ok(false) => return,
                Err(panic) => {
                    tracing::error!(error = panic_text(panic.as_ref()), "the writer's thread goes on after a panic");
                    self.db = None;
                }
            }
        }
    }

    /// Does what is next; false if there will be nothing any more.
    fn turn(&mut self, receiver: &Receiver<Box<dyn Job>>) -> bool {
        let wait = if self.due { Duration::ZERO } else { LOOK };
        match receiver.recv_timeout(wait) {
            Ok(first) => self.answer(first, receiver),
            Err(RecvTimeoutError::Timeout) => self.due |= self.has_fallen_behind(),
            Err(RecvTimeoutError::Disconnected) => return false,
        }
        if self.due || self.next_moment.is_some_and(|moment| moment <= self.clock.now()) {
            self.tick();
        }
        self.db.is_some() || self.reconnect(receiver)
    }

    /// Looks for the database until it is there again; meanwhile everybody is told at once. False if there will be nothing
    /// to do any more.
    fn reconnect(&mut self, receiver: &Receiver<Box<dyn Job>>) -> bool {
        loop {
            match self.connect() {
                Ok(db) => {
                    self.db = Some(db);
                    self.gone.store(false, Ordering::Relaxed);
                    return true;
                }
                Err(error) if !self.gone.swap(true, Ordering::Relaxed) => {
                    tracing::error!(error = %error, "the writer's database is not there");
                }
                Err(_) => {}
            }
            match receiver.recv_timeout(PAUSE) {
                Ok(mut job) => {
                    job.failed(Failure::Unavailable);
                    receiver.try_iter().for_each(|mut job| job.failed(Failure::Unavailable));
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
    }

    /// Whether others wrote a while ago: what they made due is done here too, should they be gone.
    fn has_fallen_behind(&mut self) -> bool {
        let behind = self.published.newest() > self.sequence && self.caught_up.elapsed() >= CATCH_UP;
        if behind {
            self.caught_up = Stopwatch::now();
        }
        behind
    }

    /// Runs a command, and with it what else is waiting.
    fn answer(&mut self, first: Box<dyn Job>, receiver: &Receiver<Box<dyn Job>>) {
        if !first.is_wanted() {
            return;
        }
        let mut weight = first.weight();
        let mut group = vec![first];
        while weight < GROUP
            && let Ok(job) = receiver.try_recv()
        {
            if !job.is_wanted() {
                continue;
            }
            weight += job.weight();
            group.push(job);
        }
        metrics::histogram!("applaus_writer_group_size").record(group.len() as f64);
        let watch = Stopwatch::now();
        if !self.run_group(&mut group) && group.len() > 1 {
            for mut job in group {
                self.run_group(std::slice::from_mut(&mut job));
            }
        }
        metrics::histogram!("applaus_writer_group_seconds").record(watch.elapsed().as_secs_f64());
    }

    /// Lets time pass, between commands.
    fn tick(&mut self) {
        let (answer, mut waiting) = oneshot::channel();
        let job = Handed { actor: Actor::Operator, command: Tick, since: 0, result: None, answer: Some(answer) };
        let mut job: Box<dyn Job> = Box::new(job);
        self.run_group(std::slice::from_mut(&mut job));
        match waiting.try_recv() {
            Ok(Ok(Committed { output, .. })) => (self.due, self.next_moment) = (output.more, output.next),
            Ok(Err(failure)) => {
                tracing::error!(error = ?failure, "what has come due could not be settled");
                // Not again at once: whatever is wrong is given time.
                (self.due, self.next_moment) = (false, Some(self.clock.now() + RETRY));
            }
            Err(_) => self.due = false,
        }
    }

    /// Runs a group in one transaction and answers. Leaves a group of several unanswered if one of them failed.
    fn run_group(&mut self, group: &mut [Box<dyn Job>]) -> bool {
        match self.transact(group) {
            Ok(true) => {
                let sequence = self.sequence;
                group.iter_mut().for_each(|job| job.committed(sequence));
                true
            }
            Ok(false) if group.iter().any(|job| job.spoils_connection()) => {
                // It would spoil them one by one as well.
                self.db = None;
                group.iter_mut().for_each(|job| job.failed(Failure::Unavailable));
                true
            }
            Ok(false) => {
                if let [job] = group {
                    job.failed(Failure::Unavailable);
                }
                false
            }
            Err(error) => {
                tracing::error!(error = %error, "the writer's transaction failed");
                self.db = None;
                for job in group.iter_mut() {
                    job.failed(Failure::Unavailable);
                }
                // Answered, so there is nothing to run again.
                true
            }
        }
    }

    /// Whether the group was committed; an error is of the transaction itself.
    fn transact(&mut self, group: &mut [Box<dyn Job>]) -> Result<bool, Failure> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.connect().map_err(|error| Failure::Defect(error.to_string()))?,
        };
        db.begin_write()?;
        self.catch_up(&mut db)?;
        let mut tx = Tx::new(&mut db, self.clock.now(), self.sequence, self.catalogue.clone(), &mut self.active);
        if !run_all(group, &mut tx) {
            self.active.clear();
            db.rollback()?;
            self.db = Some(db);
            return Ok(false);
        }
        let changed = tx.catalogue_changed;
        let catalogue = if changed { tx.catalogue()? } else { self.catalogue.clone() };
        let (sequence, people_changed) = (tx.sequence, tx.people_changed);
        // A changed catalogue may bring the next moment nearer.
        self.due |= tx.due_added || changed;
        if sequence != self.sequence {
            head::write(&mut db, sequence)?;
        }
        db.commit()?;
        self.db = Some(db);
        self.catalogue = catalogue.clone();
        self.publish(News { sequence, catalogue: changed.then_some(catalogue), people: people_changed });
        Ok(true)
    }

    fn connect(&self) -> Result<Db, OpenError> {
        self.url.connect_writing()
    }

    /// Reloads what is held from before if somebody else wrote since (SEMANTICS S48).
    fn catch_up(&mut self, db: &mut Db) -> Result<(), Failure> {
        let head = head::read(db)?;
        if head == self.sequence {
            return Ok(());
        }
        if head < self.sequence {
            let what = format!("the database has gone back from {} to {head}: restart this instance", self.sequence);
            return Err(Failure::Defect(what));
        }
        let news = News::since(db, self.sequence)?;
        self.catalogue = news.catalogue.clone().unwrap_or_else(|| self.catalogue.clone());
        self.due = true;
        self.active.clear();
        self.publish(news);
        Ok(())
    }

    fn publish(&mut self, news: News) {
        self.sequence = news.sequence;
        self.published.publish(news);
    }
}
