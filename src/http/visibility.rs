//! How one is seen on the boards of a programme, over HTTP: one's own choice, which nobody else learns of.

use std::sync::Arc;

use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::conditional::{answer, tagged};
use super::creating::{changed, done};
use super::json::Json;
use super::permit::{Asked, ChangeVisibility, Permit, ReadVisibility, Target};
use super::problem::{ApiError, ProblemBody};
use super::targets::relations_to_programme;
use crate::access::caller::Dated;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;
use crate::domain::visibility::Visibility;
use crate::store::db::Db;
use crate::store::visibility::{self, ChoiceRow};
use crate::writer::visibility::{ChooseVisibility, Wish};

/// How one is seen on the boards of a programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct VisibilityOut {
    /// Code of the programme.
    pub programme: String,
    /// `named`, `alias` or `hidden`.
    pub visibility: &'static str,
    /// Whether one chose it; else it is the default.
    pub chosen: bool,
    /// How people are seen who have not chosen.
    pub default: &'static str,
    /// The fewest people that a group hides somebody in. Boards of fewer show no aliases.
    pub smallest_group: u32,
}

/// How one wants to be seen.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisibilityIn {
    /// `named`, `alias` or `hidden`.
    #[schema(value_type = String, pattern = "^(hidden|alias|named)$")]
    pub visibility: Visibility,
}

impl VisibilityOut {
    fn new(catalogue: &Catalogue, programme: &ProgrammeEntry, choice: Option<&ChoiceRow>) -> QueryResult<Self> {
        let privacy = catalogue.organization.privacy;
        let chosen = choice.map(ChoiceRow::visibility).transpose()?;
        Ok(Self {
            programme: programme.code.to_string(),
            visibility: chosen.unwrap_or(privacy.default_visibility).name(),
            chosen: chosen.is_some(),
            default: privacy.default_visibility.name(),
            smallest_group: privacy.smallest_group,
        })
    }
}

/// The tag of a choice beside the organisation's default.
fn tag(catalogue: &Catalogue, choice: Option<&ChoiceRow>) -> EntityTag {
    let revision = choice.map_or(0, |choice| choice.revision);
    EntityTag::new_strong(format!("r{revision}-{}", catalogue.organization_revision))
}

/// The boards of `{programme}` on which `{person}`, who is the caller, may stand: they read it, or took part in it once.
pub struct ChoiceTarget {
    person: PersonId,
    programme: Arc<ProgrammeEntry>,
}

impl Target for ChoiceTarget {
    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let Asked { caller, catalogue, now, .. } = asked;
        let own = match asked.parameter("person") {
            "me" => true,
            name => name == caller.user_name || name.parse() == Ok(caller.person),
        };
        let programme = catalogue.programmes.get(asked.parameter("programme"))?;
        let reads = permits(Action::ReadProgramme, caller, &relations_to_programme(asked, programme));
        let concerns = reads || took_part(catalogue, programme, &caller.dated, *now);
        let found = own && concerns && programme.newest().is_some();
        let target = || Self { person: caller.person, programme: programme.clone() };
        found.then(|| (target(), vec![Relation::Themselves]))
    }
}

/// Whether somebody was ever in the audience of a programme until `now`: boards of the past may still list them.
fn took_part(catalogue: &Catalogue, programme: &ProgrammeEntry, dated: &Dated, now: Instant) -> bool {
    let Some((begins, newest)) = programme.begins().zip(programme.newest()) else { return false };
    // Who is in an audience changes only at these instants.
    let versions = programme.timeline.versions.iter();
    let versions = versions.map(|version| newest.calendar.zone.start_of(version.effective_from));
    let homes = dated.homes.iter().flat_map(|(_, interval)| [interval.from, interval.until]);
    let roles = dated.roles.iter().flat_map(|(_, interval)| [interval.from, interval.until]);
    let mut instants = versions.chain(homes.chain(roles).flatten()).filter(|at| begins <= *at && *at <= now);
    instants.any(|at| {
        let home = dated.home_at(at).and_then(|team| catalogue.teams.get(team));
        let lineage = home.map_or(&[][..], |team| &team.lineage);
        let version = programme.day_of(at).and_then(|day| programme.timeline.in_force(day));
        version.is_some_and(|version| version.programme.audience.fits(lineage, |role| dated.held(role, at)))
    })
}

