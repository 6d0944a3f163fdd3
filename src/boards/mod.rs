//! Leaderboards in memory: one rank index per board and period, following the sequence of changes, and one directory of
//! everybody for all of them.
//!
//! Reading asks no database and waits for none: what is lacking is read first, then taken in at once. Knows the domain,
//! the store and the catalogue; nothing of HTTP, nothing of the writer beyond the numbers it gives.

mod baseline;
pub mod contest;
mod details;
mod digests;
pub mod directory;
mod fresh;
pub mod frozen;
pub mod index;
pub mod live;
mod news;
pub mod numbers;
pub mod pages;
mod past;
mod scope;
pub mod scores;
mod teams;
pub mod tiers;
pub mod view;

#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use arc_swap::ArcSwap;
use diesel::QueryResult;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::catalogue::Catalogue;
use crate::domain::ids::Code;
use crate::domain::period::Period;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::head::{self, kinds_since};
use baseline::Then;
use directory::Directory;
use fresh::{Held, Reading};
use live::LiveBoard;
use pages::Pages;
use scope::Scope;

/// How many boards are kept; the least recently read goes first.
const KEPT: u64 = 256;

/// Which board: of a programme, in a period, of everybody or of one team with the teams below it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BoardKey {
    /// The programme.
    pub programme: Code,
    /// The board.
    pub board: Code,
    /// The period.
    pub period: Period,
    /// Only who is at home in this team or below it, ranked among themselves.
    pub team: Option<Code>,
}

/// What has been committed, as far as it is known without asking the database.
#[derive(Debug, Clone)]
pub struct Known {
    /// A number of the sequence that the catalogue is not older than.
    pub sequence: i64,
    /// The catalogue.
    pub catalogue: Arc<Catalogue>,
}

/// How far following came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// There is no such board any more.
    ToNothing,
    /// The board is as new as the state of the data that was read.
    UpToDate,
    /// The directory is newer than the board: it must be followed from a newer state.
    Short,
}

/// A place for a board; empty until it is first read.
pub struct Slot {
    board: RwLock<Option<LiveBoard>>,
    /// Held by whoever follows it, so that nobody does twice.
    following: Mutex<()>,
    /// Everything up to this number is in it.
    sequence: AtomicI64,
    /// Microseconds of the moment when time alone may change it next.
    until: AtomicI64,
    pages: ArcSwap<Pages>,
}

impl Slot {
    fn new() -> Self {
        Self {
            board: RwLock::new(None),
            following: Mutex::new(()),
            sequence: AtomicI64::new(-1),
            until: AtomicI64::new(i64::MIN),
            pages: ArcSwap::from_pointee(Pages::of((-1, -1))),
        }
    }

    /// Whether nothing up to `sequence` and `now` is missing.
    pub fn is_current(&self, sequence: i64, now: Instant) -> bool {
        self.sequence.load(Ordering::Acquire) >= sequence && now.timestamp_micros() < self.until.load(Ordering::Acquire)
    }

    /// Everything up to this number is in it; -1 while it is empty.
    pub fn sequence(&self) -> i64 {
        self.sequence.load(Ordering::Acquire)
    }

    /// First pages of its present state.
    pub fn pages(&self) -> arc_swap::Guard<Arc<Pages>> {
        self.pages.load()
    }

    fn settle(&self, board: &LiveBoard) {
        let state = (board.version(), board.edition());
        if self.pages.load().state != state {
            self.pages.store(Arc::new(Pages::of(state)));
        }
        self.until.store(board.next_moment().map_or(i64::MAX, |next| next.timestamp_micros()), Ordering::Release);
        self.sequence.store(board.sequence(), Ordering::Release);
    }
}

/// The boards that are kept, and the directory behind them.
///
/// Whoever locks both locks the directory first.
pub struct Boards {
    slots: Cache<BoardKey, Arc<Slot>>,
    directory: RwLock<Directory>,
    following: Mutex<()>,
}

impl Boards {
    /// None yet.
    pub fn new() -> Self {
        let slots = Cache::builder().max_capacity(KEPT).eviction_policy(EvictionPolicy::lru()).build();
        Self { slots, directory: RwLock::default(), following: Mutex::new(()) }
    }

