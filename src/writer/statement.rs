//! What the closing of a season writes: its statement, its boards, and the badges and rewards of tiers (SEMANTICS S11,
//! S34, S37).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use diesel::QueryResult;
use uuid::Uuid;

use super::apply::badge_event;
use super::{Failure, Tx, proposal};
use crate::boards::frozen;
use crate::boards::tiers::tiered_version;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::{Code, PersonId, Subject, TeamId};
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::programme::Tier;
use crate::domain::season::{Line, Statement, ranked};
use crate::domain::standing::tier_standing;
use crate::store::db::Db;
use crate::store::{awards, row, seasons};

/// Codes of badges by subject's id.
type Badges = BTreeMap<String, BTreeSet<String>>;

/// Publishes a season as it stands at `position`.
pub(super) fn publish(
    tx: &mut Tx<'_>,
    programme: &ProgrammeEntry,
    season: &Period,
    position: i64,
) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let points = season_points(tx.db, &catalogue, programme, season)?;
    grant_tiers(tx, programme, season, &points)?;
    let tiers = tiers_of(programme, season);
    let mut badges = held_badges(tx.db, programme, season)?;
    let line = |(subject, points, rank): (Subject, i64, usize)| {
        let reached = matches!(subject, Subject::Person(_)).then(|| tier_standing(tiers, Points(points)).reached);
        Line {
            subject: subject.into(),
            points,
            rank,
            tier: reached.flatten().map(|tier| tier.code.to_string()),
            badges: badges.remove(&subject.uuid().to_string()).unwrap_or_default().into_iter().collect(),
        }
    };
    let statement = Statement {
        programme: programme.code.to_string(),
        season: season.code.clone(),
        from: season.first_day,
        until: season.until_day,
        closed: true,
        closed_at: tx.now,
        position,
        subjects: ranked(&points).into_iter().map(line).collect(),
    };
    seasons::insert_statement(tx.db, &statement.programme, &statement.season, &row::to_json(&statement)?)?;
    proposal::of_season(tx, programme, season, &statement)?;
    let boards = frozen::freeze(tx.db, &catalogue, programme, season)?;
    Ok(seasons::insert_frozen(tx.db, &boards)?)
}

/// The tiers of a season.
pub fn tiers_of<'a>(programme: &'a ProgrammeEntry, season: &Period) -> &'a [Tier] {
    tiered_version(programme, season).map_or(&[][..], |version| &version.tiers)
}

/// The points of everybody: of those with awards in the season, and of those in its audience at its end.
pub fn season_points(
    db: &mut Db,
    catalogue: &Arc<Catalogue>,
    programme: &ProgrammeEntry,
    season: &Period,
) -> QueryResult<BTreeMap<Subject, i64>> {
    let listed = frozen::persons_at_end(db, catalogue, programme, season)?;
    let mut points: BTreeMap<Subject, i64> =
        listed.into_keys().map(|person| (Subject::Person(PersonId(person)), 0)).collect();
    for (subject, earned) in awards::points_in_season(db, programme.code.as_str(), &season.code)? {
        let id = Uuid::try_parse(&subject).map_err(row::corrupt)?;
        let team = catalogue.teams.get(TeamId(id)).map(|team| Subject::Team(team.id));
        points.insert(team.unwrap_or(Subject::Person(PersonId(id))), earned);
    }
    Ok(points)
}

/// Grants the badges of each tier that somebody reached, unless they hold them already.
fn grant_tiers(
    tx: &mut Tx<'_>,
    programme: &ProgrammeEntry,
    season: &Period,
    points: &BTreeMap<Subject, i64>,
) -> Result<(), Failure> {
    let mut reached = Vec::new();
    for (subject, points) in points {
        let Subject::Person(_) = subject else { continue };
        let tiers = tiers_of(programme, season).iter().filter(|tier| tier.at <= Points(*points));
        reached.extend(tiers.filter_map(|tier| Some((*subject, tier.badge.clone()?))));
    }
    grant_for_good(tx, programme, season, reached)
}

/// Grants badges that no award names, to those who do not hold them already.
pub(super) fn grant_for_good(
    tx: &mut Tx<'_>,
    programme: &ProgrammeEntry,
    season: &Period,
    badges: Vec<(Subject, Code)>,
) -> Result<(), Failure> {
    let mut held = held_badges(tx.db, programme, season)?;
    let mut events = Vec::new();
    for (subject, badge) in badges {
        if !held.entry(subject.uuid().to_string()).or_default().insert(badge.to_string()) {
            continue;
        }
        let mut event = badge_event(tx, programme, season, subject, &badge);
        event.change = "granted".to_owned();
        event.sequence = tx.take_number();
        events.push(event);
    }
    Ok(awards::append_badge_events(tx.db, &events)?)
}

/// The badges that are held in a season.
fn held_badges(db: &mut Db, programme: &ProgrammeEntry, season: &Period) -> QueryResult<Badges> {
    let mut held = Badges::new();
    for event in awards::badge_events_in(db, programme.code.as_str(), &season.code)? {
        let badges = held.entry(event.subject).or_default();
        if event.change == "granted" {
            badges.insert(event.badge)
        } else {
            badges.remove(&event.badge)
        };
    }
    Ok(held)
}
