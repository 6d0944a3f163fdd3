//! HTTP: every route on one page, one file per resource, and what all answers have in common (API.md, "Conventions").
//!
//! Knows how the domain's words travel; knows no rule and no table.

pub mod badges;
pub mod bearer;
pub mod callers;
pub mod conditional;
pub mod creating;
pub mod json;
mod json_error;
pub mod language;
pub mod layers;
pub mod leaderboards;
mod observe;
pub mod operations;
pub mod page;
pub mod permit;
pub mod person_ref;
pub mod problem;
pub mod query;
pub mod routes;
pub mod serve;
pub mod signals;
pub mod standing;
pub mod targets;
pub mod trace;
pub mod transfers;
pub mod visible;

pub use observe::{DURATION_BUCKETS, DURATION_METRIC, describe_metrics};
