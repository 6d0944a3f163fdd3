//! Who asks for a reward: their points, teams, programmes and tiers, as they stand now.

use crate::boards::tiers::tiered_version;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::PersonId;
use crate::domain::ledger::Account;
use crate::domain::points::Points;
use crate::domain::reward::{Asker, TierRef};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::{awards, ledger};
use crate::writer::Failure;
use crate::writer::settle::facts_of;

/// A person as somebody who might ask for rewards. Tiers are those of each programme's current season, as the standing
/// shows them.
pub fn asker(db: &mut Db, catalogue: &Catalogue, person: PersonId, now: Instant) -> Result<Asker, Failure> {
    let wallet = Account::Wallet(person).to_string();
    let balance = ledger::balances(db, std::slice::from_ref(&wallet))?.remove(&wallet).unwrap_or(0);
    let points = awards::season_points(db, &person.to_string())?;
    let facts = facts_of(db, catalogue, &[person].into())?.remove(&person);
    let facts = facts.ok_or_else(|| Failure::Defect(format!("no facts about {person}")))?;
    let audience = |entry: &&std::sync::Arc<ProgrammeEntry>| {
        entry.current(now).is_some_and(|version| version.programme.audience.includes(&facts, now))
    };
    Ok(Asker {
        balance: Points(balance),
        teams: facts.lineage_at(now).to_vec(),
        programmes: catalogue.activated().filter(audience).map(|entry| entry.code.clone()).collect(),
        tiers: catalogue.activated().flat_map(|entry| tiers(entry, &points, now)).collect(),
    })
}

/// The tiers of a programme's current season that points in it reach.
fn tiers(entry: &ProgrammeEntry, points: &[(String, String, i64)], now: Instant) -> Vec<TierRef> {
    let season = entry.newest().and_then(|newest| newest.calendar.season_at(now));
    let Some(season) = season else { return Vec::new() };
    let earned = points.iter().find(|(programme, of, _)| *programme == entry.code.as_str() && *of == season.code);
    let earned = earned.map_or(0, |(_, _, points)| *points);
    let tiers = tiered_version(entry, &season).map_or(&[][..], |version| &version.tiers);
    let reached = tiers.iter().filter(|tier| tier.at.0 <= earned);
    reached.map(|tier| TierRef { programme: entry.code.clone(), tier: tier.code.clone() }).collect()
}