/// Read how one is seen
///
/// On the boards of a programme. Nobody else can read it.
#[utoipa::path(get, path = "/api/v1/people/{person}/visibility/{programme}", tag = "Leaderboards",
    params(
        ("person" = String, Path, description = "`me`, or one's own id or user name"),
        ("programme" = String, Path, description = "The programme's code"),
    ),
    responses(
        (status = 200, description = "How one is seen", body = VisibilityOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 304, description = "The reader has it already"),
        (status = 404, description = "It is somebody else, or there is no programme that one reads or took part in", body = ProblemBody),
    ))]
pub async fn read(
    permit: Permit<ReadVisibility, ChoiceTarget>,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, target: ChoiceTarget { person, programme }, .. } = permit;
    let code = programme.code.to_string();
    let choice = state.read(move |db| Ok(visibility::of(db, &person.to_string(), &code)?)).await?;
    let catalogue = state.catalogue();
    let body = VisibilityOut::new(&catalogue, &programme, choice.as_ref())?;
    Ok(answer(&request, tag(&catalogue, choice.as_ref()), &body))
}

/// Choose how one is seen
///
/// On the boards of a programme, from now on, those of closed seasons included. It costs no points, and nobody else learns
/// of it. The last choice wins, so no `If-Match` is asked for; choosing the same again does nothing.
#[utoipa::path(put, path = "/api/v1/people/{person}/visibility/{programme}", tag = "Leaderboards", request_body = VisibilityIn,
    params(
        ("person" = String, Path, description = "`me`, or one's own id or user name"),
        ("programme" = String, Path, description = "The programme's code"),
    ),
    responses(
        (status = 200, description = "How one is seen now", body = VisibilityOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 404, description = "It is somebody else, or there is no programme that one reads or took part in", body = ProblemBody),
        (status = 422, description = "It is not `named`, `alias` or `hidden`", body = ProblemBody),
    ))]
pub async fn choose(
    permit: Permit<ChangeVisibility, ChoiceTarget>,
    Json(body): Json<VisibilityIn>,
) -> Result<HttpResponse, ApiError> {
    let ChoiceTarget { person, programme } = &permit.target;
    let wish = Wish::Chosen(body.visibility);
    let command = ChooseVisibility { person: *person, programme: programme.code.clone(), wish };
    let written = permit.state.write(permit.actor(), command).await?;
    let (catalogue, choice) = (permit.state.catalogue(), written.output.as_ref());
    let body = VisibilityOut::new(&catalogue, programme, choice)?;
    Ok(tagged(changed(written.sequence, &body), tag(&catalogue, choice)))
}

/// Take the choice back
///
/// One is seen by the organisation's default again, also when that changes.
#[utoipa::path(delete, path = "/api/v1/people/{person}/visibility/{programme}", tag = "Leaderboards",
    params(
        ("person" = String, Path, description = "`me`, or one's own id or user name"),
        ("programme" = String, Path, description = "The programme's code"),
    ),
    responses(
        (status = 204, description = "There is no choice any more"),
        (status = 404, description = "It is somebody else, or there is no programme that one reads or took part in", body = ProblemBody),
    ))]
pub async fn take_back(permit: Permit<ChangeVisibility, ChoiceTarget>) -> Result<HttpResponse, ApiError> {
    let ChoiceTarget { person, programme } = &permit.target;
    let command = ChooseVisibility { person: *person, programme: programme.code.clone(), wish: Wish::Default };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}
