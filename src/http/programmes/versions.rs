//! Versions of a programme: drafted, replaced, put in force from a day on, withdrawn.

use std::sync::Arc;

use actix_web::http::header::{ETAG, ETag, EntityTag, TryIntoHeaderValue};
use actix_web::{HttpRequest, HttpResponse};
use diesel::QueryResult;

use super::PageOf;
use super::document::Document;
use super::validation::with_unseen;
use super::view::{DraftedOut, VersionOut};
use crate::access::policy::{Action, Relation};
use crate::catalogue::ProgrammeEntry;
use crate::domain::time::Instant;
use crate::http::conditional::{self, MeantFor};
use crate::http::creating::{Creating, answering, changed, created, done, respond};
use crate::http::language::Reader;
use crate::http::page::Page;
use crate::http::permit::{Asked, Permit, ReadVersions, Seen, Target, WriteProgramme};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::query::Query;
use crate::http::targets::ProgrammeTarget;
use crate::store::db::Db;
use crate::store::programmes::VersionRow;
use crate::store::row;
use crate::writer::idempotent::Idempotent;
use crate::writer::organization::Expected;
use crate::writer::programme::{DraftVersion, Drafted, ReplaceDraft, WithdrawVersion};

const LIST: &str = "versions.1";

/// The version of `{programme}` and `{version}`.
pub struct VersionTarget {
    pub(super) entry: Arc<ProgrammeEntry>,
    row: VersionRow,
    pub(super) number: u32,
}

impl Target for VersionTarget {
    /// Those a programme is for need not know of its drafts.
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadVersions);

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let entry = asked.catalogue.programmes.get(asked.parameter("programme"))?;
        let number = asked.parameter("version");
        let version = entry.versions.iter().find(|version| version.row.version.to_string() == number)?;
        let number = u32::try_from(version.row.version).ok()?;
        Some((Self { entry: entry.clone(), row: version.row.clone(), number }, Vec::new()))
    }
}

impl VersionTarget {
    pub(super) fn programme(&self) -> String {
        self.entry.code.to_string()
    }

    fn tag(&self, now: Instant) -> EntityTag {
        version_tag(self.row.revision, self.entry.state(&self.row, now))
    }
}

/// Days pass and change the state without a revision.
fn version_tag(revision: i64, state: &str) -> EntityTag {
    EntityTag::new_strong(format!("r{revision}.{state}"))
}

/// The versions of a programme
///
/// By number, without their documents.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/versions", tag = "Programmes",
    params(("programme" = String, Path, description = "The programme's code"), PageOf),
    responses(
        (status = 200, description = "A page of versions", body = Page<VersionOut>),
        (status = 403, description = "Only for HR and auditors", body = ProblemBody),
        (status = 404, description = "There is no such programme", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadVersions, ProgrammeTarget>,
    Query(page): Query<PageOf>,
) -> Result<HttpResponse, ApiError> {
    let (ProgrammeTarget(entry), now) = (&permit.target, permit.state.clock.now());
    let after: i32 = page.after.map_or(Ok(0), |cursor| cursor.key(LIST))?;
    let ahead = entry.versions.iter().filter(|version| version.row.version > after);
    let lines = ahead.take(page.limit.get() + 1).map(|version| VersionOut::new(entry, &version.row, now));
    Ok(HttpResponse::Ok().json(Page::cut(lines.collect(), page.limit, LIST, |line| line.version)?))
}

/// Draft a version
///
/// The document becomes the draft of the next version.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/versions", tag = "Programmes", request_body = Document,
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless"),
    ),
    responses(
        (status = 201, description = "The draft", body = DraftedOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 404, description = "There is no such programme", body = ProblemBody),
        (status = 422, description = "Everything that is wrong with the document", body = ProblemBody),
    ))]
pub async fn draft(
    permit: Permit<WriteProgramme, ProgrammeTarget>,
    Reader(language): Reader,
    creating: Creating<Document>,
) -> Result<HttpResponse, ApiError> {
    let (document, unseen) = with_unseen(&permit.state, creating.body).await?;
    let answer = answering(move |drafted: Drafted| {
        let location = format!("/api/v1/programmes/{}/versions/{}", drafted.programme, drafted.version);
        created(&DraftedOut::new(&drafted, &unseen, language), location)
    });
    let command = DraftVersion { programme: permit.target.0.code.to_string(), document };
    let command = Idempotent { command, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// A version
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/versions/{version}", tag = "Programmes",
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("version" = u32, Path, description = "The version's number"),
    ),
    responses(
        (status = 200, description = "The version with its document", body = VersionOut),
        (status = 304, description = "It is as If-None-Match names it"),
        (status = 404, description = "There is none that the caller may read", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadVersions, VersionTarget>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let (target, now) = (&permit.target, permit.state.clock.now());
    let mut version = VersionOut::new(&target.entry, &target.row, now);
    version.document = Some(row::from_json(&target.row.document)?);
    Ok(conditional::answer(&request, target.tag(now), &version))
}

/// Replace a draft
#[utoipa::path(put, path = "/api/v1/programmes/{programme}/versions/{version}", tag = "Programmes",
    request_body = Document,
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("version" = u32, Path, description = "The version's number"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "The draft", body = DraftedOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 404, description = "There is no such version", body = ProblemBody),
        (status = 409, description = "It is not a draft", body = ProblemBody),
        (status = 412, description = "It was changed after it was read", body = ProblemBody),
        (status = 422, description = "Everything that is wrong with the document", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn replace(
    permit: Permit<WriteProgramme, VersionTarget>,
    meant: MeantFor,
    Reader(language): Reader,
    document: Document,
) -> Result<HttpResponse, ApiError> {
    let target = &permit.target;
    meant.check(&target.tag(permit.state.clock.now()))?;
    let (document, unseen) = with_unseen(&permit.state, document).await?;
    let expected = Expected::Revision(target.row.revision);
    let command = ReplaceDraft { programme: target.programme(), version: target.number, document, expected };
    let committed = permit.state.write(permit.actor(), command).await?;
    let drafted = committed.output;
    let mut response = changed(committed.sequence, &DraftedOut::new(&drafted, &unseen, language));
    let tag = ETag(version_tag(drafted.revision, "draft")).try_into_value().map_err(ApiError::internal)?;
    response.headers_mut().insert(ETAG, tag);
    Ok(response)
}

/// Delete a draft, or withdraw a scheduled version
///
/// A programme whose only version is deleted goes with it. A withdrawn version stays to be read.
#[utoipa::path(delete, path = "/api/v1/programmes/{programme}/versions/{version}", tag = "Programmes",
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("version" = u32, Path, description = "The version's number"),
    ),
    responses(
        (status = 204, description = "It is done"),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 404, description = "There is no such version", body = ProblemBody),
        (status = 409, description = "It is or was in force", body = ProblemBody),
    ))]
pub async fn withdraw(permit: Permit<WriteProgramme, VersionTarget>) -> Result<HttpResponse, ApiError> {
    let command = WithdrawVersion { programme: permit.target.programme(), version: permit.target.number };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}
