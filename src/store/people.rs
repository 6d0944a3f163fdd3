//! People.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{memberships, people};
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;

/// A person as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = people, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct PersonRow {
    /// See the column.
    pub id: String,
    /// The `sub` of their tokens.
    pub user_name: String,
    /// See the column.
    pub display_name: String,
    /// Names in lower case, for searching.
    pub search: String,
    /// See the column.
    pub email: Option<String>,
    /// The HR system's number.
    pub external_id: Option<String>,
    /// See the column.
    pub language: Option<String>,
    /// See the column.
    pub active: bool,
    /// See the column.
    pub created_at: NaiveDateTime,
    /// The number of the last change.
    pub revision: i64,
}

impl PersonRow {
    /// The person's id.
    pub fn person_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.id.clone())
    }

    /// Whether they were erased. Nobody else has an id as their user name.
    pub fn is_erased(&self) -> bool {
        self.user_name == self.id
    }

    /// What is left of them when they are erased.
    #[must_use]
    pub fn erased(self) -> Self {
        Self {
            user_name: self.id.clone(),
            display_name: String::new(),
            search: String::new(),
            email: None,
            external_id: None,
            language: None,
            active: false,
            ..self
        }
    }

    /// The text that a search looks in.
    pub fn search_text(user_name: &str, display_name: &str) -> String {
        format!("{display_name} {user_name}").to_lowercase()
    }
}

/// How a person may be referred to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PersonRef {
    /// By id.
    Id(PersonId),
    /// By user name.
    UserName(String),
    /// By e-mail address.
    Email(String),
    /// By the HR system's number.
    ExternalId(String),
}

impl std::fmt::Display for PersonRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Id(id) => write!(f, "id {id}"),
            Self::UserName(name) => write!(f, "user_name {name}"),
            Self::Email(email) => write!(f, "email {email}"),
            Self::ExternalId(id) => write!(f, "external_id {id}"),
        }
    }
}

/// The person that is referred to.
pub fn find(db: &mut Db, reference: &PersonRef) -> QueryResult<Option<PersonRow>> {
    let query = people::table.select(PersonRow::as_select()).into_boxed();
    let query = match reference {
        PersonRef::Id(id) => query.filter(people::id.eq(id.to_string())),
        PersonRef::UserName(name) => query.filter(people::user_name.eq(name.clone())),
        PersonRef::Email(email) => query.filter(people::email.eq(email.clone())),
        PersonRef::ExternalId(id) => query.filter(people::external_id.eq(id.clone())),
    };
    query.first(db).optional()
}

/// The people that are referred to, by reference.
pub fn resolve(db: &mut Db, references: &[PersonRef]) -> QueryResult<HashMap<PersonRef, PersonRow>> {
    let mut found = HashMap::with_capacity(references.len());
    let (mut ids, mut names, mut others) = (Vec::new(), Vec::new(), Vec::new());
    for reference in references {
        match reference {
            PersonRef::Id(id) => ids.push(id.to_string()),
            PersonRef::UserName(name) => names.push(name.clone()),
            PersonRef::Email(_) | PersonRef::ExternalId(_) => others.push(reference),
        }
    }
    for row in by_ids(db, &ids)? {
        found.insert(PersonRef::Id(row.person_id()?), row);
    }
    for chunk in names.chunks(500) {
        let rows: Vec<PersonRow> =
            people::table.filter(people::user_name.eq_any(chunk)).select(PersonRow::as_select()).load(db)?;
        found.extend(rows.into_iter().map(|row| (PersonRef::UserName(row.user_name.clone()), row)));
    }
    for reference in others {
        if let Some(row) = find(db, reference)? {
            found.insert(reference.clone(), row);
        }
    }
    Ok(found)
}

/// People by id.
pub fn by_ids(db: &mut Db, ids: &[String]) -> QueryResult<Vec<PersonRow>> {
    let mut found = Vec::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let rows: Vec<PersonRow> =
            people::table.filter(people::id.eq_any(chunk)).select(PersonRow::as_select()).load(db)?;
        found.extend(rows);
    }
    Ok(found)
}

/// Adds a person.
pub fn insert(db: &mut Db, row: &PersonRow) -> QueryResult<()> {
    diesel::insert_into(people::table).values(row).execute(db).map(drop)
}

/// Replaces a person.
pub fn update(db: &mut Db, row: &PersonRow) -> QueryResult<()> {
    diesel::update(people::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// Notes that a person, or what belongs to them, changed.
pub fn set_revision(db: &mut Db, id: &str, revision: i64) -> QueryResult<()> {
    diesel::update(people::table.find(id)).set(people::revision.eq(revision)).execute(db).map(drop)
}

/// Everybody, by id.
pub fn all(db: &mut Db) -> QueryResult<Vec<PersonRow>> {
    people::table.order(people::id).select(PersonRow::as_select()).load(db)
}

/// Whom to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Whose names contain this.
    pub search: Option<String>,
    /// Who is at home in one of these teams.
    pub teams: Option<Vec<String>>,
    /// Who is at home at this instant; only with `teams`.
    pub at: Option<Instant>,
    /// Active or not; both without.
    pub active: Option<bool>,
    /// Whose user name comes after this.
    pub after: Option<String>,
}

/// People that fit, by user name, without those erased.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<PersonRow>> {
    let there = people::table.filter(people::user_name.ne(people::id));
    let mut query = there.select(PersonRow::as_select()).into_boxed();
    if let Some(search) = &filter.search {
        let pattern = search.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        query = query.filter(people::search.like(format!("%{pattern}%")).escape('\\'));
    }
    if let (Some(teams), Some(at)) = (&filter.teams, filter.at) {
        let at = row::stored(at);
        let at_home = memberships::table
            .filter(memberships::team.eq_any(teams.clone()))
            .filter(memberships::from_at.le(at))
            .filter(memberships::until_at.is_null().or(memberships::until_at.gt(at)))
            .select(memberships::person);
        query = query.filter(people::id.eq_any(at_home));
    }
    if let Some(active) = filter.active {
        query = query.filter(people::active.eq(active));
    }
    if let Some(after) = &filter.after {
        query = query.filter(people::user_name.gt(after.clone()));
    }
    query.order(people::user_name).limit(limit).load(db)
}
