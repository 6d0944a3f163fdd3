//! What the report on patterns reads: who thanked whom in a stretch of time, and who was where at its end.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{kudos, kudos_receivers, memberships, people};
use crate::domain::time::{Instant, Window};

/// One receiver of one kudos that stands.
#[derive(Debug, Clone, PartialEq, Eq, Queryable)]
pub struct GivenRow {
    /// The number of the kudos.
    pub sequence: i64,
    /// Who sent it.
    pub sender: String,
    /// Who received it.
    pub receiver: String,
    /// What it carried for them.
    pub points: i64,
    /// When it was sent.
    pub sent_at: NaiveDateTime,
}

/// The kudos of a stretch of time that stand, hidden ones too, the newest first; at most `limit` rows.
pub fn given_in(db: &mut Db, window: Window, limit: i64) -> QueryResult<Vec<GivenRow>> {
    kudos::table
        .inner_join(kudos_receivers::table.on(kudos_receivers::kudos.eq(kudos::id)))
        .filter(kudos::sent_at.ge(row::stored(window.from)))
        .filter(kudos::sent_at.lt(row::stored(window.until)))
        .filter(kudos::state.eq("sent"))
        .order((kudos::sequence.desc(), kudos_receivers::receiver))
        .limit(limit)
        .select((kudos::sequence, kudos::sender, kudos_receivers::receiver, kudos_receivers::points, kudos::sent_at))
        .load(db)
}

/// Everybody: their id, and whether they are active.
pub fn everybody(db: &mut Db) -> QueryResult<Vec<(String, bool)>> {
    people::table.order(people::id).select((people::id, people::active)).load(db)
}

/// Home teams at an instant: person and team.
pub fn homes_at(db: &mut Db, at: Instant) -> QueryResult<Vec<(String, String)>> {
    let at = row::stored(at);
    memberships::table
        .filter(memberships::from_at.le(at))
        .filter(memberships::until_at.is_null().or(memberships::until_at.gt(at)))
        .select((memberships::person, memberships::team))
        .load(db)
}
