//! Evidence and kept days of one person's season, from the database.

use chrono::NaiveDate;

use super::Failure;
use crate::domain::ids::PersonId;
use crate::domain::kept::SavedDay;
use crate::domain::period::{DaySpan, Period, Zone};
use crate::domain::signal::Evidence;
use crate::engine::refold::Source;
use crate::store::db::Db;
use crate::store::fold_days::{self, SeasonKey};
use crate::store::signals;

/// Reads one person's season.
pub struct Stored<'a> {
    /// The connection.
    pub db: &'a mut Db,
    /// What is kept under.
    pub key: SeasonKey,
    /// Whose.
    pub person: PersonId,
    /// The season.
    pub season: &'a Period,
    /// The zone of its days.
    pub zone: &'a Zone,
}

impl Source for Stored<'_> {
    type Error = Failure;

    fn evidence(&mut self, from: NaiveDate, limit: usize) -> Result<Vec<Evidence>, Failure> {
        let (start, limit) = (self.zone.start_of(from), i64::try_from(limit).unwrap_or(i64::MAX));
        Ok(signals::live_from(self.db, self.person, (start, self.season.until), limit)?)
    }

    fn saved(&mut self, days: DaySpan) -> Result<Vec<SavedDay>, Failure> {
        Ok(fold_days::kept(self.db, &self.key, days)?)
    }

    fn last_before(&mut self, day: NaiveDate) -> Result<Option<SavedDay>, Failure> {
        Ok(fold_days::last_before(self.db, &self.key, day)?)
    }

    fn cases_before(&mut self, day: NaiveDate) -> Result<Vec<String>, Failure> {
        Ok(fold_days::cases_before(self.db, &self.key, day)?)
    }
}
