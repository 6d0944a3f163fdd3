//! Setting the organisation up, and changing its settings.

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta};
use diesel::QueryResult;

use super::{Command, Failure, Tx, due};
use crate::catalogue::Catalogue;
use crate::domain::measure;
use crate::domain::organization::{Holders, Organization};
use crate::domain::period::Zone;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::db::Db;
use crate::store::head::ChangeKind;
use crate::store::measures::MeasureRow;
use crate::store::organization::OrganizationRow;
use crate::store::{measures, organization, row};

/// Gives an empty database its organisation and the shipped measures.
pub(super) fn set_up(db: &mut Db) -> QueryResult<()> {
    if organization::find(db)?.is_some() {
        return Ok(());
    }
    let digest_key = uuid::Uuid::new_v4().simple().to_string() + &uuid::Uuid::new_v4().simple().to_string();
    let settings = row::to_json(&Organization::default())?;
    organization::insert(db, &OrganizationRow { id: 1, settings, digest_key, revision: 0 })?;
    for measure in measure::shipped() {
        measures::insert(db, &MeasureRow::new(&measure, 0)?)?;
    }
    Ok(())
}

/// Replaces the settings.
///
/// The zone may change, but not in the hours when it is another month in the new one: kudos allowances are per month of
/// the organisation's zone (SEMANTICS S39), and so no month is entered twice or left early.
pub struct ChangeOrganization {
    /// The settings as they shall be.
    pub settings: Organization,
    /// The revision that the change was made on; any if none.
    pub expected: Expected,
}

/// The revision that a change of a document was made on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expected {
    /// This one: somebody else's change in between refuses it.
    Revision(i64),
    /// Any.
    Any,
}

impl Expected {
    /// Refuses a change made on another revision than `current`.
    pub fn check(self, current: i64) -> Result<(), Failure> {
        match self {
            Self::Revision(expected) if expected != current => Err(ProblemCode::PreconditionFailed.into()),
            _ => Ok(()),
        }
    }
}

impl Command for ChangeOrganization {
    type Output = OrganizationRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<OrganizationRow, Failure> {
        let held = organization::find(tx.db)?.ok_or(diesel::result::Error::NotFound)?;
        self.expected.check(held.revision)?;
        let mut faults = self.settings.faults();
        faults.extend(self.unknown_teams(&*tx.catalogue()?));
        if !faults.is_empty() {
            return Err(Problem::invalid(faults).into());
        }
        let time_zone = self.checked_zone(tx)?.name().to_owned();
        let mut wanted = Organization { time_zone, ..self.settings.clone() };
        wanted.holidays.sort_by_key(|holiday| holiday.date);
        let settings = row::to_json(&wanted)?;
        if settings == held.settings {
            return Ok(held);
        }
        let revision = tx.record(ChangeKind::Organization, "organization")?;
        let before = held.settings()?;
        let row = OrganizationRow { settings, revision, ..held };
        organization::update(tx.db, &row)?;
        settle_holidays(tx, &before, &wanted)?;
        Ok(row)
    }
}

/// Settles whoever has evidence on or after the first day that came to be a holiday, or ceased to be one.
fn settle_holidays(tx: &mut Tx<'_>, before: &Organization, after: &Organization) -> Result<(), Failure> {
    let dates = |settings: &Organization| settings.holidays.iter().map(|holiday| holiday.date).collect::<BTreeSet<_>>();
    let changed: BTreeSet<NaiveDate> = dates(before).symmetric_difference(&dates(after)).copied().collect();
    let Some(first) = changed.first().copied() else { return Ok(()) };
    // Nowhere does a day begin more than a day before it does in UTC.
    let start = first.and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
    let programmes: Vec<_> = tx.catalogue()?.activated().cloned().collect();
    for programme in programmes {
        let mut closed = programme.closed_seasons();
        if let Some(season) = closed.find(|season| changed.iter().any(|day| season.days().contains(*day))) {
            // Like days off, they may not reach before open seasons (SEMANTICS S31).
            let finding = Finding::new("/holidays", ProblemCode::SeasonClosed).with("season", &season.code);
            return Err(finding.with("programme", &programme.code).with("earliest", season.until_day).into());
        }
        let Some(day) = programme.day_of(start) else { continue };
        due::rules_changed(tx, &programme, day)?;
    }
    due::work_off(tx).map(drop)
}

impl ChangeOrganization {
    /// The teams that kudos allowances are for and that do not exist.
    fn unknown_teams(&self, catalogue: &Catalogue) -> Vec<Finding> {
        let allowances = self.settings.kudos.allowances.iter().enumerate();
        let unknown = allowances.filter_map(|(index, other)| match &other.holders {
            Holders::Team(code) if catalogue.teams.by_code(code.as_str()).is_none() => {
                let pointer = format!("/kudos/allowances/{index}/team");
                Some(Finding::new(pointer, ProblemCode::UnknownTeam).with("team", code))
            }
            _ => None,
        });
        unknown.collect()
    }

    fn checked_zone(&self, tx: &mut Tx<'_>) -> Result<Zone, Failure> {
        let refused = |code| Finding::new("/time_zone", code).with("zone", &self.settings.time_zone);
        let catalogue = tx.catalogue()?;
        let zone = Zone::new(&self.settings.time_zone).ok_or_else(|| refused(ProblemCode::InvalidTimeZone))?;
        let month = |zone: &Zone| {
            let today = zone.local(tx.now).0;
            (today.year(), today.month())
        };
        if month(&zone) != month(&catalogue.zone) {
            return Err(refused(ProblemCode::ZoneInOtherMonth).into());
        }
        Ok(zone)
    }
}
