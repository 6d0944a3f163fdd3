//! Reading a board: brought up to date first, then shown, with the database at hand for names.

use std::sync::PoisonError;

use crate::boards::live::{LiveBoard, follow};
use crate::boards::{BoardKey, Known};
use crate::domain::problem::ProblemCode;
use crate::http::problem::ApiError;
use crate::http::session::Session;
use crate::store::db::Db;

/// Shows a board that is not older than `at_least` nor than anything written here before. 404 if it is gone.
pub async fn read_board<T: Send + 'static>(
    state: &Session,
    key: BoardKey,
    at_least: i64,
    show: impl FnMut(&mut Db, &LiveBoard) -> Result<T, ApiError> + Send + 'static,
) -> Result<T, ApiError> {
    let app = state.clone();
    state.in_turn(move || read_here(&app, &key, at_least, show)).await
}

fn read_here<T>(
    state: &Session,
    key: &BoardKey,
    at_least: i64,
    mut show: impl FnMut(&mut Db, &LiveBoard) -> Result<T, ApiError>,
) -> Result<T, ApiError> {
    let now = state.clock.now();
    // The number first: what is published after it is in the catalogue already, or found to be missing.
    let sequence = state.writer.published().newest();
    let known = Known { sequence, catalogue: state.catalogue() };
    let slot = state.boards.slot(key);
    {
        let board = slot.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(board) = board.as_ref().filter(|board| board.is_current(sequence.max(at_least), now)) {
            return state.read_here(board.sequence(), |db| show(db, board));
        }
    }
    // Only whoever follows it writes, and what a failed following left behind is computed again.
    let mut board = slot.write().unwrap_or_else(PoisonError::into_inner);
    // A board never goes back: what it is followed with is as new as it is.
    let at_least = at_least.max(board.as_ref().map_or(0, LiveBoard::sequence));
    state.read_here(at_least, |db| {
        follow(&mut board, db, key, &known, now)?;
        show(db, board.as_ref().ok_or(ProblemCode::NotFound)?)
    })
}
