//! What the closing of a season publishes: a statement of ids and numbers that never changes (SEMANTICS S34, S37).
//!
//! Knows no names: those are resolved when it is read.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::ids::Subject;
use super::time::Instant;

/// The statement of a closed season.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// Its first local day.
    pub from: NaiveDate,
    /// The local day after its last.
    pub until: NaiveDate,
    /// Always true: only closed seasons have one.
    pub closed: bool,
    /// When it was closed.
    pub closed_at: Instant,
    /// The last number of the sequence that it holds.
    pub position: i64,
    /// Everybody with their result, persons before teams, by rank.
    pub subjects: Vec<Line>,
}

/// The result of one subject.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Whose.
    pub subject: Ranked,
    /// Their points.
    pub points: i64,
    /// 1 + those of their kind with more points.
    pub rank: usize,
    /// Code of the highest tier reached.
    pub tier: Option<String>,
    /// Codes of the badges held, for good.
    pub badges: Vec<String>,
}

/// Who is ranked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ranked {
    /// A person or a team.
    pub kind: Kind,
    /// Their id.
    pub id: Uuid,
}

/// What kind of subject somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A person.
    Person,
    /// A team.
    Team,
}

impl From<Subject> for Ranked {
    fn from(subject: Subject) -> Self {
        let kind = match subject {
            Subject::Person(_) => Kind::Person,
            Subject::Team(_) => Kind::Team,
        };
        Self { kind, id: subject.uuid() }
    }
}

/// Ranks everybody among their kind: those with as many points share a rank, and the next one is skipped. Gives subject,
/// points and rank, in the order of a statement.
pub fn ranked(points: &BTreeMap<Subject, i64>) -> Vec<(Subject, i64, usize)> {
    let kind = |subject: Subject| Ranked::from(subject).kind;
    let mut order: Vec<(Subject, i64)> = points.iter().map(|(subject, points)| (*subject, *points)).collect();
    order.sort_unstable_by_key(|(subject, points)| (kind(*subject), std::cmp::Reverse(*points), *subject));
    let mut lines: Vec<(Subject, i64, usize)> = Vec::with_capacity(order.len());
    let (mut place, mut current) = (0, None);
    for (subject, points) in order {
        let same_kind = current.is_some_and(|(before, _, _)| kind(before) == kind(subject));
        place = if same_kind { place + 1 } else { 1 };
        let rank = match current {
            Some((_, before, rank)) if same_kind && before == points => rank,
            _ => place,
        };
        current = Some((subject, points, rank));
        lines.push((subject, points, rank));
    }
    lines
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::{PersonId, TeamId};

    proptest! {
        #[test]
        fn a_rank_is_one_more_than_those_of_the_kind_with_more_points(points in prop::collection::vec((any::<bool>(), 0_i64..6), 0..40)) {
            let subject = |(number, (team, _)): (usize, &(bool, i64))| {
                let id = Uuid::from_u128(number as u128);
                if *team { Subject::Team(TeamId(id)) } else { Subject::Person(PersonId(id)) }
            };
            let points: BTreeMap<Subject, i64> = points.iter().enumerate().map(|(n, one)| (subject((n, one)), one.1)).collect();
            let lines = ranked(&points);
            prop_assert_eq!(lines.len(), points.len());
            for (subject, held, rank) in &lines {
                let kind = |one: &Subject| matches!(one, Subject::Team(_));
                let ahead = points.iter().filter(|(other, more)| kind(other) == kind(subject) && *more > held).count();
                prop_assert_eq!((*rank, points[subject]), (ahead + 1, *held));
            }
            prop_assert!(lines.is_sorted_by_key(|(subject, _, rank)| (matches!(subject, Subject::Team(_)), *rank, *subject)));
        }
    }
}
