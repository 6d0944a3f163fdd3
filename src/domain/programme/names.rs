//! The names that a programme takes from outside itself.

use std::collections::BTreeSet;

use super::{Condition, Field, Over, PointsFormula, Programme};
use crate::domain::problem::{Finding, ProblemCode, pointer_step};
use crate::domain::signal::KUDOS_KIND;

/// The kinds that evidence comes in everywhere (API.md, "Evidence"), the server's own included.
const SHIPPED_KINDS: [&str; 8] =
    ["evaluation", "survey", "metric", "compliment", "complaint", "complaint_recovered", "training", KUDOS_KIND];
/// What a kudos bears as a signal (LANGUAGE, "Goal").
const KUDOS_ATTRIBUTES: [&str; 2] = ["sender", "value"];
/// The most findings about names.
const MOST_FINDINGS: usize = 100;

/// The names that recent evidence bore.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Borne {
    /// Kinds.
    pub kinds: BTreeSet<String>,
    /// Attributes.
    pub attributes: BTreeSet<String>,
}

/// The names that a programme expects evidence to bear.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Expected {
    /// Kinds that are not shipped.
    pub kinds: Vec<Place>,
    /// Attributes that the server does not give itself.
    pub attributes: Vec<Place>,
}

/// A name, and where the document has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The name.
    pub name: String,
    /// Its JSON pointer.
    pub pointer: String,
}

impl Expected {
    /// The names that no evidence bore: slips, perhaps.
    pub fn unseen(&self, borne: &Borne) -> Vec<Finding> {
        let unseen = |places: &[Place], what: &'static str, borne: &BTreeSet<String>| -> Vec<Finding> {
            let places = places.iter().filter(|place| !borne.contains(&place.name));
            let finding = |place: &Place| Finding::new(place.pointer.as_str(), ProblemCode::UnseenName);
            places.map(|place| finding(place).with("what", what).with("name", &place.name)).collect()
        };
        let mut findings = unseen(&self.kinds, "kind", &borne.kinds);
        findings.extend(unseen(&self.attributes, "attribute", &borne.attributes));
        findings.truncate(MOST_FINDINGS);
        findings
    }

    fn kind(&mut self, name: &str, pointer: String) {
        if !SHIPPED_KINDS.contains(&name) {
            self.kinds.push(Place { name: name.to_owned(), pointer });
        }
    }

    fn attribute(&mut self, name: &str, pointer: String) {
        self.attributes.push(Place { name: name.to_owned(), pointer });
    }

    fn of_condition(&mut self, condition: &Condition, at: &str) {
        match condition {
            Condition::All(parts) => self.of_conditions(parts, &format!("{at}/all")),
            Condition::Any(parts) => self.of_conditions(parts, &format!("{at}/any")),
            Condition::Not(part) => self.of_condition(part, &format!("{at}/not")),
            Condition::Attribute(name, _) => self.attribute(name, format!("{at}/attribute")),
            Condition::Field(Field::Kind, kinds) => {
                kinds.iter().enumerate().for_each(|(index, kind)| self.kind(kind, format!("{at}/in/{index}")));
            }
            Condition::Measure(..) | Condition::Field(..) | Condition::Weekday(_) | Condition::LocalTime { .. } => {}
        }
    }

    fn of_conditions(&mut self, parts: &[Condition], at: &str) {
        parts.iter().enumerate().for_each(|(index, part)| self.of_condition(part, &format!("{at}/{index}")));
    }

    fn of_points(&mut self, points: &PointsFormula, at: &str) {
        let PointsFormula::By { attribute, cases, otherwise } = points else { return };
        self.attribute(attribute, format!("{at}/by/attribute"));
        for (name, case) in cases {
            self.of_points(case, &format!("{at}/cases{}", pointer_step(name)));
        }
        self.of_points(otherwise, &format!("{at}/else"));
    }
}

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

    /// The names that its rules expect evidence to bear, each where it stands in the document.
    pub fn expects(&self) -> Expected {
        let mut all = Expected::default();
        for (index, rule) in self.rules.iter().enumerate() {
            let mut expected = Expected::default();
            let at = format!("/rules/{index}");
            rule.on.iter().enumerate().for_each(|(index, kind)| expected.kind(kind, format!("{at}/on/{index}")));
            if let Some(condition) = &rule.when {
                expected.of_condition(condition, &format!("{at}/when"));
            }
            if let Some(points) = &rule.award.points {
                expected.of_points(points, &format!("{at}/award/points"));
            }
            if rule.on.iter().any(|kind| kind == KUDOS_KIND) {
                expected.attributes.retain(|place| !KUDOS_ATTRIBUTES.contains(&place.name.as_str()));
            }
            all.kinds.append(&mut expected.kinds);
            all.attributes.append(&mut expected.attributes);
        }
        all
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
        PointsFormula::Zones { over, .. } | PointsFormula::Steps { over, .. } | PointsFormula::Times { over, .. } => {
            names.extend(match over {
                Over::Measure(measure) => Some(measure.clone()),
                Over::Goal => None,
            });
        }
        PointsFormula::By { cases, otherwise, .. } => {
            cases.iter().for_each(|(_, case)| in_points(case, names));
            in_points(otherwise, names);
        }
    }
}
