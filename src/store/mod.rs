//! Everything kept: one file per subject, one query per function, the same code on SQLite and PostgreSQL.
//!
//! Query functions take the connection and return [`diesel::QueryResult`]; transactions are opened by the writer only.
//! Knows the domain; knows no rule, no HTTP and no clock.

/// Runs a body on the connection behind a [`db::Db`], compiled once for each database: for what Diesel cannot say
/// through the enum (`ON CONFLICT`, batch inserts).
macro_rules! on_backend {
    ($db:expr, |$connection:ident| $body:expr) => {
        match $db {
            $crate::store::db::Db::Postgres($connection) => $body,
            $crate::store::db::Db::Sqlite($connection) => $body,
        }
    };
}

pub mod absences;
pub mod awards;
pub mod backup;
pub mod board_evidence;
pub mod boards;
pub mod budgets;
pub mod certificates;
pub mod contests;
pub mod day_marks;
#[allow(missing_docs, reason = "the derive of the connection enum writes items without docs")]
pub mod db;
pub mod directory;
pub mod dry_runs;
pub mod due;
pub mod erasing;
pub mod evidence;
pub mod fault;
#[allow(missing_docs, reason = "the macro of the key filter writes items without docs")]
pub mod fold_days;
pub mod grants;
pub mod head;
pub mod idempotency;
pub mod issuer_keys;
pub mod kudos;
#[allow(missing_docs, reason = "the alias macro writes items without docs")]
pub mod ledger;
pub mod measures;
pub mod memberships;
pub mod notices;
pub mod organization;
pub mod patterns;
pub mod payroll;
pub mod people;
pub mod presence;
pub mod programmes;
pub mod redemptions;
pub mod rewards;
pub mod roles;
pub mod row;
pub(crate) mod schema;
pub mod seasons;
pub mod signals;
pub mod stream_news;
pub mod stream_tickets;
pub mod sweeping;
pub mod team_sums;
pub mod teams;
pub mod values;
pub mod visibility;
