//! Granting points: the granter's monthly limit, a second person above a threshold, budgets, and the one transfer that
//! pays.

use super::budget::{self, Charge};
use super::{Actor, Command, Failure, Tx, ledger};
use crate::catalogue::Catalogue;
use crate::domain::grant::{self as rules, State};
use crate::domain::ids::{Code, GrantId, PersonId, TransferId};
use crate::domain::kudos::month_at;
use crate::domain::ledger::{Account, Transfer, TransferKind};
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::grants::{self, GrantRow};
use crate::store::head::ChangeKind;
use crate::store::people::{self, PersonRef};
use crate::store::row;

/// Grants points from whoever acts; who may grant whom is asked before. Above the threshold it awaits a second person.
pub struct GivePoints {
    /// Who receives them.
    pub receiver: PersonId,
    /// Above zero.
    pub points: Points,
    /// Why, already checked as text.
    pub reason: String,
    /// The programme in whose season they are granted.
    pub programme: Option<Code>,
}

/// What a second person makes of a grant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// The receiver gets the points.
    Approved,
    /// They do not, and why.
    Rejected {
        /// Already checked as text.
        note: String,
    },
}

/// Decides on a grant that awaits it. Doing so again as before changes nothing.
pub struct DecideGrant {
    /// Which.
    pub grant: GrantId,
    /// How.
    pub decision: Decision,
}

/// Takes a grant back that awaits approval. Doing so again changes nothing.
pub struct CancelGrant {
    /// Which.
    pub grant: GrantId,
}

impl Command for GivePoints {
    type Output = GrantRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<GrantRow, Failure> {
        let Actor::Person(granter) = tx.actor else { return Err(ProblemCode::Forbidden.into()) };
        if granter == self.receiver {
            return Err(Finding::new("/to", ProblemCode::GrantToOneself).into());
        }
        active(tx, self.receiver)?;
        let catalogue = tx.catalogue()?;
        let season = self.programme.as_ref().map(|code| season_now(&catalogue, code, tx)).transpose()?;
        let month = month_at(&catalogue.zone, tx.now);
        let month = month.ok_or_else(|| Failure::Defect(format!("no month holds {}", tx.now)))?.code;
        let so_far = Points(grants::points_of(tx.db, &granter.to_string(), &month)?);
        let state = rules::begun(catalogue.organization.grants, so_far, self.points).map_err(|reached| {
            let problem = Problem::new(ProblemCode::GrantLimit).with("needed", self.points);
            problem.with("left", reached.left).with("month", &month)
        })?;
        let id = GrantId::new(tx.now);
        let sequence = tx.record(ChangeKind::Grant, &id.to_string())?;
        let held = GrantRow {
            id: id.into(),
            sequence,
            granter: granter.into(),
            receiver: self.receiver.into(),
            points: self.points.0,
            reason: self.reason.clone(),
            programme: self.programme.clone().map(String::from),
            season,
            month,
            state: State::Requested.name().to_owned(),
            requested_at: row::stored(tx.now),
            decided_at: None,
            decided_by: None,
            note: None,
            transfer: None,
            revision: sequence,
        };
        budget::reserve(tx, &charge(&held)?)?;
        let row = if state == State::Granted { paid(tx, held)? } else { held };
        grants::insert(tx.db, &row)?;
        Ok(row)
    }
}

/// Refuses somebody who is not there any more.
fn active(tx: &mut Tx<'_>, receiver: PersonId) -> Result<(), Failure> {
    let reference = PersonRef::Id(receiver);
    let refused = |code| Finding::new("/to", code).with("reference", &reference);
    let row = people::find(tx.db, &reference)?.ok_or_else(|| refused(ProblemCode::UnknownPerson))?;
    if row.active { Ok(()) } else { Err(refused(ProblemCode::InactivePerson).into()) }
}

/// The season that a programme has now.
fn season_now(catalogue: &Catalogue, code: &Code, tx: &Tx<'_>) -> Result<String, Finding> {
    let refused = |code| Finding::new("/programme", code);
    let entry = catalogue
        .programmes
        .get(code.as_str())
        .ok_or_else(|| refused(ProblemCode::UnknownName).with("what", "programme").with("name", code))?;
    let runs = entry.overall_state(tx.now) == "active";
    let season = entry.today(tx.now).filter(|_| runs).and_then(|today| entry.season_of(today));
    Ok(season.ok_or_else(|| refused(ProblemCode::NoSeasonNow).with("programme", code))?.code)
}

