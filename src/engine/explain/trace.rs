//! What conditions, formulas, limits and goals saw, and what came of it: the parts of explanations and outlooks.

use serde::Serialize;

use crate::domain::award::Cause;
use crate::domain::decimal::Decimal4;
use crate::domain::language::{Language, Localised};
use crate::domain::period::DaySpan;
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::goal::Progress;
use crate::domain::programme::limit::{Claim, Tally};
use crate::domain::programme::{
    Condition, Decided, Field, Goal, LimitMost, Over, PointsFormula, Repeat, Rule, Speaker, Target,
};
use crate::domain::signal::{AttributeValue, Content, Evidence};
use crate::domain::time::Instant;
use chrono::{Datelike, NaiveDate, TimeDelta};

/// A text in both languages, from speaking it in each.
pub fn said(text: impl Fn(Speaker) -> String) -> Localised {
    Localised { en: text(Speaker::new(Language::En)), de: text(Speaker::new(Language::De)) }
}

/// A condition, the value that it saw in a signal, and whether it held.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Clause {
    /// The condition in words.
    pub says: Localised,
    /// Whether it held.
    pub holds: bool,
    /// What it looked at; null if the signal has nothing there, and where it is made of parts.
    pub saw: Option<AttributeValue>,
    /// Its parts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub of: Vec<Clause>,
}

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Clause {
    /// What `condition` made of a signal.
    pub fn new(condition: &Condition, evidence: &Evidence, local: LocalMoment) -> Self {
        let content = &evidence.content;
        let text = |text: &str| Some(AttributeValue::Text(text.to_owned()));
        let parts: &[Condition] = match condition {
            Condition::All(parts) | Condition::Any(parts) => parts,
            Condition::Not(part) => std::slice::from_ref(part),
            _ => &[],
        };
        let saw = match condition {
            Condition::All(_) | Condition::Any(_) | Condition::Not(_) => None,
            Condition::Measure(name, _) => content.measures.get(name).map(|value| AttributeValue::Number(*value)),
            Condition::Attribute(name, _) => content.attributes.get(name).cloned(),
            Condition::Field(Field::Channel, _) => content.channel.as_deref().and_then(text),
            Condition::Field(Field::Source, _) => text(&evidence.source),
            Condition::Field(Field::Kind, _) => text(&content.kind),
            Condition::Weekday(_) => {
                let weekday = usize::try_from(local.day.weekday().num_days_from_monday()).unwrap_or_default();
                WEEKDAYS.get(weekday).and_then(|name| text(name))
            }
            Condition::LocalTime { .. } => text(&local.time.format("%H:%M").to_string()),
        };
        Self {
            says: said(|speaker| speaker.condition(condition)),
            holds: condition.holds(evidence, local),
            saw,
            of: parts.iter().map(|part| Self::new(part, evidence, local)).collect(),
        }
    }
}

/// How a formula came to its points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "formula", rename_all = "snake_case")]
pub enum FormulaTrace {
    /// Always so many.
    Fixed {
        /// Points.
        points: Points,
    },
    /// Between two corners; flat outside of them.
    Zones {
        /// The measure, or `goal`.
        over: String,
        /// Its value; null counts as no points.
        value: Option<Decimal4>,
        /// The corner at or below the value.
        from: Option<(Decimal4, Decimal4)>,
        /// The corner above it.
        to: Option<(Decimal4, Decimal4)>,
    },
    /// The highest step reached.
    Steps {
        /// The measure, or `goal`.
        over: String,
        /// Its value; null counts as no points.
        value: Option<Decimal4>,
        /// From where on, and its points; null below the first.
        step: Option<(Decimal4, Points)>,
    },
    /// A product.
    Times {
        /// The measure, or `goal`.
        over: String,
        /// Its value; null counts as no points.
        value: Option<Decimal4>,
        /// The factor.
        factor: Decimal4,
    },
    /// By the value of an attribute.
    By {
        /// The attribute.
        attribute: String,
        /// Its value.
        value: Option<AttributeValue>,
        /// The case taken; null of the one for all others.
        case: Option<String>,
        /// What that case came to.
        of: Box<FormulaTrace>,
    },
}

