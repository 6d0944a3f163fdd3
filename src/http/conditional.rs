//! Reading what has changed, and changing what was read (RFC 9110 section 13): strong entity tags and their conditions.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{
    self, ContentType, ETag, EntityTag, Header, HeaderName, HeaderValue, IfMatch, IfNoneMatch,
};
use actix_web::{FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder};
use bytes::Bytes;
use serde::Serialize;

use super::problem::ApiError;
use crate::domain::problem::ProblemCode;
use crate::writer::organization::Expected;

/// The tag of the `revision`-th state of something: `"r12"`.
pub fn revision_tag(revision: i64) -> EntityTag {
    EntityTag::new_strong(format!("r{revision}"))
}

/// `body` with its `tag`, or 304 without a body if the reader has it already.
pub fn answer(request: &HttpRequest, tag: EntityTag, body: &impl Serialize) -> HttpResponse {
    let (unchanged, mut response) = begun(request, tag);
    if unchanged { response.finish() } else { response.json(body) }
}

/// The same of a body that is JSON already, made only if it is sent.
pub fn answer_bytes(request: &HttpRequest, tag: EntityTag, body: impl FnOnce() -> Bytes) -> HttpResponse {
    let (unchanged, mut response) = begun(request, tag);
    if unchanged { response.finish() } else { response.content_type(ContentType::json()).body(body()) }
}

fn begun(request: &HttpRequest, tag: EntityTag) -> (bool, HttpResponseBuilder) {
    let unchanged = reader_has(request, &tag);
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag));
    // A browser may keep it, but asks each time, and never shows one caller's answer to the next.
    response.insert_header((header::CACHE_CONTROL, "private, no-cache"));
    response.insert_header((header::VARY, "Authorization"));
    (unchanged, response)
}

/// The answer to a change, with the tag of what is there now.
pub fn tagged(mut response: HttpResponse, tag: EntityTag) -> HttpResponse {
    if let Ok(tag) = HeaderValue::from_str(&tag.to_string()) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// Whether `If-None-Match` names `tag`; one that cannot be read names nothing.
pub fn reader_has(request: &HttpRequest, tag: &EntityTag) -> bool {
    if !request.headers().contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(tag)),
        Err(_) => false,
    }
}

/// The state that a change is meant for, from `If-Match`. Without that header the request is refused (428).
pub struct MeantFor(IfMatch);

impl MeantFor {
    /// Refuses the change (412) unless it is meant for the state with `tag`. `*` means any state.
    pub fn check(&self, tag: &EntityTag) -> Result<(), ApiError> {
        let meant = match &self.0 {
            IfMatch::Any => true,
            IfMatch::Items(tags) => tags.iter().any(|meant| meant.strong_eq(tag)),
        };
        if meant { Ok(()) } else { Err(ProblemCode::PreconditionFailed.into()) }
    }

    /// What the change expects to find, of which `revision` was checked: any state for `*`.
    pub fn expected(&self, revision: i64) -> Expected {
        if matches!(self.0, IfMatch::Any) { Expected::Any } else { Expected::Revision(revision) }
    }
}

impl FromRequest for MeantFor {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        const IF_MATCH: HeaderName = header::IF_MATCH;
        ready(if request.headers().contains_key(IF_MATCH) {
            // A tag that cannot be read is no tag of ours.
            IfMatch::parse(request).map(Self).map_err(|_| ProblemCode::PreconditionFailed.into())
        } else {
            Err(ProblemCode::PreconditionRequired.into())
        })
    }
}
