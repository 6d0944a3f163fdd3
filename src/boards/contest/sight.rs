//! How others see those who take part in a contest: as on its board.

use std::sync::Arc;

use uuid::Uuid;

use super::{Edition, digests, scope};
use crate::boards::directory::Directory;
use crate::boards::scope::Admission;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::programme::Show;
use crate::domain::season::Kind;
use crate::domain::time::Instant;
use crate::domain::visibility::{Visibility, alias_of};

/// How others see somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// By name.
    Named,
    /// By this alias, another in each contest.
    Alias(String),
    /// Not at all.
    Hidden,
}

/// How others see those who take part in a contest today, by what they chose and what its board shows.
pub struct Sight<'a> {
    directory: &'a Directory,
    /// None of teams.
    admission: Option<Admission>,
    show: Show,
    aliases: Box<dyn Fn(Uuid) -> u64>,
    marks: Box<dyn Fn(Uuid) -> u64>,
}

impl<'a> Sight<'a> {
    /// Of a contest. The directory is not older than who takes part.
    pub fn new(
        directory: &'a Directory,
        catalogue: &Arc<Catalogue>,
        entry: &ProgrammeEntry,
        (edition, subjects): (&Edition, Kind),
        now: Instant,
    ) -> Self {
        let admission = scope(catalogue, entry, edition, now).filter(|_| subjects == Kind::Person);
        let admission = admission.map(|scope| Admission::new(&scope, directory));
        let aliases = Box::new(digests(catalogue, entry, edition, "alias"));
        let marks = Box::new(digests(catalogue, entry, edition, "mark"));
        Self { directory, admission, show: edition.board.show, aliases, marks }
    }

    /// How others see a subject, whatever its rank.
    pub fn of(&self, subject: Uuid) -> Seen {
        match self.visibility(subject) {
            Visibility::Named => Seen::Named,
            Visibility::Alias => Seen::Alias(alias_of((self.aliases)(subject))),
            Visibility::Hidden => Seen::Hidden,
        }
    }

    /// Whether others see a subject at all, whatever its rank.
    pub fn is_hidden(&self, subject: Uuid) -> bool {
        self.visibility(subject) == Visibility::Hidden
    }

    /// What tells a subject from others without saying who it is.
    pub fn mark(&self, subject: Uuid) -> u64 {
        (self.marks)(subject)
    }

    fn visibility(&self, subject: Uuid) -> Visibility {
        let Some(admission) = &self.admission else {
            return if self.show == Show::Alias { Visibility::Alias } else { Visibility::Named };
        };
        let number = self.directory.number_of(subject);
        number.map_or(Visibility::Hidden, |number| admission.seen(self.directory, number))
    }
}
