//! How somebody has stood on a board, period by period, and what they earned day by day.
//!
//! Each period is the board that a page of that period shows: what closed seasons published stands, open ones follow the
//! evidence (SEMANTICS S36).

use actix_web::{HttpRequest, HttpResponse};
use chrono::{Days, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use super::answer::{EntryOut, Millionths, PeriodOut, Score, Shown, SubjectOut};
use super::reading::followed;
use super::target::BoardTarget;
use super::{By, json, named_row, subject, tag};
use crate::boards::BoardKey;
use crate::domain::ids::PersonId;
use crate::domain::period::{Period, Zone};
use crate::domain::problem::ProblemCode;
use crate::domain::programme::{BoardSubject, Rank};
use crate::domain::time::{Instant, Window};
use crate::http::conditional;
use crate::http::permit::{Permit, ReadBoard};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::query::Query;
use crate::http::session::Session;
use crate::store::board_evidence as evidence;
use crate::store::boards::Counted;
use crate::store::head as sequence;
use crate::store::row::corrupt;

/// The most days that are told.
const MOST_DAYS: u64 = 92;
/// How often days and board are read at most until they are of one state of the data.
const ATTEMPTS: usize = 4;

/// What a history is asked for with.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct HistoryQuery {
    /// A person (`me`, an id or a user name), or a team (a code or id; `me`: the caller's home team). `me` unless given.
    subject: Option<String>,
    /// How many periods, the current one included: 1 to 24; 12 unless given.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    periods: Periods,
}

/// How many periods.
#[derive(Debug, Clone, Copy)]
struct Periods(usize);

impl Default for Periods {
    fn default() -> Self {
        Self(12)
    }
}

impl<'de> Deserialize<'de> for Periods {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let refused = || serde::de::Error::custom("periods is a whole number from 1 to 24");
        let periods = usize::deserialize(deserializer).map_err(|_| refused())?;
        if (1..=24).contains(&periods) { Ok(Self(periods)) } else { Err(refused()) }
    }
}

/// How somebody has stood on a board.
#[derive(Debug, Serialize, ToSchema)]
pub struct HistoryOut<'a> {
    /// Code of the programme.
    pub programme: &'a str,
    /// Code of the board.
    pub board: &'a str,
    /// Who.
    #[schema(value_type = SubjectOut)]
    pub subject: Value,
    /// The best rank of these periods, and the latest period that has it; null without any rank.
    pub best: Option<BestOut<'a>>,
    /// Periods since the programme began, the latest first.
    pub periods: Vec<PastOut<'a>>,
    /// What was earned on each local day of the latest period so far, at most the last 92, in order; not on boards of teams
    /// or measures, and not of others where the board does not show them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<Vec<DayOut>>,
}

/// A best rank.
#[derive(Debug, Serialize, ToSchema)]
pub struct BestOut<'a> {
    /// The rank.
    pub rank: usize,
    /// Code of the period.
    pub period: &'a str,
}

/// How somebody stood in a period, or stands: rank, score and what else is null where they are not listed, or not shown.
#[derive(Debug, Serialize, ToSchema)]
pub struct PastOut<'a> {
    /// The period. Closed is what was published; otherwise it follows the evidence.
    pub period: PeriodOut<'a>,
    /// 1 + the listed with a higher score.
    pub rank: Option<usize>,
    /// Points or kudos, or that of a measure.
    #[schema(value_type = Option<f64>)]
    pub score: Option<Score>,
    /// On boards of measures: the value as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<f64>)]
    pub value: Option<Millionths>,
    /// On boards of measures: how many values.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// How many are listed.
    pub total: usize,
    /// Code of the tier that the score reaches; only on boards of persons over the season.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
}

/// What was earned on a day.
#[derive(Debug, Serialize, ToSchema)]
pub struct DayOut {
    /// The local day.
    pub day: NaiveDate,
    /// Points, on boards of points.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<i64>,
    /// Kudos received that everybody may see, on boards of kudos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kudos: Option<i64>,
}

/// A history
///
/// How somebody has stood on a board, period by period: the same as the entries of these periods. Closed seasons stay as
/// they were published; periods of open seasons follow the evidence and say `closed: false`.
#[utoipa::path(get, path = "/api/v1/leaderboards/{programme}/{board}/history", tag = "Leaderboards",
    params(
        ("programme" = String, Path, description = "Code of the programme"),
        ("board" = String, Path, description = "Code of the board"),
        HistoryQuery,
    ),
    responses(
        (status = 200, description = "The history", body = HistoryOut),
        (status = 304, description = "Unchanged since the state named in If-None-Match"),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 404, description = "No such board, or no entry for the caller in any of the periods", body = ProblemBody),
    ))]
