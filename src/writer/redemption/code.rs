//! Handing a fulfilment code to its receiver, once.

use crate::domain::ids::RedemptionId;
use crate::domain::problem::{Problem, ProblemCode};
use crate::store::head::ChangeKind;
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::row;
use crate::writer::{Actor, Command, Failure, Tx};

/// Wipes the code that its receiver is about to be shown, and notes when: whoever commits this first shows it.
pub struct TakeCode {
    /// Of which redemption.
    pub redemption: RedemptionId,
    /// The encrypted code that was opened.
    pub sealed: String,
}

/// Why a redemption has no code to show.
pub fn no_code(held: &RedemptionRow) -> Problem {
    match held.code_shown_at {
        Some(at) => Problem::new(ProblemCode::CodeShown).with("at", row::instant(at).to_rfc3339()),
        None => Problem::new(ProblemCode::NoFulfilmentCode).with("state", &held.state),
    }
}

impl Command for TakeCode {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let held = redemptions::find(tx.db, &self.redemption.to_string())?.ok_or(ProblemCode::NotFound)?;
        if tx.actor != Actor::Person(held.receiver_id()?) {
            return Err(ProblemCode::Forbidden.into());
        }
        if held.sealed_code.as_ref() != Some(&self.sealed) {
            return Err(no_code(&held).into());
        }
        let revision = tx.record(ChangeKind::Redemption, &held.id)?;
        let code_shown_at = Some(row::stored(tx.now));
        Ok(redemptions::update(tx.db, &RedemptionRow { sealed_code: None, code_shown_at, revision, ..held })?)
    }
}
