//! The two databases behind one connection type: chosen by URL, opened, pooled, migrated.

use std::time::Duration;

use diesel::connection::{AnsiTransactionManager, SimpleConnection, TransactionManager};
use diesel::prelude::*;
use diesel::r2d2::{ManageConnection, Pool};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
const POSTGRES_MIGRATIONS: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// The advisory lock under which every writing transaction runs on PostgreSQL: with it, all instances are one writer.
const WRITER_LOCK: i64 = 0x4150_504c_4155_5300;

/// Asks for English messages where others would come: [`super::fault`] reads them. Only some roles may.
const ENGLISH: &str = "SELECT set_config('lc_messages', 'C', false) \
                       WHERE current_setting('lc_messages') !~ '^(C|POSIX|en)'";
/// What libpq is told unless the URL says otherwise: a server that does not answer is given up, in seconds, and a
/// connection whose other end has gone is found out (`tcp_user_timeout` is in milliseconds).
const CONNECTION_DEFAULTS: [(&str, &str); 6] = [
    ("application_name", "applaus"),
    ("connect_timeout", "5"),
    ("keepalives_idle", "10"),
    ("keepalives_interval", "5"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "15000"),
];

/// How long PostgreSQL lets a connection take, in milliseconds. SQLite works inside this process and waits for nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    statement: u32,
    lock: u32,
    idle_in_transaction: u32,
}

impl Patience {
    /// The writer's. The server throws out an instance that hangs while it holds the lock of the one writer.
    pub const WRITER: Self = Self { statement: 60_000, lock: 8_000, idle_in_transaction: 20_000 };
    /// A reader's: what takes longer than this has lost whoever asked.
    pub const READER: Self = Self { statement: 20_000, lock: 5_000, idle_in_transaction: 60_000 };
    /// For long work in one transaction, that nobody waits for.
    const ENDLESS: Self = Self { statement: 0, lock: 0, idle_in_transaction: 0 };

    fn sql(self, set: &str) -> String {
        let Self { statement, lock, idle_in_transaction } = self;
        format!(
            "{set} statement_timeout = {statement}; {set} lock_timeout = {lock}; \
             {set} idle_in_transaction_session_timeout = {idle_in_transaction}"
        )
    }
}

/// A URL with what it leaves open.
fn with_defaults(url: &str) -> String {
    let mut whole = url.to_owned();
    for (name, value) in CONNECTION_DEFAULTS {
        if !url.contains(&format!("{name}=")) {
            let joiner = if whole.contains('?') { '&' } else { '?' };
            whole.push_str(&format!("{joiner}{name}={value}"));
        }
    }
    whole
}

/// A connection to either database.
#[derive(diesel::MultiConnection)]
pub enum Db {
    /// PostgreSQL.
    Postgres(PgConnection),
    /// SQLite.
    Sqlite(SqliteConnection),
}

/// Where the data lies.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// A file.
    Sqlite(String),
    /// A server, by its whole URL.
    Postgres(String),
}

