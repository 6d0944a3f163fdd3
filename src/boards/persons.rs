//! Who is listed on a board of persons, and with how many points.
//!
//! Listed are the active who take part now or have an award in the period (SEMANTICS S43).

use std::collections::HashMap;

use chrono::TimeDelta;
use diesel::QueryResult;
use uuid::Uuid;

use super::live::{Course, Scope};
use super::news::subject_id;
use crate::domain::ids::{Code, PersonId};
use crate::domain::people::{Belonging, PersonFacts};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::memberships::{self, MembershipRow};
use crate::store::roles::{self, RoleGrantRow};
use crate::store::{awards, boards, row, seasons};

/// Scores of the listed, and when time alone may change who is listed.
#[derive(Debug, Default)]
pub struct Listing {
    /// Scores by subject.
    pub scores: HashMap<Uuid, i64>,
    /// The next such instant.
    pub next_moment: Option<Instant>,
}

/// What is known of some people.
struct Gathered {
    active: Vec<String>,
    memberships: Vec<MembershipRow>,
    roles: Vec<RoleGrantRow>,
    points: Vec<(String, i64)>,
    adjusted: HashMap<String, i64>,
}

/// Everybody who is listed.
pub fn everybody(db: &mut Db, scope: &Scope<'_>) -> QueryResult<Listing> {
    let counted = scope.key.counted();
    let gathered = Gathered {
        active: boards::active_people(db)?,
        memberships: memberships::overlapping(db, scope.now, scope.now + TimeDelta::microseconds(1))?,
        roles: roles::all(db)?,
        points: awards::points_by_subject(db, counted.programme, counted.from, counted.until)?,
        adjusted: adjusted(db, scope)?,
    };
    let next_moment = boards::next_boundary(db, scope.now)?;
    Ok(Listing { scores: judge(scope, gathered)?, next_moment })
}

/// Those of some people who are listed.
pub fn these(db: &mut Db, scope: &Scope<'_>, people: &[Uuid]) -> QueryResult<Listing> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let gathered = Gathered {
        active: boards::active_among(db, &ids)?,
        memberships: memberships::of_people(db, &ids)?,
        roles: roles::of_people(db, &ids)?,
        points: boards::points_among(db, scope.key.counted(), &ids)?,
        adjusted: adjusted(db, scope)?,
    };
    let ends = gathered.memberships.iter().map(MembershipRow::interval);
    let ends = ends.chain(gathered.roles.iter().map(RoleGrantRow::interval));
    let ends = ends.flat_map(|interval| [interval.from, interval.until]).flatten();
    let next_moment = ends.filter(|end| *end > scope.now).min();
    Ok(Listing { scores: judge(scope, gathered)?, next_moment })
}

/// By how much the points of subjects have moved after their season was closed; where the period may lie in one.
pub(super) fn adjusted(db: &mut Db, scope: &Scope<'_>) -> QueryResult<HashMap<String, i64>> {
    if scope.course == Course::Open { Ok(HashMap::new()) } else { seasons::adjusted(db, scope.key.counted()) }
}

/// Points without what has moved after closing; whoever earned only then has none.
pub(super) fn published(points: Vec<(String, i64)>, adjusted: HashMap<String, i64>) -> QueryResult<HashMap<Uuid, i64>> {
    let mut found = HashMap::with_capacity(points.len());
    for (subject, points) in points {
        found.insert(subject_id(&subject)?, points);
    }
    for (subject, moved) in adjusted {
        let subject = subject_id(&subject)?;
        let points = found.get(&subject).copied().unwrap_or(0).checked_sub(moved);
        match points.ok_or_else(|| row::corrupt("points out of range"))? {
            0 => found.remove(&subject),
            points => found.insert(subject, points),
        };
    }
    Ok(found)
}

fn judge(scope: &Scope<'_>, gathered: Gathered) -> QueryResult<HashMap<Uuid, i64>> {
    let points = published(gathered.points, gathered.adjusted)?;
    let mut people: HashMap<Uuid, PersonFacts> = HashMap::with_capacity(gathered.active.len());
    for id in gathered.active {
        let id = subject_id(&id)?;
        people.insert(id, PersonFacts::of(PersonId(id)));
    }
    for membership in gathered.memberships {
        let Some(facts) = people.get_mut(&subject_id(&membership.person)?) else { continue };
        let interval = membership.interval();
        let team = scope.catalogue.teams.get(row::parsed(membership.team)?);
        let team = team.ok_or_else(|| row::corrupt("a membership without team"))?;
        facts.belongings.push(Belonging { team: team.id, lineage: team.lineage.clone(), interval });
    }
    for grant in gathered.roles {
        if let Some(facts) = people.get_mut(&subject_id(&grant.person)?) {
            facts.roles.push((grant.role()?, grant.interval()));
        }
    }
    let listed = |(id, facts): (&Uuid, &PersonFacts)| {
        let earned = points.get(id).copied();
        let takes_part = earned.is_some() || scope.programme.audience.includes(facts, scope.now);
        (takes_part && within(scope.key.team.as_ref(), facts, scope.now)).then_some((*id, earned.unwrap_or(0)))
    };
    Ok(people.iter().filter_map(listed).collect())
}

/// Whether somebody is at home in the team that a board is narrowed to, if it is.
fn within(team: Option<&Code>, facts: &PersonFacts, now: Instant) -> bool {
    team.is_none_or(|team| facts.lineage_at(now).contains(team))
}
