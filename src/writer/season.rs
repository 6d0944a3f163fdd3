//! The closing of seasons, by the clock or by hand, and what it makes unchangeable (SEMANTICS S18, S31, S34, S35).
//!
//! A season that is closing has all of its goals and guards decided, whoever takes part in it is on the due list, and once
//! none of them is left there it is closed, in one transaction. There is no way back.

use chrono::{Days, NaiveDate, TimeDelta};

use super::{Command, Failure, Tx, due, statement};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::PersonId;
use crate::domain::period::{Calendar, Period};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::time::{Instant, Interval};
use crate::store::due::DueRow;
use crate::store::head::ChangeKind;
use crate::store::seasons::{self, SeasonRow};
use crate::store::{awards, due as due_list, fold_days, programmes, row, signals, team_sums};

/// Closes a season that is over; at once if little is left to settle, else the writer goes on by itself.
pub struct CloseSeason {
    /// The programme.
    pub programme: String,
    /// The season, by code.
    pub season: String,
}

impl Command for CloseSeason {
    /// Where the season stands then.
    type Output = SeasonRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<SeasonRow, Failure> {
        if let Some(begun) = self.held(tx)? {
            return Ok(begun);
        }
        let catalogue = tx.catalogue()?;
        let programme = catalogue.programmes.get(&self.programme).ok_or(ProblemCode::NotFound)?;
        let season = season_of(programme, &self.season, tx.now).ok_or(ProblemCode::NotFound)?;
        if tx.now < season.until {
            return Err(Problem::new(ProblemCode::SeasonNotOver).with("earliest", season.until.to_rfc3339()).into());
        }
        begin(tx, programme, &season)?;
        due::work_off(tx)?;
        finish_settled(tx)?;
        self.held(tx)?.ok_or_else(|| Failure::Defect("a season that was begun to be closed is open".to_owned()))
    }
}

impl CloseSeason {
    fn held(&self, tx: &mut Tx<'_>) -> Result<Option<SeasonRow>, Failure> {
        let catalogue = tx.catalogue()?;
        let programme = catalogue.programmes.get(&self.programme).ok_or(ProblemCode::NotFound)?;
        Ok(programme.seasons.get(&self.season).cloned())
    }
}

/// The season of that code, if the programme was in force in it and it has begun.
pub fn season_of(programme: &ProgrammeEntry, code: &str, now: Instant) -> Option<Period> {
    let season = programme.newest()?.calendar.season(code)?;
    let begun = programme.first_day()? < season.until_day && season.from <= now;
    let after_the_end = programme.timeline.last_day.is_some_and(|last| last < season.first_day);
    (begun && !after_the_end).then_some(season)
}

/// Begins to close the seasons that the clock closes by now.
pub(super) fn begin_due(tx: &mut Tx<'_>, programme: &ProgrammeEntry) -> Result<(), Failure> {
    let Some(today) = programme.today(tx.now) else { return Ok(()) };
    for season in programme.seasons_until(today) {
        let is_due = programme.closes_at(&season).is_some_and(|at| at <= tx.now);
        if is_due && !programme.seasons.contains_key(&season.code) {
            begin(tx, programme, &season)?;
        }
    }
    Ok(())
}

/// From now on everything of the season is decided; whoever has a part in what was not is due.
fn begin(tx: &mut Tx<'_>, programme: &ProgrammeEntry, season: &Period) -> Result<(), Failure> {
    let code = programme.code.as_str();
    let row = SeasonRow {
        programme: code.to_owned(),
        season: season.code.clone(),
        state: "closing".to_owned(),
        begun_at: row::stored(tx.now),
        begun_by: tx.actor_text(),
        closed_at: None,
        position: None,
    };
    seasons::insert(tx.db, &row)?;
    changed(tx, programme)?;
    let from_day = first_undecided(programme, season);
    let due = |kind: &str, subject: String| DueRow {
        programme: code.to_owned(),
        season: season.code.clone(),
        subject,
        kind: kind.to_owned(),
        from_day,
        until_day: None,
    };
    let mut rows: Vec<DueRow> = Vec::new();
    for person in fold_days::people(tx.db, code, &season.code, season.days())? {
        rows.push(due("person", person));
    }
    for team in team_sums::teams(tx.db, code, &season.code, season.days())? {
        rows.push(due("team", team));
    }
    due::add(tx, &rows)
}

