//! Incentive programmes: one version's document as types that are valid by construction.
//!
//! A [`Programme`] exists only as the result of reading a document without a problem; nothing after it checks again.

pub mod audience;
pub mod condition;
mod fixed;
pub mod goal;
pub mod limit;
mod names;
pub mod points;
mod read;
mod recognition;
mod rule;
mod schema;
mod sentence;

pub use self::fixed::{fixed_parts_changed, fixed_rules_changed};
pub use self::names::{Borne, Expected, Place};
pub use self::read::{Known, Read, local_date, read};
pub use self::recognition::{Badge, Board, BoardSubject, Combine, Contest, ContestRuns, Prize, Rank, Show, Tier};
pub use self::rule::{
    Aggregate, AttributeTest, AwardTerms, Boost, Comparison, Condition, Decided, Field, Goal, Guard, Limit, LimitMost,
    LimitPer, Operator, Over, Pattern, PointsFormula, Quantity, Repeat, Rule, Streak, Target, TeamPayee,
};
pub use self::schema::json_schema;
pub use self::sentence::{Speaker, sentence};

use super::ids::Code;
use super::language::Localised;
use super::people::Role;
use super::period::Calendar;

/// One version of a programme.
#[derive(Debug, Clone)]
pub struct Programme {
    /// Its code, fixed for life.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// What it is about.
    pub description: Option<Localised>,
    /// Zone, seasons and start of the year, fixed for life.
    pub calendar: Calendar,
    /// For how many days after a period's end evidence for it is awaited.
    pub grace_days: u16,
    /// Which weekdays are working days, Monday first.
    pub working_days: [bool; 7],
    /// Who takes part.
    pub audience: Audience,
    /// What is rewarded.
    pub rules: Vec<Rule>,
    /// When rules are worth more.
    pub boosts: Vec<Boost>,
    /// Badges that rules and tiers give.
    pub badges: Vec<Badge>,
    /// Tiers, ascending.
    pub tiers: Vec<Tier>,
    /// Leaderboards.
    pub boards: Vec<Board>,
    /// Contests on boards.
    pub contests: Vec<Contest>,
}

/// Who takes part: whoever belonged at the time.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Audience {
    /// Teams, with the teams below them; none means everybody.
    pub teams: Vec<Code>,
    /// Teams left out, with the teams below them.
    pub except: Vec<Code>,
    /// Roles; none means any.
    pub roles: Vec<Role>,
}
