//! What activating versions for the past would change, as it was told.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::db::Db;
use super::schema::dry_runs;

/// A dry run as it is kept: the last of its version.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = dry_runs, treat_none_as_default_value = false)]
pub struct DryRunRow {
    /// See the column.
    pub programme: String,
    /// See the column.
    pub version: i32,
    /// The first local day on which the version would be in force.
    pub effective_from: NaiveDate,
    /// The last number of the sequence before it.
    pub sequence: i64,
    /// JSON.
    pub difference: String,
}

/// The last one of a version.
pub fn find(db: &mut Db, programme: &str, version: i32) -> QueryResult<Option<DryRunRow>> {
    dry_runs::table.find((programme, version)).select(DryRunRow::as_select()).first(db).optional()
}

/// Keeps one, in place of the last of its version.
pub fn keep(db: &mut Db, row: &DryRunRow) -> QueryResult<()> {
    on_backend!(db, |c| diesel::insert_into(dry_runs::table)
        .values(row)
        .on_conflict((dry_runs::programme, dry_runs::version))
        .do_update()
        .set((
            dry_runs::effective_from.eq(excluded(dry_runs::effective_from)),
            dry_runs::sequence.eq(excluded(dry_runs::sequence)),
            dry_runs::difference.eq(excluded(dry_runs::difference)),
        ))
        .execute(c))
    .map(drop)
}
