//! What goals count up, and when they are met.
//!
//! Knows the selected signals of one subject and period, not how they were selected nor when the period ends.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::condition::LocalMoment;
use super::{Aggregate, Goal, Quantity, Repeat, Target};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::signal::Evidence;

/// How often one goal can be met in one period: each multiple of a tiny target would be met without end.
pub const MOST_TIMES: u32 = 1_000;
/// From where on an NPS answer is a promoter's, in ten-thousandths (Reichheld 2003).
pub const PROMOTER: i64 = 9 * Decimal4::ONE;
/// Up to where an NPS answer is a detractor's, in ten-thousandths (Reichheld 2003).
pub const DETRACTOR: i64 = 6 * Decimal4::ONE;

/// What a signal of a member adds to: a team's goal, or the guard of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// The rule's own goal.
    Goal,
    /// Its guard's.
    Guard,
}

/// A team's sums of a season, by rule, part and local day.
pub type DaySums = BTreeMap<(Code, Part, NaiveDate), Sums>;

/// What selected signals come to, in numbers that can be added up and taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "[i128; 5]", into = "[i128; 5]")]
pub struct Sums {
    /// Signals.
    pub selected: i64,
    /// Those with a value of the goal's measure.
    pub values: i64,
    /// The sum of these values, in ten-thousandths.
    pub sum: i128,
    /// Those that meet the share's condition, or whose value is satisfied or a promoter's.
    pub favourable: i64,
    /// Those whose value is a detractor's.
    pub adverse: i64,
}

impl From<[i128; 5]> for Sums {
    fn from([selected, values, sum, favourable, adverse]: [i128; 5]) -> Self {
        let count = |number: i128| i64::try_from(number).unwrap_or_default();
        let (selected, values) = (count(selected), count(values));
        Self { selected, values, sum, favourable: count(favourable), adverse: count(adverse) }
    }
}

impl From<Sums> for [i128; 5] {
    fn from(sums: Sums) -> Self {
        [sums.selected.into(), sums.values.into(), sums.sum, sums.favourable.into(), sums.adverse.into()]
    }
}

impl std::ops::AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.selected = self.selected.saturating_add(other.selected);
        self.values = self.values.saturating_add(other.values);
        self.sum = self.sum.saturating_add(other.sum);
        self.favourable = self.favourable.saturating_add(other.favourable);
        self.adverse = self.adverse.saturating_add(other.adverse);
    }
}

impl std::ops::Neg for Sums {
    type Output = Self;

    fn neg(self) -> Self {
        Self {
            selected: -self.selected,
            values: -self.values,
            sum: -self.sum,
            favourable: -self.favourable,
            adverse: -self.adverse,
        }
    }
}

impl Sums {
    /// Whether nothing was selected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// How far one subject's goal has come in one period.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Progress {
    /// What can be added up.
    pub sums: Sums,
    /// The least and the greatest value, where the goal is about one of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extremes: Option<(Decimal4, Decimal4)>,
    /// The different values of an attribute, where the goal counts those.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub distinct: BTreeSet<String>,
}

impl From<Sums> for Progress {
    fn from(sums: Sums) -> Self {
        Self { sums, ..Self::default() }
    }
}

/// What a goal came to: a fraction of ten-thousandths, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Value {
    numerator: i128,
    /// Above 0.
    denominator: i128,
}

impl Value {
    fn whole(count: i64) -> Option<Self> {
        Self::of(i128::from(count) * i128::from(Decimal4::ONE), 1)
    }

    fn of(numerator: i128, denominator: i64) -> Option<Self> {
        (denominator > 0).then(|| Self { numerator, denominator: denominator.into() })
    }

    /// How it compares with a number.
    pub fn compared_with(self, other: Decimal4) -> std::cmp::Ordering {
        self.numerator.cmp(&i128::from(other.raw()).saturating_mul(self.denominator))
    }

    /// Rounded half away from zero to four places; what is out of range is the end of the range.
    pub fn rounded(self) -> Decimal4 {
        let half = if self.numerator < 0 { -self.denominator } else { self.denominator };
        let rounded = self.numerator.saturating_mul(2).saturating_add(half) / (self.denominator * 2);
        let end = if rounded < 0 { i64::MIN } else { i64::MAX };
        Decimal4::from_raw(i64::try_from(rounded).unwrap_or(end))
    }

    /// How many whole multiples of `step` it reaches; 0 of none and of what is not above 0.
    fn multiples(self, step: Decimal4) -> i128 {
        let step = i128::from(step.raw()).saturating_mul(self.denominator);
        if step > 0 { (self.numerator / step).max(0) } else { 0 }
    }
}

