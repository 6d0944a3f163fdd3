//! What people had certified. One that is withdrawn is gone.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::certificates;
use crate::domain::certificate::{Shown, Subject};
use crate::domain::language::Language;

/// A certificate as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = certificates, treat_none_as_default_value = false)]
pub struct CertificateRow {
    /// See the column.
    pub id: String,
    /// What whoever has it may ask with.
    pub code: String,
    /// Whose.
    pub person: String,
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// Code of the badge; none where the tier of the season is certified.
    pub badge: Option<String>,
    /// `en` or `de`.
    pub language: String,
    /// What of it is public: a list of names.
    pub shown: String,
    /// See the column.
    pub created_at: NaiveDateTime,
}

impl CertificateRow {
    /// What it certifies.
    pub fn subject(&self) -> Subject {
        Subject { programme: self.programme.clone(), season: self.season.clone(), badge: self.badge.clone() }
    }

    /// The language it is written in.
    pub fn known_language(&self) -> QueryResult<Language> {
        Language::of_tag(&self.language).ok_or_else(|| row::corrupt(format!("no language: {}", self.language)))
    }

    /// What of it is public.
    pub fn known_shown(&self) -> QueryResult<Vec<Shown>> {
        row::from_json(&self.shown)
    }
}

/// Adds one.
pub fn insert(db: &mut Db, row: &CertificateRow) -> QueryResult<()> {
    diesel::insert_into(certificates::table).values(row).execute(db).map(drop)
}

/// How many a person has.
pub fn count_of(db: &mut Db, person: &str) -> QueryResult<i64> {
    certificates::table.filter(certificates::person.eq(person)).count().get_result(db)
}

/// Those of a person, the oldest first.
pub fn of_person(db: &mut Db, person: &str) -> QueryResult<Vec<CertificateRow>> {
    certificates::table
        .filter(certificates::person.eq(person))
        .order(certificates::id)
        .select(CertificateRow::as_select())
        .load(db)
}

/// One of a person's.
pub fn find(db: &mut Db, person: &str, id: &str) -> QueryResult<Option<CertificateRow>> {
    certificates::table
        .find(id)
        .filter(certificates::person.eq(person))
        .select(CertificateRow::as_select())
        .first(db)
        .optional()
}

/// The one of a code.
pub fn by_code(db: &mut Db, code: &str) -> QueryResult<Option<CertificateRow>> {
    certificates::table.filter(certificates::code.eq(code)).select(CertificateRow::as_select()).first(db).optional()
}

/// Withdraws one; how many there were of it.
pub fn remove(db: &mut Db, person: &str, id: &str) -> QueryResult<usize> {
    diesel::delete(certificates::table.find(id).filter(certificates::person.eq(person))).execute(db)
}

/// Removes all of a person's, as when they are erased.
pub fn remove_of(db: &mut Db, person: &str) -> QueryResult<()> {
    diesel::delete(certificates::table.filter(certificates::person.eq(person))).execute(db).map(drop)
}
