//! Voiding evidence: for good, also before it has come (SEMANTICS S13).

use super::settle::{self, Touched};
use super::{Command, Failure, Tx, erase, season};
use crate::domain::ids::SignalId;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::signal::OWN_SOURCE;
use crate::store::signals::{RevisionRow, SignalRow};
use crate::store::{row, signals};

/// Voids what is or will be delivered under a source and key.
pub struct Void {
    /// The source.
    pub source: String,
    /// The key.
    pub key: String,
}

/// What voiding did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Voided {
    /// A live signal was voided.
    Live,
    /// Nothing had come yet: whatever comes will not count.
    Beforehand,
    /// It was voided before, or is of somebody erased: nothing changes it any more.
    Already,
}

impl Command for Void {
    type Output = Voided;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Voided, Failure> {
        if self.source == OWN_SOURCE {
            return Err(Finding::new("/source", ProblemCode::ReservedSource).with("name", OWN_SOURCE).into());
        }
        let catalogue = tx.catalogue()?;
        if !catalogue.erased.is_empty() {
            let identity = (self.source.clone(), self.key.clone());
            let by_another = erase::held_by_other_keys(tx.db, &catalogue, std::slice::from_ref(&identity))?;
            if let Some(row) = by_another.into_values().next() {
                return if erase::is_final(&catalogue, &row) {
                    Ok(Voided::Already)
                } else {
                    void(tx, &row.source, &row.key)
                };
            }
            let held = signals::find(tx.db, &self.source, &self.key)?;
            if held.is_some_and(|row| erase::is_final(&catalogue, &row)) {
                return Ok(Voided::Already);
            }
        }
        void(tx, &self.source, &self.key)
    }
}

/// Voids, and settles what it changes.
pub(super) fn void(tx: &mut Tx<'_>, source: &str, key: &str) -> Result<Voided, Failure> {
    match signals::find(tx.db, source, key)? {
        Some(held) if !held.is_live() => Ok(Voided::Already),
        Some(held) => {
            let content = held.content()?.ok_or_else(|| row::corrupt("a live signal without content"))?;
            season::check_sealed(&*tx.catalogue()?, tx.now, content.occurred_at)?;
            let sequence = tx.take_number();
            let voided =
                SignalRow { status: "voided".to_owned(), sequence, received_at: row::stored(tx.now), ..held.clone() };
            signals::update(tx.db, std::slice::from_ref(&voided))?;
            keep_revision(tx, &voided)?;
            settle::settle(tx, &Touched::from([(content.agent, content.occurred_at)]))?;
            Ok(Voided::Live)
        }
        None => {
            let tombstone = tombstone(tx, source, key);
            signals::insert(tx.db, std::slice::from_ref(&tombstone))?;
            keep_revision(tx, &tombstone)?;
            Ok(Voided::Beforehand)
        }
    }
}

fn tombstone(tx: &mut Tx<'_>, source: &str, key: &str) -> SignalRow {
    SignalRow {
        id: SignalId::new(tx.now).into(),
        source: source.to_owned(),
        key: key.to_owned(),
        version: 0,
        status: "voided".to_owned(),
        kind: None,
        agent: None,
        occurred_at: None,
        channel: None,
        case_ref: None,
        measures: "{}".to_owned(),
        attributes: "{}".to_owned(),
        received_at: row::stored(tx.now),
        sequence: tx.take_number(),
    }
}

fn keep_revision(tx: &mut Tx<'_>, voided: &SignalRow) -> Result<(), Failure> {
    let revision = RevisionRow {
        signal: voided.id.clone(),
        sequence: voided.sequence,
        version: voided.version,
        status: "voided".to_owned(),
        content: None,
        received_at: voided.received_at,
        delivered_by: tx.actor_text(),
    };
    Ok(signals::insert_revisions(tx.db, &[revision])?)
}
