//! What is kept of people's seasons at the ends of days, for folds to go on from.

use chrono::NaiveDate;
use diesel::prelude::*;

use super::db::Db;
use super::schema::fold_days;
use super::values::{Values, load_given};
use crate::domain::ids::{Code, PersonId};
use crate::domain::kept::SavedDay;
use crate::domain::period::{DaySpan, Period};

/// A person's season of a programme.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeasonKey {
    /// The programme.
    pub programme: String,
    /// The season.
    pub season: String,
    /// The person.
    pub person: String,
}

impl SeasonKey {
    /// Of a programme, a season and a person.
    pub fn new(programme: &Code, season: &Period, person: PersonId) -> Self {
        Self { programme: programme.to_string(), season: season.code.clone(), person: person.to_string() }
    }
}

/// A day as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = fold_days, treat_none_as_default_value = false)]
pub struct FoldDayRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub season: String,
    /// See the column.
    pub person: String,
    /// The local day.
    pub day: NaiveDate,
    /// Of which shape the state is.
    pub shape: i64,
    /// JSON by rule.
    pub state: String,
    /// JSON by rule and case; empty if nothing.
    pub cases: String,
    /// JSON by rule, part and team; empty if nothing.
    pub given: String,
}

impl FoldDayRow {
    /// A day of a person's season.
    pub fn of(key: &SeasonKey, saved: &SavedDay) -> Self {
        Self {
            programme: key.programme.clone(),
            season: key.season.clone(),
            person: key.person.clone(),
            day: saved.day,
            shape: saved.shape,
            state: saved.state.clone(),
            cases: saved.cases.clone(),
            given: saved.given.clone(),
        }
    }

    /// The day as the engine knows it.
    pub fn saved(self) -> SavedDay {
        SavedDay { day: self.day, shape: self.shape, state: self.state, cases: self.cases, given: self.given }
    }
}

#[diesel::dsl::auto_type]
fn of_season<'a>(key: &'a SeasonKey) -> _ {
    let programme: &'a String = &key.programme;
    let season: &'a String = &key.season;
    let person: &'a String = &key.person;
    fold_days::programme.eq(programme).and(fold_days::season.eq(season)).and(fold_days::person.eq(person))
}

/// Of several seasons of people: the days kept of some days, in no particular order.
pub fn kept_of_each(db: &mut Db, wanted: &[(SeasonKey, DaySpan)]) -> QueryResult<Vec<FoldDayRow>> {
    const QUERY: &str = "SELECT f.programme, f.season, f.person, f.day, f.shape, f.state, f.cases, f.given \
        FROM {given} CROSS JOIN fold_days f WHERE f.programme = given.programme AND f.season = given.season \
        AND f.person = given.person AND f.day >= given.first_day AND f.day < given.until_day";
    let given = given(wanted.iter().map(|(key, _)| key))
        .days("first_day", wanted.iter().map(|(_, days)| days.first))
        .days("until_day", wanted.iter().map(|(_, days)| days.until));
    load_given!(given, db, QUERY, fold_days::SqlType)
}

/// Of several seasons of people: the last day kept before one, in no particular order.
pub fn last_before_each(db: &mut Db, wanted: &[(SeasonKey, NaiveDate)]) -> QueryResult<Vec<FoldDayRow>> {
    const QUERY: &str = "SELECT f.programme, f.season, f.person, f.day, f.shape, f.state, f.cases, f.given \
        FROM {given} CROSS JOIN fold_days f WHERE f.programme = given.programme AND f.season = given.season \
        AND f.person = given.person AND f.day = (SELECT MAX(o.day) FROM fold_days o WHERE o.programme = given.programme \
        AND o.season = given.season AND o.person = given.person AND o.day < given.before_day)";
    let given = given(wanted.iter().map(|(key, _)| key)).days("before_day", wanted.iter().map(|(_, day)| *day));
    load_given!(given, db, QUERY, fold_days::SqlType)
}

