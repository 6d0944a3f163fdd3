//! Which boards there are for a caller.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::access::caller::Caller;
use crate::access::policy::{Action, permits};
use crate::catalogue::ProgrammeEntry;
use crate::domain::period::{Calendar, Per};
use crate::domain::programme::{BoardSubject, Combine};
use crate::domain::time::Instant;
use crate::http::fields::Names;
use crate::http::permit::Asked;
use crate::http::session::Session;
use crate::http::targets::relations_to_programme;

/// A board that there is.
#[derive(Debug, Serialize, ToSchema)]
pub struct BoardListed {
    /// Code of the programme.
    pub programme: String,
    /// Name of the programme.
    pub programme_name: Names,
    /// Code of the board.
    pub board: String,
    /// Name of the board.
    pub name: Names,
    /// `person` or `team`.
    pub subject: &'static str,
    /// How a team's points come about: `own`, `sum` or `mean_per_member`; null on boards of persons.
    pub combine: Option<&'static str>,
    /// The kind of its periods: `day`, `week`, `month`, `quarter`, `half_year`, `year`, `season`, `all`, or `days:30`.
    pub period: String,
    /// Code of the current period; null outside every season.
    pub current: Option<String>,
    /// Code of the period before it.
    pub previous: Option<String>,
}

/// The boards that a caller may see.
pub fn seen_by(state: &Session, caller: &Arc<Caller>) -> Vec<BoardListed> {
    let asked = Asked::about(caller.clone(), state);
    let seen = |entry: &&Arc<ProgrammeEntry>| {
        permits(Action::ReadBoard, &asked.caller, &relations_to_programme(&asked, entry))
    };
    asked.catalogue.activated().filter(seen).flat_map(|entry| of_programme(entry, asked.now)).collect()
}

fn of_programme(entry: &ProgrammeEntry, now: Instant) -> Vec<BoardListed> {
    let Some(newest) = entry.newest() else { return Vec::new() };
    let today = newest.calendar.zone.local(now).0;
    let code =
        |calendar: &Calendar, per, named| calendar.period_named(per, named, None, today).map(|period| period.code);
    let listed = newest.boards.iter().map(|board| BoardListed {
        programme: entry.code.to_string(),
        programme_name: newest.name.clone().into(),
        board: board.code.to_string(),
        name: board.name.clone().into(),
        subject: if board.subject == BoardSubject::Person { "person" } else { "team" },
        combine: match board.subject {
            BoardSubject::Person => None,
            BoardSubject::Team(Combine::Own) => Some("own"),
            BoardSubject::Team(Combine::Sum) => Some("sum"),
            BoardSubject::Team(Combine::MeanPerMember) => Some("mean_per_member"),
        },
        period: kind(board.period),
        current: code(&newest.calendar, board.period, "current"),
        previous: code(&newest.calendar, board.period, "previous"),
    });
    listed.collect()
}

fn kind(per: Per) -> String {
    match per {
        Per::Day => "day".to_owned(),
        Per::Week => "week".to_owned(),
        Per::Month => "month".to_owned(),
        Per::Quarter => "quarter".to_owned(),
        Per::HalfYear => "half_year".to_owned(),
        Per::Year => "year".to_owned(),
        Per::Season => "season".to_owned(),
        Per::All => "all".to_owned(),
        Per::Days(count) => format!("days:{count}"),
    }
}
