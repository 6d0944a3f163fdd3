//! The ledger: accounts with balances, and transfers, which are only ever appended.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::schema::{accounts, transfers};
use super::values::Values;
use crate::domain::points::Points;

const CHUNK: usize = 500;

/// An account as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = accounts, treat_none_as_default_value = false)]
pub struct AccountRow {
    /// The account's text.
    pub id: String,
    /// See the column.
    pub kind: String,
    /// See the column.
    pub owner: String,
    /// See the column.
    pub balance: i64,
}

/// A transfer as it is kept.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = transfers, treat_none_as_default_value = false)]
pub struct TransferRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// See the column.
    pub kind: String,
    /// The account it comes from.
    pub payer: String,
    /// The account it goes to.
    pub payee: String,
    /// Above zero.
    pub amount: i64,
    /// The payer's balance after it.
    pub payer_balance: i64,
    /// The transfer it takes back.
    pub reverses: Option<String>,
    /// Programme of the award.
    pub programme: Option<String>,
    /// Season of the award.
    pub season: Option<String>,
    /// Rule of the award.
    pub rule: Option<String>,
    /// Programme version of the award.
    pub version: Option<i32>,
    /// Subject of the award.
    pub subject: Option<String>,
    /// What it rests on.
    pub cause: String,
    /// The instant it counts for.
    pub at: NaiveDateTime,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// The balances of accounts that exist.
pub fn balances(db: &mut Db, ids: &[String]) -> QueryResult<HashMap<String, i64>> {
    let mut found = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<(String, i64)> =
            accounts::table.filter(accounts::id.eq_any(chunk)).select((accounts::id, accounts::balance)).load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Keeps balances, opening accounts that are new. `rows` name each account once.
pub fn save_accounts(db: &mut Db, rows: &[AccountRow]) -> QueryResult<()> {
    Values::default()
        .texts("id", rows.iter().map(|row| &row.id))
        .texts("kind", rows.iter().map(|row| &row.kind))
        .texts("owner", rows.iter().map(|row| &row.owner))
        .numbers("balance", rows.iter().map(|row| row.balance))
        .execute(
            db,
            "INSERT INTO accounts (id, kind, owner, balance) SELECT id, kind, owner, balance FROM {given} WHERE true \
             ON CONFLICT (id) DO UPDATE SET balance = excluded.balance",
        )
}

/// Appends transfers.
pub fn append(db: &mut Db, rows: &[TransferRow]) -> QueryResult<()> {
    Values::default()
        .texts("id", rows.iter().map(|row| &row.id))
        .numbers("sequence", rows.iter().map(|row| row.sequence))
        .texts("kind", rows.iter().map(|row| &row.kind))
        .texts("payer", rows.iter().map(|row| &row.payer))
        .texts("payee", rows.iter().map(|row| &row.payee))
        .numbers("amount", rows.iter().map(|row| row.amount))
        .numbers("payer_balance", rows.iter().map(|row| row.payer_balance))
        .texts("reverses", rows.iter().map(|row| &row.reverses))
        .texts("programme", rows.iter().map(|row| &row.programme))
        .texts("season", rows.iter().map(|row| &row.season))
        .texts("rule", rows.iter().map(|row| &row.rule))
        .numbers("version", rows.iter().map(|row| row.version.map(i64::from)))
        .texts("subject", rows.iter().map(|row| &row.subject))
        .texts("cause", rows.iter().map(|row| &row.cause))
        .instants("at", rows.iter().map(|row| row.at))
        .instants("recorded_at", rows.iter().map(|row| row.recorded_at))
        .execute(
            db,
            "INSERT INTO transfers (id, sequence, kind, payer, payee, amount, payer_balance, reverses, programme, season, \
             rule, version, subject, cause, at, recorded_at) SELECT id, sequence, kind, payer, payee, amount, \
             payer_balance, reverses, programme, season, rule, version, subject, cause, at, recorded_at FROM {given}",
        )
}

/// One transfer.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<TransferRow>> {
    transfers::table.find(id).select(TransferRow::as_select()).first(db).optional()
}

