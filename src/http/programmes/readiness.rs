//! What stands in the way of closing a season, and what closing it would bring as things stand.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;

use super::seasons::SeasonOut;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::Subject;
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::time::Instant;
use crate::http::budgets::{self, BudgetOut};
use crate::store::db::Db;
use crate::store::due;
use crate::writer::statement::{season_points, tiers_of};

/// A season that is not closed yet.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReadinessOut {
    /// The season.
    #[serde(flatten)]
    pub season: SeasonOut,
    /// Whether it is over, and may be closed.
    pub ready: bool,
    /// When it is over.
    pub ends_at: DateTime<Utc>,
    /// When the grace for what comes late is over, too.
    pub grace_ends_at: DateTime<Utc>,
    /// People and teams whose points are still to be settled.
    pub due: i64,
    /// People who would have a result.
    pub people: usize,
    /// Tiers, and how many people have reached each so far.
    pub tiers: Vec<TierReached>,
    /// Rewards that would be proposed.
    pub rewards: Vec<RewardProposed>,
    /// The budgets of this season, and how they stand.
    pub budgets: Vec<BudgetOut>,
}

/// How many people have reached a tier.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierReached {
    /// Code of the tier.
    pub tier: String,
    /// From how many points on.
    pub at: i64,
    /// Code of the badge that closing would grant for it.
    pub badge: Option<String>,
    /// How many have reached it, or a higher one.
    pub people: usize,
}

/// A reward that closing would propose.
#[derive(Debug, Serialize, ToSchema)]
pub struct RewardProposed {
    /// Code of the reward.
    pub reward: String,
    /// Code of the tier it is for.
    pub tier: String,
    /// For how many people.
    pub people: usize,
}

/// How far a season is from being closed.
pub fn readiness(
    db: &mut Db,
    catalogue: &Arc<Catalogue>,
    entry: &ProgrammeEntry,
    season: &Period,
    now: Instant,
) -> QueryResult<ReadinessOut> {
    let points = season_points(db, catalogue, entry, season)?;
    let people = points.iter().filter(|(subject, _)| matches!(subject, Subject::Person(_)));
    let people: Vec<Points> = people.map(|(_, points)| Points(*points)).collect();
    let (mut tiers, mut rewards) = (Vec::new(), Vec::new());
    for tier in tiers_of(entry, season) {
        let reached = people.iter().filter(|points| tier.at <= **points).count();
        tiers.push(TierReached {
            tier: tier.code.to_string(),
            at: tier.at.0,
            badge: tier.badge.as_ref().map(ToString::to_string),
            people: reached,
        });
        rewards.extend(tier.reward.as_ref().map(|reward| RewardProposed {
            reward: reward.to_string(),
            tier: tier.code.to_string(),
            people: reached,
        }));
    }
    Ok(ReadinessOut {
        season: SeasonOut::new(entry, season),
        ready: season.until <= now,
        ends_at: season.until,
        grace_ends_at: entry.grace_ends(season),
        due: due::count_of_season(db, entry.code.as_str(), &season.code)?,
        people: people.len(),
        tiers,
        rewards,
        budgets: budgets::of_season(db, catalogue, entry.code.as_str(), &season.code)?,
    })
}
