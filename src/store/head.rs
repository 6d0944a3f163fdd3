//! The one sequence that every committed change takes its number from (SEMANTICS S42).

use diesel::prelude::*;

use super::db::Db;
use super::schema::{changes, head};

/// What changed, beside the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// A person, their roles or their memberships.
    Person,
    /// A team.
    Team,
    /// A measure.
    Measure,
    /// The organisation's settings.
    Organization,
    /// A programme or one of its versions.
    Programme,
    /// Evidence.
    Signals,
    /// A kudos.
    Kudos,
}

impl ChangeKind {
    /// Its name in the table.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Person => "person",
            Self::Team => "team",
            Self::Measure => "measure",
            Self::Organization => "organization",
            Self::Programme => "programme",
            Self::Signals => "signals",
            Self::Kudos => "kudos",
        }
    }
}

/// The last number taken.
pub fn read(db: &mut Db) -> QueryResult<i64> {
    head::table.select(head::sequence).first(db)
}

/// Keeps the last number taken.
pub fn write(db: &mut Db, sequence: i64) -> QueryResult<()> {
    diesel::update(head::table).set(head::sequence.eq(sequence)).execute(db).map(drop)
}

/// Records that something beside the ledger changed.
pub fn record(db: &mut Db, sequence: i64, kind: ChangeKind, reference: &str) -> QueryResult<()> {
    diesel::insert_into(changes::table)
        .values((changes::sequence.eq(sequence), changes::kind.eq(kind.name()), changes::reference.eq(reference)))
        .execute(db)
        .map(drop)
}

/// Kinds and references of what changed beside the ledger after `sequence`, in order, at most `limit`.
pub fn changed_since(db: &mut Db, sequence: i64, limit: i64) -> QueryResult<Vec<(i64, String, String)>> {
    changes::table.filter(changes::sequence.gt(sequence)).order(changes::sequence).limit(limit).load(db)
}
