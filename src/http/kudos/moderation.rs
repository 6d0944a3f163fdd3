//! Reporting and moderating kudos over HTTP.

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{KudosOut, PersonName, Surroundings, names};
use super::{KudosTarget, plain, view_of};
use crate::access::policy::{Action, Relation, permits};
use crate::domain::ids::KudosId;
use crate::domain::kudos::Moderation;
use crate::http::creating::{Creating, answering, created, done, respond};
use crate::http::json::Json;
use crate::http::page::{Page, Paging};
use crate::http::permit::{self, Asked, ListKudosReports, Permit, ReadOwnKudosReport, Target};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::query::Query;
use crate::store::db::Db;
use crate::store::kudos::reports::{self, Queue, ReportRow};
use crate::store::kudos::{KudosRow, Viewer};
use crate::store::row;
use crate::writer::idempotent::Idempotent;
use crate::writer::kudos::moderation::{ModerateKudos, ReportKudos};

/// Why something is reported, hidden or shown again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonIn {
    /// Plain text of at most 500 characters, without mark-up.
    #[schema(max_length = 500)]
    reason: String,
}

/// A report, as whoever made it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnReportOut {
    /// The kudos.
    kudos: Uuid,
    /// Why.
    reason: String,
    /// `open`, `upheld` (the kudos was hidden or removed), `dismissed` (it stays) or `withdrawn` (its sender took it back).
    state: String,
    reported_at: DateTime<Utc>,
    /// When it was decided.
    decided_at: Option<DateTime<Utc>>,
}

/// An open report, as whoever decides it sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportOut {
    /// What is reported.
    kudos: KudosOut,
    /// Who reported it.
    reporter: PersonName,
    /// Why.
    reason: String,
    reported_at: DateTime<Utc>,
}

impl OwnReportOut {
    fn new(row: ReportRow) -> QueryResult<Self> {
        let kudos: KudosId = row::parsed(row.kudos)?;
        Ok(Self {
            kudos: kudos.0,
            reason: row.reason,
            state: row.state,
            reported_at: row::instant(row.reported_at),
            decided_at: row.decided_at.map(row::instant),
        })
    }
}

/// Report kudos
///
/// Whoever sees a kudos that somebody else sent may report it, once. Its sender and receivers never learn who did; leads and
/// HR decide.
#[utoipa::path(post, path = "/api/v1/kudos/{kudos}/report", tag = "Kudos", request_body = ReasonIn,
    params(
        ("kudos" = String, Path, description = "Its id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless"),
    ),
    responses(
        (status = 201, description = "The report; `Location` tells what becomes of it", body = OwnReportOut),
        (status = 403, description = "You sent it yourself", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "You have reported it, or it is hidden or was taken back", body = ProblemBody),
        (status = 422, description = "The text is not taken", body = ProblemBody),
    ))]
pub async fn report(
    permit: Permit<permit::ReportKudos, KudosTarget>,
    report: Creating<ReasonIn>,
) -> Result<HttpResponse, ApiError> {
    let command = ReportKudos { kudos: permit.target.id, reason: plain("/reason", &report.body.reason)? };
    let answer = answering(|row: ReportRow| {
        let location = format!("/api/v1/kudos/{}/report", row.kudos);
        created(&OwnReportOut::new(row)?, location)
    });
    let command = Idempotent { command, request: report.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// The caller's own report of the kudos of `{kudos}`, which they may no longer see.
pub struct OwnReport(ReportRow);

impl Target for OwnReport {
    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Ok(id) = asked.parameter("kudos").parse::<KudosId>() else { return Ok(None) };
        let row = reports::find(db, &id.to_string(), &asked.caller.person.to_string())?;
        Ok(row.map(|row| (Self(row), vec![Relation::Author])))
    }
}

/// What became of one's report
#[utoipa::path(get, path = "/api/v1/kudos/{kudos}/report", tag = "Kudos",
    params(("kudos" = String, Path, description = "The id of the kudos")),
    responses(
        (status = 200, description = "The report", body = OwnReportOut),
        (status = 404, description = "You have not reported it", body = ProblemBody),
    ))]
pub async fn own_report(permit: Permit<ReadOwnKudosReport, OwnReport>) -> Result<HttpResponse, ApiError> {
    let OwnReport(row) = permit.target;
    Ok(HttpResponse::Ok().json(OwnReportOut::new(row).map_err(ApiError::internal)?))
}

