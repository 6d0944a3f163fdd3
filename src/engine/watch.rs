//! Looking on while a fold judges: for explanations and outlooks, at no cost to folds that nobody watches.

use super::timeline::InForce;
use crate::domain::award::Award;
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::goal::Progress;
use crate::domain::programme::limit::{Claim, Tally};
use crate::domain::programme::{Boost, Goal, Rule};
use crate::domain::signal::Evidence;

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

/// Somebody looking on; what is not looked at costs nothing.
pub trait Watch {
    /// Whether it looks at what a rule's limits leave.
    fn looks_at(&self, _rule: &Rule) -> bool {
        false
    }
    /// A rule selects a signal; `counts` tells whether it meets what a streak is made of.
    fn selected(&mut self, _rule: &Rule, _evidence: &Evidence, _counts: bool) {}
    /// A rule judges; `granted` is what its limits leave.
    fn judged(&mut self, _judging: &Judging<'_>, _granted: Option<Points>) {}
    /// A rule has judged; `granted` is what its limits leave. Told of every rule, and does not need the tally.
    fn granted(&mut self, _rule: &Rule, _claim: &Claim<'_>, _granted: Option<Points>) {}
    /// A goal is met.
    fn goal_met(&mut self, _met: &GoalMet<'_>) {}
}

impl Watch for () {}

impl<W: Watch> Watch for &mut W {
    fn looks_at(&self, rule: &Rule) -> bool {
        (**self).looks_at(rule)
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
}
