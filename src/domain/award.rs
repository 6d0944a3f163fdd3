//! What a rule grants for one cause.

use super::ids::{Code, SignalId, Subject};
use super::points::Points;
use super::time::Instant;

/// What an award rests on (SEMANTICS S7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// One signal, by a rule that judges each.
    Signal(SignalId),
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
