//! Who was erased, and the texts in which somebody to be erased may be named, found and replaced in pages.

use std::collections::BTreeMap;

use chrono::NaiveDateTime;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};

use super::db::Db;
use super::row;
use super::schema::{
    absences, erasures, former_names, idempotency, kudos, kudos_moderations, kudos_receivers, kudos_reports, people,
    redemptions, role_grants, signal_revisions, signals, stream_tickets, taken_names,
};
use super::signals::{RevisionRow, SignalRow};
use super::values::{Values, load_given};
use crate::domain::ids::PersonId;
use crate::domain::time::Instant;

/// Rows read at once.
const PAGE: i64 = 1_000;

/// Whoever was erased, and when.
pub fn all(db: &mut Db) -> QueryResult<BTreeMap<PersonId, Instant>> {
    let rows: Vec<(String, NaiveDateTime)> = erasures::table.load(db)?;
    rows.into_iter().map(|(person, at)| Ok((row::parsed(person)?, row::instant(at)))).collect()
}

/// Notes that somebody was erased, whose user name of this digest nobody else will have.
pub fn insert(db: &mut Db, person: &str, at: Instant, name: &str) -> QueryResult<()> {
    let erased = (erasures::person.eq(person), erasures::erased_at.eq(row::stored(at)));
    diesel::insert_into(erasures::table).values(erased).execute(db)?;
    diesel::insert_into(taken_names::table).values(taken_names::digest.eq(name)).execute(db).map(drop)
}

/// Remembers what somebody was called or reached by before.
pub fn remember(db: &mut Db, person: &str, name: &str) -> QueryResult<()> {
    let row = (former_names::person.eq(person), former_names::name.eq(name));
    on_backend!(db, |c| diesel::insert_into(former_names::table).values(row).on_conflict_do_nothing().execute(c))
        .map(drop)
}

/// What somebody was called or reached by before.
pub fn former_names(db: &mut Db, person: &str) -> QueryResult<Vec<String>> {
    former_names::table.filter(former_names::person.eq(person)).select(former_names::name).load(db)
}

/// Whether a user name was that of somebody erased, by its digest.
pub fn is_taken(db: &mut Db, name: &str) -> QueryResult<bool> {
    diesel::select(diesel::dsl::exists(taken_names::table.find(name))).get_result(db)
}

/// The signals whose keys were replaced, by the digests of these.
pub fn by_replaced_keys(db: &mut Db, digests: &[String]) -> QueryResult<Vec<(String, SignalRow)>> {
    let given = Values::default().texts("digest", digests);
    const QUERY: &str =
        "SELECT r.digest, r.signal FROM {given} CROSS JOIN replaced_keys r WHERE r.digest = given.digest";
    let found: Vec<(String, String)> = load_given!(given, db, QUERY, (Text, Text))?;
    let ids: Vec<String> = found.iter().map(|(_, signal)| signal.clone()).collect();
    let mut rows = BTreeMap::new();
    for chunk in ids.chunks(500) {
        rows.extend(super::signals::by_ids(db, chunk)?.into_iter().map(|row| (row.id.clone(), row)));
    }
    Ok(found.into_iter().filter_map(|(digest, signal)| Some((digest, rows.get(&signal)?.clone()))).collect())
}

/// Replaces keys: signal, digest of the key there was, key.
pub fn replace_keys(db: &mut Db, keys: &[(String, String, String)]) -> QueryResult<()> {
    let given = Values::default()
        .texts("signal", keys.iter().map(|(signal, ..)| signal))
        .texts("digest", keys.iter().map(|(_, digest, _)| digest))
        .texts("made", keys.iter().map(|(.., made)| made));
    given.execute(db, "INSERT INTO replaced_keys (digest, signal) SELECT digest, signal FROM {given}")?;
    given.execute(db, "UPDATE signals SET key = given.made FROM {given} WHERE signals.id = given.signal")
}

/// Texts that tell where somebody may be named: letters and digits of each of their names.
#[derive(Debug, Clone)]
pub struct Hints(pub Option<Vec<String>>);

impl Hints {
    /// Whether one of the hints is in one of some columns, in any case; always, if there are none to go by.
    fn within(&self, columns: &[&str]) -> String {
        let Some(hints) = &self.0 else { return "1 = 1".to_owned() };
        // Nothing but ASCII letters and digits may stand in the statement.
        let plain = hints.iter().filter(|hint| hint.bytes().all(|c| c.is_ascii_alphanumeric()));
        let tests: Vec<String> = columns
            .iter()
            .flat_map(|column| plain.clone().map(move |hint| format!("lower({column}) LIKE '%{hint}%'")))
            .collect();
        if tests.is_empty() { "1 = 1".to_owned() } else { format!("({})", tests.join(" OR ")) }
    }
}

