//! Redemptions by hand: rows as the database takes them, charged to budgets like any other.

use applaus::domain::ids::{PersonId, RedemptionId};
use applaus::domain::money::{Currency, Money};
use applaus::domain::points::Points;
use applaus::store::head::ChangeKind;
use applaus::writer::budget::{Charge, release, reserve};
use applaus::writer::{Command, Failure, Tx};
use chrono::NaiveDate;
use diesel::prelude::*;

/// Asks for something that costs no points.
#[derive(Debug, Clone)]
pub struct Redeem {
    /// Who.
    pub receiver: PersonId,
    /// `gift_card`, `bonus`, `day_off`, ….
    pub kind: &'static str,
    /// What it is worth.
    pub value: Option<(i64, &'static str)>,
    /// Ten-thousandths of days.
    pub days_off: Option<i64>,
    /// Programme and season that it is due by.
    pub season: Option<(&'static str, String)>,
}

impl Redeem {
    /// Something worth cents of euros.
    pub fn euros(receiver: PersonId, kind: &'static str, cents: i64) -> Self {
        Self { receiver, kind, value: Some((cents, "EUR")), days_off: None, season: None }
    }
}

/// Takes a redemption to another state.
#[derive(Debug, Clone)]
pub enum Next {
    /// Approves it.
    Approve(RedemptionId),
    /// Hands it over on a day.
    Fulfil(RedemptionId, NaiveDate),
    /// Rejects it.
    Reject(RedemptionId),
}

fn sql(value: Option<impl std::fmt::Display>) -> String {
    value.map_or("NULL".to_owned(), |value| format!("'{value}'"))
}

impl Command for Redeem {
    type Output = RedemptionId;

    fn run(&self, tx: &mut Tx<'_>) -> Result<RedemptionId, Failure> {
        let id = RedemptionId::new(tx.now);
        let (programme, season) = self.season.clone().unzip();
        reserve(
            tx,
            &Charge {
                cause: format!("redemption:{id}"),
                receiver: self.receiver,
                programme: programme.map(str::to_owned),
                season: season.clone(),
                points: Points::ZERO,
                money: self.value.map(|(cents, of)| Money { cents, currency: Currency::parse(of).unwrap() }),
            },
        )?;
        let sequence = tx.record(ChangeKind::Redemption, &id.to_string())?;
        let reward = "INSERT INTO rewards (code, document, created_at, revision) \
                      SELECT 'thing', '{}', '2026-01-01 00:00:00', 1 WHERE NOT EXISTS (SELECT 1 FROM rewards)";
        diesel::sql_query(reward).execute(tx.db)?;
        let (cents, currency) = self.value.unzip();
        diesel::sql_query(format!(
            "INSERT INTO redemptions (id, sequence, receiver, reward, programme, season, cost, kind, value_cents, \
             value_currency, days_off, state, requested_at, requested_by, revision) VALUES ('{id}', {sequence}, '{}', \
             'thing', {}, {}, 0, '{}', {}, {}, {}, 'requested', '{}', 'test', {sequence})",
            self.receiver,
            sql(programme),
            sql(season),
            self.kind,
            cents.map_or("NULL".to_owned(), |cents| cents.to_string()),
            sql(currency),
            self.days_off.map_or("NULL".to_owned(), |days| days.to_string()),
            tx.now.naive_utc(),
        ))
        .execute(tx.db)?;
        Ok(id)
    }
}

impl Command for Next {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let (id, change) = match self {
            Self::Approve(id) => (id, "state = 'approved'".to_owned()),
            Self::Fulfil(id, day) => {
                applaus::writer::payroll::check_open(tx, *day)?;
                (id, format!("state = 'fulfilled', inflow_on = '{day}'"))
            }
            Self::Reject(id) => {
                release(tx, &format!("redemption:{id}"))?;
                (id, "state = 'rejected'".to_owned())
            }
        };
        tx.record(ChangeKind::Redemption, &id.to_string())?;
        let changed = diesel::sql_query(format!("UPDATE redemptions SET {change} WHERE id = '{id}'")).execute(tx.db)?;
        assert_eq!(changed, 1);
        Ok(())
    }
}
