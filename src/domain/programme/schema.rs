//! The JSON Schema (draft 2020-12) of the documents that this version takes, for editors and forms.
//!
//! It says what it can of the form; what refers to other parts or to the catalogue is said by reading alone.

/// The schema, as JSON text. `title` is English; `x-title` has both languages.
pub fn json_schema() -> &'static str {
    include_str!("schema.json")
}
