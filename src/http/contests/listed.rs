//! Which contests there are for a caller.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::QueryResult;

use super::body::ContestHead;
use super::view::head;
use crate::access::caller::Caller;
use crate::access::policy::{Action, permits};
use crate::boards::contest::{self, CURRENT, Edition, ONCE, PREVIOUS, Which};
use crate::catalogue::ProgrammeEntry;
use crate::domain::time::Instant;
use crate::http::permit::Asked;
use crate::http::problem::ApiError;
use crate::http::session::Session;
use crate::http::targets::relations_to_programme;
use crate::store::contests;
use crate::store::db::Db;
use crate::store::row;

/// The contests that a caller may see: those held again and again in their current period and the one before it.
pub async fn seen_by(state: &Session, caller: &Arc<Caller>) -> Result<Vec<ContestHead>, ApiError> {
    let asked = Asked::about(caller.clone(), state);
    state
        .read(move |db| {
            let mut found = Vec::new();
            for entry in asked.catalogue.activated() {
                let relations = relations_to_programme(&asked, entry);
                if permits(Action::ReadContest, &asked.caller, &relations) {
                    found.extend(of_programme(db, entry, asked.now)?);
                }
            }
            Ok(found)
        })
        .await
}

fn of_programme(db: &mut Db, entry: &ProgrammeEntry, now: Instant) -> QueryResult<Vec<ContestHead>> {
    let codes = contest::codes(entry);
    if codes.is_empty() {
        return Ok(Vec::new());
    }
    let finalised = contests::finalised(db, entry.code.as_str())?.into_iter();
    let finalised: HashMap<(String, String), Instant> =
        finalised.map(|(contest, period, at)| ((contest, period), row::instant(at))).collect();
    let mut found = Vec::new();
    for code in codes {
        for period in [ONCE, CURRENT, PREVIOUS] {
            // Of those with dates of their own `current` is the same again.
            let which = Which { period: period.to_owned(), season: None };
            let Ok(edition) = Edition::find(entry, code.as_str(), &which, now) else { continue };
            let at = finalised.get(&(code.to_string(), edition.key.clone())).copied();
            found.push(head(entry, &edition, now, at));
            if period == ONCE {
                break;
            }
        }
    }
    Ok(found)
}
