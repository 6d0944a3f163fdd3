//! The steps of a redemption that people take.

use chrono::{Days, NaiveDate};

use super::{end, give_back, reserve_budget, take_piece};
use crate::domain::ids::{Code, RedemptionId};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::redemption::{Progress, State, Step};
use crate::store::head::ChangeKind;
use crate::store::redemptions::{self, RedemptionRow};
use crate::store::{rewards, row};
use crate::writer::{Actor, Command, Failure, Tx, payroll};

/// How far ahead the day may lie on which a receiver gets something.
const MOST_AHEAD: Days = Days::new(366);

/// Takes a step of a redemption, on behalf of whoever acts. A step that was taken before is not taken again.
pub struct AdvanceRedemption {
    /// Which.
    pub redemption: RedemptionId,
    /// What is done.
    pub act: Act,
}

/// What people do to a redemption.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// Approves it.
    Approve,
    /// Rejects it.
    Reject {
        /// Why, for the receiver.
        note: String,
    },
    /// Hands it over.
    Fulfil {
        /// The local day on which the receiver gets it; today without one.
        inflow_on: Option<NaiveDate>,
        /// What it is claimed with, encrypted.
        sealed_code: Option<String>,
    },
    /// Takes it back before it is decided, if the receiver does it; else stops it before it is handed over.
    Cancel {
        /// Why.
        note: Option<String>,
    },
}

/// How a redemption stands after a step.
#[derive(Debug, Clone)]
pub enum Advanced {
    /// The step was taken.
    Anew(RedemptionRow),
    /// It had been taken before; nothing was done.
    Already(RedemptionRow),
}

impl Command for AdvanceRedemption {
    type Output = Advanced;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Advanced, Failure> {
        let held = redemptions::find(tx.db, &self.redemption.to_string())?.ok_or(ProblemCode::NotFound)?;
        let step = self.act.step(tx.actor == Actor::Person(held.receiver_id()?))?;
        let state = held.known_state()?;
        match state.by(step) {
            Progress::Already => Ok(Advanced::Already(held)),
            Progress::Unfit => Err(unfit(state, step).into()),
            Progress::To(_) => self.act.taken(tx, held).map(Advanced::Anew),
        }
    }
}

fn unfit(state: State, step: Step) -> Problem {
    let from: Vec<&str> = step.from().iter().map(|state| state.name()).collect();
    let problem = Problem::new(ProblemCode::NotFromThere).with("state", state.name());
    problem.with("from", from.join(", ")).with("to", step.to().name())
}

impl Act {
    /// Which step it is. Nobody decides about what they receive themselves.
    fn step(&self, by_receiver: bool) -> Result<Step, Failure> {
        match self {
            Self::Cancel { .. } if by_receiver => Ok(Step::TakeBack),
            _ if by_receiver => Err(ProblemCode::Forbidden.into()),
            Self::Approve => Ok(Step::Approve),
            Self::Reject { .. } => Ok(Step::Reject),
            Self::Fulfil { .. } => Ok(Step::Fulfil),
            Self::Cancel { .. } => Ok(Step::Cancel),
        }
    }

    /// Takes the step, which fits.
    fn taken(&self, tx: &mut Tx<'_>, held: RedemptionRow) -> Result<RedemptionRow, Failure> {
        let (now, by) = (Some(row::stored(tx.now)), Some(tx.actor_text()));
        match self {
            Self::Approve => {
                let pieces = if held.pieces == 0 { piece_for(tx, &held)? } else { held.pieces };
                // What was asked for has reserved before; what was won takes nothing until a person approves it.
                if held.due.is_some() {
                    reserve_budget(tx, &held)?;
                }
                let state = State::Approved.name().to_owned();
                keep(tx, RedemptionRow { state, decided_at: now, decided_by: by, pieces, ..held })
            }
            Self::Reject { note } => {
                let note = Some(note.clone());
                give_back(tx, RedemptionRow { decided_at: now, decided_by: by, note, ..held }, State::Rejected)
            }
            Self::Fulfil { inflow_on, sealed_code } => {
                let inflow_on = Some(inflow_day(tx, &held, *inflow_on)?);
                let (state, sealed_code) = (State::Fulfilled.name().to_owned(), sealed_code.clone());
                let ended = RedemptionRow { ended_at: now, ended_by: by, inflow_on, expires_at: None, ..held };
                keep(tx, RedemptionRow { state, sealed_code, ..ended })
            }
            Self::Cancel { note } => end(tx, held, State::Cancelled, note.clone()),
        }
    }
}

/// Keeps a redemption that has changed.
fn keep(tx: &mut Tx<'_>, wanted: RedemptionRow) -> Result<RedemptionRow, Failure> {
    let revision = tx.record(ChangeKind::Redemption, &wanted.id)?;
    let wanted = RedemptionRow { revision, ..wanted };
    redemptions::update(tx.db, &wanted)?;
    Ok(wanted)
}

/// A piece of stock for a redemption that was begun without one: what was won holds none before somebody approves it.
fn piece_for(tx: &mut Tx<'_>, held: &RedemptionRow) -> Result<i64, Failure> {
    let reward = rewards::find(tx.db, &held.reward)?.ok_or(ProblemCode::NotFound)?;
    if reward.stock == Some(0) {
        let code: Code = row::parsed(held.reward.clone())?;
        return Err(Problem::new(ProblemCode::OutOfStock).with("reward", code).into());
    }
    take_piece(tx, reward).map(|(_, pieces)| pieces)
}

/// The day on which the receiver gets it: not before it was asked for, and not far ahead.
fn inflow_day(tx: &mut Tx<'_>, held: &RedemptionRow, wanted: Option<NaiveDate>) -> Result<NaiveDate, Failure> {
    let zone = &tx.catalogue()?.zone;
    let (today, _) = zone.local(tx.now);
    let (asked, _) = zone.local(row::instant(held.requested_at));
    let day = wanted.unwrap_or(today);
    let last = today.checked_add_days(MOST_AHEAD).unwrap_or(today);
    if (asked..=last).contains(&day) {
        payroll::check_open(tx, day)?;
        return Ok(day);
    }
    Err(Finding::new("/inflow_on", ProblemCode::InvalidDate).with("expected", format!("{asked} – {last}")).into())
}
