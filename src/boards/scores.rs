//! What people's evidence comes to in a period: their points, the kudos they received, or how they were measured.
//!
//! Always added up anew from what is kept, for everybody or for those concerned, by the same statements: the first
//! reading of a board and its following cannot drift apart.

use std::collections::HashMap;

use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::news::subject_id;
use super::scope::{Course, Scope};
use crate::domain::measure::Measure;
use crate::domain::programme::Rank;
use crate::domain::samples::{Samples, rate};
use crate::store::db::Db;
use crate::store::{board_evidence as evidence, boards, row, seasons};

/// What somebody's evidence comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scored {
    /// What is ranked, the higher the better: points, kudos, or millionths of a measure (SEMANTICS S45).
    pub key: i64,
    /// On boards of measures: how it came about.
    pub measured: Option<Measured>,
}

/// How somebody was measured; in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measured {
    /// The score, in the measure's own sense.
    pub score: i64,
    /// The value as it is.
    pub value: i64,
    /// Where the value lies with a certainty of 95 %.
    pub interval: Option<(i64, i64)>,
    /// How many values.
    pub samples: u32,
}

impl Scored {
    /// So many points or kudos.
    pub fn whole(key: i64) -> Self {
        Self { key, measured: None }
    }

    /// Of somebody who is listed without any evidence.
    pub(super) fn without_evidence(scope: &Scope) -> Self {
        let unmeasured = Measured { score: 0, value: 0, interval: None, samples: 0 };
        let measured = matches!(scope.board.rank, Rank::Measure { .. }).then_some(unmeasured);
        Self { key: 0, measured }
    }

    /// Whether it is enough to be ranked.
    pub(super) fn is_enough(&self, rank: &Rank) -> bool {
        match rank {
            Rank::Measure { min_samples, .. } => self.samples() >= *min_samples,
            Rank::Points | Rank::Kudos => true,
        }
    }

    /// How many values of a measure it rests on.
    pub fn samples(&self) -> u32 {
        self.measured.map_or(0, |measured| measured.samples)
    }

    /// The values of a measure; none if there is none.
    pub(super) fn measured(scope: &Scope, measure: &Measure, samples: &Samples) -> Option<Self> {
        let Rank::Measure { prior, .. } = &scope.board.rank else { return None };
        let rating = rate(measure, *prior, samples)?;
        let (score, value, interval) = (rating.score, rating.value, rating.interval);
        let measured = Measured { score, value, interval, samples: samples.count() };
        Some(Self { key: rating.key, measured: Some(measured) })
    }
}

/// The measure that a board ranks by.
pub(super) fn measure_of<'a>(scope: &'a Scope, code: &str) -> QueryResult<&'a Measure> {
    let measure = scope.catalogue.measures.get(code);
    measure.map(|entry| &entry.measure).ok_or_else(|| row::corrupt(format!("a board of the unknown measure {code}")))
}

/// Everybody's. Points of one subject may come in parts, to be added up.
pub(super) fn all(
    db: &mut Db,
    scope: &Scope,
    give: &mut dyn FnMut(Uuid, Scored) -> QueryResult<()>,
) -> QueryResult<()> {
    let (counted, window) = (scope.counted(), scope.window());
    match &scope.board.rank {
        Rank::Points if scope.course == Course::Open => {
            boards::each_points(db, counted, &mut |subject, points| give(subject_id(subject)?, Scored::whole(points)))
        }
        Rank::Points => {
            let mut points: HashMap<Uuid, i64> = HashMap::new();
            boards::each_points(db, counted, &mut |subject, earned| {
                let sum = points.entry(subject_id(subject)?).or_default();
                *sum = added(*sum, earned)?;
                Ok(())
            })?;
            let published = published(points, seasons::adjusted(db, counted)?)?;
            published.into_iter().try_for_each(|(subject, points)| give(subject, Scored::whole(points)))
        }
        Rank::Kudos => {
            let received = evidence::kudos_received(db, window)?;
            received.into_iter().try_for_each(|(person, kudos)| give(subject_id(&person)?, Scored::whole(kudos)))
        }
        Rank::Measure { measure, .. } => {
            let measure = measure_of(scope, measure)?;
            let mut samples: HashMap<Uuid, Samples> = HashMap::new();
            evidence::values_of(db, measure.code.as_str(), window, |agent, _, value| {
                samples.entry(subject_id(agent)?).or_default().add(measure, value);
                Ok(())
            })?;
            let scored =
                samples.iter().filter_map(|(id, samples)| Some((*id, Scored::measured(scope, measure, samples)?)));
            scored.into_iter().try_for_each(|(person, scored)| give(person, scored))
        }
    }
}

/// Those of some people who have any.
pub(super) fn of(db: &mut Db, scope: &Scope, people: &[Uuid]) -> QueryResult<HashMap<Uuid, Scored>> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let (counted, window) = (scope.counted(), scope.window());
    match &scope.board.rank {
        Rank::Points => {
            let points = boards::points_among(db, counted, &ids)?;
            let mut adjusted =
                if scope.course == Course::Open { HashMap::new() } else { seasons::adjusted(db, counted)? };
            adjusted.retain(|subject, _| ids.contains(subject));
            let points = by_id(points)?;
            let points = published(points, adjusted)?;
            Ok(points.into_iter().map(|(person, points)| (person, Scored::whole(points))).collect())
        }
        Rank::Kudos => {
            let received = evidence::kudos_received_by(db, window, &ids)?;
            received.into_iter().map(|(person, kudos)| Ok((subject_id(&person)?, Scored::whole(kudos)))).collect()
        }
        Rank::Measure { measure, .. } => {
            let measure = measure_of(scope, measure)?;
            let mut samples: HashMap<Uuid, Samples> = HashMap::new();
            evidence::values_of_agents(db, measure.code.as_str(), window, &ids, |agent, _, value| {
                samples.entry(subject_id(agent)?).or_default().add(measure, value);
                Ok(())
            })?;
            let scored =
                samples.iter().filter_map(|(id, samples)| Some((*id, Scored::measured(scope, measure, samples)?)));
            Ok(scored.collect())
        }
    }
}

/// Points by id in place of text.
pub(super) fn by_id(points: Vec<(String, i64)>) -> QueryResult<HashMap<Uuid, i64>> {
    points.into_iter().map(|(subject, points)| Ok((subject_id(&subject)?, points))).collect()
}

/// A sum of points.
pub(super) fn added(sum: i64, points: i64) -> QueryResult<i64> {
    sum.checked_add(points).ok_or_else(|| row::corrupt("points out of range"))
}

/// Points without what has moved after closing; whoever earned only then has none.
pub(super) fn published(
    mut points: HashMap<Uuid, i64>,
    adjusted: HashMap<String, i64>,
) -> QueryResult<HashMap<Uuid, i64>> {
    for (subject, moved) in adjusted {
        let subject = subject_id(&subject)?;
        let left = points.get(&subject).copied().unwrap_or(0).checked_sub(moved);
        match left.ok_or_else(|| row::corrupt("points out of range"))? {
            0 => points.remove(&subject),
            left => points.insert(subject, left),
        };
    }
    Ok(points)
}
