//! The end of a programme: its last day is named, and moved as long as it has not passed.

use chrono::{Days, NaiveDate};

use super::{Command, Failure, Tx, programme};
use crate::catalogue::ProgrammeEntry;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::head::ChangeKind;
use crate::store::programmes;

/// Names the last day on which a programme earns anything.
pub struct EndProgramme {
    /// The programme.
    pub programme: String,
    /// By its local calendar; not before today, nor before its first day.
    pub last_day: NaiveDate,
}

impl Command for EndProgramme {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let catalogue = tx.catalogue()?;
        let entry = catalogue.programmes.get(&self.programme).ok_or(ProblemCode::NotFound)?;
        let state = entry.overall_state(tx.now);
        let started = entry.newest().zip(entry.today(tx.now)).zip(entry.first_day());
        let Some(((newest, today), first)) = started.filter(|_| !entry.has_ended(tx.now)) else {
            return Err(Problem::new(ProblemCode::UnfitState).with("state", state).into());
        };
        let earliest = today.max(first);
        if self.last_day < earliest {
            return Err(Finding::new("/last_day", ProblemCode::TooEarly).with("earliest", earliest).into());
        }
        if entry.timeline.last_day == Some(self.last_day) {
            return Ok(());
        }
        let revision = tx.record(ChangeKind::Programme, &self.programme)?;
        programmes::touch(tx.db, &self.programme, revision)?;
        programmes::set_last_day(tx.db, &self.programme, Some(self.last_day))?;
        // Evidence may be a little ahead, and lie after a last day already.
        let moved_from = entry.timeline.last_day.map_or(self.last_day, |last| last.min(self.last_day));
        let start = newest.calendar.zone.start_of(moved_from + Days::new(1));
        programme::settle_since(tx, &self.programme, start)
    }
}

/// Refuses a version that would begin after the programme's last day.
pub(super) fn check_in_time(entry: &ProgrammeEntry, effective_from: NaiveDate) -> Result<(), Failure> {
    match entry.timeline.last_day {
        Some(last) if last < effective_from => {
            Err(Finding::new("/effective_from", ProblemCode::AfterLastDay).with("last_day", last).into())
        }
        _ => Ok(()),
    }
}
