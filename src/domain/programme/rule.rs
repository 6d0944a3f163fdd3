//! Rules: what they look at, what of it they award, to whom, and how much at most.
//!
//! Types only, valid by construction; what they mean is in the engine.

use chrono::{NaiveDate, TimeDelta};

use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::period::Per;
use crate::domain::points::Points;
use crate::domain::signal::AttributeValue;

/// What is rewarded: what the signals that `on` and `when` select come to.
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
    /// What of the selected signals is awarded, and to whom.
    pub pattern: Pattern,
    /// What it grants.
    pub award: AwardTerms,
    /// How often or how much at most; none on goals (SEMANTICS S24).
    pub limits: Vec<Limit>,
    /// How long after an award none follows; none on goals.
    pub cooldown: Option<TimeDelta>,
    /// What must hold besides, at the end of its period.
    pub guard: Option<Guard>,
}

/// What of the selected signals is awarded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pattern {
    /// Each of them.
    Each,
    /// So many in a row that meet a condition (SEMANTICS S22).
    Streak(Streak),
    /// So many local days in a row, each with one that meets a condition (SEMANTICS S23).
    DayStreak(Streak),
    /// A goal that they reach together in a period (SEMANTICS S24).
    Goal(Goal),
    /// A goal that those about the members of a team reach together (SEMANTICS S27).
    TeamGoal(Goal, TeamPayee),
}

/// An unbroken row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Streak {
    /// How long it must be, at least 1.
    pub length: u32,
    /// What counts towards it.
    pub of: Condition,
}

/// Who receives what a team's goal awards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TeamPayee {
    /// The team as such.
    Team,
    /// Each who was a member on so many local days of the period.
    Members {
        /// At least so many days.
        min_days: u32,
    },
}

/// A goal over the selected signals of one subject in each period of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Goal {
    /// What is counted up.
    pub quantity: Quantity,
    /// When it is met.
    pub target: Target,
    /// Of how many values, or selected signals, at least; 1 or more.
    pub samples: u32,
    /// In each period of this kind: day, week, month, quarter, half-year, year or season.
    pub per: Per,
    /// When it is decided.
    pub decided: Decided,
    /// How often it can be met in one period.
    pub repeat: Repeat,
}

/// What a goal counts up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Quantity {
    /// The selected signals.
    Signals,
    /// The values of a measure, put together so.
    Measure(String, Aggregate),
    /// The share of the selected signals that meet a condition.
    Share(Condition),
    /// The different values of an attribute.
    Distinct(String),
}

/// How the values of a measure are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aggregate {
    /// Their sum.
    Sum,
    /// How many there are.
    Count,
    /// Their arithmetic mean.
    Mean,
    /// The least.
    Min,
    /// The greatest.
    Max,
    /// The share of those that compare so: the measure's threshold and direction.
    ShareSatisfied(Comparison),
    /// The percentage of promoters (9 and above) minus that of detractors (6 and below) (Reichheld 2003).
    Nps,
}

/// When a goal is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// At so much or more.
    AtLeast(Decimal4),
    /// At so much or less.
    AtMost(Decimal4),
}

/// When a goal is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// As soon as it is reached: what is counted up never falls.
    WhenReached,
    /// At the end of the period and its grace.
    AtEnd,
}

/// How often a goal can be met in one period.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    /// Once.
    Once,
    /// At each multiple of the target.
    EachMultiple,
}

/// A goal that must hold for a rule's awards of its period to be written (SEMANTICS S25).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guard {
    /// The kinds of signal it looks at.
    pub on: Vec<String>,
    /// What must hold, decided at the end of the period and its grace.
    pub goal: Goal,
}

/// A time in which rules are worth more.
#[derive(Debug, Clone)]
pub struct Boost {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// The first local day.
    pub from: NaiveDate,
    /// The local day after the last.
    pub until: NaiveDate,
    /// The rules, by code.
    pub rules: Vec<Code>,
    /// What a signal must meet besides.
    pub when: Option<Condition>,
    /// What points are multiplied with.
    pub factor: Decimal4,
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
        /// Over what.
        over: Over,
        /// Corners, ascending in x.
        corners: Vec<(Decimal4, Decimal4)>,
    },
    /// The value of the highest step reached, 0 below the first.
    Steps {
        /// Over what.
        over: Over,
        /// Steps, strictly ascending in x.
        steps: Vec<(Decimal4, Points)>,
    },
    /// A number times a factor.
    Times {
        /// Which number.
        over: Over,
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

/// The number that points are computed from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Over {
    /// The signal's value of a measure.
    Measure(String),
    /// The value that a goal came to.
    Goal,
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
