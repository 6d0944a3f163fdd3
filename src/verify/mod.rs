//! Is the ledger right? Checks promises 1, 2 and 6 of the design on a live database, and says what it found.
//!
//! Reads only. Uses the same fold that awards; knows nothing of how awards were written.

mod budgets;
mod contests;
mod folds;
mod payroll;
mod proposals;
mod rewards;
mod seasons;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::QueryResult;

use crate::catalogue::Catalogue;
use crate::domain::award::Cause;
use crate::store::awards::{self, AwardRow};
use crate::store::db::Db;
use crate::store::ledger::{self, TransferRow};
use crate::store::row;
use crate::writer::Failure;

/// Transfers read at a time.
const STEP: i64 = 10_000;
/// Findings told of one check; more are counted.
const TOLD: usize = 20;

/// What a check found.
#[derive(Debug, Default)]
pub struct Report {
    /// Transfers looked at.
    pub transfers: u64,
    /// Accounts looked at.
    pub accounts: u64,
    /// Seasons of subjects folded.
    pub folds: u64,
    /// Live awards compared.
    pub awards: u64,
    /// Closed seasons looked at.
    pub seasons: u64,
    findings: Vec<String>,
    untold: usize,
}

impl Report {
    /// Whether everything held.
    pub fn is_clean(&self) -> bool {
        self.findings.is_empty()
    }

    /// What did not hold, in sentences.
    pub fn findings(&self) -> &[String] {
        &self.findings
    }

    fn find(&mut self, finding: String) {
        if self.findings.len() < TOLD { self.findings.push(finding) } else { self.untold += 1 }
    }
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        writeln!(
            f,
            "checked {} transfers, {} accounts, {} folded seasons, {} live awards, {} closed seasons",
            self.transfers, self.accounts, self.folds, self.awards, self.seasons
        )?;
        for finding in &self.findings {
            writeln!(f, "wrong: {finding}")?;
        }
        match (self.is_clean(), self.untold) {
            (true, _) => f.write_str("clean: the ledger balances and equals the evidence"),
            (false, 0) => write!(f, "{} findings", self.findings.len()),
            (false, more) => {
                write!(f, "{} findings, the first {} told", self.findings.len() + more, self.findings.len())
            }
        }
    }
}

/// Checks everything on one state of the data.
pub fn verify(db: &mut Db) -> Result<Report, Failure> {
    db.snapshot(|db| {
        let mut report = Report::default();
        let (live, redeemed) = check_transfers(db, &mut report)?;
        check_awards(db, &mut report, &live)?;
        rewards::check(db, &mut report, redeemed)?;
        budgets::check(db, &mut report)?;
        let catalogue = Catalogue::load(db)?;
        payroll::check(db, &mut report, &catalogue)?;
        Ok(report)
    })
}

/// Promise 1. Gives the award transfers that stand, with their amounts, and those of redemptions.
fn check_transfers(db: &mut Db, report: &mut Report) -> QueryResult<(HashMap<String, i64>, rewards::Unclaimed)> {
    let mut balances: BTreeMap<String, i128> = BTreeMap::new();
    let (mut standing, mut redeemed) = (HashMap::new(), rewards::Unclaimed::new());
    let mut known: HashMap<String, (String, String, i64)> = HashMap::new();
    let mut since = 0;
    loop {
        let step = ledger::since(db, since, STEP)?;
        let Some(last) = step.last() else { break };
        since = last.sequence;
        for transfer in step {
            report.transfers += 1;
            check_transfer(report, &mut balances, &transfer);
            match &transfer.reverses {
                Some(reversed) => {
                    standing.remove(reversed);
                    check_reversal(report, &transfer, known.remove(reversed));
                }
                None => {
                    if transfer.kind == "award" {
                        standing.insert(transfer.id.clone(), transfer.amount);
                    }
                    known
                        .insert(transfer.id.clone(), (transfer.payer.clone(), transfer.payee.clone(), transfer.amount));
                }
            }
            if rewards::is_of_redemption(&transfer) {
                redeemed.insert(transfer.id.clone(), transfer);
            }
        }
    }
    let mut sum: i128 = 0;
    for account in ledger::all_accounts(db)? {
        report.accounts += 1;
        sum += i128::from(account.balance);
        let flowed = balances.remove(&account.id).unwrap_or(0);
        if flowed != i128::from(account.balance) {
            report.find(format!("account {} has {} and its transfers say {flowed}", account.id, account.balance));
        }
    }
    if sum != 0 {
        report.find(format!("all accounts together have {sum}, not 0"));
    }
    Ok((standing, redeemed))
}

