//! HTTP: every route on one page, one file per resource, and what all answers have in common (API.md, "Conventions").
//!
//! Knows how the domain's words travel; knows no rule and no table.

pub mod absences;
pub mod approvals;
pub mod badges;
pub mod bearer;
pub mod budgets;
pub mod callers;
pub mod certificates;
pub mod conditional;
mod connection;
pub mod contests;
pub mod creating;
pub mod docs;
pub mod explanations;
pub mod fields;
pub mod grants;
pub mod jobs;
pub mod json;
mod json_error;
pub mod kudos;
pub mod language;
pub mod layers;
pub mod leaderboards;
pub mod measures;
pub mod memberships;
mod observe;
pub mod operations;
pub mod organization;
pub mod outlook;
pub mod page;
pub mod patterns;
pub mod payroll;
pub mod people;
pub mod permit;
pub mod person_ref;
pub mod problem;
pub mod programmes;
pub mod query;
pub mod redemptions;
pub mod rewards;
pub mod roles;
pub mod routes;
pub mod serve;
pub mod session;
pub mod signals;
mod small_teams;
pub mod standing;
pub mod streams;
pub mod targets;
pub mod teams;
pub mod trace;
pub mod transfers;
pub mod visibility;
pub mod visible;
mod worker;

use certificates::public as certificates_public;
use kudos::{moderation as kudos_moderation, reactions as kudos_reactions, replies as kudos_replies};
use programmes::{
    activation as programme_activation, back_test as programme_back_test, ending as programme_ending,
    seasons as programme_seasons, validation as programme_validation, versions as programme_versions,
};
use redemptions::steps as redemption_steps;

pub use observe::{DURATION_BUCKETS, DURATION_METRIC, describe_metrics};
