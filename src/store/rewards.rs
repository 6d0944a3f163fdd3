//! The catalogue of rewards, and what is left of each.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::rewards;
use crate::domain::reward::Reward;

/// A reward as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = rewards, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RewardRow {
    /// See the column.
    pub code: String,
    /// JSON.
    pub document: String,
    /// What is left, without what is reserved; none where there is no end to it.
    pub stock: Option<i64>,
    /// See the column.
    pub created_at: NaiveDateTime,
    /// The number of the last change.
    pub revision: i64,
}

impl RewardRow {
    /// What is offered.
    pub fn reward(&self) -> QueryResult<Reward> {
        row::from_json(&self.document)
    }
}

/// The codes of all rewards.
pub fn codes(db: &mut Db) -> QueryResult<Vec<String>> {
    rewards::table.select(rewards::code).load(db)
}

/// One reward.
pub fn find(db: &mut Db, code: &str) -> QueryResult<Option<RewardRow>> {
    rewards::table.find(code).select(RewardRow::as_select()).first(db).optional()
}

/// Adds a reward.
pub fn insert(db: &mut Db, row: &RewardRow) -> QueryResult<()> {
    diesel::insert_into(rewards::table).values(row).execute(db).map(drop)
}

/// Replaces a reward.
pub fn update(db: &mut Db, row: &RewardRow) -> QueryResult<()> {
    diesel::update(rewards::table.find(&row.code)).set(row).execute(db).map(drop)
}

/// Every reward, by code.
pub fn all(db: &mut Db) -> QueryResult<Vec<RewardRow>> {
    rewards::table.order(rewards::code).select(RewardRow::as_select()).load(db)
}

/// How many there are.
pub fn count(db: &mut Db) -> QueryResult<i64> {
    rewards::table.count().get_result(db)
}

/// Some rewards, by code.
pub fn by_codes(db: &mut Db, codes: &[String]) -> QueryResult<Vec<RewardRow>> {
    let mut found = Vec::with_capacity(codes.len());
    for chunk in codes.chunks(500) {
        let rows: Vec<RewardRow> =
            rewards::table.filter(rewards::code.eq_any(chunk)).select(RewardRow::as_select()).load(db)?;
        found.extend(rows);
    }
    Ok(found)
}
