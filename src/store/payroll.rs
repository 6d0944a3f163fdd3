//! What redemptions brought people in a month, and payrolls that are closed.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::db::Db;
use super::redemptions::RedemptionRow;
use super::row;
use super::schema::{payrolls, redemptions};
use crate::domain::payroll::Payroll;

/// A closed payroll as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = payrolls, treat_none_as_default_value = false)]
pub struct PayrollRow {
    /// See the column.
    pub month: String,
    /// See the column.
    pub closed_at: NaiveDateTime,
    /// See the column.
    pub closed_by: String,
    /// JSON.
    pub body: String,
}

impl PayrollRow {
    /// What it says.
    pub fn payroll(&self) -> QueryResult<Payroll> {
        row::from_json(&self.body)
    }
}

/// The payroll of a month, if it is closed.
pub fn closed(db: &mut Db, month: &str) -> QueryResult<Option<PayrollRow>> {
    payrolls::table.find(month).select(PayrollRow::as_select()).first(db).optional()
}

/// Keeps the payroll of a month, once and for all.
pub fn insert(db: &mut Db, row: &PayrollRow) -> QueryResult<()> {
    diesel::insert_into(payrolls::table).values(row).execute(db).map(drop)
}

/// Every closed payroll, by month.
pub fn all_closed(db: &mut Db) -> QueryResult<Vec<PayrollRow>> {
    payrolls::table.order(payrolls::month).select(PayrollRow::as_select()).load(db)
}

/// What was handed over on the days from `first` to before `until`, by receiver and day.
pub fn handed_over(db: &mut Db, first: NaiveDate, until: NaiveDate) -> QueryResult<Vec<RedemptionRow>> {
    redemptions::table
        .filter(redemptions::state.eq("fulfilled"))
        .filter(redemptions::inflow_on.ge(first))
        .filter(redemptions::inflow_on.lt(until))
        .order((redemptions::receiver, redemptions::inflow_on, redemptions::sequence))
        .select(RedemptionRow::as_select())
        .load(db)
}

/// What is approved and not handed over yet, by receiver.
pub fn expected(db: &mut Db) -> QueryResult<Vec<RedemptionRow>> {
    redemptions::table
        .filter(redemptions::state.eq("approved"))
        .order((redemptions::receiver, redemptions::sequence))
        .select(RedemptionRow::as_select())
        .load(db)
}

/// The same of one receiver, together with what they got on the days from `first` to before `until`.
pub fn of_receiver(db: &mut Db, receiver: &str, first: NaiveDate, until: NaiveDate) -> QueryResult<Vec<RedemptionRow>> {
    let within = redemptions::inflow_on.ge(first).and(redemptions::inflow_on.lt(until)).assume_not_null();
    redemptions::table
        .filter(redemptions::receiver.eq(receiver))
        .filter(redemptions::state.eq("approved").or(redemptions::inflow_on.is_not_null().and(within)))
        .select(RedemptionRow::as_select())
        .load(db)
}

/// Every redemption.
pub fn all_redemptions(db: &mut Db) -> QueryResult<Vec<RedemptionRow>> {
    redemptions::table.order(redemptions::sequence).select(RedemptionRow::as_select()).load(db)
}
