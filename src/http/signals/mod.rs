//! Evidence over HTTP: delivering, voiding, reading.

mod answer;
mod body;
mod item;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use chrono::{DateTime, FixedOffset, Utc};
use diesel::QueryResult;
use futures_util::future::LocalBoxFuture;
use serde::Deserialize;
use utoipa::IntoParams;

use self::answer::{AwardsShown, Reading};
pub use self::answer::{ManyOut, OneOut, ResultOut, RevisionOut, SignalOut, VoidOut};
use self::body::Sent;
pub use self::item::SignalIn;
use self::item::{Form, Item};
use super::creating::changed;
use super::language::Reader;
use super::page::{Cursor, Limit, Page};
use super::permit::{Asked, Permit, ReadPersonSignals, ReadSignals, Seen, Target, VoidSignals, WriteSignals};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::session::Session;
use super::targets::{PersonTarget, home_team, person_reference, relations_to};
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::domain::people::Role;
use crate::domain::problem::{Problem, ProblemCode};
use crate::store::db::Db;
use crate::store::people::{self, PersonRow};
use crate::store::row;
use crate::store::signals::{self, Filter, SignalRow};
use crate::writer::ingest::Ingest;
use crate::writer::void::{Void, Voided};

/// Some source that the caller delivers; which one is asked of each item.
pub struct SomeSource;

impl Target for SomeSource {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        Some((Self, if asked.caller.held.sources.is_empty() { Vec::new() } else { vec![Relation::OwnSource] }))
    }
}

fn relations_to_source(caller: &Caller, source: &str) -> Vec<Relation> {
    if caller.may_write_source(source) { vec![Relation::OwnSource] } else { Vec::new() }
}

/// The signals of a request.
pub struct SignalsIn(Sent);

impl FromRequest for SignalsIn {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move { body::read(&request, &mut payload).await.map(Self) })
    }
}

/// Deliver evidence
///
/// One signal as an object; up to 1,000 as an array, as NDJSON (`application/x-ndjson`), or as CloudEvents 1.0
/// (`application/cloudevents+json`, `application/cloudevents-batch+json`). A repetition changes nothing; a higher version
/// corrects. Answers after everything accepted is durable, with the awards that each signal now has.
#[utoipa::path(post, path = "/api/v1/signals", tag = "Evidence",
    request_body(content(
        (SignalIn = "application/json"),
        (String = "application/x-ndjson"),
        (item::CloudEventIn = "application/cloudevents+json"),
        (Vec<item::CloudEventIn> = "application/cloudevents-batch+json"),
    )),
    responses(
        (status = 200, description = "What became of it; of many: of each, in order", body = ManyOut),
        (status = 400, description = "The body is not JSON", body = ProblemBody),
        (status = 403, description = "Not your source", body = ProblemBody),
        (status = 413, description = "Larger than 1 MiB", body = ProblemBody),
        (status = 415, description = "Another media type", body = ProblemBody),
        (status = 422, description = "The one signal was rejected, or there are more than 1,000", body = ProblemBody),
    ))]
pub async fn deliver(
    permit: Permit<WriteSignals, SomeSource>,
    reader: Reader,
    signals: SignalsIn,
) -> Result<HttpResponse, ApiError> {
    let shown = permits(Action::ReadTransfers, &permit.caller, &[]);
    let reading = Reading { language: reader.0, awards: if shown { AwardsShown::Yes } else { AwardsShown::No } };
    match signals.0 {
        Sent::One(form, item) => deliver_one(&permit, form, *item, reading).await,
        Sent::Many(form, items) => deliver_many(&permit, form, items, reading).await,
    }
}

async fn deliver_one(
    permit: &Permit<WriteSignals, SomeSource>,
    form: Form,
    item: Item,
    reading: Reading,
) -> Result<HttpResponse, ApiError> {
    let delivery = match admitted(&permit.caller, item) {
        Item::Good(delivery) => *delivery,
        Item::Bad(_, problem) => return Err(problem.into()),
    };
    let identity = (Some(delivery.source.clone()), Some(delivery.key.clone()));
    let committed = permit.state.write(permit.actor(), Ingest { deliveries: vec![delivery] }).await?;
    let outcome = committed.output.into_iter().next().ok_or_else(|| ApiError::internal("no outcome"))?;
    if let Some(problem) = outcome.problem {
        return Err(form.place(problem).into());
    }
    let result = ResultOut::of(outcome, identity, form, reading);
    Ok(changed(committed.sequence, &OneOut { result, sequence: committed.since }))
}

