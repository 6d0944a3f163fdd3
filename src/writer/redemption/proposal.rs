//! Proposing what somebody has won: a redemption that costs nothing and awaits a person's approval (SEMANTICS S11).

use super::{begun, reserve_budget, take_piece};
use crate::domain::ids::{Code, PersonId};
use crate::store::people::{self, PersonRef};
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::rewards;
use crate::writer::{Failure, Tx};

/// A reward that is due to somebody.
#[derive(Debug, Clone)]
pub struct Proposal {
    /// To whom.
    pub receiver: PersonId,
    /// Which reward.
    pub reward: Code,
    /// What it is due by, once for ever: such as `tier:PROGRAMME:SEASON:TIER:PERSON`.
    pub due: String,
    /// The programme.
    pub programme: Code,
    /// Its season.
    pub season: String,
}

/// Proposes a reward, once for each `due`.
///
/// None if it was proposed before, if the catalogue has no such reward, and if the receiver has left. It is proposed
/// whether it is offered or not, and without a piece of stock where none is left: then it can be approved once there is. It
/// does not expire.
pub fn propose(tx: &mut Tx<'_>, proposal: Proposal) -> Result<Option<RedemptionRow>, Failure> {
    let receiver = people::find(tx.db, &PersonRef::Id(proposal.receiver))?;
    if !receiver.is_some_and(|receiver| receiver.active) || redemptions::find_due(tx.db, &proposal.due)?.is_some() {
        return Ok(None);
    }
    let Some(held) = rewards::find(tx.db, proposal.reward.as_str())? else { return Ok(None) };
    let (held, pieces) = take_piece(tx, held)?;
    let redemption = RedemptionRow {
        due: Some(proposal.due),
        programme: Some(proposal.programme.into()),
        season: Some(proposal.season),
        cost: 0,
        ..begun(tx, proposal.receiver, &held, pieces)?
    };
    reserve_budget(tx, &redemption)?;
    redemptions::insert(tx.db, &redemption)?;
    Ok(Some(redemption))
}
