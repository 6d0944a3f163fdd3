//! Who takes part, by the dated facts about a person.

use super::Audience;
use crate::domain::ids::Code;
use crate::domain::people::{PersonFacts, Role};
use crate::domain::time::Instant;

impl Audience {
    /// Whether the person took part at `at`: by home team with the teams above it, and by role.
    /// Without teams everybody does, in a team or not.
    pub fn includes(&self, person: &PersonFacts, at: Instant) -> bool {
        self.fits(person.lineage_at(at), |role| person.held(role, at))
    }

    /// Whether whoever is at home in the first of `lineage`, the others being the teams above it, and holds the roles
    /// that `held` affirms takes part.
    pub fn fits(&self, lineage: &[Code], held: impl Fn(Role) -> bool) -> bool {
        let within = |teams: &[Code]| lineage.iter().any(|team| teams.contains(team));
        (self.teams.is_empty() || within(&self.teams))
            && !within(&self.except)
            && (self.roles.is_empty() || self.roles.iter().any(|role| held(*role)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::{PersonId, TeamId};
    use crate::domain::people::Belonging;
    use crate::domain::time::Interval;
    use uuid::Uuid;

    fn second(n: i64) -> Instant {
        chrono::DateTime::from_timestamp(n, 0).unwrap()
    }

    fn codes(names: &[&str]) -> Vec<Code> {
        names.iter().map(|name| Code::new(name).unwrap()).collect()
    }

    /// In `north` below `support` from second 10 to 20, an agent from 15 on.
    fn person() -> PersonFacts {
        PersonFacts {
            belongings: vec![Belonging {
                team: TeamId(Uuid::from_u128(2)),
                lineage: codes(&["north", "support"]).into(),
                interval: Interval { from: Some(second(10)), until: Some(second(20)) },
            }],
            roles: vec![(Role::Agent, Interval { from: Some(second(15)), until: None })],
            ..PersonFacts::of(PersonId(Uuid::from_u128(1)))
        }
    }

    #[test]
    fn whoever_belonged_at_the_time_takes_part() {
        let audience = |teams: &[&str], except: &[&str], roles: &[Role]| Audience {
            teams: codes(teams),
            except: codes(except),
            roles: roles.to_vec(),
        };
        for (audience, expected) in [
            (audience(&[], &[], &[]), [true, true, true, true]),
            (audience(&["support"], &[], &[]), [false, true, true, false]),
            (audience(&["south"], &[], &[]), [false; 4]),
            (audience(&[], &["support"], &[]), [true, false, false, true]),
            (audience(&["support"], &["north"], &[]), [false; 4]),
            (audience(&[], &[], &[Role::Lead, Role::Agent]), [false, false, true, true]),
            (audience(&["north"], &["south"], &[Role::Agent]), [false, false, true, false]),
        ] {
            let included = [9, 10, 15, 20].map(|at| audience.includes(&person(), second(at)));
            assert_eq!(included, expected, "{audience:?}");
        }
    }
}
