//! Kudos and their receivers; what comes of them is in files of its own.

pub mod reactions;
pub mod replies;
pub mod reports;

use chrono::NaiveDateTime;
use diesel::prelude::*;

use super::db::Db;
use super::row;
use super::schema::{kudos, kudos_receivers, memberships};
use crate::domain::ids::{KudosId, PersonId};
use crate::domain::kudos::{State, Visibility};
use crate::domain::language::Localised;
use crate::domain::time::Instant;

/// A kudos as kept.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable, AsChangeset)]
#[diesel(table_name = kudos, treat_none_as_default_value = false, treat_none_as_null = true)]
pub struct KudosRow {
    /// See the column.
    pub id: String,
    /// Its number in the one sequence.
    pub sequence: i64,
    /// A person.
    pub sender: String,
    /// See the column.
    pub message: String,
    /// The company value it names.
    pub value: Option<String>,
    /// Points asked for, for each receiver.
    pub points: i64,
    /// `public`, `team` or `private`.
    pub visibility: String,
    /// `sent`, `withdrawn` or `removed`.
    pub state: String,
    /// See the column.
    pub sent_at: NaiveDateTime,
    /// See the column.
    pub withdrawable_until: NaiveDateTime,
    /// The number of the last change.
    pub revision: i64,
    /// The names, in JSON, that the company value had when it was named; none if it names none, or was sent long ago.
    pub value_name: Option<String>,
    /// Whether a moderator has hidden it.
    pub hidden: bool,
}

impl KudosRow {
    /// The kudos' id.
    pub fn kudos_id(&self) -> QueryResult<KudosId> {
        row::parsed(self.id.clone())
    }

    /// The names that the company value had when it was named.
    pub fn named_value(&self) -> QueryResult<Option<Localised>> {
        self.value_name.as_deref().map(row::from_json).transpose()
    }

    /// Whether it is there to be answered: it stands, and is not hidden.
    pub fn is_open(&self) -> bool {
        self.state == State::Sent.name() && !self.hidden
    }

    /// Who sent it.
    pub fn sender_id(&self) -> QueryResult<PersonId> {
        row::parsed(self.sender.clone())
    }

    /// Who may see it.
    pub fn known_visibility(&self) -> QueryResult<Visibility> {
        let visibility = Visibility::ALL.into_iter().find(|visibility| visibility.name() == self.visibility);
        visibility.ok_or_else(|| row::corrupt(format!("no visibility of a kudos: {}", self.visibility)))
    }

    /// What became of it.
    pub fn known_state(&self) -> QueryResult<State> {
        let state = State::ALL.into_iter().find(|state| state.name() == self.state);
        state.ok_or_else(|| row::corrupt(format!("no state of a kudos: {}", self.state)))
    }
}

/// Somebody who received a kudos.
#[derive(Debug, Clone, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = kudos_receivers, treat_none_as_default_value = false)]
pub struct ReceiverRow {
    /// See the column.
    pub kudos: String,
    /// A person.
    pub receiver: String,
    /// The number of the kudos.
    pub sequence: i64,
    /// Points it carried for them.
    pub points: i64,
    /// Its transfer, if it carried any.
    pub transfer: Option<String>,
}

/// Adds a kudos with its receivers.
pub fn insert(db: &mut Db, row: &KudosRow, receivers: &[ReceiverRow]) -> QueryResult<()> {
    diesel::insert_into(kudos::table).values(row).execute(db)?;
    on_backend!(db, |c| diesel::insert_into(kudos_receivers::table).values(receivers).execute(c)).map(drop)
}

/// Replaces a kudos.
pub fn update(db: &mut Db, row: &KudosRow) -> QueryResult<()> {
    diesel::update(kudos::table.find(&row.id)).set(row).execute(db).map(drop)
}

/// One kudos.
pub fn find(db: &mut Db, id: &str) -> QueryResult<Option<KudosRow>> {
    kudos::table.find(id).select(KudosRow::as_select()).first(db).optional()
}

/// How many kudos somebody sent between two instants, without those that were taken back.
pub fn sent_between(db: &mut Db, sender: &str, from: NaiveDateTime, until: NaiveDateTime) -> QueryResult<i64> {
    kudos::table
        .filter(kudos::sender.eq(sender))
        .filter(kudos::state.eq(State::Sent.name()))
        .filter(kudos::sent_at.ge(from))
        .filter(kudos::sent_at.lt(until))
        .count()
        .get_result(db)
}

