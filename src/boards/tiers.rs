//! Which version's tiers a season has.

use std::sync::Arc;

use crate::catalogue::ProgrammeEntry;
use crate::domain::period::Period;
use crate::domain::programme::Programme;

/// The first version in force within `season` that has tiers: its tiers are the season's (SEMANTICS S29).
pub fn tiered_version<'a>(programme: &'a ProgrammeEntry, season: &Period) -> Option<&'a Arc<Programme>> {
    let mut in_force = programme.timeline.versions_within(season.days()).map(|version| &version.programme);
    in_force.find(|programme| !programme.tiers.is_empty())
}
