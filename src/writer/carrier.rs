//! Carrying SQLite's write-ahead log over into the database file, beside the writer.
//!
//! SQLite would do it within a commit, and whoever waits for that commit would wait for the disk to take thousands of
//! pages. A thread with a connection of its own does most of it meanwhile; it stands in nobody's way (a passive
//! checkpoint takes what is committed and no reader needs). What it leaves is the writer's, at a limit of its own.

use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::time::Duration;

use diesel::connection::SimpleConnection;

use crate::store::db::{DatabaseUrl, Db, OpenError};

/// How long the log grows meanwhile.
const REST: Duration = Duration::from_millis(100);

/// The writer's hold on the thread, which ends when this is dropped.
pub(super) struct Carrier(Option<SyncSender<()>>);

impl Carrier {
    /// Starts it for a SQLite database; PostgreSQL has processes of its own for this.
    pub(super) fn start(url: &DatabaseUrl) -> Self {
        if url.is_postgres() {
            return Self(None);
        }
        let (told, tell) = sync_channel(1);
        let url = url.clone();
        let thread = std::thread::Builder::new().name("carrier".to_owned()).spawn(move || work(&url, &tell));
        if let Err(error) = &thread {
            tracing::warn!(error = %error, "only the writer carries the log over");
        }
        Self(thread.ok().map(|_| told))
    }

    /// Tells that something was committed.
    pub(super) fn committed(&self) {
        if let Some(told) = &self.0 {
            // It may have been told already.
            let _ = told.try_send(());
        }
    }
}

fn work(url: &DatabaseUrl, told: &Receiver<()>) {
    let mut db = None;
    while told.recv().is_ok() {
        // What fails here fails the writer, too, which says so.
        db = carry(url, db.take()).ok();
        std::thread::sleep(REST);
    }
}

fn carry(url: &DatabaseUrl, db: Option<Db>) -> Result<Db, OpenError> {
    let mut db = db.map_or_else(|| url.connect(), Ok)?;
    db.batch_execute("PRAGMA wal_checkpoint(PASSIVE)")?;
    Ok(db)
}
