//! Leaving nothing in the files of SQLite of what was erased. PostgreSQL does so by itself, when it vacuums.
//!
//! What is deleted is overwritten at once (`secure_delete`). Copies are left where rows were moved from one page to
//! another, and in the log: the file is written anew, and the log emptied into it.

use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Integer};

use super::db::Db;

/// The largest file that is written anew while it is served, in bytes: nobody can write meanwhile.
const MOST: i64 = 256 * 1024 * 1024;

#[derive(QueryableByName)]
struct File {
    #[diesel(sql_type = BigInt)]
    bytes: i64,
    /// How many had been erased when it was written anew last.
    #[diesel(sql_type = BigInt)]
    without: i64,
}

#[derive(QueryableByName)]
struct Checkpoint {
    #[diesel(sql_type = Integer)]
    busy: i32,
}

/// Leaves nothing of those erased, `erased` in number, and tells whether it came to that: others may be reading.
pub fn sweep(db: &mut Db, erased: usize) -> QueryResult<bool> {
    let Db::Sqlite(connection) = db else { return Ok(true) };
    // Whoever reads is not waited for: nobody could write meanwhile.
    connection.batch_execute("PRAGMA busy_timeout = 0")?;
    let swept = compact(connection, i64::try_from(erased).unwrap_or(i64::MAX))
        .and_then(|()| diesel::sql_query("PRAGMA wal_checkpoint(TRUNCATE)").get_result::<Checkpoint>(connection));
    connection.batch_execute("PRAGMA busy_timeout = 5000")?;
    Ok(swept?.busy == 0)
}

/// Writes the file anew, if somebody was erased since that was done.
fn compact(connection: &mut SqliteConnection, erased: i64) -> QueryResult<()> {
    let size = "SELECT page_count * page_size AS bytes, user_version AS without \
                FROM pragma_page_count, pragma_page_size, pragma_user_version";
    let File { bytes, without } = diesel::sql_query(size).get_result(connection)?;
    if without == erased {
        return Ok(());
    }
    if bytes > MOST {
        tracing::warn!(file_bytes = bytes, "the database is too large to be written anew while it is served");
    } else {
        // In a file of its own, not in memory.
        connection.batch_execute("PRAGMA temp_store = FILE")?;
        let compacted = connection.batch_execute("VACUUM");
        connection.batch_execute("PRAGMA temp_store = MEMORY")?;
        compacted?;
    }
    connection.batch_execute(&format!("PRAGMA user_version = {erased}"))
}
