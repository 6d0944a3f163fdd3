//! What permissions are asked for: the rows behind paths, and how a caller stands to them.

use std::sync::Arc;

use diesel::QueryResult;

use super::permit::{Asked, Seen, Target};
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation};
use crate::catalogue::{Catalogue, ProgrammeEntry, Team};
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::people::Role;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::memberships;
use crate::store::people::{self, PersonRef, PersonRow};

/// The person of `{person}`: `me`, an id, or a user name.
pub struct PersonTarget {
    /// Who.
    pub row: PersonRow,
    /// Their id.
    pub id: PersonId,
    /// Their home team now.
    pub team: Option<TeamId>,
}

/// The reference that a path segment or a plain string is.
pub fn person_reference(text: &str) -> PersonRef {
    text.parse().map_or_else(|_| PersonRef::UserName(text.to_owned()), PersonRef::Id)
}

/// The home team of a person at an instant.
pub fn home_team(db: &mut Db, person: &str, at: Instant) -> QueryResult<Option<TeamId>> {
    Ok(memberships::home_teams(db, &[person.to_owned()], at)?.remove(person))
}

/// A team and the teams above it, as ids.
pub fn lineage(catalogue: &Catalogue, team: Option<TeamId>) -> Vec<TeamId> {
    let team = team.and_then(|team| catalogue.teams.get(team));
    let codes = team.map(|team| team.lineage.iter()).into_iter().flatten();
    codes.filter_map(|code| catalogue.teams.by_code(code.as_str())).map(|team| team.id).collect()
}

/// How a caller stands to a person whose home team is `team`.
pub fn relations_to(asked: &Asked, person: PersonId, team: Option<TeamId>) -> Vec<Relation> {
    relations_of(&asked.caller, &asked.catalogue, person, team)
}

/// The same outside of a permit.
pub fn relations_of(caller: &Caller, catalogue: &Catalogue, person: PersonId, team: Option<TeamId>) -> Vec<Relation> {
    let mut relations = Vec::new();
    if caller.person == person {
        relations.push(Relation::Themselves);
    }
    if caller.leads(&lineage(catalogue, team)) {
        relations.push(Relation::LeadOfThem);
    }
    relations
}

impl Target for PersonTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadPerson);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let reference = match asked.parameter("person") {
            // A route without the parameter has `me` in its path.
            "me" | "" => PersonRef::Id(asked.caller.person),
            other => person_reference(other),
        };
        let Some(row) = people::find(db, &reference)? else { return Ok(None) };
        let (id, team) = (row.person_id()?, home_team(db, &row.id, asked.now)?);
        let mut relations = relations_to(asked, id, team);
        relations.extend((asked.caller.person != id).then_some(Relation::Uninvolved));
        Ok(Some((Self { row, id, team }, relations)))
    }
}

/// The programme of `{programme}`.
pub struct ProgrammeTarget(pub Arc<ProgrammeEntry>);

impl Target for ProgrammeTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadProgramme);

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let entry = asked.catalogue.programmes.get(asked.parameter("programme"))?;
        Some((Self(entry.clone()), relations_to_programme(asked, entry)))
    }
}

/// How a caller stands to a programme: in its audience now, or leading somebody of it.
pub fn relations_to_programme(asked: &Asked, entry: &ProgrammeEntry) -> Vec<Relation> {
    let Asked { caller, catalogue, now, .. } = asked;
    // Not the newest: one that is scheduled may be for others.
    let Some(current) = entry.current(*now) else { return Vec::new() };
    let audience = &current.programme.audience;
    let home = caller.dated.home_at(*now).and_then(|team| catalogue.teams.get(team));
    let mut relations = Vec::new();
    if audience.fits(home.map_or(&[], |team| &team.lineage), |role| caller.dated.held(role, *now)) {
        relations.push(Relation::Audience);
    }
    // Most callers lead nobody, and few need to look through the teams.
    let leads = |team: &Team| caller.leads(&lineage(catalogue, Some(team.id)));
    if caller.has(Role::Lead) && catalogue.teams_of(&current.programme).any(leads) {
        relations.push(Relation::LeadOfThem);
    }
    relations
}