pub async fn history(
    permit: Permit<ReadBoard, BoardTarget>,
    request: HttpRequest,
    Query(query): Query<HistoryQuery>,
) -> Result<HttpResponse, ApiError> {
    let Permit { state, mut target, caller, .. } = permit;
    target.subject = query.subject.unwrap_or_else(|| "me".to_owned());
    let periods = periods(&target, state.clock.now(), query.periods.0);
    let (latest, earlier) = periods.split_first().ok_or(ProblemCode::NotFound)?;
    let by = |period: &Period| {
        let (period, programme, board) = (period.clone(), target.entry.code.clone(), target.board.code.clone());
        let key = BoardKey { programme, board, period, team: None };
        By { target: target.clone(), caller: caller.person, key }
    };
    let (first, days) = with_days(&state, by(latest)).await?;
    let at = first.state;
    let mut stood = vec![first];
    for period in earlier {
        stood.push(stand(&state, by(period), 0).await?);
    }
    let body = json(&history_out(&target, (&periods, stood), days).ok_or(ProblemCode::NotFound)?)?;
    Ok(conditional::answer_bytes(&request, tag(at, &body), || body))
}

/// The last periods of a board, the latest first: from the current one, or outside every season the one before, back to
/// the programme's beginning.
fn periods(target: &BoardTarget, now: Instant, most: usize) -> Vec<Period> {
    let calendar = &target.programme.calendar;
    let today = calendar.zone.local(now).0;
    let begins = target.entry.first_day().map_or(today, |first| first.min(today));
    let (mut found, mut day) = (Vec::new(), Some(today));
    while let Some(last) = day.filter(|day| *day >= begins && found.len() < most) {
        let period = calendar.period_of(target.board.period, last);
        day = period.as_ref().map_or(last, |period| period.first_day).pred_opt();
        found.extend(period);
    }
    found
}

/// How a subject stands on the board of one period.
struct Stood {
    closed: bool,
    total: usize,
    /// None where they are not listed, or not shown.
    entry: Option<Line>,
    /// Of persons: who.
    person: Option<PersonId>,
    /// Version and edition.
    state: (i64, i64),
}

/// What is told of an entry.
struct Line {
    subject: Value,
    rank: Option<usize>,
    score: Option<Score>,
    value: Option<Millionths>,
    samples: Option<u32>,
    tier: Option<String>,
}

impl Line {
    fn of(entry: &EntryOut<'_>) -> Result<Self, ApiError> {
        Ok(Self {
            subject: serde_json::to_value(&entry.subject).map_err(ApiError::internal)?,
            rank: entry.rank,
            score: entry.score,
            value: entry.value,
            samples: entry.samples,
            tier: entry.tier.map(str::to_owned),
        })
    }
}

async fn stand(state: &Session, by: By, at_least: i64) -> Result<Stood, ApiError> {
    let slot = followed(state, by.key.clone(), at_least).await?;
    let looked = state.boards.look(&slot, |board, directory| {
        let shown = Shown::new((board, directory), board.now(), &by.target, &by.key);
        let total = shown.view().total();
        let number = subject(board, directory, &by, &by.target.subject);
        let own = number.is_some() && subject(board, directory, &by, "me") == number;
        let entry = match number {
            Some(number) if own => shown.own(number),
            Some(number) => named_row(board, directory, &shown, number).and_then(|row| shown.entry(row)),
            None => None,
        };
        let person = number.filter(|_| board.is_of_persons()).and_then(|number| directory.id_of(number));
        Ok(Stood {
            closed: board.is_closed(),
            total,
            entry: entry.as_ref().map(Line::of).transpose()?,
            person: person.map(PersonId),
            state: (board.version(), board.edition()),
        })
    });
    looked.unwrap_or_else(|| Err(ProblemCode::NotFound.into()))
}

