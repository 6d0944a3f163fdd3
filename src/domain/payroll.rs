//! Payroll: what rewards are to those who received them in a month, and the most that benefits in kind may be worth before
//! they are taxed. Knows no names: they are looked up when a payroll is read.
//!
//! In Germany benefits in kind are free of tax while they do not exceed 50 euros a month (EStG § 8 (2) sentence 11). That
//! is no allowance: once a cent more came in, all of it is taxed.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::budget;
use super::decimal::Decimal4;
use super::ids::{PersonId, RedemptionId};
use super::kudos::month_at;
use super::money::{Currency, Money};
use super::period::{Period, Zone};
use super::points::Overflow;
use super::reward::RewardKind;

/// What a reward is to wages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Benefit {
    /// Goods, or what buys them.
    InKind(Money),
    /// Money paid with the wages.
    Cash(Money),
    /// Working days off, in ten-thousandths.
    TimeOff(i64),
}

impl Benefit {
    /// What a reward of a kind is, worth so much. Certificates and praise are nothing to wages, nor is what is worth nothing.
    pub fn of(kind: RewardKind, value: Option<Money>, days_off: Option<i64>) -> Option<Self> {
        let value = value.filter(|value| value.cents > 0);
        match kind {
            RewardKind::GiftCard | RewardKind::Other => value.map(Self::InKind),
            RewardKind::Bonus => value.map(Self::Cash),
            RewardKind::DayOff => days_off.map(Self::TimeOff),
            RewardKind::Certificate | RewardKind::Praise => None,
        }
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InKind(_) => "in_kind",
            Self::Cash(_) => "cash",
            Self::TimeOff(_) => "time_off",
        }
    }

    /// What it is worth, unless it is time.
    pub const fn value(self) -> Option<Money> {
        match self {
            Self::InKind(value) | Self::Cash(value) => Some(value),
            Self::TimeOff(_) => None,
        }
    }

    /// How many days off it is, if it is time.
    pub const fn days_off(self) -> Option<Decimal4> {
        match self {
            Self::TimeOff(days) => Some(Decimal4::from_raw(days)),
            _ => None,
        }
    }
}

/// Something that flowed in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inflow {
    /// By which redemption.
    pub redemption: RedemptionId,
    /// Code of the reward.
    pub reward: String,
    /// When its receiver got it.
    pub inflow_on: NaiveDate,
    /// What it is to wages.
    pub benefit: Benefit,
}

/// What one person received in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonMonth {
    /// Who.
    pub person: PersonId,
    /// What, by day.
    pub inflows: Vec<Inflow>,
}

/// The payroll of a month, as it is kept once it is closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payroll {
    /// Of the organisation's zone: `2026-11`.
    pub month: String,
    /// What benefits in kind of one person may be worth.
    pub benefit_limit: Option<Money>,
    /// Who received anything, by id.
    pub people: Vec<PersonMonth>,
}

/// Sums by currency, in cents, and of days off.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Benefits in kind.
    pub in_kind: BTreeMap<Currency, i64>,
    /// Money paid with the wages.
    pub cash: BTreeMap<Currency, i64>,
    /// Days off, in ten-thousandths.
    pub days_off: i64,
}

impl Sums {
    /// The sums of some benefits.
    pub fn of(benefits: impl IntoIterator<Item = Benefit>) -> Result<Self, Overflow> {
        let mut sums = Self::default();
        for benefit in benefits {
            let (sum, more) = match benefit {
                Benefit::InKind(value) => (sums.in_kind.entry(value.currency).or_default(), value.cents),
                Benefit::Cash(value) => (sums.cash.entry(value.currency).or_default(), value.cents),
                Benefit::TimeOff(days) => (&mut sums.days_off, days),
            };
            *sum = sum.checked_add(more).ok_or(Overflow)?;
        }
        Ok(sums)
    }

