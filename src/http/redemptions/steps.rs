//! The steps of a redemption over HTTP, and its code. Doing one again answers the same.

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, HeaderValue};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::RedemptionTarget;
use super::view::{RedemptionOut, show_one};
use crate::access::seal::{NotOpened, SealKey};
use crate::domain::ids::RedemptionId;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::programme::local_date;
use crate::domain::text;
use crate::http::creating::{MayCreate, VERSION_HEADER, changed};
use crate::http::json::Json;
use crate::http::permit::{CancelRedemption, DecideRedemption, Permit, TakeRedemptionCode};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::session::Session;
use crate::store::redemptions::RedemptionRow;
use crate::writer::redemption::{Act, AdvanceRedemption, Advanced, TakeCode, no_code};
use crate::writer::{Actor, Committed};

/// Characters of a note.
const MOST_NOTE: usize = 500;
/// Characters of a code.
const MOST_CODE: usize = 500;

/// Why a redemption is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RejectIn {
    /// For its receiver: at most 500 characters.
    #[schema(max_length = 500)]
    note: String,
}

/// Why a redemption is cancelled.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelIn {
    /// At most 500 characters.
    #[serde(default)]
    #[schema(max_length = 500)]
    note: Option<String>,
}

/// How a redemption was handed over.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FulfilIn {
    /// The local day on which its receiver gets it, not before it was asked for; today without.
    #[serde(default)]
    #[schema(value_type = Option<NaiveDate>)]
    inflow_on: Option<String>,
    /// What it is claimed with, such as the code of a voucher: at most 500 characters. Kept encrypted until its receiver
    /// has seen it, once; nobody else reads it back.
    #[serde(default)]
    #[schema(max_length = 500)]
    code: Option<String>,
}

/// What a reward is claimed with.
#[derive(Serialize, ToSchema)]
pub struct CodeOut {
    /// The code. It is not kept: note it down.
    code: String,
}

fn note(text: &str) -> Result<String, Finding> {
    text::message(text, MOST_NOTE).map_err(|unfit| unfit.finding("/note"))
}

/// Takes a step, and gives how the redemption stands after it.
async fn advance(
    state: &Session,
    actor: Actor,
    redemption: RedemptionId,
    act: Act,
) -> Result<Committed<Advanced>, ApiError> {
    state.write(actor, AdvanceRedemption { redemption, act }).await
}

async fn shown(state: &Session, sequence: i64, row: RedemptionRow) -> Result<HttpResponse, ApiError> {
    let today = state.today();
    let body = state.read(move |db| Ok(show_one(db, &row, today)?)).await?;
    Ok(changed(sequence, &body))
}

async fn simply(state: &Session, actor: Actor, redemption: RedemptionId, act: Act) -> Result<HttpResponse, ApiError> {
    let Committed { output: Advanced::Anew(row) | Advanced::Already(row), sequence, .. } =
        advance(state, actor, redemption, act).await?;
    shown(state, sequence, row).await
}

/// Approve a redemption
///
/// By HR, or by a lead of its receiver where the organisation leaves it to them; never by its receiver. What was won
/// while none was left takes its piece of stock now.
#[utoipa::path(post, path = "/api/v1/redemptions/{redemption}/approve", tag = "Rewards",
    params(("redemption" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is approved", body = RedemptionOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is not requested any more, or none is left", body = ProblemBody),
    ))]
pub async fn approve(permit: Permit<DecideRedemption, RedemptionTarget>) -> Result<HttpResponse, ApiError> {
    simply(&permit.state, permit.actor(), permit.target.id, Act::Approve).await
}

/// Reject a redemption
///
/// By whoever may approve it. Points and stock return.
#[utoipa::path(post, path = "/api/v1/redemptions/{redemption}/reject", tag = "Rewards", request_body = RejectIn,
    params(("redemption" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is rejected", body = RedemptionOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is not requested any more", body = ProblemBody),
        (status = 422, description = "The note is not taken", body = ProblemBody),
    ))]
pub async fn reject(
    permit: Permit<DecideRedemption, RedemptionTarget>,
    Json(body): Json<RejectIn>,
) -> Result<HttpResponse, ApiError> {
    let act = Act::Reject { note: note(&body.note)? };
    simply(&permit.state, permit.actor(), permit.target.id, act).await
}

