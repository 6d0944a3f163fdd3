//! The due list: subjects whose seasons time, rules or facts have changed, and which are still to be settled
//! (SEMANTICS S5).

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::Db;
use super::schema::due;

/// A subject's season that is due.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = due, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct DueRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// The subject's id.
    pub subject: String,
    /// `person` or `team`.
    pub kind: String,
    /// The first local day to settle.
    pub from_day: NaiveDate,
    /// The local day after the last; none means to the season's end.
    pub until_day: Option<NaiveDate>,
}

/// Puts subjects on the list; one that is there already gets the days of both.
pub fn add(db: &mut Db, rows: &[DueRow]) -> QueryResult<()> {
    for row in rows {
        let place = due::table.find((&row.programme, &row.season, &row.subject));
        let held: Option<DueRow> = place.select(DueRow::as_select()).first(db).optional()?;
        match held {
            None => {
                diesel::insert_into(due::table).values(row).execute(db)?;
            }
            Some(held) => {
                let from_day = held.from_day.min(row.from_day);
                let until_day = held.until_day.zip(row.until_day).map(|(one, other)| one.max(other));
                let place = due::table.find((&row.programme, &row.season, &row.subject));
                diesel::update(place).set((due::from_day.eq(from_day), due::until_day.eq(until_day))).execute(db)?;
            }
        }
    }
    Ok(())
}

/// The next ones to settle: persons before teams, whose sums they change.
pub fn next(db: &mut Db, limit: i64) -> QueryResult<Vec<DueRow>> {
    due::table
        .order((due::kind, due::programme, due::season, due::subject))
        .limit(limit)
        .select(DueRow::as_select())
        .load(db)
}

/// Takes subjects off the list.
pub fn remove(db: &mut Db, row: &DueRow) -> QueryResult<()> {
    diesel::delete(due::table.find((&row.programme, &row.season, &row.subject))).execute(db).map(drop)
}

/// How many there are.
pub fn count(db: &mut Db) -> QueryResult<i64> {
    due::table.count().get_result(db)
}

/// How many there are of a season.
pub fn count_of_season(db: &mut Db, programme: &str, season: &str) -> QueryResult<i64> {
    due::table.filter(due::programme.eq(programme)).filter(due::season.eq(season)).count().get_result(db)
}

/// How many there are of a season whose settling begins before a local day.
pub fn count_before(db: &mut Db, programme: &str, season: &str, day: NaiveDate) -> QueryResult<i64> {
    due::table
        .filter(due::programme.eq(programme))
        .filter(due::season.eq(season))
        .filter(due::from_day.lt(day))
        .count()
        .get_result(db)
}

/// Every one.
pub fn all(db: &mut Db) -> QueryResult<Vec<DueRow>> {
    due::table.select(DueRow::as_select()).load(db)
}
