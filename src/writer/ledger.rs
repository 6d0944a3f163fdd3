//! Posting transfers: balances move with them, in order, or not at all.

use std::collections::HashMap;

use super::{Failure, Tx};
use crate::domain::ledger::{Account, Transfer, balances_after};
use crate::domain::points::Points;
use crate::store::ledger::{AccountRow, TransferRow};
use crate::store::{ledger, row};

/// Appends transfers in the order given and moves the balances; opens accounts that are new.
pub fn post(tx: &mut Tx<'_>, transfers: &[Transfer]) -> Result<(), Failure> {
    if transfers.is_empty() {
        return Ok(());
    }
    let mut accounts: Vec<&Account> =
        transfers.iter().flat_map(|transfer| [&transfer.payer, &transfer.payee]).collect();
    // Sorted, so that concurrent upserts on PostgreSQL would take their row locks in one order.
    accounts.sort_unstable();
    accounts.dedup();
    let ids: Vec<String> = accounts.iter().map(ToString::to_string).collect();
    let mut balances = ledger::balances(tx.db, &ids)?;
    let mut rows = Vec::with_capacity(transfers.len());
    for transfer in transfers {
        rows.push(post_one(tx, &mut balances, transfer)?);
    }
    let saved: Vec<AccountRow> = accounts
        .into_iter()
        .zip(ids)
        .map(|(account, id)| AccountRow {
            kind: account.kind().to_owned(),
            owner: account.owner(),
            balance: balances.get(&id).copied().unwrap_or(0),
            id,
        })
        .collect();
    ledger::save_accounts(tx.db, &saved)?;
    ledger::append(tx.db, &rows)?;
    Ok(())
}

fn post_one(tx: &mut Tx<'_>, balances: &mut HashMap<String, i64>, transfer: &Transfer) -> Result<TransferRow, Failure> {
    let (payer, payee) = (transfer.payer.to_string(), transfer.payee.to_string());
    let balance = |id: &String| Points(balances.get(id).copied().unwrap_or(0));
    let (payer_after, payee_after) = balances_after(transfer, balance(&payer), balance(&payee))?;
    balances.insert(payer.clone(), payer_after.0);
    balances.insert(payee.clone(), payee_after.0);
    let origin = transfer.origin.as_ref();
    Ok(TransferRow {
        id: transfer.id.into(),
        sequence: tx.take_number(),
        kind: transfer.kind.name().to_owned(),
        payer,
        payee,
        amount: transfer.amount.0,
        payer_balance: payer_after.0,
        reverses: transfer.reverses.map(String::from),
        programme: origin.map(|origin| origin.programme.clone()),
        season: origin.map(|origin| origin.season.clone()),
        rule: origin.map(|origin| origin.rule.clone()),
        version: origin.map(|origin| i32::try_from(origin.version)).transpose().map_err(row::corrupt)?,
        subject: origin.map(|origin| origin.subject.clone()),
        cause: transfer.cause.clone(),
        at: row::stored(transfer.at),
        recorded_at: row::stored(tx.now),
    })
}
