//! Leaderboards: which there are, pages of them, and single entries.

mod answer;
pub(super) mod asked;
mod history;
mod listed;
pub mod reading;
pub(super) mod target;

use std::hash::Hasher;

use actix_web::http::header::EntityTag;
use actix_web::{HttpRequest, HttpResponse};
use bytes::{BufMut, Bytes, BytesMut};
use serde::{Deserialize, Serialize};
use siphasher::sip::SipHasher13;
use utoipa::IntoParams;

use self::answer::{BoardOut, EntryOut, OneEntryOut, PageOut, Shown, head};
use self::asked::{Place, Which, board_key};
use self::reading::followed;
use self::target::BoardTarget;
use super::conditional;
use super::page::{Cursor, Limit, Page};
use super::permit::{ListBoards, Permit, ReadBoard};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::session::Session;
use super::targets::person_reference;
use crate::boards::directory::Directory;
use crate::boards::live::LiveBoard;
use crate::boards::numbers::Number;
use crate::boards::view::{Row, Start};
use crate::boards::{BoardKey, Slot};
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::visibility::Visibility;
use crate::store::people::PersonRef;

pub use self::history::{__path_history, history};
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
    let slot = followed(&state, key.clone(), at_least).await?;
    let asked = AskedPage { around: query.around, place, limit: query.limit.get() };
    let (tag, page, me) = page(&state, &slot, &By { target, caller: caller.person, key }, &asked)?;
    Ok(conditional::answer_bytes(&request, tag, || with_me(&page, &me)))
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
    let which = Which { period: query.period.as_deref(), season: query.season.as_deref(), team: query.team.as_deref() };
    let (key, _) = board_key(&target, &which, None, &state.catalogue(), state.clock.now())?;
    let slot = followed(&state, key.clone(), 0).await?;
    let (tag, body) = one_entry(&state, &slot, &By { target, caller: caller.person, key })?;
    Ok(conditional::answer_bytes(&request, tag, || body))
}

/// Who asks for which board.
struct By {
    target: BoardTarget,
    caller: PersonId,
    key: BoardKey,
}

/// Which page of it.
struct AskedPage {
    around: Option<String>,
    place: Option<Place>,
    limit: usize,
}

/// A page as everybody sees it, and the caller's own entry; the page's tag.
fn page(state: &Session, slot: &Slot, by: &By, asked: &AskedPage) -> Result<(EntityTag, Bytes, Bytes), ApiError> {
    let looked = state.boards.look(slot, |board, directory| {
        let at =
            asked.place.as_ref().map_or((board.version(), board.edition()), |place| (place.version, place.edition));
        let view = board.at(at.0, at.1).map_err(|_| ProblemCode::CursorExpired)?;
        check_size(board)?;
        let shown = Shown::new((board, directory), view, &by.target, &by.key);
        let me = subject(board, directory, by, "me");
        let me = json(&me.and_then(|me| shown.own(me)))?;
        let first = asked.around.is_none() && asked.place.is_none();
        let pages = slot.pages();
        let kept = pages.first(asked.limit).filter(|_| first && pages.state == at);
        if let Some(kept) = kept {
            return Ok((tag(at, &me), kept.clone(), me));
        }
        let page = json(&page_out(board, directory, &shown, (at, asked), by)?)?;
        if first && pages.state == at {
            pages.keep(asked.limit, &page);
        }
        Ok((tag(at, &me), page, me))
    });
    looked.unwrap_or_else(|| Err(ProblemCode::NotFound.into()))
}

/// The first page of a board as a caller sees it in its present state, and its tag.
pub(super) fn first_page(
    state: &Session,
    slot: &Slot,
    (target, key): (BoardTarget, BoardKey),
    caller: PersonId,
    limit: Limit,
) -> Result<(EntityTag, Bytes), ApiError> {
    let asked = AskedPage { around: None, place: None, limit: limit.get() };
    let (tag, page, me) = page(state, slot, &By { target, caller, key }, &asked)?;
    Ok((tag, with_me(&page, &me)))
}

/// Refuses a board that is narrowed to too small a group.
fn check_size(board: &LiveBoard) -> Result<(), Problem> {
    if board.is_too_small() {
        let smallest = board.catalogue().organization.privacy.smallest_group;
        return Err(Problem::new(ProblemCode::GroupTooSmall).with("smallest", smallest));
    }
    Ok(())
}

