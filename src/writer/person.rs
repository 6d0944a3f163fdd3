//! Adding, changing and deactivating people.

use super::organization::Expected;
use super::{Command, Failure, Tx, erase, grant, membership, redemption, role};
use crate::domain::ids::PersonId;
use crate::domain::language::Language;
use crate::domain::people::{Role, check_user_name};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::erasing;
use crate::store::head::ChangeKind;
use crate::store::people::{self, PersonRef, PersonRow};
use crate::store::row;

/// Why the redemptions of somebody who leaves are cancelled.
const LEFT: &str = "deactivated";

/// What is known of a person, already checked as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonDetails {
    /// Unique; the `sub` of their tokens.
    pub user_name: String,
    /// The name others see.
    pub display_name: String,
    /// Unique.
    pub email: Option<String>,
    /// The HR system's number; unique.
    pub external_id: Option<String>,
    /// Their language; the organisation's without one.
    pub language: Option<Language>,
}

/// Adds a person, who starts as an agent.
pub struct AddPerson {
    /// What is known of them.
    pub details: PersonDetails,
}

/// Makes sure that an administrator exists: finds the person or adds them, and grants the role.
pub struct EnsureAdmin {
    /// Their user name.
    pub user_name: String,
}

/// What may be different about a person; none leaves it as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonChanges {
    /// The name others see.
    pub display_name: Option<String>,
    /// The address; `Some(None)` removes it.
    pub email: Option<Option<String>>,
    /// The number; `Some(None)` removes it.
    pub external_id: Option<Option<String>>,
    /// The language; `Some(None)` returns to the organisation's.
    pub language: Option<Option<Language>>,
    /// Active or not.
    pub active: Option<bool>,
}

/// Changes a person.
pub struct ChangePerson {
    /// Who.
    pub person: PersonId,
    /// What is different.
    pub changes: PersonChanges,
    /// The revision the change was made on.
    pub expected: Expected,
}

impl Command for AddPerson {
    type Output = PersonRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<PersonRow, Failure> {
        let row = add(tx, &self.details)?;
        let revision = role::grant(tx, row.person_id()?, Role::Agent, String::new())?;
        Ok(PersonRow { revision, ..row })
    }
}

impl Command for EnsureAdmin {
    type Output = PersonRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<PersonRow, Failure> {
        check_user_name(&self.user_name)?;
        let row = match people::find(tx.db, &PersonRef::UserName(self.user_name.clone()))? {
            Some(row) if !row.active => {
                let refused = Problem::new(ProblemCode::InactivePerson).with("reference", &self.user_name);
                return Err(refused.into());
            }
            Some(row) => row,
            None => add(
                tx,
                &PersonDetails {
                    user_name: self.user_name.clone(),
                    display_name: self.user_name.clone(),
                    email: None,
                    external_id: None,
                    language: None,
                },
            )?,
        };
        let revision = role::grant(tx, row.person_id()?, Role::Admin, String::new())?;
        Ok(PersonRow { revision, ..row })
    }
}

fn add(tx: &mut Tx<'_>, details: &PersonDetails) -> Result<PersonRow, Failure> {
    let id = PersonId::new(tx.now);
    let row = PersonRow {
        id: id.into(),
        user_name: details.user_name.clone(),
        search: PersonRow::search_text(&details.user_name, &details.display_name),
        display_name: details.display_name.clone(),
        email: details.email.clone(),
        external_id: details.external_id.clone(),
        language: details.language.map(|language| language.tag().to_owned()),
        active: true,
        created_at: row::stored(tx.now),
        revision: 0,
    };
    unique(tx, &row)?;
    let revision = tx.record(ChangeKind::Person, &row.id)?;
    let row = PersonRow { revision, ..row };
    people::insert(tx.db, &row)?;
    Ok(row)
}

/// Records that a person, their roles or their memberships changed: all of it is one document with one revision.
pub(super) fn touch(tx: &mut Tx<'_>, person: PersonId) -> Result<i64, Failure> {
    let id = person.to_string();
    let revision = tx.record(ChangeKind::Person, &id)?;
    people::set_revision(tx.db, &id, revision)?;
    Ok(revision)
}

/// Refuses a name, address or number that somebody else has.
fn unique(tx: &mut Tx<'_>, row: &PersonRow) -> Result<(), Failure> {
    let taken = [
        ("/user_name", Some(PersonRef::UserName(row.user_name.clone()))),
        ("/email", row.email.clone().map(PersonRef::Email)),
        ("/external_id", row.external_id.clone().map(PersonRef::ExternalId)),
    ];
    for (pointer, reference) in taken {
        let Some(reference) = reference else { continue };
        let erased = matches!(&reference, PersonRef::UserName(name) if erase::is_taken(tx, name)?);
        if erased || people::find(tx.db, &reference)?.is_some_and(|other| other.id != row.id) {
            return Err(Finding::new(pointer, ProblemCode::AlreadyExists).with("what", reference).into());
        }
    }
    Ok(())
}

impl Command for ChangePerson {
    type Output = PersonRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<PersonRow, Failure> {
        let held = people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        check_not_erased(&held)?;
        self.expected.check(held.revision)?;
        let wanted = self.changes.applied(&held);
        if wanted == held {
            return Ok(held);
        }
        unique(tx, &wanted)?;
        let revision = tx.record(ChangeKind::Person, &held.id)?;
        if held.active && !wanted.active {
            role::keep_an_admin(tx, self.person)?;
            membership::end_now(tx, self.person, revision)?;
            grant::cancel_open(tx, self.person)?;
            redemption::cancel_open(tx, self.person, LEFT)?;
        }
        remember_former(tx, &held, &wanted)?;
        let wanted = PersonRow { revision, ..wanted };
        people::update(tx.db, &wanted)?;
        Ok(wanted)
    }
}

/// Remembers what is no longer a name or address of somebody: texts may go on naming them by it.
fn remember_former(tx: &mut Tx<'_>, held: &PersonRow, wanted: &PersonRow) -> Result<(), Failure> {
    let names = |row: &PersonRow| {
        let certain = [row.user_name.clone(), row.display_name.clone()];
        certain.into_iter().chain(row.email.clone()).chain(row.external_id.clone()).collect::<Vec<_>>()
    };
    let kept = names(wanted);
    for former in names(held).iter().filter(|name| !kept.contains(name)) {
        erasing::remember(tx.db, &held.id, former)?;
    }
    Ok(())
}

/// Refuses to change somebody who was erased: that is for good.
pub(super) fn check_not_erased(held: &PersonRow) -> Result<(), Failure> {
    if held.is_erased() { Err(ProblemCode::PersonErased.into()) } else { Ok(()) }
}

impl PersonChanges {
    fn applied(&self, held: &PersonRow) -> PersonRow {
        let mut row = held.clone();
        if let Some(name) = &self.display_name {
            row.search = PersonRow::search_text(&row.user_name, name);
            row.display_name.clone_from(name);
        }
        if let Some(email) = &self.email {
            row.email.clone_from(email);
        }
        if let Some(number) = &self.external_id {
            row.external_id.clone_from(number);
        }
        if let Some(language) = self.language {
            row.language = language.map(|language| language.tag().to_owned());
        }
        if let Some(active) = self.active {
            row.active = active;
        }
        row
    }
}
