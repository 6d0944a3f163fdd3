//! How recognition shows: badges, tiers, boards and contests.

use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::period::{DaySpan, Per};
use crate::domain::points::Points;

/// A badge.
#[derive(Debug, Clone)]
pub struct Badge {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// What it stands for.
    pub description: Option<Localised>,
    /// The address of its picture.
    pub image: Option<String>,
}

/// A tier: reached at so many points of a season.
#[derive(Debug, Clone)]
pub struct Tier {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// From how many points on.
    pub at: Points,
    /// The badge that the closing of the season grants for it.
    pub badge: Option<Code>,
    /// The reward that the closing of the season proposes for it.
    pub reward: Option<Code>,
}

/// A leaderboard.
#[derive(Debug, Clone)]
pub struct Board {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// By what it ranks.
    pub rank: Rank,
    /// Whom it ranks.
    pub subject: BoardSubject,
    /// Over which period.
    pub period: Per,
    /// How it shows whom it ranks.
    pub show: Show,
}

/// By what a board ranks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rank {
    /// Points.
    Points,
    /// Kudos received.
    Kudos,
    /// A measure.
    Measure {
        /// Which.
        measure: String,
        /// From how many values on somebody is ranked.
        min_samples: u32,
        /// The value that few values are drawn towards, and how many values it weighs.
        prior: Option<(Decimal4, Decimal4)>,
    },
}

/// How a board shows whom it ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Show {
    /// By name.
    Named,
    /// By alias.
    Alias,
    /// By name, and only the first so many.
    Top(u32),
    /// Oneself alone.
    Own,
}

/// A contest on a board, finalised by a person.
#[derive(Debug, Clone)]
pub struct Contest {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// The board that it goes by.
    pub board: Code,
    /// When it runs.
    pub runs: ContestRuns,
    /// From how many samples on somebody qualifies.
    pub qualify_samples: u32,
    /// What is won.
    pub prizes: Vec<Prize>,
}

/// When a contest runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContestRuns {
    /// In each period of a kind.
    Per(Per),
    /// On these local days.
    Days(DaySpan),
}

/// What some ranks of a contest win.
#[derive(Debug, Clone)]
pub struct Prize {
    /// The first rank.
    pub first: u32,
    /// The last rank.
    pub last: u32,
    /// A reward.
    pub reward: Option<Code>,
    /// A badge.
    pub badge: Option<Code>,
}

/// Whom a board ranks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BoardSubject {
    /// Persons.
    Person,
    /// Teams, with points combined so.
    Team(Combine),
}

/// How a team's points come about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Combine {
    /// The team's own.
    Own,
    /// The members' together.
    Sum,
    /// The members' together over member-days, per day of the period so far (SEMANTICS S44).
    MeanPerMember,
}