fn page_out<'a>(
    board: &'a LiveBoard,
    directory: &'a Directory,
    shown: &Shown<'a>,
    (at, asked): ((i64, i64), &AskedPage),
    by: &'a By,
) -> Result<PageOut<'a>, ApiError> {
    let view = shown.view();
    let rows: Vec<Row> = match (&asked.around, &asked.place) {
        (Some(around), _) => {
            let number = subject(board, directory, by, around).ok_or(ProblemCode::NotFound)?;
            let oneself = subject(board, directory, by, "me") == Some(number);
            around_rows(board, directory, shown, number, (oneself, asked.limit)).ok_or(ProblemCode::NotFound)?
        }
        (None, place) => view.page(place.as_ref().map_or(Start::Top, Place::start), asked.limit),
    };
    let rows: Vec<Row> = rows.into_iter().filter(|row| shown.is_seen(row)).collect();
    let follows = |last: &&Row| view.page(view.after(last), 1).iter().any(|row| shown.is_seen(row));
    let next = rows.last().filter(follows);
    Ok(PageOut {
        head: head(&by.key, &by.target, board, (at.0, view.total())),
        items: rows.iter().filter_map(|row| shown.entry(*row)).collect(),
        not_enough_yet: shown.apart().filter(|_| asked.around.is_none() && asked.place.is_none()),
        next: next
            .and_then(|last| Place::after(view, last, at, &by.key))
            .map(|place| place.cursor(&by.key))
            .transpose()?,
    })
}

/// The rows around a subject: of oneself wherever one would be, of others only where they are seen.
fn around_rows(
    board: &LiveBoard,
    directory: &Directory,
    shown: &Shown<'_>,
    number: Number,
    (oneself, limit): (bool, usize),
) -> Option<Vec<Row>> {
    let score =
        if oneself { shown.place(number) } else { named_row(board, directory, shown, number).map(|row| row.score) }?;
    let contender = board.contender(number, board.subject_of(directory, number)?);
    Some(shown.view().around(contender, score, limit))
}

/// The row of somebody whom others see by name.
fn named_row(board: &LiveBoard, directory: &Directory, shown: &Shown<'_>, number: Number) -> Option<Row> {
    if board.seen(directory, number) != Visibility::Named {
        return None;
    }
    let score = shown.view().score_of(number)?;
    let contender = board.contender(number, board.subject_of(directory, number)?);
    Some(Row { rank: shown.view().rank_with(score), contender, score }).filter(|row| shown.is_seen(row))
}

fn one_entry(state: &Session, slot: &Slot, by: &By) -> Result<(EntityTag, Bytes), ApiError> {
    let looked = state.boards.look(slot, |board, directory| {
        let at = (board.version(), board.edition());
        let shown = Shown::new((board, directory), board.now(), &by.target, &by.key);
        let number = subject(board, directory, by, &by.target.subject).ok_or(ProblemCode::NotFound)?;
        let own = subject(board, directory, by, "me") == Some(number);
        check_size(board)?;
        let entry: Option<EntryOut<'_>> = if own {
            shown.own(number)
        } else {
            named_row(board, directory, &shown, number).and_then(|row| shown.entry(row))
        };
        let head = head(&by.key, &by.target, board, (at.0, shown.view().total()));
        let body = json(&OneEntryOut { head, entry: entry.ok_or(ProblemCode::NotFound)? })?;
        Ok((tag(at, &body), body))
    });
    looked.unwrap_or_else(|| Err(ProblemCode::NotFound.into()))
}

/// The subject that is referred to.
fn subject(board: &LiveBoard, directory: &Directory, by: &By, reference: &str) -> Option<Number> {
    let teams = &board.catalogue().teams;
    match (board.is_of_persons(), reference) {
        (true, "me") => directory.number_of(by.caller.0),
        (true, other) => match person_reference(other) {
            PersonRef::Id(id) => directory.number_of(id.0),
            PersonRef::UserName(name) => directory.number_of_user(&name),
            PersonRef::Email(_) | PersonRef::ExternalId(_) => None,
        },
        (false, "me") => {
            let home = directory.home(directory.number_of(by.caller.0)?);
            board.number_of(directory, directory.teams().id(home)?)
        }
        (false, other) => {
            let by_id = || other.parse::<TeamId>().ok().and_then(|id| teams.get(id));
            board.number_of(directory, teams.by_code(other).or_else(by_id)?.id.0)
        }
    }
}

fn json(body: &impl Serialize) -> Result<Bytes, ApiError> {
    serde_json::to_vec(body).map(Bytes::from).map_err(ApiError::internal)
}

/// A [`BoardOut`] of its two parts, without putting the page together again.
fn with_me(page: &[u8], me: &[u8]) -> Bytes {
    let mut body = BytesMut::with_capacity(page.len() + me.len() + 8);
    body.put_slice(page.strip_suffix(b"}").unwrap_or(page));
    body.put_slice(b",\"me\":");
    body.put_slice(me);
    body.put_u8(b'}');
    body.freeze()
}

/// The tag of a state as one viewer sees it: two viewers see the same, but for their own entry.
fn tag((version, edition): (i64, i64), own: &[u8]) -> EntityTag {
    let mut digest = SipHasher13::new();
    digest.write(own);
    EntityTag::new_strong(format!("v{version}.{edition:x}.{:x}", digest.finish()))
}
