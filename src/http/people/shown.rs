//! People as they are shown: whole to whom may read them, else their name and team.

use std::collections::HashMap;

use actix_web::http::header::EntityTag;
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;

use crate::access::caller::{Caller, HeldRoles};
use crate::access::policy::{Action, permits};
use crate::catalogue::{Catalogue, Team};
use crate::domain::people::Role;
use crate::domain::time::Instant;
use crate::http::callers::held_roles;
use crate::http::targets::relations_of;
use crate::store::db::Db;
use crate::store::people::PersonRow;
use crate::store::roles::RoleGrantRow;
use crate::store::{memberships, roles};

/// A person, whole.
#[derive(Debug, Serialize, ToSchema)]
pub struct PersonOut {
    /// The id.
    pub id: String,
    /// Unique; the `sub` of their tokens.
    pub user_name: String,
    /// The name others see.
    pub display_name: String,
    /// Unique.
    pub email: Option<String>,
    /// The HR system's number; unique.
    pub external_id: Option<String>,
    /// `en` or `de`; the organisation's if null.
    pub language: Option<String>,
    /// Whether they may do anything.
    pub active: bool,
    /// Their home team now.
    pub team: Option<TeamName>,
    /// The roles they hold.
    pub roles: Vec<&'static str>,
    /// The teams they lead, by code; those below are led too.
    pub leads: Vec<String>,
    /// The sources they may write.
    pub sources: Vec<String>,
}

/// A person, as everybody may see them.
#[derive(Debug, Serialize, ToSchema)]
pub struct NameOut {
    /// The id.
    pub id: String,
    /// Unique.
    pub user_name: String,
    /// The name others see.
    pub display_name: String,
    /// Their home team now.
    pub team: Option<TeamName>,
}

/// A person in a list: whole or not, as the caller may see them.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ListedOut {
    /// To HR, administrators, their leads and themselves.
    Whole(PersonOut),
    /// To others.
    Name(NameOut),
}

/// The caller.
#[derive(Debug, Serialize, ToSchema)]
pub struct MeOut {
    /// Who they are.
    #[serde(flatten)]
    pub person: PersonOut,
    /// The roles that the token leaves of those they hold.
    pub effective_roles: Vec<&'static str>,
    /// Their language, or else the organisation's.
    pub effective_language: &'static str,
}

/// A team in short.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TeamName {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
}

/// A person with what belongs to them.
pub struct Shown<'a> {
    row: PersonRow,
    team: Option<&'a Team>,
    held: HeldRoles,
    catalogue: &'a Catalogue,
}

/// People with their home teams at an instant and the roles they hold.
pub fn load<'a>(
    db: &mut Db,
    catalogue: &'a Catalogue,
    people: Vec<PersonRow>,
    at: Instant,
) -> QueryResult<Vec<Shown<'a>>> {
    let ids: Vec<String> = people.iter().map(|person| person.id.clone()).collect();
    let teams = memberships::home_teams(db, &ids, at)?;
    let mut grants: HashMap<String, Vec<RoleGrantRow>> = HashMap::new();
    for grant in roles::of_people(db, &ids)? {
        grants.entry(grant.person.clone()).or_default().push(grant);
    }
    let shown = people.into_iter().map(|row| {
        let team = teams.get(&row.id).and_then(|team| catalogue.teams.get(*team));
        let held = held_roles(grants.get(&row.id).into_iter().flatten())?;
        Ok(Shown { row, team, held, catalogue })
    });
    shown.collect()
}

/// One person, as they are kept now.
pub fn load_one<'a>(db: &mut Db, catalogue: &'a Catalogue, person: PersonRow, at: Instant) -> QueryResult<Shown<'a>> {
    load(db, catalogue, vec![person], at)?.pop().ok_or(diesel::result::Error::NotFound)
}

impl Shown<'_> {
    /// The tag of the whole person. The team is in it, for it can be renamed, and a membership can begin, without a
    /// change of the person.
    pub fn tag(&self) -> EntityTag {
        let team = self.team.map(|team| format!("-{}-r{}", team.code, team.row.revision));
        EntityTag::new_strong(format!("r{}{}", self.row.revision, team.unwrap_or_default()))
    }

    /// The whole person.
    pub fn whole(&self) -> PersonOut {
        let row = self.row.clone();
        let led = self.held.led_teams.iter().filter_map(|team| self.catalogue.teams.get(*team));
        let mut leads: Vec<String> = led.map(|team| team.code.to_string()).collect();
        leads.sort();
        PersonOut {
            id: row.id,
            user_name: row.user_name,
            display_name: row.display_name,
            email: row.email,
            external_id: row.external_id,
            language: row.language,
            active: row.active,
            team: self.team_name(),
            roles: self.held.roles.iter().copied().map(Role::name).collect(),
            leads,
            sources: self.held.sources.iter().cloned().collect(),
        }
    }

    /// As much of the person as `caller` may see.
    pub fn to(&self, caller: &Caller) -> QueryResult<ListedOut> {
        let team = self.team.map(|team| team.id);
        let relations = relations_of(caller, self.catalogue, self.row.person_id()?, team);
        if permits(Action::ReadPerson, caller, &relations) {
            return Ok(ListedOut::Whole(self.whole()));
        }
        let row = self.row.clone();
        let (id, user_name, display_name) = (row.id, row.user_name, row.display_name);
        Ok(ListedOut::Name(NameOut { id, user_name, display_name, team: self.team_name() }))
    }

    /// The person as `caller`, who they are.
    pub fn me(&self, caller: &Caller) -> MeOut {
        let language = caller.language.unwrap_or(self.catalogue.organization.language);
        MeOut {
            person: self.whole(),
            effective_roles: caller.effective_roles().map(Role::name).collect(),
            effective_language: language.tag(),
        }
    }

    fn team_name(&self) -> Option<TeamName> {
        self.team.map(|team| TeamName { code: team.code.to_string(), name: team.row.name.clone() })
    }
}
