//! Redemptions as they are shown, with the names of who and what they are about.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, NaiveDate, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::decimal::Decimal4;
use crate::domain::payroll::month_of;
use crate::domain::redemption::State;
use crate::domain::reward::RewardKind;
use crate::http::fields::{MoneyField, Names};
use crate::http::kudos::PersonName;
use crate::http::payroll::BenefitWarningOut;
use crate::store::db::Db;
use crate::store::people::{self, PersonRow};
use crate::store::redemptions::RedemptionRow;
use crate::store::{rewards, row};
use crate::writer::Failure;
use crate::writer::payroll::benefit_warning;

/// A reward that somebody asked for, or that is due to them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RedemptionOut {
    /// Its id.
    pub id: Uuid,
    /// `requested`, `approved`, `fulfilled`, `rejected`, `cancelled` or `expired`.
    #[schema(value_type = String)]
    pub state: State,
    /// Whose it is.
    pub receiver: PersonName,
    /// Which reward.
    pub reward: RedeemedOut,
    /// Points, fixed when it was requested; 0 where it was won.
    pub cost: i64,
    /// The reward's kind then.
    #[schema(value_type = String)]
    pub kind: RewardKind,
    /// The reward's value then.
    pub value: Option<MoneyField>,
    /// The reward's working days off then.
    #[schema(value_type = Option<f64>)]
    pub days_off: Option<Decimal4>,
    /// Whether it holds a piece of the reward's stock.
    pub holds_stock: bool,
    /// What it was won by; null where its receiver asked for it.
    pub due: Option<String>,
    /// Code of the programme that it was won in.
    pub programme: Option<String>,
    /// Its season.
    pub season: Option<String>,
    /// When it was asked for or proposed.
    pub requested_at: DateTime<Utc>,
    /// When it expires unless it is handed over before; null once it has ended, and of what was won.
    pub expires_at: Option<DateTime<Utc>>,
    /// When it was approved or rejected.
    pub decided_at: Option<DateTime<Utc>>,
    /// By whom.
    pub decided_by: Option<PersonName>,
    /// When it was handed over, cancelled, or expired.
    pub ended_at: Option<DateTime<Utc>>,
    /// By whom; null if time did it.
    pub ended_by: Option<PersonName>,
    /// Why it was rejected or cancelled.
    pub note: Option<String>,
    /// The local day on which its receiver got it.
    pub inflow_on: Option<NaiveDate>,
    /// The code that it is claimed with: `none`, `waiting` to be shown to its receiver once, or `shown`.
    pub code: &'static str,
    /// When it was shown.
    pub code_shown_at: Option<DateTime<Utc>>,
    /// Id of the transfer that paid for it.
    pub transfer: Option<String>,
    /// Id of the transfer that gave that back.
    pub refund: Option<String>,
    /// If handing it over now would take its receiver's benefits in kind above the month's limit, or did. In lists only
    /// where it is to be decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benefit_warning: Option<BenefitWarningOut>,
}

/// The reward of a redemption.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RedeemedOut {
    /// Its code.
    pub code: String,
    /// Its name now.
    pub name: Names,
}

/// The names around some redemptions.
pub(in crate::http) struct Surroundings {
    people: HashMap<String, PersonRow>,
    rewards: HashMap<String, Names>,
}

impl Surroundings {
    /// Loads what is around `redemptions`.
    pub(in crate::http) fn load(db: &mut Db, redemptions: &[RedemptionRow]) -> QueryResult<Self> {
        let involved = |row: &RedemptionRow| {
            [Some(row.receiver.clone()), row.decided_by.clone(), row.ended_by.clone()].into_iter().flatten()
        };
        let involved: BTreeSet<String> = redemptions.iter().flat_map(involved).collect();
        let involved: Vec<String> = involved.into_iter().collect();
        let codes: BTreeSet<String> = redemptions.iter().map(|row| row.reward.clone()).collect();
        let codes: Vec<String> = codes.into_iter().collect();
        let people = people::by_ids(db, &involved)?.into_iter().map(|row| (row.id.clone(), row)).collect();
        let rewards = rewards::by_codes(db, &codes)?.into_iter();
        let rewards = rewards.map(|row| Ok((row.code.clone(), row.reward()?.name.into())));
        Ok(Self { people, rewards: rewards.collect::<QueryResult<_>>()? })
    }

    fn name(&self, person: &str) -> QueryResult<Option<PersonName>> {
        self.people.get(person).map(PersonName::of).transpose()
    }

    /// A redemption as it is shown.
    pub(in crate::http) fn show(&self, row: &RedemptionRow) -> QueryResult<RedemptionOut> {
        let name = self.rewards.get(&row.reward).cloned();
        let by = |person: &Option<String>| person.as_deref().map(|person| self.name(person)).transpose();
        Ok(RedemptionOut {
            id: row.redemption_id()?.0,
            state: row.known_state()?,
            receiver: self.name(&row.receiver)?.ok_or_else(|| row::corrupt("a redemption of nobody"))?,
            reward: RedeemedOut {
                code: row.reward.clone(),
                name: name.ok_or_else(|| row::corrupt("a redemption of nothing"))?,
            },
            cost: row.cost,
            kind: row.known_kind()?,
            value: row.value()?.map(Into::into),
            days_off: row.days_off.map(Decimal4::from_raw),
            holds_stock: row.pieces > 0,
            due: row.due.clone(),
            programme: row.programme.clone(),
            season: row.season.clone(),
            requested_at: row::instant(row.requested_at),
            expires_at: row.expires_at.map(row::instant),
            decided_at: row.decided_at.map(row::instant),
            decided_by: by(&row.decided_by)?.flatten(),
            ended_at: row.ended_at.map(row::instant),
            ended_by: by(&row.ended_by)?.flatten(),
            note: row.note.clone(),
            inflow_on: row.inflow_on,
            code: match (&row.sealed_code, row.code_shown_at) {
                (Some(_), _) => "waiting",
                (None, Some(_)) => "shown",
                (None, None) => "none",
            },
            code_shown_at: row.code_shown_at.map(row::instant),
            transfer: row.transfer.clone(),
            refund: row.refund.clone(),
            benefit_warning: None,
        })
    }
}

impl RedemptionOut {
    /// The same with a warning, if there is cause for one in the month in which it is, or would now be, handed over.
    pub(in crate::http) fn warned(self, db: &mut Db, row: &RedemptionRow, today: NaiveDate) -> Result<Self, Failure> {
        if !self.state.is_open() && self.state != State::Fulfilled {
            return Ok(self);
        }
        let month = month_of(row.inflow_on.unwrap_or(today));
        let warning = benefit_warning(db, row, &month)?;
        Ok(Self { benefit_warning: warning.as_ref().map(Into::into), ..self })
    }
}

/// One redemption as it is shown.
pub(in crate::http) fn show_one(db: &mut Db, row: &RedemptionRow, today: NaiveDate) -> Result<RedemptionOut, Failure> {
    Surroundings::load(db, std::slice::from_ref(row))?.show(row)?.warned(db, row, today)
}
