//! The names that a programme takes from outside itself.

use std::collections::BTreeSet;

use super::{Condition, Field, Goal, Over, Pattern, PointsFormula, Programme, Quantity, Rank, Rule};
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

    fn append(&mut self, mut other: Self) {
        self.kinds.append(&mut other.kinds);
        self.attributes.append(&mut other.attributes);
    }

    /// Without the attributes that the server gives, if there is a kudos among signals of these kinds.
    fn borne_by<'a>(mut self, kinds: impl IntoIterator<Item = &'a String>) -> Self {
        if kinds.into_iter().any(|kind| kind == KUDOS_KIND) {
            self.attributes.retain(|place| !KUDOS_ATTRIBUTES.contains(&place.name.as_str()));
        }
        self
    }

    fn of_kinds(&mut self, kinds: &[String], at: &str) {
        kinds.iter().enumerate().for_each(|(index, kind)| self.kind(kind, format!("{at}/{index}")));
    }

    fn of_goal(&mut self, goal: &Goal, at: &str) {
        match &goal.quantity {
            Quantity::Signals | Quantity::Measure(..) => {}
            Quantity::Share(of) => self.of_condition(of, &format!("{at}/share")),
            Quantity::Distinct(name) => self.attribute(name, format!("{at}/count_distinct/attribute")),
        }
    }

    fn of_condition(&mut self, condition: &Condition, at: &str) {
        match condition {
            Condition::All(parts) => self.of_conditions(parts, &format!("{at}/all")),
            Condition::Any(parts) => self.of_conditions(parts, &format!("{at}/any")),
            Condition::Not(part) => self.of_condition(part, &format!("{at}/not")),
            Condition::Attribute(name, _) => self.attribute(name, format!("{at}/attribute")),
            Condition::Field(Field::Kind, kinds) => {
                self.of_kinds(kinds, &format!("{at}/in"));
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
    /// The measures that it names: from activation on they are fixed.
    pub fn measures(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        self.rules.iter().for_each(|rule| names.append(&mut rule.measures()));
        let boosts = self.boosts.iter().filter_map(|boost| boost.when.as_ref());
        boosts.for_each(|condition| in_condition(condition, &mut names));
        names.extend(self.boards.iter().filter_map(|board| match &board.rank {
            Rank::Measure { measure, .. } => Some(measure.clone()),
            Rank::Points | Rank::Kudos => None,
        }));
        names
    }

    /// The names that it expects evidence to bear, each where it stands in the document.
    pub fn expects(&self) -> Expected {
        let mut all = Expected::default();
        for (index, rule) in self.rules.iter().enumerate() {
            all.append(rule.expects(&format!("/rules/{index}")));
        }
        for (index, boost) in self.boosts.iter().enumerate() {
            let Some(when) = &boost.when else { continue };
            let mut expected = Expected::default();
            expected.of_condition(when, &format!("/boosts/{index}/when"));
            let boosted = self.rules.iter().filter(|rule| boost.rules.contains(&rule.code));
            all.append(expected.borne_by(boosted.flat_map(|rule| &rule.on)));
        }
        all
    }
}

impl Rule {
    /// The measures that it names.
    pub fn measures(&self) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        let goals = self.pattern.goal().into_iter().chain(self.guard.as_ref().map(|guard| &guard.goal));
        goals.for_each(|goal| in_quantity(&goal.quantity, &mut names));
        let conditions = self.when.as_ref().into_iter().chain(self.pattern.counting());
        conditions.for_each(|condition| in_condition(condition, &mut names));
        self.award.points.iter().for_each(|points| in_points(points, &mut names));
        names
    }

    /// The names that it expects evidence to bear, in the document's part at `at`.
    fn expects(&self, at: &str) -> Expected {
        let mut expected = Expected::default();
        expected.of_kinds(&self.on, &format!("{at}/on"));
        if let Some(condition) = &self.when {
            expected.of_condition(condition, &format!("{at}/when"));
        }
        if let Some(condition) = self.pattern.counting() {
            expected.of_condition(condition, &format!("{at}/streak/of"));
        }
        if let Some(goal) = self.pattern.goal() {
            expected.of_goal(goal, &format!("{at}/goal"));
        }
        if let Some(points) = &self.award.points {
            expected.of_points(points, &format!("{at}/award/points"));
        }
        let mut expected = expected.borne_by(&self.on);
        if let Some(guard) = &self.guard {
            let mut guarding = Expected::default();
            guarding.of_kinds(&guard.on, &format!("{at}/guard/on"));
            guarding.of_goal(&guard.goal, &format!("{at}/guard/goal"));
            expected.append(guarding.borne_by(&guard.on));
        }
        expected
    }
}

impl Pattern {
    /// What counts towards a streak.
    fn counting(&self) -> Option<&Condition> {
        match self {
            Self::Streak(streak) | Self::DayStreak(streak) => Some(&streak.of),
            Self::Each | Self::Goal(_) | Self::TeamGoal(..) => None,
        }
    }

    /// The goal.
    pub(super) fn goal(&self) -> Option<&Goal> {
        match self {
            Self::Goal(goal) | Self::TeamGoal(goal, _) => Some(goal),
            Self::Each | Self::Streak(_) | Self::DayStreak(_) => None,
        }
    }
}

fn in_quantity(quantity: &Quantity, names: &mut BTreeSet<String>) {
    match quantity {
        Quantity::Signals | Quantity::Distinct(_) => {}
        Quantity::Measure(measure, _) => {
            names.insert(measure.clone());
        }
        Quantity::Share(of) => in_condition(of, names),
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
