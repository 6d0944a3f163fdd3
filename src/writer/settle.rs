//! Settling: the ledger is brought in line with what the evidence of a person's season now says.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use diesel::QueryResult;

use super::{Failure, Tx, ledger};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::award::{Award, AwardKey, Cause, Content};
use crate::domain::ids::{BadgeEventId, PersonId, Subject, TransferId};
use crate::domain::ledger::{Account, AwardOrigin, Transfer, TransferKind};
use crate::domain::people::{Belonging, PersonFacts};
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::time::Instant;
use crate::engine::fold;
use crate::engine::reconcile::{BadgeChange, Change, LiveAward, Plan, reconcile};
use crate::store::awards::{AwardRow, BadgeEventRow};
use crate::store::db::Db;
use crate::store::{absences, awards, memberships, roles, row, signals};

/// Whose evidence changed, and when it happened.
pub type Touched = BTreeSet<(PersonId, Instant)>;

/// Settles every (person, programme, season) that the touched instants lie in.
pub fn settle(tx: &mut Tx<'_>, touched: &Touched) -> Result<(), Failure> {
    if touched.is_empty() {
        return Ok(());
    }
    let catalogue = tx.catalogue()?;
    let people: BTreeSet<PersonId> = touched.iter().map(|(person, _)| *person).collect();
    let facts = facts_of(tx.db, &catalogue, &people)?;
    for programme in catalogue.activated() {
        settle_seasons(tx, programme, touched, &facts)?;
    }
    Ok(())
}

/// The same in one programme only: for what leaves the others as they are.
pub fn settle_programme(
    tx: &mut Tx<'_>,
    catalogue: &Catalogue,
    programme: &Arc<ProgrammeEntry>,
    touched: &Touched,
) -> Result<(), Failure> {
    let people: BTreeSet<PersonId> = touched.iter().map(|(person, _)| *person).collect();
    let facts = facts_of(tx.db, catalogue, &people)?;
    settle_seasons(tx, programme, touched, &facts)
}

fn settle_seasons(
    tx: &mut Tx<'_>,
    programme: &Arc<ProgrammeEntry>,
    touched: &Touched,
    facts: &HashMap<PersonId, PersonFacts>,
) -> Result<(), Failure> {
    let mut seasons: BTreeMap<(PersonId, Instant), Period> = BTreeMap::new();
    for (person, instant) in touched {
        if let Some(season) = season_at(programme, *instant) {
            seasons.insert((*person, season.from), season);
        }
    }
    for ((person, _), season) in seasons {
        if let Some(facts) = facts.get(&person) {
            settle_season(tx, programme, &season, facts)?;
        }
    }
    Ok(())
}

/// Settles everything of a person.
pub fn settle_person(tx: &mut Tx<'_>, person: PersonId) -> Result<(), Failure> {
    let touched = everything_of(tx, person)?;
    settle(tx, &touched)
}

/// An instant in each season of each programme between the first and the last of a person's evidence.
pub fn everything_of(tx: &mut Tx<'_>, person: PersonId) -> Result<Touched, Failure> {
    let mut touched = Touched::new();
    if let Some((first, last)) = signals::span_of(tx.db, person)? {
        let catalogue = tx.catalogue()?;
        for programme in catalogue.activated() {
            touched.extend(season_starts(programme, first, last).into_iter().map(|start| (person, start)));
        }
    }
    Ok(touched)
}

/// The season of a programme at an instant.
pub fn season_at(programme: &ProgrammeEntry, instant: Instant) -> Option<Period> {
    programme.newest()?.calendar.season_at(instant)
}

