//! Grants of points over HTTP.

pub(super) mod view;

use actix_web::HttpResponse;
use diesel::QueryResult;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

pub use self::view::{GrantOut, shown, shown_alone};
use super::creating::{Creating, changed, created, respond};
use super::json::Json;
use super::page::{Cursor, Limit, Page};
use super::permit::{self, Asked, Permit, ReadGrants, Seen, Target};
use super::person_ref::PersonRefIn;
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::{home_team, lineage, person_reference, relations_of};
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::grant::{REASON_LIMIT, State};
use crate::domain::ids::{Code, GrantId, PersonId};
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::text;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::grants::{self, Filter, GrantRow, Viewer};
use crate::store::people::{self, PersonRef};
use crate::writer::grant::{CancelGrant, DecideGrant, Decision, GivePoints};
use crate::writer::idempotent::Idempotent;
use crate::writer::{Committed, Tx};

/// The most points of one grant; what a person may grant a month is less.
const MOST_POINTS: i64 = 1_000_000;

/// Points to be granted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantIn {
    /// To whom: somebody whom one leads, for HR anybody, never oneself.
    to: PersonRefIn,
    /// 1 to 1000000.
    #[schema(minimum = 1, maximum = 1000000)]
    points: i64,
    /// Why: plain text without mark-up, of at most 500 characters, which the receiver reads.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
    /// The code of a programme whose budget of its season it counts for, beside those of the receiver's teams.
    #[schema(value_type = Option<String>)]
    programme: Option<Code>,
}

/// Why a grant is rejected.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GrantRejectionIn {
    /// Plain text of at most 500 characters, for the granter.
    #[schema(min_length = 1, max_length = 500)]
    note: String,
}

/// Whoever is led by the caller, whoever that is.
pub struct SomebodyLed;

impl Target for SomebodyLed {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let leads = !asked.caller.held.led_teams.is_empty();
        Some((Self, if leads { vec![Relation::LeadOfThem] } else { Vec::new() }))
    }
}

impl GrantIn {
    fn checked(&self) -> Result<String, Problem> {
        let mut findings = Vec::new();
        if !(1..=MOST_POINTS).contains(&self.points) {
            let finding = Finding::new("/points", ProblemCode::ExpectedWhole);
            findings.push(finding.with("least", 1).with("most", MOST_POINTS));
        }
        match text::plain(&self.reason, REASON_LIMIT) {
            Ok(reason) if findings.is_empty() => return Ok(reason),
            Ok(_) => {}
            Err(unfit) => findings.push(unfit.finding("/reason")),
        }
        Err(findings.into())
    }
}

/// Grant points
///
/// Leads grant to people whom they lead, HR to anybody, nobody to themselves. They count for the granter's limit of this
/// month, and for every budget that applies. Up to the organisation's `second_approval_above` the receiver has them at once;
/// more await the approval of somebody else from HR (`state` is `requested`), reserved until then.
#[utoipa::path(post, path = "/api/v1/grants", tag = "Grants", request_body = GrantIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless")),
    responses(
        (status = 201, description = "Granted, or awaiting approval; `Location` is its address", body = GrantOut),
        (status = 400, description = "The body is not JSON", body = ProblemBody),
        (status = 403, description = "Not to this person, or not for you", body = ProblemBody),
        (status = 422, description = "A field is wrong, or a limit or budget does not reach", body = ProblemBody),
    ))]