/// Of several seasons of people: some days, where anything was granted by case on them, in order.
pub fn with_cases(db: &mut Db, wanted: &[(SeasonKey, NaiveDate)]) -> QueryResult<Vec<FoldDayRow>> {
    const QUERY: &str = "SELECT f.programme, f.season, f.person, f.day, f.shape, f.state, f.cases, f.given \
        FROM {given} CROSS JOIN fold_days f WHERE f.programme = given.programme AND f.season = given.season \
        AND f.person = given.person AND f.day = given.day AND f.cases <> '' ORDER BY f.day";
    let given = given(wanted.iter().map(|(key, _)| key)).days("day", wanted.iter().map(|(_, day)| *day));
    load_given!(given, db, QUERY, fold_days::SqlType)
}

fn given<'a>(keys: impl Iterator<Item = &'a SeasonKey> + Clone) -> Values<'a> {
    Values::default()
        .texts("programme", keys.clone().map(|key| &key.programme))
        .texts("season", keys.clone().map(|key| &key.season))
        .texts("person", keys.map(|key| &key.person))
}

/// Keeps days, in place of what was kept of them. `rows` name each once.
pub fn keep(db: &mut Db, rows: &[FoldDayRow]) -> QueryResult<()> {
    Values::default()
        .texts("programme", rows.iter().map(|row| &row.programme))
        .texts("season", rows.iter().map(|row| &row.season))
        .texts("person", rows.iter().map(|row| &row.person))
        .days("day", rows.iter().map(|row| row.day))
        .numbers("shape", rows.iter().map(|row| row.shape))
        .texts("state", rows.iter().map(|row| &row.state))
        .texts("cases", rows.iter().map(|row| &row.cases))
        .texts("given", rows.iter().map(|row| &row.given))
        .execute(
            db,
            "INSERT INTO fold_days (programme, season, person, day, shape, state, cases, given) \
             SELECT programme, season, person, day, shape, state, cases, given.given FROM {given} WHERE true \
             ON CONFLICT (programme, season, person, day) DO UPDATE SET shape = excluded.shape, \
             state = excluded.state, cases = excluded.cases, given = excluded.given",
        )
}

/// Forgets days.
pub fn forget(db: &mut Db, days: &[(SeasonKey, NaiveDate)]) -> QueryResult<()> {
    const STATEMENT: &str = "DELETE FROM fold_days WHERE (programme, season, person, day) IN \
        (SELECT programme, season, person, day FROM {given})";
    given(days.iter().map(|(key, _)| key)).days("day", days.iter().map(|(_, day)| *day)).execute(db, STATEMENT)
}

/// Whether nothing is kept of a season.
pub fn is_empty(db: &mut Db, key: &SeasonKey) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(fold_days::table.filter(of_season(key)))).get_result(db).map(|any: bool| !any)
}

/// Forgets everything.
pub fn forget_all(db: &mut Db) -> QueryResult<()> {
    diesel::delete(fold_days::table).execute(db).map(drop)
}

/// Every day kept of a programme, by season, person and day.
pub fn of_programme(db: &mut Db, programme: &str) -> QueryResult<Vec<FoldDayRow>> {
    fold_days::table
        .filter(fold_days::programme.eq(programme))
        .order((fold_days::season, fold_days::person, fold_days::day))
        .select(FoldDayRow::as_select())
        .load(db)
}

/// The people of whom something is kept in a season on some days.
pub fn people(db: &mut Db, programme: &str, season: &str, days: DaySpan) -> QueryResult<Vec<String>> {
    fold_days::table
        .filter(fold_days::programme.eq(programme))
        .filter(fold_days::season.eq(season))
        .filter(fold_days::day.ge(days.first))
        .filter(fold_days::day.lt(days.until))
        .select(fold_days::person)
        .distinct()
        .order(fold_days::person)
        .load(db)
}
