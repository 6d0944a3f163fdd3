//! For those who run the server: is it alive, is it ready, what do its metrics stand at, and what does it speak.

use std::sync::Arc;

use actix_web::http::header::CONTENT_TYPE;
use actix_web::{HttpResponse, web};
use serde::Serialize;
use utoipa::ToSchema;

use super::problem::ApiError;
use super::routes;
use crate::app::AppState;
use crate::domain::problem::ProblemCode;
use crate::store::head;

/// How the server is.
#[derive(Debug, Serialize, ToSchema)]
pub struct Health {
    /// `ok`.
    pub status: &'static str,
    /// The version of Applaus.
    pub version: &'static str,
}

/// Whether the server can do its work.
#[derive(Debug, Serialize, ToSchema)]
pub struct Readiness {
    /// `ready`.
    pub status: &'static str,
    /// The last number of the sequence that this instance has read.
    pub sequence: i64,
}

/// Alive
///
/// Says only that the process answers.
#[utoipa::path(get, path = "/healthz", tag = "Operations", security(()),
    responses((status = 200, description = "It is alive", body = Health)))]
pub async fn alive() -> HttpResponse {
    HttpResponse::Ok().json(Health { status: "ok", version: env!("CARGO_PKG_VERSION") })
}

/// Ready
///
/// Says that the database answers, and that the server is not about to stop.
#[utoipa::path(get, path = "/readyz", tag = "Operations", security(()),
    responses(
        (status = 200, description = "It is ready", body = Readiness),
        (status = 503, description = "It is not", body = super::problem::ProblemBody),
    ))]
pub async fn ready(state: web::Data<AppState>) -> Result<HttpResponse, ApiError> {
    let state: Arc<AppState> = state.into_inner();
    if state.is_stopping() {
        return Err(ProblemCode::Stopping.into());
    }
    let known = state.writer.published().newest();
    let sequence = state.read(|db| Ok(head::read(db)?)).await?;
    if sequence < known {
        return Err(ApiError::unavailable(format!(
            "the database has gone back from {known} to {sequence}: restart this"
        )));
    }
    Ok(HttpResponse::Ok().json(Readiness { status: "ready", sequence }))
}

/// Metrics
///
/// In the text format of Prometheus.
#[utoipa::path(get, path = "/metrics", tag = "Operations", security(()),
    responses((status = 200, description = "The metrics", body = String, content_type = "text/plain")))]
pub async fn metrics(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().insert_header((CONTENT_TYPE, "text/plain; version=0.0.4")).body(state.metrics.render())
}

/// This description
#[utoipa::path(get, path = "/openapi.json", tag = "Operations", security(()),
    responses((status = 200, description = "The OpenAPI 3.1 document", content_type = "application/json")))]
pub async fn openapi() -> HttpResponse {
    HttpResponse::Ok().json(routes::document())
}
