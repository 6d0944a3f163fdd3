//! Home-team memberships: entered, changed, ended; evidence follows them by its instant (SEMANTICS S31).

use super::{Command, Failure, Tx, due, person, season, team};
use crate::domain::ids::{MembershipId, PersonId};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::time::{Instant, Interval, to_micros};
use crate::store::memberships::{self, MembershipRow};
use crate::store::people::{self, PersonRef, PersonRow};
use crate::store::row;

/// Memberships that a person may have: far more than a working life has moves.
const MOST: usize = 1_000;

/// Enters a membership; the one that runs at its start ends there.
pub struct AddMembership {
    /// Whose.
    pub person: PersonId,
    /// The team, by code.
    pub team: String,
    /// From when on.
    pub from: Instant,
    /// Until when; open without.
    pub until: Option<Instant>,
}

/// Changes a membership.
pub struct ChangeMembership {
    /// Whose.
    pub person: PersonId,
    /// Which.
    pub membership: MembershipId,
    /// Another team, by code.
    pub team: Option<String>,
    /// Another start.
    pub from: Option<Instant>,
    /// Another end; `Some(None)` leaves it open.
    pub until: Option<Option<Instant>>,
}

impl Command for AddMembership {
    type Output = MembershipRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<MembershipRow, Failure> {
        let person = people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        let team = team::team_id(&*tx.catalogue()?, &self.team, "/team")?;
        let new = MembershipRow {
            id: MembershipId::new(tx.now).into(),
            person: person.id.clone(),
            team: team.into(),
            from_at: row::stored(to_micros(self.from)),
            until_at: self.until.map(row::stored),
            revision: 0,
        };
        check(tx, &person, &new)?;
        let held = memberships::of_people(tx.db, std::slice::from_ref(&new.person))?;
        if held.len() >= MOST {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST).into());
        }
        let mut ended = None;
        for other in held {
            if other.from_at < new.from_at && other.until_at.is_none_or(|until| until > new.from_at) {
                ended = Some(MembershipRow { until_at: Some(new.from_at), ..other });
            } else if overlap(&other, &new) {
                return Err(Finding::new("/from", ProblemCode::MembershipOverlap).into());
            }
        }
        season::check_open(tx, self.person, "/from", |_| vec![new.interval()])?;
        let revision = person::touch(tx, self.person)?;
        if let Some(ended) = ended {
            memberships::update(tx.db, &MembershipRow { revision, ..ended })?;
        }
        let new = MembershipRow { revision, ..new };
        memberships::insert(tx.db, &new)?;
        due::facts_changed(tx, self.person, Some(self.from))?;
        due::work_off(tx)?;
        Ok(new)
    }
}

impl Command for ChangeMembership {
    type Output = MembershipRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<MembershipRow, Failure> {
        let person = people::find(tx.db, &PersonRef::Id(self.person))?.ok_or(ProblemCode::NotFound)?;
        let mut others = memberships::of_people(tx.db, std::slice::from_ref(&person.id))?;
        let id = self.membership.to_string();
        let position = others.iter().position(|row| row.id == id).ok_or(ProblemCode::NotFound)?;
        let held = others.swap_remove(position);
        let mut wanted = held.clone();
        if let Some(code) = &self.team {
            wanted.team = team::team_id(&*tx.catalogue()?, code, "/team")?.into();
        }
        if let Some(from) = self.from {
            wanted.from_at = row::stored(from);
        }
        if let Some(until) = self.until {
            wanted.until_at = until.map(row::stored);
        }
        check(tx, &person, &wanted)?;
        if others.iter().any(|other| overlap(other, &wanted)) {
            return Err(Finding::new("/from", ProblemCode::MembershipOverlap).into());
        }
        if wanted == held {
            return Ok(held);
        }
        season::check_open(tx, self.person, "/from", |_| changed(&held, &wanted))?;
        wanted.revision = person::touch(tx, self.person)?;
        memberships::update(tx.db, &wanted)?;
        let from = Some(row::instant(held.from_at.min(wanted.from_at)));
        due::teams_changed(tx, &[held.team.clone()].into(), from)?;
        due::facts_changed(tx, self.person, from)?;
        due::work_off(tx)?;
        Ok(wanted)
    }
}

/// Refuses an interval without an instant in it, and a home for somebody who has left.
fn check(tx: &Tx<'_>, person: &PersonRow, wanted: &MembershipRow) -> Result<(), Failure> {
    person::check_not_erased(person)?;
    if wanted.until_at.is_some_and(|until| until <= wanted.from_at) {
        return Err(Finding::new("/until", ProblemCode::InvalidInterval).into());
    }
    if !person.active && wanted.until_at.is_none_or(|until| until > row::stored(tx.now)) {
        let finding = Finding::new("/until", ProblemCode::InactivePerson).with("reference", &person.user_name);
        return Err(finding.into());
    }
    Ok(())
}

/// When somebody's home is another, by a change of a membership.
fn changed(held: &MembershipRow, wanted: &MembershipRow) -> Vec<Interval> {
    let (before, after) = (held.interval(), wanted.interval());
    if held.team != wanted.team {
        return vec![before, after];
    }
    let mut changed = Vec::new();
    if before.from != after.from {
        changed.push(Interval { from: before.from.min(after.from), until: before.from.max(after.from) });
    }
    if before.until != after.until {
        let ends = [before.until, after.until];
        let first = ends.iter().flatten().min().copied();
        let last = ends.iter().copied().collect::<Option<Vec<_>>>().and_then(|ends| ends.into_iter().max());
        changed.push(Interval { from: first, until: last });
    }
    changed
}

fn overlap(one: &MembershipRow, other: &MembershipRow) -> bool {
    let starts_before_end = |a: &MembershipRow, b: &MembershipRow| b.until_at.is_none_or(|until| a.from_at < until);
    starts_before_end(one, other) && starts_before_end(other, one)
}

/// Ends what runs now or would begin later, for somebody who leaves.
pub(super) fn end_now(tx: &mut Tx<'_>, person: PersonId, revision: i64) -> Result<(), Failure> {
    let now = row::stored(tx.now);
    for held in memberships::of_people(tx.db, &[person.to_string()])? {
        if held.from_at >= now {
            memberships::delete(tx.db, &held.id)?;
        } else if held.until_at.is_none_or(|until| until > now) {
            memberships::update(tx.db, &MembershipRow { until_at: Some(now), revision, ..held })?;
        }
    }
    due::facts_changed(tx, person, Some(tx.now))?;
    due::work_off(tx).map(drop)
}
