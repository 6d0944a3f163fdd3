//! The one sequence that every committed change takes its number from (SEMANTICS S42).

use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Db;
use super::schema::{changes, head};

/// Where PostgreSQL tells of commits: `SCHEMA:SEQUENCE`, for the databases in other schemas share the channel.
pub(super) const CHANNEL: &str = "applaus";

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
    /// An item of the catalogue of rewards, but for its stock.
    Reward,
    /// What is left of a reward.
    Stock,
    /// A redemption.
    Redemption,
    /// A grant of points.
    Grant,
    /// What a programme or team may hand out.
    Budget,
    /// The payroll of a month.
    Payroll,
    /// The keys that sign tokens.
    IssuerKey,
    /// Somebody was erased.
    Erasure,
}

impl ChangeKind {
    const ALL: [Self; 15] = [
        Self::Person,
        Self::Team,
        Self::Measure,
        Self::Organization,
        Self::Programme,
        Self::Signals,
        Self::Kudos,
        Self::Reward,
        Self::Stock,
        Self::Redemption,
        Self::Grant,
        Self::Budget,
        Self::Payroll,
        Self::IssuerKey,
        Self::Erasure,
    ];

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
            Self::Reward => "reward",
            Self::Stock => "stock",
            Self::Redemption => "redemption",
            Self::Grant => "grant",
            Self::Budget => "budget",
            Self::Payroll => "payroll",
            Self::IssuerKey => "issuer_key",
            Self::Erasure => "erasure",
        }
    }

    /// The kind of that name; a newer version of Applaus may write others.
    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// Whether it changes what everybody holds in memory.
    pub const fn is_in_catalogue(self) -> bool {
        match self {
            Self::Team
            | Self::Measure
            | Self::Organization
            | Self::Programme
            | Self::Reward
            | Self::IssuerKey
            | Self::Erasure => true,
            Self::Person
            | Self::Signals
            | Self::Kudos
            | Self::Stock
            | Self::Redemption
            | Self::Grant
            | Self::Budget
            | Self::Payroll => false,
        }
    }
}

/// The last number taken.
pub fn read(db: &mut Db) -> QueryResult<i64> {
    head::table.select(head::sequence).first(db)
}

/// Keeps the last number taken, and tells other instances of it when the transaction is committed.
pub fn write(db: &mut Db, sequence: i64) -> QueryResult<()> {
    match db {
        Db::Sqlite(connection) => diesel::update(head::table).set(head::sequence.eq(sequence)).execute(connection),
        Db::Postgres(connection) => diesel::sql_query(format!(
            "WITH moved AS (UPDATE head SET sequence = $1) \
             SELECT pg_notify('{CHANNEL}', current_schema() || ':' || $1)"
        ))
        .bind::<BigInt, _>(sequence)
        .execute(connection),
    }
    .map(drop)
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

/// References of what changed of a kind after `sequence`, each once, at most `limit`.
pub fn of_kind_since(db: &mut Db, kind: ChangeKind, sequence: i64, limit: i64) -> QueryResult<Vec<String>> {
    let changed = changes::table.filter(changes::sequence.gt(sequence)).filter(changes::kind.eq(kind.name()));
    changed.select(changes::reference).distinct().limit(limit).load(db)
}

/// What kinds of things beside the ledger changed after one number of the sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changed {
    /// Something of the catalogue.
    pub catalogue: bool,
    /// People, their roles or memberships.
    pub people: bool,
}

/// What changed after `sequence`, in kind. What is of an unknown kind may be anything.
pub fn kinds_since(db: &mut Db, sequence: i64) -> QueryResult<Changed> {
    let names = changes::table.filter(changes::sequence.gt(sequence)).select(changes::kind).distinct();
    let names: Vec<String> = names.load(db)?;
    let kinds: Vec<_> = names.iter().map(|name| ChangeKind::of_name(name)).collect();
    Ok(Changed {
        catalogue: kinds.iter().any(|kind| kind.is_none_or(ChangeKind::is_in_catalogue)),
        people: kinds.iter().any(|kind| kind.is_none_or(|kind| kind == ChangeKind::Person)),
    })
}
