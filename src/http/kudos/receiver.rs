//! How a kudos names whom it is for: a person as anywhere, or a team.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::http::person_ref::{PersonRefIn, PersonRefSchema};
use crate::writer::kudos::receivers::Receiver;

/// Somebody to thank.
#[derive(Debug, ToSchema)]
#[schema(value_type = ReceiverSchema)]
pub struct ReceiverIn(pub Receiver);

/// A person, or a team.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub enum ReceiverSchema {
    /// A person.
    Person(PersonRefSchema),
    /// A team: whoever is at home in it at that moment, without the sender.
    Team(TeamRef),
}

/// A team.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TeamRef {
    /// Its code.
    team: String,
}

impl<'de> Deserialize<'de> for ReceiverIn {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        if let Ok(TeamRef { team }) = serde_json::from_str(raw.get()) {
            return Ok(Self(Receiver::Team(team)));
        }
        let expected = "a user name, or an object with exactly one of id, user_name, email, external_id, team";
        let person = serde_json::from_str(raw.get()).map(|PersonRefIn(person)| Self(Receiver::Person(person)));
        person.map_err(|_| D::Error::invalid_type(serde::de::Unexpected::Other("other JSON"), &expected))
    }
}
