//! What a fold carries from day to day, and how it is kept between two folds.
//!
//! One state for each rule code of any version. A kept state belongs to the end of a local day; it holds nothing of
//! periods that have ended, so that two folds that stand alike go on alike (SEMANTICS S49).

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::walk::Stretch;
use crate::domain::award::Award;
use crate::domain::ids::Code;
use crate::domain::period::Per;
use crate::domain::programme::goal::Progress;
use crate::domain::programme::limit::{SavedTally, Tally, Used};
use crate::domain::programme::{Decided, Goal, Rule};
use crate::domain::time::Instant;

/// What one rule code carries.
#[derive(Debug)]
pub(super) struct RuleState<'a> {
    pub code: &'a Code,
    pub tally: Tally,
    /// How long the row of a streak is.
    pub row: u32,
    /// Whether today counts in a streak of days.
    pub counted: bool,
    pub goal: Option<Running<'a>>,
    pub guard: Option<Running<'a>>,
    /// Awards that wait for their guard, each with the end of the guard's period.
    pub held: Vec<(Award, Stretch)>,
}

/// A goal on its way through a period.
#[derive(Debug)]
pub(super) struct Running<'a> {
    pub per: Per,
    /// The period; none before the first.
    pub stretch: Option<Stretch>,
    pub terms: Option<Terms<'a>>,
    pub progress: Progress,
    /// How often it was met.
    pub met: u32,
}

/// By what a goal is judged in one period.
#[derive(Debug, Clone, Copy)]
pub(super) struct Terms<'a> {
    pub version: u32,
    pub rule: &'a Rule,
    pub goal: &'a Goal,
    /// When what is decided at the period's end is.
    pub due: Instant,
}

impl Running<'_> {
    pub fn new(per: Per) -> Self {
        Self { per, stretch: None, terms: None, progress: Progress::default(), met: 0 }
    }

    /// What is decided at the period's end is not kept: it is folded from the period's start when it is decided, and until
    /// then two folds that differ in nothing else go on alike.
    fn saved(&self) -> Option<SavedGoal> {
        let reached = self.terms.is_some_and(|terms| terms.goal.decided == Decided::WhenReached);
        let begun = self.progress != Progress::default() || self.met > 0;
        (reached && begun).then(|| SavedGoal { progress: self.progress.clone(), met: self.met })
    }
}

/// A goal's progress at the end of a day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedGoal {
    progress: Progress,
    met: u32,
}

/// A rule's state at the end of a day; what it granted by case is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SavedRule {
    #[serde(default, skip_serializing_if = "SavedTally::is_empty")]
    tally: SavedTally,
    #[serde(default, skip_serializing_if = "is_default")]
    row: u32,
    #[serde(default, skip_serializing_if = "is_default")]
    counted: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    goal: Option<SavedGoal>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The states of all rules at the end of a day, by rule; those in which nothing has happened are left out.
pub type SavedRules = BTreeMap<Code, SavedRule>;
/// What was granted for each case, by rule.
pub type CaseUse = BTreeMap<Code, HashMap<String, Used>>;

impl<'a> RuleState<'a> {
    /// The rule as the version that makes its awards has it, where `current` is in force: goals follow the version of
    /// their period (SEMANTICS S29).
    pub fn maker(&self, current: &'a Rule) -> &'a Rule {
        self.goal.as_ref().and_then(|running| running.terms).map_or(current, |terms| terms.rule)
    }

    pub fn saved(&self) -> SavedRule {
        SavedRule {
            tally: self.tally.saved(),
            row: self.row,
            counted: self.counted,
            goal: self.goal.as_ref().and_then(Running::saved),
        }
    }

    pub fn restore(&mut self, saved: SavedRule) {
        self.tally.restore(saved.tally);
        (self.row, self.counted) = (saved.row, saved.counted);
        if let Some((running, saved)) = self.goal.as_mut().zip(saved.goal) {
            (running.progress, running.met) = (saved.progress, saved.met);
        }
    }
}