/// A day not after the last one of any period of the season that was not decided yet.
fn first_undecided(programme: &ProgrammeEntry, season: &Period) -> NaiveDate {
    let versions = programme.timeline.versions.iter();
    let grace = versions.map(|version| version.programme.grace_days).max().unwrap_or(0);
    let decided = programme.decided.and_then(|decided| programme.day_of(decided)).unwrap_or(season.first_day);
    let undecided = decided.checked_sub_days(Days::new(u64::from(grace) + 1)).unwrap_or(season.first_day);
    let last_day = season.until_day.pred_opt().unwrap_or(season.first_day);
    undecided.clamp(season.first_day, last_day)
}

/// Closes the seasons of which nothing is left to be settled.
pub(super) fn finish_settled(tx: &mut Tx<'_>) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    for programme in catalogue.activated() {
        for row in programme.seasons.values().filter(|row| row.position.is_none()) {
            if due_list::count_of_season(tx.db, &row.programme, &row.season)? == 0 {
                finish(tx, programme, row)?;
            }
        }
    }
    Ok(())
}

fn finish(tx: &mut Tx<'_>, programme: &ProgrammeEntry, begun: &SeasonRow) -> Result<(), Failure> {
    let season = programme.newest().and_then(|newest| newest.calendar.season(&begun.season));
    let season = season.ok_or_else(|| row::corrupt("a season that the calendar does not have"))?;
    let position = tx.sequence;
    let closed = SeasonRow {
        state: "closed".to_owned(),
        closed_at: Some(row::stored(tx.now)),
        position: Some(position),
        ..begun.clone()
    };
    seasons::update(tx.db, &closed)?;
    statement::publish(tx, programme, &season, position)?;
    changed(tx, programme)
}

/// Records that something of a programme beside its versions has changed.
pub(super) fn changed(tx: &mut Tx<'_>, programme: &ProgrammeEntry) -> Result<(), Failure> {
    let revision = tx.record(ChangeKind::Programme, programme.code.as_str())?;
    Ok(programmes::touch(tx.db, programme.code.as_str(), revision)?)
}

/// Refuses evidence of a sealed season: one that is closed, and ended longer ago than evidence is accepted (SEMANTICS
/// S18).
pub(super) fn check_sealed(catalogue: &Catalogue, now: Instant, occurred_at: Instant) -> Result<(), Finding> {
    let sealed_before = now - TimeDelta::days(i64::from(catalogue.organization.acceptance_days));
    if occurred_at >= sealed_before {
        return Ok(());
    }
    for programme in catalogue.activated() {
        let season = programme.newest().and_then(|newest| newest.calendar.season_at(occurred_at));
        let sealed = |season: &Period| programme.is_closed(&season.code) && season.until <= sealed_before;
        if let Some(season) = season.filter(sealed) {
            let finding = Finding::new("/occurred_at", ProblemCode::Sealed);
            return Err(finding.with("season", season.code).with("programme", &programme.code));
        }
    }
    Ok(())
}

/// Refuses to change, for some time, facts about a person in a closed season in which they have evidence or awards: facts
/// may not reach before open seasons (SEMANTICS S31). `changed` tells when, by a programme's calendar.
pub(super) fn check_open(
    tx: &mut Tx<'_>,
    person: PersonId,
    pointer: &'static str,
    changed: impl Fn(&Calendar) -> Vec<Interval>,
) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let mut latest: Option<(Period, &ProgrammeEntry)> = None;
    for programme in catalogue.activated() {
        let Some(newest) = programme.newest() else { continue };
        let changed = changed(&newest.calendar);
        for season in programme.closed_seasons() {
            let reaches = changed.iter().any(|interval| overlaps(interval, &season));
            let is_later = latest.as_ref().is_none_or(|(latest, _)| latest.until < season.until);
            if reaches && is_later && takes_part(tx, programme, &season, person)? {
                latest = Some((season, programme));
            }
        }
    }
    let Some((season, programme)) = latest else { return Ok(()) };
    let finding = Finding::new(pointer, ProblemCode::SeasonClosed).with("season", &season.code);
    Err(finding.with("programme", &programme.code).with("earliest", season.until_day).into())
}

fn overlaps(interval: &Interval, season: &Period) -> bool {
    interval.from.is_none_or(|from| from < season.until) && interval.until.is_none_or(|until| season.from < until)
}

fn takes_part(tx: &mut Tx<'_>, programme: &ProgrammeEntry, season: &Period, person: PersonId) -> Result<bool, Failure> {
    if signals::any_between(tx.db, person, season.from, season.until)? {
        return Ok(true);
    }
    Ok(awards::any_in_season(tx.db, programme.code.as_str(), &season.code, &person.to_string())?)
}
