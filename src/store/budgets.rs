//! Budgets, and what was taken of them for what.

use std::collections::HashMap;

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};

use super::db::Db;
use super::row;
use super::schema::{awards, budget_charges, budgets, grants, memberships, people, redemptions};
use crate::domain::budget::{Budget, Purse, Taken};
use crate::domain::money::Currency;
use crate::domain::time::Instant;

/// A budget as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = budgets, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct BudgetRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// Code of the programme that it is for.
    pub programme: Option<String>,
    /// Id of the team that it is for.
    pub team: Option<String>,
    /// Of the programme, or a period of the organisation's zone.
    pub season: String,
    /// Points that may be handed out.
    pub points_limit: Option<i64>,
    /// What of them is reserved or handed out.
    pub points_taken: i64,
    /// Cents that may be handed out.
    pub cents_limit: Option<i64>,
    /// What of them is reserved or handed out.
    pub cents_taken: i64,
    /// Of which currency.
    pub currency: Option<String>,
    /// See the column.
    pub created_at: NaiveDateTime,
    /// The number of the last change of its limits.
    pub revision: i64,
}

/// What was taken of a budget for one cause.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = budget_charges, treat_none_as_default_value = false)]
pub struct ChargeRow {
    /// Id of the budget.
    pub budget: String,
    /// `redemption:ID`, `grant:ID`.
    pub cause: String,
    /// Points.
    pub points: i64,
    /// Cents of the budget's currency.
    pub cents: i64,
}

impl BudgetRow {
    /// What may be handed out, and what is taken.
    pub fn budget(&self) -> QueryResult<Budget> {
        let overdrawn = || row::corrupt(format!("budget {} is overdrawn", self.id));
        let purse =
            |limit: Option<i64>, taken| limit.map(|limit| Purse::new(limit, taken).ok_or_else(overdrawn)).transpose();
        let currency = self.currency.as_deref().map(Currency::parse).transpose().map_err(row::corrupt)?;
        let money = purse(self.cents_limit, self.cents_taken)?.zip(currency);
        Ok(Budget { points: purse(self.points_limit, self.points_taken)?, money })
    }

    /// The same with another content.
    #[must_use]
    pub fn holding(self, budget: Budget) -> Self {
        let taken = |purse: Option<Purse>| purse.map_or(0, Purse::taken);
        let money = budget.money.map(|(purse, _)| purse);
        Self {
            points_limit: budget.points.map(Purse::limit),
            points_taken: taken(budget.points),
            cents_limit: money.map(Purse::limit),
            cents_taken: taken(money),
            ..self
        }
    }
}

/// One budget.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<BudgetRow>> {
    budgets::table.find(id).select(BudgetRow::as_select()).first(db).optional()
}

/// Adds a budget.
pub fn insert(db: &mut Db, row: &BudgetRow) -> QueryResult<()> {
    diesel::insert_into(budgets::table).values(row).execute(db).map(drop)
}

/// Replaces a budget.
pub fn update(db: &mut Db, row: &BudgetRow) -> QueryResult<()> {
    diesel::update(budgets::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// The budget of a programme, team and season.
pub fn of(db: &mut Db, programme: Option<&str>, team: Option<&str>, season: &str) -> QueryResult<Option<BudgetRow>> {
    let query = budgets::table.filter(budgets::season.eq(season)).select(BudgetRow::as_select()).into_boxed();
    let query = match programme {
        Some(programme) => query.filter(budgets::programme.eq(programme)),
        None => query.filter(budgets::programme.is_null()),
    };
    let query = match team {
        Some(team) => query.filter(budgets::team.eq(team)),
        None => query.filter(budgets::team.is_null()),
    };
    query.first(db).optional()
}

/// How many there are.
pub fn count(db: &mut Db) -> QueryResult<i64> {
    budgets::table.count().get_result(db)
}

/// Whom budgets are charged for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Concerned {
    /// Programme and season, where something names them.
    pub season: Option<(String, String)>,
    /// Ids of the receiver's home team and of those above it.
    pub teams: Vec<String>,
    /// Codes of the periods of the organisation's zone that hold the moment.
    pub periods: Vec<String>,
}

/// The budgets that apply: those of the programme's season, for everybody or one of the teams; and those of the teams.
pub fn that_apply(db: &mut Db, concerned: &Concerned) -> QueryResult<Vec<BudgetRow>> {
    let in_teams = budgets::team.eq_any(&concerned.teams).assume_not_null();
    let of_team = budgets::programme.is_null().and(in_teams).and(budgets::season.eq_any(&concerned.periods));
    let mut query = budgets::table.select(BudgetRow::as_select()).filter(of_team).into_boxed();
    if let Some((programme, season)) = &concerned.season {
        let for_them = budgets::team.is_null().or(budgets::team.eq_any(&concerned.teams).assume_not_null());
        let of_programme = budgets::programme.eq(programme).assume_not_null().and(budgets::season.eq(season));
        query = query.or_filter(of_programme.and(for_them));
    }
    query.order(budgets::sequence).load(db)
}

/// Keeps what was taken of a budget.
pub fn insert_charge(db: &mut Db, row: &ChargeRow) -> QueryResult<()> {
    diesel::insert_into(budget_charges::table).values(row).execute(db).map(drop)
}

/// What was taken for a cause, of each budget.
pub fn charges_for(db: &mut Db, cause: &str) -> QueryResult<Vec<ChargeRow>> {
    let charges = budget_charges::table.filter(budget_charges::cause.eq(cause));
    charges.order(budget_charges::budget).select(ChargeRow::as_select()).load(db)
}

/// Forgets what was taken for a cause.
pub fn delete_charges(db: &mut Db, cause: &str) -> QueryResult<()> {
    diesel::delete(budget_charges::table.filter(budget_charges::cause.eq(cause))).execute(db).map(drop)
}

/// Which budgets to list.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Of teams of these ids only; all if none.
    pub seen: Option<Vec<String>>,
    /// Of this programme.
    pub programme: Option<String>,
    /// Of this team, by id.
    pub team: Option<String>,
    /// Of this season or period.
    pub season: Option<String>,
    /// After the one of this number.
    pub after: Option<i64>,
}

