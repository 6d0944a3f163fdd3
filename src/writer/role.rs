//! Granting and taking roles.

use super::{Command, Failure, Tx, due, person, team};
use crate::domain::ids::{PersonId, RoleGrantId};
use crate::domain::people::Role;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::signal::OWN_SOURCE;
use crate::domain::text::is_identifier;
use crate::store::people::{self, PersonRef};
use crate::store::roles::{self, RoleGrantRow};
use crate::store::row;

/// How far a role reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// As far as the role goes.
    Whole,
    /// A lead: these teams, by code.
    Teams(Vec<String>),
    /// A source: these names.
    Sources(Vec<String>),
}

/// Grants a role.
pub struct GrantRole {
    /// To whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
    /// How far.
    pub reach: Reach,
}

/// Takes a role.
pub struct TakeRole {
    /// From whom.
    pub person: PersonId,
    /// Which.
    pub role: Role,
}

impl Command for GrantRole {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let person = people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        if !person.active {
            return Err(Problem::new(ProblemCode::InactivePerson).with("reference", &person.user_name).into());
        }
        let reach = self.reach_text(tx)?;
        grant(tx, self.person, self.role, reach).map(drop)
    }
}

impl GrantRole {
    fn reach_text(&self, tx: &mut Tx<'_>) -> Result<String, Failure> {
        let missing = |field: &str| Finding::new(field, ProblemCode::MissingField).with("field", field);
        match (self.role, &self.reach) {
            (Role::Lead, Reach::Teams(codes)) if !codes.is_empty() => {
                let catalogue = tx.catalogue()?;
                let ids = codes.iter().map(|code| team::team_id(&catalogue, code, "team").map(String::from));
                Ok(ids.collect::<Result<Vec<_>, Failure>>()?.join(","))
            }
            (Role::Lead, _) => Err(missing("team").into()),
            (Role::Source, Reach::Sources(names)) if !names.is_empty() => {
                if names.iter().any(|name| !is_identifier(name) || name.contains(',')) {
                    return Err(Finding::new("sources", ProblemCode::InvalidIdentifier).into());
                }
                if names.iter().any(|name| name == OWN_SOURCE) {
                    return Err(Finding::new("sources", ProblemCode::ReservedSource).with("name", OWN_SOURCE).into());
                }
                Ok(names.join(","))
            }
            (Role::Source, _) => Err(missing("sources").into()),
            _ => Ok(String::new()),
        }
    }
}

impl Command for TakeRole {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        if self.role == Role::Admin {
            keep_an_admin(tx, self.person)?;
        }
        let grants = roles::of_people(tx.db, &[self.person.to_string()])?;
        let Some(open) = open(&grants, self.role) else { return Ok(()) };
        roles::end(tx.db, &open.id, tx.now)?;
        person::touch(tx, self.person)?;
        due::facts_changed(tx, self.person, Some(tx.now))?;
        due::work_off(tx).map(drop)
    }
}

fn open(grants: &[RoleGrantRow], role: Role) -> Option<&RoleGrantRow> {
    grants.iter().find(|grant| grant.role == role.name() && grant.until_at.is_none())
}

/// Grants a role; of one that is held already only the reach changes. Gives the person's revision.
///
/// A first grant reaches back without bound: directories learn of people after the fact, and evidence from before counts
/// by where they belonged. A grant after the role was taken starts now.
pub(super) fn grant(tx: &mut Tx<'_>, person: PersonId, role: Role, reach: String) -> Result<i64, Failure> {
    let grants = roles::of_people(tx.db, &[person.to_string()])?;
    match open(&grants, role) {
        Some(open) if open.reach == reach => {
            let person = people::find(tx.db, &PersonRef::Id(person))?.ok_or(ProblemCode::NotFound)?;
            return Ok(person.revision);
        }
        Some(open) => roles::update(tx.db, &RoleGrantRow { reach, ..open.clone() })?,
        None => {
            let held_before = grants.iter().any(|grant| grant.role == role.name());
            let grant = RoleGrantRow {
                id: RoleGrantId::new(tx.now).into(),
                person: person.into(),
                role: role.name().to_owned(),
                reach,
                from_at: held_before.then(|| row::stored(tx.now)),
                until_at: None,
            };
            roles::insert(tx.db, &grant)?;
        }
    }
    let revision = person::touch(tx, person)?;
    due::facts_changed(tx, person, None)?;
    due::work_off(tx)?;
    Ok(revision)
}

/// Refuses to lose the last active administrator.
pub(super) fn keep_an_admin(tx: &mut Tx<'_>, leaving: PersonId) -> Result<(), Failure> {
    let holders = roles::holders(tx.db, Role::Admin)?;
    let leaving = leaving.to_string();
    if !holders.iter().any(|grant| grant.person == leaving) {
        return Ok(());
    }
    let others: Vec<String> = holders.into_iter().map(|grant| grant.person).filter(|id| *id != leaving).collect();
    let another = people::by_ids(tx.db, &others)?.iter().any(|person| person.active);
    if another { Ok(()) } else { Err(ProblemCode::LastAdmin.into()) }
}
