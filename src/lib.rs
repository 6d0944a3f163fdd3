//! Applaus: recognition and rewards for customer-service organisations.

pub mod access;
pub mod domain;
pub mod engine;
pub mod http;
