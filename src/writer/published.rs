//! What has been committed, as this instance knows it: by its own writer, and by following what others wrote.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;
use diesel::QueryResult;
use tokio::sync::watch;

use crate::catalogue::Catalogue;
use crate::store::db::Db;
use crate::store::head;

/// What is known of the committed state. It only goes forward, whoever tells of it and in whatever order.
#[derive(Debug)]
pub struct Published {
    catalogue: ArcSwap<Catalogue>,
    sequence: watch::Sender<i64>,
    people_epoch: AtomicU64,
    floor: AtomicI64,
    mark: AtomicI64,
    publishing: Mutex<()>,
}

/// What was committed since a state that had been published.
#[derive(Debug)]
pub struct News {
    /// The last number of the sequence.
    pub sequence: i64,
    /// The catalogue, if it changed.
    pub catalogue: Option<Arc<Catalogue>>,
    /// Whether a person, their roles or memberships changed.
    pub people: bool,
}

impl News {
    /// What was committed after `sequence` in the state that `db` reads.
    pub fn since(db: &mut Db, sequence: i64) -> QueryResult<Self> {
        let changed = head::kinds_since(db, sequence)?;
        let catalogue = if changed.catalogue { Some(Arc::new(Catalogue::load(db)?)) } else { None };
        Ok(Self { sequence: head::read(db)?, catalogue, people: changed.people })
    }
}

impl Published {
    /// The state that an instance starts with.
    pub(super) fn new(sequence: i64, catalogue: Arc<Catalogue>) -> Self {
        Self {
            catalogue: ArcSwap::new(catalogue),
            sequence: watch::Sender::new(sequence),
            people_epoch: AtomicU64::new(0),
            floor: AtomicI64::new(sequence),
            mark: AtomicI64::new(sequence),
            publishing: Mutex::new(()),
        }
    }

    /// The catalogue as last committed.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.catalogue.load_full()
    }

    /// Follows the last committed number of the sequence. Catalogue and people are never older than it.
    pub fn sequence(&self) -> watch::Receiver<i64> {
        self.sequence.subscribe()
    }

    /// The last committed number of the sequence.
    pub fn newest(&self) -> i64 {
        *self.sequence.borrow()
    }

    /// Counts the commits that changed a person, their roles or memberships: what was known of people before is stale.
    pub fn people_epoch(&self) -> u64 {
        self.people_epoch.load(Ordering::Acquire)
    }

    /// The number that every reader sees at least: the last at which catalogue or people changed, and all that was
    /// published for some time (see [`Self::settle`]).
    pub fn floor(&self) -> i64 {
        self.floor.load(Ordering::Acquire)
    }

    /// Raises the floor to what had been published when this was last called.
    pub fn settle(&self) {
        let before = self.mark.swap(self.newest(), Ordering::AcqRel);
        self.floor.fetch_max(before, Ordering::AcqRel);
    }

    /// Makes news known, unless something as new is known already.
    ///
    /// `news` tells of everything after some number that had been published before, and so of everything after the
    /// newest, for that only goes forward.
    pub fn publish(&self, news: News) {
        let _alone = self.publishing.lock().unwrap_or_else(PoisonError::into_inner);
        if news.sequence <= self.newest() {
            return;
        }
        if news.catalogue.is_some() || news.people {
            self.floor.fetch_max(news.sequence, Ordering::AcqRel);
        }
        if let Some(catalogue) = news.catalogue {
            self.catalogue.store(catalogue);
        }
        if news.people {
            self.people_epoch.fetch_add(1, Ordering::Release);
        }
        self.sequence.send_replace(news.sequence);
    }
}
