//! Rebuilding what is derived: balances from transfers, live awards from standing transfers and the fold.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Command, Failure, Tx, due};
use crate::catalogue::Catalogue;
use crate::store::awards::AwardRow;
use crate::store::ledger::TransferRow;
use crate::store::{awards, fold_days, ledger, people, team_sums};

const STEP: i64 = 10_000;

/// Rebuilds everything derived. The transfers stay as they are; what the evidence calls for beyond them is appended.
pub struct Rebuild;

/// What rebuilding found to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Accounts whose balance was not that of their transfers.
    pub balances: usize,
    /// Live awards put back, that their transfers still carry.
    pub awards: usize,
    /// Numbers that settling took: transfers and badge events it had to append.
    pub appended: i64,
}

impl Command for Rebuild {
    type Output = Rebuilt;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Rebuilt, Failure> {
        tx.db.take_your_time()?;
        let balances = rebuild_balances(tx)?;
        let awards = rebuild_awards(tx)?;
        let before = tx.sequence;
        everybody(tx)?;
        Ok(Rebuilt { balances, awards, appended: tx.sequence - before })
    }
}

fn rebuild_balances(tx: &mut Tx<'_>) -> Result<usize, Failure> {
    let flows = ledger::flows(tx.db)?;
    let mut wrong = Vec::new();
    for mut account in ledger::all_accounts(tx.db)? {
        let (paid, received) = flows.get(&account.id).copied().unwrap_or_default();
        if account.balance != received - paid {
            account.balance = received - paid;
            wrong.push(account);
        }
    }
    ledger::save_accounts(tx.db, &wrong)?;
    Ok(wrong.len())
}

/// Makes the live awards those of the award transfers that stand. Awards without points have no transfer: settling brings
/// them back.
fn rebuild_awards(tx: &mut Tx<'_>) -> Result<usize, Failure> {
    let mut standing: HashMap<String, TransferRow> = HashMap::new();
    let mut since = 0;
    loop {
        let step = ledger::since(tx.db, since, STEP)?;
        let Some(last) = step.last() else { break };
        since = last.sequence;
        for transfer in step {
            if let Some(reversed) = &transfer.reverses {
                standing.remove(reversed);
            } else if transfer.kind == "award" {
                standing.insert(transfer.id.clone(), transfer);
            }
        }
    }
    let catalogue = tx.catalogue()?;
    let mut changed = 0;
    let mut kept = BTreeSet::new();
    for award in awards::all(tx.db)? {
        let carries = |transfer: &TransferRow| award_of(&catalogue, transfer).as_ref() == Some(&award);
        let good = match &award.transfer {
            Some(transfer) => standing.get(transfer).is_some_and(carries),
            None => award.points == 0,
        };
        if good {
            kept.extend(award.transfer);
        } else {
            awards::remove(tx.db, std::slice::from_ref(&award))?;
            changed += 1;
        }
    }
    let lost: BTreeMap<&String, &TransferRow> = standing.iter().filter(|(id, _)| !kept.contains(*id)).collect();
    let rows: Vec<AwardRow> = lost.into_values().filter_map(|transfer| award_of(&catalogue, transfer)).collect();
    awards::insert(tx.db, &rows)?;
    Ok(changed + rows.len())
}

/// The award that a transfer carries; its badge is the one that its rule gives in its version.
fn award_of(catalogue: &Catalogue, transfer: &TransferRow) -> Option<AwardRow> {
    let (programme, rule, version) = (transfer.programme.clone()?, transfer.rule.clone()?, transfer.version?);
    let versions = &catalogue.programmes.get(&programme)?.timeline.versions;
    let document = &versions.iter().find(|one| i64::from(one.version) == i64::from(version))?.programme;
    let badge = document.rules.iter().find(|one| one.code.as_str() == rule)?.award.badge.as_ref();
    Some(AwardRow {
        badge: badge.map(ToString::to_string),
        programme,
        season: transfer.season.clone()?,
        rule,
        subject: transfer.subject.clone()?,
        cause: transfer.cause.clone(),
        points: transfer.amount,
        at: transfer.at,
        version,
        transfer: Some(transfer.id.clone()),
    })
}

/// Forgets what folds go on from, and puts everybody with evidence on the due list.
fn everybody(tx: &mut Tx<'_>) -> Result<(), Failure> {
    fold_days::forget_all(tx.db)?;
    team_sums::forget_all(tx.db)?;
    for person in people::all(tx.db)? {
        due::facts_changed(tx, person.person_id()?, None)?;
    }
    while due::work_off(tx)? {}
    Ok(())
}
