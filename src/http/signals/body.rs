//! The bodies that evidence comes in: one, many, line by line, or as CloudEvents.

use actix_web::HttpRequest;
use actix_web::dev::Payload;
use actix_web::web::Bytes;
use serde_json::value::RawValue;

use super::item::{Form, Item};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::http::problem::ApiError;
use crate::http::{json, json_error};

/// Signals of one request.
pub const MOST: usize = 1_000;

const JSON: &str = "application/json";
const NDJSON: &str = "application/x-ndjson";
const CLOUD_EVENT: &str = "application/cloudevents+json";
const CLOUD_EVENTS: &str = "application/cloudevents-batch+json";

/// What a request sent.
#[derive(Debug)]
pub enum Sent {
    /// One signal, answered by itself.
    One(Form, Box<Item>),
    /// Any number, answered in order.
    Many(Form, Vec<Item>),
}

/// Reads a request's signals. Only what is wrong with the body as a whole is an error.
pub async fn read(request: &HttpRequest, payload: &mut Payload) -> Result<Sent, ApiError> {
    let media_type = json::media_type(request.headers(), &[JSON, NDJSON, CLOUD_EVENT, CLOUD_EVENTS])?;
    let body = json::read(request, payload).await?;
    Ok(parse(media_type, &body)?)
}

fn parse(media_type: &str, body: &Bytes) -> Result<Sent, Problem> {
    match media_type {
        NDJSON => lines(body),
        CLOUD_EVENT => Ok(Sent::One(Form::CloudEvent, Box::new(Form::CloudEvent.read(body)))),
        CLOUD_EVENTS => many(Form::CloudEvent, body),
        _ if first_character(body) == Some(b'[') => many(Form::Signal, body),
        _ => Ok(Sent::One(Form::Signal, Box::new(Form::Signal.read(body)))),
    }
}

fn first_character(body: &[u8]) -> Option<u8> {
    body.iter().copied().find(|byte| !byte.is_ascii_whitespace())
}

fn many(form: Form, body: &[u8]) -> Result<Sent, Problem> {
    // Only the brackets are read here: what is wrong inside an item, a NUL for one, is that item's own problem.
    let items: Vec<Box<RawValue>> = serde_json::from_slice(body).map_err(|error| json_error::malformed(&error))?;
    within_limit(items.len())?;
    Ok(Sent::Many(form, items.into_iter().map(|item| form.read(item.get().as_bytes())).collect()))
}

/// One signal a line; empty lines are passed over.
fn lines(body: &[u8]) -> Result<Sent, Problem> {
    let lines = body.split(|byte| *byte == b'\n').filter(|line| first_character(line).is_some());
    let lines: Vec<&[u8]> = lines.take(MOST + 1).collect();
    within_limit(lines.len())?;
    Ok(Sent::Many(Form::Signal, lines.into_iter().map(|line| Form::Signal.read(line)).collect()))
}

fn within_limit(count: usize) -> Result<(), Problem> {
    if count <= MOST {
        return Ok(());
    }
    Err(Finding::new("", ProblemCode::TooMany).with("limit", MOST).into())
}
