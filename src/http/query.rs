//! Query parameters: understood, or refused by name.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::error::QueryPayloadError;
use actix_web::{FromRequest, HttpRequest, web};
use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::problem::ApiError;
use super::visible::without;
use crate::domain::problem::{Problem, ProblemCode};

const MAX_REASON_CHARS: usize = 300;

/// The query, but for the version that any read may name. Give `T` `#[serde(deny_unknown_fields)]`, so that a misspelt
/// parameter is not silently dropped.
pub struct Query<T>(pub T);

/// No parameters at all: for what cannot be undone, none is ignored.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoParameters {}

impl<T: DeserializeOwned> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(parse(&without(request.query_string())).map(Self).map_err(ApiError::from))
    }
}

fn parse<T: DeserializeOwned>(query: &str) -> Result<T, Problem> {
    let refused = |reason: String| {
        let reason: String = reason.chars().take(MAX_REASON_CHARS).collect();
        Problem::new(ProblemCode::InvalidQuery).with("reason", reason)
    };
    if query.contains("%00") {
        return Err(refused("U+0000".to_owned()));
    }
    match web::Query::<T>::from_query(query) {
        Ok(value) => Ok(value.into_inner()),
        Err(QueryPayloadError::Deserialize(error)) => Err(refused(error.to_string())),
        Err(other) => Err(refused(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::super::page::{Cursor, Limit};
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct People {
        q: Option<String>,
        #[serde(default)]
        limit: Limit,
        after: Option<Cursor>,
    }

    #[test]
    fn known_parameters_are_read() {
        let people: People = parse("q=Zo%C3%AB+S&limit=200&after=abc").unwrap();
        assert_eq!((people.q.as_deref(), people.limit.get(), people.after.is_some()), (Some("Zoë S"), 200, true));
        assert_eq!(parse::<People>("").unwrap().limit, Limit::default());
    }

    #[test]
    fn anything_else_is_refused_by_name() {
        for (query, word) in [
            ("limt=5", "limt"),
            ("q=a&q=b", "q"),
            ("limit=0", "1 to 200"),
            ("limit=201", "1 to 200"),
            ("limit=-1", "1 to 200"),
            ("limit=ten", "1 to 200"),
            ("q=a%00b", "U+0000"),
            ("%", "%"),
        ] {
            let problem = parse::<People>(query).unwrap_err();
            assert_eq!(problem.code, ProblemCode::InvalidQuery);
            assert!(problem.to_string().contains(word), "{query}: {problem}");
        }
        let long = parse::<People>(&"x".repeat(100_000)).unwrap_err();
        assert!(long.to_string().len() < 1000);
    }
}
