//! How requests refer to people: a user name, or an object with exactly one way to name somebody.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::domain::ids::PersonId;
use crate::store::people::PersonRef;

/// A reference to a person.
#[derive(Debug, Clone, PartialEq, Eq, ToSchema)]
#[schema(value_type = PersonRefSchema)]
pub struct PersonRefIn(pub PersonRef);

/// A user name, or an object with exactly one of these.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum PersonRefSchema {
    /// A user name.
    UserName(String),
    /// One way to name somebody.
    Object(OneOf),
}

/// Exactly one of these.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OneOf {
    /// The id.
    id: Option<Uuid>,
    /// The user name.
    user_name: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// The HR system's number.
    external_id: Option<String>,
}

impl<'de> Deserialize<'de> for PersonRefIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        let expected = "a user name, or an object with exactly one of id, user_name, email, external_id";
        let refused = || D::Error::invalid_type(serde::de::Unexpected::Other("other JSON"), &expected);
        if raw.get().starts_with('"') {
            return serde_json::from_str(raw.get()).map(|name| Self(PersonRef::UserName(name))).map_err(|_| refused());
        }
        let given: OneOf = serde_json::from_str(raw.get()).map_err(|_| refused())?;
        let reference = match given {
            OneOf { id: Some(id), user_name: None, email: None, external_id: None } => PersonRef::Id(PersonId(id)),
            OneOf { id: None, user_name: Some(name), email: None, external_id: None } => PersonRef::UserName(name),
            OneOf { id: None, user_name: None, email: Some(email), external_id: None } => PersonRef::Email(email),
            OneOf { id: None, user_name: None, email: None, external_id: Some(id) } => PersonRef::ExternalId(id),
            _ => return Err(refused()),
        };
        Ok(Self(reference))
    }
}
