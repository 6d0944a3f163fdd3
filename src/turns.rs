//! Turns at the database: so many requests read at once, so many wait for their turn, and nobody waits for long.
//!
//! Knows nothing of what is read. While the database is known to be gone, one request at a time looks for it and all
//! others are told at once.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant as Stopwatch};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Requests that wait for their turn; more are refused as overload.
const WAITING: usize = 1_000;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a database that is gone is left alone.
const PAUSE: Duration = Duration::from_millis(500);

/// The turns.
pub struct Turns {
    free: Arc<Semaphore>,
    waiting: AtomicUsize,
    /// When a database that is gone may next be looked for.
    gone_until: Mutex<Option<Stopwatch>>,
}

/// Why a request gets no turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoTurn {
    /// Too many wait already, or it has waited for too long.
    Overloaded,
    /// The database is gone.
    Gone,
}

/// One fewer waits when it is dropped, however the waiting ends.
struct Waits<'a>(&'a AtomicUsize);

impl Drop for Waits<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Turns {
    /// As many turns at once as there are connections.
    pub fn new(connections: u32) -> Self {
        let free = Arc::new(Semaphore::new(usize::try_from(connections).unwrap_or(1)));
        Self { free, waiting: AtomicUsize::new(0), gone_until: Mutex::new(None) }
    }

    /// Waits for a turn, which lasts until it is dropped.
    pub async fn take(&self) -> Result<OwnedSemaphorePermit, NoTurn> {
        if let Ok(turn) = self.free.clone().try_acquire_owned() {
            return Ok(turn);
        }
        let waits = Waits(&self.waiting);
        if self.waiting.fetch_add(1, Ordering::Relaxed) >= WAITING {
            return Err(NoTurn::Overloaded);
        }
        let turn = tokio::time::timeout(PATIENCE, self.free.clone().acquire_owned()).await;
        drop(waits);
        turn.map_err(|_| NoTurn::Overloaded)?.map_err(|_| NoTurn::Overloaded)
    }

    /// Refuses while the database is known to be gone, but for one request in a while that looks for it.
    pub fn look(&self) -> Result<(), NoTurn> {
        let mut gone_until = self.gone_until.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(until) = *gone_until else { return Ok(()) };
        let now = Stopwatch::now();
        if now < until {
            return Err(NoTurn::Gone);
        }
        // Whoever looks may have to wait; the others do not.
        *gone_until = now.checked_add(PATIENCE);
        Ok(())
    }

    /// Notes that the database is not there.
    pub fn is_gone(&self) {
        *self.gone_until.lock().unwrap_or_else(PoisonError::into_inner) = Stopwatch::now().checked_add(PAUSE);
    }

    /// Notes that the database is there.
    pub fn is_there(&self) {
        *self.gone_until.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

#[cfg(test)]
mod tests {
    use actix_web::rt;

    use super::*;

    #[actix_web::test]
    async fn a_turn_is_waited_for_and_given_back() {
        let turns = Arc::new(Turns::new(1));
        let first = turns.take().await.unwrap();
        let second = rt::spawn({
            let turns = turns.clone();
            async move { turns.take().await.map(drop) }
        });
        rt::time::sleep(Duration::from_millis(20)).await;
        assert!(!second.is_finished());
        drop(first);
        assert_eq!(second.await.unwrap(), Ok(()));
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0);
    }

    #[actix_web::test]
    async fn beyond_so_many_that_wait_everybody_is_refused_at_once() {
        let turns = Arc::new(Turns::new(1));
        let _first = turns.take().await.unwrap();
        let take = || {
            let turns = turns.clone();
            async move { turns.take().await.map(drop) }
        };
        let waiting: Vec<_> = (0..WAITING).map(|_| rt::spawn(take())).collect();
        rt::time::sleep(Duration::from_millis(50)).await;
        let asked = Stopwatch::now();
        assert_eq!(take().await, Err(NoTurn::Overloaded));
        assert!(asked.elapsed() < Duration::from_secs(1));
        waiting.iter().for_each(rt::task::JoinHandle::abort);
        rt::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(turns.waiting.load(Ordering::Relaxed), 0, "who goes away does not wait");
    }

    #[test]
    fn one_at_a_time_looks_for_what_is_gone() {
        let turns = Turns::new(4);
        assert_eq!(turns.look(), Ok(()));
        turns.is_gone();
        assert_eq!(turns.look(), Err(NoTurn::Gone));
        std::thread::sleep(PAUSE);
        assert_eq!((turns.look(), turns.look()), (Ok(()), Err(NoTurn::Gone)));
        turns.is_there();
        assert_eq!((turns.look(), turns.look()), (Ok(()), Ok(())));
    }
}