/// What a formula is worked out from.
#[derive(Clone, Copy)]
pub enum Worked<'a> {
    /// A signal.
    Signal(&'a Content),
    /// The value of a goal.
    Goal(Decimal4),
}

impl Worked<'_> {
    fn value(self, over: &Over) -> Option<Decimal4> {
        match (self, over) {
            (Self::Signal(content), Over::Measure(measure)) => content.measures.get(measure).copied(),
            (Self::Goal(value), Over::Goal) => Some(value),
            _ => None,
        }
    }

    /// What a formula gives, exactly.
    pub fn exact(self, formula: &PointsFormula) -> crate::domain::programme::points::Exact {
        match self {
            Self::Signal(content) => formula.base(content),
            Self::Goal(value) => formula.of_goal(value),
        }
    }
}

impl FormulaTrace {
    /// How `formula` works out.
    pub fn new(formula: &PointsFormula, from: Worked<'_>) -> Self {
        let name = |over: &Over| match over {
            Over::Measure(measure) => measure.clone(),
            Over::Goal => "goal".to_owned(),
        };
        match formula {
            PointsFormula::Fixed(points) => Self::Fixed { points: *points },
            PointsFormula::Zones { over, corners } => {
                let value = from.value(over);
                let passed = value.map(|x| corners.partition_point(|(at, _)| *at <= x)).unwrap_or_default();
                let before = passed.checked_sub(1).and_then(|last| corners.get(last)).copied();
                let (from, to) = value.map_or((None, None), |_| (before, corners.get(passed).copied()));
                Self::Zones { over: name(over), value, from, to }
            }
            PointsFormula::Steps { over, steps } => {
                let value = from.value(over);
                let step = value.and_then(|x| steps.iter().rev().find(|(at, _)| *at <= x)).copied();
                Self::Steps { over: name(over), value, step }
            }
            PointsFormula::Times { over, factor } => {
                Self::Times { over: name(over), value: from.value(over), factor: *factor }
            }
            PointsFormula::By { attribute, cases, otherwise } => {
                let value = match from {
                    Worked::Signal(content) => content.attributes.get(attribute).cloned(),
                    Worked::Goal(_) => None,
                };
                let printed = value.as_ref().map(AttributeValue::printed);
                let taken = cases.iter().find(|(case, _)| printed.as_deref() == Some(case.as_str()));
                let of = Box::new(Self::new(taken.map_or(otherwise, |(_, formula)| formula), from));
                let case = taken.map(|(case, _)| case.clone());
                Self::By { attribute: attribute.clone(), value, case, of }
            }
        }
    }
}

/// What a limit left of an award.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LimitStep {
    /// The limit in words.
    pub says: Localised,
    /// How many awards at most.
    pub times: Option<u32>,
    /// How many points at most.
    pub points: Option<Points>,
    /// What was granted before; null if the limit does not count this: it is by case, and the signal has none.
    pub used: Option<UsedBefore>,
    /// The points after it; null if it drops the award.
    pub leaves: Option<Points>,
}

/// What was granted before in a period or for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct UsedBefore {
    /// Awards.
    pub times: u32,
    /// Their points.
    pub points: Points,
}

/// What the limits of a rule make of a claim, one after the other, up to the first that drops it.
pub fn limit_steps(rule: &Rule, claim: &Claim<'_>, tally: &Tally) -> Vec<LimitStep> {
    let (mut points, mut steps) = (claim.points, Vec::new());
    for limit in &rule.limits {
        let used = tally.used(limit.per, claim.case).map(|used| UsedBefore { times: used.times, points: used.points });
        let leaves = match (limit.most, used) {
            (LimitMost::Times(most), Some(used)) if used.times >= most => None,
            (LimitMost::Points(most), Some(used)) => {
                Some(points.min(most.minus(used.points).unwrap_or(Points::ZERO)).max(Points::ZERO))
            }
            _ => Some(points),
        };
        let (times, most) = match limit.most {
            LimitMost::Times(times) => (Some(times), None),
            LimitMost::Points(points) => (None, Some(points)),
        };
        steps.push(LimitStep { says: said(|speaker| speaker.limit(limit)), times, points: most, used, leaves });
        let Some(left) = leaves else { break };
        points = left;
    }
    steps
}

