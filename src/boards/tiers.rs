//! Which version's tiers a season has.

use std::sync::Arc;

use crate::catalogue::ProgrammeEntry;
use crate::domain::period::Period;
use crate::domain::programme::Programme;

/// The first version in force within `season` that has tiers: its tiers are the season's (SEMANTICS S29).
pub fn tiered_version<'a>(programme: &'a ProgrammeEntry, season: &Period) -> Option<&'a Arc<Programme>> {
    let timeline = &programme.timeline;
    let mut days: Vec<_> =
        timeline.versions.iter().map(|version| version.effective_from.max(season.first_day)).collect();
    days.retain(|day| *day < season.until_day);
    days.sort_unstable();
    let mut in_force = days.into_iter().filter_map(|day| timeline.in_force(day)).map(|version| &version.programme);
    in_force.find(|programme| !programme.tiers.is_empty())
}
