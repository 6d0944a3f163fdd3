//! First pages of a board as bytes, kept with the state that they show. Reading one locks nothing.

use std::sync::OnceLock;

use bytes::Bytes;

/// The largest page that is kept.
const LARGEST: usize = 200;

/// Pages of one state of a board.
#[derive(Debug)]
pub struct Pages {
    /// Version and edition.
    pub state: (i64, i64),
    by_size: Vec<OnceLock<Bytes>>,
}

impl Pages {
    /// None yet of a state.
    pub fn of(state: (i64, i64)) -> Self {
        Self { state, by_size: (0..=LARGEST).map(|_| OnceLock::new()).collect() }
    }

    /// The first page of so many rows, if it was kept.
    pub fn first(&self, size: usize) -> Option<&Bytes> {
        self.by_size.get(size)?.get()
    }

    /// Keeps the first page of so many rows.
    pub fn keep(&self, size: usize, page: &Bytes) {
        if let Some(place) = self.by_size.get(size) {
            // Two who make it at once make the same.
            let _ = place.set(page.clone());
        }
    }
}