    /// The place of a board.
    pub fn slot(&self, key: &BoardKey) -> Arc<Slot> {
        self.slots.get_with_by_ref(key, || Arc::new(Slot::new()))
    }

    /// Looks at everybody.
    pub fn directory<T>(&self, look: impl FnOnce(&Directory) -> T) -> T {
        look(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Looks at a board, if there is one in its place. The database is not to be asked meanwhile.
    pub fn look<T>(&self, slot: &Slot, look: impl FnOnce(&LiveBoard, &Directory) -> T) -> Option<T> {
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        let board = slot.board.read().unwrap_or_else(PoisonError::into_inner);
        board.as_ref().map(|board| look(board, &directory))
    }

    /// Brings a board, and the directory, up to date with the state that `db` reads.
    pub fn follow(&self, slot: &Slot, db: &mut Db, key: &BoardKey, known: &Known, now: Instant) -> QueryResult<Came> {
        let _alone = slot.following.lock().unwrap_or_else(PoisonError::into_inner);
        let catalogue = current(db, known)?;
        let held = slot.board.read().unwrap_or_else(PoisonError::into_inner).as_ref().map(LiveBoard::held);
        let head = head::read(db)?;
        if held.as_ref().is_some_and(|held| held.sequence > head) {
            return Ok(Came::Short);
        }
        let entry = catalogue.programmes.get(key.programme.as_str());
        let board =
            entry.and_then(|entry| entry.newest()?.boards.iter().find(|board| board.code == key.board).cloned());
        let scope =
            entry.zip(board).and_then(|(entry, board)| Scope::new(catalogue.clone(), entry, (key, &board), now));
        let Some(scope) = scope else {
            *slot.board.write().unwrap_or_else(PoisonError::into_inner) = None;
            slot.sequence.store(-1, Ordering::Release);
            return Ok(Came::ToNothing);
        };
        self.follow_directory(db, head, now)?;
        let held = held.filter(|held| held.fits(&scope));
        let mut fresh = Reading { db, directory: &self.directory }.fresh(scope, held.as_ref())?;
        if fresh.then.is_none() && self.look(slot, |board, directory| board.lists_anew(&fresh, directory)) == Some(true)
        {
            fresh.then = Then::read(db, &fresh.scope, fresh.sequence)?;
        }
        let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
        let came = if directory.sequence() > fresh.sequence { Came::Short } else { Came::UpToDate };
        self.put(slot, (fresh, held), &directory);
        Ok(came)
    }

    fn put(&self, slot: &Slot, (fresh, held): (fresh::Fresh, Option<Held>), directory: &Directory) {
        let mut place = slot.board.write().unwrap_or_else(PoisonError::into_inner);
        match place.as_mut().filter(|_| held.is_some()) {
            Some(board) => board.take_in(fresh, directory),
            None => *place = Some(LiveBoard::new(fresh, directory)),
        }
        if let Some(board) = place.as_ref() {
            slot.settle(board);
        }
    }

    /// Brings the directory up to date with the state that `db` reads, unless it is newer.
    pub fn follow_directory(&self, db: &mut Db, head: i64, now: Instant) -> QueryResult<()> {
        let _alone = self.following.lock().unwrap_or_else(PoisonError::into_inner);
        let state = self.directory(|directory| (!directory.is_current(head, now)).then(|| directory.state()));
        let Some(state) = state else { return Ok(()) };
        if state.0 < 0 {
            let people = crate::store::directory::count(db)?;
            let mut directory = self.directory.write().unwrap_or_else(PoisonError::into_inner);
            directory.reserve(usize::try_from(people).unwrap_or(0));
        }
        Directory::refresh(db, state, now, &mut |fresh| {
            self.directory.write().unwrap_or_else(PoisonError::into_inner).take_in(fresh)
        })
    }
}

impl Default for Boards {
    fn default() -> Self {
        Self::new()
    }
}

/// The catalogue of the state that `db` reads: the one known, unless it was changed since.
fn current(db: &mut Db, known: &Known) -> QueryResult<Arc<Catalogue>> {
    if kinds_since(db, known.sequence)?.catalogue {
        return Ok(Arc::new(Catalogue::load(db)?));
    }
    Ok(known.catalogue.clone())
}
