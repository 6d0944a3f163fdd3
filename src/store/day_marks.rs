//! How far the sequence had come when a local day of a programme began (SEMANTICS S46).

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::Db;
use super::schema::day_marks;

/// Keeps how far it had come, unless that is kept: it never changes.
pub fn put(db: &mut Db, programme: &str, day: NaiveDate, sequence: i64) -> QueryResult<()> {
    if of(db, programme, day)?.is_some() {
        return Ok(());
    }
    let mark = (day_marks::programme.eq(programme), day_marks::day.eq(day), day_marks::sequence.eq(sequence));
    diesel::insert_into(day_marks::table).values(mark).execute(db).map(drop)
}

/// How far it had come, if anything was written on that day yet.
pub fn of(db: &mut Db, programme: &str, day: NaiveDate) -> QueryResult<Option<i64>> {
    day_marks::table.find((programme, day)).select(day_marks::sequence).first(db).optional()
}

/// Forgets the days before one.
pub fn forget(db: &mut Db, programme: &str, before: NaiveDate) -> QueryResult<()> {
    let old = day_marks::table.filter(day_marks::programme.eq(programme)).filter(day_marks::day.lt(before));
    diesel::delete(old).execute(db).map(drop)
}
