//! Roles over HTTP: giving and taking them.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

use super::creating::done;
use super::permit::{ChangeRoles, Permit};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::PersonTarget;
use crate::domain::people::Role;
use crate::domain::problem::{Finding, ProblemCode};
use crate::writer::role::{GrantRole, Reach, TakeRole};

/// Teams or sources that one grant may name.
const MOST_REACHED: usize = 200;

/// How far a role reaches.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ReachQuery {
    /// For `lead`, and needed there: codes of teams, separated by commas. Those below are led too.
    team: Option<String>,
    /// For `source`, and needed there: names of sources, separated by commas.
    sources: Option<String>,
}

impl ReachQuery {
    fn reach(self, role: Role) -> Result<Reach, Finding> {
        let unfit = |field: &str, known: &str| {
            Finding::new(field, ProblemCode::UnknownField).with("field", field).with("known", known)
        };
        match (role, self.team, self.sources) {
            (Role::Lead, _, Some(_)) => Err(unfit("sources", "team")),
            (Role::Lead, teams, None) => Ok(Reach::Teams(names("team", &teams.unwrap_or_default())?)),
            (Role::Source, Some(_), _) => Err(unfit("team", "sources")),
            (Role::Source, None, sources) => Ok(Reach::Sources(names("sources", &sources.unwrap_or_default())?)),
            (_, Some(_), _) => Err(unfit("team", "–")),
            (_, None, Some(_)) => Err(unfit("sources", "–")),
            (_, None, None) => Ok(Reach::Whole),
        }
    }
}

/// The different names in a list, in one order, so that the same reach is the same text.
fn names(pointer: &str, list: &str) -> Result<Vec<String>, Finding> {
    let names: BTreeSet<&str> = list.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if names.len() > MOST_REACHED {
        return Err(Finding::new(pointer, ProblemCode::TooMany).with("limit", MOST_REACHED));
    }
    Ok(names.into_iter().map(str::to_owned).collect())
}

fn role_named(name: &str) -> Result<Role, Finding> {
    Role::of_name(name).ok_or_else(|| {
        let known = Role::ALL.map(Role::name).join(", ");
        Finding::new("role", ProblemCode::InvalidValue).with("expected", known)
    })
}

/// Give a role
///
/// Of a role that is held already only the reach changes.
#[utoipa::path(put, path = "/api/v1/people/{person}/roles/{role}", tag = "People",
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("role" = String, Path, description = "`agent`, `lead`, `hr`, `source`, `auditor` or `admin`"),
        ReachQuery,
    ),
    responses(
        (status = 204, description = "It is held"),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
        (status = 422, description = "No such role or team, or the reach is missing", body = ProblemBody),
    ))]
pub async fn grant(
    permit: Permit<ChangeRoles, PersonTarget>,
    path: web::Path<(String, String)>,
    Query(reach): Query<ReachQuery>,
) -> Result<HttpResponse, ApiError> {
    let role = role_named(&path.1)?;
    let command = GrantRole { person: permit.target.id, role, reach: reach.reach(role)? };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}

/// Take a role
///
/// Does nothing if it is not held.
#[utoipa::path(delete, path = "/api/v1/people/{person}/roles/{role}", tag = "People",
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("role" = String, Path, description = "`agent`, `lead`, `hr`, `source`, `auditor` or `admin`"),
    ),
    responses(
        (status = 204, description = "It is not held"),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
        (status = 409, description = "The last administrator", body = ProblemBody),
        (status = 422, description = "There is no such role", body = ProblemBody),
    ))]
pub async fn take(
    permit: Permit<ChangeRoles, PersonTarget>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let command = TakeRole { person: permit.target.id, role: role_named(&path.1)? };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}
