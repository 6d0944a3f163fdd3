//! The transaction that commands write in: the connection, the time, the next number, and what is known.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::QueryResult;

use super::{Actor, Failure};
use crate::catalogue::Catalogue;
use crate::domain::ids::PersonId;
use crate::domain::problem::ProblemCode;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::head::{self, ChangeKind};
use crate::store::people::{self, PersonRef};

/// A writing transaction, as commands see it.
pub struct Tx<'a> {
    /// The connection.
    pub db: &'a mut Db,
    /// The one instant at which everything in this transaction happens.
    pub now: Instant,
    /// Who acts.
    pub actor: Actor,
    pub(super) sequence: i64,
    pub(super) catalogue: Arc<Catalogue>,
    pub(super) catalogue_changed: bool,
    pub(super) people_changed: bool,
    /// Whether somebody was erased.
    pub(super) erased: bool,
    /// Whether the due list may hold something.
    pub(super) due_added: bool,
    pub(super) active: &'a mut HashMap<PersonId, bool>,
    stale: bool,
}

impl<'a> Tx<'a> {
    pub(super) fn new(
        db: &'a mut Db,
        now: Instant,
        sequence: i64,
        catalogue: Arc<Catalogue>,
        active: &'a mut HashMap<PersonId, bool>,
    ) -> Self {
        let (actor, stale) = (Actor::Operator, false);
        Self {
            db,
            now,
            actor,
            sequence,
            catalogue,
            catalogue_changed: false,
            people_changed: false,
            erased: false,
            due_added: false,
            active,
            stale,
        }
    }

    /// Takes the next number of the sequence.
    pub fn take_number(&mut self) -> i64 {
        self.sequence += 1;
        self.sequence
    }

    /// Records a change beside the ledger, and gives its number.
    pub fn record(&mut self, kind: ChangeKind, reference: &str) -> QueryResult<i64> {
        let number = self.take_number();
        head::record(self.db, number, kind, reference)?;
        self.note(kind);
        Ok(number)
    }

    /// Notes what a change makes stale.
    fn note(&mut self, kind: ChangeKind) {
        if kind == ChangeKind::Person {
            self.people_changed = true;
            self.active.clear();
        }
        self.erased |= kind == ChangeKind::Erasure;
        if kind.is_in_catalogue() {
            self.stale = true;
            self.catalogue_changed = true;
        }
    }

    /// The catalogue as this transaction has made it.
    pub fn catalogue(&mut self) -> QueryResult<Arc<Catalogue>> {
        if self.stale {
            self.catalogue = Arc::new(Catalogue::load(self.db)?);
            self.stale = false;
        }
        Ok(self.catalogue.clone())
    }

    /// Who acts, as the audit has it.
    pub fn actor_text(&self) -> String {
        match self.actor {
            Actor::Person(person) => person.to_string(),
            Actor::Operator => "operator".to_owned(),
        }
    }

    /// Refuses whoever was deactivated since the request came in.
    pub(super) fn admit(&mut self, actor: Actor) -> Result<(), Failure> {
        self.actor = actor;
        let Actor::Person(person) = actor else { return Ok(()) };
        let active = match self.active.get(&person) {
            Some(active) => *active,
            None => {
                let active = people::find(self.db, &PersonRef::Id(person))?.is_some_and(|row| row.active);
                self.active.insert(person, active);
                active
            }
        };
        if active { Ok(()) } else { Err(ProblemCode::Unauthorized.into()) }
    }
}
