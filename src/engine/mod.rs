//! Awards as a pure function of evidence, and the steps that bring the ledger in line with it.
//!
//! Knows the domain only: no database, no HTTP, no clock.

pub mod back_test;
pub mod dues;
pub mod explain;
pub mod fold;
mod goals;
mod judge;
pub mod outlook;
pub mod reconcile;
pub mod refold;
pub mod state;
pub mod team;
#[cfg(test)]
mod tests;
pub mod timeline;
pub mod walk;
pub mod watch;
