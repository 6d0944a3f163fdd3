//! What selected signals come to together, listed and counted (S24).

use std::collections::BTreeSet;

use super::{Fault, Selected};
use crate::domain::decimal::Decimal4;
use crate::domain::programme::goal::MOST_TIMES;
use crate::domain::programme::{Aggregate, Goal, Quantity, Repeat, Rule, Target};

const ONE: i128 = Decimal4::ONE as i128;

/// How far a goal has come.
pub struct Reached {
    pub samples: i64,
    /// Its value in ten-thousandths: numerator and denominator.
    pub value: Option<(i128, i128)>,
}

/// What signals come to. Which of them meet a share's condition is up to the version of their day.
pub fn reached(signals: &[Selected<'_>], goal_of: fn(&Rule) -> Option<&Goal>) -> Reached {
    let quantity = |one: &Selected<'_>| goal_of(one.rule).unwrap().quantity.clone();
    let Some(first) = signals.first() else { return Reached { samples: 0, value: None } };
    let (count, all) = (signals.len() as i128, signals.len() as i64);
    match quantity(first) {
        Quantity::Signals => Reached { samples: all, value: Some((count * ONE, 1)) },
        Quantity::Distinct(name) => {
            let values = signals.iter().filter_map(|one| one.seen.evidence.content.attributes.get(&name));
            let different: BTreeSet<String> = values.map(|value| value.printed().into_owned()).collect();
            Reached { samples: all, value: Some((different.len() as i128 * ONE, 1)) }
        }
        Quantity::Share(_) => {
            let meets = |one: &&Selected<'_>| match quantity(one) {
                Quantity::Share(condition) => one.seen.meets(&condition),
                other => panic!("a share became {other:?}"),
            };
            Reached { samples: all, value: Some((signals.iter().filter(meets).count() as i128 * ONE, count)) }
        }
        Quantity::Measure(name, aggregate) => {
            let values = signals.iter().filter_map(|one| one.seen.evidence.content.measures.get(&name));
            of_values(&values.copied().collect::<Vec<_>>(), aggregate)
        }
    }
}

fn of_values(values: &[Decimal4], aggregate: Aggregate) -> Reached {
    let count = values.len() as i128;
    let raw = |value: &Decimal4| i128::from(value.raw());
    let sum: i128 = values.iter().map(raw).sum();
    let how_many = |meets: &dyn Fn(&Decimal4) -> bool| values.iter().filter(|value| meets(value)).count() as i128;
    let (nine, six) = (Decimal4::from_raw(90_000), Decimal4::from_raw(60_000));
    let value = match aggregate {
        Aggregate::Sum => Some((sum, 1)),
        Aggregate::Count => Some((count * ONE, 1)),
        Aggregate::Mean => Some((sum, count)),
        Aggregate::Min => values.iter().map(raw).min().map(|least| (least, 1)),
        Aggregate::Max => values.iter().map(raw).max().map(|greatest| (greatest, 1)),
        Aggregate::ShareSatisfied(satisfied) => Some((how_many(&|value| satisfied.holds(*value)) * ONE, count)),
        Aggregate::Nps => {
            let balance = how_many(&|value| *value >= nine) - how_many(&|value| *value <= six);
            Some((100 * balance * ONE, count))
        }
    };
    Reached { samples: values.len() as i64, value: value.filter(|(_, denominator)| *denominator > 0) }
}

impl Reached {
    /// How often a goal is met by it.
    pub fn times(&self, goal: &Goal, fault: Fault) -> u32 {
        let Some((value, of)) = self.value else { return 0 };
        let needed = if fault == Fault::NoSamples { 1 } else { i64::from(goal.samples) };
        if self.samples < needed {
            return 0;
        }
        let strict = i128::from(fault == Fault::TargetExclusive);
        match goal.target {
            Target::AtMost(most) => u32::from(value + strict <= i128::from(most.raw()) * of),
            Target::AtLeast(least) => {
                let reaches = |n: &u32| value >= i128::from(*n) * i128::from(least.raw()) * of + strict;
                let most = match goal.repeat {
                    Repeat::EachMultiple if fault != Fault::NeverRepeats => MOST_TIMES,
                    _ => 1,
                };
                (1..=most).take_while(reaches).count() as u32
            }
        }
    }

    /// The value, rounded half away from zero.
    pub fn rounded(&self) -> i128 {
        let (value, of) = self.value.unwrap();
        let half_away = (2 * value.abs() + of) / (2 * of);
        if value < 0 { -half_away } else { half_away }
    }
}
