//! Redemptions of rewards.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{memberships, redemptions};
use crate::domain::ids::{PersonId, RedemptionId};
use crate::domain::money::{Currency, Money};
use crate::domain::redemption::State;
use crate::domain::reward::RewardKind;
use crate::domain::time::Instant;

/// Rows of one statement.
const CHUNK: usize = 500;

/// A redemption as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = redemptions, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct RedemptionRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub receiver: String,
    /// Code of the reward.
    pub reward: String,
    /// What proposed it, once; none where its receiver asked for it.
    pub due: Option<String>,
    /// The programme that it is due by.
    pub programme: Option<String>,
    /// Its season.
    pub season: Option<String>,
    /// In points, fixed when it was requested.
    pub cost: i64,
    /// The reward's kind then.
    pub kind: String,
    /// The reward's value then.
    pub value_cents: Option<i64>,
    /// Its currency.
    pub value_currency: Option<String>,
    /// The reward's working days off then, in ten-thousandths.
    pub days_off: Option<i64>,
    /// See the column.
    pub state: String,
    /// See the column.
    pub requested_at: NaiveDateTime,
    /// See the column.
    pub requested_by: String,
    /// When it expires unless it was handed over.
    pub expires_at: Option<NaiveDateTime>,
    /// When it was approved or rejected.
    pub decided_at: Option<NaiveDateTime>,
    /// By whom.
    pub decided_by: Option<String>,
    /// When it was fulfilled, cancelled or expired.
    pub ended_at: Option<NaiveDateTime>,
    /// By whom.
    pub ended_by: Option<String>,
    /// Why it was rejected or cancelled.
    pub note: Option<String>,
    /// What it was paid with.
    pub transfer: Option<String>,
    /// What gave that back.
    pub refund: Option<String>,
    /// The day on which its receiver got it.
    pub inflow_on: Option<NaiveDate>,
    /// What it is claimed with, encrypted.
    pub sealed_code: Option<String>,
    /// When that was shown.
    pub code_shown_at: Option<NaiveDateTime>,
    /// The number of the last change.
    pub revision: i64,
    /// Pieces of the reward's stock that it holds: 1, or 0 where the stock has no end or there was none left.
    pub pieces: i64,
}

impl RedemptionRow {
    /// The redemption's id.
    pub fn redemption_id(&self) -> QueryResult<RedemptionId> {
        row::parsed(self.id.clone())
    }

    /// Whose it is.
    pub fn receiver_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.receiver.clone())
    }

    /// Where it stands.
    pub fn known_state(&self) -> QueryResult<State> {
        State::of_name(&self.state).ok_or_else(|| row::corrupt(format!("no state of a redemption: {}", self.state)))
    }

    /// What it is for payroll.
    pub fn known_kind(&self) -> QueryResult<RewardKind> {
        RewardKind::of_name(&self.kind).ok_or_else(|| row::corrupt(format!("no kind of a reward: {}", self.kind)))
    }

    /// What it is worth.
    pub fn value(&self) -> QueryResult<Option<Money>> {
        let (Some(cents), Some(currency)) = (self.value_cents, &self.value_currency) else { return Ok(None) };
        Ok(Some(Money { cents, currency: Currency::parse(currency).map_err(row::corrupt)? }))
    }
}

/// One redemption.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<RedemptionRow>> {
    redemptions::table.find(id).select(RedemptionRow::as_select()).first(db).optional()
}

/// Adds a redemption.
pub fn insert(db: &mut Db, row: &RedemptionRow) -> QueryResult<()> {
    diesel::insert_into(redemptions::table).values(row).execute(db).map(drop)
}

/// Adds redemptions.
pub fn insert_all(db: &mut Db, rows: &[RedemptionRow]) -> QueryResult<()> {
    for chunk in rows.chunks(CHUNK) {
        on_backend!(db, |c| diesel::insert_into(redemptions::table).values(chunk).execute(c))?;
    }
    Ok(())
}

/// Those of some things that bring rewards that have been proposed.
pub fn proposed(db: &mut Db, due: &[String]) -> QueryResult<Vec<String>> {
    let mut found = Vec::new();
    for chunk in due.chunks(CHUNK) {
        let held = redemptions::table.filter(redemptions::due.eq_any(chunk));
        found.extend(held.select(redemptions::due.assume_not_null()).load::<String>(db)?);
    }
    Ok(found)
}

/// Everything that was proposed: what brought it, to whom, which reward.
pub fn all_proposed(db: &mut Db) -> QueryResult<Vec<(String, String, String)>> {
    let held = redemptions::table.filter(redemptions::due.is_not_null());
    held.select((redemptions::due.assume_not_null(), redemptions::receiver, redemptions::reward)).load(db)
}

