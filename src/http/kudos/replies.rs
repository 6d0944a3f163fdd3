//! Replies to kudos over HTTP.

use std::collections::HashMap;

use actix_web::HttpResponse;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::view::{PersonName, names};
use super::{KudosTarget, plain};
use crate::access::policy::{Action, Relation};
use crate::domain::ids::ReplyId;
use crate::http::creating::{Creating, created, done, respond};
use crate::http::page::{Page, Paging};
use crate::http::permit::{Asked, DeleteKudosReply, Permit, ReadKudos, ReplyToKudos, Seen, Target};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::query::Query;
use crate::store::db::Db;
use crate::store::kudos::replies::{self, ReplyRow};
use crate::store::row;
use crate::writer::Tx;
use crate::writer::idempotent::Idempotent;
use crate::writer::kudos::replies::{DeleteReply, Reply};

/// What to reply.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReplyIn {
    /// Plain text of at most 500 characters, without mark-up.
    #[schema(max_length = 500)]
    message: String,
}

/// A reply.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReplyOut {
    id: Uuid,
    /// Who wrote it.
    author: PersonName,
    message: String,
    replied_at: DateTime<Utc>,
}

impl ReplyOut {
    fn new(row: ReplyRow, names: &HashMap<String, PersonName>) -> QueryResult<Self> {
        let author = names.get(&row.author).cloned().ok_or_else(|| row::corrupt("a reply of nobody"))?;
        let (id, replied_at): (ReplyId, _) = (row::parsed(row.id)?, row::instant(row.replied_at));
        Ok(Self { id: id.0, author, message: row.message, replied_at })
    }
}

/// Reply to kudos
///
/// Whoever sees the kudos may reply, and sees the replies; a kudos has at most 100.
#[utoipa::path(post, path = "/api/v1/kudos/{kudos}/replies", tag = "Kudos", request_body = ReplyIn,
    params(
        ("kudos" = String, Path, description = "Its id"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless"),
    ),
    responses(
        (status = 201, description = "The reply; `Location` is where it can be deleted", body = ReplyOut),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is hidden, or was taken back", body = ProblemBody),
        (status = 422, description = "The text is not taken, or there are as many as there may be", body = ProblemBody),
    ))]
pub async fn reply(
    permit: Permit<ReplyToKudos, KudosTarget>,
    reply: Creating<ReplyIn>,
) -> Result<HttpResponse, ApiError> {
    let command = Reply { kudos: permit.target.id, message: plain("/message", &reply.body.message)? };
    let answer = |tx: &mut Tx<'_>, row: ReplyRow| {
        let location = format!("/api/v1/kudos/{}/replies/{}", row.kudos, row.id);
        let names = names(tx.db, std::slice::from_ref(&row.author))?;
        created(&ReplyOut::new(row, &names)?, location)
    };
    let command = Idempotent { command, request: reply.request, answer };
    Ok(respond(permit.state.write(permit.actor(), command).await?))
}

const LIST: &str = "kudos_replies.1";

/// The replies to kudos
///
/// Oldest first. None while it is hidden, and once it is taken back.
#[utoipa::path(get, path = "/api/v1/kudos/{kudos}/replies", tag = "Kudos",
    params(("kudos" = String, Path, description = "Its id"), Paging),
    responses(
        (status = 200, description = "A page of replies", body = Page<ReplyOut>),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn list(
    permit: Permit<ReadKudos, KudosTarget>,
    Query(paging): Query<Paging>,
) -> Result<HttpResponse, ApiError> {
    let after = paging.after.as_ref().map(|after| after.key::<i64>(LIST)).transpose()?.unwrap_or(0);
    let (kudos, limit) = (permit.target.row, paging.limit);
    let read = permit.state.read(move |db| {
        let rows = match kudos.is_open() {
            true => replies::list(db, &kudos.id, after, limit.rows())?,
            false => Vec::new(),
        };
        let page = Page::cut(rows, limit, LIST, |row: &ReplyRow| row.sequence)?;
        let authors: Vec<String> = page.items.iter().map(|row| row.author.clone()).collect();
        let names = names(db, &authors)?;
        let items = page.items.into_iter().map(|row| ReplyOut::new(row, &names)).collect::<QueryResult<Vec<_>>>()?;
        Ok(Page { items, next: page.next })
    });
    Ok(HttpResponse::Ok().json(read.await?))
}

/// The reply of `{reply}` to the kudos of `{kudos}`.
pub struct ReplyTarget(ReplyId);

impl Target for ReplyTarget {
    const SEEN_BY: Seen = Seen::ByWhoMay(Action::ReadKudos);

    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Ok(id) = asked.parameter("reply").parse::<ReplyId>() else { return Ok(None) };
        let Some((kudos, mut relations)) = KudosTarget::find(asked, db)? else { return Ok(None) };
        let Some(row) = replies::find(db, &id.to_string())?.filter(|row| row.kudos == kudos.row.id) else {
            return Ok(None);
        };
        if row.author == asked.caller.person.to_string() {
            relations.push(Relation::Author);
        }
        Ok(Some((Self(id), relations)))
    }
}

/// Delete a reply
///
/// Its author may, and whoever moderates the kudos. What it said is gone for good.
#[utoipa::path(delete, path = "/api/v1/kudos/{kudos}/replies/{reply}", tag = "Kudos",
    params(
        ("kudos" = String, Path, description = "The id of the kudos"),
        ("reply" = String, Path, description = "Its id"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 403, description = "You may see it, but not delete it", body = ProblemBody),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
    ))]
pub async fn remove(permit: Permit<DeleteKudosReply, ReplyTarget>) -> Result<HttpResponse, ApiError> {
    let ReplyTarget(reply) = permit.target;
    Ok(done(permit.state.write(permit.actor(), DeleteReply { reply }).await?.sequence))
}
