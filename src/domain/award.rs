//! What a rule grants for one cause.

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use super::ids::{Code, SignalId, Subject, TeamId};
use super::period::Per;
use super::points::Points;
use super::time::Instant;

/// What an award rests on (SEMANTICS S7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// One signal: by a rule that judges each, or as the one that completes a streak.
    Signal(SignalId),
    /// A local day that completes a streak of days.
    Day(NaiveDate),
    /// A goal of a period, met for the n-th time.
    Goal(GoalCause),
    /// The same of a team, of which somebody was a member.
    TeamGoal(TeamId, GoalCause),
}

/// A goal met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GoalCause {
    /// The kind of its period.
    pub per: Per,
    /// The first local day of its period.
    pub first_day: NaiveDate,
    /// For which time, from 1 on.
    pub n: u32,
}

const PERS: [(Per, &str); 7] = [
    (Per::Day, "day"),
    (Per::Week, "week"),
    (Per::Month, "month"),
    (Per::Quarter, "quarter"),
    (Per::HalfYear, "half_year"),
    (Per::Year, "year"),
    (Per::Season, "season"),
];

impl GoalCause {
    /// The name of the kind of its period.
    pub fn per_name(&self) -> &'static str {
        PERS.iter().find(|(per, _)| *per == self.per).map_or("season", |(_, name)| name)
    }
}

impl fmt::Display for GoalCause {
    /// `month:2026-11-01:1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.per_name(), self.first_day, self.n)
    }
}

impl FromStr for GoalCause {
    type Err = NoCause;

    fn from_str(text: &str) -> Result<Self, NoCause> {
        let mut parts = text.split(':');
        let mut part = || parts.next().ok_or(NoCause);
        let (name, first_day, n) = (part()?, part()?, part()?);
        let (per, _) = PERS.iter().find(|(_, known)| *known == name).ok_or(NoCause)?;
        Ok(Self { per: *per, first_day: first_day.parse().map_err(|_| NoCause)?, n: n.parse().map_err(|_| NoCause)? })
    }
}

impl fmt::Display for Cause {
    /// Its text in the ledger.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Signal(signal) => write!(f, "signal:{signal}"),
            Self::Day(day) => write!(f, "day:{day}"),
            Self::Goal(goal) => write!(f, "goal:{goal}"),
            Self::TeamGoal(team, goal) => write!(f, "team:{team}:{goal}"),
        }
    }
}

/// A text names no cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no cause of an award")]
pub struct NoCause;

impl TryFrom<String> for Cause {
    type Error = NoCause;

    fn try_from(text: String) -> Result<Self, NoCause> {
        let (kind, rest) = text.split_once(':').ok_or(NoCause)?;
        match kind {
            "signal" => rest.parse().map(Self::Signal).map_err(|_| NoCause),
            "day" => rest.parse().map(Self::Day).map_err(|_| NoCause),
            "goal" => rest.parse().map(Self::Goal),
            "team" => {
                let (team, goal) = rest.split_once(':').ok_or(NoCause)?;
                Ok(Self::TeamGoal(team.parse().map_err(|_| NoCause)?, goal.parse()?))
            }
            _ => Err(NoCause),
        }
    }
}

impl Cause {
    /// The same goal met for another time; other causes happen once.
    pub fn for_time(self, n: u32) -> Self {
        match self {
            Self::Goal(goal) => Self::Goal(GoalCause { n, ..goal }),
            Self::TeamGoal(team, goal) => Self::TeamGoal(team, GoalCause { n, ..goal }),
            once => once,
        }
    }
}

/// An award's identity within one programme and season (SEMANTICS S6).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AwardKey {
    /// The rule that grants it.
    pub rule: Code,
    /// Who receives it.
    pub subject: Subject,
    /// What it rests on.
    pub cause: Cause,
}

/// What an award grants: two awards of one identity are the same if this is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Points, at least 0; 0 only beside a badge.
    pub points: Points,
    /// A badge.
    pub badge: Option<Code>,
    /// When it was earned: the instant of its cause, not of its recording.
    pub at: Instant,
    /// The programme version that was in force.
    pub version: u32,
}

/// An award of one programme and season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    /// Which.
    pub key: AwardKey,
    /// What.
    pub content: Content,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_cause_is_read_from_its_text() {
        let first_day = "2026-11-01".parse().unwrap();
        let goal = GoalCause { per: Per::HalfYear, first_day, n: 3 };
        for cause in [
            Cause::Signal(SignalId(Uuid::from_u128(1))),
            Cause::Day(first_day),
            Cause::Goal(goal),
            Cause::TeamGoal(TeamId(Uuid::from_u128(2)), goal),
        ] {
            assert_eq!(Cause::try_from(cause.to_string()), Ok(cause));
        }
        for text in
            ["", "signal", "signal:x", "day:2026-13-01", "goal:month:2026-11-01", "goal:all:2026-11-01:1", "team:x:y"]
        {
            assert_eq!(Cause::try_from(text.to_owned()), Err(NoCause), "{text}");
        }
    }
}