async fn deliver_many(
    permit: &Permit<WriteSignals, SomeSource>,
    form: Form,
    items: Vec<Item>,
    reading: Reading,
) -> Result<HttpResponse, ApiError> {
    let mut deliveries = Vec::with_capacity(items.len());
    // A place for each item, in order: filled now if it was refused, later if it goes to the writer.
    let mut places = Vec::with_capacity(items.len());
    for item in items {
        match admitted(&permit.caller, item) {
            Item::Good(delivery) => {
                places.push(Err((Some(delivery.source.clone()), Some(delivery.key.clone()))));
                deliveries.push(*delivery);
            }
            Item::Bad(identity, problem) => {
                places.push(Ok(ResultOut::rejected(&problem, (identity.source, identity.key), reading)));
            }
        }
    }
    let committed = permit.state.write(permit.actor(), Ingest { deliveries }).await?;
    let mut outcomes = committed.output.into_iter();
    let mut results = Vec::with_capacity(places.len());
    for place in places {
        results.push(match place {
            Ok(rejected) => rejected,
            Err(identity) => {
                let outcome = outcomes.next().ok_or_else(|| ApiError::internal("an outcome is missing"))?;
                ResultOut::of(outcome, identity, form, reading)
            }
        });
    }
    Ok(changed(committed.sequence, &ManyOut::new(results, committed.since)))
}

/// The item, unless the caller may not write its source.
fn admitted(caller: &Caller, item: Item) -> Item {
    let Item::Good(delivery) = item else { return item };
    if permits(Action::WriteSignals, caller, &relations_to_source(caller, &delivery.source)) {
        return Item::Good(delivery);
    }
    let problem = Problem::new(ProblemCode::SourceNotPermitted).with("source", &delivery.source);
    Item::Bad(item::Identity { source: Some(delivery.source), key: Some(delivery.key) }, problem)
}

/// A source and key, in the path or in the query.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct IdentityIn {
    /// The source.
    source: String,
    /// The key.
    key: String,
}

/// Void a signal by query
///
/// For keys that are awkward in a path; otherwise the same.
#[utoipa::path(delete, path = "/api/v1/signals", tag = "Evidence", params(IdentityIn),
    responses(
        (status = 200, description = "It does not count, now and for ever", body = VoidOut),
        (status = 403, description = "Not your source", body = ProblemBody),
    ))]
pub async fn void_by_query(
    permit: Permit<VoidSignals, SomeSource>,
    Query(identity): Query<IdentityIn>,
) -> Result<HttpResponse, ApiError> {
    void(permit, identity).await
}

/// Void a signal
///
/// For good, also before it has come. Its awards are reversed, and what they displaced counts again.
#[utoipa::path(delete, path = "/api/v1/signals/{source}/{key}", tag = "Evidence",
    params(("source" = String, Path, description = "The source"), ("key" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "It does not count, now and for ever", body = VoidOut),
        (status = 403, description = "Not your source", body = ProblemBody),
    ))]
pub async fn void_by_path(
    permit: Permit<VoidSignals, SomeSource>,
    path: actix_web::web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let (source, key) = path.into_inner();
    void(permit, IdentityIn { source, key }).await
}

async fn void(permit: Permit<VoidSignals, SomeSource>, identity: IdentityIn) -> Result<HttpResponse, ApiError> {
    let IdentityIn { source, key } = identity;
    if !permits(Action::VoidSignals, &permit.caller, &relations_to_source(&permit.caller, &source)) {
        return Err(Problem::new(ProblemCode::SourceNotPermitted).with("source", source).into());
    }
    let command = Void { source: source.clone(), key: key.clone() };
    let committed = permit.state.write(permit.actor(), command).await?;
    let was = match committed.output {
        Voided::Live => "live",
        Voided::Beforehand => "beforehand",
        Voided::Already => "already",
    };
    let body = VoidOut { source, key, status: "voided", was, sequence: committed.since };
    Ok(changed(committed.sequence, &body))
}

/// The signal of `{source}` and `{key}`.
pub struct SignalTarget(SignalRow);

impl Target for SignalTarget {
    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Some(held) = signals::find(db, asked.parameter("source"), asked.parameter("key"))? else {
            return Ok(None);
        };
        let mut relations = relations_to_source(&asked.caller, &held.source);
        if let Some(agent) = &held.agent {
            let team = home_team(db, agent, asked.now)?;
            relations.extend(relations_to(asked, row::parsed(agent.clone())?, team));
        }
        Ok(Some((Self(held), relations)))
    }
}

/// One signal
#[utoipa::path(get, path = "/api/v1/signals/{source}/{key}", tag = "Evidence",
    params(("source" = String, Path, description = "The source"), ("key" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "The signal as it is held", body = SignalOut),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadSignals, SignalTarget>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(SignalOut::of(&permit.target.0)?))
}

/// The revisions of a signal
///
/// Every delivery that changed what is held, oldest first.
#[utoipa::path(get, path = "/api/v1/signals/{source}/{key}/revisions", tag = "Evidence",
    params(("source" = String, Path, description = "The source"), ("key" = String, Path, description = "The key")),
    responses(
        (status = 200, description = "The revisions", body = Page<RevisionOut>),
        (status = 404, description = "There is no signal that you may see", body = ProblemBody),
    ))]
