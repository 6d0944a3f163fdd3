//! A read replica: a copy of the database that follows it, a little behind, and that may be away.
//!
//! Whoever reads says what they must see. If the replica has not come that far, is away, or gives up in the middle (what
//! it replays may remove rows that are being read), it declines and the primary is read instead: never an error.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Stopwatch};

use crate::domain::ids::PersonId;
use crate::http::problem::ApiError;
use crate::store::db::{self, DatabaseUrl, Db, Readers};
use crate::store::head;

/// How long a read waits for a connection.
const PATIENCE: Duration = Duration::from_millis(100);
/// How long a replica that is away is left alone.
const REST: Duration = Duration::from_secs(1);

/// The replica.
pub struct Replica {
    url: DatabaseUrl,
    readers: Readers,
    rests_until: Mutex<Option<Stopwatch>>,
    away: AtomicBool,
}

/// What became of a read: the label of the metric.
const SERVED: &str = "served";
const BEHIND: &str = "behind";
const AWAY: &str = "away";

impl Replica {
    /// The replica at `url`, with at most `size` connections. It need not be there yet.
    pub fn new(url: &DatabaseUrl, size: u32) -> Self {
        let (rests_until, away) = (Mutex::new(None), AtomicBool::new(false));
        Self { url: url.clone(), readers: db::lazy_readers(url, size), rests_until, away }
    }

    /// Reads one state of the data that is not older than `at_least`; none if the replica declines.
    pub fn read<T>(
        &self,
        at_least: i64,
        read: impl FnOnce(&mut Db) -> Result<T, ApiError>,
    ) -> Option<Result<T, ApiError>> {
        if self.rests() {
            return declined(AWAY);
        }
        let mut db = match self.readers.get_timeout(PATIENCE) {
            Ok(db) => db,
            // All of its connections are in use: it is there.
            Err(_) if self.readers.state().connections > 0 => return declined(AWAY),
            Err(error) => {
                self.rest();
                self.note_away(&error);
                return declined(AWAY);
            }
        };
        let found = db.snapshot(|db| if head::read(db)? < at_least { Ok(None) } else { read(db).map(Some) });
        match found {
            Err(error) if is_of_the_database(&error) => {
                self.note_away(&error.cause().unwrap_or_default());
                return declined(AWAY);
            }
            Ok(None) => declined(BEHIND),
            Ok(Some(found)) => Some(Ok(found)),
            Err(error) => Some(Err(error)),
        }
        .inspect(|_| self.note_back())
    }

    /// A connection of its own, if the replica is there and not older than `at_least`.
    fn connect(&self, at_least: i64) -> Option<Db> {
        let mut db = self.url.connect_reading().inspect_err(|error| self.note_away(error)).ok()?;
        (head::read(&mut db).ok()? >= at_least).then_some(db)
    }

    fn rests(&self) -> bool {
        let until = self.rests_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Stopwatch::now() < until)
    }

    fn rest(&self) {
        *self.rests_until.lock().unwrap_or_else(PoisonError::into_inner) = Stopwatch::now().checked_add(REST);
    }

    /// Said once, until it is back.
    fn note_away(&self, error: &dyn std::fmt::Display) {
        if !self.away.swap(true, Ordering::Relaxed) {
            tracing::warn!(error = %error, "the read replica does not answer; the primary is read instead");
        }
    }

    fn note_back(&self) {
        metrics::counter!(READS, "outcome" => SERVED).increment(1);
        if self.away.swap(false, Ordering::Relaxed) {
            tracing::info!("the read replica answers again");
        }
    }
}

/// Counts what became of the reads that might have gone to the replica.
pub const READS: &str = "applaus_replica_reads_total";

fn declined<T>(outcome: &'static str) -> Option<T> {
    metrics::counter!(READS, "outcome" => outcome).increment(1);
    None
}

/// Whether somebody else might have been able to answer.
fn is_of_the_database(error: &ApiError) -> bool {
    error.problem().code.status() >= 500
}

/// Where long work reads: on a connection of its own, from the replica if it has what must be seen.
pub struct LongReads {
    /// The primary.
    pub primary: DatabaseUrl,
    /// The replica, if there is one.
    pub replica: Option<Arc<Replica>>,
    /// What somebody must see: a number of the sequence.
    pub must_see: Box<dyn Fn(PersonId) -> i64 + Send + Sync>,
}

impl LongReads {
    /// Does work on behalf of `reader`; again on the primary, should the replica give up.
    pub fn read<T>(
        &self,
        reader: PersonId,
        mut work: impl FnMut(&mut Db) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let copy = self.replica.as_ref().and_then(|replica| replica.connect((self.must_see)(reader)));
        if let Some(mut db) = copy {
            match work(&mut db) {
                Err(error) if is_of_the_database(&error) => {}
                found => return found,
            }
        }
        work(&mut self.primary.connect_reading().map_err(ApiError::unavailable)?)
    }
}
