//! What a certificate says: its codes put into the names of now, and whether it still holds.

use diesel::QueryResult;

use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::certificate::{Certificate, Kind};
use crate::domain::ids::PersonId;
use crate::domain::language::{Language, Localised};
use crate::domain::season::Statement;
use crate::http::badges::badges_of;
use crate::store::certificates::CertificateRow;
use crate::store::db::Db;
use crate::store::people::{self, PersonRef};
use crate::store::{row, seasons};
use crate::writer::certificate::tier_in;

/// Where a code is verified.
pub fn address(public_url: &str, code: &str) -> String {
    format!("{public_url}/certificates/{code}")
}

/// What a certificate says now.
pub fn said(db: &mut Db, catalogue: &Catalogue, public_url: &str, kept: &CertificateRow) -> QueryResult<Certificate> {
    let person: PersonId = row::parsed(kept.person.clone())?;
    let named = people::find(db, &PersonRef::Id(person))?.ok_or_else(|| row::corrupt("a certificate of nobody"))?;
    let entry = catalogue.programmes.get(&kept.programme);
    let entry = entry.ok_or_else(|| row::corrupt("a certificate of no programme"))?;
    let language = kept.known_language()?;
    let programme = entry.newest().map_or(kept.programme.clone(), |newest| newest.name.get(language).to_owned());
    let (kind, (achievement, date, valid)) = match &kept.badge {
        Some(badge) => (Kind::Badge, badge_of(db, catalogue, entry, (kept, badge, language))?),
        None => (Kind::Tier, tier_of(db, entry, (kept, person, language))?),
    };
    Ok(Certificate {
        organization: catalogue.organization.name.clone(),
        name: named.display_name,
        achievement,
        kind,
        programme,
        season: kept.season.clone(),
        date,
        valid,
        language,
        address: address(public_url, &kept.code),
    })
}

type Achieved = (String, chrono::NaiveDate, bool);

fn badge_of(
    db: &mut Db,
    catalogue: &Catalogue,
    entry: &ProgrammeEntry,
    (kept, badge, language): (&CertificateRow, &str, Language),
) -> QueryResult<Achieved> {
    let mut earned = badges_of(db, catalogue, &kept.person)?
        .into_iter()
        .filter(|earned| earned.badge == badge && earned.programme == kept.programme && earned.season == kept.season);
    // The last one: it may have been taken back and earned again.
    let earned = earned.next_back().ok_or_else(|| row::corrupt("a certificate of a badge that was never earned"))?;
    let day = entry.day_of(earned.earned_at).ok_or_else(|| row::corrupt("a badge of a programme without rules"))?;
    let name = Localised { en: earned.name.en, de: earned.name.de };
    Ok((name.get(language).to_owned(), day, earned.revoked_at.is_none()))
}

fn tier_of(
    db: &mut Db,
    entry: &ProgrammeEntry,
    (kept, person, language): (&CertificateRow, PersonId, Language),
) -> QueryResult<Achieved> {
    let statement = seasons::statement(db, &kept.programme, &kept.season)?;
    let statement = statement.ok_or_else(|| row::corrupt("a certificate of an open season"))?;
    let statement: Statement = row::from_json(&statement)?;
    let tier = tier_in(&statement, person).ok_or_else(|| row::corrupt("a certificate of no tier"))?;
    let day = statement.until.pred_opt().unwrap_or(statement.until);
    let versions = entry.timeline.versions.iter().rev();
    let mut tiers = versions.flat_map(|version| &version.programme.tiers);
    let named = tiers.find(|declared| declared.code.as_str() == tier).map(|tier| tier.name.get(language));
    Ok((named.unwrap_or(tier).to_owned(), day, true))
}
