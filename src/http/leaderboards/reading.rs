//! Reading a board: brought up to date first, then shown, with the database at hand for names.

use std::sync::{Arc, PoisonError};

use crate::app::AppState;
use crate::boards::live::{LiveBoard, follow};
use crate::boards::{BoardKey, Known};
use crate::domain::problem::ProblemCode;
use crate::http::problem::ApiError;
use crate::store::db::Db;

/// Shows a board that is not older than `at_least` nor than anything written here before. 404 if it is gone.
pub async fn read_board<T: Send + 'static>(
    state: &Arc<AppState>,
    key: BoardKey,
    at_least: i64,
    show: impl FnOnce(&mut Db, &LiveBoard) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let app = state.clone();
    state.in_turn(move || read_here(&app, &key, at_least, show)).await
}

fn read_here<T>(
    state: &AppState,
    key: &BoardKey,
    at_least: i64,
    show: impl FnOnce(&mut Db, &LiveBoard) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let now = state.clock.now();
    // The number first: what is published after it is in the catalogue already, or found to be missing.
    let sequence = *state.writer.published().sequence().borrow();
    let known = Known { sequence, catalogue: state.catalogue() };
    let slot = state.boards.slot(key);
    {
        let board = slot.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(board) = board.as_ref().filter(|board| board.is_current(sequence.max(at_least), now)) {
            return state.read_here(|db| show(db, board));
        }
    }
    // Only whoever follows it writes, and what a failed following left behind is computed again.
    let mut board = slot.write().unwrap_or_else(PoisonError::into_inner);
    state.read_here(|db| {
        follow(&mut board, db, key, &known, now)?;
        show(db, board.as_ref().ok_or(ProblemCode::NotFound)?)
    })
}
