//! Asking what a draft would have awarded, before it is put in force.

use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::ToSchema;

use super::document::Document;
use crate::app::AppState;
use crate::back_test::view::BackTestOut;
use crate::back_test::{Prepared, range, table};
use crate::catalogue::ProgrammeEntry;
use crate::domain::period::DaySpan;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::programme::local_date;
use crate::http::fields::Faults;
use crate::http::jobs::{JobOut, answering};
use crate::http::json::Json;
use crate::http::language::Reader;
use crate::http::permit::{BackTestProgramme, Permit};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::targets::ProgrammeTarget;
use crate::jobs::Outcome;

/// What to test, and over which time. Exactly one of `document` and `version`.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BackTestIn {
    /// A document of this programme.
    document: Option<Document>,
    /// The number of a version of this programme, a draft or another.
    version: Option<u32>,
    /// The first local day.
    #[schema(format = Date, example = "2026-07-01")]
    from: String,
    /// The local day after the last; at most 800 days later.
    #[schema(format = Date, example = "2026-10-01")]
    until: String,
}

impl BackTestIn {
    fn days(&self) -> Result<DaySpan, Problem> {
        let mut faults = Faults::default();
        let from = faults.check(local_date("/from", &self.from));
        let until = faults.check(local_date("/until", &self.until));
        let days = from.zip(until).and_then(|(from, until)| faults.check(range(from, until)));
        faults.whole(days)
    }

    fn prepare(&self, state: &AppState, entry: &ProgrammeEntry) -> Result<Prepared, Problem> {
        let (catalogue, now, days) = (state.catalogue(), state.clock.now(), self.days()?);
        let prepared = match (&self.document, self.version) {
            (Some(Document(document)), None) => Prepared::of_document(&catalogue, Some(entry), document, days, now),
            (None, Some(number)) => {
                let mut versions = entry.versions.iter();
                let version = versions.find(|version| i64::from(version.row.version) == i64::from(number));
                let unknown = || Finding::new("/version", ProblemCode::UnknownName);
                let unknown = || unknown().with("what", "version").with("name", number);
                Prepared::of_version(&catalogue, entry, version.ok_or_else(unknown)?, days, now)
            }
            _ => {
                let finding = Finding::new("", ProblemCode::EitherOne);
                return Err(finding.with("fields", "document, version").into());
            }
        };
        prepared.map_err(|findings| {
            let within = |finding: Finding| Finding { pointer: format!("/document{}", finding.pointer), ..finding };
            Problem::invalid(findings.into_iter().map(within).collect())
        })
    }
}

/// Back-test a draft
///
/// Answers what a document, or a version, would have awarded for the evidence of past days had it been in force from the
/// first of them on, beside what the versions in force award for the same evidence. Writes nothing. It is a job: the
/// result is the table of people if comma-separated values are asked for.
///
/// Only awards whose instant lies in the days count; what happened before in the same season is taken along, as limits,
/// streaks and goals do. A goal or guard whose period goes on after the last day, or whose grace has not passed, is
/// reported as undecided. Sealed seasons are left out.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/back-test", tag = "Programmes", request_body = BackTestIn,
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("Prefer" = Option<String>, Header, description = "wait=10 answers with the result if it comes in time"),
    ),
    responses(
        (status = 200, description = "The result, if it was waited for",
            content((BackTestOut = "application/json"), (String = "text/csv"))),
        (status = 202, description = "The job; its address is in Location", body = JobOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 404, description = "There is no such programme", body = ProblemBody),
        (status = 422, description = "Everything that is wrong with the document or the days", body = ProblemBody),
        (status = 503, description = "Too many jobs wait", body = ProblemBody),
    ))]
pub async fn back_test(
    permit: Permit<BackTestProgramme, ProgrammeTarget>,
    Reader(language): Reader,
    request: HttpRequest,
    Json(asked): Json<BackTestIn>,
) -> Result<HttpResponse, ApiError> {
    let prepared = asked.prepare(&permit.state, &permit.target.0)?;
    let job = permit.state.jobs.start(permit.caller.person, "back_test", move |progress, db| {
        let mut found = prepared.run(db, language, |done, total| progress.reached(done, total))?;
        let csv = Some(table::people(&found));
        found.shorten();
        Ok(Outcome { json: serde_json::to_value(&found).map_err(ApiError::internal)?, csv })
    })?;
    answering(&request, &job).await
}
