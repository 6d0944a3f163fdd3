//! Problems over HTTP (RFC 9457): the body, and the error that handlers return.
//!
//! An [`ApiError`] cannot see the request, so the words in the reader's language are put in by [`super::layers`].

use std::fmt;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, Ref, RefOr, ResponseBuilder};

use crate::domain::language::Language;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::fault::Fault;
use crate::turns::NoTurn;
use crate::writer::Failure;

/// The media type of every refusal.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// Seconds after which to try again what was refused for a passing reason.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// Why a request was refused, with what only the log may know.
#[derive(Debug, Clone)]
pub struct ApiError(Box<Inner>);

#[derive(Debug, Clone)]
struct Inner {
    problem: Problem,
    cause: Option<String>,
}

impl ApiError {
    /// A failure on our side. `cause` goes to the log, once, and never to the client.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::caused(Problem::new(ProblemCode::Internal), cause)
    }

    /// A failure that passes: the database is not there, or busy. `cause` goes to the log.
    pub fn unavailable(cause: impl fmt::Display) -> Self {
        Self::caused(Problem::new(ProblemCode::Unavailable), cause)
    }

    /// `problem`, for a reason that only the log may know.
    pub fn caused(problem: Problem, cause: impl fmt::Display) -> Self {
        Self(Box::new(Inner { problem, cause: Some(cause.to_string()) }))
    }

    /// What the client is told.
    pub fn problem(&self) -> &Problem {
        &self.0.problem
    }

    /// Whether it may be otherwise in a moment.
    pub fn passes(&self) -> bool {
        status(self.problem()) == StatusCode::SERVICE_UNAVAILABLE
    }

    /// What the log is told.
    pub fn cause(&self) -> Option<&str> {
        self.0.cause.as_deref()
    }
}

impl<T: Into<Problem>> From<T> for ApiError {
    fn from(problem: T) -> Self {
        Self(Box::new(Inner { problem: problem.into(), cause: None }))
    }
}

impl From<diesel::result::Error> for ApiError {
    fn from(error: diesel::result::Error) -> Self {
        if Fault::of(&error).passes() { Self::unavailable(error) } else { Self::internal(error) }
    }
}

impl From<NoTurn> for ApiError {
    fn from(no_turn: NoTurn) -> Self {
        match no_turn {
            NoTurn::Overloaded => ProblemCode::Overloaded.into(),
            NoTurn::Gone => ProblemCode::Unavailable.into(),
        }
    }
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(problem) => problem.into(),
            Failure::Overloaded => ProblemCode::Overloaded.into(),
            Failure::Unavailable => ProblemCode::Unavailable.into(),
            Failure::Database(error) => error.into(),
            failure @ Failure::Defect(_) => Self::internal(failure),
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem().fmt(f)
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        status(self.problem())
    }

    /// In the default language; [`super::layers`] has the last word.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        render(self.problem(), Language::default())
    }
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemBody {
    /// Where the problem is described.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is called, in the reader's language.
    pub title: &'static str,
    /// The status of the answer.
    pub status: u16,
    /// What happened and what to change, in the reader's language.
    pub detail: String,
    /// What it is, for programs; never changes.
    pub code: &'static str,
    /// Each place that is wrong, if places can be named.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<PlaceBody>,
}

/// Something wrong at one place.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlaceBody {
    /// A JSON pointer (RFC 6901) into the body, or the name of a query parameter.
    pub pointer: String,
    /// What is wrong, for programs.
    pub code: &'static str,
    /// What is wrong, in the reader's language.
    pub detail: String,
}

impl PlaceBody {
    /// `finding` in `language`.
    pub fn new(finding: &Finding, language: Language) -> Self {
        Self { pointer: finding.pointer.clone(), code: finding.code.name(), detail: finding.detail(language) }
    }
}

impl ProblemBody {
    /// `problem` in `language`.
    pub fn new(problem: &Problem, language: Language) -> Self {
        let places = problem.findings.iter().map(|finding| PlaceBody::new(finding, language));
        Self {
            kind: format!("/docs/problems#{}", problem.code.name()),
            title: problem.code.title(language),
            status: problem.code.status(),
            detail: problem.detail(language),
            code: problem.code.name(),
            errors: places.collect(),
        }
    }
}

/// `problem` as an answer in `language`.
pub(super) fn render(problem: &Problem, language: Language) -> HttpResponse<BoxBody> {
    let status = status(problem);
    let mut response = HttpResponse::build(status);
    response.insert_header((header::CONTENT_LANGUAGE, language.tag()));
    response.insert_header((header::VARY, "Accept-Language"));
    match status {
        StatusCode::UNAUTHORIZED => {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            response.insert_header((header::RETRY_AFTER, RETRY_AFTER_SECONDS));
        }
        _ => {}
    }
    // `json` keeps a content type that is set before.
    response.content_type(PROBLEM_JSON).json(ProblemBody::new(problem, language))
}

/// Describes what an operation refuses for a passing reason, beside what is said of that already.
pub(super) fn describe_503(operation: &mut Operation, what: &str) {
    let what = match operation.responses.responses.get("503") {
        Some(RefOr::T(said)) => format!("{}; {what}", said.description),
        _ => what.to_owned(),
    };
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("ProblemBody"))).build();
    let passing = ResponseBuilder::new().description(what).content(PROBLEM_JSON, problem).build();
    operation.responses.responses.insert("503".to_owned(), passing.into());
}

fn status(problem: &Problem) -> StatusCode {
    StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
