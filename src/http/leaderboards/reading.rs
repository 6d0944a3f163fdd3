//! Reading a board: brought up to date first, if it is not, then looked at without the database.

use std::sync::Arc;

use crate::boards::{BoardKey, Came, Known, Slot};
use crate::domain::problem::ProblemCode;
use crate::http::problem::ApiError;
use crate::http::session::Session;

/// How often a board is followed at most before it is shown: others may follow the directory meanwhile.
const ATTEMPTS: usize = 8;

/// The place of a board that is not older than `at_least` nor than anything written here before. 404 if it is gone.
pub async fn followed(state: &Session, key: BoardKey, at_least: i64) -> Result<Arc<Slot>, ApiError> {
    let slot = state.boards.slot(&key);
    if slot.is_current(state.writer.published().newest().max(at_least), state.clock.now()) {
        return Ok(slot);
    }
    let app = state.clone();
    state.in_turn(move || follow(&app, slot, &key, at_least)).await
}

fn follow(state: &Session, slot: Arc<Slot>, key: &BoardKey, at_least: i64) -> Result<Arc<Slot>, ApiError> {
    for _ in 0..ATTEMPTS {
        let now = state.clock.now();
        // The number first: what is published after it is in the catalogue already, or found to be missing.
        let sequence = state.writer.published().newest();
        if slot.is_current(sequence.max(at_least), now) {
            return Ok(slot);
        }
        let known = Known { sequence, catalogue: state.catalogue() };
        // A board never goes back: what it is followed with is as new as it and the directory are.
        let newest = slot.sequence().max(state.boards.directory(|directory| directory.sequence()));
        let came =
            state.read_here(at_least.max(newest), |db| Ok(state.boards.follow(&slot, db, key, &known, now)?))?;
        match came {
            Came::UpToDate => return Ok(slot),
            Came::ToNothing => return Err(ProblemCode::NotFound.into()),
            Came::Short => {}
        }
    }
    Ok(slot)
}
