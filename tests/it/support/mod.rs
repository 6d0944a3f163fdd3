//! What the checks share.

pub mod app;
pub mod client;
pub mod database;
pub mod forge;
