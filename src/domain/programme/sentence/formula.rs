//! Points in words.

use super::Speaker;
use crate::domain::programme::{Over, PointsFormula};

impl Speaker {
    /// `points by quality (from 80: 10)`.
    pub fn formula(self, formula: &PointsFormula) -> String {
        match formula {
            PointsFormula::Fixed(points) => self.points(*points),
            PointsFormula::Zones { over, corners } => {
                let corners: Vec<_> =
                    corners.iter().map(|(x, y)| format!("{}: {}", self.number(*x), self.number(*y))).collect();
                let between = self.pick("linear in between", "dazwischen linear");
                format!("{} ({}; {between})", self.points_over(over), corners.join("; "))
            }
            PointsFormula::Steps { over, steps } => {
                let from = self.pick("from", "ab");
                let steps: Vec<_> =
                    steps.iter().map(|(x, points)| format!("{from} {}: {points}", self.number(*x))).collect();
                format!("{} ({})", self.points_over(over), steps.join("; "))
            }
            PointsFormula::Times { over, factor } => {
                format!("{} × {} {}", self.over(over), self.number(*factor), self.pick("points", "Punkte"))
            }
            PointsFormula::By { attribute, cases, otherwise } => {
                let cases: Vec<_> =
                    cases.iter().map(|(value, points)| format!("{value}: {}", self.formula(points))).collect();
                let otherwise = format!("{} {}", self.pick("otherwise", "sonst"), self.formula(otherwise));
                format!("{} ({}; {otherwise})", self.points_by(attribute), cases.join("; "))
            }
        }
    }

    fn points_over(self, over: &Over) -> String {
        match over {
            Over::Measure(measure) => self.points_by(measure),
            Over::Goal => self.points_by(self.pick("the value reached", "dem erreichten Wert")),
        }
    }

    fn over(self, over: &Over) -> &str {
        match over {
            Over::Measure(measure) => measure,
            Over::Goal => self.pick("the value reached", "erreichter Wert"),
        }
    }

    fn points_by(self, what: &str) -> String {
        format!("{} {what}", self.pick("points by", "Punkte nach"))
    }
}