async fn moderate(
    permit: Permit<permit::ModerateKudos, KudosTarget>,
    act: Moderation,
    body: &ReasonIn,
) -> Result<HttpResponse, ApiError> {
    let command = ModerateKudos { kudos: permit.target.id, act, reason: plain("/reason", &body.reason)? };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}

/// Hide kudos
///
/// A lead of its sender or of a receiver, or HR, but never what they sent or received. Only they, its sender and its
/// receivers see it still, the latter without its message; what counts stays. Its reports are upheld by it. Doing it again
/// changes nothing.
#[utoipa::path(post, path = "/api/v1/kudos/{kudos}/hide", tag = "Kudos", request_body = ReasonIn,
    params(("kudos" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is hidden"),
        (status = 403, description = "You may see it, but not moderate it", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It was taken back", body = ProblemBody),
        (status = 422, description = "The text is not taken", body = ProblemBody),
    ))]
pub async fn hide(
    permit: Permit<permit::ModerateKudos, KudosTarget>,
    Json(body): Json<ReasonIn>,
) -> Result<HttpResponse, ApiError> {
    moderate(permit, Moderation::Hide, &body).await
}

/// Let kudos stay, or be seen again
///
/// By those who may hide it. Its reports are dismissed by it, those too that were upheld before. Where it is not hidden and
/// nobody waits for a decision, nothing changes.
#[utoipa::path(post, path = "/api/v1/kudos/{kudos}/restore", tag = "Kudos", request_body = ReasonIn,
    params(("kudos" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "It is not hidden"),
        (status = 403, description = "You may see it, but not moderate it", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It was taken back", body = ProblemBody),
        (status = 422, description = "The text is not taken", body = ProblemBody),
    ))]
pub async fn restore(
    permit: Permit<permit::ModerateKudos, KudosTarget>,
    Json(body): Json<ReasonIn>,
) -> Result<HttpResponse, ApiError> {
    moderate(permit, Moderation::Restore, &body).await
}

const LIST: &str = "kudos_reports.1";

/// Reports that wait for a decision
///
/// Oldest first: those of kudos that the caller may moderate. `hide` upholds them, `restore` dismisses them.
#[utoipa::path(get, path = "/api/v1/kudos/reports", tag = "Kudos", params(Paging),
    responses(
        (status = 200, description = "A page of reports", body = Page<ReportOut>),
        (status = 403, description = "Not for you", body = ProblemBody),
    ))]
pub async fn queue(permit: Permit<ListKudosReports>, Query(paging): Query<Paging>) -> Result<HttpResponse, ApiError> {
    let after = paging.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?.unwrap_or(0);
    let (caller, limit) = (permit.caller, paging.limit);
    let (catalogue, now) = (permit.state.catalogue(), permit.state.clock.now());
    let viewer = match permits(Action::ModerateKudos, &caller, &[Relation::Uninvolved]) {
        true => Viewer::OfAll,
        false => Viewer::Of(view_of(&caller, &catalogue, None)),
    };
    let queue = Queue { moderator: caller.person.into(), viewer, at: now, after };
    let read = permit.state.read(move |db| {
        let rows = reports::open(db, &queue, limit.rows())?;
        let page = Page::cut(rows, limit, LIST, |(report, _): &(ReportRow, KudosRow)| report.sequence)?;
        let kudos: Vec<KudosRow> = page.items.iter().map(|(_, kudos)| kudos.clone()).collect();
        let around = Surroundings::load(db, &catalogue, &caller, now, &kudos)?;
        let reporters: Vec<String> = page.items.iter().map(|(report, _)| report.reporter.clone()).collect();
        let names = names(db, &reporters)?;
        let show = |(report, kudos): (ReportRow, KudosRow)| {
            let reporter = names.get(&report.reporter).cloned().ok_or_else(|| row::corrupt("a report of nobody"))?;
            let (kudos, reported_at) = (around.show(&kudos)?, row::instant(report.reported_at));
            Ok(ReportOut { kudos, reporter, reason: report.reason, reported_at })
        };
        Ok(Page { items: page.items.into_iter().map(show).collect::<QueryResult<Vec<_>>>()?, next: page.next })
    });
    Ok(HttpResponse::Ok().json(read.await?))
}
