//! How people chose to be seen on the boards of a programme. Who has no row has not chosen.

use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::visibility;
use crate::domain::ids::PersonId;
use crate::domain::visibility::Visibility;

const CHUNK: usize = 500;

/// A choice as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = visibility, treat_none_as_default_value = false)]
pub struct ChoiceRow {
    /// Whose.
    pub person: String,
    /// Code of the programme.
    pub programme: String,
    /// `hidden`, `alias` or `named`.
    pub choice: String,
    /// The number of the last change.
    pub revision: i64,
}

impl ChoiceRow {
    /// Whose.
    pub fn person_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.person.clone())
    }

    /// How they chose to be seen.
    pub fn visibility(&self) -> QueryResult<Visibility> {
        Visibility::of_name(&self.choice).ok_or_else(|| row::corrupt(format!("no visibility: {}", self.choice)))
    }
}

/// Every choice, by person and programme.
pub fn all(db: &mut Db) -> QueryResult<Vec<ChoiceRow>> {
    visibility::table.order((visibility::person, visibility::programme)).select(ChoiceRow::as_select()).load(db)
}

/// The choices of some people, by person and programme.
pub fn of_people(db: &mut Db, people: &[String]) -> QueryResult<Vec<ChoiceRow>> {
    let mut found = Vec::new();
    for chunk in people.chunks(CHUNK) {
        let rows: Vec<ChoiceRow> = visibility::table
            .filter(visibility::person.eq_any(chunk))
            .order((visibility::person, visibility::programme))
            .select(ChoiceRow::as_select())
            .load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// What a person chose for a programme.
pub fn of(db: &mut Db, person: &str, programme: &str) -> QueryResult<Option<ChoiceRow>> {
    visibility::table.find((person, programme)).select(ChoiceRow::as_select()).first(db).optional()
}

/// Keeps a choice in place of the one before.
pub fn put(db: &mut Db, choice: &ChoiceRow) -> QueryResult<()> {
    let key = (visibility::person, visibility::programme);
    on_backend!(db, |c| {
        diesel::insert_into(visibility::table).values(choice).on_conflict(key).do_update().set(choice).execute(c)
    })
    .map(drop)
}

/// Forgets a choice.
pub fn delete(db: &mut Db, person: &str, programme: &str) -> QueryResult<()> {
    diesel::delete(visibility::table.find((person, programme))).execute(db).map(drop)
}
