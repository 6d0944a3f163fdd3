//! Lines of the ledger as people see them: what came into their wallet and what went out of it.

use std::collections::HashMap;

use actix_web::HttpResponse;
use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::page::Limit;
use super::permit::{Asked, Everything, Permit, ReadTransfers, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::{PersonTarget, home_team, relations_to};
use crate::access::policy::{Action, Relation, permits};
use crate::domain::award::{Cause, GoalCause};
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::ledger::Account;
use crate::store::db::Db;
use crate::store::ledger::{self, TransferRow};
use crate::store::{row, signals};

/// A line of the ledger.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferOut {
    /// Its id.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// `award`, `reversal`, `kudos`, `redemption`, `refund`, `grant`, or `allowance`.
    pub kind: String,
    /// Points, above zero.
    pub amount: i64,
    /// `in` if they came to the person or team that the line is shown for, `out` if they went.
    pub direction: &'static str,
    /// The person or team whose account the line is shown for; null between accounts of the organisation.
    pub owner: Option<String>,
    /// Code of the programme, if it is of an award.
    pub programme: Option<String>,
    /// Code of the season, if it is of an award.
    pub season: Option<String>,
    /// Code of the rule, if it is of an award.
    pub rule: Option<String>,
    /// Version of the programme, if it is of an award.
    pub version: Option<i32>,
    /// What it rests on.
    pub cause: CauseOut,
    /// The instant it counts for.
    pub at: DateTime<Utc>,
    /// When it was written.
    pub recorded_at: DateTime<Utc>,
    /// The transfer that it takes back.
    pub reverses: Option<String>,
}

/// What a transfer rests on.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CauseOut {
    /// A signal.
    Signal {
        /// Who delivered it.
        source: String,
        /// Its name there.
        key: String,
    },
    /// The id of a kudos.
    Kudos(String),
    /// The id of a grant.
    Grant(String),
    /// The id of a redemption.
    Redemption(String),
    /// The month of an allowance.
    Month(String),
    /// The local day that completed a streak of days.
    Day(NaiveDate),
    /// A goal that was met.
    Goal(GoalOut),
    /// Something else.
    Other(String),
}

/// A goal that was met.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct GoalOut {
    /// The kind of its period.
    #[schema(example = "month")]
    pub per: &'static str,
    /// The first local day of its period.
    pub first_day: NaiveDate,
    /// For which time it was met in the period.
    pub n: u32,
    /// The id of the team whose goal it was, where members were rewarded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
}

/// Lines of the ledger, oldest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransfersOut {
    /// The lines.
    pub items: Vec<TransferOut>,
    /// Give it as `since` for those that follow; null if there are none yet.
    pub next: Option<i64>,
}

/// Which lines are asked for.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TransfersQuery {
    /// Only those with a higher sequence number.
    #[serde(default)]
    pub since: i64,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    pub limit: Limit,
}

/// A person's transfers
///
/// What came into the wallet and what went out of it, oldest first.
#[utoipa::path(get, path = "/api/v1/people/{person}/transfers", tag = "Standing",
    params(
        ("person" = String, Path, description = "`me`, an id or a user name"),
        TransfersQuery,
    ),
    responses(
        (status = 200, description = "The transfers", body = TransfersOut),
        (status = 404, description = "Nobody whom the caller may see", body = ProblemBody),
    ))]
pub async fn of_person(
    permit: Permit<ReadTransfers, PersonTarget>,
    Query(query): Query<TransfersQuery>,
) -> Result<HttpResponse, ApiError> {
    let person = permit.target.id;
    let body = permit.state.read(move |db| Ok(of_wallet(db, person, &query)?)).await?;
    Ok(HttpResponse::Ok().json(body))
}

/// Transfers
///
/// Those of the caller; for HR and auditors, all of the organisation's. Oldest first.
#[utoipa::path(get, path = "/api/v1/transfers", tag = "Standing",
    params(TransfersQuery),
    responses(
        (status = 200, description = "The transfers", body = TransfersOut),
        (status = 403, description = "The token's scope leaves no role", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadTransfers, OwnTransfers>,
    Query(query): Query<TransfersQuery>,
) -> Result<HttpResponse, ApiError> {
    let caller = permit.caller;
    let body = permit.state.read(move |db| {
        if !permits(Action::ReadTransfers, &caller, &[]) {
            return Ok(of_wallet(db, caller.person, &query)?);
        }
        let rows = ledger::since(db, query.since, query.limit.rows())?;
        Ok(shown(db, rows, query.limit, None)?)
    });
    Ok(HttpResponse::Ok().json(body.await?))
}

/// A transfer
#[utoipa::path(get, path = "/api/v1/transfers/{transfer}", tag = "Standing",
    params(("transfer" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The transfer", body = TransferOut),
        (status = 404, description = "No transfer that the caller may see", body = ProblemBody),
    ))]
pub async fn one(permit: Permit<ReadTransfers, TransferTarget>) -> Result<HttpResponse, ApiError> {
    let row = permit.target.0;
    let body = permit.state.read(move |db| Ok(shown_alone(db, row)?));
    Ok(HttpResponse::Ok().json(body.await?))
}

