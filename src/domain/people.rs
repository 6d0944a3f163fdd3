//! People, teams, roles, and where somebody belonged at a time.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::{Code, PersonId, TeamId};
use super::period::DaySpan;
use super::problem::ProblemCode;
use super::text::is_identifier;
use super::time::{Instant, Interval};

/// What somebody may do (DESIGN section 7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Serves customers; sees the boards and themselves.
    Agent,
    /// Leads one or more teams.
    Lead,
    /// Configures programmes and the directory.
    Hr,
    /// A system that delivers evidence.
    Source,
    /// Reads everything, changes nothing.
    Auditor,
    /// Gives and takes roles.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] = [Self::Agent, Self::Lead, Self::Hr, Self::Source, Self::Auditor, Self::Admin];

    /// Its name in tokens, addresses and documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Lead => "lead",
            Self::Hr => "hr",
            Self::Source => "source",
            Self::Auditor => "auditor",
            Self::Admin => "admin",
        }
    }

    /// The role of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// Refuses what cannot be a user name: it must be an identifier, and none that an address takes for something else.
pub fn check_user_name(text: &str) -> Result<(), ProblemCode> {
    if !is_identifier(text) {
        return Err(ProblemCode::InvalidIdentifier);
    }
    let taken_for_something_else = matches!(text, "me" | "." | "..") || text.parse::<PersonId>().is_ok();
    if taken_for_something_else { Err(ProblemCode::UnfitUserName) } else { Ok(()) }
}

/// Whether `text` can be an e-mail address: one `@` with something on both sides, no white space, at most 254 bytes
/// (RFC 5321 section 4.5.3.1.3). Whether it takes mail only mail can tell.
pub fn is_email(text: &str) -> bool {
    let sides =
        text.split_once('@').is_some_and(|(local, host)| !local.is_empty() && !host.is_empty() && !host.contains('@'));
    sides && text.len() <= 254 && !text.contains(char::is_whitespace)
}

/// A person was at home in a team for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// The team.
    pub team: TeamId,
    /// The team and every team above it, the team itself first.
    pub lineage: Arc<[Code]>,
    /// When.
    pub interval: Interval,
}

/// The dated facts about a person that a fold may read (SEMANTICS S1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonFacts {
    /// Who.
    pub person: PersonId,
    /// Home teams, without overlap, ascending.
    pub belongings: Vec<Belonging>,
    /// Roles held, and when.
    pub roles: Vec<(Role, Interval)>,
    /// Their days off, by the local calendar.
    pub days_off: Vec<DaySpan>,
    /// The organisation's holidays, by the local calendar.
    pub holidays: Arc<BTreeSet<NaiveDate>>,
}

impl PersonFacts {
    /// Of a person of whom nothing else is known.
    pub fn of(person: PersonId) -> Self {
        Self { person, belongings: Vec::new(), roles: Vec::new(), days_off: Vec::new(), holidays: Arc::default() }
    }

    /// Where the person was at home at `instant`.
    pub fn belonging_at(&self, instant: Instant) -> Option<&Belonging> {
        self.belongings.iter().find(|belonging| belonging.interval.contains(instant))
    }

    /// The home team and the teams above it at `instant`; empty without one.
    pub fn lineage_at(&self, instant: Instant) -> &[Code] {
        self.belonging_at(instant).map_or(&[], |found| &found.lineage)
    }

    /// Whether the person need not work on a local day: a holiday, or a day off.
    pub fn is_off(&self, day: NaiveDate) -> bool {
        self.holidays.contains(&day) || self.days_off.iter().any(|span| span.contains(day))
    }

    /// Whether the person held `role` at `instant`.
    pub fn held(&self, role: Role, instant: Instant) -> bool {
        self.roles.iter().any(|(held, interval)| *held == role && interval.contains(instant))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_name_is_never_taken_for_something_else() {
        for good in ["anna", "Anna.Schmidt@example.org", "a/b%", "me2", "ME"] {
            assert_eq!(check_user_name(good), Ok(()), "{good}");
        }
        for taken in ["me", ".", "..", "0198f0a0-0000-7000-8000-000000000000", "0198F0A0000070008000000000000000"] {
            assert_eq!(check_user_name(taken), Err(ProblemCode::UnfitUserName), "{taken}");
        }
        for unfit in ["", "a b", "Zoë", "a\0", &"x".repeat(201)] {
            assert_eq!(check_user_name(unfit), Err(ProblemCode::InvalidIdentifier), "{unfit}");
        }
    }

    #[test]
    fn an_address_has_one_at_sign_between_two_sides() {
        assert!(is_email("anna@example.org") && is_email("zoë@bücher.example"));
        for unfit in ["", "anna", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\u{a0}c", &format!("a@{}", "b".repeat(253))] {
            assert!(!is_email(unfit), "{unfit}");
        }
    }
}
