//! Identifiers as types of their own, so that one kind is never taken for another.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::time::Instant;

macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A fresh id, ordered by the instant it was made (UUID version 7, RFC 9562 section 5.7).
            pub fn new(now: Instant) -> Self {
                Self(new_v7(now))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.hyphenated().fmt(f)
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }

        impl TryFrom<String> for $name {
            type Error = uuid::Error;

            fn try_from(text: String) -> Result<Self, uuid::Error> {
                Uuid::try_parse(&text).map(Self)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, uuid::Error> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

uuid_id! {
    /// A person in the directory.
    PersonId,
    /// A team.
    TeamId,
    /// A home-team membership.
    MembershipId,
    /// Days off; its person's client chooses it.
    AbsenceId,
    /// Long work under way.
    JobId,
    /// A piece of evidence; `source` and `key` are its identity outside, this is its name inside.
    SignalId,
    /// A line of the ledger.
    TransferId,
    /// What somebody had certified.
    CertificateId,
    /// A thank-you.
    KudosId,
    /// A reply to a kudos.
    ReplyId,
    /// A reward that somebody asked for, or that is due to them.
    RedemptionId,
    /// Points that a person grants another.
    GrantId,
    /// What a programme or team may hand out in a season.
    BudgetId,
    /// A grant or withdrawal of a badge.
    BadgeEventId,
    /// A grant of a role.
    RoleGrantId,
}

fn new_v7(now: Instant) -> Uuid {
    let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
    let stamp = uuid::Timestamp::from_unix(uuid::NoContext, seconds, now.timestamp_subsec_nanos());
    Uuid::new_v7(stamp)
}

/// Who is rewarded: a person, or a team as such.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    /// A person.
    Person(PersonId),
    /// A team.
    Team(TeamId),
}

impl Subject {
    /// The id without its kind; unique over both kinds.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Person(id) => id.0,
            Self::Team(id) => id.0,
        }
    }
}

/// A code that HR chooses: programmes, rules, badges, tiers, boards, teams, measures.
///
/// 1 to 64 characters: lower-case letters, digits, `-` and `_`, the first of them a letter or a digit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Code(String);

impl Code {
    /// The longest code.
    pub const MAX: usize = 64;

    /// The code, if `text` is one.
    pub fn new(text: &str) -> Option<Self> {
        let inner = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-' || c == b'_';
        let first = text.bytes().next().is_some_and(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
        (first && text.len() <= Self::MAX && text.bytes().all(inner)).then(|| Self(text.to_owned()))
    }

    /// The code as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::borrow::Borrow<str> for Code {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl From<Code> for String {
    fn from(code: Code) -> String {
        code.0
    }
}

impl TryFrom<String> for Code {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::new(&text).ok_or(text)
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::new(&text).ok_or_else(|| serde::de::Error::custom("not a code: lower-case letters, digits, - and _"))
    }
}
