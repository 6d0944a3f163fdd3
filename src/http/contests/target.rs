//! The contest of `{programme}` and `{contest}`, and how a caller stands to it.

use std::sync::Arc;

use diesel::QueryResult;
use uuid::Uuid;

use crate::access::policy::{Action, Relation, permits};
use crate::boards::contest::{self, Edition, ONCE, Which};
use crate::catalogue::ProgrammeEntry;
use crate::domain::ids::TeamId;
use crate::domain::programme::ContestRuns;
use crate::domain::season::Kind;
use crate::http::permit::{Asked, Seen, Target};
use crate::http::targets::{home_team, person_reference, relations_to_programme};
use crate::store::db::Db;
use crate::store::people;
use crate::writer::contest::ContestRef;

/// A contest that some version of a programme has.
#[derive(Clone)]
pub struct ContestTarget {
    /// The programme.
    pub entry: Arc<ProgrammeEntry>,
    /// Code of the contest.
    pub code: String,
    /// What `{subject}` says; empty where the path has none.
    pub subject: String,
    /// Whether the caller sees everybody by name, and why somebody was taken out.
    pub sees_all: bool,
}

impl Target for ContestTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadContest);

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Some(entry) = asked.catalogue.programmes.get(asked.parameter("programme")) else { return Ok(None) };
        let code = asked.parameter("contest");
        if contest::declared(entry, code).is_none() {
            return Ok(None);
        }
        let relations = relations_to_programme(asked, entry);
        let sees_all = permits(Action::ReadWholeContest, &asked.caller, &relations);
        let (code, subject) = (code.to_owned(), asked.parameter("subject").to_owned());
        Ok(Some((Self { entry: entry.clone(), code, subject, sees_all }, relations)))
    }
}

impl ContestTarget {
    /// The holding that a request means: `otherwise` says which, if it does not and the contest is held again and again.
    pub fn which(&self, period: Option<String>, season: Option<String>, otherwise: &str) -> Which {
        let once = matches!(
            contest::declared(&self.entry, &self.code).map(|declared| declared.runs),
            Some(ContestRuns::Days(_))
        );
        let period = period.unwrap_or_else(|| if once { ONCE } else { otherwise }.to_owned());
        Which { period, season }
    }

    /// The same, for the writer.
    pub fn reference(&self, which: Which) -> ContestRef {
        ContestRef { programme: self.entry.code.to_string(), contest: self.code.clone(), which }
    }

    /// Whom `{subject}` names: on boards of persons an id or a user name, on those of teams a code or an id.
    pub fn subject(&self, db: &mut Db, asked: &Asked, edition: &Edition) -> QueryResult<Option<Uuid>> {
        let teams = &asked.catalogue.teams;
        match (edition.subjects(), self.subject.as_str()) {
            (Kind::Person, "me") => Ok(Some(asked.caller.person.0)),
            (Kind::Person, other) => match people::find(db, &person_reference(other))? {
                Some(person) => Ok(Some(person.person_id()?.0)),
                None => Ok(None),
            },
            (Kind::Team, "me") => {
                let person = asked.caller.person.to_string();
                Ok(home_team(db, &person, edition.moment(asked.now))?.map(|team| team.0))
            }
            (Kind::Team, other) => {
                let by_id = || other.parse::<TeamId>().ok().and_then(|id| teams.get(id));
                Ok(teams.by_code(other).or_else(by_id).map(|team| team.id.0))
            }
        }
    }
}