/// Why a database could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The URL names a database that Applaus does not speak to.
    #[error("unknown database {0}: use sqlite:PATH or postgres://USER@HOST/NAME")]
    UnknownScheme(String),
    /// There is no such file.
    #[error("there is no database at {0}: give --data-dir or --database-url as for serve")]
    Missing(String),
    /// It cannot be reached or read.
    #[error("cannot open the database: {}", one_line(.0))]
    Connection(#[from] ConnectionError),
    /// It cannot be prepared.
    #[error("cannot prepare the database: {0}")]
    Query(#[from] diesel::result::Error),
    /// It cannot be brought to the tables of this version.
    #[error("cannot migrate the database: {0}")]
    Migration(String),
    /// It was written by a newer version.
    #[error("the database was written by a newer version of Applaus (migration {0}); use that version")]
    Newer(String),
}

/// Makes the file of a new database for its owner alone, as what SQLite puts beside it then is, too. What is there stays as
/// it is; what cannot be made SQLite says.
fn make_private(path: &str) {
    use std::os::unix::fs::OpenOptionsExt;
    let _ = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
}

/// What libpq says in several lines, a hint in the second.
fn one_line(error: &ConnectionError) -> String {
    error.to_string().lines().map(str::trim).collect::<Vec<_>>().join(" ")
}

impl DatabaseUrl {
    /// Reads a URL by its scheme.
    pub fn parse(url: &str) -> Result<Self, OpenError> {
        match url.split_once(':') {
            Some(("sqlite", path)) if !path.is_empty() => Ok(Self::Sqlite(path.trim_start_matches("//").to_owned())),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres(url.to_owned())),
            Some((scheme, _)) => Err(OpenError::UnknownScheme(scheme.to_owned())),
            None => Err(OpenError::UnknownScheme("without a scheme".to_owned())),
        }
    }

    /// Whether it is PostgreSQL.
    pub fn is_postgres(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }

    /// Refuses a file that is not there: opening it would make an empty one.
    pub fn expect_there(&self) -> Result<(), OpenError> {
        match self {
            Self::Sqlite(path) if !std::path::Path::new(path).exists() => Err(OpenError::Missing(path.clone())),
            _ => Ok(()),
        }
    }

    /// Opens a connection that may write, and that PostgreSQL lets take as long as it wants.
    pub fn connect(&self) -> Result<Db, OpenError> {
        match self {
            Self::Sqlite(path) => {
                let named = |error| ConnectionError::BadConnection(format!("{path}: {error}"));
                make_private(path);
                let mut connection = SqliteConnection::establish(path).map_err(named)?;
                connection.batch_execute(
                    "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                     PRAGMA foreign_keys = ON; PRAGMA secure_delete = ON; PRAGMA cache_size = -32768; PRAGMA temp_store = MEMORY;",
                )?;
                Ok(Db::Sqlite(connection))
            }
            Self::Postgres(url) => {
                let mut connection = PgConnection::establish(&with_defaults(url))?;
                connection.batch_execute("SET TIME ZONE 'UTC'")?;
                if connection.batch_execute(ENGLISH).is_err() {
                    tracing::warn!(
                        "PostgreSQL's messages are not English, and this role may not change that: ask for \
                                    ALTER DATABASE ... SET lc_messages = 'C', or passing failures are told as defects"
                    );
                }
                Ok(Db::Postgres(connection))
            }
        }
    }

    /// Opens the writer's connection.
    ///
    /// The writer finds everything by keys. On PostgreSQL its statements are planned once, perhaps while tables are small:
    /// without these settings a plan that reads them whole would stay when they have grown. On SQLite the log is carried
    /// over into the file less often than by default, many changes of a page at once.
    pub fn connect_writing(&self) -> Result<Db, OpenError> {
        let mut db = self.connect()?.bounded(Patience::WRITER)?;
        match &mut db {
            Db::Sqlite(connection) => {
                connection.batch_execute("PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -65536")?;
            }
            // What is switched off looks costly to the planner, and what is costly it would compile each time.
            Db::Postgres(connection) => connection.batch_execute(
                "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off",
            )?,
        }
        Ok(db)
    }

    /// Opens one that only reads, for as long as it wants.
    pub fn connect_reading(&self) -> Result<Db, OpenError> {
        let mut db = self.connect()?;
        match &mut db {
            // What boards read they keep; the system has the file in memory as well.
            Db::Sqlite(connection) => connection.batch_execute("PRAGMA query_only = ON; PRAGMA cache_size = -8192")?,
            Db::Postgres(connection) => connection.batch_execute("SET default_transaction_read_only = on")?,
        }
        Ok(db)
    }
}

impl Db {
    /// Bounds how long the server lets this connection take.
    pub fn bounded(mut self, patience: Patience) -> Result<Self, OpenError> {
        if let Self::Postgres(connection) = &mut self {
            connection.batch_execute(&patience.sql("SET"))?;
        }
        Ok(self)
    }

