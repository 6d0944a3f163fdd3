//! Tickets for streams: kept when they are given, taken away when they are used, so that whichever instance sees one first
//! is the only one. They are no part of what is read, and take no number of the sequence.

use std::collections::BTreeSet;

use super::{Command, Failure, Tx};
use crate::domain::ids::PersonId;
use crate::domain::people::Role;
use crate::domain::problem::ProblemCode;
use crate::domain::time::Instant;
use crate::store::row;
use crate::store::stream_tickets::{self, TicketRow};

/// Tickets that one person may have at once.
const AT_ONCE: i64 = 100;

/// Whom a ticket speaks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ticket {
    /// The person.
    pub person: PersonId,
    /// The roles it is narrowed to; all that the person holds without.
    pub scope: Option<BTreeSet<Role>>,
    /// When the token ends that it was given for.
    pub token_until: Instant,
    /// When it ends itself.
    pub until: Instant,
}

/// Keeps a ticket.
pub struct GiveTicket {
    /// Of the ticket.
    pub digest: String,
    /// What it says.
    pub ticket: Ticket,
}

impl Command for GiveTicket {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        stream_tickets::forget(tx.db, row::stored(tx.now))?;
        let person = self.ticket.person.to_string();
        if stream_tickets::count_of(tx.db, &person)? >= AT_ONCE {
            return Err(ProblemCode::TooManyStreams.into());
        }
        let names = |scope: &BTreeSet<Role>| scope.iter().map(|role| role.name()).collect::<Vec<_>>().join(" ");
        let row = TicketRow {
            digest: self.digest.clone(),
            person,
            scope: self.ticket.scope.as_ref().map(names),
            token_until: row::stored(self.ticket.token_until),
            until_at: row::stored(self.ticket.until),
        };
        Ok(stream_tickets::insert(tx.db, &row)?)
    }
}

/// Takes a ticket away, for whoever shows it; none if it is not there any more, or has ended.
pub struct TakeTicket {
    /// Of the ticket.
    pub digest: String,
}

impl Command for TakeTicket {
    type Output = Option<Ticket>;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Option<Ticket>, Failure> {
        let Some(row) = stream_tickets::take(tx.db, &self.digest)? else { return Ok(None) };
        let roles = |names: &String| names.split(' ').filter_map(Role::of_name).collect();
        let ticket = Ticket {
            person: row::parsed(row.person)?,
            scope: row.scope.as_ref().map(roles),
            token_until: row::instant(row.token_until),
            until: row::instant(row.until_at),
        };
        Ok(Some(ticket).filter(|ticket| tx.now < ticket.until && tx.now < ticket.token_until))
    }
}
