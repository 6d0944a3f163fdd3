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
use super::midnight;
use super::{Actor, Command, Committed, Failure, News, Published, Tx};
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;
use crate::store::db::{DatabaseUrl, Db};
use crate::store::fault::Fault;
use crate::store::{head, sweeping};

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
        let job = Handed { actor, command, since: 0, output: None, answer: Some(answer) };
        match self.jobs.try_send(Box::new(job)) {
            Ok(()) => Ok(waiting),
            Err(TrySendError::Full(_)) => Err(Failure::Overloaded),
            Err(TrySendError::Disconnected(_)) => Err(Failure::Unavailable),
        }
    }
}

/// A command with its answer's way back, its type hidden.
trait Job: Send {
    /// Runs it together with those of `next` that follow it at once and are of its kind, and keeps the outputs. Says how
    /// many of `next` that were. A failure is of any one of them, and they may not be committed.
    fn run(&mut self, next: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Result<usize, Failure>;
    /// How many things it does.
    fn weight(&self) -> usize;
    /// Itself, for whoever knows its kind.
    fn as_any(&mut self) -> &mut dyn Any;
    /// Answers with the kept output as committed.
    fn committed(&mut self, sequence: i64);
    /// Answers that it was not done.
    fn failed(&mut self, failure: Failure);
    /// Whether somebody still waits for it.
    fn is_wanted(&self) -> bool;
}

/// Why a group was not committed.
enum Undone {
    /// One of its commands failed, and the transaction was rolled back.
    ByCommand(Failure),
    /// The transaction itself failed: no command is to blame.
    ByTransaction(Failure),
}

impl<E: Into<Failure>> From<E> for Undone {
    fn from(error: E) -> Self {
        Self::ByTransaction(error.into())
    }
}

struct Handed<C: Command> {
    actor: Actor,
    command: C,
    since: i64,
    output: Option<C::Output>,
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
    fn run(&mut self, next: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Result<usize, Failure> {
        let since = tx.sequence;
        let alike = next.iter_mut().map_while(|job| job.as_any().downcast_mut::<Self>());
        let mut all: Vec<&mut Self> = std::iter::once(self).chain(alike).collect();
        let commands: Vec<(Actor, &C)> = all.iter().map(|job| (job.actor, &job.command)).collect();
        let outputs = catch_unwind(AssertUnwindSafe(|| C::run_together(&commands, tx)));
        let outputs = outputs.unwrap_or_else(|panic| Err(Failure::Defect(panic_text(panic.as_ref()))))?;
        for (job, output) in all.iter_mut().zip(outputs) {
            (job.since, job.output) = (since, Some(output));
        }
        Ok(all.len() - 1)
    }

    fn weight(&self) -> usize {
        self.command.weight()
    }

    fn as_any(&mut self) -> &mut dyn Any {
        self
    }

    fn committed(&mut self, sequence: i64) {
        if let Some(output) = self.output.take() {
            let since = self.since;
            self.answer(Ok(Committed { output, since, sequence }));
        }
    }

    fn failed(&mut self, failure: Failure) {
        self.answer(Err(failure));
    }

    fn is_wanted(&self) -> bool {
        self.answer.as_ref().is_some_and(|answer| !answer.is_closed())
    }
}

fn run_all(mut jobs: &mut [Box<dyn Job>], tx: &mut Tx<'_>) -> Result<(), Failure> {
    while let Some((first, next)) = jobs.split_first_mut() {
        let together = first.run(next, tx)?;
        jobs = next.get_mut(together..).unwrap_or_default();
    }
    Ok(())
}

fn spoils_connection(failure: &Failure) -> bool {
    failure.fault().is_some_and(Fault::spoils_connection)
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
    /// When the next local day of a programme begins; none if nobody knows.
    next_midnight: Option<Instant>,
    /// Whether the due list may hold something.
    due: bool,
    /// Whether the database is known not to be there.
    gone: Arc<AtomicBool>,
    /// Since when files may hold what was erased, or since it was last tried to sweep it out.
    unswept: Option<Stopwatch>,
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
            next_midnight: None,
            due: true,
            gone: Arc::default(),
            // Whoever was here before may not have come to it.
            unswept: Some(Stopwatch::now()),
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
        self.sweep();
        self.db.is_some() || self.reconnect(receiver)
    }

