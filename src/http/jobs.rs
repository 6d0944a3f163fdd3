//! Long work over HTTP: how far it is, its result, its end; and the answer to a request that starts some.

use std::sync::Arc;
use std::time::Duration;

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::language::{self, Reader};
use super::permit::{FollowOwnJobs, Permit};
use super::problem::{ApiError, ProblemBody};
use crate::domain::language::Language;
use crate::domain::problem::{Problem, ProblemCode};
use crate::jobs::{Ending, Job, Outcome};

/// How long a request may wait for its result, in seconds.
const LONGEST_WAIT: u64 = 10;
const PREFER: HeaderName = HeaderName::from_static("prefer");
const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");

/// Long work.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobOut {
    /// The id.
    pub id: String,
    /// What kind of work it is.
    pub kind: &'static str,
    /// `running` (or about to), `done`, `failed` or `cancelled`.
    pub state: &'static str,
    /// How far it is; null as long as it cannot tell.
    pub progress: Option<StepsOut>,
    /// What it found out, once it is done.
    #[schema(value_type = Option<Object>)]
    pub result: Option<Value>,
    /// Why it failed, if it did.
    pub problem: Option<ProblemBody>,
    /// When it was started.
    pub created_at: DateTime<Utc>,
    /// When it ended.
    pub finished_at: Option<DateTime<Utc>>,
}

/// How far work is.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepsOut {
    /// Steps made.
    pub done: u64,
    /// Steps in all.
    pub total: u64,
}

impl JobOut {
    fn new(job: &Job, language: Language) -> Self {
        let ended = job.ending();
        let (state, result, problem) = match ended.as_ref().map(|(_, ending)| ending.as_ref()) {
            None => ("running", None, None),
            Some(Ending::Done(outcome)) => ("done", Some(outcome.json.clone()), None),
            Some(Ending::Failed(problem)) => ("failed", None, Some(ProblemBody::new(problem, language))),
            Some(Ending::Cancelled) => ("cancelled", None, None),
        };
        Self {
            id: job.id.to_string(),
            kind: job.kind,
            state,
            progress: job.progress.steps().map(|(done, total)| StepsOut { done, total }),
            result,
            problem,
            created_at: job.created_at,
            finished_at: ended.map(|(at, _)| at),
        }
    }
}

/// The caller's own job of that id.
fn own(permit: &Permit<FollowOwnJobs>, id: &str) -> Result<Arc<Job>, ApiError> {
    let id = id.parse().map_err(|_| ProblemCode::NotFound)?;
    // What was found out before somebody was erased may name them.
    if let Some(erased_at) = permit.state.catalogue().last_erasure() {
        permit.state.jobs.forget_until(erased_at);
    }
    Ok(permit.state.jobs.find(permit.caller.person, id).ok_or(ProblemCode::NotFound)?)
}

/// A job
///
/// Who started it sees it. Those that ended are kept for a while, as long as this process runs.
#[utoipa::path(get, path = "/api/v1/jobs/{job}", tag = "Jobs",
    params(("job" = String, Path, description = "The id")),
    responses(
        (status = 200, description = "How far it is, and what it found out", body = JobOut),
        (status = 404, description = "There is none that you started", body = ProblemBody),
    ))]
pub async fn read(
    permit: Permit<FollowOwnJobs>,
    Reader(language): Reader,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(JobOut::new(&*own(&permit, &id)?, language)))
}

/// The result of a job
///
/// As JSON, or as comma-separated values if they are asked for and the kind of work has them.
#[utoipa::path(get, path = "/api/v1/jobs/{job}/result", tag = "Jobs",
    params(("job" = String, Path, description = "The id")),
    responses(
        (status = 200, description = "The result", content((Object = "application/json"), (String = "text/csv"))),
        (status = 404, description = "There is no such job that you started", body = ProblemBody),
        (status = 409, description = "It is still running, or has none", body = ProblemBody),
    ))]
pub async fn result(
    permit: Permit<FollowOwnJobs>,
    request: HttpRequest,
    id: web::Path<String>,
) -> Result<HttpResponse, ApiError> {
    match own(&permit, &id)?.ending() {
        Some((_, ending)) => told(&request, &ending),
        None => Err(Problem::new(ProblemCode::UnfitState).with("state", "running").into()),
    }
}

