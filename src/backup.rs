//! Backup and restore of a SQLite database together with the keys: one file, whole or not at all.
//!
//! PostgreSQL has tools of its own for this; the README tells how to use them.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use tempfile::{Builder, NamedTempFile, TempDir};

use crate::access::keys::{self, KeyError};
use crate::access::seal;
use crate::app::{StartError, prepare_data_dir};
use crate::config::Config;
use crate::store::backup::{self, Keys, Unfit};
use crate::store::db::{DatabaseUrl, OpenError};
use crate::store::presence::{Refused, Wanted, claim};

/// Why nothing was backed up or restored.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The data lies in PostgreSQL.
    #[error(
        "the data lies in PostgreSQL: use pg_dump and pg_restore, and copy issuer.pem and applaus.seal, as the README tells"
    )]
    Postgres,
    /// Something is where the result should go.
    #[error("{0} is there already: move it away first, or name another")]
    Taken(PathBuf),
    /// The file cannot be restored.
    #[error("cannot restore {0}: {1}")]
    Unfit(PathBuf, Unfit),
    /// The copy cannot be made.
    #[error("cannot write {0}: {1}")]
    Copy(PathBuf, OpenError),
    /// A file cannot be read or written.
    #[error("cannot use {0}: {1}")]
    File(PathBuf, io::Error),
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// Somebody is using the database.
    #[error(transparent)]
    InUse(#[from] Refused),
    /// The data directory.
    #[error(transparent)]
    Start(#[from] StartError),
}

fn sqlite(config: &Config) -> Result<&Path, BackupError> {
    match &config.database {
        DatabaseUrl::Sqlite(path) => Ok(Path::new(path)),
        DatabaseUrl::Postgres(_) => Err(BackupError::Postgres),
    }
}

fn refuse_taken(path: &Path) -> Result<(), BackupError> {
    if path.symlink_metadata().is_ok() { Err(BackupError::Taken(path.to_owned())) } else { Ok(()) }
}

/// Writes database and keys into `file`, which only its owner may read. Servers go on meanwhile.
pub fn backup(config: &Config, file: &Path) -> Result<(), BackupError> {
    sqlite(config)?;
    refuse_taken(file)?;
    config.database.expect_there()?;
    let keys = Keys { issuer: keys::export(&config.data_dir)?, seal: seal::export(&config.seal_key())? };
    let (_folder, copy) = beside(file)?;
    let copied = backup::copy(&mut config.database.connect()?, copy.path(), &keys);
    copied.map_err(|error| BackupError::Copy(file.to_owned(), error))?;
    put(copy, file)
}

/// Puts database and keys of a backup where `config` says, and nothing where something is.
pub fn restore(config: &Config, file: &Path) -> Result<(), BackupError> {
    let path = sqlite(config)?;
    let mut source = File::open(file).map_err(|error| BackupError::File(file.to_owned(), error))?;
    prepare_data_dir(config)?;
    let _presence = claim(&config.database, Wanted::Alone)?;
    refuse_taken(path)?;
    // SQLite takes what is left of another database for changes to this one.
    for left in ["-wal", "-shm", "-journal"] {
        refuse_taken(&path.with_file_name(format!("{}{left}", path.file_name().unwrap_or_default().display())))?;
    }
    let (_folder, mut copy) = beside(path)?;
    io::copy(&mut source, copy.as_file_mut()).map_err(|error| BackupError::File(copy.path().to_owned(), error))?;
    let found = backup::unpack(copy.path()).map_err(|unfit| BackupError::Unfit(file.to_owned(), unfit))?;
    // The keys first: without a database they are found by the next attempt, which may use the same.
    keys::import(&config.data_dir, &found.issuer)?;
    found.seal.map_or(Ok(()), |line| seal::import(&config.seal_key(), &line))?;
    put(copy, path)
}

/// An empty file near where its content will be, for its owner only; in a folder of its own, which goes with all that
/// SQLite leaves beside it.
fn beside(path: &Path) -> Result<(TempDir, NamedTempFile), BackupError> {
    let failed = |error| BackupError::File(path.to_owned(), error);
    let folder = Builder::new().prefix(".applaus-").tempdir_in(directory(path)).map_err(failed)?;
    let file = Builder::new().permissions(Permissions::from_mode(0o600)).tempfile_in(folder.path()).map_err(failed)?;
    Ok((folder, file))
}

fn directory(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// Gives a finished file its name, once it is on the disk, unless the name is taken.
fn put(file: NamedTempFile, path: &Path) -> Result<(), BackupError> {
    let failed = |error| BackupError::File(path.to_owned(), error);
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(path).map_err(|refused| match refused.error.kind() {
        io::ErrorKind::AlreadyExists => BackupError::Taken(path.to_owned()),
        _ => failed(refused.error),
    })?;
    File::open(directory(path)).and_then(|directory| directory.sync_all()).map_err(failed)
}
