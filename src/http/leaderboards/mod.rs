//! Leaderboards: which there are, pages of them, and single entries.

mod answer;
mod asked;
mod listed;
pub mod reading;
mod target;

use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};

use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use self::answer::{BoardOut, OneEntryOut, Shown, head};
use self::asked::{Place, Which, board_key};
use self::reading::read_board;
use self::target::BoardTarget;
use super::conditional;
use super::page::{Cursor, Limit, Page};
use super::permit::{ListBoards, Permit, ReadBoard};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::{home_team, person_reference};
use crate::boards::BoardKey;
use crate::boards::live::LiveBoard;
use crate::boards::view::{Row, Start, View};
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::programme::BoardSubject;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::people;

pub use self::listed::BoardListed;

/// What a page of a board is asked for with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BoardQuery {
    /// `current` (unless given), `previous`, or a code such as `2026-11`.
    period: Option<String>,
    /// Code of the season, where its edge cuts the periods of one code in two; without it, the later part.
    season: Option<String>,
    /// Code of a team: only who is at home there or below now, ranked among themselves.
    team: Option<String>,
    /// The page around a person (`me`, an id or a user name) or a team (a code or id; `me`: the caller's home team).
    around: Option<String>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// What an entry of a board is asked for with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct EntryQuery {
    /// `current` (unless given), `previous`, or a code such as `2026-11`.
    period: Option<String>,
    /// Code of the season, where its edge cuts the periods of one code in two; without it, the later part.
    season: Option<String>,
    /// Code of a team: only who is at home there or below now, ranked among themselves.
    team: Option<String>,
}

/// Leaderboards
///
/// Those that the caller may see, by programme.
#[utoipa::path(get, path = "/api/v1/leaderboards", tag = "Leaderboards",
    responses(
        (status = 200, description = "The boards", body = Page<BoardListed>),
        (status = 401, description = "No valid token", body = ProblemBody),
    ))]
pub async fn list(permit: Permit<ListBoards>) -> Result<HttpResponse, ApiError> {
    let boards = listed::seen_by(&permit.state, &permit.caller);
    Ok(HttpResponse::Ok().json(Page { items: boards, next: None }))
}

/// A leaderboard
///
/// A page of the ranks. Listed are the active who take part now or have earned something in the period, with 0 if they
/// have not. With `team`, those at home there or below now are ranked among themselves. A cursor shows the version it
/// was made for, whatever changes meanwhile; when that can no longer be read, it has expired.
#[utoipa::path(get, path = "/api/v1/leaderboards/{programme}/{board}", tag = "Leaderboards",
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("board" = String, Path, description = "Code of the board"),
        BoardQuery,
    ),
    responses(
        (status = 200, description = "A page of the board", body = BoardOut),
        (status = 304, description = "Unchanged since the version named in If-None-Match"),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 404, description = "No such board, period or person for the caller", body = ProblemBody),
        (status = 410, description = "The cursor's version can no longer be read", body = ProblemBody),
        (status = 422, description = "No period of the board, or no team", body = ProblemBody),
    ))]
pub async fn board(
    permit: Permit<ReadBoard, BoardTarget>,
    request: HttpRequest,
    Query(query): Query<BoardQuery>,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, caller, .. } = permit;
    if query.around.is_some() && query.after.is_some() {
        let reason = "`around` and `after` exclude each other";
        return Err(Problem::new(ProblemCode::InvalidQuery).with("reason", reason).into());
    }
    let now = state.clock.now();
    let which = Which { period: query.period.as_deref(), season: query.season.as_deref(), team: query.team.as_deref() };
    let (key, place) = board_key(&target, &which, query.after.as_ref(), &state.catalogue(), now)?;
    let at_least = place.as_ref().map_or(0, |place| place.version);
    let asked = AskedPage { around: query.around, place, limit: query.limit.get() };
    let by = By { target, caller: caller.person, now };
    let (tag, body) =
        read_board(&state, key.clone(), at_least, move |db, board| page(db, board, &key, &by, &asked)).await?;
    Ok(conditional::answer(&request, tag, &body))
}

/// An entry
///
/// Rank and score of one person or team: the same as in the list.
#[utoipa::path(get, path = "/api/v1/leaderboards/{programme}/{board}/entries/{subject}", tag = "Leaderboards",
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("board" = String, Path, description = "Code of the board"),
        ("subject" = String, Path, description = "A person (`me`, an id or a user name), or a team (a code or id; `me`: the caller's home team)"),
        EntryQuery,
    ),
    responses(
        (status = 200, description = "The entry", body = OneEntryOut),
        (status = 304, description = "Unchanged since the version named in If-None-Match"),
        (status = 404, description = "No such board, period or entry for the caller", body = ProblemBody),
        (status = 422, description = "No period of the board, or no team", body = ProblemBody),
    ))]
