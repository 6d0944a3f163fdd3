//! Seasons that are closing or closed, what was published of them, and what moved since. One without a row is open.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::boards::Counted;
use super::db::Db;
use super::ledger::TransferRow;
use super::row;
use super::schema::{frozen_boards, memberships, season_statements, seasons, transfers};

const CHUNK: usize = 500;

/// What a line of the ledger adds to its subject's points.
pub(super) const SIGNED: &str =
    "CAST(SUM(CASE WHEN transfers.kind = 'reversal' THEN -transfers.amount ELSE transfers.amount END) AS BIGINT)";

/// A season as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = seasons, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct SeasonRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// `closing` or `closed`.
    pub state: String,
    /// When closing began.
    pub begun_at: NaiveDateTime,
    /// Who closes it.
    pub begun_by: String,
    /// See the column.
    pub closed_at: Option<NaiveDateTime>,
    /// The last number of the sequence that its statement holds.
    pub position: Option<i64>,
}

/// A board as a closed season left it.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = frozen_boards, treat_none_as_default_value = false)]
pub struct FrozenBoardRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// See the column.
    pub board: String,
    /// The period's code.
    pub period: String,
    /// JSON.
    pub body: String,
}

/// Every one.
pub fn all(db: &mut Db) -> QueryResult<Vec<SeasonRow>> {
    seasons::table.order((seasons::programme, seasons::season)).select(SeasonRow::as_select()).load(db)
}

/// Begins to close a season.
pub fn insert(db: &mut Db, row: &SeasonRow) -> QueryResult<()> {
    diesel::insert_into(seasons::table).values(row).execute(db).map(drop)
}

/// Replaces what is kept of a season.
pub fn update(db: &mut Db, row: &SeasonRow) -> QueryResult<()> {
    diesel::update(seasons::table.find((&row.programme, &row.season))).set(row).execute(db).map(drop)
}

/// Keeps the statement of a season, once and for all.
pub fn insert_statement(db: &mut Db, programme: &str, season: &str, body: &str) -> QueryResult<()> {
    let columns = (season_statements::programme, season_statements::season, season_statements::body);
    let values = (columns.0.eq(programme), columns.1.eq(season), columns.2.eq(body));
    diesel::insert_into(season_statements::table).values(values).execute(db).map(drop)
}

/// The statement of a season, as it was written.
pub fn statement(db: &mut Db, programme: &str, season: &str) -> QueryResult<Option<String>> {
    season_statements::table.find((programme, season)).select(season_statements::body).first(db).optional()
}

/// Keeps boards as a season leaves them, once and for all.
pub fn insert_frozen(db: &mut Db, rows: &[FrozenBoardRow]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(frozen_boards::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// A board as a season left it, if it had it.
pub fn frozen(db: &mut Db, programme: &str, season: &str, board: &str, period: &str) -> QueryResult<Option<String>> {
    frozen_boards::table.find((programme, season, board, period)).select(frozen_boards::body).first(db).optional()
}

/// Every board that a season left.
pub fn frozen_of(db: &mut Db, programme: &str, season: &str) -> QueryResult<Vec<FrozenBoardRow>> {
    frozen_boards::table
        .filter(frozen_boards::programme.eq(programme))
        .filter(frozen_boards::season.eq(season))
        .order((frozen_boards::board, frozen_boards::period))
        .select(FrozenBoardRow::as_select())
        .load(db)
}

/// The points of each subject by the transfers of a season up to a number that count within a stretch of time.
pub fn published(
    db: &mut Db,
    counted: Counted<'_>,
    (season, position): (&str, i64),
) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(Option<String>, i64)> = transfers::table
        .filter(transfers::programme.eq(counted.programme))
        .filter(transfers::season.eq(season))
        .filter(transfers::sequence.le(position))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .group_by(transfers::subject)
        .select((transfers::subject, sql::<BigInt>(SIGNED)))
        .load(db)?;
    Ok(named(rows))
}

/// The same by the team in which each person was at home when they earned it.
pub fn published_at_home(
    db: &mut Db,
    counted: Counted<'_>,
    (season, position): (&str, i64),
) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = transfers::table
        .inner_join(memberships::table.on(at_home_then()))
        .filter(transfers::programme.eq(counted.programme))
        .filter(transfers::season.eq(season))
        .filter(transfers::sequence.le(position))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .group_by(memberships::team)
        .select((memberships::team, sql::<BigInt>(SIGNED)))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// The transfers of a season after a number, oldest first: of a closed one, its adjustments.
pub fn moved_since(
    db: &mut Db,
    programme: &str,
    season: &str,
    since: i64,
    limit: i64,
) -> QueryResult<Vec<TransferRow>> {
    transfers::table
        .filter(transfers::programme.eq(programme))
        .filter(transfers::season.eq(season))
        .filter(transfers::sequence.gt(since))
        .order(transfers::sequence)
        .limit(limit)
        .select(TransferRow::as_select())
        .load(db)
}

/// Matches the transfers that came after their season was closed.
#[diesel::dsl::auto_type]
pub(super) fn after_closing() -> _ {
    transfers::programme
        .eq(seasons::programme.nullable())
        .and(transfers::season.eq(seasons::season.nullable()))
        .and(transfers::sequence.nullable().gt(seasons::position))
}

/// Matches the membership of a transfer's subject at its instant.
#[diesel::dsl::auto_type]
pub(super) fn at_home_then() -> _ {
    transfers::subject
        .eq(memberships::person.nullable())
        .and(memberships::from_at.le(transfers::at))
        .and(memberships::until_at.is_null().or(memberships::until_at.gt(transfers::at.nullable())))
}

/// By how much the points of each subject have moved after their season was closed: no board counts that (SEMANTICS
/// S34).
pub fn adjusted(db: &mut Db, counted: Counted<'_>) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(Option<String>, i64)> = seasons::table
        .inner_join(transfers::table.on(after_closing()))
        .filter(seasons::programme.eq(counted.programme))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .group_by(transfers::subject)
        .select((transfers::subject, sql::<BigInt>(SIGNED)))
        .load(db)?;
    Ok(named(rows))
}

/// The same of members, by the team in which each was at home when they earned it: team, person, points.
pub fn adjusted_at_home(db: &mut Db, counted: Counted<'_>) -> QueryResult<Vec<(String, String, i64)>> {
    seasons::table
        .inner_join(transfers::table.on(after_closing()))
        .inner_join(memberships::table.on(at_home_then()))
        .filter(seasons::programme.eq(counted.programme))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .group_by((memberships::team, memberships::person))
        .select((memberships::team, memberships::person, sql::<BigInt>(SIGNED)))
        .load(db)
}

fn named(rows: Vec<(Option<String>, i64)>) -> HashMap<String, i64> {
    rows.into_iter().filter_map(|(subject, points)| Some((subject?, points))).collect()
}
