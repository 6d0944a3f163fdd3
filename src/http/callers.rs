//! Who calls: from the token to an active person with roles, noted beside the token until anything about people changes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use diesel::QueryResult;
use moka::sync::Cache;

use super::problem::ApiError;
use super::{bearer, visible};
use crate::access::cache::Verified;
use crate::access::caller::{Caller, Dated, HeldRoles};
use crate::app::AppState;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::language::Language;
use crate::domain::people::Role;
use crate::domain::problem::ProblemCode;
use crate::domain::time::{Instant, Interval};
use crate::store::db::Db;
use crate::store::people::{self, PersonRef, PersonRow};
use crate::store::roles::RoleGrantRow;
use crate::store::{head, memberships, roles, row};
use crate::writer::stream_ticket::Ticket;

/// People whose last write is remembered.
const REMEMBERED: u64 = 100_000;
/// Longer than it takes for everybody to see a write (see [`crate::writer::Published::settle`]).
const WRITES_REMEMBERED: Duration = Duration::from_secs(60);

/// Whom a token speaks for, as the directory had them; noted beside the token.
#[derive(Debug)]
pub struct Known {
    caller: Arc<Caller>,
    /// The last number of the sequence when the directory was asked.
    as_of: i64,
    /// The state of the directory that this is good for.
    epoch: u64,
}

/// A caller, and what they must see.
pub struct Identified {
    /// Who calls.
    pub caller: Arc<Caller>,
    /// The number of the sequence that no read of theirs may be before.
    pub at_least: i64,
    /// When.
    pub now: Instant,
    /// The state of the directory that this is good for.
    pub epoch: u64,
}

/// Remembers who wrote what lately.
#[derive(Clone)]
pub struct Callers {
    wrote: Cache<PersonId, i64>,
}

impl Default for Callers {
    fn default() -> Self {
        Self { wrote: Cache::builder().max_capacity(REMEMBERED).time_to_live(WRITES_REMEMBERED).build() }
    }
}

impl Callers {
    /// Somebody wrote what is committed under this number.
    pub fn wrote(&self, person: PersonId, sequence: i64) {
        let newest = |held: Option<moka::Entry<_, i64>>| held.map_or(sequence, |held| sequence.max(held.into_value()));
        self.wrote.entry(person).and_upsert_with(newest);
    }

    /// The number under which the last write of a person through this instance is committed; 0 if it was long ago.
    pub fn last_write(&self, person: PersonId) -> i64 {
        self.wrote.get(&person).unwrap_or(0)
    }
}

/// Whom credentials speak for, if they are active, and the last number of the sequence that this rests on.
fn load(db: &mut Db, person: &PersonRef, spoken: &Spoken) -> QueryResult<Option<(Caller, i64)>> {
    let Some(person) = people::find(db, person)?.filter(|person| person.active) else { return Ok(None) };
    let caller = of_rows(db, vec![person])?.into_values().next();
    let as_of = head::read(db)?;
    Ok(caller.map(|caller| (Caller { scope: spoken.scope.clone(), until: spoken.until, ..caller }, as_of)))
}

/// What credentials say beside whom they are of.
#[derive(Debug, Clone)]
struct Spoken {
    scope: Option<BTreeSet<Role>>,
    until: Instant,
}

/// Those of some people who are active, as callers whose credentials say nothing.
pub fn active(db: &mut Db, people: &[String]) -> QueryResult<HashMap<PersonId, Caller>> {
    let rows = people::by_ids(db, people)?;
    of_rows(db, rows.into_iter().filter(|person| person.active).collect())
}

