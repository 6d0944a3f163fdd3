//! Writing what reconciling came to: reversals, new awards, and the badges that are held or no longer.

use std::collections::BTreeSet;

use diesel::QueryResult;

use super::{Failure, Tx, ledger};
use crate::catalogue::ProgrammeEntry;
use crate::domain::award::{Award, AwardKey, Cause, Content};
use crate::domain::ids::{BadgeEventId, Code, Subject, TransferId};
use crate::domain::ledger::{Account, AwardOrigin, Transfer, TransferKind};
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::time::Instant;
use crate::engine::reconcile::{LiveAward, Plan};
use crate::store::awards::{AwardRow, BadgeEventRow, BadgeKey};
use crate::store::{awards, contests, row};

/// A live award as the fold knows it.
pub fn live_award(award: AwardRow, subject: Subject) -> QueryResult<LiveAward> {
    Ok(LiveAward {
        award: Award {
            key: AwardKey { rule: row::parsed(award.rule)?, subject, cause: row::parsed::<Cause>(award.cause)? },
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

/// Writes a plan.
pub(super) fn apply(tx: &mut Tx<'_>, programme: &ProgrammeEntry, season: &Period, plan: &Plan) -> Result<(), Failure> {
    if plan.is_empty() {
        return Ok(());
    }
    let mut transfers = Vec::with_capacity(plan.reverse.len() + plan.append.len());
    let mut removed = Vec::with_capacity(plan.reverse.len());
    for live in &plan.reverse {
        if let Some(reversed) = live.transfer {
            let mut back = transfer(tx, programme, season, &live.award, TransferKind::Reversal);
            std::mem::swap(&mut back.payer, &mut back.payee);
            back.reverses = Some(reversed);
            transfers.push(back);
        }
        removed.push(award_row(programme, season, &live.award, live.transfer)?);
    }
    let mut rows = Vec::with_capacity(plan.append.len());
    for award in &plan.append {
        let given =
            (award.content.points > Points::ZERO).then(|| transfer(tx, programme, season, award, TransferKind::Award));
        rows.push(award_row(programme, season, award, given.as_ref().map(|given| given.id))?);
        transfers.extend(given);
    }
    ledger::post(tx, &transfers)?;
    awards::remove(tx.db, &removed)?;
    awards::insert(tx.db, &rows)?;
    // Closing has made the badges of a season permanent (SEMANTICS S10).
    if programme.is_closed(&season.code) { Ok(()) } else { change_badges(tx, programme, season, plan) }
}

fn change_badges(tx: &mut Tx<'_>, programme: &ProgrammeEntry, season: &Period, plan: &Plan) -> Result<(), Failure> {
    let touched = plan.reverse.iter().map(|live| &live.award).chain(&plan.append);
    let named = |award: &Award| Some((award.key.subject, award.content.badge.clone()?));
    let touched: BTreeSet<(Subject, Code)> = touched.filter_map(named).collect();
    let keys: Vec<BadgeKey> =
        touched.iter().map(|(subject, badge)| badge_key(programme, season, *subject, badge)).collect();
    let (first, last) = (awards::first_naming(tx.db, &keys)?, awards::last_badge_changes(tx.db, &keys)?);
    let unnamed: Vec<BadgeKey> = keys.iter().filter(|key| !first.contains_key(key)).cloned().collect();
    // What was won in a contest is held for good (SEMANTICS S10).
    let won: BTreeSet<BadgeKey> = contests::won_among(tx.db, &unnamed)?.into_iter().collect();
    let mut events = Vec::new();
    for ((subject, badge), key) in touched.iter().zip(keys).filter(|(_, key)| !won.contains(key)) {
        let since = first.get(&key).copied();
        let change = if since.is_some() { "granted" } else { "withdrawn" };
        if last.get(&key).map_or("withdrawn", String::as_str) != change {
            let mut event = badge_event(tx, programme, season, *subject, badge);
            event.change = change.to_owned();
            event.at = since.unwrap_or(event.recorded_at);
            event.sequence = tx.take_number();
            events.push(event);
        }
    }
    Ok(awards::append_badge_events(tx.db, &events)?)
}

fn badge_key(programme: &ProgrammeEntry, season: &Period, subject: Subject, badge: &Code) -> BadgeKey {
    BadgeKey {
        programme: programme.code.to_string(),
        season: season.code.clone(),
        subject: subject.uuid().to_string(),
        badge: badge.to_string(),
    }
}

/// An event about a badge that is still to be decided.
pub(super) fn badge_event(
    tx: &Tx<'_>,
    programme: &ProgrammeEntry,
    season: &Period,
    subject: Subject,
    badge: &Code,
) -> BadgeEventRow {
    let now: Instant = tx.now;
    BadgeEventRow {
        id: BadgeEventId::new(now).into(),
        sequence: 0,
        programme: programme.code.to_string(),
        season: season.code.clone(),
        badge: badge.to_string(),
        subject: subject.uuid().to_string(),
        change: String::new(),
        at: row::stored(now),
        recorded_at: row::stored(now),
    }
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
        cause: award.key.cause.to_string(),
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
        cause: award.key.cause.to_string(),
        points: award.content.points.0,
        badge: award.content.badge.as_ref().map(ToString::to_string),
        at: row::stored(award.content.at),
        version: i32::try_from(award.content.version).map_err(row::corrupt)?,
        transfer: transfer.map(String::from),
    })
}
