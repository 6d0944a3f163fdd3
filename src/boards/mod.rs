//! Leaderboards in memory: one rank index per board and period, following the sequence of changes.
//!
//! Knows the domain, the store and the catalogue; nothing of HTTP, nothing of the writer beyond the numbers it gives, and
//! nothing of who may see what.

pub mod contest;
pub mod frozen;
pub mod index;
pub mod live;
mod news;
mod persons;
mod teams;
pub mod tiers;
pub mod view;

#[cfg(test)]
mod tests;

use std::sync::{Arc, RwLock};

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::catalogue::Catalogue;
use crate::domain::ids::Code;
use crate::domain::period::Period;
use live::LiveBoard;

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

/// A place for a board; empty until it is first read. Whoever reads it keeps it locked while asking the database, and
/// locks it first, so that what the database says is never older than the board.
pub type Slot = RwLock<Option<LiveBoard>>;

/// The boards that are kept.
pub struct Boards(Cache<BoardKey, Arc<Slot>>);

impl Boards {
    /// None yet.
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(KEPT).eviction_policy(EvictionPolicy::lru()).build())
    }

    /// The place of a board.
    pub fn slot(&self, key: &BoardKey) -> Arc<Slot> {
        self.0.get_with_by_ref(key, Arc::default)
    }
}

impl Default for Boards {
    fn default() -> Self {
        Self::new()
    }
}
