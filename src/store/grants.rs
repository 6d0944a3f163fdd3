//! Points that people grant others.

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use super::db::Db;
use super::row;
use super::schema::{grants, memberships, transfers};
use crate::domain::grant::State;
use crate::domain::ids::{GrantId, PersonId};
use crate::domain::time::Instant;

/// A grant as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = grants, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct GrantRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub granter: String,
    /// Another person.
    pub receiver: String,
    /// Above zero.
    pub points: i64,
    /// Why.
    pub reason: String,
    /// The programme whose budget it is taken from.
    pub programme: Option<String>,
    /// Its season.
    pub season: Option<String>,
    /// The month of the organisation's zone that it counts for: `2026-11`.
    pub month: String,
    /// `requested`, `granted`, `rejected` or `cancelled`.
    pub state: String,
    /// See the column.
    pub requested_at: NaiveDateTime,
    /// When it was approved or rejected by somebody else, or cancelled.
    pub decided_at: Option<NaiveDateTime>,
    /// By whom.
    pub decided_by: Option<String>,
    /// Why it was rejected.
    pub note: Option<String>,
    /// The transfer, once it is granted.
    pub transfer: Option<String>,
    /// The number of the last change.
    pub revision: i64,
}

impl GrantRow {
    /// The grant's id.
    pub fn grant_id(&self) -> QueryResult<GrantId> {
        row::parsed(self.id.clone())
    }

    /// Who grants.
    pub fn granter_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.granter.clone())
    }

    /// Who receives.
    pub fn receiver_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.receiver.clone())
    }

    /// Where it stands.
    pub fn known_state(&self) -> QueryResult<State> {
        State::of_name(&self.state).ok_or_else(|| row::corrupt(format!("no state of a grant: {}", self.state)))
    }
}

/// One grant.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<GrantRow>> {
    grants::table.find(id).select(GrantRow::as_select()).first(db).optional()
}

/// Adds a grant.
pub fn insert(db: &mut Db, row: &GrantRow) -> QueryResult<()> {
    diesel::insert_into(grants::table).values(row).execute(db).map(drop)
}

/// Replaces a grant.
pub fn update(db: &mut Db, row: &GrantRow) -> QueryResult<()> {
    diesel::update(grants::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// The points that somebody has granted in a month, what awaits approval among them.
pub fn points_of(db: &mut Db, granter: &str, month: &str) -> QueryResult<i64> {
    grants::table
        .filter(grants::granter.eq(granter))
        .filter(grants::month.eq(month))
        .filter(grants::state.eq_any(["requested", "granted"]))
        .select(sql::<BigInt>("CAST(COALESCE(SUM(grants.points), 0) AS BIGINT)"))
        .first(db)
}

/// What awaits approval and was asked for by somebody or for them, oldest first.
pub fn open_of(db: &mut Db, person: &str) -> QueryResult<Vec<GrantRow>> {
    grants::table
        .filter(grants::state.eq("requested"))
        .filter(grants::granter.eq(person).or(grants::receiver.eq(person)))
        .order(grants::sequence)
        .select(GrantRow::as_select())
        .load(db)
}

/// What awaits approval and may be decided by somebody who decides on grants at all: they neither ask for it nor receive
/// it. Oldest first, after the one of number `after`.
pub fn awaiting(db: &mut Db, approver: &str, after: i64, limit: i64) -> QueryResult<Vec<GrantRow>> {
    grants::table
        .filter(grants::state.eq("requested"))
        .filter(grants::granter.ne(approver).and(grants::receiver.ne(approver)))
        .filter(grants::sequence.gt(after))
        .order(grants::sequence)
        .limit(limit)
        .select(GrantRow::as_select())
        .load(db)
}

/// Whose eyes a list is for.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// Somebody who sees every grant.
    OfAll,
    /// Somebody who sees what they granted, what they were granted, and what anybody in the teams that they lead was or
    /// shall be granted.
    Of {
        /// Who looks.
        person: String,
        /// Ids of the teams that they lead.
        leads: Vec<String>,
        /// When people are at home there.
        at: Instant,
    },
}

/// Which grants to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// For whom.
    pub viewer: Viewer,
    /// Granted or received by this person.
    pub person: Option<String>,
    /// In this state.
    pub state: Option<State>,
    /// For this programme.
    pub programme: Option<String>,
    /// Of this month.
    pub month: Option<String>,
    /// Before the one of this number.
    pub before: Option<i64>,
}

/// Grants, newest first.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<GrantRow>> {
    let mut query = grants::table.select(GrantRow::as_select()).into_boxed();
    if let Viewer::Of { person, leads, at } = &filter.viewer {
        let at = row::stored(*at);
        let led = memberships::table
            .filter(memberships::team.eq_any(leads))
            .filter(memberships::from_at.le(at))
            .filter(memberships::until_at.is_null().or(memberships::until_at.gt(at)))
            .select(memberships::person);
        let received = grants::receiver.eq(person).and(grants::state.eq("granted"));
        // One who leads their own team learns of what they shall be granted like everybody else.
        let theirs = grants::receiver.ne(person).and(grants::receiver.eq_any(led));
        query = query.filter(grants::granter.eq(person).or(received).or(theirs));
    }
    if let Some(person) = &filter.person {
        query = query.filter(grants::granter.eq(person).or(grants::receiver.eq(person)));
    }
    if let Some(state) = filter.state {
        query = query.filter(grants::state.eq(state.name()));
    }
    if let Some(programme) = &filter.programme {
        query = query.filter(grants::programme.eq(programme));
    }
    if let Some(month) = &filter.month {
        query = query.filter(grants::month.eq(month));
    }
    if let Some(before) = filter.before {
        query = query.filter(grants::sequence.lt(before));
    }
    query.order(grants::sequence.desc()).limit(limit).load(db)
}

/// Every grant.
pub fn all(db: &mut Db) -> QueryResult<Vec<GrantRow>> {
    grants::table.order(grants::sequence).select(GrantRow::as_select()).load(db)
}

/// How many transfers pay grants.
pub fn paid(db: &mut Db) -> QueryResult<i64> {
    transfers::table.filter(transfers::kind.eq("grant")).count().get_result(db)
}
