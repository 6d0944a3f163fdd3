//! Leaderboards in memory: one rank index per board and period, following the ledger's sequence.
//!
//! Knows the domain and the store; nothing of HTTP, and nothing of who may see what.

pub mod index;
pub mod view;

#[cfg(test)]
mod tests;