    /// Lifts these bounds until the transaction ends: for long work that nobody waits for.
    pub fn take_your_time(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(_) => Ok(()),
            Self::Postgres(connection) => connection.batch_execute(&Patience::ENDLESS.sql("SET LOCAL")),
        }
    }

    /// Begins the one writing transaction: no other is open on any instance until it ends.
    pub fn begin_write(&mut self) -> QueryResult<()> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN IMMEDIATE"),
            Self::Postgres(connection) => {
                AnsiTransactionManager::begin_transaction(connection)?;
                let lock =
                    diesel::sql_query(format!("SELECT pg_advisory_xact_lock({WRITER_LOCK})")).execute(connection);
                if lock.is_err() {
                    AnsiTransactionManager::rollback_transaction(connection)?;
                }
                lock.map(drop)
            }
        }
    }

    /// Makes what was written durable.
    pub fn commit(&mut self) -> QueryResult<()> {
        on_backend!(self, |connection| AnsiTransactionManager::commit_transaction(connection))
    }

    /// Undoes what was written since [`Self::begin_write`].
    pub fn rollback(&mut self) -> QueryResult<()> {
        on_backend!(self, |connection| AnsiTransactionManager::rollback_transaction(connection))
    }

    /// Runs several reads on one state of the data.
    pub fn snapshot<T, E: From<diesel::result::Error>>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, E>,
    ) -> Result<T, E> {
        match self {
            Self::Sqlite(connection) => AnsiTransactionManager::begin_transaction_sql(connection, "BEGIN"),
            Self::Postgres(connection) => AnsiTransactionManager::begin_transaction_sql(
                connection,
                "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
            ),
        }?;
        let result = read(self);
        self.rollback()?;
        result
    }

    /// Brings the tables to this version: whole or not at all, one instance at a time, and while nobody writes.
    pub fn migrate(&mut self) -> Result<(), OpenError> {
        self.begin_write()?;
        let migrated = match self {
            Self::Sqlite(connection) => run_migrations(connection, SQLITE_MIGRATIONS),
            Self::Postgres(connection) => run_migrations(connection, POSTGRES_MIGRATIONS),
        };
        if migrated.is_ok() {
            self.commit()?
        } else {
            self.rollback()?
        }
        migrated
    }
}

fn run_migrations<DB: diesel::backend::Backend>(
    connection: &mut impl MigrationHarness<DB>,
    migrations: EmbeddedMigrations,
) -> Result<(), OpenError> {
    let failed = |error: Box<dyn std::error::Error + Send + Sync>| OpenError::Migration(error.to_string());
    let known = diesel::migration::MigrationSource::<DB>::migrations(&migrations).map_err(failed)?;
    let newest = known.iter().map(|migration| migration.name().version().to_string()).max().unwrap_or_default();
    if let Some(newer) = connection.applied_migrations().map_err(failed)?.into_iter().map(|v| v.to_string()).max()
        && newer > newest
    {
        return Err(OpenError::Newer(newer));
    }
    connection.run_pending_migrations(migrations).map(drop).map_err(failed)
}

/// Opens the connections of a pool.
#[derive(Debug, Clone)]
pub struct Manager(DatabaseUrl);

impl ManageConnection for Manager {
    type Connection = Db;
    type Error = OpenError;

    fn connect(&self) -> Result<Db, OpenError> {
        self.0.connect_reading()?.bounded(Patience::READER)
    }

    fn is_valid(&self, db: &mut Db) -> Result<(), OpenError> {
        Ok(diesel::sql_query("SELECT 1").execute(db).map(drop)?)
    }

    fn has_broken(&self, db: &mut Db) -> bool {
        on_backend!(db, |connection| std::thread::panicking()
            || AnsiTransactionManager::is_broken_transaction_manager(connection))
    }
}

/// Opens a pool of at most `size` reading connections to a database that need not be there.
pub fn lazy_readers(url: &DatabaseUrl, size: u32) -> Readers {
    Pool::builder().max_size(size).min_idle(Some(0)).test_on_check_out(true).build_unchecked(Manager(url.clone()))
}

/// Connections for reading, beside the writer.
pub type Readers = Pool<Manager>;

/// Opens a pool of at most `size` reading connections.
pub fn readers(url: &DatabaseUrl, size: u32) -> Result<Readers, OpenError> {
    Pool::builder()
        .max_size(size)
        .min_idle(Some(1))
        .connection_timeout(Duration::from_secs(5))
        .test_on_check_out(matches!(url, DatabaseUrl::Postgres(_)))
        .build(Manager(url.clone()))
        .map_err(|error| OpenError::Connection(ConnectionError::BadConnection(error.to_string())))
}
