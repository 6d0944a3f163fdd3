//! Kudos over HTTP: sending, taking back, the feed; what comes of them is in files of its own.

pub mod moderation;
pub mod reactions;
pub mod receiver;
pub mod replies;

mod view;

use actix_web::HttpResponse;
use chrono::{DateTime, FixedOffset, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use self::receiver::ReceiverIn;
use self::view::Surroundings;
pub use self::view::{HiddenOut, KudosOut, PersonName, ReactionCount, ReceiverOut};
use super::creating::{Creating, created, done, respond};
use super::page::{Cursor, Limit, Page};
use super::permit::{self, Asked, Permit, ReadKudos, Seen, Target};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use super::targets::{home_team, lineage, person_reference};
use crate::access::caller::Caller;
use crate::access::policy::{Action, Relation, permits};
use crate::catalogue::Catalogue;
use crate::domain::ids::{Code, KudosId, TeamId};
use crate::domain::kudos::{MESSAGE_LIMIT, Visibility};
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::text;
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::kudos::{self, Filter, KudosRow, View, Viewer};
use crate::store::people::{self, PersonRef};
use crate::writer::Tx;
use crate::writer::idempotent::Idempotent;
use crate::writer::kudos::{RetractKudos, SendKudos, Sent};

/// Thanks to be sent.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KudosIn {
    /// To whom: people, each once and never oneself, and teams, which are those at home there now without the sender.
    /// Together as many as the organisation allows.
    to: Vec<ReceiverIn>,
    /// Why: plain text of at most 500 characters, without mark-up.
    #[schema(max_length = 500)]
    message: String,
    /// The code of one of the organisation's values.
    #[schema(value_type = Option<String>)]
    value: Option<Code>,
    /// Points for each receiver, from this month's allowance.
    #[serde(default)]
    #[schema(minimum = 0)]
    points: i64,
    /// Who may see it: `public`, `team` (who is at home in the team of the sender or a receiver) or `private`.
    #[serde(default)]
    #[schema(value_type = Option<String>, examples("public", "team", "private"))]
    visibility: Visibility,
}

/// A kudos as it was sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct KudosSent {
    /// The kudos.
    #[serde(flatten)]
    kudos: KudosOut,
    /// The points that it carries in sum. Beyond a monthly cap it carries none for that receiver: see `receivers`.
    charged: i64,
    /// What is left of this month's allowance.
    allowance_left: i64,
    /// How many kudos are left to send this month; null for as many as one likes.
    kudos_left: Option<u32>,
}

impl KudosIn {
    fn command(self) -> Result<SendKudos, Problem> {
        let mut findings = Vec::new();
        let message = plain("/message", &self.message).map_err(|finding| findings.push(finding));
        if !(0..=Points::MAX_AWARD.0).contains(&self.points) {
            let finding = Finding::new("/points", ProblemCode::ExpectedWhole);
            findings.push(finding.with("least", 0).with("most", Points::MAX_AWARD));
        }
        match message {
            Ok(message) if findings.is_empty() => Ok(SendKudos {
                to: self.to.into_iter().map(|ReceiverIn(receiver)| receiver).collect(),
                message,
                value: self.value,
                points: Points(self.points),
                visibility: self.visibility,
            }),
            _ => Err(findings.into()),
        }
    }
}

/// What somebody writes about or in answer to a kudos.
fn plain(pointer: &str, text: &str) -> Result<String, Finding> {
    text::plain(text, MESSAGE_LIMIT).map_err(|unfit| unfit.finding(pointer))
}

/// Send kudos
///
/// Points are taken from the sender's allowance of this month and go to the receivers' wallets. Where they would exceed a
/// monthly cap, of the receiver or between the two, the kudos carries none for that receiver: all or nothing for each.
#[utoipa::path(post, path = "/api/v1/kudos", tag = "Kudos", request_body = KudosIn,
    params(("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless")),
    responses(
        (status = 201, description = "Sent; `Location` is its address", body = KudosSent),
        (status = 400, description = "The body is not JSON", body = ProblemBody),
        (status = 422, description = "A field is wrong, or the allowance does not reach", body = ProblemBody),
    ))]
pub async fn send(permit: Permit<permit::SendKudos>, kudos: Creating<KudosIn>) -> Result<HttpResponse, ApiError> {
    let command = kudos.body.command()?;
    let caller = permit.caller.clone();
    let answer = move |tx: &mut Tx<'_>, sent: Sent| {
        let catalogue = tx.catalogue()?;
        let around = Surroundings::load(tx.db, &catalogue, &caller, tx.now, std::slice::from_ref(&sent.kudos))?;
        let (charged, allowance_left, kudos_left) = (sent.charged.0, sent.left.0, sent.kudos_left);
        let body = KudosSent { kudos: around.show(&sent.kudos)?, charged, allowance_left, kudos_left };
        created(&body, format!("/api/v1/kudos/{}", sent.kudos.id))
    };
    let command = Idempotent { command, request: kudos.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

/// The kudos of `{kudos}`.
pub struct KudosTarget {
    id: KudosId,
    row: KudosRow,
    shown: KudosOut,
}

impl Target for KudosTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadKudos);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Ok(id) = asked.parameter("kudos").parse::<KudosId>() else { return Ok(None) };
        let Some(row) = kudos::find(db, &id.to_string())? else { return Ok(None) };
        let around = Surroundings::load(db, &asked.catalogue, &asked.caller, asked.now, std::slice::from_ref(&row))?;
        let relations = around.relations(&row)?;
        let shown = around.show(&row)?;
        Ok(Some((Self { id, row, shown }, relations)))
    }
}

