//! Contests: which there are, how they stand, taking somebody out, and finalising.

mod body;
mod listed;
mod shown;
mod target;
mod view;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use self::body::{ContestHead, ContestOut, DisqualifiedOut, FinalisedOut};
use self::shown::{Viewer, named};
use self::target::ContestTarget;
use self::view::{Look, Paged, disqualified_out, winners};
use super::conditional;
use super::creating::{MayCreate, changed, done, respond};
use super::json::Json;
use super::page::{Cursor, Limit, Page};
use super::permit::{self, Asked, ListContests, Permit, ReadContest};
use super::problem::{ApiError, ProblemBody};
use super::query::{NoParameters, Query};
use super::session::Session;
use crate::access::caller::Caller;
use crate::boards::contest::{CURRENT, Edition, PREVIOUS};
use crate::domain::contest::{ContestResult, NOTE_LIMIT};
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::text;
use crate::store::contests::ResultRow;
use crate::store::{head, row};
use crate::writer::contest::{ContestRef, DisqualifyFromContest, FinaliseContest, RequalifyForContest};
use crate::writer::idempotent::{Answer, Idempotent, Replayed};
use crate::writer::{Failure, Tx};

/// What a contest is asked for with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ContestQuery {
    /// `current` (unless given), `previous`, or the code of a period such as `2026-11`; `once` of a contest with dates.
    period: Option<String>,
    /// Code of the season, where its edge cuts the periods of one code in two; without it, the later part.
    season: Option<String>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// Which holding of a contest.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HoldingQuery {
    /// `current` (unless given), `previous`, or the code of a period such as `2026-11`; `once` of a contest with dates.
    period: Option<String>,
    /// Code of the season, where its edge cuts the periods of one code in two; without it, the later part.
    season: Option<String>,
}

/// Which holding is to be finalised.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FinaliseIn {
    /// The code of a period; without it the last one that has ended. Of a contest with dates of its own, nothing.
    period: Option<String>,
    /// Code of the season, where its edge cuts the periods of one code in two; without it, the later part.
    season: Option<String>,
}

/// Why somebody is taken out.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DisqualificationIn {
    /// Why: plain text of at most 500 characters, for HR and whoever is taken out.
    #[schema(min_length = 1, max_length = 500)]
    note: String,
}

/// Contests
///
/// Those that the caller may see, by programme: those held again and again in their current period and the one before.
#[utoipa::path(get, path = "/api/v1/contests", tag = "Contests",
    responses(
        (status = 200, description = "The contests", body = Page<ContestHead>),
        (status = 401, description = "No valid token", body = ProblemBody),
    ))]
pub async fn list(permit: Permit<ListContests>) -> Result<HttpResponse, ApiError> {
    let items = listed::seen_by(&permit.state, &permit.caller).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// A contest
///
/// What is won and by whom, as things stand; once it is finalised, as they stood then, whatever the evidence says since.
/// Who has too few samples is listed apart with what is missing. What is won follows the version that was in force when
/// the contest began.
#[utoipa::path(get, path = "/api/v1/contests/{programme}/{contest}", tag = "Contests",
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("contest" = String, Path, description = "Code of the contest"),
        ContestQuery,
    ),
    responses(
        (status = 200, description = "The contest with a page of those placed", body = ContestOut),
        (status = 304, description = "It is as If-None-Match names it"),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 404, description = "No such contest for the caller, or it is not held in this period", body = ProblemBody),
        (status = 422, description = "No period of the contest", body = ProblemBody),
    ))]
pub async fn read(
    permit: Permit<ReadContest, ContestTarget>,
    request: HttpRequest,
    Query(query): Query<ContestQuery>,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, caller, .. } = permit;
    let asked = Asked::about(caller, &state);
    let edition =
        Edition::find(&target.entry, &target.code, &target.which(query.period, query.season, CURRENT), asked.now)?;
    let paged = Paged { limit: query.limit, after: query.after };
    let app = state.clone();
    let read = state.read(move |db| {
        let me = ContestTarget { subject: "me".to_owned(), ..target.clone() };
        let viewer = Viewer { own: me.subject(db, &asked, &edition)?, sees_all: target.sees_all };
        let look = Look { catalogue: asked.catalogue.clone(), entry: target.entry.clone(), edition, now: asked.now };
        let standing = look.standing(db, &app.standings)?;
        let head = head::read(db)?;
        app.boards.follow_directory(db, head, asked.now)?;
        app.boards.directory(|directory| look.page(&standing, directory, viewer, &paged))
    });
    let body = read.await?;
    Ok(conditional::answer(&request, tag(&body)?, &body))
}

/// Finalise a contest
///
/// For good: the standing is frozen, the badges won are granted, and the rewards won are due. Only when it is over and
/// everything in it is decided and settled, and by nobody who stands to win. Finalising it again does nothing.
#[utoipa::path(post, path = "/api/v1/contests/{programme}/{contest}/finalize", tag = "Contests",
    request_body(content = Option<FinaliseIn>, description = "May be left out"),
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("contest" = String, Path, description = "Code of the contest"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless"),
    ),
    responses(
        (status = 200, description = "It is finalised", body = FinalisedOut),
        (status = 400, description = "The query is not understood: which period is said in the body", body = ProblemBody),
        (status = 403, description = "Only for HR, and for nobody who stands to win a prize of it", body = ProblemBody),
        (status = 404, description = "There is no such contest, or it is not held in this period", body = ProblemBody),
        (status = 409, description = "It is not over, or something in it is not settled yet", body = ProblemBody),
        (status = 422, description = "No period of the contest", body = ProblemBody),
    ))]
