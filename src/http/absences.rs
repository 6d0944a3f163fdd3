//! Days off over HTTP; no reason is kept.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::creating::{changed, done};
use super::fields::Faults;
use super::json::Json;
use super::page::{Page, Paging};
use super::permit::{ChangeAbsences, Permit, ReadAbsences};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::PersonTarget;
use crate::domain::ids::AbsenceId;
use crate::domain::period::DaySpan;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::local_date;
use crate::store::absences::{self, AbsenceRow};
use crate::writer::absence::{Put, PutAbsence, RemoveAbsence};

const LIST: &str = "absences.1";

/// Days off.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AbsenceIn {
    /// The first day off, by the local calendar.
    #[schema(format = Date, example = "2026-11-03")]
    pub from: String,
    /// The day after the last, at most 366 days later.
    #[schema(format = Date, example = "2026-11-05")]
    pub until: String,
}

/// Days off.
#[derive(Debug, Serialize, ToSchema)]
pub struct AbsenceOut {
    /// The id.
    pub id: String,
    /// The first day off.
    pub from: NaiveDate,
    /// The day after the last.
    pub until: NaiveDate,
    /// The last day off.
    pub last_day: NaiveDate,
}

impl AbsenceOut {
    fn new(row: AbsenceRow) -> Self {
        let last_day = row.until_day.pred_opt().unwrap_or(row.until_day);
        Self { id: row.id, from: row.from_day, until: row.until_day, last_day }
    }
}

fn id(text: &str) -> Result<AbsenceId, Finding> {
    text.parse().map_err(|_| Finding::new("absence", ProblemCode::InvalidValue).with("expected", "UUID"))
}

/// List absences
///
/// The days off of a person, earliest first.
#[utoipa::path(get, path = "/api/v1/people/{person}/absences", tag = "People",
    params(("person" = String, Path, description = "`me`, an id, or a user name"), Paging),
    responses(
        (status = 200, description = "A page of absences", body = Page<AbsenceOut>),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadAbsences, PersonTarget>,
    Query(paging): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    let Permit { target, state, .. } = permit;
    let read = move |db: &mut _| {
        let all = absences::of_people(db, &[target.row.id])?.into_iter().map(AbsenceOut::new);
        paging.page(LIST, all, |absence| (absence.from, absence.id.clone()))
    };
    Ok(HttpResponse::Ok().json(state.read(read).await?))
}

/// Enter or replace an absence
///
/// The client chooses the id, so that a repetition is harmless. What depends on the days is awarded anew.
#[utoipa::path(put, path = "/api/v1/people/{person}/absences/{absence}", tag = "People", request_body = AbsenceIn,
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("absence" = String, Path, description = "A UUID"),
    ),
    responses(
        (status = 200, description = "The absence as it is now", body = AbsenceOut),
        (status = 201, description = "The new absence", body = AbsenceOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
        (status = 422, description = "No UUID, no such dates, too long, or too many", body = ProblemBody),
    ))]
pub async fn put(
    permit: Permit<ChangeAbsences, PersonTarget>,
    path: web::Path<(String, String)>,
    Json(body): Json<AbsenceIn>,
) -> Result<HttpResponse, ApiError> {
    let mut faults = Faults::default();
    let absence = faults.check(id(&path.1));
    let first = faults.check(local_date("/from", &body.from));
    let until = faults.check(local_date("/until", &body.until));
    let person = permit.target.id;
    let command = || Some(PutAbsence { person, absence: absence?, days: DaySpan { first: first?, until: until? } });
    let command = faults.whole(command())?;
    let written = permit.state.write(permit.actor(), command).await?;
    let (row, status) = match written.output {
        Put::Created(row) => (row, StatusCode::CREATED),
        Put::Replaced(row) => (row, StatusCode::OK),
    };
    let mut response = changed(written.sequence, &AbsenceOut::new(row));
    *response.status_mut() = status;
    Ok(response)
}

/// Remove an absence
#[utoipa::path(delete, path = "/api/v1/people/{person}/absences/{absence}", tag = "People",
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("absence" = String, Path, description = "The id"),
    ),
    responses(
        (status = 204, description = "It is removed"),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nothing that you may see", body = ProblemBody),
    ))]
pub async fn remove(
    permit: Permit<ChangeAbsences, PersonTarget>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let absence = path.1.parse().map_err(|_| ProblemCode::NotFound)?;
    let command = RemoveAbsence { person: permit.target.id, absence };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}
