//! Redemptions: asking for a reward, and every step until it is handed over or given back.
//!
//! Points go from the wallet to the reward's account when it is requested, and a piece of stock with them; whatever ends a
//! redemption otherwise than by handing it over gives both back, once.

mod advance;
mod asker;
mod code;
mod request;

use super::budget::{self, Charge};
use super::{Actor, Failure, Tx, ledger, reward};
use crate::domain::ids::{PersonId, RedemptionId, TransferId};
use crate::domain::ledger::{Account, Transfer, TransferKind};
use crate::domain::points::Points;
use crate::domain::problem::ProblemCode;
use crate::domain::redemption::State;
use crate::domain::time::Instant;
use crate::store::head::ChangeKind;
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::rewards::{self, RewardRow};
use crate::store::row;

pub use advance::{Act, AdvanceRedemption, Advanced};
pub use asker::asker;
pub use code::{TakeCode, no_code};
pub use request::RequestRedemption;

/// Redemptions that expire in one transaction.
const CHUNK: i64 = 64;

/// What a transfer of a redemption rests on.
fn cause(id: RedemptionId) -> String {
    format!("redemption:{id}")
}

/// Takes a piece of the reward's stock, if there is an end to it; the reward with what is left, and the pieces taken.
fn take_piece(tx: &mut Tx<'_>, held: RewardRow) -> Result<(RewardRow, i64), Failure> {
    let Some(stock) = held.stock else { return Ok((held, 0)) };
    if stock == 0 {
        return Ok((held, 0));
    }
    let taken = reward::restock(tx, RewardRow { stock: Some(stock - 1), ..held })?;
    Ok((taken, 1))
}

/// The row of a redemption that begins now.
pub(super) fn begun(
    tx: &mut Tx<'_>,
    receiver: PersonId,
    held: &RewardRow,
    pieces: i64,
) -> Result<RedemptionRow, Failure> {
    let reward = held.reward()?;
    let id = RedemptionId::new(tx.now).to_string();
    let sequence = tx.record(ChangeKind::Redemption, &id)?;
    Ok(RedemptionRow {
        id,
        sequence,
        receiver: receiver.into(),
        reward: held.code.clone(),
        due: None,
        programme: None,
        season: None,
        cost: reward.cost.0,
        kind: reward.kind.name().to_owned(),
        value_cents: reward.value.map(|value| value.cents),
        value_currency: reward.value.map(|value| value.currency.to_string()),
        days_off: reward.days_off,
        state: State::Requested.name().to_owned(),
        requested_at: row::stored(tx.now),
        requested_by: tx.actor_text(),
        expires_at: None,
        decided_at: None,
        decided_by: None,
        ended_at: None,
        ended_by: None,
        note: None,
        transfer: None,
        refund: None,
        inflow_on: None,
        sealed_code: None,
        code_shown_at: None,
        revision: sequence,
        pieces,
    })
}

/// Moves a redemption's cost, out of the wallet or back into it; nothing if it costs nothing.
fn move_points(tx: &mut Tx<'_>, redemption: &RedemptionRow, kind: TransferKind) -> Result<Option<String>, Failure> {
    if redemption.cost == 0 {
        return Ok(None);
    }
    let wallet = Account::Wallet(redemption.receiver_id()?);
    let account = Account::Reward(redemption.reward.clone());
    let (payer, payee) = if kind == TransferKind::Refund { (account, wallet) } else { (wallet, account) };
    let transfer = Transfer {
        id: TransferId::new(tx.now),
        kind,
        payer,
        payee,
        amount: Points(redemption.cost),
        reverses: None,
        origin: None,
        cause: cause(redemption.redemption_id()?),
        at: tx.now,
    };
    ledger::post(tx, std::slice::from_ref(&transfer))?;
    Ok(Some(transfer.id.into()))
}

/// Ends an open redemption without handing it over: points and the piece of stock return, and what was kept of the budget
/// is free again. Whoever calls says in `held` who ended it, and why.
fn give_back(tx: &mut Tx<'_>, held: RedemptionRow, state: State) -> Result<RedemptionRow, Failure> {
    let refund = move_points(tx, &held, TransferKind::Refund)?;
    if held.pieces > 0 {
        let reward = rewards::find(tx.db, &held.reward)?.ok_or(ProblemCode::NotFound)?;
        if let Some(stock) = reward.stock {
            reward::restock(tx, RewardRow { stock: Some(stock + held.pieces), ..reward })?;
        }
    }
    budget::release(tx, &cause(held.redemption_id()?))?;
    let revision = tx.record(ChangeKind::Redemption, &held.id)?;
    let state = state.name().to_owned();
    let ended = RedemptionRow { state, refund, pieces: 0, expires_at: None, sealed_code: None, revision, ..held };
    redemptions::update(tx.db, &ended)?;
    Ok(ended)
}

/// The same with who ended it noted, and when.
fn end(tx: &mut Tx<'_>, held: RedemptionRow, state: State, note: Option<String>) -> Result<RedemptionRow, Failure> {
    let (ended_at, ended_by) = (Some(row::stored(tx.now)), Some(tx.actor_text()));
    give_back(tx, RedemptionRow { ended_at, ended_by, note, ..held }, state)
}

/// Cancels whatever a person has not been given yet (SEMANTICS S32, S33).
pub fn cancel_open(tx: &mut Tx<'_>, person: PersonId, note: &str) -> Result<(), Failure> {
    for held in redemptions::open_of(tx.db, &person.to_string())? {
        end(tx, held, State::Cancelled, Some(note.to_owned()))?;
    }
    Ok(())
}

/// Ends what has expired, in a chunk; whether there may be more, and when the next expires.
pub(super) fn expire(tx: &mut Tx<'_>) -> Result<(bool, Option<Instant>), Failure> {
    let expired = redemptions::expired(tx.db, tx.now, CHUNK)?;
    let more = i64::try_from(expired.len()).is_ok_and(|count| count == CHUNK);
    let before = std::mem::replace(&mut tx.actor, Actor::Operator);
    for held in expired {
        end(tx, held, State::Expired, None)?;
    }
    tx.actor = before;
    Ok((more, redemptions::next_expiry(tx.db)?))
}

/// Takes what a redemption is worth from the budgets that bear it.
fn reserve_budget(tx: &mut Tx<'_>, redemption: &RedemptionRow) -> Result<(), Failure> {
    let charge = Charge {
        cause: cause(redemption.redemption_id()?),
        receiver: redemption.receiver_id()?,
        programme: redemption.programme.clone(),
        season: redemption.season.clone(),
        points: Points::ZERO,
        money: redemption.value()?,
    };
    budget::reserve(tx, &charge)
}
