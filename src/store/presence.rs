//! Who is working on a database: any number of servers, or one tool that wants it for itself.

use std::fs::{File, OpenOptions, TryLockError};

use diesel::prelude::*;
use diesel::sql_types::Bool;

use super::db::{DatabaseUrl, Db, OpenError};

/// The advisory lock that servers share and tools want alone.
const PRESENCE_LOCK: i64 = 0x4150_504c_4155_5302;

/// How the database is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// Together with other servers.
    Shared,
    /// Alone.
    Alone,
}

/// Holds the claim until it is dropped.
pub struct Presence {
    _held: Held,
}

enum Held {
    File { _file: File },
    Session { _db: Box<Db> },
}

/// Why the database cannot be had as wanted.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// Somebody else is there.
    #[error("the database is in use: stop the servers that run on it first")]
    InUse,
    /// It cannot be asked.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The lock file beside a SQLite database cannot be made.
    #[error("cannot lock {0}: {1}")]
    File(String, std::io::Error),
}

#[derive(QueryableByName)]
struct Got {
    #[diesel(sql_type = Bool)]
    got: bool,
}

/// Claims a database.
pub fn claim(url: &DatabaseUrl, wanted: Wanted) -> Result<Presence, Refused> {
    let held = match url {
        DatabaseUrl::Sqlite(path) => lock_file(&format!("{path}.lock"), wanted)?,
        DatabaseUrl::Postgres(_) => lock_session(url, wanted)?,
    };
    Ok(Presence { _held: held })
}

fn lock_file(path: &str, wanted: Wanted) -> Result<Held, Refused> {
    let failed = |error| Refused::File(path.to_owned(), error);
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).map_err(failed)?;
    let locked = match wanted {
        Wanted::Shared => file.try_lock_shared(),
        Wanted::Alone => file.try_lock(),
    };
    match locked {
        Ok(()) => Ok(Held::File { _file: file }),
        Err(TryLockError::WouldBlock) => Err(Refused::InUse),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

fn lock_session(url: &DatabaseUrl, wanted: Wanted) -> Result<Held, Refused> {
    let mut db = url.connect()?;
    let function = match wanted {
        Wanted::Shared => "pg_try_advisory_lock_shared",
        Wanted::Alone => "pg_try_advisory_lock",
    };
    let query = diesel::sql_query(format!("SELECT {function}({PRESENCE_LOCK}) AS got"));
    let got: Got = query.get_result(&mut db).map_err(OpenError::from)?;
    if got.got { Ok(Held::Session { _db: Box::new(db) }) } else { Err(Refused::InUse) }
}
