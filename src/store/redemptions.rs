//! Redemptions of rewards.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::redemptions;
use crate::domain::ids::{PersonId, RedemptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::redemption::State;
use crate::domain::reward::RewardKind;

/// Rows of one statement.
const CHUNK: usize = 500;

/// A redemption as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = redemptions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RedemptionRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub receiver: String,
    /// Code of the reward.
    pub reward: String,
    /// What proposed it, once; none where its receiver asked for it.
    pub due: Option<String>,
    /// The programme that it is due by.
    pub programme: Option<String>,
    /// Its season.
    pub season: Option<String>,
    /// In points, fixed when it was requested.
    pub cost: i64,
    /// The reward's kind then.
    pub kind: String,
    /// The reward's value then.
    pub value_cents: Option<i64>,
    /// Its currency.
    pub value_currency: Option<String>,
    /// The reward's working days off then, in ten-thousandths.
    pub days_off: Option<i64>,
    /// See the column.
    pub state: String,
    /// See the column.
    pub requested_at: NaiveDateTime,
    /// See the column.
    pub requested_by: String,
    /// When it expires unless it was handed over.
    pub expires_at: Option<NaiveDateTime>,
    /// When it was approved or rejected.
    pub decided_at: Option<NaiveDateTime>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When it was fulfilled, cancelled or expired.
    pub ended_at: Option<NaiveDateTime>,
    /// By whom.
    pub ended_by: Option<String>,
    /// Why it was rejected or cancelled.
    pub note: Option<String>,
    /// What it was paid with.
    pub transfer: Option<String>,
    /// What gave that back.
    pub refund: Option<String>,
    /// The day on which its receiver got it.
    pub inflow_on: Option<NaiveDate>,
    /// What it is claimed with, encrypted.
    pub sealed_code: Option<String>,
    /// When that was shown.
    pub code_shown_at: Option<NaiveDateTime>,
    /// The number of the last change.
    pub revision: i64,
}

impl RedemptionRow {
    /// The redemption's id.
    pub fn redemption_id(&self) -> QueryResult<RedemptionId> {
        row::parsed(self.id.clone())
    }

    /// Whose it is.
    pub fn receiver_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.receiver.clone())
    }

    /// Where it stands.
    pub fn known_state(&self) -> QueryResult<State> {
        State::of_name(&self.state).ok_or_else(|| row::corrupt(format!("no state of a redemption: {}", self.state)))
    }

    /// What it is for payroll.
    pub fn known_kind(&self) -> QueryResult<RewardKind> {
        RewardKind::of_name(&self.kind).ok_or_else(|| row::corrupt(format!("no kind of a reward: {}", self.kind)))
    }

    /// What it is worth.
    pub fn value(&self) -> QueryResult<Option<Money>> {
        let (Some(cents), Some(currency)) = (self.value_cents, &self.value_currency) else { return Ok(None) };
        Ok(Some(Money { cents, currency: Currency::parse(currency).map_err(row::corrupt)? }))
    }
}

/// One redemption.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<RedemptionRow>> {
    redemptions::table.find(id).select(RedemptionRow::as_select()).first(db).optional()
}

/// Adds a redemption.
pub fn insert(db: &mut Db, row: &RedemptionRow) -> QueryResult<()> {
    diesel::insert_into(redemptions::table).values(row).execute(db).map(drop)
}

/// Adds redemptions.
pub fn insert_all(db: &mut Db, rows: &[RedemptionRow]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(redemptions::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Those of some things that bring rewards that have been proposed.
pub fn proposed(db: &mut Db, due: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in due.chunks(CHUNK) {
        let held = redemptions::table.filter(redemptions::due.eq_any(chunk));
        found.extend(held.select(redemptions::due.assume_not_null()).load::<String>(db)?);
    }
    Ok(found)
}

/// Everything that was proposed: what brought it, to whom, which reward.
pub fn all_proposed(db: &mut Db) -> QueryResult<Vec<(String, String, String)>> {
    let held = redemptions::table.filter(redemptions::due.is_not_null());
    held.select((redemptions::due.assume_not_null(), redemptions::receiver, redemptions::reward)).load(db)
}

/// Replaces a redemption.
pub fn update(db: &mut Db, row: &RedemptionRow) -> QueryResult<()> {
    diesel::update(redemptions::table.find(&row.id)).set(row).execute(db).map(drop)
}
