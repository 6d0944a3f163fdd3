//! The server's state as one request has it: what it reads is never older than what its caller must see.

use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::Method;
use chrono::NaiveDate;

use super::callers::Identified;
use super::problem::ApiError;
use crate::app::AppState;
use crate::store::db::Db;
use crate::writer::{Actor, Command, Committed};

/// A request's hold on the server.
///
/// Its reads may come from a replica that has all that the caller must see: the version they name, what they wrote
/// themselves, what the directory knew when it was asked for them, and what [`crate::writer::Published::floor`] names.
/// Once the primary was read, so is all else: a request does not go back in time.
#[derive(Clone)]
pub struct Session {
    app: Arc<AppState>,
    at_least: i64,
    primary_only: Arc<AtomicBool>,
}

impl Session {
    /// Of a request of somebody who was identified. What a change is based on is read where it is made.
    pub fn new(app: Arc<AppState>, identified: &Identified, method: &Method) -> Self {
        // The primary has all that was written.
        let wrote = if app.replica.is_some() { app.callers.last_write(identified.caller.person) } else { 0 };
        Self {
            at_least: identified.at_least.max(wrote),
            app,
            primary_only: Arc::new(AtomicBool::new(*method != Method::GET)),
        }
    }

    /// Today, where the organisation is.
    pub fn today(&self) -> NaiveDate {
        self.app.catalogue().zone.local(self.app.clock.now()).0
    }

    /// Reads one state of the data, off the threads that answer requests; again, should the first attempt fail.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&mut Db) -> Result<T, ApiError> + Clone + Send + 'static,
    ) -> Result<T, ApiError> {
        let session = self.clone();
        self.app.in_turn(move || session.read_here(0, |db| read.clone()(db))).await
    }

    /// The same on this thread, of a state that is not older than `at_least` either.
    pub fn read_here<T>(
        &self,
        at_least: i64,
        mut read: impl FnMut(&mut Db) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        if let Some(replica) = &self.app.replica
            && !self.primary_only.load(Ordering::Relaxed)
        {
            // The floor is asked for now: it is not below the catalogue that the reader has taken before.
            let at_least = at_least.max(self.at_least).max(self.app.writer.published().floor());
            if let Some(found) = replica.read(at_least, &mut read) {
                return found;
            }
            self.primary_only.store(true, Ordering::Relaxed);
        }
        self.app.read_here(read)
    }

    /// Runs a command on behalf of `actor` and waits until it is durable.
    pub async fn write<C: Command>(&self, actor: Actor, command: C) -> Result<Committed<C::Output>, ApiError> {
        let committed = self.app.write(actor, command).await?;
        if let Actor::Person(person) = actor {
            self.app.callers.wrote(person, committed.sequence);
        }
        Ok(committed)
    }
}

/// Of nobody in particular: reads the primary.
impl From<Arc<AppState>> for Session {
    fn from(app: Arc<AppState>) -> Self {
        Self { app, at_least: 0, primary_only: Arc::new(AtomicBool::new(true)) }
    }
}

impl Deref for Session {
    type Target = AppState;

    fn deref(&self) -> &AppState {
        &self.app
    }
}
