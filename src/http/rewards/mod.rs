//! The catalogue of rewards over HTTP.

mod body;
pub(super) mod view;

use actix_web::HttpResponse;
use diesel::QueryResult;
use serde::Deserialize;
use utoipa::IntoParams;

pub use self::body::{RewardIn, RewardPatch};
use self::view::Shelf;
pub use self::view::{EligibleField, ForYouOut, HindranceOut, RewardOut, TierField};
use super::conditional::{MeantFor, revision_tag, tagged};
use super::creating::{Creating, changed, created, respond};
use super::json::Json;
use super::page::{Page, Paging};
use super::permit::{Asked, ChangeRewards, Permit, ReadRewards, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use crate::access::policy::{Action, Relation, permits};
use crate::domain::reward::RewardKind;
use crate::store::db::Db;
use crate::store::rewards::{self, RewardRow};
use crate::writer::Tx;
use crate::writer::idempotent::Idempotent;
use crate::writer::reward::{AddReward, ChangeReward};

const LIST: &str = "rewards.1";

/// Which rewards to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RewardsQuery {
    /// Of this kind: `gift_card`, `bonus`, `day_off`, `certificate`, `praise` or `other`.
    #[param(value_type = Option<String>)]
    kind: Option<RewardKind>,
    /// `true`: for whose programmes, teams and tiers you are among; `false`: the others.
    eligible: Option<bool>,
    /// `true`: what your points reach for; `false`: the others.
    affordable: Option<bool>,
    /// HR alone sees what is not offered: `false` lists that, `true` the rest.
    offered: Option<bool>,
    /// How many: 1 to 200, 50 without.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: super::page::Limit,
    /// `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<super::page::Cursor>,
}

impl RewardsQuery {
    fn wants(&self, reward: &RewardOut) -> bool {
        fn fits<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
            wanted.is_none_or(|wanted| wanted == found)
        }
        fits(self.kind.as_ref(), &reward.kind)
            && fits(self.eligible.as_ref(), &reward.for_you.eligible)
            && fits(self.affordable.as_ref(), &reward.for_you.affordable)
            && fits(self.offered.as_ref(), &reward.offered)
    }
}

/// List rewards
///
/// By code: what is offered, with whether you could ask for one now and what keeps you from it, budgets apart. HR sees all, and which are
/// running low.
#[utoipa::path(get, path = "/api/v1/rewards", tag = "Rewards", params(RewardsQuery),
    responses(
        (status = 200, description = "A page of rewards", body = Page<RewardOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
    ))]
pub async fn list(permit: Permit<ReadRewards>, Query(query): Query<RewardsQuery>) -> Result<HttpResponse, ApiError> {
    let (caller, catalogue, now) = (permit.caller, permit.state.catalogue(), permit.state.clock.now());
    let page = permit.state.read(move |db| {
        let shelf = Shelf::load(db, &catalogue, &caller, now)?;
        let all = rewards::all(db)?.iter().map(|row| shelf.show(row)).collect::<QueryResult<Vec<_>>>()?;
        let seen = all.into_iter().filter(|reward| (reward.offered || shelf.whole) && query.wants(reward));
        Paging { limit: query.limit, after: query.after.clone() }.page(LIST, seen, |reward| reward.code.clone())
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// The reward of `{reward}`. What is not offered exists for HR alone.
pub struct RewardTarget(RewardRow);

impl Target for RewardTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadRewards);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Some(row) = rewards::find(db, asked.parameter("reward"))? else { return Ok(None) };
        let seen = row.reward()?.offered || permits(Action::ReadWholeRewards, &asked.caller, &[]);
        Ok(seen.then_some((Self(row), Vec::new())))
    }
}

/// Read a reward
///
/// Its ETag is for changing it, and changes whenever a piece of its stock is taken. Never 304: the answer also depends on
/// your points.
#[utoipa::path(get, path = "/api/v1/rewards/{reward}", tag = "Rewards",
    params(("reward" = String, Path, description = "The code")),
    responses(
        (status = 200, description = "The reward", body = RewardOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadRewards, RewardTarget>) -> Result<HttpResponse, ApiError> {
    let (caller, catalogue, now, RewardTarget(row)) =
        (permit.caller, permit.state.catalogue(), permit.state.clock.now(), permit.target);
    let tag = revision_tag(row.revision);
    let reward = permit.state.read(move |db| Ok(Shelf::load(db, &catalogue, &caller, now)?.show(&row)?)).await?;
    Ok(tagged(HttpResponse::Ok().json(reward), tag))
}

/// Add a reward
///
/// Without `stock` there is no end to it; without a cost it is only won, as a prize or for a tier.
#[utoipa::path(post, path = "/api/v1/rewards", tag = "Rewards", request_body = RewardIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless")),
    responses(
        (status = 201, description = "The reward", body = RewardOut, headers(("Location" = String, description = "Where it is"))),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 409, description = "The code is taken", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
    ))]
pub async fn create(permit: Permit<ChangeRewards>, creating: Creating<RewardIn>) -> Result<HttpResponse, ApiError> {
    let (reward, stock) = creating.body.reward()?;
    let caller = permit.caller.clone();
    let answer = move |tx: &mut Tx<'_>, row: RewardRow| {
        let catalogue = tx.catalogue()?;
        let shown = Shelf::load(tx.db, &catalogue, &caller, tx.now)?.show(&row)?;
        created(&shown, format!("/api/v1/rewards/{}", row.code))
    };
    let command = Idempotent { command: AddReward { reward, stock }, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// Change a reward
///
/// What was asked for before keeps its cost, kind and value. `stock` sets what is left, `add_stock` adds to what is left
/// then; with `If-Match: *` adding also works while pieces are taken.
#[utoipa::path(patch, path = "/api/v1/rewards/{reward}", tag = "Rewards", request_body = RewardPatch,
    params(
        ("reward" = String, Path, description = "The code"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "The reward as it is now", body = RewardOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is no such reward", body = ProblemBody),
        (status = 412, description = "Changed in the meantime, or a piece of its stock was taken", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangeRewards, RewardTarget>,
    meant: MeantFor,
    Json(patch): Json<RewardPatch>,
) -> Result<HttpResponse, ApiError> {
    let (actor, RewardTarget(row)) = (permit.actor(), permit.target);
    meant.check(&revision_tag(row.revision))?;
    let code = row.reward()?.code;
    let command = ChangeReward { code, changes: patch.changes()?, expected: meant.expected(row.revision) };
    let written = permit.state.write(actor, command).await?;
    let (caller, catalogue, now) = (permit.caller, permit.state.catalogue(), permit.state.clock.now());
    let (tag, row) = (revision_tag(written.output.revision), written.output);
    let shown = permit.state.read(move |db| Ok(Shelf::load(db, &catalogue, &caller, now)?.show(&row)?)).await?;
    Ok(tagged(changed(written.sequence, &shown), tag))
}
