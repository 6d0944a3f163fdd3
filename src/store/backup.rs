//! A SQLite database as one file that goes elsewhere: taken from a running server, and checked before it is used.
//!
//! A backup is a database with one table more, which says what it is and carries the private keys. Knows nothing of
//! where files are put.

use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{Integer, Nullable, Text};

use super::db::{DatabaseUrl, Db, OpenError};

/// The shape of backups: what cannot read it refuses it. The first carried the issuer's key alone.
const FORMAT: i32 = 2;

/// What a backup carries beside the database; secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keys {
    /// The issuer's key, as its file has it.
    pub issuer: String,
    /// The key that codes are sealed with, as its file has it; none if there was none yet.
    pub seal: Option<String>,
}

/// Why a file cannot be used as a backup.
#[derive(Debug, thiserror::Error)]
pub enum Unfit {
    /// It is something else, or damaged beyond telling.
    #[error("it is not a backup of Applaus, or a damaged one")]
    Foreign,
    /// It is of a later format.
    #[error("it was made by a newer version of Applaus; use that version")]
    Newer,
    /// It has been damaged.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// Its tables cannot be brought to those of this version.
    #[error(transparent)]
    Tables(#[from] OpenError),
}

#[derive(QueryableByName)]
struct Label {
    #[diesel(sql_type = Integer)]
    format: i32,
    #[diesel(sql_type = Text)]
    issuer_key: String,
}

#[derive(QueryableByName)]
struct SealKey {
    #[diesel(sql_type = Nullable<Text>)]
    seal_key: Option<String>,
}

#[derive(QueryableByName)]
struct Checked {
    #[diesel(sql_type = Text)]
    integrity_check: String,
}

fn database(file: &Path) -> DatabaseUrl {
    DatabaseUrl::Sqlite(file.to_string_lossy().into_owned())
}

/// Copies one state of the database into `file`, which is there and empty, and labels it. Writers go on beside it.
pub fn copy(db: &mut Db, file: &Path, keys: &Keys) -> Result<(), OpenError> {
    diesel::sql_query("VACUUM INTO ?").bind::<Text, _>(file.to_string_lossy()).execute(db)?;
    let mut copy = database(file).connect()?;
    copy.batch_execute(
        "CREATE TABLE applaus_backup (format INTEGER NOT NULL, issuer_key TEXT NOT NULL, seal_key TEXT)",
    )?;
    diesel::sql_query("INSERT INTO applaus_backup (format, issuer_key, seal_key) VALUES (?, ?, ?)")
        .bind::<Integer, _>(FORMAT)
        .bind::<Text, _>(&keys.issuer)
        .bind::<Nullable<Text>, _>(&keys.seal)
        .execute(&mut copy)?;
    leave(copy)
}

/// Makes a copy of a backup the database that it was made from, with the tables of this version. Gives the keys.
pub fn unpack(file: &Path) -> Result<Keys, Unfit> {
    let mut db = database(file).connect().map_err(|_| Unfit::Foreign)?;
    let label = diesel::sql_query("SELECT format, issuer_key FROM applaus_backup").get_result::<Label>(&mut db);
    let label = label.map_err(|_| Unfit::Foreign)?;
    let seal = match label.format {
        1 => None,
        FORMAT => {
            let found = diesel::sql_query("SELECT seal_key FROM applaus_backup").get_result::<SealKey>(&mut db);
            found.map_err(|_| Unfit::Foreign)?.seal_key
        }
        _ => return Err(Unfit::Newer),
    };
    let damaged = |error: diesel::result::Error| Unfit::Damaged(error.to_string());
    let checked: Checked = diesel::sql_query("PRAGMA integrity_check(1)").get_result(&mut db).map_err(damaged)?;
    if checked.integrity_check != "ok" {
        let found = checked.integrity_check.lines().last().unwrap_or_default();
        return Err(Unfit::Damaged(found.to_owned()));
    }
    db.batch_execute("DROP TABLE applaus_backup").map_err(damaged)?;
    db.migrate()?;
    leave(db)?;
    Ok(Keys { issuer: label.issuer_key, seal })
}

/// Leaves all in the one file, nothing beside it.
fn leave(mut db: Db) -> Result<(), OpenError> {
    Ok(db.batch_execute("PRAGMA journal_mode = DELETE")?)
}
