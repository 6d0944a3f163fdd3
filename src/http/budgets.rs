//! Budgets over HTTP.

use std::collections::HashMap;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::conditional::{MeantFor, revision_tag, tagged};
use super::creating::{Creating, changed, created, respond};
use super::fields::{Faults, MoneyField, given};
use super::json::Json;
use super::page::{Cursor, Limit, Page};
use super::permit::{Asked, ChangeBudgets, Permit, ReadBudgets, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::lineage;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::budget::{self, Purse, Taken};
use crate::domain::ids::{BudgetId, Code, TeamId};
use crate::domain::money::{self, Money};
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::budgets::{self, Awarded, BudgetRow, Filter};
use crate::store::db::Db;
use crate::store::row;
use crate::writer::Tx;
use crate::writer::budget::{AddBudget, ChangeBudget};
use crate::writer::idempotent::Idempotent;
use crate::writer::organization::Expected;

/// A new budget: for a programme, a team, or a team's share in a programme; of points, money or both.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetIn {
    /// The code of a programme: counted is what is handed out for it.
    #[schema(value_type = Option<String>)]
    programme: Option<Code>,
    /// The code of a team: counted is what is handed out to people at home there or below at that moment.
    #[schema(value_type = Option<String>)]
    team: Option<Code>,
    /// The code of a season of the programme; without a programme, of a month, quarter, half-year or year of the
    /// organisation's zone.
    #[schema(examples("2026-Q4", "2026-11", "2026"))]
    season: String,
    /// Points that grants may hand out: 0 to 1000000000000.
    #[schema(minimum = 0)]
    points: Option<i64>,
    /// What redemptions may be worth.
    money: Option<MoneyField>,
}

/// What shall be different about a budget; what is left out stays. What it limits stays, and so does the currency.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BudgetPatch {
    /// Points that grants may hand out; not below what is taken.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<i64>, nullable = false)]
    points: Option<i64>,
    /// What redemptions may be worth; not below what is taken.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<MoneyField>, nullable = false)]
    money: Option<MoneyField>,
}

/// A budget and how it stands.
#[derive(Debug, Serialize, ToSchema)]
pub struct BudgetOut {
    id: Uuid,
    /// The code of the programme that it is for.
    programme: Option<String>,
    /// The code of the team that it is for.
    team: Option<String>,
    /// The season or period.
    season: String,
    /// Points; null if it does not limit them.
    points: Option<PointsBudget>,
    /// Money; null if it does not limit it.
    money: Option<MoneyBudget>,
    /// From when on it counts what is reserved.
    since: DateTime<Utc>,
}

/// How a budget's points stand: `limit` = `used` + `reserved` + `left`.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsBudget {
    /// What may be granted in all.
    limit: i64,
    /// Granted.
    used: i64,
    /// Awaiting approval.
    reserved: i64,
    /// What may still be granted.
    left: i64,
    /// What rules have awarded to the same people in the same season, as the evidence stands: it follows the evidence
    /// alone and is never withheld, so it takes nothing from the budget.
    awarded: i64,
    /// A warning: what is taken and what was awarded together exceed the limit.
    over: bool,
}

/// How a budget's money stands: `limit` = `used` + `reserved` + `left`.
#[derive(Debug, Serialize, ToSchema)]
pub struct MoneyBudget {
    /// What redemptions may be worth in all.
    limit: MoneyField,
    /// The worth of what was handed over.
    used: MoneyField,
    /// The worth of what is asked for or approved.
    reserved: MoneyField,
    /// What redemptions may still be worth.
    left: MoneyField,
}

fn points(given: i64) -> Result<Points, Finding> {
    let most = Points::MAX_AWARD.0;
    let refused = || Finding::new("/points", ProblemCode::ExpectedWhole).with("least", 0).with("most", most);
    if (0..=most).contains(&given) { Ok(Points(given)) } else { Err(refused()) }
}

/// The limits, or everything that is wrong with them.
fn limits(of: Option<i64>, worth: Option<&MoneyField>) -> Result<(Option<Points>, Option<Money>), Problem> {
    let mut faults = Faults::default();
    let of = faults.check_given(of, points);
    let worth = faults.check_given(worth, |money| money.checked("/money"));
    faults.whole(of.zip(worth))
}

/// Some budgets as they stand.
fn shown(db: &mut Db, catalogue: &Catalogue, rows: Vec<BudgetRow>) -> QueryResult<Vec<BudgetOut>> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let reserved = budgets::reserved(db, &ids)?;
    rows.into_iter().map(|row| one(db, catalogue, row, &reserved)).collect()
}

