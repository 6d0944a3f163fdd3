//! What has happened to people since a number of the sequence, for those who listen.

use std::collections::BTreeSet;

use diesel::prelude::*;

use super::awards::BadgeEventRow;
use super::db::Db;
use super::ledger::TransferRow;
use super::schema::{badge_events, transfers};

/// The subjects of awards, reversals and badges after `since`; none if there are `limit` or more to look at.
pub fn concerned(db: &mut Db, since: i64, limit: i64) -> QueryResult<Option<BTreeSet<String>>> {
    let awarded: Vec<Option<String>> = transfers::table
        .filter(transfers::sequence.gt(since))
        .order(transfers::sequence)
        .limit(limit)
        .select(transfers::subject)
        .load(db)?;
    let badges: Vec<String> = badge_events::table
        .filter(badge_events::sequence.gt(since))
        .order(badge_events::sequence)
        .limit(limit)
        .select(badge_events::subject)
        .load(db)?;
    let much = usize::try_from(limit).unwrap_or(usize::MAX);
    if awarded.len() >= much || badges.len() >= much {
        return Ok(None);
    }
    Ok(Some(awarded.into_iter().flatten().chain(badges).collect()))
}

/// The awards and reversals of a wallet after `since`, oldest first.
pub fn awarded(db: &mut Db, wallet: &str, since: i64, limit: i64) -> QueryResult<Vec<TransferRow>> {
    transfers::table
        .filter(transfers::payer.eq(wallet).or(transfers::payee.eq(wallet)))
        .filter(transfers::kind.eq_any(["award", "reversal"]))
        .filter(transfers::programme.is_not_null())
        .filter(transfers::sequence.gt(since))
        .order(transfers::sequence)
        .limit(limit)
        .select(TransferRow::as_select())
        .load(db)
}

/// A subject's badge events after `since`, oldest first.
pub fn badges(db: &mut Db, subject: &str, since: i64, limit: i64) -> QueryResult<Vec<BadgeEventRow>> {
    badge_events::table
        .filter(badge_events::subject.eq(subject))
        .filter(badge_events::sequence.gt(since))
        .order(badge_events::sequence)
        .limit(limit)
        .select(BadgeEventRow::as_select())
        .load(db)
}
