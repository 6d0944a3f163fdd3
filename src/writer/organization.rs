//! Setting the organisation up, and changing its settings.

use diesel::QueryResult;

use super::{Command, Failure, Tx};
use crate::domain::measure;
use crate::domain::organization::Organization;
use crate::domain::problem::{Finding, ProblemCode};
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
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let held = organization::find(tx.db)?.ok_or(diesel::result::Error::NotFound)?;
        self.expected.check(held.revision)?;
        if crate::domain::period::Zone::new(&self.settings.time_zone).is_none() {
            let finding =
                Finding::new("/time_zone", ProblemCode::InvalidTimeZone).with("zone", &self.settings.time_zone);
            return Err(finding.into());
        }
        let settings = row::to_json(&self.settings)?;
        if settings == held.settings {
            return Ok(());
        }
        let revision = tx.record(ChangeKind::Organization, "organization")?;
        Ok(organization::update(tx.db, &OrganizationRow { settings, revision, ..held })?)
    }
}
