//! The organisation's settings, and the secret of its digests.

use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::organization;
use crate::domain::organization::Organization;

/// The one row.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = organization, treat_none_as_default_value = false)]
pub struct OrganizationRow {
    /// Always 1.
    pub id: i32,
    /// JSON.
    pub settings: String,
    /// The secret of keyed digests (order inside ties), base64url.
    pub digest_key: String,
    /// The number of the last change.
    pub revision: i64,
}

impl OrganizationRow {
    /// The settings.
    pub fn settings(&self) -> QueryResult<Organization> {
        row::from_json(&self.settings)
    }
}

/// The row, if the organisation has been set up.
pub fn find(db: &mut Db) -> QueryResult<Option<OrganizationRow>> {
    organization::table.select(OrganizationRow::as_select()).first(db).optional()
}

/// Sets the organisation up.
pub fn insert(db: &mut Db, row: &OrganizationRow) -> QueryResult<()> {
    diesel::insert_into(organization::table).values(row).execute(db).map(drop)
}

/// Replaces the row.
pub fn update(db: &mut Db, row: &OrganizationRow) -> QueryResult<()> {
    diesel::update(organization::table).set(row).execute(db).map(drop)
}
