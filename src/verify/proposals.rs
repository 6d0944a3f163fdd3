//! What was proposed is what closed seasons and finalised contests bring, and nothing else.

use std::collections::HashSet;

use diesel::QueryResult;

use super::Report;
use crate::catalogue::Catalogue;
use crate::store::db::Db;
use crate::store::redemptions;
use crate::writer::proposal;

/// Checks every redemption that nobody asked for. That one is lacking is no fault: its receiver may have left, or its
/// reward may have come later.
pub(super) fn check(db: &mut Db, catalogue: &Catalogue, report: &mut Report) -> QueryResult<()> {
    let proposed = redemptions::all_proposed(db)?;
    if proposed.is_empty() {
        return Ok(());
    }
    let due = proposal::all(db, catalogue, |_| true)?.into_iter();
    let due: HashSet<(String, String, String)> =
        due.map(|proposal| (proposal.due, proposal.receiver.to_string(), proposal.reward)).collect();
    for one in proposed.iter().filter(|one| !due.contains(*one)) {
        let (by, receiver, reward) = one;
        report.find(format!("reward {reward} for {receiver} is not due by {by}"));
    }
    Ok(())
}
