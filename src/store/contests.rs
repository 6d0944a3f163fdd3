//! Contests: who was taken out, what was finalised, the badges won, and what counts as samples.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::awards::BadgeKey;
use super::boards::Counted;
use super::db::Db;
use super::row;
use super::schema::{
    awards, contest_badges, contest_disqualifications, contest_results, memberships, seasons, transfers,
};
use super::seasons::{after_closing, at_home_then};
use super::values::load_given;

const CHUNK: usize = 500;

/// What a line of the ledger adds to the number of awards that stand.
const SIGNED: &str = "CAST(SUM(CASE WHEN transfers.kind = 'reversal' THEN -1 ELSE 1 END) AS BIGINT)";

/// One holding of a contest.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Code of the programme.
    pub programme: &'a str,
    /// Code of the contest.
    pub contest: &'a str,
    /// What its period is kept by.
    pub period: &'a str,
}

/// A disqualification as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contest_disqualifications, treat_none_as_default_value = false)]
pub struct DisqualificationRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub contest: String,
    /// See the column.
    pub period: String,
    /// The subject's id.
    pub subject: String,
    /// Why.
    pub note: String,
    /// Who did it.
    pub disqualified_by: String,
    /// When.
    pub disqualified_at: NaiveDateTime,
}

/// A contest as it was finalised.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contest_results, treat_none_as_default_value = false)]
pub struct ResultRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub contest: String,
    /// See the column.
    pub period: String,
    /// The last number of the sequence that it holds.
    pub position: i64,
    /// Who finalised it.
    pub finalised_by: String,
    /// When.
    pub finalised_at: NaiveDateTime,
    /// JSON.
    pub body: String,
}

/// A badge that was won: held for good.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = contest_badges, treat_none_as_default_value = false)]
pub struct WonBadgeRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub contest: String,
    /// See the column.
    pub period: String,
    /// The subject's id.
    pub subject: String,
    /// See the column.
    pub badge: String,
    /// The season that the badge belongs to.
    pub season: String,
}

/// The disqualifications of a contest, by subject.
pub fn disqualifications(db: &mut Db, held: Held<'_>) -> QueryResult<Vec<DisqualificationRow>> {
    contest_disqualifications::table
        .filter(contest_disqualifications::programme.eq(held.programme))
        .filter(contest_disqualifications::contest.eq(held.contest))
        .filter(contest_disqualifications::period.eq(held.period))
        .order(contest_disqualifications::subject)
        .select(DisqualificationRow::as_select())
        .load(db)
}

/// Keeps a disqualification, in place of the one there was of the same subject.
pub fn put_disqualification(db: &mut Db, row: &DisqualificationRow) -> QueryResult<()> {
    let held = Held { programme: &row.programme, contest: &row.contest, period: &row.period };
    remove_disqualification(db, held, &row.subject)?;
    diesel::insert_into(contest_disqualifications::table).values(row).execute(db).map(drop)
}

/// Takes a disqualification back; tells whether there was one.
pub fn remove_disqualification(db: &mut Db, held: Held<'_>, subject: &str) -> QueryResult<bool> {
    let place = contest_disqualifications::table.find((held.programme, held.contest, held.period, subject));
    Ok(diesel::delete(place).execute(db)? > 0)
}

/// What was finalised, if it was.
pub fn result(db: &mut Db, held: Held<'_>) -> QueryResult<Option<ResultRow>> {
    let place = contest_results::table.find((held.programme, held.contest, held.period));
    place.select(ResultRow::as_select()).first(db).optional()
}

/// Contest, period and instant of everything that was finalised in a programme.
pub fn finalised(db: &mut Db, programme: &str) -> QueryResult<Vec<(String, String, NaiveDateTime)>> {
    contest_results::table
        .filter(contest_results::programme.eq(programme))
        .select((contest_results::contest, contest_results::period, contest_results::finalised_at))
        .load(db)
}

