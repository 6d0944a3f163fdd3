//! The due list: what time, rules and facts have changed is put on it in the transaction that changes it, and worked off
//! in chunks (SEMANTICS S5).

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;

use super::settle::{SeasonWork, facts_of, seasons_between};
use super::{Command, Failure, Tx, redemption, season};
use crate::catalogue::ProgrammeEntry;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::period::{DaySpan, Period};
use crate::domain::time::Instant;
use crate::engine::dues::{self, Due};
use crate::engine::refold::Until;
use crate::engine::team;
use crate::store::due::DueRow;
use crate::store::head::ChangeKind;
use crate::store::{due, fold_days, memberships, programmes, row, signals, team_sums};

/// Subjects settled in the transaction that puts them on the list.
pub const CHUNK: i64 = 64;
/// Subjects settled between two groups of commands.
const STEP: i64 = 16;

/// Lets time pass: decides what has come due since the last time, and works off a chunk of the due list.
pub struct Tick;

/// How things stand after a [`Tick`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ticked {
    /// Whether the due list holds more.
    pub more: bool,
    /// The next moment at which time decides something.
    pub next: Option<Instant>,
}

impl Command for Tick {
    type Output = Ticked;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Ticked, Failure> {
        let programmes: Vec<_> = tx.catalogue()?.activated().cloned().collect();
        for programme in &programmes {
            advance(tx, programme)?;
            season::begin_due(tx, programme)?;
        }
        let more = settle_next(tx, STEP)?;
        season::finish_settled(tx)?;
        let (expiring, expiry) = redemption::expire(tx)?;
        let catalogue = tx.catalogue()?;
        let next = |programme: &ProgrammeEntry| dues::next_after(&programme.timeline, programme.decided?);
        let next = catalogue.activated().filter_map(|programme| next(programme)).chain(expiry).min();
        Ok(Ticked { more: more || expiring, next })
    }
}

/// Decides what came due in a programme: whoever it concerns is put on the list.
fn advance(tx: &mut Tx<'_>, programme: &ProgrammeEntry) -> Result<(), Failure> {
    let Some(before) = programme.decided else {
        return decide(tx, programme);
    };
    let came_due = dues::decided_between(&programme.timeline, before, tx.now);
    if came_due.is_empty() {
        return Ok(());
    }
    decide(tx, programme)?;
    for Due { stretch, .. } in came_due {
        let Some(season) = programme.season_of(stretch.days.first) else { continue };
        let last = stretch.days.until.pred_opt().unwrap_or(stretch.days.first);
        let (code, days) = (programme.code.as_str(), stretch.days);
        let concerned = dues::concerned(&programme.timeline, &season, &stretch)?;
        let row = |kind: &str, subject: String| DueRow {
            programme: code.to_owned(),
            season: season.code.clone(),
            subject,
            kind: kind.to_owned(),
            from_day: last,
            until_day: Some(days.until),
        };
        let mut rows: Vec<DueRow> = Vec::new();
        for person in fold_days::people(tx.db, code, &season.code, concerned)? {
            rows.push(row("person", person));
        }
        for team in team_sums::teams(tx.db, code, &season.code, concerned)? {
            rows.push(row("team", team));
        }
        add(tx, &rows)?;
    }
    Ok(())
}

/// Moves up to when what is decided by time has been decided: to now, never back.
pub(super) fn decide(tx: &mut Tx<'_>, programme: &ProgrammeEntry) -> Result<(), Failure> {
    let now = programme.decided.map_or(tx.now, |before| before.max(tx.now));
    let revision = tx.record(ChangeKind::Programme, programme.code.as_str())?;
    Ok(programmes::decide(tx.db, programme.code.as_str(), row::stored(now), revision)?)
}

/// Puts subjects on the list.
pub(super) fn add(tx: &mut Tx<'_>, rows: &[DueRow]) -> Result<(), Failure> {
    tx.due_added |= !rows.is_empty();
    Ok(due::add(tx.db, rows)?)
}

