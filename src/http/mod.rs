//! HTTP: every route on one page, one file per resource, and what all answers have in common (API.md, "Conventions").
//!
//! Knows how the domain's words travel; knows no rule and no table.

pub mod bearer;
pub mod callers;
pub mod conditional;
pub mod creating;
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
pub mod operations;
pub mod page;
pub mod permit;
pub mod problem;
pub mod query;
pub mod routes;
pub mod serve;
pub mod targets;
pub mod page;
pub mod problem;
pub mod query;
pub mod trace;

pub use observe::{DURATION_BUCKETS, DURATION_METRIC, describe_metrics};
