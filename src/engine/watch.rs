//! Looking on while a fold judges: for explanations and outlooks, at no cost to folds that nobody watches.

use super::timeline::InForce;
use super::walk::Stretch;
use crate::domain::award::Award;
use crate::domain::ids::Code;
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::goal::Progress;
use crate::domain::programme::limit::{Claim, Tally};
use crate::domain::programme::{Boost, Goal, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// A rule judges a signal, or the signal that completes a streak.
#[derive(Debug)]
pub struct Judging<'j> {
    /// The rule.
    pub rule: &'j Rule,
    /// The version in force.
    pub version: &'j InForce,
    /// The signal.
    pub evidence: &'j Evidence,
    /// When it happened, by the local clock.
    pub local: LocalMoment,
    /// The formula's points, before any boost.
    pub base: Points,
    /// The largest boost in force.
    pub boost: Option<&'j Boost>,
    /// What is claimed.
    pub claim: Claim<'j>,
    /// What was granted before.
    pub tally: &'j Tally,
}

/// A goal is met.
#[derive(Debug)]
pub struct GoalMet<'j> {
    /// The rule, as the goal's period has it.
    pub rule: &'j Rule,
    /// The version that the goal follows.
    pub version: u32,
    /// The goal.
    pub goal: &'j Goal,
    /// How far it had come.
    pub progress: &'j Progress,
    /// What it awards.
    pub award: &'j Award,
}

/// What a guard says of an award.
#[derive(Debug)]
pub struct Guarding<'j> {
    /// The award.
    pub award: &'j Award,
    /// What must hold; none if no version has a guard in its period.
    pub goal: Option<&'j Goal>,
    /// How far that had come.
    pub progress: &'j Progress,
    /// The guard's period.
    pub stretch: Stretch,
    /// When it is decided.
    pub due: Instant,
    /// What is decided.
    pub verdict: Verdict,
}

/// What a guard decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing yet.
    Waits,
    /// The award is written.
    Holds,
    /// The award is dropped.
    Fails,
}

/// Somebody looking on; what is not looked at costs nothing.
pub trait Watch {
    /// Whether it looks at what a rule's limits leave of a claim for a signal.
    fn looks_at(&self, _rule: &Rule, _evidence: &Evidence) -> bool {
        false
    }
    /// The row of a streak of days is broken by a working day without one that counts.
    fn broken(&mut self, _rule: &Code) {}
    /// A rule selects a signal; `counts` tells whether it meets what a streak is made of.
    fn selected(&mut self, _rule: &Rule, _evidence: &Evidence, _counts: bool) {}
    /// A rule judges; `granted` is what its limits leave.
    fn judged(&mut self, _judging: &Judging<'_>, _granted: Option<Points>) {}
    /// A rule has judged; `granted` is what its limits leave. Told of every rule, and does not need the tally.
    fn granted(&mut self, _rule: &Rule, _claim: &Claim<'_>, _granted: Option<Points>) {}
    /// A goal is met.
    fn goal_met(&mut self, _met: &GoalMet<'_>) {}
    /// An award meets its guard.
    fn guarded(&mut self, _guarding: &Guarding<'_>) {}
}

impl Watch for () {}

impl<W: Watch> Watch for &mut W {
    fn looks_at(&self, rule: &Rule, evidence: &Evidence) -> bool {
        (**self).looks_at(rule, evidence)
    }

    fn broken(&mut self, rule: &Code) {
        (**self).broken(rule);
    }

    fn selected(&mut self, rule: &Rule, evidence: &Evidence, counts: bool) {
        (**self).selected(rule, evidence, counts);
    }

    fn judged(&mut self, judging: &Judging<'_>, granted: Option<Points>) {
        (**self).judged(judging, granted);
    }

    fn granted(&mut self, rule: &Rule, claim: &Claim<'_>, granted: Option<Points>) {
        (**self).granted(rule, claim, granted);
    }

    fn goal_met(&mut self, met: &GoalMet<'_>) {
        (**self).goal_met(met);
    }

    fn guarded(&mut self, guarding: &Guarding<'_>) {
        (**self).guarded(guarding);
    }
}
