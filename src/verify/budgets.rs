//! Budgets hold what was taken of them and no more, each taking rests on something that still stands, and grants are paid
//! once.

use std::collections::{BTreeMap, HashMap};

use diesel::QueryResult;

use super::Report;
use crate::domain::budget::Taken;
use crate::domain::grant::State as Granted;
use crate::domain::redemption::State as Redeemed;
use crate::store::budgets::{self, BudgetRow, ChargeRow};
use crate::store::db::Db;
use crate::store::grants::{self, GrantRow};
use crate::store::redemptions::RedemptionRow;
use crate::store::{ledger, payroll};

/// Something that budgets are charged for.
struct Standing {
    /// Its number in the one sequence.
    sequence: i64,
    season: Option<(String, String)>,
    points: i64,
    cents: i64,
    currency: Option<String>,
    /// Whether it is beyond asking.
    decided: bool,
}

/// What stands, by the text of the cause.
type AllStanding = BTreeMap<String, Standing>;

/// Checks every budget, charge and grant.
pub(super) fn check(db: &mut Db, report: &mut Report) -> QueryResult<()> {
    let granted = grants::all(db)?;
    check_paid(db, report, &granted)?;
    let mut standing = AllStanding::new();
    for grant in granted {
        if matches!(grant.known_state()?, Granted::Requested | Granted::Granted) {
            standing.insert(format!("grant:{}", grant.id), of_grant(grant));
        }
    }
    for redemption in payroll::all_redemptions(db)? {
        let state = redemption.known_state()?;
        if state.is_open() || state == Redeemed::Fulfilled {
            let decided = state != Redeemed::Requested;
            standing.insert(format!("redemption:{}", redemption.id), of_redemption(redemption, decided));
        }
    }
    let mut charges: HashMap<String, Vec<ChargeRow>> = HashMap::new();
    for charge in budgets::all_charges(db)? {
        charges.entry(charge.budget.clone()).or_default().push(charge);
    }
    for budget in budgets::all(db)? {
        let charges = charges.remove(&budget.id).unwrap_or_default();
        check_sums(report, &budget, &charges);
        check_charges(report, &budget, &charges, &standing);
    }
    Ok(())
}

fn of_grant(grant: GrantRow) -> Standing {
    Standing {
        sequence: grant.sequence,
        season: grant.programme.zip(grant.season),
        points: grant.points,
        cents: 0,
        currency: None,
        decided: true,
    }
}

fn of_redemption(redemption: RedemptionRow, decided: bool) -> Standing {
    Standing {
        sequence: redemption.sequence,
        season: redemption.programme.zip(redemption.season),
        points: 0,
        cents: redemption.value_cents.unwrap_or(0),
        currency: redemption.value_currency,
        decided,
    }
}

/// A grant is paid exactly if it is granted, by one transfer of its amount to its receiver.
fn check_paid(db: &mut Db, report: &mut Report, granted: &[GrantRow]) -> QueryResult<()> {
    let ids: Vec<String> = granted.iter().filter_map(|grant| grant.transfer.clone()).collect();
    let lines: HashMap<String, _> = ledger::by_ids(db, &ids)?.into_iter().map(|line| (line.id.clone(), line)).collect();
    for grant in granted {
        let Some(transfer) = &grant.transfer else { continue };
        let fits = lines.get(transfer).is_some_and(|line| {
            (line.kind.as_str(), line.amount) == ("grant", grant.points)
                && line.payee == format!("wallet:{}", grant.receiver)
                && line.cause == format!("grant:{}", grant.id)
        });
        if !fits {
            report.find(format!("grant {} is not what its transfer pays", grant.id));
        }
    }
    let paid = grants::paid(db)?;
    if usize::try_from(paid) != Ok(ids.len()) {
        report.find(format!("{paid} transfers pay {} grants", ids.len()));
    }
    Ok(())
}

/// What is taken is the sum of what was taken for each cause, and within the limits.
fn check_sums(report: &mut Report, budget: &BudgetRow, charges: &[ChargeRow]) {
    let sum = |of: fn(&ChargeRow) -> i64| charges.iter().map(|charge| i128::from(of(charge))).sum::<i128>();
    let (points, cents) = (sum(|charge| charge.points), sum(|charge| charge.cents));
    if (points, cents) != (i128::from(budget.points_taken), i128::from(budget.cents_taken)) {
        report.find(format!(
            "of budget {} {} points and {} cents are taken, its charges say {points} and {cents}",
            budget.id, budget.points_taken, budget.cents_taken
        ));
    }
    if budget.budget().is_err() {
        report.find(format!("budget {} is overdrawn", budget.id));
    }
}

/// Each charge is for something that stands and was counted by this budget, with its amount; and what names the season of a
/// programme's budget is charged to it.
fn check_charges(report: &mut Report, budget: &BudgetRow, charges: &[ChargeRow], standing: &AllStanding) {
    let season = budget.programme.clone().zip(Some(budget.season.clone()));
    for charge in charges {
        let found = standing.get(&charge.cause).filter(|found| season.is_none() || found.season == season);
        let expected = found.map(|found| wanted(budget, found));
        if expected != Some(Taken { points: charge.points, cents: charge.cents }) {
            report.find(format!("budget {} is charged for {}, which does not stand so", budget.id, charge.cause));
        }
    }
    if season.is_none() || budget.team.is_some() {
        // Whose team was where is not looked up: memberships may have been entered for the past since.
        return;
    }
    let charged: HashMap<&str, &ChargeRow> = charges.iter().map(|charge| (charge.cause.as_str(), charge)).collect();
    for (cause, found) in standing {
        let counts = found.season == season && found.sequence > budget.sequence && found.decided;
        if counts && wanted(budget, found) != Taken::default() && !charged.contains_key(cause.as_str()) {
            report.find(format!("budget {} is not charged for {cause}", budget.id));
        }
    }
}

/// What a budget is charged with, of what it limits.
fn wanted(budget: &BudgetRow, found: &Standing) -> Taken {
    let of_currency = budget.currency.is_some() && budget.currency == found.currency;
    Taken {
        points: if budget.points_limit.is_some() { found.points } else { 0 },
        cents: if of_currency { found.cents } else { 0 },
    }
}
