//! When what a team's goal came to is for nobody in the team to see: it would be about its members.

use diesel::QueryResult;

use crate::catalogue::Catalogue;
use crate::domain::ids::TeamId;
use crate::domain::time::{Interval, Window};
use crate::domain::visibility::{fewest_at_once, shows_team};
use crate::store::boards::memberships_in;
use crate::store::db::Db;

/// Whether a team's members may see what it came to in a window: it had as many of them as the smallest group at any
/// moment at which it had any.
pub fn shows_numbers(db: &mut Db, catalogue: &Catalogue, team: TeamId, window: Window) -> QueryResult<bool> {
    let memberships = memberships_in(db, &[team.to_string()], window.from, window.until)?;
    let stays: Vec<Interval> = memberships.iter().map(|membership| membership.interval()).collect();
    Ok(shows_team(fewest_at_once(&stays, window), catalogue.organization.privacy.smallest_group))
}
