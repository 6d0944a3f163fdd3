//! Following what other instances commit to the same database.
//!
//! A thread with a connection of its own listens to PostgreSQL's notices and, behind them and on SQLite, looks at the
//! head of the sequence. What is new it reads in one state of the data and publishes. Knows the store and what the writer
//! publishes; nothing of HTTP.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant as Stopwatch};

use crate::store::db::{DatabaseUrl, OpenError};
use crate::store::head;
use crate::store::notices::Listener;
use crate::writer::{News, Published};

/// How often notices are asked for: a system call, no round trip.
const HEAR: Duration = Duration::from_millis(10);
/// How often the head is looked at behind the notices, should one be lost.
const LOOK: Duration = Duration::from_secs(1);
/// How often the head is looked at where there are no notices: a read of one row in memory.
const LOOK_AT_FILE: Duration = Duration::from_millis(200);
/// How long a database that is not there is left alone.
const PAUSE: Duration = Duration::from_millis(500);

/// The thread; it ends when this is dropped.
pub struct Follower {
    _alive: Sender<()>,
}

impl Follower {
    /// Starts to follow.
    pub fn start(url: &DatabaseUrl, published: Arc<Published>) -> std::io::Result<Self> {
        let (alive, ended) = channel();
        let (hear, look) = match url {
            DatabaseUrl::Sqlite(_) => (LOOK_AT_FILE, LOOK_AT_FILE),
            DatabaseUrl::Postgres(_) => (HEAR, LOOK),
        };
        let (url, now) = (url.clone(), Stopwatch::now());
        let mut following =
            Following { url, published, listener: None, hear, look, looked: now, settled: now, lost: false };
        std::thread::Builder::new().name("follower".to_owned()).spawn(move || following.follow(&ended))?;
        Ok(Self { _alive: alive })
    }
}

/// Why the database cannot be followed.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error(transparent)]
    Connection(#[from] OpenError),
    #[error(transparent)]
    Query(#[from] diesel::result::Error),
    /// Another server took over that had not all of it.
    #[error("it has gone back from {0} to {1}, so something committed is lost: restart this instance")]
    GoneBack(i64, i64),
}

/// The thread's own state.
struct Following {
    url: DatabaseUrl,
    published: Arc<Published>,
    listener: Option<Listener>,
    hear: Duration,
    look: Duration,
    looked: Stopwatch,
    settled: Stopwatch,
    /// Whether the database was not there when it was last asked.
    lost: bool,
}

impl Following {
    fn follow(&mut self, ended: &Receiver<()>) {
        let mut wait = self.hear;
        while ended.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
            wait = match self.step() {
                Ok(()) => {
                    self.lost = false;
                    self.hear
                }
                Err(error) => {
                    self.lose(&error);
                    PAUSE
                }
            };
            if self.settled.elapsed() >= LOOK {
                self.settled = Stopwatch::now();
                self.published.settle();
            }
        }
    }

    fn step(&mut self) -> Result<(), Lost> {
        let (mut listener, begun) = match self.listener.take() {
            Some(listener) => (listener, false),
            None => (Listener::open(&self.url)?, true),
        };
        let told = listener.told()?.is_some_and(|sequence| sequence > self.published.newest());
        if told || begun || self.looked.elapsed() >= self.look {
            self.looked = Stopwatch::now();
            catch_up(&mut listener, &self.published)?;
        }
        self.listener = Some(listener);
        Ok(())
    }

    /// Says so once; the next step connects anew, and looks at once.
    fn lose(&mut self, error: &Lost) {
        if !self.lost {
            tracing::warn!(error = %error, "the database cannot be followed; trying again");
        }
        self.lost = true;
    }
}

/// Publishes what was committed since.
fn catch_up(listener: &mut Listener, published: &Published) -> Result<(), Lost> {
    let newest = published.newest();
    match head::read(&mut listener.db)? {
        head if head < newest => Err(Lost::GoneBack(newest, head)),
        head if head == newest => Ok(()),
        _ => {
            published.publish(listener.db.snapshot(|db| News::since(db, newest))?);
            Ok(())
        }
    }
}
