//! Programmes: created as drafts, found, and read by those they are for.

pub mod activation;
pub mod back_test;
pub mod document;
pub mod ending;
pub mod readiness;
pub mod seasons;
pub mod validation;
pub mod versions;
pub mod view;

use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;

use self::document::Document;
use self::view::{DraftedOut, ProgrammeLine, ProgrammeOut, VersionOut};
use super::conditional;
use super::creating::{Creating, answering, created, respond};
use super::language::Reader;
use super::page::{Cursor, Limit, Page};
use super::permit::{Asked, ListProgrammes, Permit, ReadProgramme, WriteProgramme};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::{ProgrammeTarget, relations_to_programme};
use crate::access::policy::{Action, permits};
use crate::catalogue::ProgrammeEntry;
use crate::writer::idempotent::Idempotent;
use crate::writer::programme::{CreateProgramme, Drafted};

const LIST: &str = "programmes.1";

/// Which page of a list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PageOf {
    /// How many: 1 to 200, 50 if not given.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// The programmes that the caller may read
///
/// By code. HR and auditors see every programme, others those that were activated and whose audience they are in.
#[utoipa::path(get, path = "/api/v1/programmes", tag = "Programmes", params(PageOf),
    responses(
        (status = 200, description = "A page of programmes", body = Page<ProgrammeLine>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
    ))]
pub async fn list(permit: Permit<ListProgrammes>, Query(page): Query<PageOf>) -> Result<HttpResponse, ApiError> {
    let asked = Asked::about(permit.caller, &permit.state);
    let after: Option<String> = page.after.map(|cursor| cursor.key(LIST)).transpose()?;
    let may_read =
        |entry: &&ProgrammeEntry| permits(Action::ReadProgramme, &asked.caller, &relations_to_programme(&asked, entry));
    let entries = asked.catalogue.programmes.values().map(AsRef::as_ref);
    let ahead = entries.filter(|entry| after.as_ref().is_none_or(|after| entry.code.as_str() > after.as_str()));
    let lines = ahead.filter(may_read).take(page.limit.get() + 1).map(|entry| ProgrammeLine::new(entry, asked.now));
    Ok(HttpResponse::Ok().json(Page::cut(lines.collect(), page.limit, LIST, |line| line.code.clone())?))
}

/// Create a programme
///
/// The document becomes the draft of version 1; nothing is awarded before it is activated.
#[utoipa::path(post, path = "/api/v1/programmes", tag = "Programmes", request_body = Document,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless")),
    responses(
        (status = 201, description = "The draft", body = DraftedOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 409, description = "The code is taken", body = ProblemBody),
        (status = 422, description = "Everything that is wrong with the document", body = ProblemBody),
    ))]
pub async fn create(
    permit: Permit<WriteProgramme>,
    Reader(language): Reader,
    creating: Creating<Document>,
) -> Result<HttpResponse, ApiError> {
    let (document, unseen) = validation::with_unseen(&permit.state, creating.body).await?;
    let answer = answering(move |drafted: Drafted| {
        let location = format!("/api/v1/programmes/{}", drafted.programme);
        created(&DraftedOut::new(&drafted, &unseen, language), location)
    });
    let command = Idempotent { command: CreateProgramme { document }, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// A programme
///
/// What it rewards today, in words. HR and auditors get its versions too.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}", tag = "Programmes",
    params(("programme" = String, Path, description = "The programme's code")),
    responses(
        (status = 200, description = "The programme", body = ProgrammeOut),
        (status = 304, description = "It is as If-None-Match names it"),
        (status = 404, description = "There is none that the caller may read", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadProgramme, ProgrammeTarget>, request: HttpRequest) -> HttpResponse {
    let (ProgrammeTarget(entry), now) = (&permit.target, permit.state.clock.now());
    let mut programme = ProgrammeOut::new(entry, now);
    let mut variant = "shown";
    if permits(Action::ReadVersions, &permit.caller, &[]) {
        let versions = entry.versions.iter().map(|version| VersionOut::new(entry, &version.row, now));
        programme.versions = Some(versions.collect());
        variant = "whole";
    }
    // With the days change the season, and the version in force.
    let today = entry.today(now).map(|day| day.to_string()).unwrap_or_default();
    let tag = EntityTag::new_strong(format!("r{}.{today}.{variant}", entry.revision));
    conditional::answer(&request, tag, &programme)
}
