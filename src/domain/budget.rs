//! Budgets: how many points and how much money a programme or team may hand out in a season. Knows no people and no
//! ledger.
//!
//! A budget of a programme has one of its seasons; a budget of a team without a programme has a calendar month, quarter,
//! half-year or year of the organisation's zone. What is reserved is taken at once, and given back exactly if nothing
//! comes of it.

use super::money::{Currency, Money};
use super::period::{Calendar, Per, Period, SeasonKind, YearStart, Zone};
use super::points::Points;
use super::time::Instant;

/// What may be handed out of one kind, and what of it is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Purse {
    limit: i64,
    taken: i64,
}

/// A budget's points and money; of what it does not limit it has no purse.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    /// Points.
    pub points: Option<Purse>,
    /// Cents, and of which currency.
    pub money: Option<(Purse, Currency)>,
}

/// What was taken of one budget for one cause: so much is given back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Points.
    pub points: i64,
    /// Cents of the budget's currency.
    pub cents: i64,
}

/// Why nothing is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// Less is left.
    Exhausted,
    /// The budget is of this other currency.
    OtherCurrency(Currency),
}

impl Purse {
    /// A purse of `limit`, of which `taken` is gone. None where it would be overdrawn, or below zero.
    pub fn new(limit: i64, taken: i64) -> Option<Self> {
        (0 <= taken && taken <= limit).then_some(Self { limit, taken })
    }

    /// What may be handed out in all.
    pub const fn limit(self) -> i64 {
        self.limit
    }

    /// What of it is reserved or handed out.
    pub const fn taken(self) -> i64 {
        self.taken
    }

    /// What may still be taken.
    pub const fn left(self) -> i64 {
        self.limit - self.taken
    }

    fn take(self, amount: i64) -> Option<Self> {
        (0 <= amount && amount <= self.left()).then(|| Self { taken: self.taken + amount, ..self })
    }
}

impl Budget {
    /// The budget after `points` and `money` were taken of it, as far as it limits them, and what that was.
    pub fn take(self, points: Points, money: Option<Money>) -> Result<(Self, Taken), Refusal> {
        let mut taken = Taken::default();
        let points_after = match self.points {
            Some(purse) => {
                taken.points = points.0;
                Some(purse.take(points.0).ok_or(Refusal::Exhausted)?)
            }
            None => None,
        };
        let money_after = match (self.money, money.filter(|money| money.cents > 0)) {
            (Some((_, currency)), Some(money)) if money.currency != currency => {
                return Err(Refusal::OtherCurrency(currency));
            }
            (Some((purse, currency)), Some(money)) => {
                taken.cents = money.cents;
                Some((purse.take(money.cents).ok_or(Refusal::Exhausted)?, currency))
            }
            (held, _) => held,
        };
        Ok((Self { points: points_after, money: money_after }, taken))
    }

    /// The budget after what was taken of it came back. None if so much never was.
    pub fn give_back(self, taken: Taken) -> Option<Self> {
        let back = |purse: Purse, amount: i64| Purse::new(purse.limit, purse.taken.checked_sub(amount)?);
        let points = match self.points {
            Some(purse) => Some(back(purse, taken.points)?),
            None => None,
        };
        let money = match self.money {
            Some((purse, currency)) => Some((back(purse, taken.cents)?, currency)),
            None => None,
        };
        Some(Self { points, money })
    }
}

fn calendar(zone: &Zone) -> Calendar {
    Calendar { zone: zone.clone(), seasons: SeasonKind::Year, year_starts: YearStart { month: 1, day: 1 } }
}

/// The kinds of periods that budgets of teams without a programme have.
const PERIODS: [Per; 4] = [Per::Month, Per::Quarter, Per::HalfYear, Per::Year];

/// The month, quarter, half-year or year of a code such as `2026-11`, `2026-Q4`, `2026-H2` or `2026`.
pub fn period(zone: &Zone, code: &str) -> Option<Period> {
    let calendar = calendar(zone);
    // Codes only: `current` would be another period tomorrow.
    let named = |per| calendar.period_named(per, code, None, Default::default()).filter(|period| period.code == code);
    PERIODS.into_iter().find_map(named)
}

/// The month, quarter, half-year and year that hold an instant.
pub fn periods_at(zone: &Zone, instant: Instant) -> Vec<Period> {
    let (calendar, day) = (calendar(zone), zone.local(instant).0);
    PERIODS.into_iter().filter_map(|per| calendar.period_of(per, day)).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn euros(cents: i64) -> Money {
        Money { cents, currency: Currency::EUR }
    }

    fn budget(points: i64, cents: i64) -> Budget {
        Budget { points: Purse::new(points, 0), money: Purse::new(cents, 0).map(|purse| (purse, Currency::EUR)) }
    }

    #[test]
    fn another_currency_is_refused_and_never_counted() {
        let dollars = Money { cents: 1, currency: Currency::parse("USD").unwrap() };
        let held = budget(10, 10);
        assert_eq!(held.take(Points(1), Some(dollars)), Err(Refusal::OtherCurrency(Currency::EUR)));
        let none = Money { cents: 0, ..dollars };
        assert_eq!(held.take(Points(0), Some(none)), Ok((held, Taken::default())));
        let without = Budget { money: None, ..held };
        assert_eq!(without.take(Points(1), Some(dollars)).unwrap().1, Taken { points: 1, cents: 0 });
    }

    #[test]
    fn periods_are_of_the_zone() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        let at = |instant: &str| -> Vec<String> {
            periods_at(&berlin, instant.parse().unwrap()).into_iter().map(|period| period.code).collect()
        };
        assert_eq!(at("2026-12-31T22:59:59Z"), ["2026-12", "2026-Q4", "2026-H2", "2026"]);
        assert_eq!(at("2026-12-31T23:00:00Z"), ["2027-01", "2027-Q1", "2027-H1", "2027"]);
        for code in ["2026-11", "2026-Q4", "2026-H2", "2026"] {
            assert_eq!(period(&berlin, code).unwrap().code, code);
        }
        for code in ["", "current", "previous", "2026-13", "2026-Q5", "2026-11-18", "2026-W46", "all", "26", "2026-1"] {
            assert_eq!(period(&berlin, code), None, "{code}");
        }
    }

    proptest! {
        /// Whatever is taken and given back in any order: never overdrawn, refused only for want, and all comes back.
        #[test]
        fn a_budget_is_never_overdrawn(
            limits in (0_i64..100, 0_i64..100),
            steps in proptest::collection::vec((0_i64..60, 0_i64..60, any::<bool>()), 0..40),
        ) {
            let mut held = budget(limits.0, limits.1);
            let mut standing: Vec<Taken> = Vec::new();
            for (points, cents, back) in steps {
                let sum = |of: fn(&Taken) -> i64| standing.iter().map(of).sum::<i64>();
                let (used, spent) = (sum(|taken| taken.points), sum(|taken| taken.cents));
                if back && !standing.is_empty() {
                    held = held.give_back(standing.swap_remove(points as usize % standing.len())).unwrap();
                    continue;
                }
                let fits = used + points <= limits.0 && spent + cents <= limits.1;
                match held.take(Points(points), Some(euros(cents))) {
                    Ok((after, taken)) => {
                        prop_assert!(fits);
                        prop_assert_eq!(taken, Taken { points, cents });
                        (held, _) = (after, standing.push(taken));
                    }
                    Err(refusal) => prop_assert!(!fits && refusal == Refusal::Exhausted),
                }
            }
            for taken in standing {
                held = held.give_back(taken).unwrap();
            }
            prop_assert_eq!(held, budget(limits.0, limits.1));
        }
    }
}
