//! Ending a programme.

use actix_web::HttpResponse;
use serde::Deserialize;
use utoipa::ToSchema;

use super::view::ProgrammeLine;
use crate::domain::problem::ProblemCode;
use crate::domain::programme::local_date;
use crate::http::creating::changed;
use crate::http::json::Json;
use crate::http::permit::{EndProgramme, Permit};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::targets::ProgrammeTarget;
use crate::writer::ending;

/// Until when a programme runs.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndingIn {
    /// The last day on which it rewards anything, by its own clock; not before today.
    #[schema(format = Date, example = "2026-12-31")]
    last_day: String,
}

/// End a programme
///
/// After its last day it rewards nothing; what was earned stays, and its boards go on to be read. The day may be moved as
/// long as it has not passed.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/end", tag = "Programmes", request_body = EndingIn,
    params(("programme" = String, Path, description = "The programme's code")),
    responses(
        (status = 200, description = "The programme", body = ProgrammeLine),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 404, description = "There is no such programme", body = ProblemBody),
        (status = 409, description = "It was never put in force, or its last day has passed", body = ProblemBody),
        (status = 422, description = "The day is too early", body = ProblemBody),
    ))]
pub async fn end(
    permit: Permit<EndProgramme, ProgrammeTarget>,
    Json(ending): Json<EndingIn>,
) -> Result<HttpResponse, ApiError> {
    let last_day = local_date("/last_day", &ending.last_day)?;
    let programme = permit.target.0.code.to_string();
    let command = ending::EndProgramme { programme: programme.clone(), last_day };
    let written = permit.state.write(permit.actor(), command).await?;
    let catalogue = permit.state.catalogue();
    let entry = catalogue.programmes.get(&programme).ok_or(ProblemCode::NotFound)?;
    Ok(changed(written.sequence, &ProgrammeLine::new(entry, permit.state.clock.now())))
}
