//! The names that a programme takes from outside itself.

use std::collections::BTreeSet;

use super::{Condition, PointsFormula, Programme};

impl Programme {
    /// The measures that its rules name: from activation on they are fixed.
    pub fn measures(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for rule in &self.rules {
            if let Some(condition) = &rule.when {
                in_condition(condition, &mut names);
            }
            if let Some(points) = &rule.award.points {
                in_points(points, &mut names);
            }
        }
        names
    }
}

fn in_condition(condition: &Condition, names: &mut BTreeSet<String>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().for_each(|part| in_condition(part, names)),
        Condition::Not(part) => in_condition(part, names),
        Condition::Measure(measure, _) => {
            names.insert(measure.clone());
        }
        Condition::Attribute(..) | Condition::Field(..) | Condition::Weekday(_) | Condition::LocalTime { .. } => {}
    }
}

fn in_points(points: &PointsFormula, names: &mut BTreeSet<String>) {
    match points {
        PointsFormula::Fixed(_) => {}
        PointsFormula::Zones { measure, .. }
        | PointsFormula::Steps { measure, .. }
        | PointsFormula::Times { measure, .. } => {
            names.insert(measure.clone());
        }
        PointsFormula::By { cases, otherwise, .. } => {
            cases.iter().for_each(|(_, case)| in_points(case, names));
            in_points(otherwise, names);
        }
    }
}
