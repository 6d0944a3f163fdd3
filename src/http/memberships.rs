//! Home-team memberships over HTTP.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::creating::{Creating, changed, created, respond};
use super::fields::{Faults, given, moment};
use super::json::Json;
use super::page::{Page, Paging};
use super::permit::{ChangeMemberships, Permit, ReadMemberships};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::PersonTarget;
use crate::catalogue::Catalogue;
use crate::domain::ids::MembershipId;
use crate::domain::problem::ProblemCode;
use crate::store::memberships::{self, MembershipRow};
use crate::store::row;
use crate::writer::idempotent::Idempotent;
use crate::writer::membership::{AddMembership, ChangeMembership};
use crate::writer::{Failure, Tx};

const LIST: &str = "memberships.1";

/// A new membership.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembershipIn {
    /// The team, by code.
    pub team: String,
    /// From when on: RFC 3339, or a date, which means the start of that day in the organisation's zone.
    #[schema(example = "2026-11-01")]
    pub from: String,
    /// Until when, exclusive; open if null.
    pub until: Option<String>,
}

/// What shall be different about a membership; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MembershipPatch {
    /// The team, by code.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub team: Option<String>,
    /// From when on.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub from: Option<String>,
    /// Until when, exclusive; null leaves it open.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub until: Option<Option<String>>,
}

/// A membership.
#[derive(Debug, Serialize, ToSchema)]
pub struct MembershipOut {
    /// The id.
    pub id: String,
    /// The team, by code.
    pub team: String,
    /// From when on.
    pub from: DateTime<Utc>,
    /// Until when, exclusive; null while it runs on.
    pub until: Option<DateTime<Utc>>,
}

impl MembershipOut {
    fn new(catalogue: &Catalogue, kept: MembershipRow) -> QueryResult<Self> {
        let team = catalogue.teams.get(row::parsed(kept.team)?);
        let team = team.ok_or_else(|| row::corrupt("a membership without team"))?.code.to_string();
        Ok(Self { id: kept.id, team, from: row::instant(kept.from_at), until: kept.until_at.map(row::instant) })
    }
}

/// List memberships
///
/// The home teams of a person, oldest first.
#[utoipa::path(get, path = "/api/v1/people/{person}/memberships", tag = "People",
    params(("person" = String, Path, description = "`me`, an id, or a user name"), Paging),
    responses(
        (status = 200, description = "A page of memberships", body = Page<MembershipOut>),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadMemberships, PersonTarget>,
    Query(paging): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    let Permit { target, state, .. } = permit;
    let catalogue = state.catalogue();
    let read = move |db: &mut _| {
        let kept = memberships::of_people(db, &[target.row.id])?.into_iter();
        let all = kept.map(|row| MembershipOut::new(&catalogue, row)).collect::<QueryResult<Vec<_>>>()?;
        paging.page(LIST, all.into_iter(), |membership| membership.from)
    };
    Ok(HttpResponse::Ok().json(state.read(read).await?))
}

/// Move to a team
///
/// The membership that runs at the start of the new one ends there. Evidence counts by where its agent was at home when
/// it happened, so one in the past moves the points of open seasons.
#[utoipa::path(post, path = "/api/v1/people/{person}/memberships", tag = "People", request_body = MembershipIn,
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless"),
    ),
    responses(
        (status = 201, description = "The membership", body = MembershipOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
        (status = 422, description = "No such team, or another membership is in the way", body = ProblemBody),
    ))]
pub async fn create(
    permit: Permit<ChangeMemberships, PersonTarget>,
    creating: Creating<MembershipIn>,
) -> Result<HttpResponse, ApiError> {
    let (zone, body) = (permit.state.catalogue().zone.clone(), creating.body);
    let mut faults = Faults::default();
    let from = faults.check(moment("/from", &body.from, &zone));
    let until = faults.check_given(body.until, |until| moment("/until", &until, &zone));
    let person = permit.target.id;
    let command = || Some(AddMembership { person, team: body.team, from: from?, until: until? });
    let command = faults.whole(command())?;
    let answer = move |tx: &mut Tx<'_>, row: MembershipRow| -> Result<_, Failure> {
        let location = format!("/api/v1/people/{person}/memberships/{}", row.id);
        created(&MembershipOut::new(&*tx.catalogue()?, row)?, location)
    };
    let command = Idempotent { command, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// Change a membership
#[utoipa::path(patch, path = "/api/v1/people/{person}/memberships/{membership}", tag = "People",
    request_body = MembershipPatch,
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("membership" = String, Path, description = "The id"),
    ),
    responses(
        (status = 200, description = "The membership as it is now", body = MembershipOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nothing that you may see", body = ProblemBody),
        (status = 422, description = "No such team, or another membership is in the way", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangeMemberships, PersonTarget>,
    path: web::Path<(String, String)>,
    Json(patch): Json<MembershipPatch>,
) -> Result<HttpResponse, ApiError> {
    let zone = permit.state.catalogue().zone.clone();
    let membership: MembershipId = path.1.parse().map_err(|_| ProblemCode::NotFound)?;
    let mut faults = Faults::default();
    let from = faults.check_given(patch.from, |from| moment("/from", &from, &zone));
    let until = faults.check_given(patch.until, |until| until.map(|until| moment("/until", &until, &zone)).transpose());
    let (person, team) = (permit.target.id, patch.team);
    let command = || Some(ChangeMembership { person, membership, team, from: from?, until: until? });
    let written = permit.state.write(permit.actor(), faults.whole(command())?).await?;
    Ok(changed(written.sequence, &MembershipOut::new(&permit.state.catalogue(), written.output)?))
}