    /// Looks for the database until it is there again; meanwhile everybody is told at once. False if there will be nothing
    /// to do any more.
    fn reconnect(&mut self, receiver: &Receiver<Box<dyn Job>>) -> bool {
        loop {
            match self.url.connect_writing() {
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

    /// Leaves nothing behind of whom was erased.
    fn sweep(&mut self) {
        if self.unswept.as_ref().is_none_or(|since| since.elapsed() < LOOK) {
            return;
        }
        let Some(db) = &mut self.db else { return };
        match sweeping::sweep(db, self.catalogue.erased.len()) {
            Ok(true) => self.unswept = None,
            Ok(false) => self.unswept = Some(Stopwatch::now()),
            Err(error) => {
                self.unswept = Some(Stopwatch::now());
                tracing::warn!(error = %error, "what was erased is in the files of the database for now");
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
        if !self.run_group(&mut group) {
            for mut job in group {
                self.run_group(std::slice::from_mut(&mut job));
            }
        }
        metrics::histogram!("applaus_writer_group_seconds").record(watch.elapsed().as_secs_f64());
    }

    /// Lets time pass, between commands.
    fn tick(&mut self) {
        let (answer, mut waiting) = oneshot::channel();
        let job = Handed { actor: Actor::Operator, command: Tick, since: 0, output: None, answer: Some(answer) };
        let mut job: Box<dyn Job> = Box::new(job);
        self.run_group(std::slice::from_mut(&mut job));
        match waiting.try_recv() {
            Ok(Ok(Committed { output, .. })) => {
                self.due = output.more;
                self.next_moment = [output.next, self.next_midnight].into_iter().flatten().min();
            }
            Ok(Err(failure)) => {
                tracing::error!(error = ?failure, "what has come due could not be settled");
                // Not again at once: whatever is wrong is given time.
                (self.due, self.next_moment) = (false, Some(self.clock.now() + RETRY));
            }
            Err(_) => self.due = false,
        }
    }

    /// Runs a group in one transaction, and says whether it was answered: not where one of several commands failed, whose
    /// failure is nobody else's answer.
    fn run_group(&mut self, group: &mut [Box<dyn Job>]) -> bool {
        match (self.transact(group), group) {
            (Ok(()), group) => {
                let sequence = self.sequence;
                group.iter_mut().for_each(|job| job.committed(sequence));
            }
            (Err(Undone::ByCommand(failure)), [job]) => {
                if spoils_connection(&failure) {
                    self.db = None;
                }
                job.failed(failure);
            }
            (Err(Undone::ByCommand(failure)), _) if !spoils_connection(&failure) => return false,
            // It would spoil one connection after the other if they were run one by one.
            (Err(Undone::ByCommand(error) | Undone::ByTransaction(error)), group) => {
                tracing::error!(error = %error, "the writer's transaction failed");
                self.db = None;
                group.iter_mut().for_each(|job| job.failed(Failure::Unavailable));
            }
        }
        true
    }

    /// Runs a group and commits it, or neither.
    fn transact(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), Undone> {
        let mut db = match self.db.take() {
            Some(db) => db,
            None => self.url.connect_writing().map_err(|error| Failure::Defect(error.to_string()))?,
        };
        db.begin_write()?;
        self.catch_up(&mut db)?;
        let now = self.clock.now();
        if self.next_midnight.is_none_or(|midnight| midnight <= now) {
            midnight::mark(&mut db, &self.catalogue, self.sequence, now)?;
        }
        let mut tx = Tx::new(&mut db, now, self.sequence, self.catalogue.clone(), &mut self.active);
        if let Err(failure) = run_all(group, &mut tx) {
            self.active.clear();
            db.rollback()?;
            self.db = Some(db);
            return Err(Undone::ByCommand(failure));
        }
        let changed = tx.catalogue_changed;
        let erased = tx.erased;
        let catalogue = if changed { tx.catalogue()? } else { self.catalogue.clone() };
        let (sequence, people_changed) = (tx.sequence, tx.people_changed);
        // A changed catalogue may bring the next moment nearer.
        self.due |= tx.due_added || changed;
        if sequence != self.sequence {
            head::write(&mut db, sequence)?;
        }
        db.commit()?;
        self.db = Some(db);
        if erased {
            self.unswept = Some(Stopwatch::now());
        }
        self.next_midnight = midnight::next(&catalogue, now);
        self.catalogue = catalogue.clone();
        self.publish(News { sequence, catalogue: changed.then_some(catalogue), people: people_changed });
        Ok(())
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
        if let Some(catalogue) = &news.catalogue {
            self.catalogue = catalogue.clone();
            self.next_midnight = None;
        }
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
