//! Sending kudos from a monthly allowance, and taking them back: transfers, evidence and the kudos itself at once
//! (SEMANTICS S39, S40).

pub mod allowance;
pub mod moderation;
pub mod reactions;
pub mod receivers;
pub mod replies;

use std::collections::BTreeMap;

use chrono::TimeDelta;

use self::allowance::Month;
use self::receivers::Receiver;
use super::{Actor, Command, Failure, Tx, ingest, ledger, void};
use crate::domain::ids::{Code, KudosId, PersonId, TransferId};
use crate::domain::kudos::{self as rules, Refusal, Report, State, Visibility};
use crate::domain::ledger::{Account, Transfer, TransferKind};
use crate::domain::organization::CompanyValue;
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::signal::{AttributeValue, Content, KUDOS_KIND, OWN_SOURCE};
use crate::domain::time::Instant;
use crate::store::head::ChangeKind;
use crate::store::kudos::{self, KudosRow, ReceiverRow, reports};
use crate::store::{ledger as lines, row};

/// Sends thanks from whoever acts.
pub struct SendKudos {
    /// To whom.
    pub to: Vec<Receiver>,
    /// Why, already checked as text.
    pub message: String,
    /// The company value it names.
    pub value: Option<Code>,
    /// Points asked for, for each receiver; not below zero.
    pub points: Points,
    /// Who may see it.
    pub visibility: Visibility,
}

/// A kudos as it was sent.
#[derive(Debug, Clone)]
pub struct Sent {
    /// The kudos.
    pub kudos: KudosRow,
    /// What it carries in sum.
    pub charged: Points,
    /// What is left of the month's allowance.
    pub left: Points,
    /// How many kudos may still be sent in the month; as many as one likes without.
    pub kudos_left: Option<u32>,
}

/// Takes a kudos back, for good: its sender withdraws it in the grace, anybody else removes it. Once is enough: a
/// further time does nothing.
pub struct RetractKudos {
    /// Which.
    pub kudos: KudosId,
}

impl Command for SendKudos {
    type Output = Sent;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Sent, Failure> {
        let sender = acting(tx)?;
        let catalogue = tx.catalogue()?;
        let (receivers, value) = receivers::checked(tx, sender, &catalogue, self)?;
        let Month { month, allowance } = allowance::this_month(tx.db, &catalogue, sender, tx.now)?;
        let policy = &catalogue.organization.kudos;
        if allowance.kudos_left == Some(0) {
            let limit = allowance.quota.kudos.unwrap_or_default();
            return Err(Problem::new(ProblemCode::KudosUsedUp).with("limit", limit).with("month", &month.code).into());
        }
        let carried = if self.points == Points::ZERO {
            vec![Points::ZERO; receivers.len()]
        } else {
            let so_far = allowance::so_far(tx.db, &month, sender, &receivers)?;
            rules::carried(policy, allowance.left, self.points, &so_far).map_err(|refusal| refused(refusal, &month))?
        };
        let charged = Points::sum(carried.iter().copied())?;

        let id = KudosId::new(tx.now);
        let sequence = tx.record(ChangeKind::Kudos, &id.to_string())?;
        let until = tx.now + TimeDelta::seconds(i64::from(policy.grace_seconds));
        let kudos = self.row((tx.now, until), (id, sequence), sender, value)?;
        let given: Vec<(PersonId, Points)> = receivers.into_iter().zip(carried).collect();
        let mut transfers = Vec::with_capacity(given.len() + 1);
        if charged > Points::ZERO && allowance.issued == Points::ZERO {
            transfers.push(allowance::issue(tx.now, sender, &month, allowance.left));
        }
        let lines = pay(tx.now, id, sender, &month, &given);
        transfers.extend(lines.iter().flatten().cloned());
        ledger::post(tx, &transfers)?;
        kudos::insert(tx.db, &kudos, &receiver_rows(&kudos, &given, &lines))?;
        ingest::take_own(tx, &self.evidence(tx.now, id, sender, &given))?;
        let kudos_left = allowance.kudos_left.map(|left| left.saturating_sub(1));
        Ok(Sent { kudos, charged, left: allowance.left.minus(charged)?, kudos_left })
    }
}

impl SendKudos {
    fn row(
        &self,
        (now, until): (Instant, Instant),
        (id, sequence): (KudosId, i64),
        sender: PersonId,
        value: Option<&CompanyValue>,
    ) -> Result<KudosRow, Failure> {
        Ok(KudosRow {
            id: id.into(),
            sequence,
            sender: sender.into(),
            message: self.message.clone(),
            value: value.map(|value| value.code.to_string()),
            points: self.points.0,
            visibility: self.visibility.name().to_owned(),
            state: State::Sent.name().to_owned(),
            sent_at: row::stored(now),
            withdrawable_until: row::stored(until),
            revision: sequence,
            value_name: value.map(|value| row::to_json(&value.name)).transpose()?,
            hidden: false,
        })
    }

    /// A signal for each receiver, so that rules can reward being thanked.
    fn evidence(
        &self,
        now: Instant,
        id: KudosId,
        sender: PersonId,
        given: &[(PersonId, Points)],
    ) -> Vec<(String, Content)> {
        let mut attributes = BTreeMap::from([("sender".to_owned(), AttributeValue::Text(sender.to_string()))]);
        if let Some(value) = &self.value {
            attributes.insert("value".to_owned(), AttributeValue::Text(value.to_string()));
        }
        let content = |agent: PersonId| Content {
            kind: KUDOS_KIND.to_owned(),
            agent,
            occurred_at: now,
            channel: None,
            case: None,
            measures: BTreeMap::new(),
            attributes: attributes.clone(),
        };
        given.iter().map(|(receiver, _)| (signal_key(id, &receiver.to_string()), content(*receiver))).collect()
    }
}