pub async fn entry(
    permit: Permit<ReadBoard, BoardTarget>,
    request: HttpRequest,
    Query(query): Query<EntryQuery>,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, caller, .. } = permit;
    let now = state.clock.now();
    let which = Which { period: query.period.as_deref(), season: query.season.as_deref(), team: query.team.as_deref() };
    let (key, _) = board_key(&target, &which, None, &state.catalogue(), now)?;
    let by = By { target, caller: caller.person, now };
    let (tag, body) = read_board(&state, key.clone(), 0, move |db, board| one_entry(db, board, &key, &by)).await?;
    Ok(conditional::answer(&request, tag, &body))
}

/// Who asks for which board, when.
struct By {
    target: BoardTarget,
    caller: PersonId,
    now: Instant,
}

/// Which page of it.
struct AskedPage {
    around: Option<String>,
    place: Option<Place>,
    limit: usize,
}

fn page(
    db: &mut Db,
    board: &LiveBoard,
    key: &BoardKey,
    by: &By,
    asked: &AskedPage,
) -> Result<(EntityTag, BoardOut), ApiError> {
    let state = asked.place.as_ref().map_or((board.version(), board.edition()), |place| (place.version, place.edition));
    let view = board.at(state.0, state.1).map_err(|_| ProblemCode::CursorExpired)?;
    let rows = match (&asked.around, &asked.place) {
        (Some(around), _) => {
            let rows = view.around(subject(db, board, by, around)?.ok_or(ProblemCode::NotFound)?, asked.limit);
            if rows.is_empty() {
                return Err(ProblemCode::NotFound.into());
            }
            rows
        }
        (None, place) => view.page(place.as_ref().map_or(Start::Top, Place::start), asked.limit),
    };
    let me = subject(db, board, by, "me")?.and_then(|me| row_of(&view, me));
    let named: Vec<Row> = rows.iter().copied().chain(me).collect();
    let shown = Shown::gather(db, board, &by.target, key, &named, by.now)?;
    let last = rows.last().filter(|last| !view.page(Start::from(**last), 1).is_empty());
    let next = last.map(|last| Place::after(*last, state, key).cursor(key)).transpose()?;
    let body = BoardOut {
        head: head(key, &by.target, board, (state.0, view.total())),
        items: rows.iter().filter_map(|row| shown.entry(*row)).collect(),
        me: me.and_then(|me| shown.entry(me)),
        next,
    };
    Ok((tag(state, me), body))
}

fn one_entry(db: &mut Db, board: &LiveBoard, key: &BoardKey, by: &By) -> Result<(EntityTag, OneEntryOut), ApiError> {
    let view = board.now();
    let row = subject(db, board, by, &by.target.subject)?.and_then(|subject| row_of(&view, subject));
    let row = row.ok_or(ProblemCode::NotFound)?;
    let entry = Shown::gather(db, board, &by.target, key, &[row], by.now)?.entry(row).ok_or(ProblemCode::NotFound)?;
    let state = (board.version(), board.edition());
    Ok((tag(state, Some(row)), OneEntryOut { head: head(key, &by.target, board, (state.0, view.total())), entry }))
}

fn row_of(view: &View<'_>, subject: Uuid) -> Option<Row> {
    let score = view.score_of(subject)?;
    Some(Row { rank: view.rank_with(score), subject, score })
}

/// The subject that is referred to.
fn subject(db: &mut Db, board: &LiveBoard, by: &By, reference: &str) -> Result<Option<Uuid>, ApiError> {
    match (board.subject(), reference) {
        (BoardSubject::Person, "me") => Ok(Some(by.caller.0)),
        (BoardSubject::Person, other) => match people::find(db, &person_reference(other))? {
            Some(person) => Ok(Some(person.person_id()?.0)),
            None => Ok(None),
        },
        (BoardSubject::Team(_), "me") => Ok(home_team(db, &by.caller.to_string(), by.now)?.map(|team| team.0)),
        (BoardSubject::Team(_), other) => {
            let teams = &board.catalogue().teams;
            let by_id = || other.parse::<TeamId>().ok().and_then(|id| teams.get(id));
            Ok(teams.by_code(other).or_else(by_id).map(|team| team.id.0))
        }
    }
}

/// The tag of a state as one viewer sees it: two viewers see the same, but for their own entry.
fn tag((version, edition): (i64, i64), me: Option<Row>) -> EntityTag {
    let me = me.map(|me| me.subject.simple().to_string()).unwrap_or_default();
    EntityTag::new_strong(format!("v{version}.{edition:x}.{me}"))
}