/// Some transfers.
pub fn by_ids(db: &mut Db, ids: &[String]) -> QueryResult<Vec<TransferRow>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(CHUNK) {
        let rows: Vec<TransferRow> =
            transfers::table.filter(transfers::id.eq_any(chunk)).select(TransferRow::as_select()).load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// All transfers after `since`, oldest first.
pub fn since(db: &mut Db, since: i64, limit: i64) -> QueryResult<Vec<TransferRow>> {
    transfers::table
        .filter(transfers::sequence.gt(since))
        .order(transfers::sequence)
        .limit(limit)
        .select(TransferRow::as_select())
        .load(db)
}

/// Transfers from or to one of `accounts` after `since`, oldest first.
pub fn of_accounts(db: &mut Db, accounts: &[String], since: i64, limit: i64) -> QueryResult<Vec<TransferRow>> {
    transfers::table
        .filter(transfers::payer.eq_any(accounts).or(transfers::payee.eq_any(accounts)))
        .filter(transfers::sequence.gt(since))
        .order(transfers::sequence)
        .limit(limit)
        .select(TransferRow::as_select())
        .load(db)
}

/// The sum over all accounts: zero at every committed state.
pub fn sum_of_balances(db: &mut Db) -> QueryResult<Points> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    accounts::table.select(sql::<BigInt>("COALESCE(CAST(SUM(balance) AS BIGINT), 0)")).first::<i64>(db).map(Points)
}

/// What flowed out of and into each account, by the transfers.
pub fn flows(db: &mut Db) -> QueryResult<HashMap<String, (i64, i64)>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let mut flows: HashMap<String, (i64, i64)> = HashMap::new();
    let paid: Vec<(String, i64)> = transfers::table
        .group_by(transfers::payer)
        .select((transfers::payer, sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")))
        .load(db)?;
    let received: Vec<(String, i64)> = transfers::table
        .group_by(transfers::payee)
        .select((transfers::payee, sql::<BigInt>("CAST(SUM(amount) AS BIGINT)")))
        .load(db)?;
    for (account, amount) in paid {
        flows.entry(account).or_default().0 = amount;
    }
    for (account, amount) in received {
        flows.entry(account).or_default().1 = amount;
    }
    Ok(flows)
}

/// Every account.
pub fn all_accounts(db: &mut Db) -> QueryResult<Vec<AccountRow>> {
    accounts::table.order(accounts::id).select(AccountRow::as_select()).load(db)
}

/// What one account paid as kudos to each wallet, without what was taken back.
pub fn kudos_paid(db: &mut Db, payer: &str) -> QueryResult<HashMap<String, i64>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let rows: Vec<(String, i64)> = transfers::table
        .filter(transfers::kind.eq("kudos"))
        .filter(transfers::payer.eq(payer))
        .filter(diesel::dsl::not(diesel::dsl::exists(reversing())))
        .group_by(transfers::payee)
        .select((transfers::payee, sql::<BigInt>("CAST(SUM(transfers.amount) AS BIGINT)")))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// What wallets received as kudos between two instants, without what was taken back; wallets without any are left out.
pub fn kudos_received(
    db: &mut Db,
    payees: &[String],
    from: NaiveDateTime,
    until: NaiveDateTime,
) -> QueryResult<HashMap<String, i64>> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    let mut received = HashMap::with_capacity(payees.len());
    for chunk in payees.chunks(CHUNK) {
        let rows: Vec<(String, i64)> = transfers::table
            .filter(transfers::kind.eq("kudos"))
            .filter(transfers::payee.eq_any(chunk))
            .filter(transfers::at.ge(from))
            .filter(transfers::at.lt(until))
            .filter(diesel::dsl::not(diesel::dsl::exists(reversing())))
            .group_by(transfers::payee)
            .select((transfers::payee, sql::<BigInt>("CAST(SUM(transfers.amount) AS BIGINT)")))
            .load(db)?;
        received.extend(rows);
    }
    Ok(received)
}

/// What was issued into an allowance; none before its first use.
pub fn allowance_issued(db: &mut Db, account: &str) -> QueryResult<Option<i64>> {
    transfers::table
        .filter(transfers::kind.eq("allowance"))
        .filter(transfers::payee.eq(account))
        .select(transfers::amount)
        .first(db)
        .optional()
}

diesel::alias!(transfers as reversals: Reversals);

#[diesel::dsl::auto_type]
fn reversing() -> _ {
    reversals.filter(reversals.field(transfers::reverses).eq(transfers::id.nullable()))
}
