//! Time, from one place: the only caller of the system's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, TimeDelta, Utc};

use crate::domain::time::{Instant, to_micros};

/// Where "now" comes from.
#[derive(Debug, Clone)]
pub enum Clock {
    /// The system's clock.
    System,
    /// A clock that somebody sets: tests, and the demo while it lives through its months.
    Manual(ManualClock),
}

/// A clock that stands still until it is set; may be let run from where it stands.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Hands>);

#[derive(Debug)]
struct Hands {
    /// Microseconds: the time itself while it stands, what to add to the system's clock while it runs.
    micros: AtomicI64,
    runs: std::sync::atomic::AtomicBool,
}

impl ManualClock {
    /// A clock that stands at `now`.
    pub fn at(now: Instant) -> Self {
        Self(Arc::new(Hands { micros: AtomicI64::new(now.timestamp_micros()), runs: false.into() }))
    }

    /// Sets it.
    pub fn set(&self, now: Instant) {
        self.0.runs.store(false, Ordering::SeqCst);
        self.0.micros.store(now.timestamp_micros(), Ordering::SeqCst);
    }

    /// Moves it.
    pub fn advance(&self, by: TimeDelta) {
        self.set(self.now() + by);
    }

    /// Lets it run from where it stands.
    pub fn run(&self) {
        let ahead = self.now().timestamp_micros() - system_now().timestamp_micros();
        self.0.micros.store(ahead, Ordering::SeqCst);
        self.0.runs.store(true, Ordering::SeqCst);
    }

    fn now(&self) -> Instant {
        let micros = self.0.micros.load(Ordering::SeqCst);
        let base = if self.0.runs.load(Ordering::SeqCst) { system_now().timestamp_micros() } else { 0 };
        DateTime::from_timestamp_micros(base.saturating_add(micros)).unwrap_or(DateTime::UNIX_EPOCH)
    }
}

impl Clock {
    /// Now, in whole microseconds.
    pub fn now(&self) -> Instant {
        match self {
            Self::System => to_micros(system_now()),
            Self::Manual(clock) => clock.now(),
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one home of the system's clock")]
fn system_now() -> Instant {
    Utc::now()
}
