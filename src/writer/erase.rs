//! Erasing a person: every trace of who they were goes, and no total, rank or statement moves (SEMANTICS S33).
//!
//! Accounts, awards, transfers and what closed seasons published bear ids, and stay as they are. What is evidence keeps
//! what rules read, with other texts in place of names.

mod evidence;
mod texts;

pub(super) use self::evidence::{held_by_other_keys, is_final};
pub(super) use self::texts::request_digest;

use std::collections::BTreeSet;

use super::organization::Expected;
use super::person::{ChangePerson, PersonChanges, touch};
use super::settle;
use super::{Actor, Command, Failure, Tx, due, grant, redemption};
use crate::domain::erasing::{Pseudonyms, named_attributes};
use crate::domain::ids::PersonId;
use crate::domain::problem::ProblemCode;
use crate::domain::programme::Pattern;
use crate::store::erasing::{self, Hints};
use crate::store::head::ChangeKind;
use crate::store::people::{self, PersonRef, PersonRow};
use crate::store::{certificates, roles, row};

/// What a note becomes that was about somebody erased; there is always one.
const ERASED_NOTE: &str = "erased";
/// What of the digests of user names is in the digest.
pub(super) const USER_NAME: &str = "user_name";

/// Erases a person, for good. A further time does nothing.
pub struct ErasePerson {
    /// Who; never who does it.
    pub person: PersonId,
}

/// What erasing did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Erased {
    /// They are erased now.
    Now,
    /// They were before.
    AlreadyApplied,
}

/// Whom to erase, what stands in place of their names, and where to look for these.
struct Erasing {
    id: String,
    person: PersonId,
    pseudonyms: Pseudonyms,
    hints: Hints,
    /// The attributes that rules of any version name.
    named: BTreeSet<String>,
}

impl Command for ErasePerson {
    type Output = Erased;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Erased, Failure> {
        if tx.actor == Actor::Person(self.person) {
            return Err(ProblemCode::Forbidden.into());
        }
        let held = people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        if held.is_erased() {
            return Ok(Erased::AlreadyApplied);
        }
        tx.db.take_your_time()?;
        let mut erasing = Erasing::of(tx, &held)?;
        leave(tx, self.person)?;
        let held = people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        erase_row(tx, held)?;
        let changed = evidence::rewrite_documents(tx, &mut erasing)?;
        let touched = evidence::rewrite(tx, &mut erasing)?;
        texts::rewrite(tx, &mut erasing)?;
        for (programme, from) in changed {
            let catalogue = tx.catalogue()?;
            let Some(entry) = catalogue.programmes.get(&programme) else { continue };
            due::rules_changed(tx, entry, from)?;
        }
        settle::settle(tx, &touched)?;
        due::work_off(tx)?;
        Ok(Erased::Now)
    }
}

impl Erasing {
    fn of(tx: &mut Tx<'_>, held: &PersonRow) -> Result<Self, Failure> {
        let former = erasing::former_names(tx.db, &held.id)?;
        let names = [Some(&held.user_name), Some(&held.display_name), held.email.as_ref(), held.external_id.as_ref()];
        let names = names.into_iter().flatten().chain(&former).map(String::as_str);
        let mut pseudonyms = Pseudonyms::new(&held.id, names);
        let hints = Hints(pseudonyms.hints());
        for name in erasing::similar_names(tx.db, &held.id, &hints)? {
            pseudonyms.spare(&name);
        }
        let mut named = BTreeSet::new();
        let catalogue = tx.catalogue()?;
        for version in catalogue.programmes.values().flat_map(|entry| &entry.versions) {
            named_attributes(&row::from_json(&version.row.document)?, &mut named);
        }
        let person = held.person_id()?;
        Ok(Self { id: held.id.clone(), person, pseudonyms, hints, named })
    }
}

/// The person leaves as whoever is deactivated does, which ends what they have asked for with a refund; and their roles
/// end.
fn leave(tx: &mut Tx<'_>, person: PersonId) -> Result<(), Failure> {
    let changes = PersonChanges { active: Some(false), ..PersonChanges::default() };
    ChangePerson { person, changes, expected: Expected::Any }.run(tx)?;
    // What was proposed for somebody who had left before ends too.
    grant::cancel_open(tx, person)?;
    redemption::cancel_open(tx, person, ERASED_NOTE)?;
    let id = person.to_string();
    for grant in roles::of_people(tx.db, std::slice::from_ref(&id))? {
        if grant.until_at.is_none() {
            roles::end(tx.db, &grant.id, tx.now)?;
        }
    }
    due::facts_changed(tx, person, Some(tx.now))?;
    erasing::forget_own(tx.db, &id)?;
    certificates::remove_of(tx.db, &id)?;
    // Days off are facts that awards rest on, where rules count days.
    if !counts_days(tx)? {
        erasing::forget_absences(tx.db, &id)?;
    }
    Ok(())
}

/// Whether any version of a programme has a rule that reads days off.
fn counts_days(tx: &mut Tx<'_>) -> Result<bool, Failure> {
    let catalogue = tx.catalogue()?;
    let versions = catalogue.programmes.values().flat_map(|entry| &entry.versions);
    let rules = versions.filter_map(|version| version.programme.as_ref()).flat_map(|programme| &programme.rules);
    Ok(rules.into_iter().any(|rule| matches!(rule.pattern, Pattern::DayStreak(_))))
}

/// Of the row the id is left; the user name stays taken.
fn erase_row(tx: &mut Tx<'_>, held: PersonRow) -> Result<(), Failure> {
    let (person, id) = (held.person_id()?, held.id.clone());
    let taken = tx.catalogue()?.digest(USER_NAME, &held.user_name);
    people::update(tx.db, &held.erased())?;
    touch(tx, person)?;
    erasing::insert(tx.db, &id, tx.now, &taken)?;
    tx.record(ChangeKind::Erasure, &id)?;
    Ok(())
}

/// Whether a user name was that of somebody erased.
pub(super) fn is_taken(tx: &mut Tx<'_>, user_name: &str) -> Result<bool, Failure> {
    let catalogue = tx.catalogue()?;
    if catalogue.erased.is_empty() {
        return Ok(false);
    }
    Ok(erasing::is_taken(tx.db, &catalogue.digest(USER_NAME, user_name))?)
}
