//! To whom kudos go: people, and teams as the people who are at home there at that moment (SEMANTICS S40).

use std::collections::HashSet;

use super::SendKudos;
use crate::catalogue::Catalogue;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::organization::CompanyValue;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::people::{self, Filter, PersonRef};
use crate::writer::{Failure, Tx};

/// Somebody to thank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receiver {
    /// A person.
    Person(PersonRef),
    /// Whoever is at home in the team of this code at that moment, and active; not in the teams below it.
    Team(String),
}

impl From<PersonRef> for Receiver {
    fn from(person: PersonRef) -> Self {
        Self::Person(person)
    }
}

/// The receivers, each once, and the company value; or everything that is wrong with them.
pub(super) fn checked<'a>(
    tx: &mut Tx<'_>,
    sender: PersonId,
    catalogue: &'a Catalogue,
    kudos: &SendKudos,
) -> Result<(Vec<PersonId>, Option<&'a CompanyValue>), Failure> {
    let most = catalogue.organization.kudos.most_receivers;
    let within = |receivers: usize| u32::try_from(receivers).is_ok_and(|receivers| receivers <= most);
    let too_many = || Finding::new("/to", ProblemCode::TooMany).with("limit", most);
    if kudos.to.is_empty() {
        return Err(Finding::new("/to", ProblemCode::EmptyList).into());
    }
    if !within(kudos.to.len()) {
        return Err(too_many().into());
    }
    let mut gathered = Gathered::new(sender, most);
    gathered.people(tx, &kudos.to)?;
    gathered.teams(tx, catalogue, &kudos.to)?;
    let value = match &kudos.value {
        Some(code) => {
            let known = catalogue.organization.values.iter().find(|known| known.code == *code);
            if known.is_none() {
                let finding = Finding::new("/value", ProblemCode::UnknownName);
                gathered.findings.push(finding.with("what", "value").with("name", code));
            }
            known
        }
        None => None,
    };
    if !gathered.findings.is_empty() {
        return Err(Problem::from(gathered.findings).into());
    }
    if !within(gathered.receivers.len()) {
        return Err(too_many().into());
    }
    Ok((gathered.receivers, value))
}

/// Receivers as they are found.
struct Gathered {
    sender: PersonId,
    most: u32,
    receivers: Vec<PersonId>,
    known: HashSet<PersonId>,
    findings: Vec<Finding>,
}

impl Gathered {
    fn new(sender: PersonId, most: u32) -> Self {
        Self { sender, most, receivers: Vec::new(), known: HashSet::new(), findings: Vec::new() }
    }

    fn add(&mut self, person: PersonId) -> bool {
        let new = self.known.insert(person);
        if new {
            self.receivers.push(person);
        }
        new
    }

    /// The people who are named.
    fn people(&mut self, tx: &mut Tx<'_>, to: &[Receiver]) -> Result<(), Failure> {
        let named = |receiver: &Receiver| match receiver {
            Receiver::Person(person) => Some(person.clone()),
            Receiver::Team(_) => None,
        };
        let references: Vec<PersonRef> = to.iter().filter_map(named).collect();
        let known = people::resolve(tx.db, &references)?;
        for (index, receiver) in to.iter().enumerate() {
            let Receiver::Person(reference) = receiver else { continue };
            let wrong = match known.get(reference) {
                None => ProblemCode::UnknownPerson,
                Some(person) if person.person_id()? == self.sender => ProblemCode::KudosToOneself,
                Some(person) if !person.active => ProblemCode::InactivePerson,
                Some(person) if self.add(person.person_id()?) => continue,
                Some(_) => ProblemCode::ReceiverTwice,
            };
            self.findings.push(Finding::new(format!("/to/{index}"), wrong).with("reference", reference));
        }
        Ok(())
    }

    /// The people of the teams that are named: whoever is named beside their team is no second receiver.
    fn teams(&mut self, tx: &mut Tx<'_>, catalogue: &Catalogue, to: &[Receiver]) -> Result<(), Failure> {
        for (index, receiver) in to.iter().enumerate() {
            let Receiver::Team(code) = receiver else { continue };
            let pointer = format!("/to/{index}/team");
            let Some(team) = catalogue.teams.by_code(code) else {
                self.findings.push(Finding::new(pointer, ProblemCode::UnknownTeam).with("team", code));
                continue;
            };
            let members = self.members(tx, team.id)?;
            if members.is_empty() {
                self.findings.push(Finding::new(pointer, ProblemCode::EmptyTeam).with("team", code));
            }
            for member in members {
                self.add(member);
            }
        }
        Ok(())
    }

    /// Who is at home in a team now, without the sender: of a larger one than may be thanked, enough to notice.
    fn members(&self, tx: &mut Tx<'_>, team: TeamId) -> Result<Vec<PersonId>, Failure> {
        let teams = Some(vec![team.into()]);
        let filter = Filter { teams, at: Some(tx.now), active: Some(true), ..Filter::default() };
        let mut members = Vec::new();
        for person in people::list(tx.db, &filter, i64::from(self.most) + 2)? {
            members.push(person.person_id()?);
        }
        members.retain(|member| *member != self.sender);
        Ok(members)
    }
}