/// The first 50 budgets of a programme's season.
pub(super) fn of_season(
    db: &mut Db,
    catalogue: &Catalogue,
    programme: &str,
    season: &str,
) -> QueryResult<Vec<BudgetOut>> {
    let (programme, season) = (Some(programme.to_owned()), Some(season.to_owned()));
    let rows = budgets::list(db, &Filter { programme, season, ..Filter::default() }, 50)?;
    shown(db, catalogue, rows)
}

fn shown_alone(db: &mut Db, catalogue: &Catalogue, row: BudgetRow) -> QueryResult<BudgetOut> {
    shown(db, catalogue, vec![row])?.pop().ok_or_else(|| row::corrupt("a budget that is not shown"))
}

fn one(
    db: &mut Db,
    catalogue: &Catalogue,
    row: BudgetRow,
    reserved: &HashMap<String, Taken>,
) -> QueryResult<BudgetOut> {
    let held = row.budget()?;
    let reserved = reserved.get(&row.id).copied().unwrap_or_default();
    let team = row.team.clone().map(row::parsed::<TeamId>).transpose()?.and_then(|team| catalogue.teams.get(team));
    let points = match held.points {
        Some(purse) => {
            let awarded = budgets::awarded(db, &awards_of(catalogue, &row, team.map(|team| &team.code)))?;
            Some(PointsBudget::new(purse, reserved.points, awarded))
        }
        None => None,
    };
    Ok(BudgetOut {
        id: row::parsed::<BudgetId>(row.id)?.0,
        programme: row.programme,
        team: team.map(|team| team.code.to_string()),
        season: row.season,
        points,
        money: held.money.map(|(purse, currency)| {
            let field = |cents| MoneyField { amount: money::amount(cents), currency: currency.to_string() };
            MoneyBudget {
                limit: field(purse.limit()),
                used: field(purse.taken() - reserved.cents),
                reserved: field(reserved.cents),
                left: field(purse.left()),
            }
        }),
        since: row::instant(row.created_at),
    })
}

/// Which awards are beside a budget.
fn awards_of(catalogue: &Catalogue, row: &BudgetRow, team: Option<&Code>) -> Awarded {
    let period = budget::period(&catalogue.zone, &row.season).filter(|_| row.programme.is_none());
    let below = |team: &Code| catalogue.teams.at_or_below(team).into_iter().map(|team| team.id.to_string()).collect();
    Awarded {
        season: row.programme.clone().map(|programme| (programme, row.season.clone())),
        teams: team.map(below),
        within: period.map(|period| (period.from, period.until)),
    }
}

impl PointsBudget {
    fn new(purse: Purse, reserved: i64, awarded: i64) -> Self {
        Self {
            limit: purse.limit(),
            used: purse.taken() - reserved,
            reserved,
            left: purse.left(),
            awarded,
            over: awarded.saturating_add(purse.taken()) > purse.limit(),
        }
    }
}

/// Which budgets to list. What names no programme or team matches nothing.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BudgetsQuery {
    /// Of the programme of this code.
    programme: Option<String>,
    /// Of the team of this code.
    team: Option<String>,
    /// Of this season or period.
    season: Option<String>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

/// The budgets that the caller may see: ids of the teams they are of, or none for all.
pub struct Budgets(Option<Vec<String>>);

impl Target for Budgets {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let Asked { caller, catalogue, .. } = asked;
        if permits(Action::ReadBudgets, caller, &[]) {
            return Some((Self(None), Vec::new()));
        }
        let led = catalogue.teams.all().filter(|team| caller.leads(&lineage(catalogue, Some(team.id))));
        let led: Vec<String> = led.map(|team| team.id.to_string()).collect();
        let relations = if led.is_empty() { Vec::new() } else { vec![Relation::LeadOfThem] };
        Some((Self(Some(led)), relations))
    }
}

const LIST: &str = "budgets.1";