/// How a subject stands in a period, and what they earned in it by day: both of one state of the data, unless that goes on
/// changing.
async fn with_days(state: &Session, by: By) -> Result<(Stood, Option<Vec<DayOut>>), ApiError> {
    let again = || By { target: by.target.clone(), caller: by.caller, key: by.key.clone() };
    let mut stood = stand(state, again(), 0).await?;
    let told = by.target.board.subject == BoardSubject::Person
        && !matches!(by.target.board.rank, Rank::Measure { .. })
        && stood.entry.is_some();
    let Some(person) = stood.person.filter(|_| told) else { return Ok((stood, None)) };
    let asked = Asked::new(&by, person, state.clock.now());
    let mut days = None;
    for _ in 0..ATTEMPTS {
        let whose = asked.clone();
        let (read_at, earned) = state.read(move |db| Ok((sequence::read(db)?, whose.earned(db)?))).await?;
        days = Some(asked.days(&earned)?);
        stood = stand(state, again(), read_at).await?;
        if stood.state.0 <= read_at {
            break;
        }
    }
    // They may have chosen not to be seen meanwhile.
    let days = days.filter(|_| stood.entry.is_some());
    Ok((stood, days))
}

/// Whose days are asked for.
#[derive(Clone)]
struct Asked {
    person: String,
    programme: String,
    of_kudos: bool,
    zone: Zone,
    first: NaiveDate,
    until: NaiveDate,
}

impl Asked {
    /// Those of a period so far.
    fn new(by: &By, person: PersonId, now: Instant) -> Self {
        let (zone, period) = (by.target.programme.calendar.zone.clone(), &by.key.period);
        let tomorrow = zone.local(now).0.succ_opt().unwrap_or(period.until_day);
        let until = period.until_day.min(tomorrow);
        let first = until.checked_sub_days(Days::new(MOST_DAYS)).unwrap_or(period.first_day);
        Self {
            person: person.to_string(),
            programme: by.key.programme.to_string(),
            of_kudos: by.target.board.rank == Rank::Kudos,
            zone,
            first: first.max(period.first_day),
            until,
        }
    }

    /// When what was earned.
    fn earned(&self, db: &mut crate::store::db::Db) -> diesel::QueryResult<Vec<(Instant, i64)>> {
        let (from, until) = (self.zone.start_of(self.first), self.zone.start_of(self.until));
        if self.of_kudos {
            let person = std::slice::from_ref(&self.person);
            let received = evidence::kudos_instants_of(db, Window { from, until }, person)?;
            return Ok(received.into_iter().map(|(_, at)| (at, 1)).collect());
        }
        evidence::points_by_instant(db, Counted { programme: &self.programme, from, until }, &self.person)
    }

    /// The same by local day, days without anything too.
    fn days(&self, earned: &[(Instant, i64)]) -> Result<Vec<DayOut>, ApiError> {
        let mut sums: std::collections::BTreeMap<NaiveDate, i64> =
            self.first.iter_days().take_while(|day| *day < self.until).map(|day| (day, 0)).collect();
        for (at, points) in earned {
            let sum = sums.entry(self.zone.local(*at).0).or_default();
            *sum = sum.checked_add(*points).ok_or_else(|| ApiError::from(corrupt("points of a day out of range")))?;
        }
        let out =
            |(day, sum)| DayOut { day, points: (!self.of_kudos).then_some(sum), kudos: self.of_kudos.then_some(sum) };
        Ok(sums.into_iter().map(out).collect())
    }
}

/// None without an entry in any of the periods.
fn history_out<'a>(
    target: &'a BoardTarget,
    (periods, stood): (&'a [Period], Vec<Stood>),
    days: Option<Vec<DayOut>>,
) -> Option<HistoryOut<'a>> {
    let subject = stood.iter().find_map(|stood| stood.entry.as_ref()).map(|entry| entry.subject.clone())?;
    let rank = |(period, stood): (&'a Period, &Stood)| {
        Some(BestOut { rank: stood.entry.as_ref()?.rank?, period: &period.code })
    };
    // Of equal ranks the first, which is the latest.
    let best = periods.iter().zip(&stood).filter_map(rank).min_by_key(|best| best.rank);
    let past = |(period, stood): (&'a Period, Stood)| {
        let entry = stood.entry.as_ref();
        PastOut {
            period: PeriodOut::of(period, target, stood.closed),
            rank: entry.and_then(|entry| entry.rank),
            score: entry.and_then(|entry| entry.score),
            value: entry.and_then(|entry| entry.value),
            samples: entry.and_then(|entry| entry.samples),
            total: stood.total,
            tier: stood.entry.and_then(|entry| entry.tier),
        }
    };
    Some(HistoryOut {
        programme: target.entry.code.as_str(),
        board: target.board.code.as_str(),
        subject,
        best,
        periods: periods.iter().zip(stood).map(past).collect(),
        days,
    })
}