/// The person who acts: what happens around kudos has somebody who does it.
fn acting(tx: &Tx<'_>) -> Result<PersonId, Failure> {
    match tx.actor {
        Actor::Person(person) => Ok(person),
        Actor::Operator => Err(ProblemCode::Forbidden.into()),
    }
}

/// A kudos that stands.
fn standing(tx: &mut Tx<'_>, id: KudosId) -> Result<KudosRow, Failure> {
    let held = kudos::find(tx.db, &id.to_string())?.ok_or(ProblemCode::NotFound)?;
    match held.known_state()? {
        State::Sent => Ok(held),
        gone => Err(Problem::new(ProblemCode::UnfitState).with("state", gone.name()).into()),
    }
}

/// A kudos that stands and is not hidden: one that may be answered.
fn open(tx: &mut Tx<'_>, id: KudosId) -> Result<KudosRow, Failure> {
    let held = standing(tx, id)?;
    if held.hidden { Err(Problem::new(ProblemCode::UnfitState).with("state", "hidden").into()) } else { Ok(held) }
}

/// The key of the signal that a receiver of a kudos gets.
fn signal_key(id: KudosId, receiver: &str) -> String {
    format!("kudos:{id}:{receiver}")
}

fn refused(refusal: Refusal, month: &Period) -> Failure {
    match refusal {
        Refusal::Exhausted { needed, left } => Problem::new(ProblemCode::AllowanceExhausted)
            .with("needed", needed)
            .with("left", left)
            .with("month", &month.code)
            .into(),
        Refusal::Overflow(overflow) => overflow.into(),
    }
}

/// The transfer to each receiver; none for those whom it carries nothing for.
fn pay(
    now: Instant,
    id: KudosId,
    sender: PersonId,
    month: &Period,
    given: &[(PersonId, Points)],
) -> Vec<Option<Transfer>> {
    let line = |(receiver, amount): &(PersonId, Points)| {
        (*amount > Points::ZERO).then(|| Transfer {
            id: TransferId::new(now),
            kind: TransferKind::Kudos,
            payer: Account::Allowance(sender, month.code.clone()),
            payee: Account::Wallet(*receiver),
            amount: *amount,
            reverses: None,
            origin: None,
            cause: cause(id),
            at: now,
        })
    };
    given.iter().map(line).collect()
}

fn cause(id: KudosId) -> String {
    format!("kudos:{id}")
}

fn receiver_rows(kudos: &KudosRow, given: &[(PersonId, Points)], lines: &[Option<Transfer>]) -> Vec<ReceiverRow> {
    given
        .iter()
        .zip(lines)
        .map(|((receiver, points), line)| ReceiverRow {
            kudos: kudos.id.clone(),
            receiver: receiver.to_string(),
            sequence: kudos.sequence,
            points: points.0,
            transfer: line.as_ref().map(|line| line.id.into()),
        })
        .collect()
}

impl Command for RetractKudos {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let held = kudos::find(tx.db, &self.kudos.to_string())?.ok_or(ProblemCode::NotFound)?;
        if held.known_state()? != State::Sent {
            return Ok(());
        }
        let state = if tx.actor == Actor::Person(held.sender_id()?) {
            let until = row::instant(held.withdrawable_until);
            if tx.now >= until {
                return Err(Problem::new(ProblemCode::GraceOver).with("until", until.to_rfc3339()).into());
            }
            State::Withdrawn
        } else {
            State::Removed
        };
        let receivers = kudos::receivers(tx.db, std::slice::from_ref(&held.id))?;
        take_back(tx, self.kudos, &receivers)?;
        for receiver in &receivers {
            void::void(tx, OWN_SOURCE, &signal_key(self.kudos, &receiver.receiver))?;
        }
        let decided = if state == State::Withdrawn { Report::Withdrawn } else { Report::Upheld };
        reports::decide(tx.db, &held.id, &[Report::Open], decided, row::stored(tx.now))?;
        let revision = tx.record(ChangeKind::Kudos, &held.id)?;
        Ok(kudos::update(tx.db, &KudosRow { state: state.name().to_owned(), revision, ..held })?)
    }
}

/// Reverses what a kudos carried; the points return to the allowance they came from (SEMANTICS S39). A reversal counts for
/// the instant of what it takes back, so that it leaves the periods that the kudos entered.
fn take_back(tx: &mut Tx<'_>, id: KudosId, receivers: &[ReceiverRow]) -> Result<(), Failure> {
    let ids: Vec<String> = receivers.iter().filter_map(|receiver| receiver.transfer.clone()).collect();
    let mut reversals = Vec::with_capacity(ids.len());
    for line in lines::by_ids(tx.db, &ids)? {
        reversals.push(Transfer {
            id: TransferId::new(tx.now),
            kind: TransferKind::Reversal,
            payer: row::parsed(line.payee)?,
            payee: row::parsed(line.payer)?,
            amount: Points(line.amount),
            reverses: Some(row::parsed(line.id)?),
            origin: None,
            cause: cause(id),
            at: row::instant(line.at),
        });
    }
    ledger::post(tx, &reversals)
}