/// The receivers of some kudos.
pub fn receivers(db: &mut Db, kudos: &[String]) -> QueryResult<Vec<ReceiverRow>> {
    kudos_receivers::table
        .filter(kudos_receivers::kudos.eq_any(kudos))
        .order((kudos_receivers::kudos, kudos_receivers::receiver))
        .select(ReceiverRow::as_select())
        .load(db)
}

/// Whose eyes a feed is for.
#[derive(Debug, Clone)]
pub enum Viewer {
    /// Somebody who sees every kudos.
    OfAll,
    /// Somebody who sees some.
    Of(View),
}

/// What one person sees of others' kudos.
#[derive(Debug, Clone)]
pub struct View {
    /// Who looks.
    pub person: String,
    /// The teams whose people's kudos for the team they see.
    pub peers_in: Vec<String>,
    /// The teams of whose people they see whatever was received, and what they sent unless it is private.
    pub leads: Vec<String>,
}

/// Which kudos to list.
#[derive(Debug, Clone)]
pub struct Filter {
    /// For whom.
    pub viewer: Viewer,
    /// The instant at which people are at home in teams.
    pub at: Instant,
    /// Sent or received by this person.
    pub person: Option<String>,
    /// Sent or received by somebody at home in one of these teams.
    pub teams: Option<Vec<String>>,
    /// Naming this company value.
    pub value: Option<String>,
    /// Sent at or after this instant.
    pub from: Option<Instant>,
    /// Sent before this instant.
    pub until: Option<Instant>,
    /// Sent before the one of this number.
    pub before: Option<i64>,
}

/// The kudos that stand and fit, newest first.
pub fn feed(db: &mut Db, filter: &Filter, limit: i64) -> QueryResult<Vec<KudosRow>> {
    let mut query = kudos::table.filter(kudos::state.eq("sent")).select(KudosRow::as_select()).into_boxed();
    if let Viewer::Of(view) = &filter.viewer {
        let person = vec![view.person.clone()];
        let own = kudos::sender.eq(view.person.clone()).or(kudos::id.eq_any(received_by(person)));
        let of_team = kudos::sender
            .eq_any(at_home(view.peers_in.clone(), filter.at))
            .or(kudos::id.eq_any(received_in(view.peers_in.clone(), filter.at)));
        let led = kudos::id.eq_any(received_in(view.leads.clone(), filter.at));
        let sent_by_led = kudos::sender.eq_any(at_home(view.leads.clone(), filter.at));
        let published = kudos::visibility.eq("public").or(kudos::visibility.eq("team").and(of_team));
        let answered_for = led.or(sent_by_led.and(kudos::visibility.ne("private")));
        query = query.filter(own.or(answered_for).or(published.and(kudos::hidden.eq(false))));
    }
    if let Some(person) = &filter.person {
        let received = kudos::id.eq_any(received_by(vec![person.clone()]));
        query = query.filter(kudos::sender.eq(person.clone()).or(received));
    }
    if let Some(teams) = &filter.teams {
        let received = kudos::id.eq_any(received_in(teams.clone(), filter.at));
        query = query.filter(kudos::sender.eq_any(at_home(teams.clone(), filter.at)).or(received));
    }
    if let Some(value) = &filter.value {
        query = query.filter(kudos::value.eq(value.clone()));
    }
    if let Some(from) = filter.from {
        query = query.filter(kudos::sent_at.ge(row::stored(from)));
    }
    if let Some(until) = filter.until {
        query = query.filter(kudos::sent_at.lt(row::stored(until)));
    }
    if let Some(before) = filter.before {
        query = query.filter(kudos::sequence.lt(before));
    }
    query.order(kudos::sequence.desc()).limit(limit).load(db)
}

/// The people at home in one of `teams`.
#[diesel::dsl::auto_type]
fn at_home(teams: Vec<String>, at: Instant) -> _ {
    let at: NaiveDateTime = row::stored(at);
    memberships::table
        .filter(memberships::team.eq_any(teams))
        .filter(memberships::from_at.le(at))
        .filter(memberships::until_at.is_null().or(memberships::until_at.gt(at)))
        .select(memberships::person)
}

/// The kudos that one of `people` received.
#[diesel::dsl::auto_type]
fn received_by(people: Vec<String>) -> _ {
    kudos_receivers::table.filter(kudos_receivers::receiver.eq_any(people)).select(kudos_receivers::kudos)
}

/// The kudos that somebody at home in one of `teams` received.
#[diesel::dsl::auto_type]
fn received_in(teams: Vec<String>, at: Instant) -> _ {
    let people: at_home = at_home(teams, at);
    kudos_receivers::table.filter(kudos_receivers::receiver.eq_any(people)).select(kudos_receivers::kudos)
}
