//! Asking for a reward with one's own points.

use chrono::TimeDelta;

use super::{asker, begun, move_points, reserve_budget, take_piece};
use crate::domain::ids::Code;
use crate::domain::ledger::TransferKind;
use crate::domain::problem::{Finding, ProblemCode};
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::{rewards, row};
use crate::writer::{Actor, Command, Failure, Tx};

/// Asks for a reward on behalf of whoever acts: its cost is fixed, and paid into the reward's account.
pub struct RequestRedemption {
    /// Which.
    pub reward: Code,
}

impl Command for RequestRedemption {
    type Output = RedemptionRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<RedemptionRow, Failure> {
        let Actor::Person(receiver) = tx.actor else { return Err(ProblemCode::Forbidden.into()) };
        let catalogue = tx.catalogue()?;
        let unknown =
            || Finding::new("/reward", ProblemCode::UnknownName).with("what", "reward").with("name", &self.reward);
        let held = rewards::find(tx.db, self.reward.as_str())?.ok_or_else(unknown)?;
        let (today, _) = catalogue.zone.local(tx.now);
        let asker = asker(tx.db, &catalogue, receiver, tx.now)?;
        let hindrances = held.reward()?.hindrances(&asker, today, held.stock);
        if let Some(first) = hindrances.first() {
            return Err(first.problem(&self.reward).into());
        }
        let (held, pieces) = take_piece(tx, held)?;
        let begun = begun(tx, receiver, &held, pieces)?;
        let days = catalogue.organization.redemptions.expires_after_days;
        let expires_at = Some(row::stored(tx.now + TimeDelta::days(i64::from(days))));
        let transfer = move_points(tx, &begun, TransferKind::Redemption)?;
        let redemption = RedemptionRow { expires_at, transfer, ..begun };
        reserve_budget(tx, &redemption)?;
        redemptions::insert(tx.db, &redemption)?;
        // The writer's thread looks anew when time decides something next.
        tx.due_added = true;
        Ok(redemption)
    }
}
