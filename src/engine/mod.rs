//! Awards as a pure function of evidence, and the steps that bring the ledger in line with it.
//!
//! Knows the domain only: no database, no HTTP, no clock.

pub mod fold;
pub mod reconcile;
#[cfg(test)]
mod tests;
pub mod timeline;
mod walk;
