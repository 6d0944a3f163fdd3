//! What a failure of the database means: the one place that looks at its kinds and messages.
//!
//! Diesel tells few of PostgreSQL's SQLSTATEs apart and none of SQLite's codes beyond constraints, so the messages of the
//! servers and of libpq are compared here, and nowhere else. PostgreSQL's are in English because connections ask for that;
//! where a role may not, an unknown message is a [`Fault::Defect`]: answered worse than it could be, and never wrongly done.
//! Knows nothing of what was being done when it failed.

use diesel::ConnectionError;
use diesel::result::{DatabaseErrorKind, Error};

use super::db::OpenError;

/// What kind of failure it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fault {
    /// The server, or this connection to it, is not there.
    Gone,
    /// Somebody else has what is needed: a lock, the last connection, memory.
    Busy,
    /// It took longer than it may, or was cancelled.
    TimedOut,
    /// Two transactions waited for each other, or cannot be put in an order; this one was given up.
    Deadlock,
    /// The disk is full, or fails.
    Disk,
    /// Nothing can be written there now: a standby, a file system mounted for reading.
    ReadOnly,
    /// A defect of this program, of the tables or of the data: the same again would fail again.
    Defect,
}

/// Beginnings of messages, and what they mean.
const BEGINNINGS: [(&str, Fault); 37] = [
    // PostgreSQL: 40P01, 55P03, 57014
    ("deadlock detected", Fault::Deadlock),
    ("could not serialize access", Fault::Deadlock),
    ("could not obtain lock on", Fault::Busy),
    ("canceling statement due to lock timeout", Fault::Busy),
    ("canceling statement due to", Fault::TimedOut),
    // 53100, 58030
    ("could not extend file", Fault::Disk),
    ("could not write", Fault::Disk),
    ("could not read block", Fault::Disk),
    ("could not fsync file", Fault::Disk),
    // 53200, 53300, 53400
    ("out of memory", Fault::Busy),
    ("out of shared memory", Fault::Busy),
    ("sorry, too many clients already", Fault::Busy),
    ("too many connections for", Fault::Busy),
    ("remaining connection slots are reserved", Fault::Busy),
    // 57P01 to 57P05, 25P03
    ("terminating connection", Fault::Gone),
    ("the database system is", Fault::Gone),
    // 26000, 0A000: the session is not the one that the statements were prepared in, or the tables changed since
    ("prepared statement", Fault::Gone),
    ("cached plan must not change result type", Fault::Gone),
    // 25006 where Diesel does not say so
    ("cannot execute", Fault::ReadOnly),
    // libpq
    ("server closed the connection unexpectedly", Fault::Gone),
    ("no connection to the server", Fault::Gone),
    ("could not receive data from server", Fault::Gone),
    ("could not send data to server", Fault::Gone),
    ("SSL connection has been closed", Fault::Gone),
    ("SSL SYSCALL error", Fault::Gone),
    // SQLite: BUSY, LOCKED, PROTOCOL, INTERRUPT
    ("database is locked", Fault::Busy),
    ("database table is locked", Fault::Busy),
    ("database schema is locked", Fault::Busy),
    ("locking protocol", Fault::Busy),
    ("interrupted", Fault::TimedOut),
    // FULL, IOERR, READONLY, CANTOPEN
    ("database or disk is full", Fault::Disk),
    ("disk I/O error", Fault::Disk),
    ("attempt to write a readonly database", Fault::ReadOnly),
    ("unable to open database file", Fault::Gone),
    // The transaction was ended by SQLite itself, so this session is not where it was thought to be.
    ("cannot commit - no transaction is active", Fault::Gone),
    ("cannot rollback - no transaction is active", Fault::Gone),
    ("cannot start a transaction within a transaction", Fault::Gone),
];

/// Ends of messages that begin with whatever was being done.
const ENDINGS: [(&str, Fault); 4] = [
    ("No space left on device", Fault::Disk),
    ("Disk quota exceeded", Fault::Disk),
    ("Input/output error", Fault::Disk),
    ("Connection reset by peer", Fault::Gone),
];