/// An instant in each season of a programme that `[first, last]` meets.
pub fn season_starts(programme: &ProgrammeEntry, first: Instant, last: Instant) -> Vec<Instant> {
    let Some(newest) = programme.newest() else { return Vec::new() };
    let mut starts = Vec::new();
    let mut day = newest.calendar.zone.local(first).0;
    let last_day = newest.calendar.zone.local(last).0;
    while day <= last_day {
        let next = match newest.calendar.season_of(day) {
            Some(season) => {
                starts.push(season.from);
                season.until_day
            }
            None => day + chrono::Days::new(1),
        };
        day = next.max(day + chrono::Days::new(1));
    }
    starts
}

/// The dated facts about some people that their folds read.
pub fn facts_of(
    db: &mut Db,
    catalogue: &Catalogue,
    people: &BTreeSet<PersonId>,
) -> QueryResult<HashMap<PersonId, PersonFacts>> {
    let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
    let mut facts: HashMap<PersonId, PersonFacts> = people
        .iter()
        .map(|person| (*person, PersonFacts { holidays: catalogue.holidays.clone(), ..PersonFacts::of(*person) }))
        .collect();
    for membership in memberships::of_people(db, &ids)? {
        let team = catalogue.teams.get(row::parsed(membership.team.clone())?);
        let team = team.ok_or_else(|| row::corrupt("a membership without team"))?;
        if let Some(person) = facts.get_mut(&row::parsed(membership.person.clone())?) {
            let (lineage, interval) = (team.lineage.clone(), membership.interval());
            person.belongings.push(Belonging { team: team.id, lineage, interval });
        }
    }
    for absence in absences::of_people(db, &ids)? {
        if let Some(person) = facts.get_mut(&row::parsed(absence.person.clone())?) {
            person.days_off.push(absence.span());
        }
    }
    for grant in roles::of_people(db, &ids)? {
        if let Some(person) = facts.get_mut(&row::parsed(grant.person.clone())?) {
            person.roles.push((grant.role()?, grant.interval()));
        }
    }
    Ok(facts)
}

/// What the evidence of a person's season now says: the one place where awards come from.
pub fn desired(
    db: &mut Db,
    programme: &ProgrammeEntry,
    season: &Period,
    facts: &PersonFacts,
) -> Result<Vec<Award>, Failure> {
    let evidence = signals::live_of(db, facts.person, season.from, season.until)?;
    Ok(fold::awards(&programme.timeline, season, facts, &evidence)?)
}

/// The live awards of a subject's season.
pub fn live(db: &mut Db, programme: &ProgrammeEntry, season: &Period, subject: Subject) -> QueryResult<Vec<LiveAward>> {
    let rows = awards::live(db, programme.code.as_str(), &season.code, &subject.uuid().to_string())?;
    rows.into_iter().map(|award| live_award(award, subject)).collect()
}

/// A live award as the fold knows it.
pub fn live_award(award: AwardRow, subject: Subject) -> QueryResult<LiveAward> {
    Ok(LiveAward {
        award: Award {
            key: AwardKey { rule: row::parsed(award.rule)?, subject, cause: cause_of(&award.cause)? },
            content: Content {
                points: Points(award.points),
                badge: award.badge.map(row::parsed).transpose()?,
                at: row::instant(award.at),
                version: u32::try_from(award.version).map_err(row::corrupt)?,
            },
        },
        transfer: award.transfer.map(row::parsed).transpose()?,
    })
}

/// A cause as the tables have it.
pub fn cause_text(cause: &Cause) -> String {
    match cause {
        Cause::Signal(signal) => format!("signal:{signal}"),
    }
}

fn cause_of(text: &str) -> QueryResult<Cause> {
    let signal = text.strip_prefix("signal:").ok_or_else(|| row::corrupt(format!("no cause: {text}")))?;
    row::parsed(signal.to_owned()).map(Cause::Signal)
}

fn settle_season(
    tx: &mut Tx<'_>,
    programme: &Arc<ProgrammeEntry>,
    season: &Period,
    facts: &PersonFacts,
) -> Result<(), Failure> {
    let desired = desired(tx.db, programme, season, facts)?;
    let live = live(tx.db, programme, season, Subject::Person(facts.person))?;
    let plan = reconcile(&desired, &live);
    apply(tx, programme, season, plan)
}

