//! A payroll as it is shown: with the names of today, and sums.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::catalogue::Catalogue;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::PersonId;
use crate::domain::money::{self, Currency, Money};
use crate::domain::payroll::{Benefit, BenefitWarning, Inflow, Payroll, Sums};
use crate::domain::period::Period;
use crate::domain::time::Instant;
use crate::http::fields::{MoneyField, Names};
use crate::store::db::Db;
use crate::store::people::PersonRow;
use crate::store::{payroll as kept, people, row};
use crate::writer::payroll::{benefit, made};

/// What people received in a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayrollOut {
    /// Of the organisation's zone: `2026-11`.
    pub month: String,
    /// Its first day.
    pub first_day: NaiveDate,
    /// Its last day.
    pub last_day: NaiveDate,
    /// Whether it is closed, for good.
    pub closed: bool,
    /// When it was closed.
    pub closed_at: Option<DateTime<Utc>>,
    /// What benefits in kind of one person may be worth before all of them are taxed; of a closed month, then.
    pub benefit_limit: Option<MoneyField>,
    /// Who received, or is to receive, anything; by id.
    pub people: Vec<PayrollPerson>,
    /// What they received in all.
    pub totals: PayrollSums,
}

/// What one person received in a month.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayrollPerson {
    /// Who.
    pub person: PayrollName,
    /// Sums.
    #[serde(flatten)]
    pub sums: PayrollSums,
    /// Whether their benefits in kind exceed `benefit_limit`: then all of them are taxed.
    pub over_benefit_limit: bool,
    /// Whether they would with what is expected.
    pub expected_over_benefit_limit: bool,
    /// Whether there are benefits in kind in another currency than the limit's, which it does not judge.
    pub other_currencies: bool,
    /// What they received, by day.
    pub inflows: Vec<InflowOut>,
    /// What is approved and not handed over yet; told beside the current month only.
    pub expected: Vec<InflowOut>,
}

/// A person as payroll knows them.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayrollName {
    pub id: Uuid,
    pub user_name: String,
    /// The HR system's number.
    pub external_id: Option<String>,
    pub display_name: String,
}

/// Sums, each of one currency.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayrollSums {
    /// Benefits in kind.
    pub in_kind: Vec<MoneyField>,
    /// Money to be paid with the wages.
    pub cash: Vec<MoneyField>,
    /// Working days off.
    #[schema(value_type = f64)]
    pub days_off: Decimal4,
}

/// Something received, or to be received.
#[derive(Debug, Serialize, ToSchema)]
pub struct InflowOut {
    /// The id of the redemption.
    pub redemption: Uuid,
    /// Code of the reward.
    pub reward: String,
    /// `in_kind`, `cash` or `time_off`.
    pub benefit: &'static str,
    /// What it is worth; null of time off.
    pub value: Option<MoneyField>,
    /// Working days off; null of what is worth money.
    #[schema(value_type = Option<f64>)]
    pub days_off: Option<Decimal4>,
    /// The day on which they got it; null of what is expected.
    pub inflow_on: Option<NaiveDate>,
}

/// A warning that a person's benefits in kind would exceed the month's limit, and all be taxed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BenefitWarningOut {
    /// `benefit_limit`.
    pub code: &'static str,
    /// Which month.
    pub month: String,
    /// The limit.
    pub limit: MoneyField,
    /// What they would be worth.
    pub would_be: MoneyField,
    /// The same in a sentence.
    pub detail: Names,
}

impl From<&BenefitWarning> for BenefitWarningOut {
    fn from(warning: &BenefitWarning) -> Self {
        let BenefitWarning { month, limit, cents } = warning;
        let sum = field(*cents, limit.currency);
        let would_be = format!("{} {}", sum.amount, sum.currency);
        let detail = Names {
            en: format!(
                "With this, benefits in kind in {month} would be worth {would_be}. Above {limit} a month all of them are taxed."
            ),
            de: format!(
                "Damit betrügen die Sachbezüge im Monat {month} {would_be}. Über {limit} im Monat sind sie insgesamt zu versteuern."
            ),
        };
        Self { code: "benefit_limit", month: month.clone(), limit: (*limit).into(), would_be: sum, detail }
    }
}

fn field(cents: i64, currency: Currency) -> MoneyField {
    MoneyField { amount: money::amount(cents), currency: currency.to_string() }
}

