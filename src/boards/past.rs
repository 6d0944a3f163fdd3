//! Who is listed on a board of persons of a season that is over, and with how much, where that was not kept, or is about
//! to be.
//!
//! Listed are the active who took part at the period's end or have an award in it (SEMANTICS S43), hidden or not: that is
//! for whoever reads it.

use std::collections::HashMap;

use chrono::TimeDelta;
use diesel::QueryResult;
use uuid::Uuid;

use super::news::subject_id;
use super::scope::Scope;
use super::scores::{self, Scored};
use crate::domain::ids::PersonId;
use crate::domain::people::{Belonging, PersonFacts};
use crate::domain::programme::Rank;
use crate::store::db::Db;
use crate::store::{boards, memberships, roles, row};

/// Everybody who is listed.
pub(super) fn listed(db: &mut Db, scope: &Scope) -> QueryResult<HashMap<Uuid, Scored>> {
    let mut scored: HashMap<Uuid, Scored> = HashMap::new();
    scores::all(db, scope, &mut |person, score| {
        let held = scored.entry(person).or_insert(Scored { key: 0, ..score });
        held.key = scores::added(held.key, score.key)?;
        Ok(())
    })?;
    let facts = facts(db, scope)?;
    let listed = facts.iter().filter_map(|(person, facts)| {
        let score = scored.get(person).copied();
        let earned = score.is_some() && scope.board.rank == Rank::Points;
        let takes_part = earned || scope.programme.audience.includes(facts, scope.now);
        (takes_part && scope.is_within(facts.lineage_at(scope.now)))
            .then_some((*person, score.unwrap_or_else(|| Scored::without_evidence(scope))))
    });
    Ok(listed.collect())
}

/// The facts about everybody active that decide who took part at the scope's moment.
fn facts(db: &mut Db, scope: &Scope) -> QueryResult<HashMap<Uuid, PersonFacts>> {
    let mut people: HashMap<Uuid, PersonFacts> = HashMap::new();
    for id in boards::active_people(db)? {
        let id = subject_id(&id)?;
        people.insert(id, PersonFacts::of(PersonId(id)));
    }
    for membership in memberships::overlapping(db, scope.now, scope.now + TimeDelta::microseconds(1))? {
        let Some(facts) = people.get_mut(&subject_id(&membership.person)?) else { continue };
        let interval = membership.interval();
        let team = scope.catalogue.teams.get(row::parsed(membership.team)?);
        let team = team.ok_or_else(|| row::corrupt("a membership without team"))?;
        facts.belongings.push(Belonging { team: team.id, lineage: team.lineage.clone(), interval });
    }
    for grant in roles::all(db)? {
        if let Some(facts) = people.get_mut(&subject_id(&grant.person)?) {
            facts.roles.push((grant.role()?, grant.interval()));
        }
    }
    Ok(people)
}
