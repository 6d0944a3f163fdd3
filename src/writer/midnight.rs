//! At the first moment of each local day of a programme it is kept how far the sequence has come: before anything else is
//! written on that day (SEMANTICS S46). That takes no number of the sequence.

use chrono::{Days, NaiveDate};
use diesel::QueryResult;

use crate::catalogue::Catalogue;
use crate::domain::time::Instant;
use crate::store::day_marks;
use crate::store::db::Db;

/// Days whose marks are kept.
const KEPT: Days = Days::new(35);

/// Marks the day that it is in each programme, unless it is marked. The caller holds the writer's lock, has read that the
/// sequence stands at `sequence`, and has written nothing yet.
pub(super) fn mark(db: &mut Db, catalogue: &Catalogue, sequence: i64, now: Instant) -> QueryResult<()> {
    for programme in catalogue.activated() {
        let Some((today, midnight)) = programme.today(now).and_then(|today| Some((today, programme.start_of(today)?)))
        else {
            continue;
        };
        // Where it was first put in force today, something has been written since midnight.
        if programme.active_since().is_some_and(|since| since < midnight) {
            day_marks::put(db, programme.code.as_str(), today, sequence)?;
            day_marks::forget(db, programme.code.as_str(), today.checked_sub_days(KEPT).unwrap_or(NaiveDate::MIN))?;
        }
    }
    Ok(())
}

/// When the next local day of a programme begins.
pub(super) fn next(catalogue: &Catalogue, now: Instant) -> Option<Instant> {
    catalogue.activated().filter_map(|programme| programme.start_of(programme.today(now)?.succ_opt()?)).min()
}
