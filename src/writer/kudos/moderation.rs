//! Reporting kudos, and what moderators decide: hiding changes what is seen and nothing that counts (SEMANTICS S40).

use super::{acting, open, standing};
use crate::domain::ids::KudosId;
use crate::domain::kudos::{Moderation, Report};
use crate::domain::problem::ProblemCode;
use crate::store::head::ChangeKind;
use crate::store::kudos::reports::{self, ModerationRow, ReportRow};
use crate::store::kudos::{self, KudosRow};
use crate::store::row;
use crate::writer::{Command, Failure, Tx};

/// Reports a kudos that stands and is not hidden; each person once, for good.
pub struct ReportKudos {
    /// Which.
    pub kudos: KudosId,
    /// Why, already checked as text.
    pub reason: String,
}

/// Hides a kudos that stands, or lets it stay or be seen again, and decides its reports with it. Once is enough: a further
/// time does nothing.
pub struct ModerateKudos {
    /// Which.
    pub kudos: KudosId,
    /// What.
    pub act: Moderation,
    /// Why, already checked as text.
    pub reason: String,
}

impl Command for ReportKudos {
    type Output = ReportRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<ReportRow, Failure> {
        let (kudos, reporter) = (open(tx, self.kudos)?.id, acting(tx)?.to_string());
        if reports::find(tx.db, &kudos, &reporter)?.is_some() {
            return Err(ProblemCode::AlreadyReported.into());
        }
        let sequence = tx.record(ChangeKind::Kudos, &kudos)?;
        let row = ReportRow {
            kudos,
            reporter,
            sequence,
            reason: self.reason.clone(),
            state: Report::Open.name().to_owned(),
            reported_at: row::stored(tx.now),
            decided_at: None,
        };
        reports::insert(tx.db, &row)?;
        Ok(row)
    }
}

impl Command for ModerateKudos {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let held = standing(tx, self.kudos)?;
        let nothing_to_do = match self.act {
            Moderation::Hide => held.hidden,
            Moderation::Restore => !held.hidden && reports::open_of(tx.db, &held.id)? == 0,
        };
        if nothing_to_do {
            return Ok(());
        }
        let (moderator, now) = (acting(tx)?.to_string(), row::stored(tx.now));
        let sequence = tx.record(ChangeKind::Kudos, &held.id)?;
        let act = ModerationRow {
            sequence,
            kudos: held.id.clone(),
            act: self.act.name().to_owned(),
            moderator,
            reason: self.reason.clone(),
            moderated_at: now,
        };
        reports::insert_moderation(tx.db, &act)?;
        // A decision that is revised is revised for those who were told the first one, too.
        reports::decide(tx.db, &held.id, &[Report::Open, Report::Upheld], self.act.report(), now)?;
        let hidden = self.act == Moderation::Hide;
        Ok(kudos::update(tx.db, &KudosRow { hidden, revision: sequence, ..held })?)
    }
}
