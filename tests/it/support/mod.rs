//! What the checks share.

pub mod app;
pub mod client;
pub mod cluster;
pub mod database;
pub mod events;
pub mod forge;
pub mod program;
pub mod proposals;
pub mod proxy;
pub mod raw;
