//! Requests that create: their body, the key that makes repetitions harmless, and the answer to either (SEMANTICS S41).

use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::{FromRequest, HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::json::{self, JSON};
use super::problem::ApiError;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::text::is_identifier;
use crate::store::row;
use crate::writer::idempotent::{Answer, Replayed, RequestKey};
use crate::writer::{Committed, Failure, Tx};

const KEY_HEADER: &str = "Idempotency-Key";
const REPLAYED_HEADER: &str = "Idempotency-Replayed";
/// Carries the number of the sequence at which a write is visible.
pub const VERSION_HEADER: &str = "Applaus-Version";

/// The body of a request that creates, and what makes the request recognisable when it is repeated.
pub struct Creating<T> {
    /// The body.
    pub body: T,
    /// The key, if the client chose one.
    pub request: Option<RequestKey>,
}

impl<T: DeserializeOwned + 'static> FromRequest for Creating<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            json::media_type(request.headers(), &[JSON])?;
            let bytes = json::read(&request, &mut payload).await?;
            let key = request_key(&request, &bytes)?;
            Ok(Self { body: json::parse_object(&bytes)?, request: key })
        })
    }
}

/// The same of a request whose body may be left out; it is the default then.
pub struct MayCreate<T>(pub Creating<T>);

impl<T: Default + DeserializeOwned + 'static> FromRequest for MayCreate<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let bytes = json::read(&request, &mut payload).await?;
            let key = request_key(&request, &bytes)?;
            if bytes.is_empty() {
                return Ok(Self(Creating { body: T::default(), request: key }));
            }
            json::media_type(request.headers(), &[JSON])?;
            Ok(Self(Creating { body: json::parse_object(&bytes)?, request: key }))
        })
    }
}

fn request_key(request: &HttpRequest, body: &[u8]) -> Result<Option<RequestKey>, ApiError> {
    let mut given = request.headers().get_all(KEY_HEADER);
    let Some(key) = given.next() else { return Ok(None) };
    let key = key.to_str().ok().filter(|key| is_identifier(key) && given.next().is_none());
    let key = key.ok_or_else(|| Finding::new(KEY_HEADER, ProblemCode::InvalidIdentifier))?;
    Ok(Some(RequestKey {
        path: request.path().to_owned(),
        key: key.to_owned(),
        body_digest: URL_SAFE_NO_PAD.encode(digest(&SHA256, body)),
    }))
}

/// The answer to what was created, as it is kept with its effect.
pub fn created(body: &impl Serialize, location: String) -> Result<Answer, Failure> {
    let body = serde_json::to_value(body).map_err(row::corrupt)?;
    Ok(Answer { status: StatusCode::CREATED.as_u16(), body, location: Some(location), replayed: Replayed::No })
}

/// An answer, new or kept, as it is sent.
pub fn respond(committed: Committed<Answer>) -> HttpResponse {
    let Committed { output: answer, sequence, .. } = committed;
    let mut response = HttpResponse::build(StatusCode::from_u16(answer.status).unwrap_or(StatusCode::CREATED));
    response.insert_header((VERSION_HEADER, sequence.to_string()));
    if let Some(location) = answer.location {
        response.insert_header((LOCATION, location));
    }
    if answer.replayed == Replayed::Yes {
        response.insert_header((REPLAYED_HEADER, "true"));
    }
    response.json(answer.body)
}

/// The answer to a change: what is there now, and since when it is visible.
pub fn changed(sequence: i64, body: &impl Serialize) -> HttpResponse {
    HttpResponse::Ok().insert_header((VERSION_HEADER, sequence.to_string())).json(body)
}

/// The answer to a change that leaves nothing to show.
pub fn done(sequence: i64) -> HttpResponse {
    HttpResponse::NoContent().insert_header((VERSION_HEADER, sequence.to_string())).finish()
}

/// An answer that needs nothing but the command's output.
pub fn answering<O>(
    make: impl Fn(O) -> Result<Answer, Failure> + Send,
) -> impl Fn(&mut Tx<'_>, O) -> Result<Answer, Failure> + Send {
    move |_, output| make(output)
}
