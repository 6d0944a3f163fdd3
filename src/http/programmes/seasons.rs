//! Seasons of a programme: which there are, what a closed one published, what moved since, and closing.

use actix_web::http::StatusCode;
use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;
use uuid::Uuid;

use super::readiness::{ReadinessOut, readiness};
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::ProgrammeEntry;
use crate::domain::ids::{PersonId, Subject};
use crate::domain::period::Period;
use crate::domain::problem::ProblemCode;
use crate::domain::season::{Kind, Line, Statement};
use crate::http::conditional;
use crate::http::creating::changed;
use crate::http::page::{Page, Paging};
use crate::http::permit::{Asked, CloseSeason, Permit, PrepareSeason, ReadProgramme, Seen, Target};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::query::Query;
use crate::http::session::Session;
use crate::http::targets::{ProgrammeTarget, relations_to_programme};
use crate::http::transfers::{TransfersOut, TransfersQuery, shown};
use crate::store::db::Db;
use crate::store::{row, seasons};
use crate::writer::season::{self, season_of};

const LIST: &str = "seasons.1";

/// A season.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SeasonOut {
    /// Code of the programme.
    pub programme: String,
    /// Its code.
    pub season: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The day after its last.
    pub until: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// `open`, `closing` or `closed`.
    pub state: &'static str,
    /// Whether it is closed: what it published will not change any more.
    pub closed: bool,
    /// When the clock closes it; null if that is left to people, or done.
    pub closes_at: Option<DateTime<Utc>>,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
}

impl SeasonOut {
    /// How a season of a programme stands.
    pub fn new(entry: &ProgrammeEntry, season: &Period) -> Self {
        let held = entry.seasons.get(&season.code);
        let closed = held.is_some_and(|row| row.position.is_some());
        Self {
            programme: entry.code.to_string(),
            season: season.code.clone(),
            from: season.first_day,
            until: season.until_day,
            last_day: season.until_day.pred_opt().unwrap_or(season.until_day),
            state: match held {
                None => "open",
                Some(_) if closed => "closed",
                Some(_) => "closing",
            },
            closed,
            closes_at: if held.is_none() { entry.closes_at(season) } else { None },
            closed_at: held.and_then(|row| row.closed_at).map(row::instant),
        }
    }
}

/// What a closed season published: ids and numbers, the same bytes whenever it is read.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementOut {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// Its first day.
    pub from: NaiveDate,
    /// The day after its last.
    pub until: NaiveDate,
    /// Always true.
    pub closed: bool,
    /// When it was closed.
    pub closed_at: DateTime<Utc>,
    /// The last number of the sequence that it holds.
    pub position: i64,
    /// For HR and auditors everybody with their result, persons before teams, by rank. For others their own, or nothing
    /// if they have none.
    pub subjects: Vec<ResultOut>,
}

/// A result in a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct ResultOut {
    /// Whose.
    pub subject: RankedOut,
    /// Their points.
    pub points: i64,
    /// 1 + those of their kind with more points. Only for HR and auditors: the statement ranks everybody, and beside a
    /// board it would tell others how many are hidden.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rank: Option<usize>,
    /// Code of the highest tier reached.
    pub tier: Option<String>,
    /// Codes of the badges held, for good.
    pub badges: Vec<String>,
}

/// Who has a result.
#[derive(Debug, Serialize, ToSchema)]
pub struct RankedOut {
    /// `person` or `team`.
    pub kind: &'static str,
    /// Their id.
    pub id: Uuid,
}

impl StatementOut {
    /// What one person may see of a statement: their own result.
    fn own(statement: Statement, person: PersonId) -> Self {
        let own = statement.subjects.into_iter().filter(|line| line.subject == Subject::Person(person).into());
        Self {
            programme: statement.programme,
            season: statement.season,
            from: statement.from,
            until: statement.until,
            closed: statement.closed,
            closed_at: statement.closed_at,
            position: statement.position,
            subjects: own.map(ResultOut::unranked).collect(),
        }
    }
}

impl ResultOut {
    fn unranked(line: Line) -> Self {
        let kind = match line.subject.kind {
            Kind::Person => "person",
            Kind::Team => "team",
        };
        let subject = RankedOut { kind, id: line.subject.id };
        Self { subject, points: line.points, rank: None, tier: line.tier, badges: line.badges }
    }
}

/// A season, as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum SeasonShown {
    /// Of a closed one.
    Statement(StatementOut),
    /// Of another, for HR and auditors.
    Readiness(ReadinessOut),
    /// Of another, for those it is for.
    Open(SeasonOut),
}

/// The season of `{programme}` and `{season}`: one that has begun.
pub struct SeasonTarget {
    /// The programme.
    pub programme: ProgrammeTarget,
    /// The season.
    pub season: Period,
    may_prepare: bool,
}

impl Target for SeasonTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadProgramme);

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let entry = asked.catalogue.programmes.get(asked.parameter("programme"))?;
        let season = season_of(entry, asked.parameter("season"), asked.now)?;
        let relations = relations_to_programme(asked, entry);
        let may_prepare = permits(Action::PrepareSeason, &asked.caller, &relations);
        Some((Self { programme: ProgrammeTarget(entry.clone()), season, may_prepare }, relations))
    }
}