/// Writes a plan: reversals, new awards, badges.
fn apply(tx: &mut Tx<'_>, programme: &ProgrammeEntry, season: &Period, plan: Plan) -> Result<(), Failure> {
    let mut transfers = Vec::with_capacity(plan.reverse.len() + plan.append.len());
    for live in &plan.reverse {
        if let Some(reversed) = live.transfer {
            let mut back = transfer(tx, programme, season, &live.award, TransferKind::Reversal);
            std::mem::swap(&mut back.payer, &mut back.payee);
            back.reverses = Some(reversed);
            transfers.push(back);
        }
        awards::remove(tx.db, &award_row(programme, season, &live.award, live.transfer)?)?;
    }
    let mut rows = Vec::with_capacity(plan.append.len());
    for award in &plan.append {
        let given =
            (award.content.points > Points::ZERO).then(|| transfer(tx, programme, season, award, TransferKind::Award));
        rows.push(award_row(programme, season, award, given.as_ref().map(|given| given.id))?);
        transfers.extend(given);
    }
    ledger::post(tx, &transfers)?;
    awards::insert(tx.db, &rows)?;
    let mut events = Vec::with_capacity(plan.badges.len());
    for change in &plan.badges {
        let event = badge_event(tx, programme, season, change);
        // Rebuilding finds badges whose grant is on the list already.
        if awards::last_badge_change(tx.db, &event)?.as_deref().unwrap_or("withdrawn") != event.change {
            events.push(BadgeEventRow { sequence: tx.take_number(), ..event });
        }
    }
    Ok(awards::append_badge_events(tx.db, &events)?)
}

fn transfer(tx: &Tx<'_>, programme: &ProgrammeEntry, season: &Period, award: &Award, kind: TransferKind) -> Transfer {
    let payee = match award.key.subject {
        Subject::Person(person) => Account::Wallet(person),
        Subject::Team(team) => Account::Team(team),
    };
    Transfer {
        id: TransferId::new(tx.now),
        kind,
        payer: Account::ProgrammeIssuance(programme.code.to_string()),
        payee,
        amount: award.content.points,
        reverses: None,
        origin: Some(AwardOrigin {
            programme: programme.code.to_string(),
            season: season.code.clone(),
            rule: award.key.rule.to_string(),
            version: award.content.version,
            subject: award.key.subject.uuid().to_string(),
        }),
        cause: cause_text(&award.key.cause),
        at: award.content.at,
    }
}

fn award_row(
    programme: &ProgrammeEntry,
    season: &Period,
    award: &Award,
    transfer: Option<TransferId>,
) -> QueryResult<AwardRow> {
    Ok(AwardRow {
        programme: programme.code.to_string(),
        season: season.code.clone(),
        rule: award.key.rule.to_string(),
        subject: award.key.subject.uuid().to_string(),
        cause: cause_text(&award.key.cause),
        points: award.content.points.0,
        badge: award.content.badge.as_ref().map(ToString::to_string),
        at: row::stored(award.content.at),
        version: i32::try_from(award.content.version).map_err(row::corrupt)?,
        transfer: transfer.map(String::from),
    })
}

fn badge_event(tx: &Tx<'_>, programme: &ProgrammeEntry, season: &Period, change: &BadgeChange) -> BadgeEventRow {
    let (name, at) = match change.change {
        Change::Granted { at } => ("granted", at),
        Change::Withdrawn => ("withdrawn", tx.now),
    };
    BadgeEventRow {
        id: BadgeEventId::new(tx.now).into(),
        sequence: 0,
        programme: programme.code.to_string(),
        season: season.code.clone(),
        badge: change.badge.to_string(),
        subject: change.subject.uuid().to_string(),
        change: name.to_owned(),
        at: row::stored(at),
        recorded_at: row::stored(tx.now),
    }
}
