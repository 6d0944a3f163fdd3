//! Putting versions in force: from a day to come, or for days that have passed after a dry run.

use actix_web::{HttpRequest, HttpResponse};
use chrono::NaiveDate;
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::versions::VersionTarget;
use super::view::VersionOut;
use crate::domain::problem::ProblemCode;
use crate::domain::programme::local_date;
use crate::engine::timeline::InForce;
use crate::http::creating::changed;
use crate::http::jobs;
use crate::http::json::Json;
use crate::http::permit::{ActivateVersion, Permit};
use crate::http::problem::{ApiError, ProblemBody};
use crate::jobs::Progress;
use crate::store::db::Db;
use crate::store::{head, row};
use crate::writer::Failure;
use crate::writer::dry_run::{self, Difference, RecordDryRun};
use crate::writer::programme::{self, ActivateRetroactively, Reach};

/// From when on a version counts.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ActivationIn {
    /// The first day, by the programme's clock: of a programme's first version any, of others one after today, or, where
    /// it is retroactive, one of the earliest open season or later.
    #[schema(format = Date, example = "2026-12-01")]
    effective_from: String,
    /// Whether days before tomorrow may change. Needs a dry run before.
    #[serde(default)]
    retroactive: bool,
    /// Whether to tell what would change, and do nothing.
    #[serde(default)]
    dry_run: bool,
}

impl ActivationIn {
    fn reach(&self) -> Reach {
        if self.retroactive { Reach::Back } else { Reach::Forward }
    }
}

/// Put a version in force
///
/// From a day on. Evidence that is there already is judged at once, or, of very many people, soon after. With `dry_run` it
/// changes nothing and tells what would change: a job, or, with `Prefer: wait=10`, its result. With `retroactive` it may
/// reach back to the earliest open season, after a dry run of the same date; the answer repeats what that told.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/versions/{version}/activate", tag = "Programmes",
    request_body = ActivationIn,
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("version" = u32, Path, description = "The version's number"),
    ),
    responses(
        (status = 200, description = "The version, without its document; of a dry run, what would change", body = VersionOut),
        (status = 202, description = "The job of a dry run", body = jobs::JobOut),
        (status = 403, description = "Only for HR; where four eyes are wanted, not for its author", body = ProblemBody),
        (status = 404, description = "There is no such version", body = ProblemBody),
        (status = 409, description = "It is not a draft, or a dry run is needed, or another one", body = ProblemBody),
        (status = 422, description = "The date is too early, or the document changes what is fixed", body = ProblemBody),
    ))]
pub async fn activate(
    permit: Permit<ActivateVersion, VersionTarget>,
    request: HttpRequest,
    Json(activation): Json<ActivationIn>,
) -> Result<HttpResponse, ApiError> {
    let effective_from = local_date("/effective_from", &activation.effective_from)?;
    if activation.dry_run {
        return try_out(&permit, &request, effective_from, activation.reach()).await;
    }
    let target = &permit.target;
    let command = programme::ActivateVersion { programme: target.programme(), version: target.number, effective_from };
    let (sequence, row, told) = match activation.reach() {
        Reach::Forward => {
            let committed = permit.state.write(permit.actor(), command).await?;
            (committed.sequence, committed.output, None)
        }
        Reach::Back => {
            let committed = permit.state.write(permit.actor(), ActivateRetroactively(command)).await?;
            let (row, told) = committed.output;
            (committed.sequence, row, Some(row::from_json::<Value>(&told.difference)?))
        }
    };
    let catalogue = permit.state.catalogue();
    let entry = catalogue.programmes.get(target.entry.code.as_str()).unwrap_or(&target.entry);
    let version = VersionOut::new(entry, &row, permit.state.clock.now());
    Ok(changed(sequence, &VersionOut { difference: told, ..version }))
}

/// Tells what an activation would change, in a job, and keeps it for the activation to repeat.
async fn try_out(
    permit: &Permit<ActivateVersion, VersionTarget>,
    request: &HttpRequest,
    effective_from: NaiveDate,
    reach: Reach,
) -> Result<HttpResponse, ApiError> {
    let (programme, version) = (permit.target.programme(), permit.target.number);
    let activation = programme::ActivateVersion { programme, version, effective_from };
    let (catalogue, now) = (permit.state.catalogue(), permit.state.clock.now());
    let document = activation.check(&catalogue, now)?;
    let entry = permit.target.entry.clone();
    activation.check_date(&entry, &document, (now, reach))?;
    let draft = InForce { version, effective_from, programme: document };
    let (writer, actor) = (permit.state.writer.clone(), permit.actor());
    let work = move |progress: &Progress, db: &mut Db| -> Result<Value, ApiError> {
        let mut reached = |done: usize, total: usize| {
            let steps = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
            progress.reached(steps(done), steps(total)).map_err(|_| ProblemCode::Cancelled.into())
        };
        let (sequence, difference) = db.snapshot(|db| -> Result<(i64, Difference), Failure> {
            let sequence = head::read(db)?;
            Ok((sequence, dry_run::difference(db, &catalogue, &entry, (draft.clone(), now), &mut reached)?))
        })?;
        let told = serde_json::to_value(&difference).map_err(ApiError::internal)?;
        let programme::ActivateVersion { programme, version, effective_from } = activation.clone();
        writer.run_blocking(actor, RecordDryRun { programme, version, effective_from, sequence, difference })?;
        Ok(told)
    };
    let job = permit.state.jobs.start(permit.caller.person, "dry_run", work)?;
    jobs::answering(request, &job).await
}
