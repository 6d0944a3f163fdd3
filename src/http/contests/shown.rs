//! How those who take part in a contest are shown to somebody who looks at it: the one place that decides it.

use std::collections::HashMap;

use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::domain::ids::{PersonId, TeamId};
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
}

/// Who looks at a contest.
#[derive(Debug, Clone, Copy)]
pub struct Viewer {
    /// As whom they take part, if they do: themselves, or their team.
    pub own: Option<Uuid>,
    /// Whether they see everybody by name.
    pub sees_all: bool,
    /// How the contest's board shows whom it ranks.
    pub show: Show,
}

impl Viewer {
    /// Whether they see a subject that has this rank, or none.
    pub fn sees(&self, subject: Uuid, rank: Option<usize>) -> bool {
        let is_shown = match self.show {
            Show::Named => true,
            Show::Top(most) => rank.is_some_and(|rank| u32::try_from(rank).is_ok_and(|rank| rank <= most)),
            Show::Alias | Show::Own => false,
        };
        is_shown || self.sees_all || self.own == Some(subject)
    }
}

/// The faces of subjects, by id; who cannot be shown has none.
pub fn faces(
    db: &mut Db,
    catalogue: &Catalogue,
    kind: Kind,
    subjects: &[Uuid],
) -> QueryResult<HashMap<Uuid, ContestantOut>> {
    if kind == Kind::Team {
        let team = |id: &Uuid| {
            let row = &catalogue.teams.get(TeamId(*id))?.row;
            let (id, code, name) = (row.id.clone(), row.code.clone(), row.name.clone());
            Some((Uuid::try_parse(&id).ok()?, ContestantOut::Team { id, code, name }))
        };
        return Ok(subjects.iter().filter_map(team).collect());
    }
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let mut faces = HashMap::with_capacity(ids.len());
    for person in people::by_ids(db, &ids)? {
        let PersonId(id) = person.person_id()?;
        let (user_name, display_name) = (person.user_name, person.display_name);
        faces.insert(id, ContestantOut::Person { id: person.id, user_name, display_name });
    }
    Ok(faces)
}
