//! Reactions to kudos over HTTP.

use actix_web::{HttpResponse, web};
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::Serialize;
use utoipa::ToSchema;

use super::KudosTarget;
use super::view::{PersonName, names};
use crate::domain::kudos::Reaction;
use crate::domain::problem::{Finding, ProblemCode};
use crate::http::creating::done;
use crate::http::page::{Page, Paging};
use crate::http::permit::{Permit, ReactToKudos, ReadKudos};
use crate::http::problem::{ApiError, ProblemBody};
use crate::http::query::Query;
use crate::store::kudos::reactions::{self, ReactionRow};
use crate::store::row;
use crate::writer::kudos::reactions::{React, TakeReaction};

/// Somebody's reaction.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReactionOut {
    /// Who.
    person: PersonName,
    /// `applause`, `celebrate`, `heart`, `smile`, `star` or `thanks`.
    reaction: String,
    reacted_at: DateTime<Utc>,
}

fn reaction_named(name: &str) -> Result<Reaction, Finding> {
    Reaction::of_name(name).ok_or_else(|| {
        let known = Reaction::ALL.map(Reaction::name).join(", ");
        Finding::new("reaction", ProblemCode::InvalidValue).with("expected", known)
    })
}

/// React to kudos
///
/// Each person once in each way; doing it again changes nothing.
#[utoipa::path(put, path = "/api/v1/kudos/{kudos}/reactions/{reaction}", tag = "Kudos",
    params(
        ("kudos" = String, Path, description = "Its id"),
        ("reaction" = String, Path, description = "`applause`, `celebrate`, `heart`, `smile`, `star` or `thanks`"),
    ),
    responses(
        (status = 204, description = "It is there"),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 409, description = "It is hidden, or was taken back", body = ProblemBody),
        (status = 422, description = "There is no such reaction", body = ProblemBody),
    ))]
pub async fn react(
    permit: Permit<ReactToKudos, KudosTarget>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let command = React { kudos: permit.target.id, reaction: reaction_named(&path.1)? };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}

/// Take a reaction back
///
/// Does nothing if there is none.
#[utoipa::path(delete, path = "/api/v1/kudos/{kudos}/reactions/{reaction}", tag = "Kudos",
    params(
        ("kudos" = String, Path, description = "Its id"),
        ("reaction" = String, Path, description = "`applause`, `celebrate`, `heart`, `smile`, `star` or `thanks`"),
    ),
    responses(
        (status = 204, description = "It is not there"),
        (status = 404, description = "There is none that you may see", body = ProblemBody),
        (status = 422, description = "There is no such reaction", body = ProblemBody),
    ))]
pub async fn take(
    permit: Permit<ReactToKudos, KudosTarget>,
    path: web::Path<(String, String)>,
) -> Result<HttpResponse, ApiError> {
    let command = TakeReaction { kudos: permit.target.id, reaction: reaction_named(&path.1)? };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}

const LIST: &str = "kudos_reactions.1";

/// Who reacted to kudos
///
/// Oldest first. None while it is hidden, and once it is taken back.
#[utoipa::path(get, path = "/api/v1/kudos/{kudos}/reactions", tag = "Kudos",
    params(("kudos" = String, Path, description = "Its id"), Paging),
    responses(
        (status = 200, description = "A page of reactions", body = Page<ReactionOut>),
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
            true => reactions::list(db, &kudos.id, after, limit.rows())?,
            false => Vec::new(),
        };
        let page = Page::cut(rows, limit, LIST, |row: &ReactionRow| row.sequence)?;
        let people: Vec<String> = page.items.iter().map(|row| row.person.clone()).collect();
        let names = names(db, &people)?;
        let show = |row: ReactionRow| {
            let person = names.get(&row.person).cloned().ok_or_else(|| row::corrupt("a reaction of nobody"))?;
            Ok(ReactionOut { person, reaction: row.reaction, reacted_at: row::instant(row.reacted_at) })
        };
        Ok(Page { items: page.items.into_iter().map(show).collect::<QueryResult<Vec<_>>>()?, next: page.next })
    });
    Ok(HttpResponse::Ok().json(read.await?))
}
