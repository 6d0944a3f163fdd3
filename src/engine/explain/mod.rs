//! Why there is an award: the evidence it rests on, what each condition saw, the formula with its numbers, boost, limits
//! and guard.
//!
//! Folds once more and looks on; there is no second way to come to an award. Says nothing of an award that the fold does
//! not make.

mod looking;
mod team;
pub mod trace;
pub mod words;

use chrono::NaiveDate;
use serde::Serialize;

use self::looking::{Looking, Made};
pub use self::team::explain_team;
use self::trace::{Clause, CooldownTrace, FormulaTrace, GoalTrace, LimitStep, said};
use super::fold::{Basis, FoldError, watched};
use super::watch::{Guarding, Verdict};
use crate::domain::award::{Award, AwardKey, Cause, Content};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{Code, SignalId};
use crate::domain::language::Localised;
use crate::domain::points::Points;
use crate::domain::programme::Boost;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// How many signals an explanation shows; it counts all.
pub const MOST_SHOWN: usize = 50;

/// Why there is an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// What is explained.
    #[serde(skip)]
    pub award: Award,
    /// The rule.
    pub rule: Code,
    /// Its name.
    pub name: Localised,
    /// The rule in one sentence.
    pub says: Localised,
    /// The version that was in force.
    pub version: u32,
    /// How many signals it rests on.
    pub signals: usize,
    /// The first of them.
    #[serde(skip)]
    pub evidence: Vec<Evidence>,
    /// What the rule's condition saw in the signal, or in the one that completed the row.
    pub clauses: Option<Clause>,
    /// The row, of a streak.
    pub streak: Option<Row>,
    /// The goal, of a goal.
    pub goal: Option<GoalTrace>,
    /// The team whose goal it is.
    pub team: Option<TeamTrace>,
    /// How the points came about.
    pub formula: Option<FormulaTrace>,
    /// What the formula gave, before it was rounded.
    pub base: Decimal4,
    /// The boost in force.
    pub boost: Option<BoostTrace>,
    /// The points with the boost, rounded.
    pub boosted: Points,
    /// What each limit left.
    pub limits: Vec<LimitStep>,
    /// The cooldown.
    pub cooldown: Option<CooldownTrace>,
    /// The guard.
    pub guard: Option<GuardTrace>,
    /// The points of the award.
    pub points: Points,
    /// Its badge.
    pub badge: Option<Code>,
    /// The same in sentences.
    #[serde(skip)]
    pub sentences: Sentences,
}

/// Sentences in both languages.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Sentences {
    /// In English.
    pub en: Vec<String>,
    /// In German.
    pub de: Vec<String>,
}

/// The unbroken row of a streak.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// How long it must be.
    pub length: u32,
    /// `signal` or `day`.
    pub unit: &'static str,
    /// What counted, in order; the first ones of a long row.
    pub steps: Vec<Step>,
}

/// What counted in a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The signal.
    pub signal: SignalId,
    /// Its local day.
    pub day: NaiveDate,
    /// What the streak's condition saw.
    pub of: Clause,
}

/// A boost that was in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BoostTrace {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// What points are multiplied with.
    pub factor: Decimal4,
    /// What its condition saw.
    pub clauses: Option<Clause>,
}

impl BoostTrace {
    fn new(boost: &Boost, evidence: &Evidence, local: LocalMoment) -> Self {
        let clauses = boost.when.as_ref().map(|when| Clause::new(when, evidence, local));
        Self { code: boost.code.clone(), name: boost.name.clone(), factor: boost.factor, clauses }
    }
}

/// What a guard said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GuardTrace {
    /// What it came to.
    pub goal: GoalTrace,
    /// What is decided.
    pub verdict: Verdict,
    /// When.
    pub decided_at: Instant,
}

impl GuardTrace {
    /// What was seen of a guard; none if there is none in its period.
    pub fn new(guarding: &Guarding<'_>) -> Option<Self> {
        let goal = GoalTrace::new(guarding.goal?, guarding.progress, guarding.stretch.days);
        Some(Self { goal, verdict: guarding.verdict, decided_at: guarding.due })
    }
}

/// What a team has to do with an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TeamTrace {
    /// How many members the goal's awards went to; null if they went to the team.
    pub members: Option<usize>,
    /// On how many days somebody must have been a member.
    pub min_days: Option<u32>,
    /// On how many days of the period the person was.
    pub days: Option<i64>,
    /// On how many days members have given to it.
    pub days_with_evidence: usize,
}

/// Why `basis` awards what `key` names to the person; none if it does not, or only if a guard still holds.
///
/// `signals` as for [`super::fold::awards`].
pub fn explain(basis: Basis<'_>, signals: &[Evidence], key: &AwardKey) -> Result<Option<Explanation>, FoldError> {
    let Some(newest) = basis.timeline.newest() else { return Ok(None) };
    let mut looking = Looking::new(key, basis.timeline, &newest.programme.calendar);
    let outcome = watched(basis, signals, &mut looking)?;
    let Looking { made, guard, .. } = looking;
    let Some((award, made)) = outcome.awards.into_iter().find(|award| award.key == *key).zip(made) else {
        return Ok(None);
    };
    let mut explanation = Explanation::of(award, made, guard);
    explanation.sentences = words::explained(&explanation, &newest.programme.calendar.zone);
    Ok(Some(explanation))
}

impl Explanation {
    fn of(award: Award, made: Made, guard: Option<GuardTrace>) -> Self {
        let Content { points, badge, version, .. } = made.content;
        Self {
            award,
            rule: made.rule.code.clone(),
            name: made.rule.name.clone(),
            says: said(|speaker| speaker.rule(&made.rule)),
            version,
            signals: made.signals,
            evidence: made.evidence,
            clauses: made.clause,
            streak: made.row,
            goal: made.goal,
            team: None,
            formula: made.formula,
            base: made.base,
            boost: made.boost,
            boosted: made.boosted,
            limits: made.limits,
            cooldown: made.cooldown,
            guard,
            points,
            badge,
            sentences: Sentences::default(),
        }
    }

    /// The cause of the award.
    pub fn cause(&self) -> &Cause {
        &self.award.key.cause
    }
}
