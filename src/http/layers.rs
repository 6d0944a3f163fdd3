//! The one layer around every request: it gives each answer its conventions, whatever happens inside.
//!
//! A problem is told in the reader's language; refusals of the server underneath become problems; a panic becomes a
//! problem with a reference; one line goes to the log; headers that are safe by default are set.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use actix_web::body::{BodySize, BoxBody, EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::error::InternalError;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::http::{ConnectionType, Method, StatusCode};
use actix_web::middleware::Next;
use actix_web::{Error, HttpMessage, HttpRequest, HttpResponse, web};
use futures_util::FutureExt;

use super::json::BodyLimit;
use super::language;
use super::observe::Observation;
use super::problem::{ApiError, render};
use super::trace::TraceId;
use crate::app::AppState;
use crate::domain::language::Language;
use crate::domain::problem::{Problem, ProblemCode};

/// Wrap the application in it, outside of everything else: `App::new().wrap(from_fn(conventions))`.
pub async fn conventions<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    let exchange = Exchange::begin(&request);
    // RFC 9110 section 9.3.2: HEAD is GET without the body, which the server underneath leaves out.
    if request.method() == Method::HEAD {
        request.extensions_mut().insert(HeadOnly);
        request.head_mut().method = Method::GET;
    }
    let inside = AssertUnwindSafe(async {
        // No name holds U+0000, and PostgreSQL fails on one that does.
        if request.uri().path().contains("%00") {
            return Err(ApiError::from(ProblemCode::BadRequest).into());
        }
        next.call(request).await
    });
    // The request went in and does not come back from a panic or an error, so those answers know no route.
    let refusal = match inside.catch_unwind().await {
        Ok(Ok(response)) => return Ok(exchange.finish(response)),
        Ok(Err(error)) => refusal(error.as_response_error().status_code(), Some(&error)),
        Err(panic) => ApiError::internal(panic_message(panic.as_ref())),
    };
    let mut response = exchange.refuse(&refusal);
    set_safe_headers(response.headers_mut());
    exchange.observation.end(None, response.status(), exchange.trace);
    Err(InternalError::from_response(refusal, response).into())
}

/// Noted with a request that wants no body: an answer that has no end must know.
pub struct HeadOnly;

/// What is known of a request from its beginning to its answer.
struct Exchange {
    trace: TraceId,
    language: Language,
    observation: Observation,
}

impl Exchange {
    fn begin(request: &ServiceRequest) -> Self {
        Self {
            trace: TraceId::of(request.headers()),
            language: language::asked_for(request.headers()),
            observation: Observation::begin(request.method()),
        }
    }

    fn finish<B: MessageBody + 'static>(self, mut response: ServiceResponse<B>) -> ServiceResponse<EitherBody<B>> {
        complete_allow(response.headers_mut());
        let mut response = match refusal_of(response.response()) {
            None => response.map_into_left_body(),
            Some(refusal) => {
                let mut told = self.refuse(&refusal);
                if let Some(allow) = response.headers().get(header::ALLOW) {
                    told.headers_mut().insert(header::ALLOW, allow.clone());
                }
                response.into_response(told).map_into_right_body()
            }
        };
        set_safe_headers(response.headers_mut());
        if is_stopping(response.request()) {
            response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
        }
        let route = response.request().match_pattern();
        self.observation.end(route, response.status(), self.trace);
        response
    }

    /// The answer that tells `refusal`. What only the log may know goes there now, and nowhere else.
    fn refuse(&self, refusal: &ApiError) -> HttpResponse<BoxBody> {
        if let Some(cause) = refusal.cause() {
            let code = refusal.problem().code.name();
            tracing::error!(trace_id = %self.trace, problem.code = code, problem.cause = cause, "request failed");
        }
        let mut problem = refusal.problem().clone();
        if problem.code == ProblemCode::Internal {
            problem = problem.with("reference", self.trace);
        }
        render(&problem, self.language)
    }
}

/// What a response refuses, if it does and nobody has put it in words yet.
fn refusal_of<B: MessageBody>(response: &HttpResponse<B>) -> Option<ApiError> {
    let status = response.status();
    if !status.is_client_error() && !status.is_server_error() {
        return None;
    }
    let without_words = matches!(response.body().size(), BodySize::None | BodySize::Sized(0));
    if response.error().is_none() && !without_words {
        return None;
    }
    let refusal = refusal(status, response.error());
    let allow = response.headers().get(header::ALLOW).and_then(|allow| allow.to_str().ok());
    Some(match allow {
        Some(allow) if status == StatusCode::METHOD_NOT_ALLOWED => {
            Problem::new(ProblemCode::MethodNotAllowed).with("allow", allow).into()
        }
        _ => refusal,
    })
}

/// Our own refusal as it is, another one by its status: its words are for programmers and may tell what they should not.
fn refusal(status: StatusCode, error: Option<&Error>) -> ApiError {
    if let Some(ours) = error.and_then(Error::as_error::<ApiError>) {
        return ours.clone();
    }
    let code = match status {
        StatusCode::UNAUTHORIZED => ProblemCode::Unauthorized,
        StatusCode::FORBIDDEN => ProblemCode::Forbidden,
        StatusCode::NOT_FOUND => ProblemCode::NotFound,
        StatusCode::PAYLOAD_TOO_LARGE => {
            return Problem::new(ProblemCode::PayloadTooLarge).with("limit", BodyLimit::default().0).into();
        }
        _ if status.is_client_error() => ProblemCode::BadRequest,
        _ => return ApiError::internal(error.map_or_else(|| status.to_string(), ToString::to_string)),
    };
    code.into()
}

/// Where GET is answered, HEAD is.
fn complete_allow(headers: &mut HeaderMap) {
    let Some(allow) = headers.get(header::ALLOW).and_then(|allow| allow.to_str().ok()) else { return };
    let mut methods: Vec<&str> = allow.split(',').map(str::trim).collect();
    if methods.contains(&"GET") && !methods.contains(&"HEAD") {
        methods.push("HEAD");
    }
    if let Ok(allow) = HeaderValue::from_str(&methods.join(", ")) {
        headers.insert(header::ALLOW, allow);
    }
}

/// Whether the server is about to end, and the client should connect elsewhere for its next request.
fn is_stopping(request: &HttpRequest) -> bool {
    request.app_data::<web::Data<AppState>>().is_some_and(|state| state.is_stopping())
}

fn set_safe_headers(headers: &mut HeaderMap) {
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("panic: {}", text.unwrap_or("of an unknown kind"))
}
