//! Between the domain's types and the texts and times of the database.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::result::Error;

use crate::domain::time::Instant;

/// An instant as the database keeps it: UTC, whole microseconds.
pub fn stored(instant: Instant) -> NaiveDateTime {
    crate::domain::time::to_micros(instant).naive_utc()
}

/// An instant as the domain knows it.
pub fn instant(stored: NaiveDateTime) -> Instant {
    DateTime::<Utc>::from_naive_utc_and_offset(stored, Utc)
}

/// What the database holds is not what this program wrote.
pub fn corrupt(what: impl std::fmt::Display) -> Error {
    Error::DeserializationError(what.to_string().into())
}

/// A text of the database as a domain type.
pub fn parsed<T: TryFrom<String>>(text: String) -> Result<T, Error>
where
    T::Error: std::fmt::Display,
{
    T::try_from(text).map_err(corrupt)
}

/// A JSON text of the database as a type.
pub fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T, Error> {
    serde_json::from_str(text).map_err(corrupt)
}

/// A type as the JSON text that the database keeps.
pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, Error> {
    serde_json::to_string(value).map_err(|error| Error::SerializationError(error.into()))
}
