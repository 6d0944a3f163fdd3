//! Days off: entered, replaced, removed; no reason is kept. They are evidence of a day streak (SEMANTICS S23).

use chrono::{NaiveDate, NaiveTime, TimeDelta};

use super::{Command, Failure, Tx, due, person, season};
use crate::domain::ids::{AbsenceId, PersonId};
use crate::domain::period::{Calendar, DaySpan};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::time::Interval;
use crate::store::absences::{self, AbsenceRow};

/// Days that one absence may have.
pub const MOST_DAYS: i64 = 366;
/// Absences that a person may have.
pub const MOST_ABSENCES: i64 = 1_000;

/// Enters an absence, or replaces it.
pub struct PutAbsence {
    /// Whose.
    pub person: PersonId,
    /// Which of theirs; the client chooses it.
    pub absence: AbsenceId,
    /// The days off.
    pub days: DaySpan,
}

/// What became of an absence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put {
    /// It is new.
    Created(AbsenceRow),
    /// It was there.
    Replaced(AbsenceRow),
}

/// Removes an absence.
pub struct RemoveAbsence {
    /// Whose.
    pub person: PersonId,
    /// Which of theirs.
    pub absence: AbsenceId,
}

impl Command for PutAbsence {
    type Output = Put;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Put, Failure> {
        self.check()?;
        let (person, id) = (self.person.to_string(), self.absence.to_string());
        let held = absences::find(tx.db, &person, &id)?;
        if let Some(same) = held.as_ref().filter(|held| held.span() == self.days) {
            return Ok(Put::Replaced(same.clone()));
        }
        if held.is_none() && absences::count(tx.db, &person)? >= MOST_ABSENCES {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST_ABSENCES).into());
        }
        let before = held.as_ref().map(AbsenceRow::span);
        season::check_open(tx, self.person, "/from", |calendar| changed(calendar, before, Some(self.days)))?;
        let revision = person::touch(tx, self.person)?;
        let row = AbsenceRow { person, id, from_day: self.days.first, until_day: self.days.until, revision };
        match &held {
            Some(_) => absences::update(tx.db, &row)?,
            None => absences::insert(tx.db, &row)?,
        }
        let first = held.as_ref().map_or(self.days.first, |held| held.span().first.min(self.days.first));
        days_changed(tx, self.person, first)?;
        Ok(if held.is_some() { Put::Replaced(row) } else { Put::Created(row) })
    }
}

impl PutAbsence {
    fn check(&self) -> Result<(), Failure> {
        match (self.days.until - self.days.first).num_days() {
            ..=0 => Err(Finding::new("/until", ProblemCode::InvalidInterval).into()),
            1..=MOST_DAYS => Ok(()),
            _ => Err(Finding::new("/until", ProblemCode::AbsenceTooLong).with("limit", MOST_DAYS).into()),
        }
    }
}

impl Command for RemoveAbsence {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let (person, id) = (self.person.to_string(), self.absence.to_string());
        let held = absences::find(tx.db, &person, &id)?.ok_or(ProblemCode::NotFound)?;
        season::check_open(tx, self.person, "/from", |calendar| changed(calendar, Some(held.span()), None))?;
        person::touch(tx, self.person)?;
        absences::delete(tx.db, &person, &id)?;
        days_changed(tx, self.person, held.span().first)
    }
}

/// When a day came to be a day off, or ceased to be one, by a calendar.
fn changed(calendar: &Calendar, before: Option<DaySpan>, after: Option<DaySpan>) -> Vec<Interval> {
    let mut edges: Vec<NaiveDate> =
        [before, after].into_iter().flatten().flat_map(|span| [span.first, span.until]).collect();
    edges.sort_unstable();
    let off = |span: Option<DaySpan>, day| span.is_some_and(|span| span.contains(day));
    let between = edges.iter().zip(edges.iter().skip(1));
    let differs = between.filter(|(first, until)| first < until && off(before, **first) != off(after, **first));
    let instant = |day: &NaiveDate| Some(calendar.zone.start_of(*day));
    differs.map(|(first, until)| Interval { from: instant(first), until: instant(until) }).collect()
}

/// What somebody earned is due from the first day on that came to be a day off, or ceased to be one.
fn days_changed(tx: &mut Tx<'_>, person: PersonId, first: NaiveDate) -> Result<(), Failure> {
    // Nowhere does a day begin more than a day before it does in UTC.
    let start = first.and_time(NaiveTime::MIN).and_utc() - TimeDelta::days(1);
    due::facts_changed(tx, person, Some(start))?;
    due::work_off(tx).map(drop)
}
