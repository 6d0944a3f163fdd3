//! The one logical writer: commands from everywhere, run one after the other in shared transactions (DESIGN section 8).
//!
//! A request hands in a [`Command`] and waits. The writer's thread takes all that is waiting, runs it in one transaction
//! and answers after the commit, so that many requests share one fsync and no two commands ever race. If a command
//! fails, its group is rolled back and run again one by one (SEMANTICS S48). Knows domain, engine, store and clock; no HTTP.

pub mod absence;
pub mod apply;
pub mod budget;
pub mod certificate;
pub mod contest;
pub mod dry_run;
pub mod due;
pub mod ending;
pub mod erase;
pub mod failure;
pub mod grant;
pub mod idempotent;
pub mod ingest;
pub mod issuer_key;
pub mod kudos;
pub mod ledger;
pub mod measure;
pub mod membership;
pub mod organization;
pub mod payroll;
pub mod person;
pub mod programme;
pub mod proposal;
pub mod published;
pub mod rebuild;
pub mod redemption;
pub mod reward;
pub mod role;
pub mod season;
pub mod settle;
pub mod source;
pub mod statement;
pub mod stream_ticket;
pub mod team;
pub mod tx;
pub mod visibility;
pub mod void;

mod midnight;
mod queue;

use std::sync::Arc;
use std::time::Duration;

use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::domain::ids::PersonId;
use crate::store::db::{DatabaseUrl, OpenError};

pub use failure::Failure;
pub use published::{News, Published};
pub use tx::Tx;

/// Something to be written, whole or not at all.
pub trait Command: Sized + Send + 'static {
    /// What it answers with.
    type Output: Send + 'static;

    /// Does it. May be called again after its transaction was rolled back, and must then do the same.
    fn run(&self, tx: &mut Tx<'_>) -> Result<Self::Output, Failure>;

    /// Does several that came one after the other, in that order, each on behalf of its actor: the outcome is that of
    /// one by one. Who can save work by taking them together does so here. Gives one output for each, in order.
    fn run_together(commands: &[(Actor, &Self)], tx: &mut Tx<'_>) -> Result<Vec<Self::Output>, Failure> {
        let one = |(actor, command): &(Actor, &Self)| {
            tx.admit(*actor)?;
            command.run(tx)
        };
        commands.iter().map(one).collect()
    }

    /// How many things it does: large ones share a transaction with fewer others.
    fn weight(&self) -> usize {
        1
    }
}

/// On whose behalf a command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// A person, who must be active when the command runs.
    Person(PersonId),
    /// The server or its operator.
    Operator,
}

/// What a committed command answers.
#[derive(Debug, Clone)]
pub struct Committed<T> {
    /// The command's answer.
    pub output: T,
    /// The last number of the sequence before it: what it moved is in the transfers since.
    pub since: i64,
    /// The last number of the sequence that its transaction took: a read at this version sees it.
    pub sequence: i64,
}

/// How long a request waits for the writer.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long [`Writer::drain`] waits at most.
const DRAIN: Duration = Duration::from_secs(1);

/// Changes nothing; once it is done, so is all before it.
struct Nothing;

impl Command for Nothing {
    type Output = ();

    fn run(&self, _: &mut Tx<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

/// A handle to the writer; all handles lead to the same thread, which ends when the last is dropped.
#[derive(Clone)]
pub struct Writer {
    queue: queue::Sender,
    published: Arc<Published>,
}

impl Writer {
    /// Opens the writer's connection, sets an empty database up, and starts the thread.
    pub fn start(url: &DatabaseUrl, clock: Clock) -> Result<Self, OpenError> {
        let mut db = url.connect_writing()?;
        db.begin_write()?;
        let set_up = organization::set_up(&mut db);
        match set_up {
            Ok(()) => db.commit()?,
            Err(error) => {
                db.rollback()?;
                return Err(error.into());
            }
        }
        let sequence = crate::store::head::read(&mut db)?;
        let catalogue = Arc::new(Catalogue::load(&mut db)?);
        let published = Arc::new(Published::new(sequence, catalogue.clone()));
        let queue = queue::start(queue::Worker::new(url.clone(), db, clock, catalogue, sequence, published.clone()));
        Ok(Self { queue, published })
    }

    /// What has been committed, for readers.
    pub fn published(&self) -> &Arc<Published> {
        &self.published
    }

    /// Runs a command and waits until it is durable, as long as a client may be expected to wait.
    pub async fn run<C: Command>(&self, actor: Actor, command: C) -> Result<Committed<C::Output>, Failure> {
        let waiting = self.queue.hand_in(actor, command)?;
        // What is done later all the same is found by the key of whoever asks again.
        let answered = tokio::time::timeout(PATIENCE, waiting).await.map_err(|_| Failure::Unavailable)?;
        answered.map_err(|_| Failure::Unavailable)?
    }

    /// The same for callers outside an async context.
    pub fn run_blocking<C: Command>(&self, actor: Actor, command: C) -> Result<Committed<C::Output>, Failure> {
        let waiting = self.queue.hand_in(actor, command)?;
        waiting.blocking_recv().map_err(|_| Failure::Unavailable)?
    }

    /// Waits until what was handed in before is done; not for long, should the database hang.
    pub async fn drain(&self) {
        let _ = tokio::time::timeout(DRAIN, self.run(Actor::Operator, Nothing)).await;
    }
}
