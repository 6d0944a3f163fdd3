//! Contests as they are sent.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::ContestantOut;
use crate::boards::contest::Edition;
use crate::domain::contest::ScoreForm;
use crate::domain::period::Period;
use crate::domain::programme::Prize;
use crate::domain::season::Kind;
use crate::http::fields::Names;
use crate::http::page::Cursor;

/// A contest in one of its periods.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContestHead {
    /// Code of the programme.
    pub programme: String,
    /// Code of the contest.
    pub contest: String,
    /// Its name.
    pub name: Names,
    /// Code of the board that it goes by.
    pub board: String,
    /// `person` or `team`.
    pub subject: &'static str,
    /// Its days.
    pub period: ContestPeriod,
    /// `upcoming`, `running`, `ended` (and not finalised yet) or `finalised`.
    pub state: &'static str,
    /// From when on it can be finalised: when everything in it is decided.
    pub decided_at: DateTime<Utc>,
    /// When it was finalised; null before.
    pub finalised_at: Option<DateTime<Utc>>,
}

/// The days of a contest.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContestPeriod {
    /// Its code, such as `2026-11`; `once` of a contest with dates of its own.
    pub code: String,
    /// Code of the season that its badges belong to.
    pub season: String,
    /// Its first local day.
    pub from: NaiveDate,
    /// The local day after its last.
    pub until: NaiveDate,
    /// Its last local day.
    pub last_day: NaiveDate,
}

impl ContestPeriod {
    /// Some days.
    pub fn new(period: &Period, season: &str) -> Self {
        Self {
            code: period.code.clone(),
            season: season.to_owned(),
            from: period.first_day,
            until: period.until_day,
            last_day: period.until_day.pred_opt().unwrap_or(period.until_day),
        }
    }
}

/// A contest, and a page of how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct ContestOut {
    /// Which contest, when, in which state.
    #[serde(flatten)]
    pub head: ContestHead,
    /// Who qualifies.
    pub qualify: QualifyOut,
    /// What is won, by rank.
    pub prizes: Vec<PrizeOut>,
    /// How many are placed, of those whom the caller may see.
    pub total: usize,
    /// A page of those placed, in order.
    pub items: Vec<PlacedOut>,
    /// The caller's own standing, or that of their team; null if they do not take part.
    pub me: Option<OwnOut>,
    /// Those who do not qualify, the nearest first, at most as many as a page has.
    pub not_qualified: Vec<NotQualifiedOut>,
    /// The prizes won, at most 200; null before somebody has finalised it. Where somebody hidden takes part, others see no
    /// prize but their own.
    pub winners: Option<Vec<WinnerOut>>,
    /// Who was taken out; only for HR.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub disqualified: Option<Vec<DisqualifiedOut>>,
    /// Give it as `after` for the next page; null on the last one.
    pub next: Option<Cursor>,
}

/// Who qualifies for a contest.
#[derive(Debug, Serialize, ToSchema)]
pub struct QualifyOut {
    /// From how many samples on: on boards of points awards with points, on those of measures values, of kudos kudos.
    pub samples: u32,
}

/// A prize.
#[derive(Debug, Serialize, ToSchema)]
pub struct PrizeOut {
    /// The first and the last rank that wins it; all who share a rank do.
    pub ranks: [u32; 2],
    /// Code of a badge, held for good.
    pub badge: Option<String>,
    /// Code of a reward.
    pub reward: Option<String>,
}

impl From<&Prize> for PrizeOut {
    fn from(prize: &Prize) -> Self {
        Self {
            ranks: [prize.first, prize.last],
            badge: prize.badge.as_ref().map(ToString::to_string),
            reward: prize.reward.as_ref().map(ToString::to_string),
        }
    }
}

/// Somebody who is placed in a contest.
#[derive(Debug, Serialize, ToSchema)]
pub struct PlacedOut {
    /// 1 + the placed with a higher score: equal scores share a rank, and the next one is skipped.
    pub rank: usize,
    /// Who.
    pub subject: ContestantOut,
    /// Their score on the board over these days; null of a team of which it would uncover a member.
    #[schema(value_type = Option<f64>)]
    pub score: Option<ContestScore>,
    /// Their samples; null likewise.
    pub samples: Option<i64>,
}

/// A score in a contest.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(untagged)]
pub enum ContestScore {
    /// A whole number.
    Whole(i64),
    /// With decimals.
    Decimal(f64),
}

impl ContestScore {
    /// A score that ranks as a whole number.
    pub fn new(score: i64, form: ScoreForm) -> Self {
        let score = if form.is_negated { score.saturating_neg() } else { score };
        match form.decimals {
            0 => Self::Whole(score),
            decimals => Self::Decimal(score as f64 / 10_f64.powi(decimals.try_into().unwrap_or(0))),
        }
    }
}

/// How the caller, or their team, stands in a contest.
#[derive(Debug, Serialize, ToSchema)]
pub struct OwnOut {
    /// `placed`, `not_qualified`, `disqualified`, or `withheld` of a team of which even whether it qualifies would uncover a
    /// member.
    pub state: &'static str,
    /// Their rank among those whom others see, if they are placed.
    pub rank: Option<usize>,
    /// Their score; null if they were taken out.
    #[schema(value_type = Option<f64>)]
    pub score: Option<ContestScore>,
    /// Their samples; null if they were taken out.
    pub samples: Option<i64>,
    /// How many samples are missing; null if none is.
    pub missing: Option<i64>,
    /// Why they were taken out; null if they were not.
    pub note: Option<String>,
}

impl OwnOut {
    /// A state without numbers.
    pub fn new(state: &'static str) -> Self {
        Self { state, rank: None, score: None, samples: None, missing: None, note: None }
    }
}

/// Somebody who does not qualify.
#[derive(Debug, Serialize, ToSchema)]
pub struct NotQualifiedOut {
    /// Who.
    pub subject: ContestantOut,
    /// Their score on the board over these days; null of a team of which it would uncover a member.
    #[schema(value_type = Option<f64>)]
    pub score: Option<ContestScore>,
    /// Their samples; null likewise.
    pub samples: Option<i64>,
    /// How many are missing; null likewise.
    pub missing: Option<i64>,
}

/// A prize that somebody has won.
#[derive(Debug, Serialize, ToSchema)]
pub struct WinnerOut {
    /// Of which rank.
    pub rank: usize,
    /// Who.
    pub subject: ContestantOut,
    /// Code of the badge, held for good.
    pub badge: Option<String>,
    /// Code of the reward, which is due.
    pub reward: Option<String>,
}

/// Somebody who was taken out of a contest.
#[derive(Debug, Serialize, ToSchema)]
pub struct DisqualifiedOut {
    /// Who.
    pub subject: ContestantOut,
    /// Why.
    pub note: String,
    /// When.
    pub disqualified_at: DateTime<Utc>,
}

/// What finalising a contest came to.
#[derive(Debug, Serialize, ToSchema)]
pub struct FinalisedOut {
    /// Code of the programme.
    pub programme: String,
    /// Code of the contest.
    pub contest: String,
    /// Code of its period.
    pub period: String,
    /// Always `finalised`.
    pub state: &'static str,
    /// When it was finalised.
    pub finalised_at: DateTime<Utc>,
    /// The last number of the sequence that it holds.
    pub position: i64,
    /// The prizes won, at most 200.
    pub winners: Vec<WinnerOut>,
}

/// The name of what a contest ranks.
pub fn kind_name(edition: &Edition) -> &'static str {
    match edition.subjects() {
        Kind::Person => "person",
        Kind::Team => "team",
    }
}
