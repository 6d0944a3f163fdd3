//! Bodies: read within limits, and understood or refused with the place that is wrong.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use actix_web::dev::Payload;
use actix_web::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap};
use actix_web::{FromRequest, HttpMessage, HttpRequest, web};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use serde::de::{DeserializeOwned, IgnoredAny};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::json_error;
use super::problem::ApiError;
use super::serve::Bounds;
use crate::app::AppState;
use crate::domain::problem::{Problem, ProblemCode};

/// The media type of bodies.
pub const JSON: &str = "application/json";

/// The largest body in bytes; 1 MiB unless the application or a resource holds another in its `app_data`.
#[derive(Debug, Clone, Copy)]
pub struct BodyLimit(pub usize);

impl Default for BodyLimit {
    fn default() -> Self {
        Self(1024 * 1024)
    }
}

/// A JSON body. Give `T` `#[serde(deny_unknown_fields)]`, so that a misspelt field is not silently dropped.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned + 'static> FromRequest for Json<T> {
    type Error = ApiError;
    type Future = Pin<Box<dyn Future<Output = Result<Self, ApiError>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            media_type(request.headers(), &[JSON])?;
            let body = read(&request, &mut payload).await?;
            Ok(Self(parse_object(&body)?))
        })
    }
}

/// Which of the `supported` media types the body has. Its parameters, such as a charset, are not looked at: JSON is
/// UTF-8 (RFC 8259 section 8.1).
pub fn media_type(headers: &HeaderMap, supported: &[&'static str]) -> Result<&'static str, Problem> {
    let given = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let essence = given.split(';').next().unwrap_or_default().trim();
    let plain =
        headers.get(CONTENT_ENCODING).is_none_or(|encoding| encoding.as_bytes().eq_ignore_ascii_case(b"identity"));
    let found = supported.iter().find(|known| known.eq_ignore_ascii_case(essence)).filter(|_| plain);
    found
        .copied()
        .ok_or_else(|| Problem::new(ProblemCode::UnsupportedMediaType).with("supported", supported.join(", ")))
}

/// The whole body, if it is small enough and arrives in time.
pub async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Bytes, Problem> {
    let BodyLimit(limit) = request.app_data::<BodyLimit>().copied().unwrap_or_default();
    let too_large = || Problem::new(ProblemCode::PayloadTooLarge).with("limit", limit);
    let announced = request.headers().get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|length| usize::try_from(length).is_ok_and(|length| length > limit)) {
        return Err(too_large());
    }
    let mut room = Room::of(request);
    let whole = async {
        let mut body = BytesMut::new();
        while let Some(chunk) = payload.next().await {
            let chunk = chunk.map_err(|_| Problem::new(ProblemCode::BadRequest))?;
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            room.take(chunk.len())?;
            body.extend_from_slice(&chunk);
        }
        Ok(body.freeze())
    };
    let Bounds { body: limit, .. } = request.app_data::<Bounds>().copied().unwrap_or_default();
    let too_slow = |_| Problem::new(ProblemCode::RequestTimeout).with("seconds", limit.as_secs());
    let body = tokio::time::timeout(limit, whole).await.map_err(too_slow)?;
    // Given back when the request is done.
    request.extensions_mut().insert(room);
    body
}

/// The room that a body takes among those of all requests.
struct Room {
    all: Option<Arc<Semaphore>>,
    taken: Option<OwnedSemaphorePermit>,
}

impl Room {
    fn of(request: &HttpRequest) -> Self {
        Self { all: request.app_data::<web::Data<AppState>>().map(|state| state.bodies.clone()), taken: None }
    }

    fn take(&mut self, bytes: usize) -> Result<(), ProblemCode> {
        let Some(all) = &self.all else { return Ok(()) };
        let bytes = u32::try_from(bytes).map_err(|_| ProblemCode::Overloaded)?;
        let more = all.clone().try_acquire_many_owned(bytes).map_err(|_| ProblemCode::Overloaded)?;
        match &mut self.taken {
            Some(taken) => taken.merge(more),
            None => self.taken = Some(more),
        }
        Ok(())
    }
}

/// `body`, which is one JSON object, as a `T`.
///
/// serde reads a struct from an array too, by position; nobody who sends one means that.
pub fn parse_object<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if body.trim_ascii_start().starts_with(b"{") {
        return parse(body);
    }
    parse::<IgnoredAny>(body)?;
    Err(json_error::no_object())
}

/// `body` as a `T`. JSON nested deeper than 128 levels is refused like any other malformed JSON.
pub fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(body).map_err(|_| json_error::not_utf8())?;
    json_error::refuse_nul(text)?;
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let value =
        serde_path_to_error::deserialize(&mut deserializer).map_err(|error| json_error::problem(error, text))?;
    deserializer.end().map_err(|error| json_error::malformed(&error))?;
    Ok(value)
}
