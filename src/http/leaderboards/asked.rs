//! Which board, period and place a request asks for.

use serde::{Deserialize, Serialize};

use super::target::BoardTarget;
use crate::boards::BoardKey;
use crate::boards::view::{Row, Start, View};
use crate::catalogue::Catalogue;
use crate::domain::ids::Code;
use crate::domain::period::{Per, Period};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::time::Instant;
use crate::http::page::Cursor;
use crate::http::problem::ApiError;

const CURRENT: &str = "current";
const PREVIOUS: &str = "previous";

/// Which board in which period, as query parameters say it.
#[derive(Debug, Default)]
pub struct Which<'a> {
    /// `period`.
    pub period: Option<&'a str>,
    /// `season`.
    pub season: Option<&'a str>,
    /// `team`.
    pub team: Option<&'a str>,
}

/// Where a page starts, and of which state of the board: what a cursor carries.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Place {
    /// The board's version.
    pub version: i64,
    /// Its edition.
    pub edition: i64,
    /// The last day of the period: the period itself, whatever `current` has come to mean since.
    last_day: chrono::NaiveDate,
    score: i64,
    /// The digest that orders whoever stands there inside a tie; who that is it does not tell.
    tie: u32,
    count: usize,
}

impl Place {
    /// After a row of a state of a board.
    pub fn after(view: &View<'_>, row: &Row, (version, edition): (i64, i64), key: &BoardKey) -> Option<Self> {
        let last_day = key.period.until_day.pred_opt()?;
        match view.after(row) {
            Start::After { score, tie, count } => Some(Self { version, edition, last_day, score, tie, count }),
            Start::Top => None,
        }
    }

    /// The place among rows.
    pub fn start(&self) -> Start {
        Start::After { score: self.score, tie: self.tie, count: self.count }
    }

    /// As a cursor.
    pub fn cursor(&self, key: &BoardKey) -> Result<Cursor, ApiError> {
        Cursor::after(&list_name(key), self)
    }
}

/// The board that is asked for, and the place in it if a cursor names one.
pub fn board_key(
    target: &BoardTarget,
    which: &Which<'_>,
    after: Option<&Cursor>,
    catalogue: &Catalogue,
    now: Instant,
) -> Result<(BoardKey, Option<Place>), ApiError> {
    let team = which.team.map(|code| team(catalogue, code)).transpose()?;
    let (calendar, per) = (&target.programme.calendar, target.board.period);
    let (programme, board) = (target.entry.code.clone(), target.board.code.clone());
    let Some(cursor) = after else {
        let period = period(target, which, now)?;
        return Ok((BoardKey { programme, board, period, team }, None));
    };
    // The name of a board's list does not depend on the period, which the place brings with it.
    let current = calendar.zone.local(now).0;
    let any_day = |period: Option<Period>| period.ok_or(ProblemCode::NotFound);
    let mut key = BoardKey { programme, board, period: any_day(calendar.period_of(Per::Day, current))?, team };
    let place: Place = cursor.key(&list_name(&key))?;
    key.period = any_day(calendar.period_of(per, place.last_day))?;
    let named = which.period.filter(|code| ![CURRENT, PREVIOUS].contains(code));
    if key.period.from > now || named.is_some_and(|code| code != key.period.code) {
        let reason = "`after` goes on with the period it was given for; leave `period` as it was";
        return Err(Problem::new(ProblemCode::InvalidQuery).with("reason", reason).into());
    }
    Ok((key, Some(place)))
}

fn list_name(key: &BoardKey) -> String {
    let team = key.team.as_ref().map_or("", Code::as_str);
    format!("board.2:{}/{}/{team}", key.programme, key.board)
}

fn team(catalogue: &Catalogue, code: &str) -> Result<Code, ApiError> {
    let team = catalogue.teams.by_code(code);
    let team = team.ok_or_else(|| Finding::new("team", ProblemCode::UnknownTeam).with("team", code))?;
    Ok(team.code.clone())
}

/// The period of a board that is asked for; those that have not begun are not there.
fn period(target: &BoardTarget, which: &Which<'_>, now: Instant) -> Result<Period, ApiError> {
    let (calendar, per) = (&target.programme.calendar, target.board.period);
    let code = which.period.unwrap_or(CURRENT);
    let found = calendar.period_named(per, code, which.season, calendar.zone.local(now).0);
    match found {
        // Rolling days are named by their last one.
        Some(period) if matches!(per, Per::Days(_)) && period.until_day > next_day(calendar.zone.local(now).0) => {
            Err(ProblemCode::NotFound.into())
        }
        Some(period) if period.from <= now => Ok(period),
        Some(_) => Err(ProblemCode::NotFound.into()),
        // Outside every season there is none, which is nobody's mistake.
        None if [CURRENT, PREVIOUS].contains(&code) => Err(ProblemCode::NotFound.into()),
        None => Err(Finding::new("period", ProblemCode::InvalidPeriod).with("example", example(per)).into()),
    }
}

fn next_day(day: chrono::NaiveDate) -> chrono::NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// How the codes of a kind of period look.
fn example(per: Per) -> String {
    match per {
        Per::Day => "2026-11-03".to_owned(),
        Per::Week => "2026-W46".to_owned(),
        Per::Month => "2026-11".to_owned(),
        Per::Quarter => "2026-Q4".to_owned(),
        Per::HalfYear => "2026-H2".to_owned(),
        Per::Year => "2026".to_owned(),
        Per::Season => "season:2026-Q4".to_owned(),
        Per::All => "all".to_owned(),
        Per::Days(count) => format!("days:{count}@2026-11-03"),
    }
}
