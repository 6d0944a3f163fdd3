//! What closed seasons and finalised contests bring to people: each reward once, as a redemption that awaits a person's
//! approval (SEMANTICS S11). It takes no points, and stock and budget only when somebody approves it: no closing is held
//! up because there is not enough of either.
//!
//! What is due follows from what was frozen, so it can be asked for again at any time: a reward that the catalogue does
//! not have yet is proposed when it comes.

use std::collections::{BTreeMap, HashSet};

use diesel::QueryResult;
use uuid::Uuid;

use super::statement::tiers_of;
use super::{Failure, Tx, redemption};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::ContestResult;
use crate::domain::ids::PersonId;
use crate::domain::period::Period;
use crate::domain::programme::Tier;
use crate::domain::season::{Kind, Statement};
use crate::store::db::Db;
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::rewards::{self, RewardRow};
use crate::store::{contests, memberships, people, row, seasons};

/// A reward that is due to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What brings it, and to whom; once.
    pub due: String,
    /// To whom.
    pub receiver: PersonId,
    /// Code of the reward.
    pub reward: String,
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
}

/// Proposes the rewards of the tiers that a season was closed with.
pub(super) fn of_season(
    tx: &mut Tx<'_>,
    programme: &ProgrammeEntry,
    season: &Period,
    statement: &Statement,
) -> Result<(), Failure> {
    propose(tx, by_tiers(tiers_of(programme, season), statement))
}

/// Proposes the prizes of a contest that was finalised.
pub(super) fn of_contest(tx: &mut Tx<'_>, result: &ContestResult) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let due = by_prizes(tx.db, &catalogue, result)?;
    propose(tx, due)
}

/// Proposes what has been due before its reward came into the catalogue.
pub fn of_reward(tx: &mut Tx<'_>, reward: &str) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let due = all(tx.db, &catalogue, |code| code == reward)?;
    propose(tx, due)
}

/// Everything that what was frozen has brought of some rewards, whether it was proposed or not.
pub fn all(db: &mut Db, catalogue: &Catalogue, of: impl Fn(&str) -> bool) -> QueryResult<Vec<Proposal>> {
    let mut found = Vec::new();
    for programme in catalogue.activated() {
        for season in programme.closed_seasons() {
            let tiers = tiers_of(programme, &season);
            if !tiers.iter().filter_map(|tier| tier.reward.as_ref()).any(|reward| of(reward.as_str())) {
                continue;
            }
            if let Some(body) = seasons::statement(db, programme.code.as_str(), &season.code)? {
                found.extend(by_tiers(tiers, &row::from_json(&body)?));
            }
        }
    }
    for kept in contests::all_results(db)? {
        found.extend(by_prizes(db, catalogue, &row::from_json(&kept.body)?)?);
    }
    found.retain(|proposal| of(&proposal.reward));
    Ok(found)
}

/// Of each tier that somebody reached, the highest and those below it.
fn by_tiers(tiers: &[Tier], statement: &Statement) -> Vec<Proposal> {
    let mut found = Vec::new();
    for line in statement.subjects.iter().filter(|line| line.subject.kind == Kind::Person) {
        let highest = tiers.iter().position(|tier| Some(tier.code.as_str()) == line.tier.as_deref());
        let reached = tiers.iter().take(highest.map_or(0, |highest| highest + 1));
        found.extend(reached.filter_map(|tier| {
            let (programme, season, receiver) = (&statement.programme, &statement.season, PersonId(line.subject.id));
            Some(Proposal {
                due: format!("tier:{programme}:{season}:{}:{receiver}", tier.code),
                receiver,
                reward: tier.reward.as_ref()?.to_string(),
                programme: programme.clone(),
                season: season.clone(),
            })
        }));
    }
    found
}

/// Of each prize that was won; one that a team won goes to each who was at home there when the contest ended.
fn by_prizes(db: &mut Db, catalogue: &Catalogue, result: &ContestResult) -> QueryResult<Vec<Proposal>> {
    let won = result.outcome.won.iter().filter_map(|won| Some((won.subject, won.reward.as_ref()?.to_string())));
    let won: Vec<(Uuid, String)> = won.collect();
    if won.is_empty() {
        return Ok(Vec::new());
    }
    let members = match result.subjects {
        Kind::Person => BTreeMap::new(),
        Kind::Team => members_at_end(db, catalogue, result)?,
    };
    let mut found = Vec::new();
    for (subject, reward) in won {
        let receivers = match result.subjects {
            Kind::Person => vec![PersonId(subject)],
            Kind::Team => members.get(&subject.to_string()).cloned().unwrap_or_default(),
        };
        let ContestResult { programme, contest, period, season, .. } = result;
        found.extend(receivers.into_iter().map(|receiver| Proposal {
            due: format!("prize:{programme}:{contest}:{period}:{}:{reward}:{receiver}", result.season),
            receiver,
            reward: reward.clone(),
            programme: programme.clone(),
            season: season.clone(),
        }));
    }
    Ok(found)
}

fn members_at_end(
    db: &mut Db,
    catalogue: &Catalogue,
    result: &ContestResult,
) -> QueryResult<BTreeMap<String, Vec<PersonId>>> {
    let programme = catalogue.programmes.get(&result.programme).and_then(|entry| entry.newest());
    let programme = programme.ok_or_else(|| row::corrupt("a contest of no programme was finalised"))?;
    let end = programme.calendar.zone.start_of(result.until);
    let last = end - chrono::TimeDelta::microseconds(1);
    let mut members: BTreeMap<String, Vec<PersonId>> = BTreeMap::new();
    for membership in memberships::overlapping(db, last, end)? {
        members.entry(membership.team).or_default().push(row::parsed(membership.person)?);
    }
    Ok(members)
}

/// Keeps what was not proposed yet, for those who are still there.
fn propose(tx: &mut Tx<'_>, mut due: Vec<Proposal>) -> Result<(), Failure> {
    let mut offered: BTreeMap<String, RewardRow> = BTreeMap::new();
    for code in due.iter().map(|proposal| proposal.reward.clone()).collect::<HashSet<_>>() {
        if let Some(row) = rewards::find(tx.db, &code)? {
            offered.insert(code, row);
        }
    }
    due.retain(|proposal| offered.contains_key(&proposal.reward));
    if due.is_empty() {
        return Ok(());
    }
    let keys: Vec<String> = due.iter().map(|proposal| proposal.due.clone()).collect();
    let held: HashSet<String> = redemptions::proposed(tx.db, &keys)?.into_iter().collect();
    let receivers: Vec<String> = due.iter().map(|proposal| proposal.receiver.to_string()).collect();
    let active = people::by_ids(tx.db, &receivers)?.into_iter().filter(|person| person.active);
    let active: HashSet<String> = active.map(|person| person.id).collect();
    due.retain(|proposal| !held.contains(&proposal.due) && active.contains(&proposal.receiver.to_string()));
    let mut rows = Vec::with_capacity(due.len());
    for proposal in due {
        if let Some(reward) = offered.get(&proposal.reward) {
            rows.push(proposed(tx, proposal, reward)?);
        }
    }
    Ok(redemptions::insert_all(tx.db, &rows)?)
}

fn proposed(tx: &mut Tx<'_>, proposal: Proposal, reward: &RewardRow) -> Result<RedemptionRow, Failure> {
    let Proposal { due, receiver, programme, season, .. } = proposal;
    let begun = redemption::begun(tx, receiver, reward, 0)?;
    Ok(RedemptionRow { due: Some(due), programme: Some(programme), season: Some(season), cost: 0, ..begun })
}