fn cause(grant: &str) -> String {
    format!("grant:{grant}")
}

fn charge(grant: &GrantRow) -> Result<Charge, Failure> {
    Ok(Charge {
        cause: cause(&grant.id),
        receiver: grant.receiver_id()?,
        programme: grant.programme.clone(),
        season: grant.season.clone(),
        points: Points(grant.points),
        money: None,
    })
}

/// Pays a grant; whoever calls keeps the row.
fn paid(tx: &mut Tx<'_>, held: GrantRow) -> Result<GrantRow, Failure> {
    let transfer = Transfer {
        id: TransferId::new(tx.now),
        kind: TransferKind::Grant,
        payer: Account::OrganizationIssuance,
        payee: Account::Wallet(held.receiver_id()?),
        amount: Points(held.points),
        reverses: None,
        origin: None,
        cause: cause(&held.id),
        at: tx.now,
    };
    let id = transfer.id.into();
    ledger::post(tx, &[transfer])?;
    Ok(GrantRow { state: State::Granted.name().to_owned(), transfer: Some(id), ..held })
}

impl Command for DecideGrant {
    type Output = GrantRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<GrantRow, Failure> {
        let Actor::Person(approver) = tx.actor else { return Err(ProblemCode::Forbidden.into()) };
        let held = grants::find(tx.db, &self.grant.to_string())?.ok_or(ProblemCode::NotFound)?;
        if [held.granter_id()?, held.receiver_id()?].contains(&approver) {
            return Err(ProblemCode::Forbidden.into());
        }
        let wanted = match self.decision {
            Decision::Approved => State::Granted,
            Decision::Rejected { .. } => State::Rejected,
        };
        if !is_open(tx, &held, wanted)? {
            return Ok(held);
        }
        let held = match &self.decision {
            Decision::Approved => {
                active(tx, held.receiver_id()?)?;
                paid(tx, held)?
            }
            Decision::Rejected { note } => {
                budget::release(tx, &cause(&held.id))?;
                GrantRow { state: State::Rejected.name().to_owned(), note: Some(note.clone()), ..held }
            }
        };
        ended(tx, held)
    }
}

impl Command for CancelGrant {
    type Output = GrantRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<GrantRow, Failure> {
        let held = grants::find(tx.db, &self.grant.to_string())?.ok_or(ProblemCode::NotFound)?;
        if is_open(tx, &held, State::Cancelled)? { cancelled(tx, held) } else { Ok(held) }
    }
}

/// Whether a grant awaits a decision; not if it has come to what is wanted by whoever acts. Otherwise it is too late.
fn is_open(tx: &Tx<'_>, held: &GrantRow, wanted: State) -> Result<bool, Failure> {
    let state = held.known_state()?;
    if state == State::Requested {
        return Ok(true);
    }
    if state == wanted && held.decided_by == Some(tx.actor_text()) {
        return Ok(false);
    }
    Err(Problem::new(ProblemCode::GrantDecided).with("state", state.name()).into())
}

fn cancelled(tx: &mut Tx<'_>, held: GrantRow) -> Result<GrantRow, Failure> {
    budget::release(tx, &cause(&held.id))?;
    ended(tx, GrantRow { state: State::Cancelled.name().to_owned(), ..held })
}

fn ended(tx: &mut Tx<'_>, held: GrantRow) -> Result<GrantRow, Failure> {
    let revision = tx.record(ChangeKind::Grant, &held.id)?;
    let (decided_at, decided_by) = (Some(row::stored(tx.now)), Some(tx.actor_text()));
    let row = GrantRow { decided_at, decided_by, revision, ..held };
    grants::update(tx.db, &row)?;
    Ok(row)
}

/// Cancels whatever awaits approval and was asked for by somebody who leaves, or for them.
pub fn cancel_open(tx: &mut Tx<'_>, person: PersonId) -> Result<(), Failure> {
    for open in grants::open_of(tx.db, &person.to_string())? {
        cancelled(tx, open)?;
    }
    Ok(())
}
