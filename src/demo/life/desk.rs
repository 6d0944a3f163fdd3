//! What happens around rewards: what is offered and what may be spent, what people ask for and leads grant, and what HR
//! makes of it in the morning.

use chrono::{NaiveDateTime, TimeDelta};
use diesel::QueryResult;
use serde::Deserialize;

use super::{DemoError, Life, code};
use crate::demo::HR;
use crate::demo::organization::SITES;
use crate::demo::rewards::{Recognition, Wished};
use crate::demo::script::Day;
use crate::domain::ids::PersonId;
use crate::domain::money::{Currency, Money};
use crate::domain::payroll::month_of;
use crate::domain::points::Points;
use crate::domain::redemption::State;
use crate::domain::reward::{Reward, RewardKind};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::redemptions::{self, Filter, RedemptionRow, Whose};
use crate::store::{grants, rewards, row};
use crate::writer::budget::AddBudget;
use crate::writer::grant::{DecideGrant, Decision, GivePoints};
use crate::writer::payroll::{ClosePayroll, benefit_warning};
use crate::writer::redemption::{Act, AdvanceRedemption, RequestRedemption, asker};
use crate::writer::reward::AddReward;

/// What a site may hand out in a quarter.
const POINTS: Points = Points(60_000);
const MONEY: Money = Money { cents: 500_000, currency: Currency::EUR };
/// How long something has waited before HR gets to it.
const HR_TAKES: TimeDelta = TimeDelta::hours(40);
/// Redemptions that HR looks at in a morning.
const MOST: i64 = 500;

/// An item of the catalogue with its stock.
#[derive(Deserialize)]
struct Item {
    stock: Option<i64>,
    reward: Reward,
}

impl Life<'_> {
    /// The catalogue of rewards.
    pub(super) fn offer(&self) -> Result<(), DemoError> {
        let items: Vec<Item> = serde_json::from_str(include_str!("../rewards.json")).map_err(refused)?;
        for Item { stock, reward } in items {
            self.run(self.acting(HR)?, AddReward { reward, stock })?;
        }
        Ok(())
    }

    /// HR's morning: what sites may spend in a quarter that begins, what waits, and the payroll of the month before.
    pub(super) fn work_at_desk(&mut self, day: &Day) -> Result<(), DemoError> {
        let hr = self.acting(HR)?;
        if let Some(quarter) = &day.quarter {
            for (site, _) in SITES {
                let (team, season) = (Some(code(site)?), quarter.clone());
                self.run(hr, AddBudget { programme: None, team, season, points: Some(POINTS), money: Some(MONEY) })?;
            }
        }
        let waited = row::stored(day.morning - HR_TAKES);
        for row in self.waiting(State::Approved)?.iter().filter(|row| row.decided_at.is_some_and(|at| at <= waited)) {
            self.hand_over(row)?;
        }
        for row in self.waiting(State::Requested)?.iter().filter(|row| row.requested_at <= waited) {
            self.decide(row)?;
        }
        self.decide_grants(waited)?;
        if let Some(month) = &day.closes {
            self.run(hr, ClosePayroll { month: month.clone() })?;
        }
        Ok(())
    }

    fn read<T>(&self, read: impl FnOnce(&mut Db) -> QueryResult<T>) -> Result<T, DemoError> {
        self.state.read_here(|db| Ok(read(db)?)).map_err(refused)
    }

    /// Redemptions in a state, the oldest first.
    fn waiting(&self, state: State) -> Result<Vec<RedemptionRow>, DemoError> {
        let at = self.state.clock.now();
        let filter = Filter { whose: Whose::All, at, state: Some(state), receiver: None, reward: None, before: None };
        let mut rows = self.read(|db| redemptions::list(db, &filter, MOST))?;
        rows.reverse();
        Ok(rows)
    }

    /// HR approves, unless benefits in kind would exceed the month's limit.
    fn decide(&self, held: &RedemptionRow) -> Result<(), DemoError> {
        let month = month_of(self.state.catalogue().zone.local(self.state.clock.now()).0);
        let warning = self.state.read_here(|db| Ok(benefit_warning(db, held, &month)?)).map_err(refused)?;
        let act = match warning {
            Some(_) => Act::Reject {
                note: "Damit lägen die Sachbezüge über 50 € im Monat; gern im nächsten.".to_owned(),
            },
            None => Act::Approve,
        };
        let redemption = held.redemption_id().map_err(refused)?;
        self.run(self.acting(HR)?, AdvanceRedemption { redemption, act }).map(drop)
    }

    /// Vouchers come with a code.
    fn hand_over(&self, held: &RedemptionRow) -> Result<(), DemoError> {
        let redemption = held.redemption_id().map_err(refused)?;
        let is_voucher = held.kind == RewardKind::GiftCard.name();
        let voucher = held.id.rsplit('-').next().map(|last| format!("MW-{}", last.to_uppercase()));
        let sealed_code = voucher.filter(|_| is_voucher).and_then(|voucher| self.state.seal.seal(&held.id, &voucher));
        let act = Act::Fulfil { inflow_on: None, sealed_code };
        self.run(self.acting(HR)?, AdvanceRedemption { redemption, act }).map(drop)
    }

    fn decide_grants(&self, waited: NaiveDateTime) -> Result<(), DemoError> {
        let me = self.id(HR)?.to_string();
        let awaiting = self.read(|db| grants::awaiting(db, &me, 0, MOST))?;
        for row in awaiting.iter().filter(|row| row.requested_at <= waited) {
            let grant = row.grant_id().map_err(refused)?;
            self.run(self.acting(HR)?, DecideGrant { grant, decision: Decision::Approved })?;
        }
        Ok(())
    }

    /// Somebody asks for a reward, if they can have it.
    pub(super) fn ask(&mut self, wish: &Wished) -> Result<(), DemoError> {
        let person = self.id(&wish.person)?;
        if !self.can_have(person, wish.reward, wish.at)? {
            return Ok(());
        }
        self.run(self.acting(&wish.person)?, RequestRedemption { reward: code(wish.reward)? })?;
        self.lived.redemptions += 1;
        Ok(())
    }

    fn can_have(&self, person: PersonId, reward: &str, now: Instant) -> Result<bool, DemoError> {
        let catalogue = self.state.catalogue();
        let today = catalogue.zone.local(now).0;
        let looked = self.state.read_here(|db| {
            let asker = asker(db, &catalogue, person, now)?;
            let Some(held) = rewards::find(db, reward)? else { return Ok(false) };
            Ok(held.reward()?.hindrances(&asker, today, held.stock).is_empty())
        });
        looked.map_err(refused)
    }

    /// A lead grants points.
    pub(super) fn grant(&mut self, given: &Recognition) -> Result<(), DemoError> {
        let command = GivePoints {
            receiver: self.id(&given.to)?,
            points: Points(given.points),
            reason: given.reason.to_owned(),
            programme: None,
        };
        self.run(self.acting(&given.from)?, command)?;
        self.lived.grants += 1;
        Ok(())
    }
}

fn refused(error: impl std::fmt::Display) -> DemoError {
    DemoError::Refused(error.to_string())
}