/// A line as it is shown by itself.
pub(super) fn shown_alone(db: &mut Db, row: TransferRow) -> QueryResult<TransferOut> {
    let causes = causes(db, std::slice::from_ref(&row))?;
    Ok(transfer_out(row, None, &causes))
}

/// The caller's own lines.
pub struct OwnTransfers;

impl Target for OwnTransfers {
    const SEEN_BY: Seen = Everything::SEEN_BY;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(_: &Asked) -> Option<(Self, Vec<Relation>)> {
        Some((Self, vec![Relation::Themselves]))
    }
}

/// The transfer of `{transfer}`.
pub struct TransferTarget(pub(super) TransferRow);

impl Target for TransferTarget {
    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Some(row) = ledger::find(db, asked.parameter("transfer"))? else { return Ok(None) };
        let mut relations = Vec::new();
        for person in [wallet_of(&row.payer), wallet_of(&row.payee)].into_iter().flatten() {
            let team = home_team(db, &person.to_string(), asked.now)?;
            relations.extend(relations_to(asked, person, team));
        }
        Ok(Some((Self(row), relations)))
    }
}

fn of_wallet(db: &mut Db, person: PersonId, query: &TransfersQuery) -> QueryResult<TransfersOut> {
    let wallet = Account::Wallet(person).to_string();
    let rows = ledger::of_accounts(db, std::slice::from_ref(&wallet), query.since, query.limit.rows())?;
    shown(db, rows, query.limit, Some(&wallet))
}

/// The page of rows of which [`Limit::rows`] were asked for, as seen from `account`, or from whoever is concerned.
pub fn shown(
    db: &mut Db,
    mut rows: Vec<TransferRow>,
    limit: Limit,
    account: Option<&str>,
) -> QueryResult<TransfersOut> {
    let more = rows.len() > limit.get();
    rows.truncate(limit.get());
    let next = rows.last().map(|last| last.sequence).filter(|_| more);
    let causes = causes(db, &rows)?;
    Ok(TransfersOut { items: rows.into_iter().map(|row| transfer_out(row, account, &causes)).collect(), next })
}

fn transfer_out(row: TransferRow, account: Option<&str>, causes: &HashMap<String, CauseOut>) -> TransferOut {
    let comes_in = account.map_or_else(|| owner_of(&row.payee).is_some(), |account| account == row.payee);
    let owner = owner_of(if comes_in { &row.payee } else { &row.payer });
    TransferOut {
        owner: owner.map(str::to_owned),
        id: row.id,
        sequence: row.sequence,
        kind: row.kind,
        amount: row.amount,
        direction: if comes_in { "in" } else { "out" },
        programme: row.programme,
        season: row.season,
        rule: row.rule,
        version: row.version,
        cause: causes.get(&row.cause).cloned().unwrap_or(CauseOut::Other(row.cause)),
        at: row::instant(row.at),
        recorded_at: row::instant(row.recorded_at),
        reverses: row.reverses,
    }
}

fn goal_out(goal: GoalCause, team: Option<TeamId>) -> GoalOut {
    GoalOut { per: goal.per_name(), first_day: goal.first_day, n: goal.n, team: team.map(String::from) }
}

/// The causes of some transfers, by their text in the ledger.
fn causes(db: &mut Db, rows: &[TransferRow]) -> QueryResult<HashMap<String, CauseOut>> {
    let mut causes = HashMap::new();
    let mut signal_ids = Vec::new();
    for cause in rows.iter().map(|row| &row.cause) {
        let shown = match (Cause::try_from(cause.clone()), cause.split_once(':')) {
            (Ok(Cause::Signal(id)), _) => {
                signal_ids.push(id.to_string());
                continue;
            }
            (Ok(Cause::Day(day)), _) => CauseOut::Day(day),
            (Ok(Cause::Goal(goal)), _) => CauseOut::Goal(goal_out(goal, None)),
            (Ok(Cause::TeamGoal(team, goal)), _) => CauseOut::Goal(goal_out(goal, Some(team))),
            (_, Some(("kudos", id))) => CauseOut::Kudos(id.to_owned()),
            (_, Some(("grant", id))) => CauseOut::Grant(id.to_owned()),
            (_, Some(("redemption", id))) => CauseOut::Redemption(id.to_owned()),
            (_, Some(("month", month))) => CauseOut::Month(month.to_owned()),
            _ => continue,
        };
        causes.insert(cause.clone(), shown);
    }
    for signal in signals::by_ids(db, &signal_ids)? {
        let cause = CauseOut::Signal { source: signal.source, key: signal.key };
        causes.insert(format!("signal:{}", signal.id), cause);
    }
    Ok(causes)
}

/// The person of a wallet.
fn wallet_of(account: &str) -> Option<PersonId> {
    account.strip_prefix("wallet:")?.parse().ok()
}

/// The person or team of an account that belongs to one.
fn owner_of(account: &str) -> Option<&str> {
    let (kind, rest) = account.split_once(':')?;
    ["wallet", "team", "allowance"].contains(&kind).then(|| rest.split(':').next()).flatten()
}
