//! Tickets for streams, by digest.

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::schema::stream_tickets;

/// A ticket as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = stream_tickets, treat_none_as_default_value = false)]
pub struct TicketRow {
    /// Of the ticket.
    pub digest: String,
    /// Whom it speaks for.
    pub person: String,
    /// Names of the roles that it is narrowed to; all that the person holds without.
    pub scope: Option<String>,
    /// When the token ends that it was given for.
    pub token_until: NaiveDateTime,
    /// When it ends itself.
    pub until_at: NaiveDateTime,
}

/// How many tickets of a person are not used yet.
pub fn count_of(db: &mut Db, person: &str) -> QueryResult<i64> {
    stream_tickets::table.filter(stream_tickets::person.eq(person)).count().get_result(db)
}

/// Keeps a ticket.
pub fn insert(db: &mut Db, row: &TicketRow) -> QueryResult<()> {
    diesel::insert_into(stream_tickets::table).values(row).execute(db).map(drop)
}

/// Takes a ticket away; none if it is not there.
pub fn take(db: &mut Db, digest: &str) -> QueryResult<Option<TicketRow>> {
    let found = stream_tickets::table.find(digest).select(TicketRow::as_select()).first(db).optional()?;
    diesel::delete(stream_tickets::table.find(digest)).execute(db)?;
    Ok(found)
}

/// Forgets the tickets that have ended by `now`.
pub fn forget(db: &mut Db, now: NaiveDateTime) -> QueryResult<()> {
    diesel::delete(stream_tickets::table.filter(stream_tickets::until_at.le(now))).execute(db).map(drop)
}
