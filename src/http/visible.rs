//! Reading one's own writes: a reader names the version that a write was answered with, and waits for it.
//!
//! Any request may name one. [`super::permit`] waits before it asks who calls, so that a role given by that write is
//! there too; handlers never see the parameter.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::timeout;
use utoipa::openapi::Required;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, ObjectBuilder, SchemaFormat, Type};

use super::problem::{ApiError, describe_503};
use crate::domain::problem::{Problem, ProblemCode};
use crate::writer::Published;

/// The parameter, in the query of any read.
const PARAMETER: &str = "min_version";
/// The longest wait.
const MAX_WAIT: Duration = Duration::from_secs(2);

fn is_version(pair: &str) -> bool {
    pair.split('=').next() == Some(PARAMETER)
}

/// The version that a query names; 0 if it names none.
pub fn asked_for(query: &str) -> Result<i64, Problem> {
    let mut named = query.split('&').filter(|pair| is_version(pair));
    let Some(pair) = named.next() else { return Ok(0) };
    let version = pair.split_once('=').and_then(|(_, version)| version.parse().ok()).filter(|_| named.next().is_none());
    let reason = "min_version is the Applaus-Version of a write, given once";
    version.ok_or_else(|| Problem::new(ProblemCode::InvalidQuery).with("reason", reason))
}

/// A query without the version.
pub fn without(query: &str) -> Cow<'_, str> {
    if !query.split('&').any(is_version) {
        return Cow::Borrowed(query);
    }
    Cow::Owned(query.split('&').filter(|pair| !is_version(pair)).collect::<Vec<_>>().join("&"))
}

/// Waits until reads see `version`; 503 if that takes too long.
pub async fn wait_for(published: &Published, version: i64) -> Result<(), ApiError> {
    if published.newest() >= version {
        return Ok(());
    }
    let mut sequence = published.sequence();
    match timeout(MAX_WAIT, sequence.wait_for(|newest| *newest >= version)).await {
        Ok(reached) => reached.map(drop).map_err(ApiError::unavailable),
        Err(_) => Err(Problem::new(ProblemCode::NotYetVisible).with("version", version).into()),
    }
}

/// Describes the parameter, and what happens when the version is not reached, in a read.
pub fn describe(read: &mut Operation) {
    let number =
        ObjectBuilder::new().schema_type(Type::Integer).format(Some(SchemaFormat::KnownFormat(KnownFormat::Int64)));
    let parameter: Parameter = ParameterBuilder::new()
        .name(PARAMETER)
        .parameter_in(ParameterIn::Query)
        .required(Required::False)
        .description(Some("The `Applaus-Version` of a write that the answer must show."))
        .schema(Some(number.build()))
        .build();
    read.parameters.get_or_insert_default().push(parameter.into());
    describe_503(read, "`not_yet_visible`: `min_version` was not reached in time");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_taken_out_of_a_query() {
        for (query, version, rest) in [
            ("", 0, ""),
            ("q=min_version", 0, "q=min_version"),
            ("min_version=7", 7, ""),
            ("limit=5&min_version=7&q=a", 7, "limit=5&q=a"),
        ] {
            assert_eq!(asked_for(query).unwrap(), version, "{query}");
            assert_eq!(without(query), rest, "{query}");
        }
        for query in ["min_version", "min_version=", "min_version=x", "min_version=1&min_version=1", "min_version=1e3"]
        {
            assert_eq!(asked_for(query).unwrap_err().code, ProblemCode::InvalidQuery, "{query}");
        }
    }
}
