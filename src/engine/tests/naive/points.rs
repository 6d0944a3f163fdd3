//! What a formula gives, as a fraction, and how it is rounded (S20, S21).

use crate::domain::decimal::Decimal4;
use crate::domain::points::Points;
use crate::domain::programme::{Over, PointsFormula};
use crate::domain::signal::Content;

/// A number of points: numerator and denominator.
#[derive(Debug, Clone, Copy)]
pub struct Fraction(pub i128, pub i128);

const ONE: i128 = Decimal4::ONE as i128;

/// What a formula gives for a signal.
pub fn of_signal(formula: &PointsFormula, content: &Content) -> Fraction {
    let attribute = |name: &str| content.attributes.get(name).map(|value| value.printed().into_owned());
    let number = |over: &Over| match over {
        Over::Measure(name) => content.measures.get(name).map(|value| i128::from(value.raw())),
        Over::Goal => None,
    };
    worth(formula, &number, &attribute)
}

/// What a formula gives for the value of a goal, in ten-thousandths.
pub fn of_goal(formula: &PointsFormula, value: i128) -> Fraction {
    worth(formula, &|over| (*over == Over::Goal).then_some(value), &|_| None)
}

fn worth(
    formula: &PointsFormula,
    number: &dyn Fn(&Over) -> Option<i128>,
    attribute: &dyn Fn(&str) -> Option<String>,
) -> Fraction {
    let nothing = Fraction(0, 1);
    match formula {
        PointsFormula::Fixed(points) => Fraction(points.0.into(), 1),
        PointsFormula::Times { over, factor } => {
            let value = number(over).unwrap_or(0).max(0);
            Fraction(value * i128::from(factor.raw()), ONE * ONE)
        }
        PointsFormula::Steps { over, steps } => {
            let Some(value) = number(over) else { return nothing };
            let reached = steps.iter().rfind(|(at, _)| i128::from(at.raw()) <= value);
            reached.map_or(nothing, |(_, points)| Fraction(points.0.into(), 1))
        }
        PointsFormula::Zones { over, corners } => {
            let Some(value) = number(over) else { return nothing };
            let corners: Vec<(i128, i128)> =
                corners.iter().map(|(x, y)| (i128::from(x.raw()), i128::from(y.raw()))).collect();
            let (first, last) = (corners[0], corners[corners.len() - 1]);
            let mut line = Fraction(if value < first.0 { first.1 } else { last.1 }, ONE);
            for pair in corners.windows(2) {
                let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
                if x0 <= value && value < x1 {
                    line = Fraction(y0 * (x1 - value) + y1 * (value - x0), (x1 - x0) * ONE);
                }
            }
            line
        }
        PointsFormula::By { attribute: name, cases, otherwise } => {
            let value = attribute(name);
            let case = cases.iter().find(|(case, _)| value.as_ref() == Some(case));
            worth(case.map_or(otherwise, |(_, formula)| formula), number, attribute)
        }
    }
}

impl Fraction {
    pub fn times(self, factor: Decimal4) -> Self {
        Self(self.0 * i128::from(factor.raw()), self.1 * ONE)
    }

    /// The nearest whole number, a half up.
    pub fn rounded(self) -> Points {
        let Self(numerator, denominator) = self;
        Points(i64::try_from((2 * numerator + denominator) / (2 * denominator)).unwrap())
    }
}
