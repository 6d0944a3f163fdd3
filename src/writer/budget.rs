//! Budgets: setting them, and taking from them what grants and redemptions reserve. Nothing overdraws them.
//!
//! Whatever is handed out is charged to every budget that applies at that moment: those of the team where its receiver is
//! at home and of each team above it, in whose period the moment lies; and, where it names a programme's season, those of
//! that season. A budget counts what is reserved after it was set.

use super::organization::Expected;
use super::{Command, Failure, Tx};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::budget::{self, Budget, Purse, Refusal, Taken};
use crate::domain::ids::{BudgetId, Code, PersonId, TeamId};
use crate::domain::money::Money;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::budgets::{self, BudgetRow, ChargeRow, Concerned};
use crate::store::head::ChangeKind;
use crate::store::{memberships, row};

/// Budgets that there may be.
const MOST: i64 = 10_000;

/// Something that is handed out, or may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Charge {
    /// `redemption:ID` or `grant:ID`; reserves once.
    pub cause: String,
    /// Who gets it.
    pub receiver: PersonId,
    /// The programme that it is handed out for.
    pub programme: Option<String>,
    /// That programme's season.
    pub season: Option<String>,
    /// Points that the receiver gets; of a redemption none.
    pub points: Points,
    /// What it is worth.
    pub money: Option<Money>,
}

/// Takes a charge from each budget that applies, or refuses if one of them does not reach.
pub fn reserve(tx: &mut Tx<'_>, charge: &Charge) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let concerned = concerned(tx, &catalogue, charge)?;
    for held in budgets::that_apply(tx.db, &concerned)? {
        let taking = held.budget()?.take(charge.points, charge.money);
        let (after, taken) = taking.map_err(|refusal| refused(&catalogue, &held, charge, refusal))?;
        if taken == Taken::default() {
            continue;
        }
        let cause = charge.cause.clone();
        let row = ChargeRow { budget: held.id.clone(), cause, points: taken.points, cents: taken.cents };
        budgets::insert_charge(tx.db, &row)?;
        budgets::update(tx.db, &held.holding(after))?;
    }
    Ok(())
}

/// Gives back exactly what was taken for a cause, wherever its receiver is at home by now. Once: then nothing is taken for it.
pub fn release(tx: &mut Tx<'_>, cause: &str) -> Result<(), Failure> {
    for charge in budgets::charges_for(tx.db, cause)? {
        let lost = || Failure::Defect(format!("budget {} does not hold what {cause} took", charge.budget));
        let held = budgets::find(tx.db, &charge.budget)?.ok_or_else(lost)?;
        let taken = Taken { points: charge.points, cents: charge.cents };
        let after = held.budget()?.give_back(taken).ok_or_else(lost)?;
        budgets::update(tx.db, &held.holding(after))?;
    }
    Ok(budgets::delete_charges(tx.db, cause)?)
}

fn concerned(tx: &mut Tx<'_>, catalogue: &Catalogue, charge: &Charge) -> Result<Concerned, Failure> {
    let receiver = charge.receiver.to_string();
    let home = memberships::home_teams(tx.db, std::slice::from_ref(&receiver), tx.now)?.remove(&receiver);
    let lineage = home.and_then(|team| catalogue.teams.get(team)).map(|team| team.lineage.clone()).unwrap_or_default();
    let teams = lineage.iter().filter_map(|code| catalogue.teams.by_code(code.as_str()));
    Ok(Concerned {
        season: charge.programme.clone().zip(charge.season.clone()),
        teams: teams.map(|team| team.id.to_string()).collect(),
        periods: budget::periods_at(&catalogue.zone, tx.now).into_iter().map(|period| period.code).collect(),
    })
}

/// Tells no figures: whoever asks for a reward need not know what others got.
fn refused(catalogue: &Catalogue, held: &BudgetRow, charge: &Charge, refusal: Refusal) -> Failure {
    let team = held.team.as_deref().and_then(|team| team.parse::<TeamId>().ok());
    let team = team.and_then(|team| catalogue.teams.get(team)).map(|team| team.code.to_string());
    let whose: Vec<String> = held.programme.iter().cloned().chain(team).collect();
    let problem = match refusal {
        Refusal::Exhausted => Problem::new(ProblemCode::BudgetExhausted),
        Refusal::OtherCurrency(currency) => {
            let given = charge.money.map(|money| money.currency.to_string()).unwrap_or_default();
            Problem::new(ProblemCode::BudgetCurrency).with("currency", currency).with("given", given)
        }
    };
    problem.with("whose", whose.join(" / ")).with("season", &held.season).into()
}

/// Sets a budget.
pub struct AddBudget {
    /// The programme that it is for.
    pub programme: Option<Code>,
    /// The team that it is for; with a programme, that team's share in it.
    pub team: Option<Code>,
    /// A season of the programme; without one a period of the organisation's zone.
    pub season: String,
    /// Points that may be handed out.
    pub points: Option<Points>,
    /// Money that may be handed out.
    pub money: Option<Money>,
}

/// Changes the limits of a budget, of what it limits.
pub struct ChangeBudget {
    /// Which.
    pub budget: BudgetId,
    /// Points that may be handed out; none leaves them.
    pub points: Option<Points>,
    /// Money that may be handed out; none leaves it.
    pub money: Option<Money>,
    /// The revision that the change was made on.
    pub expected: Expected,
}

