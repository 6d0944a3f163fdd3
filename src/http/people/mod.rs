//! People over HTTP: who one is, finding others, and keeping the directory.

mod body;
mod shown;

use actix_web::http::header::ETag;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use utoipa::IntoParams;

pub use self::body::{PersonIn, PersonPatch};
pub use self::shown::{ListedOut, MeOut, NameOut, PersonOut, TeamName};
use super::conditional::{MeantFor, answer, tagged};
use super::creating::{Creating, changed, created, done, respond};
use super::json::Json;
use super::page::{Cursor, Limit, Page};
use super::permit::{ChangePerson, CreatePerson, ErasePerson, Permit, ReadOwnIdentity, ReadPerson, SearchPeople};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::session::Session;
use super::targets::PersonTarget;
use crate::access::caller::Caller;
use crate::access::policy::{Action, permits};
use crate::catalogue::Catalogue;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::text::{self, UnfitText};
use crate::domain::time::Instant;
use crate::store::people::{self, Filter, PersonRef, PersonRow};
use crate::writer::erase::ErasePerson as Erase;
use crate::writer::idempotent::Idempotent;
use crate::writer::organization::Expected;
use crate::writer::person::{AddPerson, ChangePerson as Change};
use crate::writer::{Failure, Tx};

const LIST: &str = "people.1";
/// The longest text that is searched for.
const MOST_SEARCH_CHARS: usize = 200;

/// Whom to list.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Wanted {
    /// Part of a display name or user name, in any case.
    q: Option<String>,
    /// Who is at home in this team or one below it, by code.
    team: Option<String>,
    /// Only active people, or only others. Who may not read the whole directory is shown active people, whatever this says.
    active: Option<bool>,
    /// How many: 1 to 200, 50 without.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// `next` of the page before.
    after: Option<Cursor>,
}

impl Wanted {
    fn filter(&self, caller: &Caller, catalogue: &Catalogue, now: Instant) -> Result<Filter, ApiError> {
        let active = match self.active {
            active if permits(Action::ReadPerson, caller, &[]) => active,
            Some(false) => return Err(ProblemCode::Forbidden.into()),
            _ => Some(true),
        };
        let search = match self.q.as_deref().map(|text| text::line(text, MOST_SEARCH_CHARS)) {
            None | Some(Err(UnfitText::Empty)) => None,
            Some(Ok(text)) => Some(text),
            Some(Err(unfit)) => return Err(unfit.finding("q").into()),
        };
        let teams = self.team.as_deref().map(|code| {
            let team = catalogue.teams.by_code(code);
            let team = team.ok_or_else(|| Finding::new("team", ProblemCode::UnknownTeam).with("team", code))?;
            Ok::<_, Finding>(catalogue.teams.at_or_below(&team.code).iter().map(|team| team.row.id.clone()).collect())
        });
        let after = self.after.as_ref().map(|after| after.key(LIST)).transpose()?;
        Ok(Filter { search, teams: teams.transpose()?, at: Some(now), active, after })
    }
}

/// Who I am
///
/// The caller: the person, the roles they hold, and those that the token leaves of them.
#[utoipa::path(get, path = "/api/v1/people/me", tag = "People",
    responses((status = 200, description = "The caller", body = MeOut)))]
pub async fn me(permit: Permit<ReadOwnIdentity>) -> Result<HttpResponse, ApiError> {
    let Permit { caller, state, .. } = permit;
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    let read = move |db: &mut _| {
        let person = people::find(db, &PersonRef::Id(caller.person))?.ok_or(ProblemCode::NotFound)?;
        let shown = shown::load_one(db, &catalogue, person, now)?;
        Ok((shown.tag(), shown.me(&caller)))
    };
    let (tag, me) = state.read(read).await?;
    // Never 304: the tag is the person's, and what the token leaves is not in it.
    Ok(HttpResponse::Ok().insert_header(ETag(tag)).json(me))
}

/// List people
///
/// By user name. HR and administrators see everybody whole, leads the people of their teams; others see names and teams.
#[utoipa::path(get, path = "/api/v1/people", tag = "People", params(Wanted),
    responses(
        (status = 200, description = "A page of people", body = Page<ListedOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
        (status = 403, description = "Only HR and administrators list inactive people", body = ProblemBody),
        (status = 422, description = "There is no such team", body = ProblemBody),
    ))]
pub async fn list(permit: Permit<SearchPeople>, Query(wanted): Query<Wanted>) -> Result<HttpResponse, ApiError> {
    let Permit { caller, state, .. } = permit;
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    let filter = wanted.filter(&caller, &catalogue, now)?;
    let read = move |db: &mut _| {
        let rows = people::list(db, &filter, wanted.limit.rows())?;
        let Page { items, next } = Page::cut(rows, wanted.limit, LIST, |row| row.user_name.clone())?;
        let shown = shown::load(db, &catalogue, items, now)?;
        let items = shown.iter().map(|person| person.to(&caller)).collect::<Result<Vec<ListedOut>, _>>()?;
        Ok(Page { items, next })
    };
    Ok(HttpResponse::Ok().json(state.read(read).await?))
}

