//! What every answer over HTTP has in common (API.md, "Conventions").
//!
//! Knows the words of the domain and how they travel; knows no operation and no database.

pub mod bearer;
pub mod conditional;
pub mod json;
mod json_error;
pub mod language;
pub mod layers;
mod observe;
pub mod page;
pub mod problem;
pub mod query;
pub mod trace;

pub use observe::{DURATION_BUCKETS, DURATION_METRIC, describe_metrics};