/// Budgets, oldest first.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<BudgetRow>> {
    let mut query = budgets::table.select(BudgetRow::as_select()).into_boxed();
    if let Some(seen) = &filter.seen {
        query = query.filter(budgets::team.eq_any(seen));
    }
    if let Some(programme) = &filter.programme {
        query = query.filter(budgets::programme.eq(programme));
    }
    if let Some(team) = &filter.team {
        query = query.filter(budgets::team.eq(team));
    }
    if let Some(season) = &filter.season {
        query = query.filter(budgets::season.eq(season));
    }
    if let Some(after) = filter.after {
        query = query.filter(budgets::sequence.gt(after));
    }
    query.order(budgets::sequence).limit(limit).load(db)
}

/// What of some budgets is reserved, by budget: taken for what still awaits something.
pub fn reserved(db: &mut Db, ids: &[String]) -> QueryResult<HashMap<String, Taken>> {
    let redeemed = redemptions::table
        .filter(redemptions::state.eq_any(["requested", "approved"]))
        .select(sql::<Text>("'redemption:' || redemptions.id"));
    let granted = grants::table.filter(grants::state.eq("requested")).select(sql::<Text>("'grant:' || grants.id"));
    let sums: Vec<(String, i64, i64)> = budget_charges::table
        .filter(budget_charges::budget.eq_any(ids))
        .filter(budget_charges::cause.eq_any(redeemed).or(budget_charges::cause.eq_any(granted)))
        .group_by(budget_charges::budget)
        .select((
            budget_charges::budget,
            sql::<BigInt>("CAST(SUM(budget_charges.points) AS BIGINT)"),
            sql::<BigInt>("CAST(SUM(budget_charges.cents) AS BIGINT)"),
        ))
        .load(db)?;
    Ok(sums.into_iter().map(|(budget, points, cents)| (budget, Taken { points, cents })).collect())
}

/// Whose awards to add up, and when they were earned.
#[derive(Debug, Clone)]
pub struct Awarded {
    /// Of this season of this programme.
    pub season: Option<(String, String)>,
    /// To who was at home in one of these teams when they earned it.
    pub teams: Option<Vec<String>>,
    /// Earned at or after, and before.
    pub within: Option<(Instant, Instant)>,
}

/// The points that rules have awarded to people, as they stand.
pub fn awarded(db: &mut Db, wanted: &Awarded) -> QueryResult<i64> {
    let sum = sql::<BigInt>("CAST(COALESCE(SUM(awards.points), 0) AS BIGINT)");
    let to_person = diesel::dsl::exists(people::table.filter(people::id.eq(awards::subject)));
    let mut query = awards::table.select(sum).filter(to_person).into_boxed();
    if let Some((programme, season)) = &wanted.season {
        query = query.filter(awards::programme.eq(programme)).filter(awards::season.eq(season));
    }
    if let Some((from, until)) = wanted.within {
        query = query.filter(awards::at.ge(row::stored(from))).filter(awards::at.lt(row::stored(until)));
    }
    if let Some(teams) = &wanted.teams {
        let at_home = memberships::table
            .filter(memberships::person.eq(awards::subject))
            .filter(memberships::team.eq_any(teams))
            .filter(memberships::from_at.le(awards::at))
            .filter(memberships::until_at.is_null().or(memberships::until_at.gt(awards::at.nullable())));
        query = query.filter(diesel::dsl::exists(at_home));
    }
    query.first(db)
}

/// Every budget.
pub fn all(db: &mut Db) -> QueryResult<Vec<BudgetRow>> {
    budgets::table.order(budgets::sequence).select(BudgetRow::as_select()).load(db)
}

/// Everything taken.
pub fn all_charges(db: &mut Db) -> QueryResult<Vec<ChargeRow>> {
    let charges = budget_charges::table.order((budget_charges::budget, budget_charges::cause));
    charges.select(ChargeRow::as_select()).load(db)
}
