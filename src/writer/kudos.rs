//! Sending kudos from a monthly allowance, and taking them back: transfers, evidence and the kudos itself at once
//! (SEMANTICS S39, S40).

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;

use super::{Actor, Command, Failure, Tx, ingest, ledger, void};
use crate::catalogue::Catalogue;
use crate::domain::ids::{Code, KudosId, PersonId, TransferId};
use crate::domain::kudos::{self as rules, Allowance, Refusal, SoFar, State, Visibility};
use crate::domain::ledger::{Account, Transfer, TransferKind};
use crate::domain::organization::{KudosPolicy, Organization};
use crate::domain::period::{Period, Zone};
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::signal::{AttributeValue, Content, KUDOS_KIND, OWN_SOURCE};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::head::ChangeKind;
use crate::store::kudos::{self, KudosRow, ReceiverRow};
use crate::store::people::{self, PersonRef};
use crate::store::{ledger as lines, row};

/// Sends thanks from whoever acts.
pub struct SendKudos {
    /// To whom.
    pub to: Vec<PersonRef>,
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
}

/// Takes a kudos back, for good: its sender withdraws it in the grace, anybody else removes it. Once is enough: a
/// further time does nothing.
pub struct RetractKudos {
    /// Which.
    pub kudos: KudosId,
}

/// A person's allowance for the month of `zone` that holds `now`. Before its first use all of it is left.
pub fn allowance(
    db: &mut Db,
    organization: &Organization,
    zone: &Zone,
    person: PersonId,
    now: Instant,
) -> Result<Allowance, Failure> {
    allowance_of(db, &organization.kudos, &month_of(zone, now)?, person)
}

fn month_of(zone: &Zone, now: Instant) -> Result<Period, Failure> {
    rules::month_at(zone, now).ok_or_else(|| Failure::Defect(format!("no month holds {now}")))
}

fn allowance_of(db: &mut Db, policy: &KudosPolicy, month: &Period, person: PersonId) -> Result<Allowance, Failure> {
    let account = Account::Allowance(person, month.code.clone()).to_string();
    let (issued, left) = match lines::allowance_issued(db, &account)? {
        Some(issued) => {
            let balance = lines::balances(db, std::slice::from_ref(&account))?;
            (Points(issued), Points(balance.get(&account).copied().unwrap_or(0)))
        }
        None => (Points::ZERO, policy.monthly_allowance),
    };
    Ok(Allowance { month: month.code.clone(), issued, left })
}

impl Command for SendKudos {
    type Output = Sent;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Sent, Failure> {
        let Actor::Person(sender) = tx.actor else { return Err(ProblemCode::Forbidden.into()) };
        let catalogue = tx.catalogue()?;
        let receivers = self.receivers(tx, sender, &catalogue)?;
        let month = month_of(&catalogue.zone, tx.now)?;
        let policy = &catalogue.organization.kudos;
        let allowance = allowance_of(tx.db, policy, &month, sender)?;
        let carried = if self.points == Points::ZERO {
            vec![Points::ZERO; receivers.len()]
        } else {
            let so_far = so_far(tx.db, &month, sender, &receivers)?;
            rules::carried(policy, allowance.left, self.points, &so_far).map_err(|refusal| refused(refusal, &month))?
        };
        let charged = Points::sum(carried.iter().copied())?;

        let id = KudosId::new(tx.now);
        let sequence = tx.record(ChangeKind::Kudos, &id.to_string())?;
        let kudos = self.row(tx.now, id, sender, sequence, policy.grace_seconds);
        let given: Vec<(PersonId, Points)> = receivers.into_iter().zip(carried).collect();
        let mut transfers = Vec::with_capacity(given.len() + 1);
        if charged > Points::ZERO && allowance.issued == Points::ZERO {
            transfers.push(issue(tx.now, sender, &month, allowance.left));
        }
        let lines = pay(tx.now, id, sender, &month, &given);
        transfers.extend(lines.iter().flatten().cloned());
        ledger::post(tx, &transfers)?;
        kudos::insert(tx.db, &kudos, &receiver_rows(&kudos, &given, &lines))?;
        ingest::take_own(tx, &self.evidence(tx.now, id, sender, &given))?;
        Ok(Sent { kudos, charged, left: allowance.left.minus(charged)? })
    }
}

impl SendKudos {
    /// The receivers, or everything that is wrong with them and the value.
    fn receivers(&self, tx: &mut Tx<'_>, sender: PersonId, catalogue: &Catalogue) -> Result<Vec<PersonId>, Failure> {
        let most = catalogue.organization.kudos.most_receivers;
        if self.to.is_empty() {
            return Err(Finding::new("/to", ProblemCode::EmptyList).into());
        }
        if u32::try_from(self.to.len()).map_or(true, |asked| asked > most) {
            return Err(Finding::new("/to", ProblemCode::TooMany).with("limit", most).into());
        }
        let known = people::resolve(tx.db, &self.to)?;
        let (mut seen, mut receivers, mut findings) = (HashSet::new(), Vec::new(), Vec::new());
        for (index, reference) in self.to.iter().enumerate() {
            let mut wrong = |code| {
                findings.push(Finding::new(format!("/to/{index}"), code).with("reference", reference));
            };
            match known.get(reference) {
                None => wrong(ProblemCode::UnknownPerson),
                Some(person) if person.person_id()? == sender => wrong(ProblemCode::KudosToOneself),
                Some(person) if !person.active => wrong(ProblemCode::InactivePerson),
                Some(person) if !seen.insert(&person.id) => wrong(ProblemCode::ReceiverTwice),
                Some(person) => receivers.push(person.person_id()?),
            }
        }
        if let Some(value) = &self.value
            && !catalogue.organization.values.iter().any(|known| known.code == *value)
        {
            findings.push(Finding::new("/value", ProblemCode::UnknownName).with("what", "value").with("name", value));
        }
        if findings.is_empty() { Ok(receivers) } else { Err(Problem::from(findings).into()) }
    }

    fn row(&self, now: Instant, id: KudosId, sender: PersonId, sequence: i64, grace_seconds: u32) -> KudosRow {
        KudosRow {
            id: id.into(),
            sequence,
            sender: sender.into(),
            message: self.message.clone(),
            value: self.value.clone().map(String::from),
            points: self.points.0,
            visibility: self.visibility.name().to_owned(),
            state: State::Sent.name().to_owned(),
            sent_at: row::stored(now),
            withdrawable_until: row::stored(now + TimeDelta::seconds(i64::from(grace_seconds))),
            revision: sequence,
        }
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

/// What each receiver was given in the month so far.
fn so_far(db: &mut Db, month: &Period, sender: PersonId, receivers: &[PersonId]) -> Result<Vec<SoFar>, Failure> {
    let wallets: Vec<String> = receivers.iter().map(|receiver| Account::Wallet(*receiver).to_string()).collect();
    let received = lines::kudos_received(db, &wallets, row::stored(month.from), row::stored(month.until))?;
    let paid = lines::kudos_paid(db, &Account::Allowance(sender, month.code.clone()).to_string())?;
    let of = |sums: &HashMap<String, i64>, wallet| Points(sums.get(wallet).copied().unwrap_or(0));
    Ok(wallets.iter().map(|wallet| SoFar { received: of(&received, wallet), from_sender: of(&paid, wallet) }).collect())
}

fn issue(now: Instant, person: PersonId, month: &Period, amount: Points) -> Transfer {
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