/// The names of everybody else in whose names one of the hints is.
pub fn similar_names(db: &mut Db, person: &str, hints: &Hints) -> QueryResult<Vec<String>> {
    type Names = (String, String, Option<String>, Option<String>);
    let within = hints.within(&["user_name", "display_name", "email", "external_id"]);
    let rows: Vec<Names> = people::table
        .filter(people::id.ne(person))
        .filter(sql::<Bool>(&within))
        .select((people::user_name, people::display_name, people::email, people::external_id))
        .load(db)?;
    Ok(rows
        .into_iter()
        .flat_map(|(user, display, email, number)| [Some(user), Some(display), email, number])
        .flatten()
        .collect())
}

/// Signals about a person, or in whose key, case or attributes they may be named: those after one id, by id.
pub fn signals_after(db: &mut Db, person: &str, hints: &Hints, after: &str) -> QueryResult<Vec<SignalRow>> {
    let within = hints.within(&["signals.key", "case_ref", "attributes"]);
    signals::table
        .filter(signals::id.gt(after))
        .filter(signals::agent.eq(person).or(sql::<Bool>(&within).nullable()))
        .order(signals::id)
        .limit(PAGE)
        .select(SignalRow::as_select())
        .load(db)
}

/// Revisions that may say the same, of the signals after one id, by signal; of each signal all of them.
pub fn revisions_after(db: &mut Db, person: &str, hints: &Hints, after: &str) -> QueryResult<Vec<RevisionRow>> {
    let within = hints.within(&["content"]);
    let about = signal_revisions::content.like(format!("%\"{person}\"%"));
    let ids: Vec<String> = signal_revisions::table
        .filter(signal_revisions::signal.gt(after))
        .filter(about.or(sql::<Bool>(&within).nullable()))
        .select(signal_revisions::signal)
        .distinct()
        .order(signal_revisions::signal)
        .limit(PAGE)
        .load(db)?;
    let mut rows = Vec::new();
    for chunk in ids.chunks(500) {
        let some: Vec<RevisionRow> = signal_revisions::table
            .filter(signal_revisions::signal.eq_any(chunk))
            .order((signal_revisions::signal, signal_revisions::sequence))
            .select(RevisionRow::as_select())
            .load(db)?;
        rows.extend(some);
    }
    Ok(rows)
}

/// Replaces cases and attributes of signals.
pub fn rewrite_signals(db: &mut Db, rows: &[SignalRow]) -> QueryResult<()> {
    Values::default()
        .texts("id", rows.iter().map(|row| &row.id))
        .texts("case_ref", rows.iter().map(|row| &row.case_ref))
        .texts("attributes", rows.iter().map(|row| &row.attributes))
        .execute(
            db,
            "UPDATE signals SET case_ref = given.case_ref, attributes = given.attributes FROM {given} \
             WHERE signals.id = given.id",
        )
}

/// Replaces what revisions say.
pub fn rewrite_revisions(db: &mut Db, rows: &[RevisionRow]) -> QueryResult<()> {
    Values::default()
        .texts("signal", rows.iter().map(|row| &row.signal))
        .numbers("sequence", rows.iter().map(|row| row.sequence))
        .texts("content", rows.iter().map(|row| &row.content))
        .execute(
            db,
            "UPDATE signal_revisions SET content = given.content FROM {given} \
             WHERE signal_revisions.signal = given.signal AND signal_revisions.sequence = given.sequence",
        )
}

/// The live signals about the same people at the same instants from the same sources as some, these included.
pub fn at_the_same_time(db: &mut Db, rows: &[SignalRow]) -> QueryResult<Vec<SignalRow>> {
    const QUERY: &str = "SELECT DISTINCT s.id FROM {given} CROSS JOIN signals s WHERE s.agent = given.agent \
        AND s.occurred_at = given.occurred_at AND s.source = given.source";
    let mut found = Vec::new();
    for rows in rows.chunks(500) {
        let given = Values::default()
            .texts("agent", rows.iter().map(|row| &row.agent))
            .instants("occurred_at", rows.iter().map(|row| row.occurred_at))
            .texts("source", rows.iter().map(|row| &row.source));
        let ids: Vec<String> = load_given!(given, db, QUERY, Text)?;
        for chunk in ids.chunks(500) {
            found.extend(super::signals::by_ids(db, chunk)?);
        }
    }
    Ok(found)
}

/// A column of texts in which people may be named.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Of this table.
    pub table: &'static str,
    /// Its name.
    pub name: &'static str,
}

/// A text, and where it stands.
#[derive(Debug, Clone, QueryableByName)]
pub struct Written {
    /// The row, as the database numbers it until it is changed.
    #[diesel(sql_type = Text)]
    pub place: String,
    /// The text.
    #[diesel(sql_type = Text)]
    pub text: String,
}

