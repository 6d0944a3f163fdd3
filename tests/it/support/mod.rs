//! What the checks share.

pub mod app;
pub mod client;
pub mod cluster;
pub mod database;
pub mod forge;