/// How a cooldown stood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct CooldownTrace {
    /// How long it is.
    pub seconds: i64,
    /// When the one after the award before ends, inclusive; null without an award before.
    pub until: Option<Instant>,
}

impl CooldownTrace {
    /// Of a rule's cooldown after what was granted.
    pub fn new(cooldown: TimeDelta, tally: &Tally) -> Self {
        Self { seconds: cooldown.num_seconds(), until: tally.cools_until(Some(cooldown)) }
    }
}

/// What a goal, or a guard, came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GoalTrace {
    /// The goal in words.
    pub says: Localised,
    /// The first local day of its period.
    pub first_day: NaiveDate,
    /// The last.
    pub last_day: NaiveDate,
    /// What was reached; null without a sample.
    pub value: Option<Decimal4>,
    /// The target, if it is a least.
    pub at_least: Option<Decimal4>,
    /// The target, if it is a most.
    pub at_most: Option<Decimal4>,
    /// How far the value is from the target, or from the next multiple of it; null without a sample.
    pub missing: Option<Decimal4>,
    /// How many values or signals there were.
    pub samples: i64,
    /// How many it takes.
    pub samples_needed: u32,
    /// How often it is met.
    pub met: u32,
    /// Whether it is decided as soon as it is reached.
    pub at_once: bool,
    /// The value in words.
    #[serde(skip)]
    pub reached: Option<Localised>,
    /// What is missing, if anything is, in words.
    #[serde(skip)]
    pub short: Option<Localised>,
}

impl GoalTrace {
    /// What `goal` has come to in some days.
    pub fn new(goal: &Goal, progress: &Progress, days: DaySpan) -> Self {
        let value = goal.value(progress).map(|value| value.rounded());
        let met = goal.times(progress);
        let (at_least, at_most) = match goal.target {
            Target::AtLeast(target) => (Some(target), None),
            Target::AtMost(target) => (None, Some(target)),
        };
        let next = match goal.repeat {
            Repeat::Once => 1,
            Repeat::EachMultiple => i64::from(met) + 1,
        };
        let missing = value.map(|value| {
            let over = at_most.map(|most| value.raw().saturating_sub(most.raw()));
            let short = at_least.map(|least| least.raw().saturating_mul(next).saturating_sub(value.raw()));
            Decimal4::from_raw(short.or(over).unwrap_or_default().max(0))
        });
        Self {
            says: said(|speaker| speaker.goal(goal)),
            first_day: days.first,
            last_day: days.until.pred_opt().unwrap_or(days.first),
            value,
            at_least,
            at_most,
            missing,
            samples: goal.samples_in(progress),
            samples_needed: goal.samples,
            met,
            at_once: goal.decided == Decided::WhenReached,
            short: missing
                .filter(|missing| missing.raw() > 0)
                .map(|missing| said(|speaker| speaker.reached(&goal.quantity, missing))),
            reached: value.map(|value| said(|speaker| speaker.reached(&goal.quantity, value))),
        }
    }

    /// Whether there are enough samples to judge by.
    pub fn has_samples(&self) -> bool {
        self.samples >= i64::from(self.samples_needed)
    }
}

/// For which time a goal was met.
pub fn time_of(cause: &Cause) -> u32 {
    match cause {
        Cause::Goal(goal) | Cause::TeamGoal(_, goal) => goal.n,
        Cause::Signal(_) | Cause::Day(_) => 1,
    }
}