pub async fn give(
    permit: Permit<permit::GivePoints, SomebodyLed>,
    giving: Creating<GrantIn>,
) -> Result<HttpResponse, ApiError> {
    let Creating { body, request } = giving;
    let reason = body.checked()?;
    let receiver = receiver(&permit, body.to.0).await?;
    let command = GivePoints { receiver, points: Points(body.points), reason, programme: body.programme };
    let answer = |tx: &mut Tx<'_>, row: GrantRow| {
        let location = format!("/api/v1/grants/{}", row.id);
        created(&shown_alone(tx.db, row)?, location)
    };
    let command = Idempotent { command, request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// Who is meant, if the caller may grant them anything.
async fn receiver(
    permit: &Permit<permit::GivePoints, SomebodyLed>,
    reference: PersonRef,
) -> Result<PersonId, ApiError> {
    let (caller, catalogue, now) = (permit.caller.clone(), permit.state.catalogue(), permit.state.clock.now());
    let read = permit.state.read(move |db| {
        let unknown = || Finding::new("/to", ProblemCode::UnknownPerson).with("reference", &reference);
        let row = people::find(db, &reference)?.ok_or_else(unknown)?;
        let (id, home) = (row.person_id()?, home_team(db, &row.id, now)?);
        // That one may not is told as such, whomever one leads.
        let oneself = id == caller.person;
        let may = permits(Action::GivePoints, &caller, &relations_of(&caller, &catalogue, id, home));
        if oneself || may { Ok(id) } else { Err(ProblemCode::Forbidden.into()) }
    });
    read.await
}

/// The grants that the caller may see.
pub struct Grants(Viewer);

impl Target for Grants {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let Asked { caller, catalogue, now, .. } = asked;
        if permits(Action::ReadGrants, caller, &[]) {
            return Some((Self(Viewer::OfAll), Vec::new()));
        }
        let led = catalogue.teams.all().filter(|team| caller.leads(&lineage(catalogue, Some(team.id))));
        let leads = led.map(|team| team.id.to_string()).collect();
        let viewer = Viewer::Of { person: caller.person.into(), leads, at: *now };
        Some((Self(viewer), vec![Relation::Themselves]))
    }
}

/// Which grants to list. What names nobody matches nothing.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct GrantsQuery {
    /// Granted or received by this person: `me`, an id or a user name.
    person: Option<String>,
    /// `requested`, `granted`, `rejected` or `cancelled`.
    #[param(value_type = Option<String>)]
    state: Option<State>,
    /// For the programme of this code.
    programme: Option<String>,
    /// Of this month: `2026-11`.
    month: Option<String>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

const LIST: &str = "grants.1";

/// Grants
///
/// Newest first: those that the caller granted or was granted, those to people whom they lead, for HR all. A receiver sees
/// what was granted, not what awaits approval or was turned down.
#[utoipa::path(get, path = "/api/v1/grants", tag = "Grants", params(GrantsQuery),
    responses(
        (status = 200, description = "A page of grants", body = Page<GrantOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadGrants, Grants>,
    Query(query): Query<GrantsQuery>,
) -> Result<HttpResponse, ApiError> {
    let before = query.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?;
    let (limit, me, Grants(viewer)) = (query.limit, permit.caller.person, permit.target);
    let read = permit.state.read(move |db| {
        let named = query.person.map(|person| match person.as_str() {
            "me" => PersonRef::Id(me),
            other => person_reference(other),
        });
        let person = named.as_ref().map(|named| people::find(db, named)).transpose()?;
        if person == Some(None) {
            return Ok(Page { items: Vec::new(), next: None });
        }
        let person = person.flatten().map(|row| row.id);
        let filter =
            Filter { viewer, person, state: query.state, programme: query.programme, month: query.month, before };
        let page = Page::cut(grants::list(db, &filter, limit.rows())?, limit, LIST, |row: &GrantRow| row.sequence)?;
        Ok(Page { items: shown(db, page.items)?, next: page.next })
    });
    Ok(HttpResponse::Ok().json(read.await?))
}

/// The grant of `{grant}`.
pub struct GrantTarget {
    id: GrantId,
    row: GrantRow,
}

impl Target for GrantTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadGrants);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Ok(id) = asked.parameter("grant").parse::<GrantId>() else { return Ok(None) };
        let Some(row) = grants::find(db, &id.to_string())? else { return Ok(None) };
        let relations = relations(db, &asked.caller, &asked.catalogue, asked.now, &row)?;
        Ok(Some((Self { id, row }, relations)))
    }
}