/// Budgets
///
/// For HR and auditors all, for leads those of the teams that they lead; oldest first. Grants take points, redemptions the
/// money they are worth, as soon as they are asked for, and give it back if nothing comes of them. Each is counted by every
/// budget that applies at that moment: those of the receiver's home team and of all teams above it, in whose period it lies,
/// and those of the programme's season, where it is for one.
#[utoipa::path(get, path = "/api/v1/budgets", tag = "Budgets", params(BudgetsQuery),
    responses(
        (status = 200, description = "A page of budgets", body = Page<BudgetOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 403, description = "Not for you", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadBudgets, Budgets>,
    Query(query): Query<BudgetsQuery>,
) -> Result<HttpResponse, ApiError> {
    let after = query.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?;
    let (limit, catalogue, Budgets(seen)) = (query.limit, permit.state.catalogue(), permit.target);
    let team = query.team.map(|code| catalogue.teams.by_code(&code).map(|team| team.id.to_string()));
    if team == Some(None) {
        return Ok(HttpResponse::Ok().json(Page::<BudgetOut> { items: Vec::new(), next: None }));
    }
    let filter = Filter { seen, programme: query.programme, team: team.flatten(), season: query.season, after };
    let read = permit.state.read(move |db| {
        let rows = budgets::list(db, &filter, limit.rows())?;
        let page = Page::cut(rows, limit, LIST, |row: &BudgetRow| row.sequence)?;
        Ok(Page { items: shown(db, &catalogue, page.items)?, next: page.next })
    });
    Ok(HttpResponse::Ok().json(read.await?))
}

/// Set a budget
///
/// It counts what is reserved from then on. There is one for each programme, team and season.
#[utoipa::path(post, path = "/api/v1/budgets", tag = "Budgets", request_body = BudgetIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless")),
    responses(
        (status = 201, description = "The budget; `Location` is its address", body = BudgetOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 409, description = "There is one of this programme, team and season", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
    ))]
pub async fn create(permit: Permit<ChangeBudgets>, creating: Creating<BudgetIn>) -> Result<HttpResponse, ApiError> {
    let Creating { body: BudgetIn { programme, team, season, points, money }, request } = creating;
    let (points, money) = limits(points, money.as_ref())?;
    let answer = |tx: &mut Tx<'_>, row: BudgetRow| {
        let (catalogue, location) = (tx.catalogue()?, format!("/api/v1/budgets/{}", row.id));
        created(&shown_alone(tx.db, &catalogue, row)?, location)
    };
    let command = Idempotent { command: AddBudget { programme, team, season, points, money }, request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// The budget of `{budget}`.
pub struct BudgetTarget {
    id: BudgetId,
    row: BudgetRow,
}

impl Target for BudgetTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadBudgets);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Ok(id) = asked.parameter("budget").parse::<BudgetId>() else { return Ok(None) };
        let Some(row) = budgets::find(db, &id.to_string())? else { return Ok(None) };
        let team = row.team.clone().map(row::parsed::<TeamId>).transpose()?;
        let leads = asked.caller.leads(&lineage(&asked.catalogue, team));
        Ok(Some((Self { id, row }, if leads { vec![Relation::LeadOfThem] } else { Vec::new() })))
    }
}

/// A budget
///
/// The `ETag` names its limits, not what is taken of them.
#[utoipa::path(get, path = "/api/v1/budgets/{budget}", tag = "Budgets",
    params(("budget" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The budget", body = BudgetOut, headers(("ETag" = String, description = "Of its limits"))),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadBudgets, BudgetTarget>) -> Result<HttpResponse, ApiError> {
    let (row, catalogue) = (permit.target.row, permit.state.catalogue());
    let tag = revision_tag(row.revision);
    let body = permit.state.read(move |db| Ok(shown_alone(db, &catalogue, row)?)).await?;
    Ok(tagged(HttpResponse::Ok().json(body), tag))
}

/// Change a budget
#[utoipa::path(patch, path = "/api/v1/budgets/{budget}", tag = "Budgets", request_body = BudgetPatch,
    params(
        ("budget" = String, Path, description = "Its id"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "The budget as it is now", body = BudgetOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 412, description = "Changed in the meantime", body = ProblemBody),
        (status = 422, description = "Something is not taken, below what is taken, or fixed", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangeBudgets, BudgetTarget>,
    meant: MeantFor,
    Json(patch): Json<BudgetPatch>,
) -> Result<HttpResponse, ApiError> {
    let (actor, catalogue, BudgetTarget { id, row }) = (permit.actor(), permit.state.catalogue(), permit.target);
    meant.check(&revision_tag(row.revision))?;
    let (points, money) = limits(patch.points, patch.money.as_ref())?;
    let command = ChangeBudget { budget: id, points, money, expected: Expected::Revision(row.revision) };
    let written = permit.state.write(actor, command).await?;
    let (row, tag) = (written.output.clone(), revision_tag(written.output.revision));
    let body = permit.state.read(move |db| Ok(shown_alone(db, &catalogue, row)?)).await?;
    Ok(tagged(changed(written.sequence, &body), tag))
}