/// Where the first page of a column begins.
pub fn first_place(db: &Db) -> String {
    match db {
        Db::Sqlite(_) => "0",
        Db::Postgres(_) => "(0,0)",
    }
    .to_owned()
}

/// The texts of a column in which somebody may be named, those after one place.
pub fn written_after(db: &mut Db, column: Column, hints: &Hints, after: &str) -> QueryResult<Vec<Written>> {
    let (Column { table, name }, within) = (column, hints.within(&[column.name]));
    let (place, later) = match db {
        Db::Sqlite(_) => ("rowid", "rowid > CAST(? AS INTEGER)"),
        Db::Postgres(_) => ("ctid", "ctid > CAST($1 AS tid)"),
    };
    let query = format!(
        "SELECT CAST({place} AS TEXT) AS place, {name} AS text FROM {table} \
         WHERE {name} IS NOT NULL AND {later} AND {within} ORDER BY {table}.{place} LIMIT {PAGE}"
    );
    diesel::sql_query(query).bind::<Text, _>(after).load(db)
}

/// Replaces one text.
pub fn rewrite(db: &mut Db, Column { table, name }: Column, written: &Written) -> QueryResult<()> {
    let statement = match db {
        Db::Sqlite(_) => format!("UPDATE {table} SET {name} = ? WHERE rowid = CAST(? AS INTEGER)"),
        Db::Postgres(_) => format!("UPDATE {table} SET {name} = $1 WHERE ctid = CAST($2 AS tid)"),
    };
    diesel::sql_query(statement).bind::<Text, _>(&written.text).bind::<Text, _>(&written.place).execute(db).map(drop)
}

/// Deletes the messages of the kudos that a person sent, with what was said against these, and of those that were for
/// them alone.
pub fn blank_kudos(db: &mut Db, person: &str) -> QueryResult<()> {
    let received = kudos_receivers::table.filter(kudos_receivers::receiver.eq(person)).select(kudos_receivers::kudos);
    let shared = kudos_receivers::table.filter(kudos_receivers::receiver.ne(person)).select(kudos_receivers::kudos);
    let for_them = kudos::id.eq_any(received).and(kudos::id.ne_all(shared));
    let told = kudos::table.filter(kudos::sender.eq(person).or(for_them));
    diesel::update(told).set(kudos::message.eq("")).execute(db)?;
    let sent = || kudos::table.filter(kudos::sender.eq(person)).select(kudos::id);
    let reports = kudos_reports::table.filter(kudos_reports::kudos.eq_any(sent()));
    diesel::update(reports).set(kudos_reports::reason.eq("")).execute(db)?;
    let moderations = kudos_moderations::table.filter(kudos_moderations::kudos.eq_any(sent()));
    diesel::update(moderations).set(kudos_moderations::reason.eq("")).execute(db).map(drop)
}

/// Deletes what only served the person: answers to their requests, tickets, what redemptions are claimed with, how far
/// their roles reached.
pub fn forget_own(db: &mut Db, person: &str) -> QueryResult<()> {
    diesel::delete(idempotency::table.filter(idempotency::caller.eq(person))).execute(db)?;
    diesel::delete(stream_tickets::table.filter(stream_tickets::person.eq(person))).execute(db)?;
    diesel::delete(former_names::table.filter(former_names::person.eq(person))).execute(db)?;
    let received = redemptions::table.filter(redemptions::receiver.eq(person));
    diesel::update(received).set(redemptions::sealed_code.eq(None::<String>)).execute(db)?;
    let grants = role_grants::table.filter(role_grants::person.eq(person));
    diesel::update(grants).set(role_grants::reach.eq("")).execute(db).map(drop)
}

/// Deletes a person's days off.
pub fn forget_absences(db: &mut Db, person: &str) -> QueryResult<()> {
    diesel::delete(absences::table.filter(absences::person.eq(person))).execute(db).map(drop)
}

/// Deletes what a person wrote, or what was written of them: `text` becomes what a column holds where `whose` is the person.
pub fn blank(db: &mut Db, Column { table, name }: Column, whose: &str, person: &str, text: &str) -> QueryResult<()> {
    let statement = match db {
        Db::Sqlite(_) => format!("UPDATE {table} SET {name} = ? WHERE {whose} = ? AND {name} IS NOT NULL"),
        Db::Postgres(_) => format!("UPDATE {table} SET {name} = $1 WHERE {whose} = $2 AND {name} IS NOT NULL"),
    };
    diesel::sql_query(statement).bind::<Text, _>(text).bind::<Text, _>(person).execute(db).map(drop)
}
