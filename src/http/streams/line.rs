//! What every stream has: a caller who is let in as long as they may be, and a place.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};

use super::open::Place;
use super::ticket;
use crate::access::caller::Caller;
use crate::app::AppState;
use crate::domain::problem::{Problem, ProblemCode};
use crate::http::callers::{Identified, identify, identify_by_ticket, state};
use crate::http::permit::{Asked, Permission, Target, admit_at_once};
use crate::http::problem::ApiError;
use crate::http::session::Session;
use crate::http::visible;
use crate::writer::Actor;
use crate::writer::stream_ticket::TakeTicket;

/// The parameter that a ticket is in.
const TICKET: &str = "ticket";

/// Leave for the caller to listen, for as long as they may do `P` on a target; asked for with a token, or with a ticket.
pub struct Listening<P, T> {
    pub(super) line: Line,
    pub(super) target: T,
    permission: std::marker::PhantomData<P>,
}

/// The caller's end of a stream.
pub(super) struct Line {
    pub(super) app: Arc<AppState>,
    pub(super) session: Session,
    pub(super) asked: Asked,
    place: Place,
}

/// What a stream hears beside what it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Heard {
    /// Time for a heartbeat.
    Beat,
    /// Who the caller is, or what there is, has changed.
    Change,
    /// The caller may not listen any more, or the server is about to end.
    End,
}

impl Line {
    /// Waits for what concerns every stream. May be given up at any time.
    pub(super) async fn heard(&mut self) -> Heard {
        if self.place.beat.changed().await.is_err() {
            return Heard::End;
        }
        let beat = self.place.beat.borrow_and_update().clone();
        let caller = &self.asked.caller;
        if beat.ended || caller.until <= self.app.clock.now() {
            return Heard::End;
        }
        let review = beat.review.filter(|review| review.number > self.place.reviewed);
        let caller = match &review {
            None => caller.clone(),
            Some(review) => {
                self.place.reviewed = review.number;
                let Some(now) = review.callers.get(&caller.person) else { return Heard::End };
                Arc::new(Caller { scope: caller.scope.clone(), until: caller.until, ..Caller::clone(now) })
            }
        };
        self.asked = self.asked.again(caller, &self.app);
        if review.is_some() { Heard::Change } else { Heard::Beat }
    }
}

impl<P: Permission, T: Target> FromRequest for Listening<P, T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        Box::pin(async move {
            let app = state(&request)?;
            let identified = match ticket_of(&request)? {
                None => identify(&app, &request).await?,
                Some(ticket) => by_ticket(&app, &request, &ticket).await?,
            };
            let session = Session::new(app.clone(), &identified, request.method());
            let asked = Asked::of(&session, &request, &identified);
            let target = admit_at_once::<P, T>(&asked)?;
            let place = app.streams.enter(&app, &asked.caller, identified.epoch)?;
            Ok(Self { line: Line { app, session, asked, place }, target, permission: std::marker::PhantomData })
        })
    }
}

/// The ticket of a request, if it has one and no token.
fn ticket_of(request: &HttpRequest) -> Result<Option<String>, Problem> {
    let pairs = request.query_string().split('&').filter_map(|pair| pair.split_once('='));
    let mut tickets = pairs.filter(|(name, _)| *name == TICKET).map(|(_, ticket)| ticket.to_owned());
    let ticket = tickets.next();
    let with_token = request.headers().contains_key(actix_web::http::header::AUTHORIZATION);
    if tickets.next().is_some() || (ticket.is_some() && with_token) {
        let reason = "send one ticket, or a token";
        return Err(Problem::new(ProblemCode::InvalidQuery).with("reason", reason));
    }
    Ok(ticket)
}

async fn by_ticket(app: &Arc<AppState>, request: &HttpRequest, ticket: &str) -> Result<Identified, ApiError> {
    let digest = ticket::digest_of(&app.catalogue().digest_key, ticket)?;
    let version = visible::asked_for(request.query_string())?;
    visible::wait_for(app.writer.published(), version).await?;
    let taken = app.write(Actor::Operator, TakeTicket { digest }).await?.output.ok_or(ProblemCode::Unauthorized)?;
    let mut identified = identify_by_ticket(app, &taken).await?;
    identified.at_least = identified.at_least.max(version);
    Ok(identified)
}
