//! How many points a signal is worth: an exact fraction, rounded once at the end (SEMANTICS S21).
//!
//! Knows neither limits nor boosts in force; a boost multiplies the fraction before it is rounded.

use super::{Over, PointsFormula};
use crate::domain::decimal::Decimal4;
use crate::domain::points::Points;
use crate::domain::signal::{AttributeValue, Content};

/// [`Decimal4::ONE`] without a sign.
const ONE: u128 = 10_000;
/// [`Points::MAX_AWARD`] without a sign.
const MOST: u128 = Points::MAX_AWARD.0.unsigned_abs() as u128;

/// A number of points, at least 0, not yet rounded.
///
/// With values and factors up to 10^16 ten-thousandths the numerator stays below 2^127 and the denominator below 2^82.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exact {
    numerator: u128,
    denominator: u128,
}

impl Exact {
    /// None.
    pub const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// `numerator / denominator`; what is negative is 0.
    fn fraction(numerator: i128, denominator: i128) -> Self {
        match (u128::try_from(numerator), u128::try_from(denominator)) {
            (Ok(numerator), Ok(denominator)) if denominator > 0 => Self { numerator, denominator },
            _ => Self::ZERO,
        }
    }

    /// The number of ten-thousandths in `value`, as points.
    fn of(value: Decimal4) -> Self {
        Self::fraction(value.raw().into(), Decimal4::ONE.into())
    }

    /// This times `factor`: exact, unless it is beyond what an award may carry, and then the most.
    pub fn boosted(self, factor: Decimal4) -> Self {
        let factor = u128::try_from(factor.raw()).unwrap_or(0);
        let whole = self.numerator / self.denominator;
        if whole.saturating_mul(factor) >= MOST * ONE {
            return Self { numerator: MOST, denominator: 1 };
        }
        // Below the most, `numerator * factor` is less than `(MOST * ONE + factor) * denominator`: it fits.
        Self { numerator: self.numerator.saturating_mul(factor), denominator: self.denominator.saturating_mul(ONE) }
    }

    /// As a decimal, rounded half away from zero to four places: what people are shown.
    pub fn decimal(self) -> Decimal4 {
        let (whole, rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        let places = (rest * ONE + self.denominator / 2) / self.denominator;
        let raw = whole.saturating_mul(ONE).saturating_add(places).min(MOST * ONE);
        Decimal4::from_raw(i64::try_from(raw).unwrap_or(i64::MAX))
    }

    /// The nearest whole number of points, a half up; at most [`Points::MAX_AWARD`].
    pub fn rounded(self) -> Points {
        let (whole, rest) = (self.numerator / self.denominator, self.numerator % self.denominator);
        let up = rest >= self.denominator - rest;
        let rounded = whole.saturating_add(up.into()).min(MOST);
        Points(i64::try_from(rounded).unwrap_or(Points::MAX_AWARD.0))
    }
}

impl PointsFormula {
    /// What the formula gives for a signal: 0 over a missing measure, never below 0 (SEMANTICS S20).
    pub fn base(&self, content: &Content) -> Exact {
        self.over(Basis::Signal(content))
    }

    /// What the formula gives for a goal that came to `value`.
    pub fn of_goal(&self, value: Decimal4) -> Exact {
        self.over(Basis::Goal(value))
    }

    fn over(&self, basis: Basis<'_>) -> Exact {
        let value = |over: &Over| basis.value(over);
        match self {
            Self::Fixed(points) => Exact::fraction(points.0.into(), 1),
            Self::Zones { over, corners } => value(over).map_or(Exact::ZERO, |x| on_zones(corners, x)),
            Self::Steps { over, steps } => value(over).map_or(Exact::ZERO, |x| {
                let reached = steps.partition_point(|(at, _)| *at <= x);
                let points = reached.checked_sub(1).and_then(|last| steps.get(last));
                points.map_or(Exact::ZERO, |(_, points)| Exact::fraction(points.0.into(), 1))
            }),
            Self::Times { over, factor } => value(over).map_or(Exact::ZERO, |x| {
                let square = i128::from(Decimal4::ONE) * i128::from(Decimal4::ONE);
                Exact::fraction(i128::from(x.raw()) * i128::from(factor.raw()), square)
            }),
            Self::By { attribute, cases, otherwise } => {
                let found = basis.attribute(attribute).map(AttributeValue::printed).and_then(|value| {
                    let case = cases.iter().find(|(case, _)| *case == value);
                    case.map(|(_, formula)| formula)
                });
                found.unwrap_or(otherwise).over(basis)
            }
        }
    }
}

/// What a formula looks at: a signal, or the value of a goal, which has neither measures nor attributes.
#[derive(Clone, Copy)]
enum Basis<'a> {
    Signal(&'a Content),
    Goal(Decimal4),
}

impl<'a> Basis<'a> {
    fn value(self, over: &Over) -> Option<Decimal4> {
        match (self, over) {
            (Self::Signal(content), Over::Measure(measure)) => content.measures.get(measure).copied(),
            (Self::Goal(value), Over::Goal) => Some(value),
            _ => None,
        }
    }