impl Command for AddBudget {
    type Output = BudgetRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<BudgetRow, Failure> {
        let catalogue = tx.catalogue()?;
        let team = self.checked(&catalogue)?;
        if budgets::count(tx.db)? >= MOST {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST).into());
        }
        let programme = self.programme.clone().map(String::from);
        if budgets::of(tx.db, programme.as_deref(), team.as_deref(), &self.season)?.is_some() {
            return Err(Finding::new("/season", ProblemCode::AlreadyExists).with("what", &self.season).into());
        }
        let id = BudgetId::new(tx.now);
        let sequence = tx.record(ChangeKind::Budget, &id.to_string())?;
        let row = BudgetRow {
            id: id.into(),
            sequence,
            programme,
            team,
            season: self.season.clone(),
            points_limit: self.points.map(i64::from),
            points_taken: 0,
            cents_limit: self.money.map(|money| money.cents),
            cents_taken: 0,
            currency: self.money.map(|money| money.currency.to_string()),
            created_at: row::stored(tx.now),
            revision: sequence,
        };
        budgets::insert(tx.db, &row)?;
        Ok(row)
    }
}

impl AddBudget {
    /// The id of its team, or everything that is wrong.
    fn checked(&self, catalogue: &Catalogue) -> Result<Option<String>, Problem> {
        let mut findings = Vec::new();
        let unknown = |pointer: &str, what, code: &Code| {
            Finding::new(pointer, ProblemCode::UnknownName).with("what", what).with("name", code)
        };
        let known = self.programme.as_ref().map(|code| (code, catalogue.programmes.get(code.as_str())));
        let season = match known {
            Some((code, None)) => {
                findings.push(unknown("/programme", "programme", code));
                None
            }
            Some((_, Some(entry))) => season_of(entry, &self.season),
            None => budget::period(&catalogue.zone, &self.season),
        };
        let team = self.team.as_ref().map(|code| (code, catalogue.teams.by_code(code.as_str())));
        if let Some((code, None)) = team {
            findings.push(unknown("/team", "team", code));
        }
        if self.programme.is_none() && self.team.is_none() {
            findings.push(Finding::new("/team", ProblemCode::MissingField).with("field", "team"));
        }
        if self.points.is_none() && self.money.is_none() {
            findings.push(Finding::new("/points", ProblemCode::MissingField).with("field", "points"));
        }
        if season.is_none() && findings.is_empty() {
            findings.push(Finding::new("/season", ProblemCode::UnknownSeason).with("example", "2026-Q4"));
        }
        if findings.is_empty() {
            Ok(team.and_then(|(_, team)| Some(team?.id.to_string())))
        } else {
            Err(findings.into())
        }
    }
}

/// The season of that code, by a calendar that is the same in every version (SEMANTICS S2).
fn season_of(entry: &ProgrammeEntry, code: &str) -> Option<crate::domain::period::Period> {
    let drafted = || entry.versions.iter().find_map(|version| version.programme.as_ref());
    entry.newest().or_else(drafted)?.calendar.season(code)
}

impl Command for ChangeBudget {
    type Output = BudgetRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<BudgetRow, Failure> {
        let held = budgets::find(tx.db, &self.budget.to_string())?.ok_or(ProblemCode::NotFound)?;
        self.expected.check(held.revision)?;
        let wanted = self.applied(held.budget()?)?;
        if wanted == held.budget()? {
            return Ok(held);
        }
        let revision = tx.record(ChangeKind::Budget, &held.id)?;
        let row = BudgetRow { revision, ..held.holding(wanted) };
        budgets::update(tx.db, &row)?;
        Ok(row)
    }
}

impl ChangeBudget {
    /// What it limits stays, and so does the currency: what was handed out before was counted by them.
    fn applied(&self, held: Budget) -> Result<Budget, Problem> {
        let mut findings = Vec::new();
        let fixed = |pointer: &str, field| Finding::new(pointer, ProblemCode::Fixed).with("field", field);
        let mut limited = |pointer: &str, purse: Purse, limit: i64, shown: fn(i64) -> String| {
            let wanted = Purse::new(limit, purse.taken());
            if wanted.is_none() {
                let finding = Finding::new(pointer, ProblemCode::BudgetBelowTaken);
                findings.push(finding.with("taken", shown(purse.taken())));
            }
            wanted.unwrap_or(purse)
        };
        let points = match (held.points, self.points) {
            (Some(purse), Some(points)) => Some(limited("/points", purse, points.0, |points| points.to_string())),
            (held, _) => held,
        };
        let money = match (held.money, self.money) {
            (Some((purse, currency)), Some(money)) if money.currency == currency => {
                Some((limited("/money/amount", purse, money.cents, crate::domain::money::amount), currency))
            }
            (held, _) => held,
        };
        if self.points.is_some() && held.points.is_none() {
            findings.push(fixed("/points", "points"));
        }
        match (held.money, self.money) {
            (None, Some(_)) => findings.push(fixed("/money", "money")),
            (Some((_, currency)), Some(money)) if money.currency != currency => {
                findings.push(fixed("/money/currency", "currency"));
            }
            _ => {}
        }
        if findings.is_empty() { Ok(Budget { points, money }) } else { Err(findings.into()) }
    }
}
