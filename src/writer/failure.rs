//! Why a command was not done.

use diesel::result::Error;

use crate::domain::ledger::LedgerError;
use crate::domain::points::Overflow;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::engine::fold::FoldError;
use crate::store::fault::Fault;

/// Why a command was not done; nothing of it was.
#[derive(Debug)]
pub enum Failure {
    /// It was refused; the sender can mend it.
    Refused(Problem),
    /// The database failed.
    Database(Error),
    /// Too much is waiting.
    Overloaded,
    /// The writer or its database is not there just now.
    Unavailable,
    /// A defect of this program.
    Defect(String),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Database(error)
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<ProblemCode> for Failure {
    fn from(code: ProblemCode) -> Self {
        Self::Refused(Problem::new(code))
    }
}

impl From<Finding> for Failure {
    fn from(finding: Finding) -> Self {
        Self::Refused(finding.into())
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Defect(error.to_string())
    }
}

impl From<Overflow> for Failure {
    fn from(error: Overflow) -> Self {
        Self::Defect(error.to_string())
    }
}

impl From<FoldError> for Failure {
    fn from(error: FoldError) -> Self {
        Self::Defect(error.to_string())
    }
}

impl Failure {
    /// What it means, if it was the database that failed.
    pub fn fault(&self) -> Option<Fault> {
        match self {
            Self::Database(error) => Some(Fault::of(error)),
            _ => None,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(problem) => problem.fmt(f),
            Self::Database(error) => write!(f, "the database failed: {error}"),
            Self::Overloaded => f.write_str("too much is waiting"),
            Self::Unavailable => f.write_str("the writer is not available"),
            Self::Defect(what) => write!(f, "a defect: {what}"),
        }
    }
}
