//! Applaus: recognition and rewards for customer-service organisations.

pub mod catalogue;
pub mod clock;
pub mod domain;
pub mod engine;
pub mod store;
pub mod writer;
