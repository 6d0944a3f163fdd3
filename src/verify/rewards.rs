//! Redemptions and the ledger say the same: what was paid, what was given back, what is held, and what stock is left.

use std::collections::{BTreeMap, BTreeSet};

use diesel::QueryResult;

use super::{Report, STEP};
use crate::domain::ledger::Account;
use crate::store::db::Db;
use crate::store::ledger::{self, TransferRow};
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::rewards;

/// Transfers of redemptions and refunds that no redemption has named yet, by id.
pub(super) type Unclaimed = BTreeMap<String, TransferRow>;

/// Whether a transfer is of a redemption.
pub(super) fn is_of_redemption(transfer: &TransferRow) -> bool {
    matches!(transfer.kind.as_str(), "redemption" | "refund")
}

/// Checks every redemption against the transfers of redemptions and refunds, and the accounts and stock of rewards.
pub(super) fn check(db: &mut Db, report: &mut Report, mut unclaimed: Unclaimed) -> QueryResult<()> {
    let mut held: BTreeMap<String, i64> = BTreeMap::new();
    let mut due = BTreeSet::new();
    let mut since = 0;
    loop {
        let step = redemptions::since(db, since, STEP)?;
        let Some(last) = step.last() else { break };
        since = last.sequence;
        for redemption in step {
            check_one(report, &mut unclaimed, &redemption);
            if redemption.refund.is_none() {
                *held.entry(redemption.reward.clone()).or_default() += redemption.cost;
            }
            if redemption.due.as_ref().is_some_and(|reason| !due.insert(reason.clone())) {
                report.find(format!("redemption {} is due by what was proposed before", redemption.id));
            }
        }
    }
    for transfer in unclaimed.values() {
        report.find(format!("transfer {} is a {} of no redemption", transfer.id, transfer.kind));
    }
    for reward in rewards::all(db)? {
        let account = Account::Reward(reward.code.clone()).to_string();
        let balance = ledger::balances(db, std::slice::from_ref(&account))?.remove(&account).unwrap_or(0);
        let costs = held.remove(&reward.code).unwrap_or(0);
        if balance != costs {
            report.find(format!("account {account} has {balance}, and its redemptions cost {costs}"));
        }
        if reward.stock.is_some_and(|stock| stock < 0) {
            report.find(format!("reward {} has less than nothing in stock", reward.code));
        }
    }
    Ok(())
}

/// What was paid for a redemption is its cost; what was given back is the same the other way, exactly where it has ended
/// without being handed over.
fn check_one(report: &mut Report, unclaimed: &mut Unclaimed, redemption: &RedemptionRow) {
    let mut claim = |id: &Option<String>| id.as_ref().and_then(|id| unclaimed.remove(id));
    let (paid, refunded) = (claim(&redemption.transfer), claim(&redemption.refund));
    let wallet = format!("wallet:{}", redemption.receiver);
    let account = Account::Reward(redemption.reward.clone()).to_string();
    let cause = format!("redemption:{}", redemption.id);
    let fits = |line: &Option<TransferRow>, kind: &str, way: [&str; 2]| {
        line.as_ref().is_some_and(|line| {
            line.kind == kind
                && [line.payer.as_str(), line.payee.as_str()] == way
                && line.amount == redemption.cost
                && line.cause == cause
        })
    };
    let ended = matches!(redemption.state.as_str(), "rejected" | "cancelled" | "expired");
    if (redemption.cost > 0) != fits(&paid, "redemption", [&wallet, &account]) {
        report.find(format!("redemption {} is not paid for with its cost", redemption.id));
    }
    if (redemption.cost > 0 && ended) != fits(&refunded, "refund", [&account, &wallet]) {
        report.find(format!(
            "redemption {} is {}, and its refund is not as it should be",
            redemption.id, redemption.state
        ));
    }
    if ended && redemption.pieces != 0 {
        report.find(format!("redemption {} has ended and holds a piece of stock", redemption.id));
    }
}