/// The seasons of a programme
///
/// Those that have begun, by their first day.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/seasons", tag = "Programmes",
    params(("programme" = String, Path, description = "The programme's code"), Paging),
    responses(
        (status = 200, description = "A page of seasons", body = Page<SeasonOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 404, description = "There is no programme that the caller may read", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadProgramme, ProgrammeTarget>,
    Query(paging): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    let ProgrammeTarget(entry) = &permit.target;
    let begun = entry.today(permit.state.clock.now()).map(|today| entry.seasons_until(today)).unwrap_or_default();
    let page = paging.page(LIST, begun.into_iter(), |season| season.first_day)?;
    Ok(HttpResponse::Ok().json(page.map(|season| SeasonOut::new(entry, &season))))
}

/// A season
///
/// Of a closed one its statement: ids and numbers, the same bytes whenever it is read. HR and auditors get all of it, others
/// their own result, without a rank: how others stand is for boards to show, by what each of them chose. Of another season,
/// HR and auditors get what stands in the way of closing it and what closing would bring, others how it stands.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/seasons/{season}", tag = "Programmes",
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("season" = String, Path, description = "The season's code, such as `2026-Q4`"),
    ),
    responses(
        (status = 200, description = "The season", body = SeasonShown),
        (status = 304, description = "It is as If-None-Match names it"),
        (status = 404, description = "There is none that the caller may read, or it has not begun", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadProgramme, SeasonTarget>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, caller, .. } = permit;
    let SeasonTarget { programme: ProgrammeTarget(entry), season, may_prepare } = target;
    if let Some(position) = entry.position(&season.code) {
        return statement(&state, &caller, (&entry, &season, position), &request).await;
    }
    if !may_prepare {
        return Ok(HttpResponse::Ok().json(SeasonOut::new(&entry, &season)));
    }
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    let body = state.read(move |db| Ok(readiness(db, &catalogue, &entry, &season, now)?)).await?;
    Ok(HttpResponse::Ok().json(body))
}

/// As much of the statement of a closed season as the caller may see.
async fn statement(
    state: &Session,
    caller: &Caller,
    (entry, season, position): (&ProgrammeEntry, &Period, i64),
    request: &HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let (code, name, person) = (entry.code.to_string(), season.code.clone(), caller.person);
    let kept = move |db: &mut Db| seasons::statement(db, &code, &name)?.ok_or_else(|| ProblemCode::NotFound.into());
    if permits(Action::ReadWholeStatement, caller, &[]) {
        let whole = RawValue::from_string(state.read(kept).await?).map_err(ApiError::internal)?;
        return Ok(conditional::answer(request, EntityTag::new_strong(format!("s{position}")), &whole));
    }
    let own = state.read(move |db| Ok(StatementOut::own(row::from_json(&kept(db)?)?, person))).await?;
    Ok(conditional::answer(request, EntityTag::new_strong(format!("s{position}-{person}")), &own))
}

/// Close a season
///
/// For good: its statement and boards are written, the badges of the tiers reached are granted, and what changes later
/// moves wallets only. Not before its end. If much is left to settle, the server goes on by itself (202). Closing it again
/// does nothing.
#[utoipa::path(post, path = "/api/v1/programmes/{programme}/seasons/{season}/close", tag = "Programmes",
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("season" = String, Path, description = "The season's code, such as `2026-Q4`"),
    ),
    responses(
        (status = 200, description = "It is closed", body = SeasonOut),
        (status = 202, description = "It is closing", body = SeasonOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 404, description = "There is no such season, or it has not begun", body = ProblemBody),
        (status = 409, description = "It is not over", body = ProblemBody),
    ))]
pub async fn close(permit: Permit<CloseSeason, SeasonTarget>) -> Result<HttpResponse, ApiError> {
    let SeasonTarget { programme: ProgrammeTarget(entry), season, .. } = &permit.target;
    let command = season::CloseSeason { programme: entry.code.to_string(), season: season.code.clone() };
    let written = permit.state.write(permit.actor(), command).await?;
    let catalogue = permit.state.catalogue();
    let entry = catalogue.programmes.get(entry.code.as_str()).ok_or(ProblemCode::NotFound)?;
    let body = SeasonOut::new(entry, season);
    let mut response = changed(written.sequence, &body);
    if !body.closed {
        *response.status_mut() = StatusCode::ACCEPTED;
    }
    Ok(response)
}

/// What moved after a season was closed
///
/// Its adjustments, oldest first: later evidence and corrections, which moved wallets and no board, tier or badge.
#[utoipa::path(get, path = "/api/v1/programmes/{programme}/seasons/{season}/adjustments", tag = "Programmes",
    params(
        ("programme" = String, Path, description = "The programme's code"),
        ("season" = String, Path, description = "The season's code, such as `2026-Q4`"),
        TransfersQuery,
    ),
    responses(
        (status = 200, description = "The transfers; none before it is closed", body = TransfersOut),
        (status = 403, description = "Only for HR and auditors", body = ProblemBody),
        (status = 404, description = "There is no such season, or it has not begun", body = ProblemBody),
    ))]
pub async fn adjustments(
    permit: Permit<PrepareSeason, SeasonTarget>,
    Query(query): Query<TransfersQuery>,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, .. } = permit;
    let SeasonTarget { programme: ProgrammeTarget(entry), season, .. } = target;
    let position = entry.position(&season.code);
    let read = state.read(move |db| {
        let rows = match position {
            Some(position) => {
                let since = position.max(query.since);
                seasons::moved_since(db, entry.code.as_str(), &season.code, since, query.limit.rows())?
            }
            None => Vec::new(),
        };
        Ok(shown(db, rows, query.limit, None)?)
    });
    Ok(HttpResponse::Ok().json(read.await?))
}
