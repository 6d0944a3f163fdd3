//! Who is calling: a person, the roles they hold with their reach, and what their token leaves of them.

use std::collections::BTreeSet;

use crate::domain::ids::{PersonId, TeamId};
use crate::domain::language::Language;
use crate::domain::people::Role;
use crate::domain::time::{Instant, Interval};

/// The roles a person holds now, and how far two of them reach.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeldRoles {
    /// Which.
    pub roles: BTreeSet<Role>,
    /// The teams that a lead leads; those below them are led too.
    pub led_teams: BTreeSet<TeamId>,
    /// The sources that a system may write.
    pub sources: BTreeSet<String>,
}

/// Where a person is, was or will be at home, and which roles they hold and held: what audiences go by.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dated {
    /// Home teams, without overlap.
    pub homes: Vec<(TeamId, Interval)>,
    /// Roles.
    pub roles: Vec<(Role, Interval)>,
}

impl Dated {
    /// The home team at `at`.
    pub fn home_at(&self, at: Instant) -> Option<TeamId> {
        self.homes.iter().find(|(_, interval)| interval.contains(at)).map(|(team, _)| *team)
    }

    /// Whether the person held `role` at `at`, whatever a token says.
    pub fn held(&self, role: Role, at: Instant) -> bool {
        self.roles.iter().any(|(held, interval)| *held == role && interval.contains(at))
    }
}

/// An active person with a valid token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Who.
    pub person: PersonId,
    /// Their name in tokens and addresses.
    pub user_name: String,
    /// The language they chose, if they did.
    pub language: Option<Language>,
    /// What they hold.
    pub held: HeldRoles,
    /// What they belong to, and when.
    pub dated: Dated,
    /// The roles their token is narrowed to; without it, all they hold.
    pub scope: Option<BTreeSet<Role>>,
    /// The first instant at which their token is no longer valid.
    pub until: Instant,
}

impl Caller {
    /// Whether the caller holds `role` and the token includes it.
    pub fn has(&self, role: Role) -> bool {
        self.held.roles.contains(&role) && self.scope.as_ref().is_none_or(|scope| scope.contains(&role))
    }

    /// The roles that [`Self::has`] affirms, ascending.
    pub fn effective_roles(&self) -> impl Iterator<Item = Role> + '_ {
        self.held.roles.iter().copied().filter(|role| self.has(*role))
    }

    /// Whether the caller acts as the lead of somebody whose home team is the first of `lineage`, the others being the
    /// teams above it.
    pub fn leads(&self, lineage: &[TeamId]) -> bool {
        self.has(Role::Lead) && lineage.iter().any(|team| self.held.led_teams.contains(team))
    }

    /// Whether the caller acts as a system that delivers the evidence of `source` (compared by bytes: SEMANTICS S15).
    pub fn may_write_source(&self, source: &str) -> bool {
        self.has(Role::Source) && self.held.sources.contains(source)
    }
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::*;

    fn caller(roles: &[Role], scope: Option<&[Role]>) -> Caller {
        Caller {
            person: PersonId::new(DateTime::UNIX_EPOCH),
            user_name: "anna".to_owned(),
            language: None,
            held: HeldRoles { roles: roles.iter().copied().collect(), ..HeldRoles::default() },
            dated: Dated::default(),
            scope: scope.map(|roles| roles.iter().copied().collect()),
            until: DateTime::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_scope_narrows_and_never_grants() {
        let narrowed = caller(&[Role::Agent, Role::Hr], Some(&[Role::Agent, Role::Admin]));
        assert_eq!(narrowed.effective_roles().collect::<Vec<_>>(), [Role::Agent]);
        assert!(!narrowed.has(Role::Admin) && !narrowed.has(Role::Hr));
        let nothing = caller(&[Role::Agent], Some(&[]));
        assert_eq!(nothing.effective_roles().count(), 0, "an empty scope is not an absent one");
        assert!(caller(&[Role::Hr], None).has(Role::Hr));
    }

    #[test]
    fn a_lead_leads_below_their_teams_and_only_within_the_scope() {
        let [team, site, other] = [(); 3].map(|()| TeamId(uuid::Uuid::new_v4()));
        let mut lead = caller(&[Role::Lead], None);
        lead.held.led_teams = [site].into();
        assert!(lead.leads(&[team, site]) && lead.leads(&[site]));
        assert!(!lead.leads(&[other]) && !lead.leads(&[]));
        lead.scope = Some([Role::Agent].into());
        assert!(!lead.leads(&[site]));
    }

    #[test]
    fn a_source_writes_what_it_was_given() {
        let mut source = caller(&[Role::Source], None);
        source.held.sources = ["qa".to_owned()].into();
        assert!(source.may_write_source("qa"));
        assert!(!source.may_write_source("QA") && !source.may_write_source("survey"));
        source.held.roles.clear();
        assert!(!source.may_write_source("qa"), "the reach of a role that was taken away grants nothing");
    }
}
