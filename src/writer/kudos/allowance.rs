//! What somebody may give in a month, and what was given so far (SEMANTICS S39, S40).

use std::collections::HashMap;

use crate::catalogue::Catalogue;
use crate::domain::ids::{Code, PersonId, TransferId};
use crate::domain::kudos::{Allowance, Quota, SoFar, month_at, quota};
use crate::domain::ledger::{Account, Transfer, TransferKind};
use crate::domain::people::Role;
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::{kudos, ledger as lines, memberships, roles, row};
use crate::writer::Failure;

/// A month of the organisation's zone, and what somebody may give in it.
pub(super) struct Month {
    /// The month.
    pub month: Period,
    /// What they may give.
    pub allowance: Allowance,
}

/// A person's allowance for the month of the organisation's zone that holds `now`. Before its first use all of it is left.
pub fn allowance(db: &mut Db, catalogue: &Catalogue, person: PersonId, now: Instant) -> Result<Allowance, Failure> {
    Ok(this_month(db, catalogue, person, now)?.allowance)
}

/// The same with the month.
///
/// Points are issued whole at first use, by where the person is at home and the roles they hold then; how many kudos they
/// may send follows what holds now. What was taken back counts for neither.
pub(super) fn this_month(db: &mut Db, catalogue: &Catalogue, person: PersonId, now: Instant) -> Result<Month, Failure> {
    let month = month_at(&catalogue.zone, now).ok_or_else(|| Failure::Defect(format!("no month holds {now}")))?;
    let quota = quota_of(db, catalogue, person, now)?;
    let account = Account::Allowance(person, month.code.clone()).to_string();
    let (issued, left) = match lines::allowance_issued(db, &account)? {
        Some(issued) => {
            let balance = lines::balances(db, std::slice::from_ref(&account))?;
            (Points(issued), Points(balance.get(&account).copied().unwrap_or(0)))
        }
        None => (Points::ZERO, quota.points),
    };
    let kudos_left = match quota.kudos {
        Some(most) => {
            let (from, until) = (row::stored(month.from), row::stored(month.until));
            let sent = kudos::sent_between(db, &person.to_string(), from, until)?;
            Some(u32::try_from(sent).map_or(0, |sent| most.saturating_sub(sent)))
        }
        None => None,
    };
    let code = month.code.clone();
    Ok(Month { month, allowance: Allowance { month: code, quota, issued, left, kudos_left } })
}

/// How much the policy lets somebody give, by where they are at home and what they hold now, whatever a token says.
fn quota_of(db: &mut Db, catalogue: &Catalogue, person: PersonId, now: Instant) -> Result<Quota, Failure> {
    let policy = &catalogue.organization.kudos;
    if policy.allowances.is_empty() {
        return Ok(quota(policy, &[], &[]));
    }
    let people = [person.to_string()];
    let home = memberships::home_teams(db, &people, now)?.into_values().next();
    let team = home.and_then(|team| catalogue.teams.get(team));
    let lineage: &[Code] = team.map_or(&[], |team| &team.lineage);
    let mut held: Vec<Role> = Vec::new();
    for grant in roles::of_people(db, &people)? {
        if grant.interval().contains(now) {
            held.push(grant.role()?);
        }
    }
    Ok(quota(policy, lineage, &held))
}

/// What each receiver was given in the month so far.
pub(super) fn so_far(
    db: &mut Db,
    month: &Period,
    sender: PersonId,
    receivers: &[PersonId],
) -> Result<Vec<SoFar>, Failure> {
    let wallets: Vec<String> = receivers.iter().map(|receiver| Account::Wallet(*receiver).to_string()).collect();
    let received = lines::kudos_received(db, &wallets, row::stored(month.from), row::stored(month.until))?;
    let paid = lines::kudos_paid(db, &Account::Allowance(sender, month.code.clone()).to_string())?;
    let of = |sums: &HashMap<String, i64>, wallet| Points(sums.get(wallet).copied().unwrap_or(0));
    Ok(wallets.iter().map(|wallet| SoFar { received: of(&received, wallet), from_sender: of(&paid, wallet) }).collect())
}

/// The transfer that issues an allowance.
pub(super) fn issue(now: Instant, person: PersonId, month: &Period, amount: Points) -> Transfer {
    Transfer {
        id: TransferId::new(now),
        kind: TransferKind::Allowance,
        payer: Account::OrganizationIssuance,
        payee: Account::Allowance(person, month.code.clone()),
        amount,
        reverses: None,
        origin: None,
        cause: format!("month:{}", month.code),
        at: now,
    }
}