fn check_transfer(report: &mut Report, balances: &mut BTreeMap<String, i128>, transfer: &TransferRow) {
    let amount = i128::from(transfer.amount);
    *balances.entry(transfer.payee.clone()).or_default() += amount;
    let payer = balances.entry(transfer.payer.clone()).or_default();
    *payer -= amount;
    let payer = *payer;
    if payer != i128::from(transfer.payer_balance) {
        let noted = transfer.payer_balance;
        report.find(format!("transfer {} notes {noted} as the payer's balance after it; it was {payer}", transfer.id));
    }
}

/// A reversal names one transfer that stood, has its amount, and goes the other way.
fn check_reversal(report: &mut Report, reversal: &TransferRow, reversed: Option<(String, String, i64)>) {
    match reversed {
        None => report.find(format!("transfer {} reverses what does not stand", reversal.id)),
        Some((payer, payee, amount)) => {
            if (&payer, &payee, amount) != (&reversal.payee, &reversal.payer, reversal.amount) {
                report.find(format!("transfer {} is not the opposite of what it reverses", reversal.id));
            }
        }
    }
}

/// Live awards by programme, season and the subject of their fold.
type Live = BTreeMap<(String, String, String), Vec<AwardRow>>;

/// Badges by programme, season, badge and subject.
type Badges = BTreeSet<(String, String, String, String)>;

/// Promise 2, and that live awards and standing transfers are the same.
fn check_awards(db: &mut Db, report: &mut Report, standing: &HashMap<String, i64>) -> Result<(), Failure> {
    let catalogue = Catalogue::load(db)?;
    let mut live = Live::new();
    let mut carried = BTreeSet::new();
    let mut named = Badges::new();
    for award in awards::all(db)? {
        report.awards += 1;
        if let Some(badge) = &award.badge {
            let (programme, season) = (award.programme.clone(), award.season.clone());
            named.insert((programme, season, badge.clone(), award.subject.clone()));
        }
        if let Some(transfer) = &award.transfer {
            if standing.get(transfer) != Some(&award.points) {
                report.find(format!(
                    "award {} of {} rests on a transfer that does not stand",
                    award.cause, award.subject
                ));
            }
            carried.insert(transfer.clone());
        }
        let fold = match row::parsed(award.cause.clone())? {
            Cause::TeamGoal(team, _) => team.to_string(),
            _ => award.subject.clone(),
        };
        let key = (award.programme.clone(), award.season.clone(), fold);
        live.entry(key).or_default().push(award);
    }
    for transfer in standing.keys().filter(|id| !carried.contains(*id)) {
        report.find(format!("transfer {transfer} stands, and no live award rests on it"));
    }
    proposals::check(db, &catalogue, report)?;
    folds::check(db, report, &catalogue, &mut live)?;
    for ((programme, season, subject), awards) in live {
        report.find(format!("{} awards of {subject} in {programme} {season} have no evidence", awards.len()));
    }
    Ok(check_badges(db, report, &catalogue, named)?)
}

/// A badge is held exactly while a live award names it; in a closed season, as its statement has it; and once it was won
/// in a contest.
fn check_badges(db: &mut Db, report: &mut Report, catalogue: &Catalogue, mut named: Badges) -> QueryResult<()> {
    let mut held = Badges::new();
    for event in awards::all_badge_events(db)? {
        let key = (event.programme, event.season, event.badge, event.subject);
        let fits = if event.change == "granted" { held.insert(key.clone()) } else { held.remove(&key) };
        if !fits {
            report.find(format!("badge {} of {} is {} twice", key.2, key.3, event.change));
        }
    }
    let won = contests::check(db, report)?;
    named.extend(won.iter().cloned());
    seasons::check(db, report, catalogue, (&mut named, &mut held, &won))?;
    for (programme, season, badge, subject) in named.symmetric_difference(&held) {
        let said = format!("badge {badge} of {subject} in {programme} {season}");
        let is_held = held.contains(&(programme.clone(), season.clone(), badge.clone(), subject.clone()));
        report.find(if is_held {
            format!("{said} is held, and no award names it")
        } else {
            format!("{said} is not held")
        });
    }
    Ok(())
}
