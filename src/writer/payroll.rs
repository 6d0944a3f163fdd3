//! Payroll: what redemptions brought people in a month, closed once and never changed after.

use chrono::NaiveDate;
use diesel::QueryResult;

use super::{Command, Failure, Tx};
use crate::domain::money::Money;
use crate::domain::payroll::{self as rules, Benefit, BenefitWarning, Inflow, Payroll, PersonMonth};
use crate::domain::period::{Period, Zone};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::db::Db;
use crate::store::head::ChangeKind;
use crate::store::payroll::{self, PayrollRow};
use crate::store::redemptions::RedemptionRow;
use crate::store::{organization, row};

/// Closes the payroll of a month that is over. Closing it again changes nothing.
pub struct ClosePayroll {
    /// Of the organisation's zone: `2026-11`.
    pub month: String,
}

impl Command for ClosePayroll {
    type Output = PayrollRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<PayrollRow, Failure> {
        if let Some(closed) = payroll::closed(tx.db, &self.month)? {
            return Ok(closed);
        }
        let catalogue = tx.catalogue()?;
        let month = rules::month(&catalogue.zone, &self.month).ok_or(ProblemCode::NotFound)?;
        if tx.now < month.until {
            let problem = Problem::new(ProblemCode::MonthNotOver).with("month", &month.code);
            return Err(problem.with("earliest", month.until.to_rfc3339()).into());
        }
        let made = made(tx.db, catalogue.organization.benefit_limit, &month)?;
        tx.record(ChangeKind::Payroll, &month.code)?;
        let (closed_at, closed_by) = (row::stored(tx.now), tx.actor_text());
        let row = PayrollRow { month: month.code, closed_at, closed_by, body: row::to_json(&made)? };
        payroll::insert(tx.db, &row)?;
        Ok(row)
    }
}

/// The payroll of a month as redemptions have it now.
pub fn made(db: &mut Db, benefit_limit: Option<Money>, month: &Period) -> QueryResult<Payroll> {
    let mut people: Vec<PersonMonth> = Vec::new();
    for redemption in payroll::handed_over(db, month.first_day, month.until_day)? {
        let (Some(benefit), Some(inflow_on)) = (benefit(&redemption)?, redemption.inflow_on) else { continue };
        let person = redemption.receiver_id()?;
        let id = redemption.redemption_id()?;
        let inflow = Inflow { redemption: id, reward: redemption.reward, inflow_on, benefit };
        match people.last_mut().filter(|last| last.person == person) {
            Some(last) => last.inflows.push(inflow),
            None => people.push(PersonMonth { person, inflows: vec![inflow] }),
        }
    }
    Ok(Payroll { month: month.code.clone(), benefit_limit, people })
}

/// What a redemption is, or will be, to the wages of its receiver.
pub fn benefit(redemption: &RedemptionRow) -> QueryResult<Option<Benefit>> {
    Ok(Benefit::of(redemption.known_kind()?, redemption.value()?, redemption.days_off))
}

/// Refuses a day of inflow in a month whose payroll is closed.
pub fn check_open(tx: &mut Tx<'_>, inflow_on: NaiveDate) -> Result<(), Failure> {
    let month = rules::month_of(inflow_on);
    match payroll::closed(tx.db, &month)? {
        Some(_) => Err(Finding::new("/inflow_on", ProblemCode::PayrollClosed).with("month", month).into()),
        None => Ok(()),
    }
}

/// The warning, if a redemption's receiver would get more in kind in a month than the organisation's limit, counting what
/// they got in it and what is approved and still to come. `redemption` itself counts once, whatever its state.
pub fn benefit_warning(
    db: &mut Db,
    redemption: &RedemptionRow,
    month: &str,
) -> Result<Option<BenefitWarning>, Failure> {
    let settings = organization::find(db)?.ok_or(diesel::result::Error::NotFound)?.settings()?;
    let zone = Zone::new(&settings.time_zone).ok_or_else(|| row::corrupt("the organisation's time zone is unknown"))?;
    let month = rules::month(&zone, month).ok_or(ProblemCode::NotFound)?;
    let (Some(limit), Some(concerned)) = (settings.benefit_limit, benefit(redemption)?) else { return Ok(None) };
    let mut others = Vec::new();
    for other in payroll::of_receiver(db, &redemption.receiver, month.first_day, month.until_day)? {
        if other.id != redemption.id {
            others.extend(benefit(&other)?);
        }
    }
    Ok(rules::warning(limit, &month.code, &others, concerned))
}
