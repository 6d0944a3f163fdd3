//! Promise 2: every subject that is not due has the awards that a whole fold gives; and what is kept between folds is what
//! a whole fold keeps.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use diesel::QueryResult;

use super::{Live, Report};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::award::Award;
use crate::domain::ids::{PersonId, Subject, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Period};
use crate::domain::programme::goal::DaySums;
use crate::engine::fold::Basis;
use crate::engine::reconcile::LiveAward;
use crate::engine::refold::{Refolded, Until, given_of, refold};
use crate::store::awards::AwardRow;
use crate::store::db::Db;
use crate::store::fold_days::{self, SeasonKey};
use crate::store::people::{self, PersonRow};
use crate::store::{due, row, signals, team_sums};
use crate::writer::apply::live_award;
use crate::writer::source::Stored;
use crate::writer::{Failure, settle};

/// What is on the due list, by programme, season and subject.
type Waiting = HashSet<(String, String, String)>;

/// Folds every season of everybody, and of every team, anew and compares; takes from `live` what it has compared.
pub(super) fn check(db: &mut Db, report: &mut Report, catalogue: &Catalogue, live: &mut Live) -> Result<(), Failure> {
    let rows = due::all(db)?.into_iter();
    let waiting: Waiting = rows.map(|row| (row.programme, row.season, row.subject)).collect();
    live.retain(|key, _| !waiting.contains(key));
    let people = people::all(db)?;
    for chunk in people.chunks(200) {
        let ids: BTreeSet<PersonId> = chunk.iter().map(PersonRow::person_id).collect::<QueryResult<_>>()?;
        let facts = settle::facts_of(db, catalogue, &ids)?;
        for facts in facts.values() {
            let Some((first, last)) = signals::span_of(db, facts.person)? else { continue };
            for programme in catalogue.activated() {
                for season in settle::seasons_between(programme, first, last) {
                    let key = (programme.code.to_string(), season.code.clone(), facts.person.to_string());
                    if waiting.contains(&key) {
                        continue;
                    }
                    report.folds += 1;
                    let refolded = whole(db, programme, &season, facts)?;
                    let held = live.remove(&key).unwrap_or_default();
                    let whose = Whose { programme, season: &season, subject: Subject::Person(facts.person) };
                    // A season of which nothing is kept was never folded: no version has looked at it.
                    if !fold_days::is_empty(db, &SeasonKey::new(&programme.code, &season, facts.person))? {
                        check_kept(report, whose, &refolded);
                    }
                    compare(report, whose, &refolded.outcome.awards, held)?;
                }
            }
        }
    }
    for programme in catalogue.activated() {
        check_teams(db, report, catalogue, programme, (&waiting, live))?;
    }
    Ok(())
}

/// Whose fold is compared.
#[derive(Clone, Copy)]
struct Whose<'a> {
    programme: &'a ProgrammeEntry,
    season: &'a Period,
    subject: Subject,
}

impl std::fmt::Display for Whose<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} in {} {}", self.subject.uuid(), self.programme.code, self.season.code)
    }
}

/// A whole fold of a person's season, beside what is kept of it.
fn whole(db: &mut Db, programme: &ProgrammeEntry, season: &Period, facts: &PersonFacts) -> Result<Refolded, Failure> {
    let newest = programme.newest().ok_or_else(|| row::corrupt("an activated programme without a version"))?;
    let key = SeasonKey::new(&programme.code, season, facts.person);
    let as_of = programme.as_of(&season.code);
    let basis = Basis { timeline: &programme.timeline, season, facts, as_of };
    let mut source = Stored::new(db, key, facts.person, (season, &newest.calendar.zone));
    refold(basis, programme.shape, (season.first_day, Until::SeasonEnd), &mut source)
}

/// What a whole fold would keep otherwise is wrong.
fn check_kept(report: &mut Report, whose: Whose<'_>, refolded: &Refolded) {
    for day in &refolded.wrong {
        report.find(format!("{whose}: what is kept of {day} is not what folding keeps"));
    }
    for day in &refolded.forget {
        report.find(format!("{whose}: something is kept of {day}, a day without evidence"));
    }
}

/// The sums of teams are what their members have given, and their awards what a fold of these sums gives.
fn check_teams(
    db: &mut Db,
    report: &mut Report,
    catalogue: &Catalogue,
    programme: &ProgrammeEntry,
    (waiting, live): (&Waiting, &mut Live),
) -> Result<(), Failure> {
    let code = programme.code.as_str();
    let mut given: BTreeMap<(String, TeamId), DaySums> = BTreeMap::new();
    for kept in fold_days::of_programme(db, code)? {
        let season = kept.season.clone();
        let saved = kept.saved();
        for (rule, part, team, sums) in given_of(&saved) {
            *given.entry((season.clone(), team)).or_default().entry((rule, part, saved.day)).or_default() += sums;
        }
    }
    let mut held: BTreeMap<(String, TeamId), DaySums> = BTreeMap::new();
    for row in team_sums::of_programme(db, code)? {
        let (place, sums) = row.read()?;
        held.entry((row.season, row::parsed(row.team)?)).or_default().insert(place, sums);
    }
    for of_team in given.values_mut() {
        of_team.retain(|_, sums| !sums.is_empty());
    }
    given.retain(|_, of_team| !of_team.is_empty());
    let teams: BTreeSet<_> = given.keys().chain(held.keys()).cloned().collect();
    for (season, team) in teams {
        let key = (code.to_owned(), season.clone(), team.to_string());
        let Some(period) = programme.newest().and_then(|newest| newest.calendar.season(&season)) else { continue };
        let whose = Whose { programme, season: &period, subject: Subject::Team(team) };
        let of_team = (season, team);
        if given.get(&of_team) != held.get(&of_team) {
            report.find(format!("{whose}: the team's sums are not what its members have given"));
        }
        if waiting.contains(&key) {
            continue;
        }
        report.folds += 1;
        let days = DaySpan { first: period.first_day, until: period.until_day };
        let desired = settle::team_awards(db, catalogue, programme, &period, team, days)?;
        compare(report, whose, &desired, live.remove(&key).unwrap_or_default())?;
    }
    Ok(())
}

fn compare(report: &mut Report, whose: Whose<'_>, desired: &[Award], held: Vec<AwardRow>) -> QueryResult<()> {
    let live = held.into_iter().map(|award| live_of(award, whose.subject)).collect::<QueryResult<Vec<_>>>()?;
    let desired: BTreeMap<_, _> = desired.iter().map(|award| (&award.key, &award.content)).collect();
    let live: BTreeMap<_, _> = live.iter().map(|live| (&live.award.key, &live.award.content)).collect();
    for (key, content) in &desired {
        if live.get(key) != Some(content) {
            let found = live.get(key).map_or_else(|| "nothing".to_owned(), |found| format!("{} points", found.points));
            report.find(format!(
                "{whose}: rule {} should give {} points for {}, and gives {found}",
                key.rule, content.points, key.cause
            ));
        }
    }
    for key in live.keys().filter(|key| !desired.contains_key(*key)) {
        report.find(format!("{whose}: rule {} gives for {}, and nothing calls for it", key.rule, key.cause));
    }
    Ok(())
}

/// A live award; of a team's fold, that of a member, perhaps.
fn live_of(award: AwardRow, subject: Subject) -> QueryResult<LiveAward> {
    let own = award.subject == subject.uuid().to_string();
    let subject = if own { subject } else { Subject::Person(row::parsed(award.subject.clone())?) };
    live_award(award, subject)
}
