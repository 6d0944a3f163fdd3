//! Standings of contests that are kept as long as nothing has changed: everybody who looks meanwhile is told the same
//! without adding it all up again.

use std::sync::Arc;

use chrono::Days;
use diesel::QueryResult;
use moka::sync::Cache;

use super::{Edition, standing};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::Competitor;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::{directory, head};

/// How many contests are kept.
const KEPT: u64 = 64;

/// The standings that are kept, by programme, contest and period.
pub struct Standings(Cache<[String; 3], Arc<Kept>>);

/// A standing, and as of what it holds.
struct Kept {
    head: i64,
    catalogue: Arc<Catalogue>,
    since: Instant,
    /// When time alone may change it.
    until: Option<Instant>,
    competitors: Arc<[Competitor]>,
}

impl Standings {
    /// None yet.
    pub fn new() -> Self {
        Self(Cache::new(KEPT))
    }

    /// The standing of a contest in the state that `db` reads.
    pub fn read(
        &self,
        db: &mut Db,
        catalogue: &Arc<Catalogue>,
        entry: &ProgrammeEntry,
        edition: &Edition,
        now: Instant,
    ) -> QueryResult<Arc<[Competitor]>> {
        let held = edition.held(entry);
        let key = [held.programme, held.contest, held.period].map(str::to_owned);
        let head = head::read(db)?;
        let fits = |kept: &Arc<Kept>| {
            let in_time = kept.since <= now && kept.until.is_none_or(|until| now < until);
            kept.head == head && Arc::ptr_eq(&kept.catalogue, catalogue) && in_time
        };
        if let Some(kept) = self.0.get(&key).filter(fits) {
            return Ok(kept.competitors.clone());
        }
        let competitors: Arc<[Competitor]> = standing(db, catalogue, entry, edition, now)?.into();
        let until = until(db, entry, edition, now)?;
        let kept = Kept { head, catalogue: catalogue.clone(), since: now, until, competitors: competitors.clone() };
        self.0.insert(key, Arc::new(kept));
        Ok(competitors)
    }
}

impl Default for Standings {
    fn default() -> Self {
        Self::new()
    }
}

/// When time alone may change a standing next: a membership or role begins or ends, a day more counts, the contest ends.
/// None once it has.
fn until(db: &mut Db, entry: &ProgrammeEntry, edition: &Edition, now: Instant) -> QueryResult<Option<Instant>> {
    if edition.period.until <= now {
        return Ok(None);
    }
    let midnight = entry.newest().and_then(|newest| {
        let zone = &newest.calendar.zone;
        Some(zone.start_of(zone.local(now).0.checked_add_days(Days::new(1))?))
    });
    let moments = [directory::next_boundary(db, now)?, midnight, Some(edition.period.until)];
    Ok(moments.into_iter().flatten().min())
}