pub async fn finalise(
    permit: Permit<permit::FinaliseContest, ContestTarget>,
    _: Query<NoParameters>,
    finalising: MayCreate<FinaliseIn>,
) -> Result<HttpResponse, ApiError> {
    let FinaliseIn { period, season } = finalising.0.body;
    let which = permit.target.which(period, season, PREVIOUS);
    Edition::find(&permit.target.entry, &permit.target.code, &which, permit.state.clock.now()).map_err(in_body)?;
    let command = FinaliseContest { contest: permit.target.reference(which) };
    let command = Idempotent { command, request: finalising.0.request, answer: finalised };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// The same problem of a field of a body rather than of a query.
fn in_body(mut problem: Problem) -> Problem {
    problem.findings.iter_mut().for_each(|finding| finding.pointer.insert(0, '/'));
    problem
}

fn finalised(tx: &mut Tx<'_>, row: ResultRow) -> Result<Answer, Failure> {
    let result: ContestResult = row::from_json(&row.body)?;
    let catalogue = tx.catalogue()?;
    let body = FinalisedOut {
        winners: winners(tx.db, &catalogue, &result)?,
        programme: result.programme,
        contest: result.contest,
        period: result.period,
        state: "finalised",
        finalised_at: result.finalised_at,
        position: result.position,
    };
    let body = serde_json::to_value(&body).map_err(row::corrupt)?;
    Ok(Answer { status: StatusCode::OK.as_u16(), body, location: None, replayed: Replayed::No })
}

/// Take somebody out of a contest
///
/// Others move up. With a note, which HR and whoever is taken out can read. Until the contest is finalised.
#[utoipa::path(put, path = "/api/v1/contests/{programme}/{contest}/disqualifications/{subject}", tag = "Contests",
    request_body = DisqualificationIn,
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("contest" = String, Path, description = "Code of the contest"),
        ("subject" = String, Path, description = "A person (an id or a user name), or a team (a code or an id)"),
        HoldingQuery,
    ),
    responses(
        (status = 200, description = "They are out of it", body = DisqualifiedOut),
        (status = 403, description = "Only for HR, and for nobody who would win a prize of it", body = ProblemBody),
        (status = 404, description = "There is no such contest, or nobody like that in it", body = ProblemBody),
        (status = 409, description = "It has not begun, or is finalised", body = ProblemBody),
        (status = 422, description = "The note is wrong, or this is no period of the contest", body = ProblemBody),
    ))]
pub async fn disqualify(
    permit: Permit<permit::DisqualifyFromContest, ContestTarget>,
    Query(query): Query<HoldingQuery>,
    Json(body): Json<DisqualificationIn>,
) -> Result<HttpResponse, ApiError> {
    let note = text::message(&body.note, NOTE_LIMIT).map_err(|unfit| unfit.finding("/note"))?;
    let (contest, edition, subject) = meant(&permit.state, &permit.target, &permit.caller, query).await?;
    let command = DisqualifyFromContest { contest, subject, note };
    let written = permit.state.write(permit.actor(), command).await?;
    let (catalogue, row) = (permit.state.catalogue(), written.output);
    let read = permit.state.read(move |db| {
        let face = named(db, &catalogue, edition.subjects(), &[subject])?.pop().flatten();
        Ok(disqualified_out(&row, face.ok_or(ProblemCode::NotFound)?))
    });
    Ok(changed(written.sequence, &read.await?))
}

/// Take somebody back into a contest
///
/// Until it is finalised, and not by themselves.
#[utoipa::path(delete, path = "/api/v1/contests/{programme}/{contest}/disqualifications/{subject}", tag = "Contests",
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("contest" = String, Path, description = "Code of the contest"),
        ("subject" = String, Path, description = "A person (an id or a user name), or a team (a code or an id)"),
        HoldingQuery,
    ),
    responses(
        (status = 204, description = "They take part again"),
        (status = 403, description = "Only for HR, and not for oneself", body = ProblemBody),
        (status = 404, description = "There is no such contest, or they were not taken out", body = ProblemBody),
        (status = 409, description = "It has not begun, or is finalised", body = ProblemBody),
        (status = 422, description = "This is no period of the contest", body = ProblemBody),
    ))]
pub async fn requalify(
    permit: Permit<permit::DisqualifyFromContest, ContestTarget>,
    Query(query): Query<HoldingQuery>,
) -> Result<HttpResponse, ApiError> {
    let (contest, _, subject) = meant(&permit.state, &permit.target, &permit.caller, query).await?;
    let written = permit.state.write(permit.actor(), RequalifyForContest { contest, subject }).await?;
    Ok(done(written.sequence))
}

/// The holding and the subject that a path means.
async fn meant(
    state: &Session,
    target: &ContestTarget,
    caller: &Arc<Caller>,
    query: HoldingQuery,
) -> Result<(ContestRef, Edition, Uuid), ApiError> {
    let asked = Asked::about(caller.clone(), state);
    let which = target.which(query.period, query.season, CURRENT);
    let edition = Edition::find(&target.entry, &target.code, &which, asked.now)?;
    let (contest, target) = (target.reference(which), target.clone());
    let read = state.read(move |db| Ok((target.subject(db, &asked, &edition)?, edition)));
    let (subject, edition) = read.await?;
    Ok((contest, edition, subject.ok_or(ProblemCode::NotFound)?))
}

/// The tag of a body: two that are the same have the same.
fn tag(body: &impl Serialize) -> Result<EntityTag, ApiError> {
    let bytes = serde_json::to_vec(body).map_err(ApiError::internal)?;
    Ok(EntityTag::new_strong(format!("c{}", URL_SAFE_NO_PAD.encode(digest(&SHA256, &bytes)))))
}
