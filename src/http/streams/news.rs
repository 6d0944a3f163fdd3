//! What has happened to somebody since a number of the sequence, or how they stand, in short.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use utoipa::ToSchema;

use crate::boards::tiers::tiered_version;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::PersonId;
use crate::domain::ledger::Account;
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::standing::tier_standing;
use crate::domain::time::Instant;
use crate::http::problem::ApiError;
use crate::store::db::Db;
use crate::store::{awards, head, row, stream_news};

/// Beyond so much that was missed, the standing is told instead.
const MUCH: i64 = 200;

/// The points of a season, and what they have changed by.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsNews {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// What there are now.
    pub points: i64,
    /// By how much they have changed.
    pub change: i64,
}

/// A badge that came or went.
#[derive(Debug, Serialize, ToSchema)]
pub struct BadgeNews {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// Code of the badge.
    pub badge: String,
    /// `granted` or `withdrawn`.
    pub change: String,
    /// When it was earned, or withdrawn.
    pub at: DateTime<Utc>,
}

/// Another tier is the one reached.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierNews {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// Code of the tier; null below the first.
    pub tier: Option<String>,
}

/// How somebody stands, in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct StandingNews {
    /// In the current season of each programme that they have earned points in.
    pub programmes: Vec<ProgrammeNews>,
}

/// The standing in one programme.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProgrammeNews {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// What there are now.
    pub points: i64,
    /// Code of the tier reached.
    pub tier: Option<String>,
}

/// One piece of news.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Piece {
    Points(PointsNews),
    Badge(BadgeNews),
    Tier(TierNews),
    Standing(StandingNews),
}

/// All news up to a number of the sequence: names of events, and what they say.
#[derive(Debug)]
pub(super) struct News {
    pub(super) until: i64,
    pub(super) events: Vec<(&'static str, Piece)>,
}

/// What has happened after a number of the sequence; the standing, if that is too much.
pub(super) fn news_since(
    db: &mut Db,
    catalogue: &Catalogue,
    person: PersonId,
    (since, now): (i64, Instant),
) -> Result<News, ApiError> {
    let (until, subject) = (head::read(db)?, person.to_string());
    let wallet = Account::Wallet(person).to_string();
    let awarded = stream_news::awarded(db, &wallet, since, MUCH)?;
    let badges = stream_news::badges(db, &subject, since, MUCH)?;
    if awarded.len() + badges.len() >= usize::try_from(MUCH).unwrap_or(usize::MAX) {
        return standing_now(db, catalogue, person, now);
    }
    let mut changes: BTreeMap<(String, String), Points> = BTreeMap::new();
    for transfer in awarded {
        let (Some(programme), Some(season)) = (transfer.programme, transfer.season) else { continue };
        let change = Points(if transfer.payee == wallet { transfer.amount } else { -transfer.amount });
        let sum = changes.entry((programme, season)).or_insert(Points::ZERO);
        *sum = sum.plus(change).map_err(ApiError::internal)?;
    }
    let mut events = Vec::new();
    let points = if changes.is_empty() { Vec::new() } else { awards::season_points(db, &subject)? };
    for ((programme, season), change) in changes {
        let now = points.iter().find(|(of, code, _)| *of == programme && *code == season);
        let now = Points(now.map_or(0, |(_, _, points)| *points));
        let before = Points(now.0.saturating_sub(change.0));
        let tier = catalogue.programmes.get(&programme).and_then(|entry| {
            let season = entry.newest()?.calendar.season(&season)?;
            let [before, now] = [before, now].map(|points| tier_of(entry, &season, points));
            (before != now).then_some(now)
        });
        let (points, change) = (now.0, change.0);
        let news = PointsNews { programme: programme.clone(), season: season.clone(), points, change };
        events.push(("points", Piece::Points(news)));
        events.extend(tier.map(|tier| ("tier", Piece::Tier(TierNews { programme, season, tier }))));
    }
    events.extend(badges.into_iter().map(|event| {
        let at = row::instant(event.at);
        let (programme, season, badge, change) = (event.programme, event.season, event.badge, event.change);
        ("badge", Piece::Badge(BadgeNews { programme, season, badge, change, at }))
    }));
    Ok(News { until, events })
}

/// How somebody stands now.
pub(super) fn standing_now(
    db: &mut Db,
    catalogue: &Catalogue,
    person: PersonId,
    now: Instant,
) -> Result<News, ApiError> {
    let until = head::read(db)?;
    let mut programmes = Vec::new();
    for (programme, season, points) in awards::season_points(db, &person.to_string())? {
        let entry = catalogue.programmes.get(&programme);
        let current = entry.and_then(|entry| Some((entry, entry.newest()?.calendar.season_at(now)?)));
        if let Some((entry, current)) = current.filter(|(_, current)| current.code == season) {
            let tier = tier_of(entry, &current, Points(points));
            programmes.push(ProgrammeNews { programme, season, points, tier });
        }
    }
    Ok(News { until, events: vec![("standing", Piece::Standing(StandingNews { programmes }))] })
}

fn tier_of(entry: &ProgrammeEntry, season: &Period, points: Points) -> Option<String> {
    let tiers = tiered_version(entry, season).map_or(&[][..], |version| &version.tiers);
    tier_standing(tiers, points).reached.map(|tier| tier.code.to_string())
}
