//! Evidence: its content, its revisions, and what becomes of a delivery.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::decimal::Decimal4;
use super::ids::{PersonId, SignalId};
use super::time::Instant;

/// The source that is the server's own.
pub const OWN_SOURCE: &str = "applaus";
/// The kind that is the server's own.
pub const KUDOS_KIND: &str = "kudos";

/// The value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(untagged)]
pub enum AttributeValue {
    /// `true` or `false`.
    Bool(bool),
    /// A number.
    Number(Decimal4),
    /// A text.
    Text(String),
}

impl AttributeValue {
    /// The value as text, the form in which documents name values of any kind.
    pub fn printed(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) => Cow::Borrowed(text),
            Self::Bool(true) => Cow::Borrowed("true"),
            Self::Bool(false) => Cow::Borrowed("false"),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }
}

impl<'de> Deserialize<'de> for AttributeValue {
    /// By the first character of the JSON text: numbers keep every digit that was sent.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error, Unexpected};
        let refused = || D::Error::invalid_type(Unexpected::Other("other JSON"), &"string, number or boolean");
        let raw = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        let text = raw.get();
        match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map(Self::Text).map_err(D::Error::custom),
            Some(b't' | b'f') => serde_json::from_str(text).map(Self::Bool).map_err(D::Error::custom),
            Some(b'-' | b'0'..=b'9') => Decimal4::parse(text).map(Self::Number).map_err(|_| refused()),
            _ => Err(refused()),
        }
    }
}

/// What a signal says, in canonical form (SEMANTICS S15): two deliveries say the same if these are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// What kind of evidence it is, e.g. `evaluation`.
    pub kind: String,
    /// Whom it is about.
    pub agent: PersonId,
    /// When what it tells of happened.
    pub occurred_at: Instant,
    /// Over which channel, in lower case.
    pub channel: Option<String>,
    /// The case it belongs to.
    pub case: Option<String>,
    /// Values by measure.
    pub measures: BTreeMap<String, Decimal4>,
    /// Values by attribute.
    pub attributes: BTreeMap<String, AttributeValue>,
}

/// A live signal, as the engine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// Its name inside.
    pub id: SignalId,
    /// Who delivered it.
    pub source: String,
    /// Its name at the source.
    pub key: String,
    /// What it says.
    pub content: Content,
}

impl Evidence {
    /// The order in which a fold reads signals: by instant, then by source and key as bytes.
    /// It depends on the evidence alone, never on the order of arrival.
    pub fn fold_order(&self) -> (Instant, &[u8], &[u8]) {
        (self.content.occurred_at, self.source.as_bytes(), self.key.as_bytes())
    }
}

/// What is held under a source and key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing yet.
    Nothing,
    /// A live signal.
    Live {
        /// The highest version delivered.
        version: i64,
        /// What it says.
        content: Content,
    },
    /// Voided, for good.
    Voided,
}

/// What becomes of a delivery (SEMANTICS S13, S14).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// New: it is taken in.
    Accepted,
    /// Known: nothing changes.
    Duplicate,
    /// Known with a lower version: only the version moves up.
    DuplicateNewer,
    /// It replaces what was held.
    Corrected,
    /// Older than what is held: nothing changes.
    Stale,
    /// The key was voided: nothing changes, ever.
    Voided,
    /// The version is held with other content: refused.
    Conflict,
}

/// Judges a delivery of `content` as `version` against what is held.
pub fn judge(held: &Held, version: i64, content: &Content) -> Verdict {
    match held {
        Held::Nothing => Verdict::Accepted,
        Held::Voided => Verdict::Voided,
        Held::Live { version: known, .. } if version < *known => Verdict::Stale,
        Held::Live { version: known, content: said } => match (said == content, version == *known) {
            (true, true) => Verdict::Duplicate,
            (true, false) => Verdict::DuplicateNewer,
            (false, true) => Verdict::Conflict,
            (false, false) => Verdict::Corrected,
        },
    }
}
