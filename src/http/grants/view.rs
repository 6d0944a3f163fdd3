//! Grants as people are shown them.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::ids::PersonId;
use crate::http::kudos::PersonName;
use crate::store::db::Db;
use crate::store::grants::GrantRow;
use crate::store::people::PersonRow;
use crate::store::{people, row};

/// Points that somebody granted somebody else.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantOut {
    id: Uuid,
    /// Who grants.
    granter: PersonName,
    /// Who receives.
    receiver: PersonName,
    points: i64,
    /// Why.
    reason: String,
    /// The programme whose budget it counts for.
    programme: Option<String>,
    /// That programme's season.
    season: Option<String>,
    /// The month whose limit of the granter it counts for.
    month: String,
    /// `requested`, `granted`, `rejected` or `cancelled`.
    state: String,
    requested_at: DateTime<Utc>,
    /// When somebody approved, rejected or cancelled it; null if it needed nobody's approval.
    decided_at: Option<DateTime<Utc>>,
    /// Who did; null if it needed nobody's approval, or nobody of the directory did.
    decided_by: Option<PersonName>,
    /// Why it was rejected.
    note: Option<String>,
    /// The id of the transfer that pays it.
    transfer: Option<String>,
}

/// Some grants as they are shown.
pub fn shown(db: &mut Db, grants: Vec<GrantRow>) -> QueryResult<Vec<GrantOut>> {
    let mut ids = BTreeSet::new();
    for grant in &grants {
        let decided_by = grant.decided_by.iter().filter(|by| by.parse::<PersonId>().is_ok());
        ids.extend([&grant.granter, &grant.receiver].into_iter().chain(decided_by).cloned());
    }
    let ids: Vec<String> = ids.into_iter().collect();
    let names = people::by_ids(db, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect();
    grants.into_iter().map(|grant| GrantOut::new(grant, &names)).collect()
}

/// One grant.
pub fn shown_alone(db: &mut Db, grant: GrantRow) -> QueryResult<GrantOut> {
    shown(db, vec![grant])?.pop().ok_or_else(|| row::corrupt("a grant that is not shown"))
}

impl GrantOut {
    fn new(grant: GrantRow, names: &HashMap<String, PersonRow>) -> QueryResult<Self> {
        let named =
            |id: &String| names.get(id).ok_or_else(|| row::corrupt("a grant of nobody")).and_then(PersonName::of);
        Ok(Self {
            id: grant.grant_id()?.0,
            granter: named(&grant.granter)?,
            receiver: named(&grant.receiver)?,
            decided_by: grant.decided_by.as_ref().and_then(|by| names.get(by)).map(PersonName::of).transpose()?,
            points: grant.points,
            reason: grant.reason,
            programme: grant.programme,
            season: grant.season,
            month: grant.month,
            state: grant.state,
            requested_at: row::instant(grant.requested_at),
            decided_at: grant.decided_at.map(row::instant),
            note: grant.note,
            transfer: grant.transfer,
        })
    }
}
