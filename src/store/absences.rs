//! Days off, dated `[from, until)` by the local calendar.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::Db;
use super::schema::absences;
use crate::domain::period::DaySpan;

/// An absence as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = absences, treat_none_as_default_value = false)]
pub struct AbsenceRow {
    /// Whose.
    pub person: String,
    /// Which of theirs.
    pub id: String,
    /// The first day off.
    pub from_day: NaiveDate,
    /// The day after the last.
    pub until_day: NaiveDate,
    /// The number of the last change.
    pub revision: i64,
}

impl AbsenceRow {
    /// The days off.
    pub fn span(&self) -> DaySpan {
        DaySpan { first: self.from_day, until: self.until_day }
    }
}

/// The absences of some people, each person's earliest first.
pub fn of_people(db: &mut Db, people: &[String]) -> QueryResult<Vec<AbsenceRow>> {
    let mut found = Vec::new();
    for chunk in people.chunks(500) {
        let rows: Vec<AbsenceRow> = absences::table
            .filter(absences::person.eq_any(chunk))
            .order((absences::person, absences::from_day, absences::id))
            .select(AbsenceRow::as_select())
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// One absence.
pub fn find(db: &mut Db, person: &str, id: &str) -> QueryResult<Option<AbsenceRow>> {
    absences::table.find((person, id)).select(AbsenceRow::as_select()).first(db).optional()
}

/// How many absences a person has.
pub fn count(db: &mut Db, person: &str) -> QueryResult<i64> {
    absences::table.filter(absences::person.eq(person)).count().get_result(db)
}

/// Adds an absence.
pub fn insert(db: &mut Db, row: &AbsenceRow) -> QueryResult<()> {
    diesel::insert_into(absences::table).values(row).execute(db).map(drop)
}

/// Replaces an absence.
pub fn update(db: &mut Db, row: &AbsenceRow) -> QueryResult<()> {
    diesel::update(absences::table.find((&row.person, &row.id))).set(row).execute(db).map(drop)
}

/// Removes an absence.
pub fn delete(db: &mut Db, person: &str, id: &str) -> QueryResult<()> {
    diesel::delete(absences::table.find((person, id))).execute(db).map(drop)
}