/// Replaces a redemption.
pub fn update(db: &mut Db, row: &RedemptionRow) -> QueryResult<()> {
    diesel::update(redemptions::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// The redemption that is due by this, if it was proposed.
pub fn find_due(db: &mut Db, due: &str) -> QueryResult<Option<RedemptionRow>> {
    redemptions::table.filter(redemptions::due.eq(due)).select(RedemptionRow::as_select()).first(db).optional()
}

/// Whose redemptions are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whose {
    /// Everybody's.
    All,
    /// One person's.
    Own(String),
    /// One person's, and those of whoever is at home in one of these teams.
    OwnAndTeams(String, Vec<String>),
}

/// Which redemptions to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// Whose.
    pub whose: Whose,
    /// When homes are looked at.
    pub at: Instant,
    /// In this state.
    pub state: Option<State>,
    /// Of this person.
    pub receiver: Option<String>,
    /// Of this reward.
    pub reward: Option<String>,
    /// Only those with a lower number.
    pub before: Option<i64>,
}

/// The people at home in some teams.
#[diesel::dsl::auto_type]
fn at_home<'a>(teams: &'a [String], at: NaiveDateTime) -> _ {
    memberships::table
        .filter(memberships::team.eq_any(teams))
        .filter(memberships::from_at.le(at))
        .filter(memberships::until_at.is_null().or(memberships::until_at.gt(at)))
        .select(memberships::person)
}

/// Redemptions that fit, newest first.
pub fn list(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<RedemptionRow>> {
    let mut query = redemptions::table.select(RedemptionRow::as_select()).into_boxed();
    query = match &filter.whose {
        Whose::All => query,
        Whose::Own(person) => query.filter(redemptions::receiver.eq(person)),
        Whose::OwnAndTeams(person, teams) => query.filter(
            redemptions::receiver.eq(person).or(redemptions::receiver.eq_any(at_home(teams, row::stored(filter.at)))),
        ),
    };
    if let Some(state) = filter.state {
        query = query.filter(redemptions::state.eq(state.name()));
    }
    if let Some(receiver) = &filter.receiver {
        query = query.filter(redemptions::receiver.eq(receiver));
    }
    if let Some(reward) = &filter.reward {
        query = query.filter(redemptions::reward.eq(reward));
    }
    if let Some(before) = filter.before {
        query = query.filter(redemptions::sequence.lt(before));
    }
    query.order(redemptions::sequence.desc()).limit(limit).load(db)
}

/// What waits in a state for somebody else than `person`, of everybody or of whoever is at home in some teams, oldest
/// first, after a number of the sequence.
pub fn waiting(
    db: &mut Db,
    state: State,
    (person, teams): (&str, Option<&[String]>),
    (at, after): (Instant, i64),
    limit: i64,
) -> QueryResult<Vec<RedemptionRow>> {
    let mut query = redemptions::table
        .filter(redemptions::state.eq(state.name()))
        .filter(redemptions::receiver.ne(person))
        .filter(redemptions::sequence.gt(after))
        .select(RedemptionRow::as_select())
        .into_boxed();
    if let Some(teams) = teams {
        query = query.filter(redemptions::receiver.eq_any(at_home(teams, row::stored(at))));
    }
    query.order(redemptions::sequence).limit(limit).load(db)
}

const OPEN: [&str; 2] = [State::Requested.name(), State::Approved.name()];

/// The open redemptions of a person, oldest first.
pub fn open_of(db: &mut Db, person: &str) -> QueryResult<Vec<RedemptionRow>> {
    redemptions::table
        .filter(redemptions::receiver.eq(person))
        .filter(redemptions::state.eq_any(OPEN))
        .order(redemptions::sequence)
        .select(RedemptionRow::as_select())
        .load(db)
}

/// What a person's open redemptions cost.
pub fn reserved(db: &mut Db, person: &str) -> QueryResult<i64> {
    use diesel::dsl::sql;
    use diesel::sql_types::BigInt;
    redemptions::table
        .filter(redemptions::receiver.eq(person))
        .filter(redemptions::state.eq_any(OPEN))
        .select(sql::<BigInt>("COALESCE(CAST(SUM(cost) AS BIGINT), 0)"))
        .first(db)
}

/// What has expired by an instant and is open still, the longest overdue first.
pub fn expired(db: &mut Db, by: Instant, limit: i64) -> QueryResult<Vec<RedemptionRow>> {
    redemptions::table
        .filter(redemptions::expires_at.le(row::stored(by)))
        .filter(redemptions::state.eq_any(OPEN))
        .order((redemptions::expires_at, redemptions::sequence))
        .limit(limit)
        .select(RedemptionRow::as_select())
        .load(db)
}

/// When the next open redemption expires. Those that have ended expire never.
pub fn next_expiry(db: &mut Db) -> QueryResult<Option<Instant>> {
    let next: Option<NaiveDateTime> = redemptions::table.select(diesel::dsl::min(redemptions::expires_at)).first(db)?;
    Ok(next.map(row::instant))
}

/// Redemptions after a number of the sequence, oldest first.
pub fn since(db: &mut Db, since: i64, limit: i64) -> QueryResult<Vec<RedemptionRow>> {
    redemptions::table
        .filter(redemptions::sequence.gt(since))
        .order(redemptions::sequence)
        .limit(limit)
        .select(RedemptionRow::as_select())
        .load(db)
}
