//! Requests with an `Idempotency-Key`: the answer is stored with the effect, and a repetition gets it again (SEMANTICS S41).

use chrono::TimeDelta;
use serde_json::Value;

use super::{Command, Failure, Tx, erase};
use crate::domain::problem::ProblemCode;
use crate::store::idempotency::{self, AnswerRow};
use crate::store::row;

/// How long answers are kept.
const KEPT: TimeDelta = TimeDelta::days(7);

/// What makes two requests the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestKey {
    /// The path of the request.
    pub path: String,
    /// The key that the client chose.
    pub key: String,
    /// A digest of the body's bytes.
    pub body_digest: String,
}

/// The parts of an answer that a repetition gives again.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: Value,
    /// The `Location`.
    pub location: Option<String>,
    /// Whether it was given before.
    pub replayed: Replayed,
}

/// Whether an answer was given before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replayed {
    /// This is the first time.
    No,
    /// It is given again; nothing was done.
    Yes,
}

/// A command that answers once for each key. Refusals are not stored: the request may be mended and sent again.
pub struct Idempotent<C, F> {
    /// What is to be done.
    pub command: C,
    /// What makes repetitions recognisable; none does it always.
    pub request: Option<RequestKey>,
    /// Makes the answer of the command's output.
    pub answer: F,
}

impl<C, F> Command for Idempotent<C, F>
where
    C: Command,
    F: Fn(&mut Tx<'_>, C::Output) -> Result<Answer, Failure> + Send + 'static,
{
    type Output = Answer;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Answer, Failure> {
        let caller = tx.actor_text();
        if let Some(request) = &self.request
            && let Some(kept) = find(tx, &caller, request)?
            && row::instant(kept.created_at) > tx.now - KEPT
        {
            return replay(request, kept);
        }
        let output = self.command.run(tx)?;
        let answer = (self.answer)(tx, output)?;
        if let Some(request) = &self.request {
            idempotency::forget(tx.db, row::stored(tx.now - KEPT))?;
            idempotency::insert(tx.db, &kept(tx, caller, request, &answer)?)?;
        }
        Ok(answer)
    }
}

/// The answer kept for a request; also if its key was replaced, for it named somebody who was erased since.
fn find(tx: &mut Tx<'_>, caller: &str, request: &RequestKey) -> Result<Option<AnswerRow>, Failure> {
    let kept = idempotency::find(tx.db, caller, &request.path, &request.key)?;
    let catalogue = tx.catalogue()?;
    if kept.is_some() || catalogue.erased.is_empty() {
        return Ok(kept);
    }
    let replaced = erase::request_digest(&catalogue, &request.key);
    Ok(idempotency::find(tx.db, caller, &request.path, &replaced)?)
}

fn replay(request: &RequestKey, kept: AnswerRow) -> Result<Answer, Failure> {
    if kept.body_digest != request.body_digest {
        return Err(ProblemCode::IdempotencyMismatch.into());
    }
    Ok(Answer {
        status: u16::try_from(kept.status).map_err(row::corrupt)?,
        body: row::from_json(&kept.body)?,
        location: kept.location,
        replayed: Replayed::Yes,
    })
}

fn kept(tx: &Tx<'_>, caller: String, request: &RequestKey, answer: &Answer) -> Result<AnswerRow, Failure> {
    Ok(AnswerRow {
        caller,
        path: request.path.clone(),
        key: request.key.clone(),
        body_digest: request.body_digest.clone(),
        status: i32::from(answer.status),
        body: row::to_json(&answer.body)?,
        location: answer.location.clone(),
        created_at: row::stored(tx.now),
    })
}