/// How somebody stands to a grant. Its receiver does so once it is granted.
fn relations(
    db: &mut Db,
    caller: &Caller,
    catalogue: &Catalogue,
    now: Instant,
    row: &GrantRow,
) -> QueryResult<Vec<Relation>> {
    let (sent, received) = (row.granter_id()? == caller.person, row.receiver_id()? == caller.person);
    let leads = !received && caller.leads(&lineage(catalogue, home_team(db, &row.receiver, now)?));
    let holds = [
        (Relation::Sender, sent),
        (Relation::Themselves, received && row.known_state()? == State::Granted),
        (Relation::LeadOfThem, leads),
        (Relation::Uninvolved, !sent && !received),
    ];
    Ok(holds.into_iter().filter(|(_, holds)| *holds).map(|(relation, _)| relation).collect())
}

/// A grant
#[utoipa::path(get, path = "/api/v1/grants/{grant}", tag = "Grants",
    params(("grant" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The grant", body = GrantOut),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadGrants, GrantTarget>) -> Result<HttpResponse, ApiError> {
    let row = permit.target.row;
    let body = permit.state.read(move |db| Ok(shown_alone(db, row)?));
    Ok(HttpResponse::Ok().json(body.await?))
}

/// Approve a grant
///
/// By somebody from HR who neither granted nor receives it: the receiver has the points from then on.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/approve", tag = "Grants",
    params(("grant" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "Granted", body = GrantOut),
        (status = 403, description = "You may see it, but not decide on it", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is decided already", body = ProblemBody),
    ))]
pub async fn approve(permit: Permit<permit::DecideGrants, GrantTarget>) -> Result<HttpResponse, ApiError> {
    let command = DecideGrant { grant: permit.target.id, decision: Decision::Approved };
    let committed = permit.state.write(permit.actor(), command).await?;
    answered(&permit.state, committed).await
}

/// Reject a grant
///
/// By the same who may approve it. What was reserved is given back; the granter reads why.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/reject", tag = "Grants", request_body = GrantRejectionIn,
    params(("grant" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "Rejected", body = GrantOut),
        (status = 403, description = "You may see it, but not decide on it", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is decided already", body = ProblemBody),
        (status = 422, description = "The note is missing or not taken", body = ProblemBody),
    ))]
pub async fn reject(
    permit: Permit<permit::DecideGrants, GrantTarget>,
    Json(body): Json<GrantRejectionIn>,
) -> Result<HttpResponse, ApiError> {
    let note = text::plain(&body.note, REASON_LIMIT).map_err(|unfit| unfit.finding("/note"))?;
    let command = DecideGrant { grant: permit.target.id, decision: Decision::Rejected { note } };
    let committed = permit.state.write(permit.actor(), command).await?;
    answered(&permit.state, committed).await
}

/// Cancel a grant
///
/// By its granter, while it awaits approval. What was reserved is given back.
#[utoipa::path(post, path = "/api/v1/grants/{grant}/cancel", tag = "Grants",
    params(("grant" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "Cancelled", body = GrantOut),
        (status = 403, description = "You may see it, but it is not yours", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is decided already", body = ProblemBody),
    ))]
pub async fn cancel(permit: Permit<permit::CancelGrants, GrantTarget>) -> Result<HttpResponse, ApiError> {
    let command = CancelGrant { grant: permit.target.id };
    let committed = permit.state.write(permit.actor(), command).await?;
    answered(&permit.state, committed).await
}

async fn answered(
    state: &super::session::Session,
    Committed { output: row, sequence, .. }: Committed<GrantRow>,
) -> Result<HttpResponse, ApiError> {
    let body = state.read(move |db| Ok(shown_alone(db, row)?)).await?;
    Ok(changed(sequence, &body))
}