/// Cancel a redemption
///
/// By its receiver until somebody has decided; by whoever may approve it until it is handed over. Points and stock return.
#[utoipa::path(post, path = "/api/v1/redemptions/{redemption}/cancel", tag = "Rewards", request_body = Option<CancelIn>,
    params(("redemption" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is cancelled", body = RedemptionOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is too late", body = ProblemBody),
        (status = 422, description = "The note is not taken", body = ProblemBody),
    ))]
pub async fn cancel(
    permit: Permit<CancelRedemption, RedemptionTarget>,
    MayCreate(given): MayCreate<CancelIn>,
) -> Result<HttpResponse, ApiError> {
    let note = given.body.note.as_deref().map(note).transpose()?;
    simply(&permit.state, permit.actor(), permit.target.id, Act::Cancel { note }).await
}

/// Hand a reward over
///
/// By whoever may approve it, once it is approved. Saying otherwise of what was handed over before is refused.
#[utoipa::path(post, path = "/api/v1/redemptions/{redemption}/fulfil", tag = "Rewards", request_body = Option<FulfilIn>,
    params(("redemption" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "It is handed over", body = RedemptionOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is not approved, or was handed over otherwise", body = ProblemBody),
        (status = 422, description = "The day or the code is not taken", body = ProblemBody),
    ))]
pub async fn fulfil(
    permit: Permit<DecideRedemption, RedemptionTarget>,
    MayCreate(given): MayCreate<FulfilIn>,
) -> Result<HttpResponse, ApiError> {
    let id = permit.target.id;
    let inflow_on = given.body.inflow_on.as_deref().map(|day| local_date("/inflow_on", day)).transpose()?;
    let code = given.body.code.as_deref().map(fulfilment_code).transpose()?;
    let sealed_code = match &code {
        Some(code) => Some(permit.state.seal.seal(&id.to_string(), code).ok_or(ProblemCode::SealedElsewhere)?),
        None => None,
    };
    let committed = advance(&permit.state, permit.actor(), id, Act::Fulfil { inflow_on, sealed_code }).await?;
    let row = match committed.output {
        Advanced::Anew(row) => row,
        Advanced::Already(row) => as_said(row, &permit.state.seal, inflow_on, code.as_deref())?,
    };
    shown(&permit.state, committed.sequence, row).await
}

fn fulfilment_code(text: &str) -> Result<String, Finding> {
    text::line(text, MOST_CODE).map_err(|unfit| unfit.finding("/code"))
}

/// What was handed over before, if it was done as it is said now. A code that was shown is not kept, and so nothing
/// tells whether it was the same.
fn as_said(
    row: RedemptionRow,
    key: &SealKey,
    inflow_on: Option<NaiveDate>,
    code: Option<&str>,
) -> Result<RedemptionRow, Problem> {
    let same_code = code.is_none_or(|code| {
        row.sealed_code.as_deref().is_some_and(|sealed| key.open(&row.id, sealed).as_deref() == Ok(code))
    });
    if same_code && inflow_on.is_none_or(|day| row.inflow_on == Some(day)) {
        return Ok(row);
    }
    let on = row.inflow_on.map(|day| day.to_string()).unwrap_or_default();
    Err(Problem::new(ProblemCode::FulfilledOtherwise).with("on", on))
}

/// Be shown the code
///
/// Once, to the receiver alone; it is wiped then. No answer is kept for an `Idempotency-Key`, so that the code lies nowhere.
#[utoipa::path(post, path = "/api/v1/redemptions/{redemption}/code", tag = "Rewards",
    params(("redemption" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The code", body = CodeOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "There is no code, or it was shown", body = ProblemBody),
    ))]
pub async fn code(permit: Permit<TakeRedemptionCode, RedemptionTarget>) -> Result<HttpResponse, ApiError> {
    let (actor, RedemptionTarget { row, id }) = (permit.actor(), permit.target);
    let Some(sealed) = row.sealed_code.clone() else { return Err(no_code(&row).into()) };
    // Opened first: what cannot be shown here is not wiped.
    let code = permit.state.seal.open(&row.id, &sealed).map_err(|reason| match reason {
        NotOpened::OtherKey => ApiError::from(ProblemCode::SealedElsewhere),
        NotOpened::Damaged => ApiError::internal("a sealed code is damaged"),
    })?;
    let committed = permit.state.write(actor, TakeCode { redemption: id, sealed }).await?;
    Ok(HttpResponse::Ok()
        .insert_header((VERSION_HEADER, committed.sequence.to_string()))
        .insert_header((CACHE_CONTROL, HeaderValue::from_static("no-store")))
        .json(CodeOut { code }))
}