impl From<Sums> for PayrollSums {
    fn from(sums: Sums) -> Self {
        let fields =
            |sums: BTreeMap<Currency, i64>| sums.into_iter().map(|(currency, cents)| field(cents, currency)).collect();
        Self { in_kind: fields(sums.in_kind), cash: fields(sums.cash), days_off: Decimal4::from_raw(sums.days_off) }
    }
}

impl InflowOut {
    fn new(redemption: Uuid, reward: String, benefit: Benefit, inflow_on: Option<NaiveDate>) -> Self {
        Self {
            redemption,
            reward,
            benefit: benefit.name(),
            value: benefit.value().map(MoneyField::from),
            days_off: benefit.days_off(),
            inflow_on,
        }
    }
}

/// What one person received, and is to receive.
#[derive(Default)]
struct Both {
    inflows: Vec<Inflow>,
    expected: Vec<(Uuid, String, Benefit)>,
}

/// The payroll of a month: as it was closed, else as redemptions have it now.
pub fn payroll(db: &mut Db, catalogue: &Catalogue, month: &Period, now: Instant) -> QueryResult<PayrollOut> {
    let closed = kept::closed(db, &month.code)?;
    let payroll = match &closed {
        Some(closed) => closed.payroll()?,
        None => made(db, catalogue.organization.benefit_limit, month)?,
    };
    let Payroll { benefit_limit, people, .. } = payroll;
    let mut all: BTreeMap<PersonId, Both> =
        people.into_iter().map(|one| (one.person, Both { inflows: one.inflows, expected: Vec::new() })).collect();
    if (month.from..month.until).contains(&now) {
        for redemption in kept::expected(db)? {
            let Some(benefit) = benefit(&redemption)? else { continue };
            let one = all.entry(redemption.receiver_id()?).or_default();
            one.expected.push((redemption.redemption_id()?.0, redemption.reward, benefit));
        }
    }
    let ids: Vec<String> = all.keys().map(ToString::to_string).collect();
    let names: HashMap<String, PersonRow> =
        people::by_ids(db, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect();
    let benefits = all.values().flat_map(|one| one.inflows.iter().map(|inflow| inflow.benefit));
    let totals = Sums::of(benefits).map_err(row::corrupt)?.into();
    let people = all.into_iter().map(|(person, both)| shown(person, both, benefit_limit, &names));
    Ok(PayrollOut {
        people: people.collect::<QueryResult<Vec<_>>>()?,
        totals,
        month: month.code.clone(),
        first_day: month.first_day,
        last_day: month.until_day.pred_opt().unwrap_or(month.first_day),
        closed: closed.is_some(),
        closed_at: closed.map(|closed| row::instant(closed.closed_at)),
        benefit_limit: benefit_limit.map(MoneyField::from),
    })
}

fn shown(
    person: PersonId,
    Both { inflows, expected }: Both,
    limit: Option<Money>,
    names: &HashMap<String, PersonRow>,
) -> QueryResult<PayrollPerson> {
    let row = names.get(&person.to_string()).ok_or_else(|| row::corrupt("a payroll of nobody"))?;
    let received = || inflows.iter().map(|inflow| inflow.benefit);
    let sums = Sums::of(received()).map_err(row::corrupt)?;
    let with_expected = Sums::of(received().chain(expected.iter().map(|(.., benefit)| *benefit)));
    let with_expected = with_expected.map_err(row::corrupt)?;
    let other = |limit: Money| with_expected.in_kind.keys().any(|currency| *currency != limit.currency);
    Ok(PayrollPerson {
        person: PayrollName {
            id: person.0,
            user_name: row.user_name.clone(),
            external_id: row.external_id.clone(),
            display_name: row.display_name.clone(),
        },
        over_benefit_limit: limit.is_some_and(|limit| sums.exceed(limit)),
        expected_over_benefit_limit: limit.is_some_and(|limit| with_expected.exceed(limit)),
        other_currencies: limit.is_some_and(other),
        sums: sums.into(),
        inflows: inflows
            .into_iter()
            .map(|one| InflowOut::new(one.redemption.0, one.reward, one.benefit, Some(one.inflow_on)))
            .collect(),
        expected: expected
            .into_iter()
            .map(|(redemption, reward, benefit)| InflowOut::new(redemption, reward, benefit, None))
            .collect(),
    })
}