pub async fn revisions(permit: Permit<ReadSignals, SignalTarget>) -> Result<HttpResponse, ApiError> {
    let id = permit.target.0.signal_id()?;
    let rows = permit.state.read(move |db| Ok(signals::revisions(db, id)?)).await?;
    let items = rows.iter().map(RevisionOut::of).collect::<QueryResult<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// Which signals to list.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ListQuery {
    /// Of this source.
    source: Option<String>,
    /// `live` or `voided`.
    status: Option<String>,
    /// About this person: an id or a user name.
    agent: Option<String>,
    /// Of this case.
    case: Option<String>,
    /// That happened at or after (RFC 3339).
    from: Option<DateTime<FixedOffset>>,
    /// That happened before (RFC 3339).
    until: Option<DateTime<FixedOffset>>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

const LIST: &str = "signals.1";

/// Signals
///
/// The latest change first. HR sees all, a source its own, a lead those about their teams, others those about themselves.
#[utoipa::path(get, path = "/api/v1/signals", tag = "Evidence", params(ListQuery),
    responses((status = 200, description = "A page of signals", body = Page<SignalOut>)))]
pub async fn list(
    permit: Permit<ReadSignals, ReadableSignals>,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let within = permit.target;
    page(&permit.state, query, within).await
}

/// Signals about a person
#[utoipa::path(get, path = "/api/v1/people/{person}/signals", tag = "People",
    params(("person" = String, Path, description = "`me`, an id or a user name"), ListQuery),
    responses(
        (status = 200, description = "A page of signals, the latest change first", body = Page<SignalOut>),
        (status = 404, description = "There is nobody that you may see", body = ProblemBody),
    ))]
pub async fn of_person(
    permit: Permit<ReadPersonSignals, PersonTarget>,
    Query(query): Query<ListQuery>,
) -> Result<HttpResponse, ApiError> {
    let within = ReadableSignals::About(vec![permit.target.row.id]);
    page(&permit.state, query, within).await
}

/// Which signals a caller may read.
#[derive(Clone)]
pub enum ReadableSignals {
    /// All.
    All,
    /// Those of these sources.
    Of(Vec<String>),
    /// Those about these people.
    About(Vec<String>),
}

impl Target for ReadableSignals {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let caller = &asked.caller;
        if permits(Action::ReadSignals, caller, &[]) {
            return Ok(Some((Self::All, Vec::new())));
        }
        if caller.has(Role::Source) {
            let own = caller.held.sources.iter().cloned().collect();
            return Ok(Some((Self::Of(own), vec![Relation::OwnSource])));
        }
        let mut people = vec![caller.person.to_string()];
        if caller.has(Role::Lead) {
            let teams = asked.catalogue.teams.all();
            let led = teams.filter(|team| caller.leads(&super::targets::lineage(&asked.catalogue, Some(team.id))));
            let teams = Some(led.map(|team| team.id.to_string()).collect());
            let filter = people::Filter { teams, at: Some(asked.now), ..people::Filter::default() };
            let members: Vec<PersonRow> = people::list(db, &filter, i64::MAX)?;
            people.extend(members.into_iter().map(|person| person.id));
        }
        Ok(Some((Self::About(people), vec![Relation::Themselves])))
    }
}

async fn page(state: &Session, query: ListQuery, within: ReadableSignals) -> Result<HttpResponse, ApiError> {
    let before = query.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?;
    if query.status.as_deref().is_some_and(|status| !matches!(status, "live" | "voided")) {
        return Err(Problem::new(ProblemCode::InvalidQuery).with("reason", "status: live, voided").into());
    }
    let limit = query.limit;
    let rows = state
        .read(move |db| {
            let mut filter = Filter {
                source: query.source,
                status: query.status,
                case: query.case,
                from: query.from.map(|from| from.with_timezone(&Utc)),
                until: query.until.map(|until| until.with_timezone(&Utc)),
                before,
                ..Filter::default()
            };
            if let Some(agent) = query.agent {
                let Some(person) = people::find(db, &person_reference(&agent))? else { return Ok(Vec::new()) };
                filter.agent = Some(person.person_id()?);
            }
            match within {
                ReadableSignals::All => {}
                ReadableSignals::Of(sources) => filter.sources = Some(sources),
                ReadableSignals::About(people) => filter.agents = Some(people),
            }
            Ok(signals::list(db, &filter, limit.rows())?)
        })
        .await?;
    let page = Page::cut(rows, limit, LIST, |row: &SignalRow| row.sequence)?;
    let items = page.items.iter().map(SignalOut::of).collect::<QueryResult<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: page.next }))
}