fn of_rows(db: &mut Db, people: Vec<PersonRow>) -> QueryResult<HashMap<PersonId, Caller>> {
    let ids: Vec<String> = people.iter().map(|person| person.id.clone()).collect();
    let mut grants: HashMap<String, Vec<RoleGrantRow>> = HashMap::new();
    for grant in roles::of_people(db, &ids)? {
        grants.entry(grant.person.clone()).or_default().push(grant);
    }
    let mut homes: HashMap<String, Vec<(TeamId, Interval)>> = HashMap::new();
    for home in memberships::of_people(db, &ids)? {
        homes.entry(home.person.clone()).or_default().push((row::parsed(home.team.clone())?, home.interval()));
    }
    let mut callers = HashMap::with_capacity(people.len());
    for person in people {
        let grants = grants.remove(&person.id).unwrap_or_default();
        let roles = grants.iter().map(|grant| Ok((grant.role()?, grant.interval()))).collect::<QueryResult<_>>()?;
        let caller = Caller {
            person: person.person_id()?,
            language: person.language.as_deref().and_then(Language::of_tag),
            held: held_roles(&grants)?,
            dated: Dated { homes: homes.remove(&person.id).unwrap_or_default(), roles },
            user_name: person.user_name,
            scope: None,
            until: Instant::MAX_UTC,
        };
        callers.insert(caller.person, caller);
    }
    Ok(callers)
}

/// What a person holds now, of all their grants.
pub fn held_roles<'a>(grants: impl IntoIterator<Item = &'a RoleGrantRow>) -> QueryResult<HeldRoles> {
    let mut held = HeldRoles::default();
    for grant in grants {
        if grant.until_at.is_some() {
            continue;
        }
        let role = grant.role()?;
        held.roles.insert(role);
        match role {
            Role::Lead => {
                let teams = grant.reaches().map(|team| row::parsed(team.to_owned()));
                held.led_teams = teams.collect::<QueryResult<BTreeSet<_>>>()?;
            }
            Role::Source => held.sources = grant.reaches().map(str::to_owned).collect(),
            _ => {}
        }
    }
    Ok(held)
}

/// The caller of a request: an active person with a valid token, as of the version that the request names or later.
pub async fn identify(state: &Arc<AppState>, request: &HttpRequest) -> Result<Identified, ApiError> {
    let token = bearer::token(request.headers()).ok_or(ProblemCode::Unauthorized)?;
    let now = state.clock.now();
    let verified = verify(state, token, now)?;
    let (version, published) = (visible::asked_for(request.query_string())?, state.writer.published());
    visible::wait_for(published, version).await?;
    // Read before the person: a change in between makes what is noted stale, not wrong.
    let epoch = published.people_epoch();
    let known = match verified.note.load_full() {
        Some(known) if known.epoch == epoch => known,
        _ => {
            let claims = &verified.claims;
            let name = PersonRef::UserName(claims.subject.clone());
            let spoken = Spoken { scope: claims.scope.clone(), until: claims.expires };
            let found = state.read(move |db| Ok(load(db, &name, &spoken)?)).await?;
            let (caller, as_of) = found.ok_or(ProblemCode::Unauthorized)?;
            let known = Arc::new(Known { caller: Arc::new(caller), as_of, epoch });
            verified.note.store(Some(known.clone()));
            known
        }
    };
    Ok(Identified { caller: known.caller.clone(), at_least: version.max(known.as_of), now, epoch })
}

/// The same for whoever shows a ticket in place of a token.
pub async fn identify_by_ticket(state: &Arc<AppState>, ticket: &Ticket) -> Result<Identified, ApiError> {
    let (now, epoch) = (state.clock.now(), state.writer.published().people_epoch());
    let reference = PersonRef::Id(ticket.person);
    let spoken = Spoken { scope: ticket.scope.clone(), until: ticket.token_until };
    let found = state.read(move |db| Ok(load(db, &reference, &spoken)?)).await?;
    let (caller, at_least) = found.ok_or(ProblemCode::Unauthorized)?;
    Ok(Identified { caller: Arc::new(caller), at_least, now, epoch })
}

fn verify(state: &AppState, token: &str, now: Instant) -> Result<Arc<Verified<Known>>, ProblemCode> {
    if let Some(verified) = state.tokens.recall(token, now) {
        return Ok(verified);
    }
    state.tokens.trust(&state.catalogue().issuer_keys);
    state.tokens.verify(token, now).map_err(|_| ProblemCode::Unauthorized)
}

/// The server's state behind a request.
pub fn state(request: &HttpRequest) -> Result<Arc<AppState>, ApiError> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    state.map(web::Data::into_inner).ok_or_else(|| ApiError::internal("the application has no state"))
}
