//! Teams over HTTP.

use actix_web::{HttpRequest, HttpResponse};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conditional::{MeantFor, answer, revision_tag, tagged};
use super::creating::{Creating, changed, created, respond};
use super::fields::{Faults, MOST_NAME_CHARS, code, given, line};
use super::json::Json;
use super::page::{Page, Paging};
use super::permit::{Asked, ChangeTeams, Permit, ReadTeams, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use crate::access::policy::{Action, Relation};
use crate::catalogue::{Catalogue, Team};
use crate::domain::ids::Code;
use crate::domain::problem::{Finding, ProblemCode};
use crate::store::db::Db;
use crate::store::row;
use crate::store::teams::TeamRow;
use crate::writer::idempotent::Idempotent;
use crate::writer::organization::Expected;
use crate::writer::team::{AddTeam, ChangeTeam};
use crate::writer::{Failure, Tx};

const LIST: &str = "teams.1";

/// A new team.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamIn {
    /// Fixed for life: 1 to 64 lower-case letters, digits, `-` and `_`.
    pub code: String,
    /// At most 120 characters on one line.
    pub name: String,
    /// The team above it, by code.
    pub parent: Option<String>,
}

/// What shall be different about a team; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamPatch {
    /// Its name.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub name: Option<String>,
    /// The team above it, by code; fixed once anybody was at home in it or below. Null makes it a team at the top.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub parent: Option<Option<String>>,
}

/// A team.
#[derive(Debug, Serialize, ToSchema)]
pub struct TeamOut {
    /// The id, by which boards name it.
    pub id: String,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The team above it, by code.
    pub parent: Option<String>,
}

impl TeamOut {
    fn new(catalogue: &Catalogue, kept: TeamRow) -> QueryResult<Self> {
        let parent = kept.parent.map(row::parsed).transpose()?.and_then(|id| catalogue.teams.get(id));
        let parent = parent.map(|team| team.code.to_string());
        Ok(Self { id: kept.id, code: kept.code, name: kept.name, parent })
    }
}

/// The team of `{team}`.
pub struct TeamTarget(pub Team);

impl Target for TeamTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadTeams);

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let team = asked.catalogue.teams.by_code(asked.parameter("team"))?;
        Some((Self(team.clone()), Vec::new()))
    }
}

/// A parent that is no code is no team.
fn parent(text: String) -> Result<Code, Finding> {
    Code::new(&text).ok_or_else(|| Finding::new("/parent", ProblemCode::UnknownTeam).with("team", text))
}

/// List teams
///
/// All of them, by code.
#[utoipa::path(get, path = "/api/v1/teams", tag = "Teams", params(Paging),
    responses((status = 200, description = "A page of teams", body = Page<TeamOut>)))]
pub async fn list(permit: Permit<ReadTeams>, Query(paging): Query<Paging>) -> Result<HttpResponse, ApiError> {
    let catalogue = permit.state.catalogue();
    let page = paging.page(LIST, catalogue.teams.all(), |team| team.row.code.clone())?;
    let items = page.items.into_iter().map(|team| TeamOut::new(&catalogue, team.row.clone()));
    Ok(HttpResponse::Ok().json(Page { items: items.collect::<QueryResult<Vec<_>>>()?, next: page.next }))
}

/// Add a team
#[utoipa::path(post, path = "/api/v1/teams", tag = "Teams", request_body = TeamIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless")),
    responses(
        (status = 201, description = "The team", body = TeamOut, headers(("Location" = String, description = "Where it is"))),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 409, description = "The code is taken", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
    ))]
pub async fn create(permit: Permit<ChangeTeams>, creating: Creating<TeamIn>) -> Result<HttpResponse, ApiError> {
    let (body, mut faults) = (creating.body, Faults::default());
    let code = faults.check(code("/code", &body.code));
    let name = faults.check(line("/name", &body.name, MOST_NAME_CHARS));
    let parent = faults.check_given(body.parent, parent);
    let command = || Some(AddTeam { code: code?, name: name?, parent: parent? });
    let answer = |tx: &mut Tx<'_>, row: TeamRow| -> Result<_, Failure> {
        let location = format!("/api/v1/teams/{}", row.code);
        created(&TeamOut::new(&*tx.catalogue()?, row)?, location)
    };
    let command = Idempotent { command: faults.whole(command())?, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// Read a team
#[utoipa::path(get, path = "/api/v1/teams/{team}", tag = "Teams",
    params(("team" = String, Path, description = "The code")),
    responses(
        (status = 200, description = "The team", body = TeamOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 304, description = "The reader has it already"),
        (status = 404, description = "There is no such team", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadTeams, TeamTarget>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let row = permit.target.0.row;
    Ok(answer(&request, revision_tag(row.revision), &TeamOut::new(&permit.state.catalogue(), row)?))
}

/// Change a team
#[utoipa::path(patch, path = "/api/v1/teams/{team}", tag = "Teams", request_body = TeamPatch,
    params(
        ("team" = String, Path, description = "The code"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "The team as it is now", body = TeamOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is no such team", body = ProblemBody),
        (status = 412, description = "Changed in the meantime", body = ProblemBody),
        (status = 422, description = "The parent is fixed, or inside the team", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangeTeams, TeamTarget>,
    meant: MeantFor,
    Json(patch): Json<TeamPatch>,
) -> Result<HttpResponse, ApiError> {
    let team = &permit.target.0;
    meant.check(&revision_tag(team.row.revision))?;
    let mut faults = Faults::default();
    let name = faults.check_given(patch.name, |name| line("/name", &name, MOST_NAME_CHARS));
    let parent = faults.check_given(patch.parent, |given| given.map(parent).transpose());
    let command = || {
        Some(ChangeTeam {
            code: team.code.clone(),
            name: name?.unwrap_or_else(|| team.row.name.clone()),
            parent: parent?.unwrap_or_else(|| team.lineage.get(1).cloned()),
            expected: Expected::Revision(team.row.revision),
        })
    };
    let written = permit.state.write(permit.actor(), faults.whole(command())?).await?;
    let tag = revision_tag(written.output.revision);
    Ok(tagged(changed(written.sequence, &TeamOut::new(&permit.state.catalogue(), written.output)?), tag))
}
