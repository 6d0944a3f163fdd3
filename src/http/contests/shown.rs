//! How those who take part in a contest are shown to somebody who looks at it: the one place that decides it.

use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::boards::contest::{Seen, Sight};
use crate::boards::directory::Directory;
use crate::catalogue::Catalogue;
use crate::domain::ids::TeamId;
use crate::domain::programme::Show;
use crate::domain::season::Kind;
use crate::store::db::Db;
use crate::store::people;

/// Somebody who takes part in a contest.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub enum ContestantOut {
    /// A person.
    Person {
        /// Their id.
        id: String,
        /// Their name in tokens and addresses.
        user_name: String,
        /// The name that others see.
        display_name: String,
    },
    /// A team.
    Team {
        /// Its id.
        id: String,
        /// Its code.
        code: String,
        /// Its name.
        name: String,
    },
    /// Somebody who is not named: another alias in each contest.
    Alias {
        /// The alias.
        alias: String,
    },
}

/// Who looks at a contest.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    /// As whom they take part, if they do: themselves, or their team.
    pub own: Option<Uuid>,
    /// Whether they see everybody by name.
    pub sees_all: bool,
}

/// A contest in the eyes of somebody.
pub struct Eyes<'a> {
    /// Whose.
    pub viewer: Viewer,
    /// How others see those who take part.
    pub sight: Sight<'a>,
    /// How the contest's board shows whom it ranks.
    pub show: Show,
    /// Who takes part.
    pub kind: Kind,
    /// Everybody.
    pub directory: &'a Directory,
    /// Teams.
    pub catalogue: &'a Catalogue,
}

impl Eyes<'_> {
    /// Whether a subject counts in the ranks that are seen: not if it is hidden, like on boards.
    pub fn counts(&self, subject: Uuid) -> bool {
        self.viewer.sees_all || !self.sight.is_hidden(subject)
    }

    /// Whether a subject that has this rank, or none, is shown.
    pub fn sees(&self, subject: Uuid, rank: Option<usize>) -> bool {
        let within = match self.show {
            Show::Named | Show::Alias => true,
            Show::Top(most) => rank.is_some_and(|rank| u32::try_from(rank).is_ok_and(|rank| rank <= most)),
            Show::Own => false,
        };
        self.viewer.sees_all || (within && !self.sight.is_hidden(subject))
    }

    /// The face of a subject that is shown; everybody sees their own.
    pub fn face(&self, subject: Uuid) -> Option<ContestantOut> {
        let sees = self.viewer.sees_all || self.viewer.own == Some(subject);
        let seen = if sees { Seen::Named } else { self.sight.of(subject) };
        match seen {
            Seen::Hidden => None,
            Seen::Alias(alias) => Some(ContestantOut::Alias { alias }),
            Seen::Named if self.kind == Kind::Team => team(self.catalogue, subject),
            Seen::Named => {
                let face = self.directory.face(self.directory.number_of(subject)?)?;
                let (user_name, display_name) = (face.user_name.to_owned(), face.display_name.to_owned());
                Some(ContestantOut::Person { id: face.id.to_string(), user_name, display_name })
            }
        }
    }
}

fn team(catalogue: &Catalogue, id: Uuid) -> Option<ContestantOut> {
    let row = &catalogue.teams.get(TeamId(id))?.row;
    Some(ContestantOut::Team { id: row.id.clone(), code: row.code.clone(), name: row.name.clone() })
}

/// The faces of some subjects by name, for HR; who is gone has none.
pub fn named(
    db: &mut Db,
    catalogue: &Catalogue,
    kind: Kind,
    subjects: &[Uuid],
) -> QueryResult<Vec<Option<ContestantOut>>> {
    if kind == Kind::Team {
        return Ok(subjects.iter().map(|id| team(catalogue, *id)).collect());
    }
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let people = people::by_ids(db, &ids)?;
    let face = |id: &String| {
        let person = people.iter().find(|person| person.id == *id)?;
        let (user_name, display_name) = (person.user_name.clone(), person.display_name.clone());
        Some(ContestantOut::Person { id: id.clone(), user_name, display_name })
    };
    Ok(ids.iter().map(face).collect())
}