/// The facts about a person have changed from an instant on, without one from the beginning: what they earned since is
/// due, and, where members are rewarded, what their teams earned.
pub(super) fn facts_changed(tx: &mut Tx<'_>, person: PersonId, from: Option<Instant>) -> Result<(), Failure> {
    let homes = memberships::of_people(tx.db, &[person.to_string()])?;
    let teams: BTreeSet<String> = homes.into_iter().map(|membership| membership.team).collect();
    teams_changed(tx, &teams, from)?;
    let Some((first, last)) = signals::span_of(tx.db, person)? else { return Ok(()) };
    let first = from.map_or(first, |from| from.max(first));
    let mut rows = Vec::new();
    for programme in tx.catalogue()?.activated() {
        for season in seasons_between(programme, first, last) {
            rows.push(whole_season(programme, &season, ("person", person.to_string()), Some(first)));
        }
    }
    add(tx, &rows)
}

/// Who belongs to some teams has changed from an instant on: where members are rewarded, what the teams earned is due.
pub(super) fn teams_changed(tx: &mut Tx<'_>, teams: &BTreeSet<String>, from: Option<Instant>) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let mut rows = Vec::new();
    for programme in catalogue.activated().filter(|programme| team::rewards_members(&programme.timeline)) {
        let Some(begun) = programme.begins() else { continue };
        let since = from.map_or(begun, |from| from.max(begun));
        for season in seasons_between(programme, since, tx.now) {
            rows.extend(teams.iter().map(|team| whole_season(programme, &season, ("team", team.clone()), from)));
        }
    }
    add(tx, &rows)
}

/// Rules have changed from a local day on: everybody with evidence since is due.
pub(super) fn rules_changed(tx: &mut Tx<'_>, programme: &ProgrammeEntry, from: NaiveDate) -> Result<(), Failure> {
    let Some(newest) = programme.newest() else { return Ok(()) };
    let start = newest.calendar.zone.start_of(from);
    let mut rows = Vec::new();
    for (person, first, last) in signals::people_with_evidence(tx.db, start)? {
        for season in seasons_between(programme, first.max(start), last) {
            rows.push(whole_season(programme, &season, ("person", person.to_string()), Some(start)));
        }
    }
    for season in seasons_between(programme, start, tx.now) {
        let days = DaySpan { first: season.first_day, until: season.until_day };
        for team in team_sums::teams(tx.db, programme.code.as_str(), &season.code, days)? {
            rows.push(whole_season(programme, &season, ("team", team), Some(start)));
        }
    }
    add(tx, &rows)
}

/// A subject's season from an instant on, to its end.
pub(super) fn whole_season(
    programme: &ProgrammeEntry,
    season: &Period,
    (kind, subject): (&str, String),
    from: Option<Instant>,
) -> DueRow {
    let from_day = from.filter(|from| *from > season.from).and_then(|from| programme.day_of(from));
    DueRow {
        programme: programme.code.to_string(),
        season: season.code.clone(),
        subject,
        kind: kind.to_owned(),
        from_day: from_day.unwrap_or(season.first_day),
        until_day: None,
    }
}

/// Settles a chunk of the list in the transaction that filled it, and tells whether there is more.
pub(super) fn work_off(tx: &mut Tx<'_>) -> Result<bool, Failure> {
    settle_next(tx, CHUNK)
}

fn settle_next(tx: &mut Tx<'_>, most: i64) -> Result<bool, Failure> {
    let rows = due::next(tx.db, most)?;
    let catalogue = tx.catalogue()?;
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    let mut works: BTreeMap<(&str, &str), SeasonWork> = BTreeMap::new();
    for due in &rows {
        due::remove(tx.db, due)?;
        let Some(programme) = catalogue.programmes.get(&due.programme) else { continue };
        let Some(season) = programme.newest().and_then(|newest| newest.calendar.season(&due.season)) else { continue };
        let season_end = season.until_day;
        let work = works.entry((&due.programme, &due.season)).or_insert_with(|| SeasonWork::new(season));
        if due.kind == "person" {
            let person: PersonId = row::parsed(due.subject.clone())?;
            people.insert(person);
            work.add(person, due.from_day, due.until_day.map_or(Until::SeasonEnd, Until::Met));
        } else {
            let team: TeamId = row::parsed(due.subject.clone())?;
            work.add_team(team, DaySpan { first: due.from_day, until: due.until_day.unwrap_or(season_end) });
        }
    }
    let facts = facts_of(tx.db, &catalogue, &people)?;
    for ((programme, _), work) in works {
        if let Some(programme) = catalogue.programmes.get(programme) {
            work.run(tx, programme, &facts)?;
        }
    }
    let more = i64::try_from(rows.len()).is_ok_and(|done| done == most) && due::count(tx.db)? > 0;
    tx.due_added = more;
    Ok(more)
}