    fn attribute(self, name: &str) -> Option<&'a AttributeValue> {
        match self {
            Self::Signal(content) => content.attributes.get(name),
            Self::Goal(_) => None,
        }
    }
}

/// The line through `corners` at `x`: flat outside, and at two corners of equal x the later value.
fn on_zones(corners: &[(Decimal4, Decimal4)], x: Decimal4) -> Exact {
    let passed = corners.partition_point(|(at, _)| *at <= x);
    let before = passed.checked_sub(1).and_then(|last| corners.get(last));
    match (before, corners.get(passed)) {
        (Some((x0, y0)), Some((x1, y1))) => {
            let [x0, y0, x1, y1, x] = [x0, y0, x1, y1, &x].map(|value| i128::from(value.raw()));
            Exact::fraction(y0 * (x1 - x0) + (y1 - y0) * (x - x0), (x1 - x0) * i128::from(Decimal4::ONE))
        }
        (Some((_, flat)), None) | (None, Some((_, flat))) => Exact::of(*flat),
        (None, None) => Exact::ZERO,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::PersonId;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn number(text: &str) -> Decimal4 {
        Decimal4::parse(text).unwrap()
    }

    /// A signal whose measure `m` and attribute `a` are these.
    fn signal(m: Option<Decimal4>, a: Option<AttributeValue>) -> Content {
        Content {
            kind: "survey".into(),
            agent: PersonId(Uuid::from_u128(1)),
            occurred_at: chrono::DateTime::from_timestamp(0, 0).unwrap(),
            channel: None,
            case: None,
            measures: m.map(|value| ("m".to_owned(), value)).into_iter().collect(),
            attributes: a.map(|value| ("a".to_owned(), value)).into_iter().collect(),
        }
    }

    fn points(formula: &PointsFormula, m: &str) -> i64 {
        formula.base(&signal(Some(number(m)), None)).rounded().0
    }

    fn zones(corners: &[(&str, &str)]) -> PointsFormula {
        let corners = corners.iter().map(|(x, y)| (number(x), number(y))).collect();
        PointsFormula::Zones { over: Over::Measure("m".into()), corners }
    }

    #[test]
    fn zones_are_linear_flat_outside_and_jump_at_an_equal_x() {
        let formula = zones(&[("70", "0"), ("80", "10"), ("80", "15"), ("90", "30"), ("100", "60")]);
        for (m, expected) in [
            ("0", 0),
            ("70", 0),
            ("70.4999", 0),
            ("70.5", 1),
            ("75", 5),
            ("79.4999", 9),
            ("79.9999", 10),
            ("80", 15),
            ("80.3333", 15),
            ("80.3334", 16),
            ("90", 30),
            ("95", 45),
            ("100", 60),
            ("250", 60),
        ] {
            assert_eq!(points(&formula, m), expected, "{m}");
        }
        let jumps = zones(&[("10", "5"), ("10", "8"), ("20", "8"), ("20", "0")]);
        assert_eq!(["9.9999", "10", "19.9999", "20"].map(|m| points(&jumps, m)), [5, 8, 8, 0]);
    }

    #[test]
    fn steps_give_the_highest_reached() {
        let steps = [("80", 10), ("90", 30), ("95", 50)].map(|(x, y)| (number(x), Points(y)));
        let formula = PointsFormula::Steps { over: Over::Measure("m".into()), steps: steps.to_vec() };
        assert_eq!(["79.9999", "80", "94.9999", "95", "200"].map(|m| points(&formula, m)), [0, 10, 30, 50, 50]);
    }

    #[test]
    fn times_is_rounded_once_half_up_and_never_negative() {
        let times = |factor| PointsFormula::Times { over: Over::Measure("m".into()), factor: number(factor) };
        assert_eq!(["1", "0.9999", "3", "-3"].map(|m| points(&times("0.5"), m)), [1, 0, 2, 0]);
        let base = times("0.5").base(&signal(Some(number("0.5")), None));
        assert_eq!(base.rounded(), Points(0));
        assert_eq!(base.boosted(number("2")).rounded(), Points(1), "boosted before it is rounded");
    }

    #[test]
    fn a_missing_measure_is_worth_nothing_and_the_empty_formula_too() {
        let missing = signal(None, None);
        let times = PointsFormula::Times { over: Over::Measure("m".into()), factor: number("1") };
        for formula in [zones(&[("0", "9")]), times] {
            assert_eq!(formula.base(&missing), Exact::ZERO);
        }
        assert_eq!(points(&zones(&[]), "1"), 0);
        assert_eq!(points(&PointsFormula::Fixed(Points(-1)), "1"), 0);
    }

    #[test]
    fn by_compares_the_printed_value() {
        let fixed = |n| PointsFormula::Fixed(Points(n));
        let formula = PointsFormula::By {
            attribute: "a".into(),
            cases: vec![("high".into(), fixed(80)), ("true".into(), fixed(7)), ("4.5".into(), fixed(5))],
            otherwise: Box::new(fixed(40)),
        };
        for (value, expected) in [
            (Some(AttributeValue::Text("high".into())), 80),
            (Some(AttributeValue::Text("High".into())), 40),
            (Some(AttributeValue::Bool(true)), 7),
            (Some(AttributeValue::Bool(false)), 40),
            (Some(AttributeValue::Number(number("4.50"))), 5),
            (None, 40),
        ] {
            assert_eq!(formula.base(&signal(None, value.clone())).rounded(), Points(expected), "{value:?}");
        }
    }

    #[test]
    fn nothing_overflows_and_an_award_is_capped() {
        let most = "1000000000000";
        let times = PointsFormula::Times { over: Over::Measure("m".into()), factor: number(most) };
        assert_eq!(Points(points(&times, most)), Points::MAX_AWARD);
        let line = zones(&[("-1000000000000", "0"), (most, most)]);
        let base = line.base(&signal(Some(number(most)), None));
        assert_eq!(base.boosted(number(most)).rounded(), Points::MAX_AWARD);
        let middle = line.base(&signal(Some(number("-999999999999.9999")), None));
        assert_eq!(middle.boosted(number(most)).rounded(), Points(50_000_000));
    }

    proptest! {
        /// The value is the one whole number n with n - 1/2 <= f(x) < n + 1/2, f taken pair by pair.
        #[test]
        fn zones_equal_the_pairwise_line(
            mut xs in prop::collection::vec(0i64..40, 1..6), ys in prop::collection::vec(0i64..60_000, 6), x in -5i64..45,
        ) {
            xs.sort_unstable();
            let corners: Vec<_> = xs.iter().copied().zip(ys).collect();
            let (first, last) = (corners[0], corners[corners.len() - 1]);
            // f(x) = height / (width * 10_000); a later pair overrules an earlier one at a shared border.
            let (mut height, mut width) = if x < first.0 { (first.1, 1) } else { (last.1, 1) };
            for pair in corners.windows(2) {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                if x0 <= x && x < x1 {
                    (height, width) = (y0 * (x1 - x) + y1 * (x - x0), x1 - x0);
                }
            }
            let nearest = (0..10).find(|n| 2 * height < (2 * n + 1) * width * 10_000).unwrap();
            let corners = corners.iter().map(|(x, y)| (Decimal4::from_raw(*x), Decimal4::from_raw(*y))).collect();
            let formula = PointsFormula::Zones { over: Over::Measure("m".into()), corners };
            prop_assert_eq!(formula.base(&signal(Some(Decimal4::from_raw(x)), None)).rounded(), Points(nearest));
        }
    }
}
