//! Closed payrolls say what redemptions say: nothing flowed into them since, and nothing was lost.

use super::Report;
use crate::catalogue::Catalogue;
use crate::domain::payroll::month;
use crate::store::db::Db;
use crate::store::payroll;
use crate::writer::Failure;
use crate::writer::payroll::made;

/// Checks every closed payroll.
pub(super) fn check(db: &mut Db, report: &mut Report, catalogue: &Catalogue) -> Result<(), Failure> {
    for row in payroll::all_closed(db)? {
        let (kept, Some(month)) = (row.payroll()?, month(&catalogue.zone, &row.month)) else {
            report.find(format!("payroll {} is of no month", row.month));
            continue;
        };
        if made(db, kept.benefit_limit, &month)? != kept {
            report.find(format!("payroll {} is not what redemptions say", row.month));
        }
    }
    Ok(())
}