impl Fault {
    /// What a failed query means.
    pub fn of(error: &Error) -> Self {
        match error {
            Error::DatabaseError(kind, told) => Self::of_kind(kind).unwrap_or_else(|| Self::of_message(told.message())),
            Error::RollbackErrorOnCommit { commit_error, .. } => Self::of(commit_error).spoiling(),
            Error::BrokenTransactionManager | Error::AlreadyInTransaction | Error::NotInTransaction => Self::Gone,
            _ => Self::Defect,
        }
    }

    /// What a failed attempt to connect means. Whatever it was, the next may find it mended.
    pub fn of_connecting(error: &ConnectionError) -> Self {
        match error {
            ConnectionError::BadConnection(_) => Self::Gone,
            ConnectionError::CouldntSetupConfiguration(error) => Self::of(error),
            _ => Self::Defect,
        }
    }

    /// What it means that a database could not be opened.
    pub fn of_opening(error: &OpenError) -> Self {
        match error {
            OpenError::Connection(error) => Self::of_connecting(error),
            OpenError::Query(error) => Self::of(error),
            _ => Self::Defect,
        }
    }

    fn of_kind(kind: &DatabaseErrorKind) -> Option<Self> {
        match kind {
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Some(Self::Gone),
            DatabaseErrorKind::SerializationFailure => Some(Self::Deadlock),
            DatabaseErrorKind::ReadOnlyTransaction => Some(Self::ReadOnly),
            DatabaseErrorKind::Unknown => None,
            _ => Some(Self::Defect),
        }
    }

    fn of_message(message: &str) -> Self {
        let begins = BEGINNINGS.iter().find(|(beginning, _)| message.starts_with(beginning));
        let ends = || ENDINGS.iter().find(|(ending, _)| message.trim_end().ends_with(ending));
        begins.or_else(ends).map_or(Self::Defect, |(_, fault)| *fault)
    }

    /// The same of a connection that could not even be rolled back.
    fn spoiling(self) -> Self {
        if self.spoils_connection() { self } else { Self::Gone }
    }

    /// Whether the same may succeed a little later: answered with 503 and `Retry-After`.
    pub const fn passes(self) -> bool {
        !matches!(self, Self::Defect)
    }

    /// Whether the connection is to be thrown away, and everybody who uses it fails alike.
    pub const fn spoils_connection(self) -> bool {
        matches!(self, Self::Gone | Self::Disk | Self::ReadOnly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(kind: DatabaseErrorKind, message: &str) -> Error {
        Error::DatabaseError(kind, Box::new(message.to_owned()))
    }

    #[test]
    fn constraints_and_unknown_messages_are_defects() {
        for kind in [DatabaseErrorKind::UniqueViolation, DatabaseErrorKind::CheckViolation] {
            assert_eq!(Fault::of(&told(kind, "database is locked")), Fault::Defect);
        }
        assert_eq!(Fault::of(&told(DatabaseErrorKind::Unknown, "relation \"x\" does not exist")), Fault::Defect);
        assert_eq!(Fault::of(&told(DatabaseErrorKind::Unknown, "value is database is locked")), Fault::Defect);
        assert_eq!(Fault::of(&Error::NotFound), Fault::Defect);
    }

    #[test]
    fn a_commit_that_cannot_be_undone_costs_the_connection() {
        let commit_error = Box::new(told(DatabaseErrorKind::Unknown, "database is locked"));
        let rollback_error = Box::new(told(DatabaseErrorKind::Unknown, "database is locked"));
        assert_eq!(Fault::of(&Error::RollbackErrorOnCommit { rollback_error, commit_error }), Fault::Gone);
    }

    #[test]
    fn no_beginning_hides_a_later_one() {
        for (number, (beginning, fault)) in BEGINNINGS.iter().enumerate() {
            let first = BEGINNINGS.iter().position(|(other, _)| beginning.starts_with(other));
            assert_eq!(first, Some(number), "{beginning} is {fault:?}");
        }
    }
}
