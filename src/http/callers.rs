//! Who calls: from the token to an active person with roles, remembered until anything about people changes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{HttpRequest, web};
use diesel::QueryResult;
use moka::sync::Cache;

use super::problem::ApiError;
use super::{bearer, visible};
use crate::access::caller::{Caller, Dated, HeldRoles};
use crate::access::tokens::Claims;
use crate::app::AppState;
use crate::domain::ids::PersonId;
use crate::domain::language::Language;
use crate::domain::people::Role;
use crate::domain::problem::ProblemCode;
use crate::store::db::Db;
use crate::store::people::{self, PersonRef};
use crate::store::roles::RoleGrantRow;
use crate::store::{head, memberships, roles, row};
use crate::writer::Published;

const REMEMBERED: u64 = 100_000;
/// Longer than it takes for everybody to see a write (see [`Published::settle`]).
const WRITES_REMEMBERED: Duration = Duration::from_secs(60);

/// An active person as the directory has them.
#[derive(Debug, Clone)]
struct Known {
    person: PersonId,
    language: Option<Language>,
    held: HeldRoles,
    dated: Dated,
    /// The last number of the sequence when the directory was asked.
    as_of: i64,
}

/// A caller, and what they must see.
pub struct Identified {
    /// Who calls.
    pub caller: Caller,
    /// The number of the sequence that no read of theirs may be before.
    pub at_least: i64,
}

/// Remembers people by user name, for as long as nobody's roles or state change.
#[derive(Clone)]
pub struct Callers {
    known: Cache<String, (u64, Arc<Known>)>,
    wrote: Cache<PersonId, i64>,
    published: Arc<Published>,
}

impl Callers {
    /// Remembers nobody yet.
    pub fn new(published: Arc<Published>) -> Self {
        let wrote = Cache::builder().max_capacity(REMEMBERED).time_to_live(WRITES_REMEMBERED).build();
        Self { known: Cache::new(REMEMBERED), wrote, published }
    }

    /// Somebody wrote what is committed under this number.
    pub fn wrote(&self, person: PersonId, sequence: i64) {
        let newest = |held: Option<moka::Entry<_, i64>>| held.map_or(sequence, |held| sequence.max(held.into_value()));
        self.wrote.entry(person).and_upsert_with(newest);
    }

    /// The number under which the last write of a person through this instance is committed; 0 if it was long ago.
    pub fn last_write(&self, person: PersonId) -> i64 {
        self.wrote.get(&person).unwrap_or(0)
    }

    fn recall(&self, user_name: &str) -> Option<Arc<Known>> {
        let (epoch, known) = self.known.get(user_name)?;
        (epoch == self.published.people_epoch()).then_some(known)
    }
}

fn load(db: &mut Db, user_name: &str) -> QueryResult<Option<Known>> {
    let Some(person) = people::find(db, &PersonRef::UserName(user_name.to_owned()))?.filter(|person| person.active)
    else {
        return Ok(None);
    };
    let only = std::slice::from_ref(&person.id);
    let grants = roles::of_people(db, only)?;
    let roles = grants.iter().map(|grant| Ok((grant.role()?, grant.interval())));
    let homes = memberships::of_people(db, only)?;
    let homes = homes.into_iter().map(|home| Ok((row::parsed(home.team.clone())?, home.interval())));
    let dated = Dated { homes: homes.collect::<QueryResult<_>>()?, roles: roles.collect::<QueryResult<_>>()? };
    let language = person.language.as_deref().and_then(Language::of_tag);
    let (held, as_of) = (held_roles(&grants)?, head::read(db)?);
    Ok(Some(Known { person: person.person_id()?, language, held, dated, as_of }))
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
    state.tokens.trust(&state.catalogue().issuer_keys);
    let claims: Arc<Claims> = state.tokens.verify(token, state.clock.now()).map_err(|_| ProblemCode::Unauthorized)?;
    let version = visible::asked_for(request.query_string())?;
    visible::wait_for(state.writer.published(), version).await?;
    let known = match state.callers.recall(&claims.subject) {
        Some(known) => known,
        None => {
            // Read before the person: a change in between makes what is remembered stale, not wrong.
            let epoch = state.writer.published().people_epoch();
            let user_name = claims.subject.clone();
            let known = state.read(move |db| Ok(load(db, &user_name)?)).await?.ok_or(ProblemCode::Unauthorized)?;
            let known = Arc::new(known);
            state.callers.known.insert(claims.subject.clone(), (epoch, known.clone()));
            known
        }
    };
    let caller = Caller {
        person: known.person,
        user_name: claims.subject.clone(),
        language: known.language,
        held: known.held.clone(),
        dated: known.dated.clone(),
        scope: claims.scope.clone(),
    };
    Ok(Identified { caller, at_least: version.max(known.as_of) })
}

/// The server's state behind a request.
pub fn state(request: &HttpRequest) -> Result<Arc<AppState>, ApiError> {
    let state = request.app_data::<web::Data<AppState>>().cloned();
    state.map(web::Data::into_inner).ok_or_else(|| ApiError::internal("the application has no state"))
}
