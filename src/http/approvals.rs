//! What waits for somebody: one list of several kinds, each kind's oldest first.

use actix_web::HttpResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::grants::view::{GrantOut, shown};
use super::page::{Cursor, Limit, Page};
use super::permit::{Permit, ReadApprovals};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::redemptions::view::Surroundings;
use super::redemptions::{RedemptionOut, led_teams};
use super::rewards::RewardOut;
use super::rewards::view::Shelf;
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::redemption::State;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::{grants, redemptions, rewards};

const LIST: &str = "approvals.1";

/// Something that waits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ApprovalOut {
    /// Somebody asked for a reward, or won one: approve or reject it.
    ApproveRedemption {
        /// Which.
        redemption: RedemptionOut,
    },
    /// A reward was approved: hand it over.
    FulfilRedemption {
        /// Which.
        redemption: RedemptionOut,
    },
    /// Somebody grants points above the threshold: approve or reject it.
    DecideGrant {
        /// Which.
        grant: GrantOut,
    },
    /// Few are left of a reward: get more, or withdraw it.
    LowStock {
        /// Which.
        reward: RewardOut,
    },
}

/// Where an item stands: its kind, in the order of the list, and its place among them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Place {
    ApproveRedemption(i64),
    FulfilRedemption(i64),
    DecideGrant(i64),
    LowStock(String),
}

/// Which part of the list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApprovalsQuery {
    /// How many: 1 to 200, 50 without.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// What waits for me
///
/// First what is to be approved, then what is to be handed over, grants, then rewards that run low; of each the oldest first, and
/// nothing that one receives oneself. Leads find what the organisation leaves to them.
#[utoipa::path(get, path = "/api/v1/approvals", tag = "Rewards", params(ApprovalsQuery),
    responses(
        (status = 200, description = "A page of what waits", body = Page<ApprovalOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 403, description = "Not for you", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadApprovals>,
    Query(query): Query<ApprovalsQuery>,
) -> Result<HttpResponse, ApiError> {
    let after: Option<Place> = query.after.as_ref().map(|after| after.key(LIST)).transpose()?;
    let (caller, catalogue, now) = (permit.caller, permit.state.catalogue(), permit.state.clock.now());
    let page = permit.state.read(move |db| {
        let mut found = Found { after: after.clone(), most: query.limit.get() + 1, items: Vec::new() };
        found.gather(db, &Desk { caller: &caller, catalogue: &catalogue, now })?;
        let page = Page::cut(found.items, query.limit, LIST, |(place, _)| place.clone())?;
        Ok(page.map(|(_, item)| item))
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// Who looks, and when.
struct Desk<'a> {
    caller: &'a Caller,
    catalogue: &'a Catalogue,
    now: Instant,
}

/// What was found of the page so far.
struct Found {
    after: Option<Place>,
    most: usize,
    items: Vec<(Place, ApprovalOut)>,
}

impl Found {
    /// Looks through every kind in turn; what has no room left is for a later page.
    fn gather(&mut self, db: &mut Db, desk: &Desk<'_>) -> Result<(), ApiError> {
        self.redemptions(db, desk, State::Requested)?;
        self.redemptions(db, desk, State::Approved)?;
        self.grants(db, desk)?;
        self.low_stock(db, desk)
    }

    fn room(&self) -> usize {
        self.most.saturating_sub(self.items.len())
    }

    /// After which number the page begins in a kind; none if it begins behind it.
    fn begins(&self, kind: fn(i64) -> Place) -> Option<i64> {
        match &self.after {
            Some(after) if *after > kind(i64::MAX) => None,
            Some(Place::ApproveRedemption(number) | Place::FulfilRedemption(number) | Place::DecideGrant(number))
                if self.after >= Some(kind(0)) =>
            {
                Some(*number)
            }
            _ => Some(0),
        }
    }

    /// Redemptions in a state that the viewer may take further.
    fn redemptions(&mut self, db: &mut Db, desk: &Desk<'_>, state: State) -> Result<(), ApiError> {
        let to_approve = state == State::Requested;
        let kind = if to_approve { Place::ApproveRedemption } else { Place::FulfilRedemption };
        let Some(since) = self.begins(kind) else { return Ok(()) };
        let teams = match desk.decides() {
            Decides::All => None,
            Decides::OfTeams(teams) => Some(teams),
            Decides::Nothing => return Ok(()),
        };
        let me = desk.caller.person.to_string();
        let room = i64::try_from(self.room()).map_err(ApiError::internal)?;
        let rows = redemptions::waiting(db, state, (&me, teams.as_deref()), (desk.now, since), room)?;
        let around = Surroundings::load(db, &rows)?;
        let today = desk.catalogue.zone.local(desk.now).0;
        for row in &rows {
            let redemption = around.show(row)?.warned(db, row, today)?;
            let item = match to_approve {
                true => ApprovalOut::ApproveRedemption { redemption },
                false => ApprovalOut::FulfilRedemption { redemption },
            };
            self.items.push((kind(row.sequence), item));
        }
        Ok(())
    }

    /// Grants that the viewer may decide.
    fn grants(&mut self, db: &mut Db, desk: &Desk<'_>) -> Result<(), ApiError> {
        let Some(since) = self.begins(Place::DecideGrant) else { return Ok(()) };
        if !permits(Action::DecideGrants, desk.caller, &[Relation::Uninvolved]) {
            return Ok(());
        }
        let room = i64::try_from(self.room()).map_err(ApiError::internal)?;
        let rows = grants::awaiting(db, &desk.caller.person.to_string(), since, room)?;
        let places: Vec<Place> = rows.iter().map(|row| Place::DecideGrant(row.sequence)).collect();
        let items = shown(db, rows)?.into_iter().map(|grant| ApprovalOut::DecideGrant { grant });
        self.items.extend(places.into_iter().zip(items));
        Ok(())
    }

    /// Rewards of which few are left.
    fn low_stock(&mut self, db: &mut Db, desk: &Desk<'_>) -> Result<(), ApiError> {
        if !permits(Action::ChangeRewards, desk.caller, &[]) || self.room() == 0 {
            return Ok(());
        }
        let shelf = Shelf::load(db, desk.catalogue, desk.caller, desk.now)?;
        for row in rewards::all(db)? {
            let (place, reward) = (Place::LowStock(row.code.clone()), row.reward()?);
            let wanted = self.after.as_ref().is_none_or(|after| place > *after) && self.room() > 0;
            if wanted && reward.offered && reward.is_low(row.stock) {
                self.items.push((place, ApprovalOut::LowStock { reward: shelf.show(&row)? }));
            }
        }
        Ok(())
    }
}

/// Whose redemptions somebody decides, their own apart.
enum Decides {
    All,
    OfTeams(Vec<String>),
    Nothing,
}

impl Desk<'_> {
    fn decides(&self) -> Decides {
        let delegated = self.catalogue.organization.redemptions.leads_approve;
        let as_lead = [Relation::LeadOfThem, Relation::Uninvolved, Relation::Delegated];
        if permits(Action::DecideRedemption, self.caller, &[Relation::Uninvolved]) {
            Decides::All
        } else if delegated && permits(Action::DecideRedemption, self.caller, &as_lead) {
            Decides::OfTeams(led_teams(self.caller, self.catalogue))
        } else {
            Decides::Nothing
        }
    }
}
