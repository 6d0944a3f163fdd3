//! The payroll of a month over HTTP, as JSON or as a table for a spreadsheet.

mod table;
mod view;

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use serde::Deserialize;
use utoipa::IntoParams;

pub use self::view::{BenefitWarningOut, PayrollOut};
use super::creating::VERSION_HEADER;
use super::jobs::prefers_csv;
use super::language::Reader;
use super::permit::{self, Permit, ReadPayroll};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::session::Session;
use crate::catalogue::Catalogue;
use crate::domain::payroll::month;
use crate::domain::period::Period;
use crate::domain::problem::{Finding, ProblemCode};
use crate::writer::payroll::ClosePayroll;

/// As what to read a payroll.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// JSON.
    Json,
    /// Comma-separated values.
    Csv,
}

/// How to read a payroll.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PayrollQuery {
    /// `json` or `csv`; without it what `Accept` names first.
    #[param(value_type = Option<String>)]
    format: Option<Format>,
}

fn month_named(catalogue: &Catalogue, code: &str) -> Result<Period, Finding> {
    let unknown = || Finding::new("month", ProblemCode::UnknownMonth).with("example", "2026-11");
    month(&catalogue.zone, code).ok_or_else(unknown)
}

/// The payroll of a month
///
/// What redemptions brought each person by the day on which they got it: benefits in kind (gift cards, and whatever else is
/// worth money), cash (bonuses) and time off. Who got more in kind than the organisation's `benefit_limit`, by a cent or more,
/// is marked. Until the month is closed it follows the redemptions; once it is, it stays. What is approved and not handed
/// over yet is told beside the current month as expected.
///
/// As CSV (RFC 4180, UTF-8 with a byte order mark, so that spreadsheets read umlauts): a line for each benefit, amounts with
/// a decimal point, heads in the language of `Accept-Language`. A text that a spreadsheet would take for a formula is
/// preceded by an apostrophe.
#[utoipa::path(get, path = "/api/v1/payroll/{month}", tag = "Payroll",
    params(("month" = String, Path, description = "Of the organisation's zone: `2026-11`"), PayrollQuery),
    responses(
        (status = 200, description = "The payroll", content(
            (PayrollOut = "application/json"),
            (String = "text/csv"),
        )),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 422, description = "No month", body = ProblemBody),
    ))]
pub async fn read(
    permit: Permit<ReadPayroll>,
    month: web::Path<String>,
    Query(query): Query<PayrollQuery>,
    reader: Reader,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let month = month_named(&permit.state.catalogue(), &month)?;
    let preferred = if prefers_csv(request.headers()) { Format::Csv } else { Format::Json };
    let payroll = payroll_of(&permit.state, month).await?;
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept, Accept-Language"));
    if query.format.unwrap_or(preferred) == Format::Json {
        return Ok(response.json(payroll));
    }
    let name = format!("attachment; filename=\"payroll-{}.csv\"", payroll.month);
    let table = table::of(&payroll, reader.0).map_err(ApiError::internal)?;
    Ok(response.insert_header((header::CONTENT_DISPOSITION, name)).content_type("text/csv; charset=utf-8").body(table))
}

async fn payroll_of(state: &Session, month: Period) -> Result<PayrollOut, ApiError> {
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    state.read(move |db| Ok(view::payroll(db, &catalogue, &month, now)?)).await
}

/// Close the payroll of a month
///
/// Once the month is over, for good: what it says stays, and nothing is handed over with a day in it any more. Names are kept
/// nowhere in it; they are looked up when it is read. Closing it again changes nothing.
#[utoipa::path(post, path = "/api/v1/payroll/{month}/close", tag = "Payroll",
    params(("month" = String, Path, description = "Of the organisation's zone: `2026-11`")),
    responses(
        (status = 200, description = "It is closed", body = PayrollOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 409, description = "The month is not over", body = ProblemBody),
        (status = 422, description = "No month", body = ProblemBody),
    ))]
pub async fn close(permit: Permit<permit::ClosePayroll>, month: web::Path<String>) -> Result<HttpResponse, ApiError> {
    let month = month_named(&permit.state.catalogue(), &month)?;
    let command = ClosePayroll { month: month.code.clone() };
    let written = permit.state.write(permit.actor(), command).await?;
    let body = payroll_of(&permit.state, month).await?;
    Ok(HttpResponse::Ok().insert_header((VERSION_HEADER, written.sequence.to_string())).json(body))
}