/// Cancel a job
///
/// One that waits for its turn ends at once, one that runs soon. One that ended stays as it is.
#[utoipa::path(delete, path = "/api/v1/jobs/{job}", tag = "Jobs",
    params(("job" = String, Path, description = "The id")),
    responses(
        (status = 204, description = "It ends, or has ended"),
        (status = 404, description = "There is none that you started", body = ProblemBody),
    ))]
pub async fn cancel(permit: Permit<FollowOwnJobs>, id: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let job = own(&permit, &id)?;
    permit.state.jobs.cancel(&job);
    Ok(HttpResponse::NoContent().finish())
}

/// The answer to a request that started a job: its address (202), or, if the reader prefers to wait and it ends in time,
/// its result (200) or what is wrong (RFC 7240 section 4.3).
pub async fn answering(request: &HttpRequest, started: &Job) -> Result<HttpResponse, ApiError> {
    if let Some(seconds) = wait_preferred(request.headers()) {
        let wait = seconds.min(LONGEST_WAIT);
        if let Some(ending) = started.ending_within(Duration::from_secs(wait)).await {
            let mut response = told(request, &ending)?;
            let applied = HeaderValue::from_str(&format!("wait={wait}")).map_err(ApiError::internal)?;
            response.headers_mut().insert(PREFERENCE_APPLIED, applied);
            return Ok(response);
        }
    }
    let location = format!("/api/v1/jobs/{}", started.id);
    let body = JobOut::new(started, language::asked_for(request.headers()));
    Ok(HttpResponse::Accepted().insert_header((header::LOCATION, location)).json(body))
}

fn told(request: &HttpRequest, ending: &Ending) -> Result<HttpResponse, ApiError> {
    match ending {
        Ending::Done(Outcome { json, csv }) => {
            let mut response = HttpResponse::Ok();
            response.insert_header((header::VARY, "Accept"));
            Ok(match csv {
                Some(csv) if prefers_csv(request.headers()) => {
                    response.content_type("text/csv; charset=utf-8").body(csv.clone())
                }
                _ => response.json(json),
            })
        }
        Ending::Failed(problem) => Err(problem.clone().into()),
        Ending::Cancelled => Err(ProblemCode::Cancelled.into()),
    }
}

/// Whether `Accept` names CSV before JSON.
pub(super) fn prefers_csv(headers: &HeaderMap) -> bool {
    let ranges =
        headers.get_all(header::ACCEPT).filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(','));
    let named = ranges.filter_map(|range| range.split(';').next()).map(str::trim);
    let mut known = named.filter(|range| matches!(*range, "text/csv" | "application/json"));
    known.next() == Some("text/csv")
}

/// The seconds of `Prefer: wait=10` (RFC 7240 section 4.3); of several the first counts.
fn wait_preferred(headers: &HeaderMap) -> Option<u64> {
    let lines = headers.get_all(PREFER).filter_map(|value| value.to_str().ok());
    let preferences = lines.flat_map(|line| line.split(',')).filter_map(|preference| preference.split(';').next());
    let mut waits = preferences.filter_map(|preference| {
        let (name, value) = preference.split_once('=')?;
        name.trim().eq_ignore_ascii_case("wait").then(|| value.trim().trim_matches('"').to_owned())
    });
    waits.next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: HeaderName, value: &'static str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(name, HeaderValue::from_static(value));
        headers
    }

    #[test]
    fn the_first_wait_of_a_preference_counts() {
        for (prefer, expected) in [
            ("wait=10", Some(10)),
            ("respond-async, Wait = \"3\"; x=1, wait=5", Some(3)),
            ("wait=99999", Some(99_999)),
            ("wait=-1", None),
            ("wait=99999999999999999999999", None),
            ("wait", None),
            ("return=minimal", None),
            ("", None),
        ] {
            assert_eq!(wait_preferred(&with(PREFER, prefer)), expected, "{prefer}");
        }
        assert_eq!(wait_preferred(&HeaderMap::new()), None);
    }

    #[test]
    fn csv_is_given_to_those_who_name_it_first() {
        for (accept, expected) in [
            ("text/csv", true),
            ("text/csv;q=0.9, application/json", true),
            ("application/json, text/csv", false),
            ("*/*", false),
            ("text/html, text/csv", true),
            ("", false),
        ] {
            assert_eq!(prefers_csv(&with(header::ACCEPT, accept)), expected, "{accept}");
        }
        assert!(!prefers_csv(&HeaderMap::new()));
    }
}
