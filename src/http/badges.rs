//! Badges that people earned.

use std::collections::HashMap;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;

use super::fields::Names;
use super::page::Page;
use super::permit::{Permit, ReadBadges};
use super::problem::{ApiError, ProblemBody};
use super::targets::PersonTarget;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::programme::Badge;
use crate::store::awards::{BadgeEventRow, badge_events_of};
use crate::store::db::Db;
use crate::store::row;

/// A badge that somebody earned.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BadgeOut {
    /// Code of the badge.
    pub badge: String,
    /// Its name.
    pub name: Names,
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// When it was earned.
    pub earned_at: DateTime<Utc>,
    /// When it was taken back, because the evidence changed; null while it is held.
    pub revoked_at: Option<DateTime<Utc>>,
}

/// Badges
///
/// Every badge that the person earned, in the order it came; those taken back too.
#[utoipa::path(get, path = "/api/v1/people/{person}/badges", tag = "Standing",
    params(
        ("person" = String, Path, description = "`me`, an id or a user name"),
    ),
    responses(
        (status = 200, description = "The badges", body = Page<BadgeOut>),
        (status = 404, description = "Nobody whom the caller may see", body = ProblemBody),
    ))]
pub async fn of_person(permit: Permit<ReadBadges, PersonTarget>) -> Result<HttpResponse, ApiError> {
    let Permit { state, target, .. } = permit;
    let catalogue = state.catalogue();
    let items = state.read(move |db| Ok(badges_of(db, &catalogue, &target.row.id)?)).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Every badge that a subject earned, in the order it came.
pub fn badges_of(db: &mut Db, catalogue: &Catalogue, subject: &str) -> QueryResult<Vec<BadgeOut>> {
    let mut badges: Vec<BadgeOut> = Vec::new();
    let mut held: HashMap<(String, String, String), usize> = HashMap::new();
    for event in badge_events_of(db, subject)? {
        let badge = (event.programme.clone(), event.season.clone(), event.badge.clone());
        if event.change == "granted" {
            held.insert(badge, badges.len());
            badges.push(granted(catalogue, event));
        } else if let Some(badge) = held.remove(&badge).and_then(|position| badges.get_mut(position)) {
            badge.revoked_at = Some(row::instant(event.at));
        }
    }
    Ok(badges)
}

fn granted(catalogue: &Catalogue, event: BadgeEventRow) -> BadgeOut {
    let programme = catalogue.programmes.get(&event.programme);
    let name = programme.and_then(|entry| declared(entry, &event.badge)).map(|badge| badge.name.clone().into());
    BadgeOut {
        name: name.unwrap_or_else(|| Names { en: event.badge.clone(), de: event.badge.clone() }),
        badge: event.badge,
        programme: event.programme,
        season: event.season,
        earned_at: row::instant(event.at),
        revoked_at: None,
    }
}

/// A badge as the newest version that has it declares it (SEMANTICS S29).
fn declared<'a>(entry: &'a ProgrammeEntry, code: &str) -> Option<&'a Badge> {
    let versions = entry.timeline.versions.iter();
    let declaring = versions.filter_map(|version| {
        let badge = version.programme.badges.iter().find(|badge| badge.code.as_str() == code)?;
        Some((version.version, badge))
    });
    declaring.max_by_key(|(version, _)| *version).map(|(_, badge)| badge)
}
