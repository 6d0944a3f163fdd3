//! What the checks share.

pub mod app;
pub mod client;
pub mod database;
pub mod forge;
pub mod program;
pub mod raw;