/// Add a person
///
/// They start as an agent, without a team.
#[utoipa::path(post, path = "/api/v1/people", tag = "People", request_body = PersonIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repetitions harmless")),
    responses(
        (status = 201, description = "The person", body = PersonOut, headers(("Location" = String, description = "Where they are"))),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 409, description = "Somebody has this name, address or number", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
    ))]
pub async fn create(permit: Permit<CreatePerson>, creating: Creating<PersonIn>) -> Result<HttpResponse, ApiError> {
    let answer = |tx: &mut Tx<'_>, row: PersonRow| -> Result<_, Failure> {
        let (catalogue, location) = (tx.catalogue()?, format!("/api/v1/people/{}", row.id));
        created(&shown::load_one(tx.db, &catalogue, row, tx.now)?.whole(), location)
    };
    let command = AddPerson { details: creating.body.details()? };
    let command = Idempotent { command, request: creating.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// Read a person
#[utoipa::path(get, path = "/api/v1/people/{person}", tag = "People",
    params(("person" = String, Path, description = "`me`, an id, or a user name")),
    responses(
        (status = 200, description = "The person", body = PersonOut, headers(("ETag" = String, description = "Of this state"))),
        (status = 304, description = "The reader has it already"),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadPerson, PersonTarget>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let Permit { target, state, .. } = permit;
    let (tag, person) = whole(&state, target.row).await?;
    Ok(answer(&request, tag, &person))
}

async fn whole(state: &Session, row: PersonRow) -> Result<(actix_web::http::header::EntityTag, PersonOut), ApiError> {
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    let read = move |db: &mut _| {
        // Read again, so that the row, the team and the roles are of one moment.
        let row = people::find(db, &PersonRef::Id(row.person_id()?))?.ok_or(ProblemCode::NotFound)?;
        let shown = shown::load_one(db, &catalogue, row, now)?;
        Ok((shown.tag(), shown.whole()))
    };
    state.read(read).await
}

/// Change a person
///
/// Deactivating acts at once: tokens are refused, the membership ends; points stay.
#[utoipa::path(patch, path = "/api/v1/people/{person}", tag = "People", request_body = PersonPatch,
    params(
        ("person" = String, Path, description = "`me`, an id, or a user name"),
        ("If-Match" = String, Header, description = "The ETag that was read"),
    ),
    responses(
        (status = 200, description = "The person as they are now", body = PersonOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
        (status = 409, description = "Taken by somebody else, or the last administrator", body = ProblemBody),
        (status = 412, description = "Changed in the meantime", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change(
    permit: Permit<ChangePerson, PersonTarget>,
    meant: MeantFor,
    Json(patch): Json<PersonPatch>,
) -> Result<HttpResponse, ApiError> {
    let actor = permit.actor();
    let Permit { target, state, .. } = permit;
    let changes = patch.changes()?;
    let (person, row) = (target.id, target.row);
    let expected = Expected::Revision(row.revision);
    meant.check(&whole(&state, row.clone()).await?.0)?;
    let written = state.write(actor, Change { person, changes, expected }).await?;
    let (tag, person) = whole(&state, row).await?;
    Ok(tagged(changed(written.sequence, &person), tag))
}

/// Change oneself
///
/// The same as changing a person, for those who may change people (HR, administrators).
#[utoipa::path(patch, path = "/api/v1/people/me", tag = "People", request_body = PersonPatch,
    params(("If-Match" = String, Header, description = "The ETag that was read")),
    responses(
        (status = 200, description = "The person as they are now", body = PersonOut),
        (status = 403, description = "Not for you", body = ProblemBody),
        (status = 412, description = "Changed in the meantime", body = ProblemBody),
        (status = 422, description = "Something is not taken; each place is named", body = ProblemBody),
        (status = 428, description = "If-Match is missing", body = ProblemBody),
    ))]
pub async fn change_me(
    permit: Permit<ChangePerson, PersonTarget>,
    meant: MeantFor,
    patch: Json<PersonPatch>,
) -> Result<HttpResponse, ApiError> {
    change(permit, meant, patch).await
}

/// Erase a person, for good
///
/// They leave as on deactivation. Whatever says who they were goes: names, addresses, what they wrote, and what others
/// wrote about them alone; in evidence, stored answers and other texts a random id stands in place of their names. Their
/// id, totals, awards and what closed seasons published stay. Their user name is never given again, and whatever is
/// delivered about them changes nothing. Doing it again, by their id, changes nothing.
#[utoipa::path(post, path = "/api/v1/people/{person}/erase", tag = "People",
    params(("person" = String, Path, description = "An id, or a user name")),
    responses(
        (status = 204, description = "They are erased"),
        (status = 403, description = "Not for you, and never oneself", body = ProblemBody),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
        (status = 409, description = "The last administrator", body = ProblemBody),
    ))]
pub async fn erase(permit: Permit<ErasePerson, PersonTarget>) -> Result<HttpResponse, ApiError> {
    let actor = permit.actor();
    let Permit { target, state, .. } = permit;
    let written = state.write(actor, Erase { person: target.id }).await?;
    state.jobs.forget_until(state.clock.now());
    Ok(done(written.sequence))
}
