//! Applaus: recognition and rewards for customer-service organisations.

pub mod boards;
pub mod domain;
pub mod engine;