/// Everything that was finalised, for checking.
pub fn all_results(db: &mut Db) -> QueryResult<Vec<ResultRow>> {
    contest_results::table
        .order((contest_results::programme, contest_results::contest, contest_results::period))
        .select(ResultRow::as_select())
        .load(db)
}

/// Keeps what was finalised, once and for all, with the badges won.
pub fn insert_result(db: &mut Db, row: &ResultRow, badges: &[WonBadgeRow]) -> QueryResult<()> {
    diesel::insert_into(contest_results::table).values(row).execute(db)?;
    for chunk in badges.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(contest_badges::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Every badge that was won, for checking.
pub fn all_badges(db: &mut Db) -> QueryResult<Vec<WonBadgeRow>> {
    contest_badges::table.select(WonBadgeRow::as_select()).load(db)
}

/// Those of some badges that were won in contests.
pub fn won_among(db: &mut Db, keys: &[BadgeKey]) -> QueryResult<Vec<BadgeKey>> {
    const QUERY: &str = "SELECT DISTINCT w.programme, w.season, w.subject, w.badge FROM {given} \
        CROSS JOIN contest_badges w WHERE w.subject = given.subject AND w.programme = given.programme \
        AND w.season = given.season AND w.badge = given.badge";
    let found: Vec<(String, String, String, String)> =
        load_given!(BadgeKey::given(keys), db, QUERY, (Text, Text, Text, Text))?;
    let keyed = |(programme, season, subject, badge)| BadgeKey { programme, season, subject, badge };
    Ok(found.into_iter().map(keyed).collect())
}

/// How many live awards with points each subject has.
pub fn awards_counted(db: &mut Db, counted: Counted<'_>) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = awards::table
        .filter(awards::programme.eq(counted.programme))
        .filter(awards::at.ge(row::stored(counted.from)))
        .filter(awards::at.lt(row::stored(counted.until)))
        .filter(awards::transfer.is_not_null())
        .group_by(awards::subject)
        .select((awards::subject, sql::<BigInt>("COUNT(*)")))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// The same by the team in which each person was at home when they earned it.
pub fn awards_counted_at_home(db: &mut Db, counted: Counted<'_>) -> QueryResult<HashMap<String, i64>> {
    let then = memberships::person
        .eq(awards::subject)
        .and(memberships::from_at.le(awards::at))
        .and(memberships::until_at.is_null().or(memberships::until_at.gt(awards::at.nullable())));
    let rows: Vec<(String, i64)> = awards::table
        .inner_join(memberships::table.on(then))
        .filter(awards::programme.eq(counted.programme))
        .filter(awards::at.ge(row::stored(counted.from)))
        .filter(awards::at.lt(row::stored(counted.until)))
        .filter(awards::transfer.is_not_null())
        .group_by(memberships::team)
        .select((memberships::team, sql::<BigInt>("COUNT(*)")))
        .load(db)?;
    Ok(rows.into_iter().collect())
}

/// By how much these numbers have moved after their season was closed.
pub fn adjusted(db: &mut Db, counted: Counted<'_>) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(Option<String>, i64)> = seasons::table
        .inner_join(transfers::table.on(after_closing()))
        .filter(seasons::programme.eq(counted.programme))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .group_by(transfers::subject)
        .select((transfers::subject, sql::<BigInt>(SIGNED)))
        .load(db)?;
    Ok(rows.into_iter().filter_map(|(subject, count)| Some((subject?, count))).collect())
}

/// The same by the team in which each person was at home when they earned it.
pub fn adjusted_at_home(db: &mut Db, counted: Counted<'_>) -> QueryResult<HashMap<String, i64>> {
    let rows: Vec<(String, i64)> = seasons::table
        .inner_join(transfers::table.on(after_closing()))
        .inner_join(memberships::table.on(at_home_then()))
        .filter(seasons::programme.eq(counted.programme))
        .filter(transfers::at.ge(row::stored(counted.from)))
        .filter(transfers::at.lt(row::stored(counted.until)))
        .group_by(memberships::team)
        .select((memberships::team, sql::<BigInt>(SIGNED)))
        .load(db)?;
    Ok(rows.into_iter().collect())
}
