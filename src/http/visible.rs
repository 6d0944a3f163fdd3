//! Reading one's own writes: a reader names the version that a write was answered with, and waits for it.

use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use tokio::time::timeout;
use utoipa::IntoParams;

use super::problem::ApiError;
use crate::app::AppState;
use crate::domain::problem::{Problem, ProblemCode};
use crate::store::head;

/// The longest wait.
const MAX_WAIT: Duration = Duration::from_secs(2);
/// How often the database is asked for what other instances wrote.
const POLL: Duration = Duration::from_millis(100);

/// The query of a read that takes nothing else.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VersionQuery {
    /// The `Applaus-Version` of a write that the answer must show.
    pub min_version: Option<i64>,
}

/// Waits until reads see `version`, if one is asked for; 503 if that takes too long.
pub async fn wait_for(state: &Arc<AppState>, version: Option<i64>) -> Result<(), ApiError> {
    let Some(version) = version else { return Ok(()) };
    match timeout(MAX_WAIT, reached(state, version)).await {
        Ok(reached) => reached,
        Err(_) => Err(Problem::new(ProblemCode::NotYetVisible).with("version", version).into()),
    }
}

async fn reached(state: &Arc<AppState>, version: i64) -> Result<(), ApiError> {
    let mut published = state.writer.published().sequence();
    while *published.borrow_and_update() < version {
        match timeout(POLL, published.changed()).await {
            Ok(Ok(())) => {}
            Ok(Err(closed)) => return Err(ApiError::unavailable(closed)),
            Err(_) if state.read(|db| Ok(head::read(db)?)).await? >= version => break,
            Err(_) => {}
        }
    }
    Ok(())
}
