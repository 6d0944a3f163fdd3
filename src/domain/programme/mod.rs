//! Incentive programmes: one version's document as types that are valid by construction.
//!
//! A [`Programme`] exists only as the result of reading a document without a problem; nothing after it checks again.

pub mod audience;
pub mod condition;
mod fixed;
pub mod limit;
mod names;
pub mod points;
mod read;
mod schema;
mod sentence;

pub use self::fixed::fixed_parts_changed;
pub use self::names::{Borne, Expected, Place};
pub use self::read::{Known, Read, local_date, read};
pub use self::schema::json_schema;
pub use self::sentence::sentence;

use chrono::TimeDelta;

use super::decimal::Decimal4;
use super::ids::Code;
use super::language::Localised;
use super::people::Role;
use super::period::{Calendar, Per};
use super::points::Points;
use super::signal::AttributeValue;

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
    /// Badges that rules and tiers give.
    pub badges: Vec<Badge>,
    /// Tiers, ascending.
    pub tiers: Vec<Tier>,
    /// Leaderboards.
    pub boards: Vec<Board>,
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

/// What is rewarded: each signal that `on` and `when` select.
#[derive(Debug, Clone)]
pub struct Rule {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// What it is about.
    pub description: Option<Localised>,
    /// The kinds of signal it looks at.
    pub on: Vec<String>,
    /// What a signal must meet to be selected.
    pub when: Option<Condition>,
    /// What it grants.
    pub award: AwardTerms,
    /// How often or how much at most.
    pub limits: Vec<Limit>,
    /// How long after an award none follows.
    pub cooldown: Option<TimeDelta>,
}

/// What a rule grants: points, a badge, or both.
#[derive(Debug, Clone)]
pub struct AwardTerms {
    /// How many points.
    pub points: Option<PointsFormula>,
    /// Which badge.
    pub badge: Option<Code>,
}

/// A condition over one signal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// Every one.
    All(Vec<Condition>),
    /// At least one.
    Any(Vec<Condition>),
    /// Not.
    Not(Box<Condition>),
    /// A measure's value meets every comparison.
    Measure(String, Vec<Comparison>),
    /// An attribute's value meets every test.
    Attribute(String, Vec<AttributeTest>),
    /// A field is one of these.
    Field(Field, Vec<String>),
    /// The local weekday is one of these, Monday first.
    Weekday([bool; 7]),
    /// The local time of day, in seconds since midnight, lies in `[from, until)`; wraps past midnight.
    LocalTime {
        /// The first second inside.
        from: u32,
        /// The first second after it.
        until: u32,
    },
}

/// A comparison with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Comparison {
    /// Which.
    pub operator: Operator,
    /// With what.
    pub operand: Decimal4,
}

/// How numbers are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `>=`
    AtLeast,
    /// `>`
    Above,
    /// `<=`
    AtMost,
    /// `<`
    Below,
    /// `==`
    Equals,
}

/// A test of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttributeTest {
    /// It is a number that compares so.
    Compares(Comparison),
    /// It equals one of these (`equals` is a list of one).
    In(Vec<AttributeValue>),
    /// It is there, or it is not.
    Exists(bool),
}

/// A field of a signal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Field {
    /// Over which channel.
    Channel,
    /// Who delivered it.
    Source,
    /// What kind it is.
    Kind,
}

/// How many points a signal is worth, before boosts and limits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PointsFormula {
    /// Always so many.
    Fixed(Points),
    /// Linear between corners, flat outside; at two corners of equal x the later value holds.
    Zones {
        /// Over which measure.
        measure: String,
        /// Corners, ascending in x.
        corners: Vec<(Decimal4, Decimal4)>,
    },
    /// The value of the highest step reached, 0 below the first.
    Steps {
        /// Over which measure.
        measure: String,
        /// Steps, strictly ascending in x.
        steps: Vec<(Decimal4, Points)>,
    },
    /// The measure times a factor.
    Times {
        /// Which measure.
        measure: String,
        /// The factor, at least 0.
        factor: Decimal4,
    },
    /// By the value of an attribute.
    By {
        /// Which attribute.
        attribute: String,
        /// Points by value.
        cases: Vec<(String, PointsFormula)>,
        /// Points otherwise.
        otherwise: Box<PointsFormula>,
    },
}

/// How often, or how much, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    /// Within what.
    pub per: LimitPer,
    /// How many.
    pub most: LimitMost,
}

/// Within what a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LimitPer {
    /// A period: day, week, month, quarter or season.
    Period(Per),
    /// A case, within the season. A signal without a case is not limited.
    Case,
}

/// What a limit counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LimitMost {
    /// Awards: one more is dropped whole.
    Times(u32),
    /// Points: an award is cut to what is left.
    Points(Points),
}

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
}

/// A leaderboard over points.
#[derive(Debug, Clone)]
pub struct Board {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// Whom it ranks.
    pub subject: BoardSubject,
    /// Over which period.
    pub period: Per,
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