    /// Whether the benefits in kind exceed `limit`, by a cent or more. Other currencies cannot be compared with it.
    pub fn exceed(&self, limit: Money) -> bool {
        self.in_kind.get(&limit.currency).is_some_and(|cents| *cents > limit.cents)
    }
}

/// Benefits in kind of a person in a month would exceed the limit, and so all be taxed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BenefitWarning {
    /// Which month.
    pub month: String,
    /// The limit.
    pub limit: Money,
    /// What they would be worth, in cents of the limit's currency.
    pub cents: i64,
}

/// The warning, if one benefit beside others exceeds the limit.
pub fn warning(limit: Money, month: &str, others: &[Benefit], benefit: Benefit) -> Option<BenefitWarning> {
    if !matches!(benefit, Benefit::InKind(value) if value.currency == limit.currency) {
        return None;
    }
    // More than can be added exceeds any limit.
    let sums = Sums::of(others.iter().copied().chain([benefit]));
    let cents = sums.map_or(i64::MAX, |sums| sums.in_kind.get(&limit.currency).copied().unwrap_or(0));
    (cents > limit.cents).then(|| BenefitWarning { month: month.to_owned(), limit, cents })
}

/// The month of a code such as `2026-11`.
pub fn month(zone: &Zone, code: &str) -> Option<Period> {
    let named = budget::period(zone, code)?;
    month_at(zone, named.from).filter(|month| month.code == code)
}

/// The code of the month that holds a day.
pub fn month_of(day: NaiveDate) -> String {
    day.format("%Y-%m").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn euros(cents: i64) -> Money {
        Money { cents, currency: Currency::EUR }
    }

    #[test]
    fn a_cent_above_the_limit_is_too_much() {
        let (limit, dollars) = (euros(5_000), Money { cents: 1, currency: Currency::parse("USD").unwrap() });
        let would = |others: &[Benefit], benefit| warning(limit, "2026-11", others, benefit).map(|told| told.cents);
        let in_kind = |cents| Benefit::InKind(euros(cents));
        assert_eq!(would(&[], in_kind(5_000)), None);
        assert_eq!(would(&[], in_kind(5_001)), Some(5_001));
        assert_eq!(would(&[in_kind(4_000)], in_kind(1_000)), None);
        assert_eq!(would(&[in_kind(4_000)], in_kind(1_001)), Some(5_001));
        assert_eq!(would(&[in_kind(9_000)], in_kind(1)), Some(9_001), "all of it is taxed already");
        let beside = [Benefit::Cash(euros(90_000)), Benefit::TimeOff(10_000), Benefit::InKind(dollars)];
        assert_eq!(would(&beside, in_kind(5_000)), None);
        assert_eq!(would(&[in_kind(9_000)], Benefit::Cash(euros(1))), None);
        assert_eq!(would(&[in_kind(9_000)], Benefit::InKind(dollars)), None);
        assert_eq!(would(&[in_kind(i64::MAX)], in_kind(1)), Some(i64::MAX));
    }

    #[test]
    fn each_kind_of_reward_is_what_it_is_to_wages() {
        let of = |kind| Benefit::of(kind, Some(euros(100)), Some(5_000)).map(Benefit::name);
        let expected = [Some("in_kind"), Some("cash"), Some("time_off"), None, None, Some("in_kind")];
        assert_eq!(RewardKind::ALL.map(of), expected);
        for kind in RewardKind::ALL {
            assert_eq!(Benefit::of(kind, Some(euros(0)), None), None, "{kind:?}");
        }
    }

    #[test]
    fn months_are_named_by_year_and_month() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        let november = month(&berlin, "2026-11").unwrap();
        assert_eq!(november.from.to_rfc3339(), "2026-10-31T23:00:00+00:00");
        assert_eq!(month_of(november.first_day), "2026-11");
        for code in ["", "2026", "2026-Q4", "2026-13", "2026-1", "current", "2026-11-01", "../x"] {
            assert_eq!(month(&berlin, code), None, "{code}");
        }
    }
}
