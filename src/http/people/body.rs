//! What is said of a person in requests, and what of it is taken.

use serde::Deserialize;
use utoipa::ToSchema;

use crate::domain::language::Language;
use crate::domain::people::{check_user_name, is_email};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::text::is_identifier;
use crate::http::fields::{Faults, MOST_NAME_CHARS, given, line};
use crate::writer::person::{PersonChanges, PersonDetails};

/// The most that is trimmed and looked at of an address.
const MOST_EMAIL_CHARS: usize = 254;

/// A new person.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonIn {
    /// Unique, fixed for life; the `sub` of their tokens. 1 to 200 visible ASCII characters; not `me`, not a UUID.
    pub user_name: String,
    /// The name others see; at most 120 characters on one line.
    pub display_name: String,
    /// Unique.
    pub email: Option<String>,
    /// The HR system's number; unique. 1 to 200 visible ASCII characters.
    pub external_id: Option<String>,
    /// The organisation's if null.
    #[schema(value_type = Option<String>, pattern = "^(en|de)$")]
    pub language: Option<Language>,
}

/// What shall be different about a person; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonPatch {
    /// The name others see.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub display_name: Option<String>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub email: Option<Option<String>>,
    /// Null removes it.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>)]
    pub external_id: Option<Option<String>>,
    /// Null returns to the organisation's.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<String>, pattern = "^(en|de)$")]
    pub language: Option<Option<Language>>,
    /// False deactivates: tokens are refused and the membership ends at once; points stay.
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Option<bool>, nullable = false)]
    pub active: Option<bool>,
}

fn email(text: &str) -> Result<String, Finding> {
    let address = line("/email", text, MOST_EMAIL_CHARS)?;
    if is_email(&address) { Ok(address) } else { Err(Finding::new("/email", ProblemCode::InvalidEmail)) }
}

fn external_id(text: String) -> Result<String, Finding> {
    if is_identifier(&text) { Ok(text) } else { Err(Finding::new("/external_id", ProblemCode::InvalidIdentifier)) }
}

fn display_name(text: &str) -> Result<String, Finding> {
    line("/display_name", text, MOST_NAME_CHARS)
}

impl PersonIn {
    /// What is said, if all of it is good.
    pub fn details(self) -> Result<PersonDetails, Problem> {
        let mut faults = Faults::default();
        let named = check_user_name(&self.user_name).map_err(|code| Finding::new("/user_name", code));
        faults.check(named);
        let display_name = faults.check(display_name(&self.display_name));
        let email = faults.check_given(self.email.as_deref(), email);
        let external_id = faults.check_given(self.external_id, external_id);
        let (user_name, language) = (self.user_name, self.language);
        let details = || {
            Some(PersonDetails {
                user_name,
                display_name: display_name?,
                email: email?,
                external_id: external_id?,
                language,
            })
        };
        faults.whole(details())
    }
}

impl PersonPatch {
    /// What is different, if all of it is good.
    pub fn changes(self) -> Result<PersonChanges, Problem> {
        let mut faults = Faults::default();
        let display_name = faults.check_given(self.display_name.as_deref(), display_name);
        let email = faults.check_given(self.email, |given| given.as_deref().map(email).transpose());
        let external_id = faults.check_given(self.external_id, |given| given.map(external_id).transpose());
        let (language, active) = (self.language, self.active);
        let changes = || {
            Some(PersonChanges {
                display_name: display_name?,
                email: email?,
                external_id: external_id?,
                language,
                active,
            })
        };
        faults.whole(changes())
    }
}
