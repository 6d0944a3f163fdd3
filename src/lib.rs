//! Applaus: recognition and rewards for customer-service organisations.

pub mod access;
pub mod app;
pub mod boards;
pub mod catalogue;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod http;
pub mod store;
pub mod telemetry;
pub mod verify;
pub mod writer;