/// A kudos
///
/// What was withdrawn or removed is seen by its sender, the leads of its receivers and HR alone; what is hidden, also by its
/// receivers, without its message, and by the leads of its sender.
#[utoipa::path(get, path = "/api/v1/kudos/{kudos}", tag = "Kudos",
    params(("kudos" = String, Path, description = "Its id")),
    responses(
        (status = 200, description = "The kudos", body = KudosOut),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<ReadKudos, KudosTarget>) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().json(permit.target.shown))
}

/// Take kudos back
///
/// The sender withdraws while `withdrawable_until` lies ahead; a lead of a receiver or HR removes, but never what they
/// sent or received. Either is for good: points return to the allowance they came from, and what rules awarded is taken
/// back. Doing it again changes nothing.
#[utoipa::path(delete, path = "/api/v1/kudos/{kudos}", tag = "Kudos",
    params(("kudos" = String, Path, description = "Its id")),
    responses(
        (status = 204, description = "It counts no more"),
        (status = 403, description = "You may see it, but not take it back", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "Too late to withdraw", body = ProblemBody),
    ))]
pub async fn retract(permit: Permit<permit::RetractKudos, KudosTarget>) -> Result<HttpResponse, ApiError> {
    let committed = permit.state.write(permit.actor(), RetractKudos { kudos: permit.target.id }).await?;
    Ok(done(committed.sequence))
}

/// The feed: of all kudos, those that the caller may see.
pub struct Feed(Viewer);

impl Target for Feed {
    const SEEN_BY: Seen = Seen::ByEverybody;

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let caller = &asked.caller;
        if permits(Action::ReadKudos, caller, &[]) {
            return Ok(Some((Self(Viewer::OfAll), Vec::new())));
        }
        let home = home_team(db, &caller.person.to_string(), asked.now)?;
        let view = view_of(caller, &asked.catalogue, home);
        Ok(Some((Self(Viewer::Of(view)), vec![Relation::Audience])))
    }
}

fn view_of(caller: &Caller, catalogue: &Catalogue, home: Option<TeamId>) -> View {
    let led = catalogue.teams.all().filter(|team| caller.leads(&lineage(catalogue, Some(team.id))));
    let leads: Vec<String> = led.map(|team| team.id.to_string()).collect();
    let peers_in = leads.iter().cloned().chain(home.map(String::from)).collect();
    View { person: caller.person.into(), peers_in, leads }
}

/// Which kudos to list. What names nobody and no team matches nothing.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FeedQuery {
    /// Sent or received by this person: `me`, an id or a user name.
    person: Option<String>,
    /// Sent or received by somebody who is now at home in the team of this code, or in one below it.
    team: Option<String>,
    /// Naming the company value of this code.
    value: Option<String>,
    /// Sent then or later: RFC 3339.
    from: Option<DateTime<FixedOffset>>,
    /// Sent before then: RFC 3339.
    until: Option<DateTime<FixedOffset>>,
    /// How many: 1 to 200.
    #[serde(default)]
    #[param(value_type = Option<u16>)]
    limit: Limit,
    /// The `next` of the page before.
    #[param(value_type = Option<String>)]
    after: Option<Cursor>,
}

const LIST: &str = "kudos.1";

/// The feed
///
/// Newest first: the kudos that stand and that the caller may see; hidden ones for those involved and those who moderate.
/// Kudos sent while one pages stand before the first page.
#[utoipa::path(get, path = "/api/v1/kudos", tag = "Kudos", params(FeedQuery),
    responses(
        (status = 200, description = "A page of kudos", body = Page<KudosOut>),
        (status = 400, description = "The query is not understood", body = ProblemBody),
    ))]
pub async fn feed(permit: Permit<ReadKudos, Feed>, Query(query): Query<FeedQuery>) -> Result<HttpResponse, ApiError> {
    let before = query.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?;
    let (limit, caller, Feed(viewer)) = (query.limit, permit.caller, permit.target);
    let (catalogue, now) = (permit.state.catalogue(), permit.state.clock.now());
    let page = permit
        .state
        .read(move |db| {
            let Some(filter) = query.filter(db, &caller, &catalogue, viewer, (now, before))? else {
                return Ok(Page { items: Vec::new(), next: None });
            };
            let page = Page::cut(kudos::feed(db, &filter, limit.rows())?, limit, LIST, |row: &KudosRow| row.sequence)?;
            let around = Surroundings::load(db, &catalogue, &caller, now, &page.items)?;
            let items = page.items.iter().map(|row| around.show(row)).collect::<QueryResult<Vec<_>>>()?;
            Ok(Page { items, next: page.next })
        })
        .await?;
    Ok(HttpResponse::Ok().json(page))
}

impl FeedQuery {
    /// None if it names somebody or something that does not exist.
    fn filter(
        self,
        db: &mut Db,
        caller: &Caller,
        catalogue: &Catalogue,
        viewer: Viewer,
        (at, before): (Instant, Option<i64>),
    ) -> QueryResult<Option<Filter>> {
        let reference = self.person.map(|person| match person.as_str() {
            "me" => PersonRef::Id(caller.person),
            other => person_reference(other),
        });
        let person = match reference {
            Some(reference) => match people::find(db, &reference)? {
                Some(row) => Some(row.id),
                None => return Ok(None),
            },
            None => None,
        };
        let teams = match self.team {
            Some(code) => match catalogue.teams.by_code(&code) {
                Some(team) => {
                    Some(catalogue.teams.at_or_below(&team.code).into_iter().map(|team| team.id.into()).collect())
                }
                None => return Ok(None),
            },
            None => None,
        };
        let [from, until] = [self.from, self.until].map(|at| at.map(|at| at.with_timezone(&Utc)));
        Ok(Some(Filter { viewer, at, person, teams, value: self.value, from, until, before }))
    }
}
