//! Redemptions over HTTP: asking for a reward, and finding what was asked for.

pub mod steps;
pub(super) mod view;

use actix_web::HttpResponse;
use diesel::QueryResult;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use self::view::Surroundings;
pub use self::view::{RedeemedOut, RedemptionOut};
use super::creating::{Creating, created, respond};
use super::page::{Cursor, Limit, Page};
use super::permit::{Asked, Permit, ReadRedemptions, RequestRedemption, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::{home_team, lineage, person_reference, relations_to};
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::ids::{Code, RedemptionId};
use crate::domain::redemption::State;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::people::{self, PersonRef};
use crate::store::redemptions::{self, Filter, RedemptionRow, Whose};
use crate::writer::idempotent::Idempotent;
use crate::writer::{Tx, redemption};

const LIST: &str = "redemptions.1";

/// A reward that is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RedemptionIn {
    /// The code of the reward.
    #[schema(value_type = String)]
    reward: Code,
}

/// Ask for a reward
///
/// Its cost is fixed and taken from the wallet at once, and a piece of stock with it; both return whole, once, if it is
/// rejected, cancelled, or not handed over in time.
#[utoipa::path(post, path = "/api/v1/redemptions", tag = "Rewards", request_body = RedemptionIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless")),
    responses(
        (status = 201, description = "The redemption", body = RedemptionOut, headers(("Location" = String, description = "Where it is"))),
        (status = 403, description = "`not_eligible`: it is for others", body = ProblemBody),
        (status = 409, description = "It is not offered, not in these days, or none is left", body = ProblemBody),
        (status = 422, description = "There is no such reward, or points are missing", body = ProblemBody),
    ))]
pub async fn request(
    permit: Permit<RequestRedemption>,
    creating: Creating<RedemptionIn>,
) -> Result<HttpResponse, ApiError> {
    let command = redemption::RequestRedemption { reward: creating.body.reward };
    let answer = |tx: &mut Tx<'_>, row: RedemptionRow| {
        let today = tx.catalogue()?.zone.local(tx.now).0;
        let shown = view::show_one(tx.db, &row, today)?;
        created(&shown, format!("/api/v1/redemptions/{}", row.id))
    };
    let command = Idempotent { command, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// The redemption of `{redemption}`.
pub struct RedemptionTarget {
    /// As it is kept.
    pub row: RedemptionRow,
    /// Its id.
    pub id: RedemptionId,
}

impl Target for RedemptionTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadRedemptions);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Ok(id) = asked.parameter("redemption").parse::<RedemptionId>() else { return Ok(None) };
        let Some(row) = redemptions::find(db, &id.to_string())? else { return Ok(None) };
        let receiver = row.receiver_id()?;
        let mut relations = relations_to(asked, receiver, home_team(db, &row.receiver, asked.now)?);
        if asked.caller.person != receiver {
            relations.push(Relation::Uninvolved);
        }
        if asked.catalogue.organization.redemptions.leads_approve {
            relations.push(Relation::Delegated);
        }
        Ok(Some((Self { row, id }, relations)))
    }
}

/// A redemption
#[utoipa::path(get, path = "/api/v1/redemptions/{redemption}", tag = "Rewards",
    params(("redemption" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The redemption", body = RedemptionOut),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadRedemptions, RedemptionTarget>) -> Result<HttpResponse, ApiError> {
    let (row, today) = (permit.target.row, permit.state.today());
    let shown = permit.state.read(move |db| Ok(view::show_one(db, &row, today)?)).await?;
    Ok(HttpResponse::Ok().json(shown))
}

/// Of all redemptions, those that the caller may see.
pub struct Visible(Whose);

impl Target for Visible {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let (caller, me) = (&asked.caller, asked.caller.person.to_string());
        let whose = match led_teams(caller, &asked.catalogue) {
            _ if permits(Action::ReadRedemptions, caller, &[]) => Whose::All,
            teams if teams.is_empty() => Whose::Own(me),
            teams => Whose::OwnAndTeams(me, teams),
        };
        Some((Self(whose), vec![Relation::Themselves]))
    }
}

/// The ids of the teams that a caller leads.
pub(super) fn led_teams(caller: &Caller, catalogue: &Catalogue) -> Vec<String> {
    let led = catalogue.teams.all().filter(|team| caller.leads(&lineage(catalogue, Some(team.id))));
    led.map(|team| team.id.to_string()).collect()
}

/// Which redemptions to list. What names nobody and nothing matches nothing.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RedemptionsQuery {
    /// In this state: `requested`, `approved`, `fulfilled`, `rejected`, `cancelled` or `expired`.
    #[param(value_type = Option<String>)]
    state: Option<State>,
    /// Of this person: `me`, an id or a user name.
    receiver: Option<String>,
    /// Of the reward of this code.
    reward: Option<String>,
    /// How many: 1 to 200, 50 without.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

impl RedemptionsQuery {
    /// None if it names somebody who does not exist.
    fn filter(
        &self,
        db: &mut Db,
        caller: &Caller,
        whose: Whose,
        (at, before): (Instant, Option<i64>),
    ) -> QueryResult<Option<Filter>> {
        let reference = self.receiver.as_deref().map(|receiver| match receiver {
            "me" => PersonRef::Id(caller.person),
            other => person_reference(other),
        });
        let receiver = match reference {
            Some(reference) => match people::find(db, &reference)? {
                Some(row) => Some(row.id),
                None => return Ok(None),
            },
            None => None,
        };
        Ok(Some(Filter { whose, at, state: self.state, receiver, reward: self.reward.clone(), before }))
    }
}

/// List redemptions
///
/// Newest first: your own, of leads those of their teams too, of HR all.
#[utoipa::path(get, path = "/api/v1/redemptions", tag = "Rewards", params(RedemptionsQuery),
    responses(
        (status = 200, description = "A page of redemptions", body = Page<RedemptionOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadRedemptions, Visible>,
    Query(query): Query<RedemptionsQuery>,
) -> Result<HttpResponse, ApiError> {
    let before = query.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?;
    let (caller, Visible(whose), now) = (permit.caller, permit.target, permit.state.clock.now());
    let page = permit.state.read(move |db| {
        let Some(filter) = query.filter(db, &caller, whose, (now, before))? else {
            return Ok(Page { items: Vec::new(), next: None });
        };
        let rows = redemptions::list(db, &filter, query.limit.rows())?;
        let page = Page::cut(rows, query.limit, LIST, |row| row.sequence)?;
        let around = Surroundings::load(db, &page.items)?;
        let items = page.items.iter().map(|row| around.show(row)).collect::<QueryResult<Vec<_>>>()?;
        Ok(Page { items, next: page.next })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}