impl Progress {
    /// Counts a selected signal in.
    pub fn take(&mut self, goal: &Goal, evidence: &Evidence, local: LocalMoment) {
        self.sums += goal.sums_of(evidence, local);
        match &goal.quantity {
            Quantity::Measure(measure, Aggregate::Min | Aggregate::Max) => {
                let Some(value) = evidence.content.measures.get(measure).copied() else { return };
                let (least, greatest) = self.extremes.unwrap_or((value, value));
                self.extremes = Some((least.min(value), greatest.max(value)));
            }
            Quantity::Distinct(attribute) => {
                self.distinct.extend(evidence.content.attributes.get(attribute).map(|value| value.printed().into()));
            }
            _ => {}
        }
    }
}

impl Goal {
    /// What one selected signal comes to.
    pub fn sums_of(&self, evidence: &Evidence, local: LocalMoment) -> Sums {
        let mut sums = Sums { selected: 1, ..Sums::default() };
        match &self.quantity {
            Quantity::Signals | Quantity::Distinct(_) => {}
            Quantity::Share(condition) => sums.favourable = condition.holds(evidence, local).into(),
            Quantity::Measure(measure, aggregate) => {
                let Some(value) = evidence.content.measures.get(measure).copied() else { return sums };
                sums.values = 1;
                match aggregate {
                    Aggregate::Sum | Aggregate::Mean => sums.sum = value.raw().into(),
                    Aggregate::ShareSatisfied(satisfied) => sums.favourable = satisfied.holds(value).into(),
                    Aggregate::Nps => {
                        sums.favourable = (value.raw() >= PROMOTER).into();
                        sums.adverse = (value.raw() <= DETRACTOR).into();
                    }
                    Aggregate::Count | Aggregate::Min | Aggregate::Max => {}
                }
            }
        }
        sums
    }

    /// How many samples there are: values of its measure; selected signals where it has none (SEMANTICS S24).
    pub fn samples_in(&self, progress: &Progress) -> i64 {
        match self.quantity {
            Quantity::Measure(..) => progress.sums.values,
            Quantity::Signals | Quantity::Share(_) | Quantity::Distinct(_) => progress.sums.selected,
        }
    }

    /// What it has come to; none without a sample.
    pub fn value(&self, progress: &Progress) -> Option<Value> {
        let (sums, one) = (&progress.sums, i128::from(Decimal4::ONE));
        let share = |of: i64| Value::of(i128::from(sums.favourable) * one, of);
        match &self.quantity {
            Quantity::Signals => Value::whole(sums.selected),
            Quantity::Share(_) => share(sums.selected),
            Quantity::Distinct(_) => Value::whole(i64::try_from(progress.distinct.len()).unwrap_or(i64::MAX)),
            Quantity::Measure(_, aggregate) => match aggregate {
                Aggregate::Sum => Value::of(sums.sum, 1),
                Aggregate::Count => Value::whole(sums.values),
                Aggregate::Mean => Value::of(sums.sum, sums.values),
                Aggregate::Min => Value::of(progress.extremes?.0.raw().into(), 1),
                Aggregate::Max => Value::of(progress.extremes?.1.raw().into(), 1),
                Aggregate::ShareSatisfied(_) => share(sums.values),
                Aggregate::Nps => Value::of(i128::from(sums.favourable - sums.adverse) * one * 100, sums.values),
            },
        }
    }

    /// Whether there are enough samples to judge by.
    pub fn has_samples(&self, progress: &Progress) -> bool {
        self.samples_in(progress) >= i64::from(self.samples)
    }

    /// How often it is met: 0 or 1, and with each multiple of its target as often as that, at most [`MOST_TIMES`].
    pub fn times(&self, progress: &Progress) -> u32 {
        let Some(value) = self.value(progress).filter(|_| self.has_samples(progress)) else { return 0 };
        match (self.target, self.repeat) {
            (Target::AtLeast(target), Repeat::Once) => value.compared_with(target).is_ge().into(),
            (Target::AtMost(target), _) => value.compared_with(target).is_le().into(),
            (Target::AtLeast(target), Repeat::EachMultiple) => {
                u32::try_from(value.multiples(target)).unwrap_or(MOST_TIMES).min(MOST_TIMES)
            }
        }
    }

    /// Whether it holds as a guard: too few samples hold (SEMANTICS S25).
    pub fn holds(&self, progress: &Progress) -> bool {
        !self.has_samples(progress) || self.times(progress) > 0
    }
}
