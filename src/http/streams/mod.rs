//! Streams: the page of a board, and news of oneself, as server-sent events.
//!
//! A stream says what a read would say now, when that has changed; it holds no history. One watcher an instance looks at
//! what has changed for all of them.

mod board;
mod frame;
mod line;
mod news;
mod open;
mod own;
mod ticket;
pub(super) mod watching;

use std::convert::Infallible;
use std::rc::Rc;
use std::task::Poll;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use bytes::Bytes;
use chrono::{DateTime, TimeDelta, Utc};
use futures_util::stream::{Stream, poll_fn, unfold};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::board::{BoardStream, Wanted};
use self::line::Listening;
use self::own::OwnStream;
use super::connection::Watched;
use super::layers::HeadOnly;
use super::leaderboards::target::BoardTarget;
use super::page::Limit;
use super::permit::{Asked, Permit, ReadBoard, ReadStanding, TakeStreamTicket, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use crate::access::policy::Relation;
use crate::store::db::Db;
use crate::writer::stream_ticket::{GiveTicket, Ticket};

pub use self::news::{BadgeNews, PointsNews, ProgrammeNews, StandingNews, TierNews};
pub use self::open::{METRIC, Streams};

/// How long a ticket may be used.
const TICKET_LIFETIME: TimeDelta = TimeDelta::seconds(60);

/// Which page of a board is streamed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BoardStreamQuery {
    /// `current` (unless given; it moves on with the calendar), `previous`, or a code such as `2026-11`.
    period: Option<String>,
    /// Code of the season, where its edge cuts the periods of one code in two; without it, the later part.
    season: Option<String>,
    /// Code of a team: only who is at home there or below now, ranked among themselves.
    team: Option<String>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// A ticket in place of a token.
    #[serde(rename = "ticket")]
    _ticket: Option<String>,
}

/// What news of oneself is asked for with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OwnStreamQuery {
    /// A ticket in place of a token.
    #[serde(rename = "ticket")]
    _ticket: Option<String>,
}

/// A ticket for one stream.
#[derive(Debug, Serialize, ToSchema)]
pub struct StreamTicketOut {
    /// Put it into the query of a stream as `ticket`.
    pub ticket: String,
    /// When it can no longer be used.
    pub expires_at: DateTime<Utc>,
}

/// Oneself.
pub struct Oneself;

impl Target for Oneself {
    fn find(asked: &Asked, _: &mut Db) -> diesel::QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(_: &Asked) -> Option<(Self, Vec<Relation>)> {
        Some((Self, vec![Relation::Themselves]))
    }
}

/// Stream a leaderboard
///
/// Server-sent events. `event: board` brings the page as `GET` of the board would give it now: at once, unless
/// `Last-Event-ID` names it, and after each change, at most once a second, the newest. Whoever lags behind misses pages, never the
/// newest. A comment comes every 15 seconds. The stream ends with the token that it was opened with, and when the caller no longer sees the board.
#[utoipa::path(get, path = "/api/v1/leaderboards/{programme}/{board}/stream", tag = "Streams",
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("board" = String, Path, description = "Code of the board"),
        BoardStreamQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event; browsers send it by themselves"),
    ),
    responses(
        (status = 200, description = "The stream", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 401, description = "No valid token, and no ticket that was not used", body = ProblemBody),
        (status = 404, description = "No such board or period for the caller", body = ProblemBody),
        (status = 422, description = "No period of the board, or no team", body = ProblemBody),
        (status = 429, description = "The caller has too many streams open", body = ProblemBody),
    ))]
pub async fn board(
    listening: Listening<ReadBoard, BoardTarget>,
    request: HttpRequest,
    Query(query): Query<BoardStreamQuery>,
) -> Result<HttpResponse, ApiError> {
    let wanted = Wanted { period: query.period, season: query.season, team: query.team, limit: query.limit };
    let stream = BoardStream::open(listening.line, listening.target, wanted, last_event(&request)).await?;
    Ok(answer(&request, unfold(stream, BoardStream::next)))
}

/// Stream news of oneself
///
/// Server-sent events. `event: standing` (a StandingNews) comes first; then `points` (PointsNews), `tier` (TierNews) and `badge` (BadgeNews)
/// as they come. With `Last-Event-ID` what came after that event comes first instead, or the standing if that
/// was much. A comment comes every 15 seconds. The stream ends with the token that it was opened with.
#[utoipa::path(get, path = "/api/v1/people/me/stream", tag = "Streams",
    params(
        OwnStreamQuery,
        ("Last-Event-ID" = Option<String>, Header, description = "The `id` of the last event; browsers send it by themselves"),
    ),
    responses(
        (status = 200, description = "The stream", body = String, content_type = "text/event-stream"),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 401, description = "No valid token, and no ticket that was not used", body = ProblemBody),
        (status = 429, description = "The caller has too many streams open", body = ProblemBody),
    ))]
pub async fn own(
    listening: Listening<ReadStanding, Oneself>,
    request: HttpRequest,
    query: Query<OwnStreamQuery>,
) -> Result<HttpResponse, ApiError> {
    // There is nothing in it but a ticket, which has been taken.
    drop(query);
    let has = last_event(&request).and_then(|id| id.parse().ok());
    let stream = OwnStream::open(listening.line, has).await?;
    Ok(answer(&request, unfold(stream, OwnStream::next)))
}

/// Get a ticket for a stream
///
/// For browsers' EventSource, which cannot send a token. It is good for one stream, opened within 60 seconds at any
/// instance; the stream ends when the token does that the ticket was asked for with.
#[utoipa::path(post, path = "/api/v1/stream-tickets", tag = "Streams",
    responses(
        (status = 201, description = "The ticket", body = StreamTicketOut),
        (status = 401, description = "No valid token", body = ProblemBody),
        (status = 429, description = "The caller has many tickets that are not used", body = ProblemBody),
    ))]
pub async fn give_ticket(permit: Permit<TakeStreamTicket>) -> Result<HttpResponse, ApiError> {
    let (secret, caller) = (&permit.state.catalogue().digest_key, &permit.caller);
    let out = StreamTicketOut {
        ticket: ticket::make(secret)?,
        expires_at: caller.until.min(permit.state.clock.now() + TICKET_LIFETIME),
    };
    let ticket =
        Ticket { person: caller.person, scope: caller.scope.clone(), token_until: caller.until, until: out.expires_at };
    let digest = ticket::digest_of(secret, &out.ticket)?;
    permit.state.write(permit.actor(), GiveTicket { digest, ticket }).await?;
    Ok(HttpResponse::Created().json(out))
}

/// The `id` of the last event that the caller has.
fn last_event(request: &HttpRequest) -> Option<String> {
    request.headers().get("last-event-id")?.to_str().ok().map(str::to_owned)
}

fn answer(request: &HttpRequest, stream: impl Stream<Item = Result<Bytes, Infallible>> + 'static) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CONTENT_TYPE, "text/event-stream; charset=utf-8"));
    answer.insert_header((CACHE_CONTROL, "no-store"));
    // Proxies of nginx's kind hold answers back unless told not to.
    answer.insert_header(("X-Accel-Buffering", "no"));
    if request.extensions().get::<HeadOnly>().is_some() {
        return answer.finish();
    }
    // The server's side is polled whenever the client's ends.
    let connection = request.conn_data::<Rc<Watched>>().cloned();
    let mut stream = Box::pin(stream);
    answer.streaming(poll_fn(move |cx| match &connection {
        Some(connection) if connection.has_said_all() => Poll::Ready(None),
        _ => stream.as_mut().poll_next(cx),
    }))
}
