//! People, teams, roles, and where somebody belonged at a time.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::ids::{Code, PersonId};
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

/// A person was at home in a team for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
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
}

impl PersonFacts {
    /// The home team and the teams above it at `instant`; empty without one.
    pub fn lineage_at(&self, instant: Instant) -> &[Code] {
        self.belongings
            .iter()
            .find(|belonging| belonging.interval.contains(instant))
            .map_or(&[], |found| &found.lineage)
    }

    /// Whether the person held `role` at `instant`.
    pub fn held(&self, role: Role, instant: Instant) -> bool {
        self.roles.iter().any(|(held, interval)| *held == role && interval.contains(instant))
    }
}
