//! What is wrong with a JSON body, in the words of the product: from the messages of serde to problems with pointers.
//!
//! serde tells the kind of an error only in its message. Those messages are matched here and nowhere else, and a test
//! holds each of them; what it does not recognise is passed on as it is.

use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::domain::problem::{Finding, Problem, ProblemCode, pointer_step};

/// The longest name from a request that an answer repeats.
const MAX_NAME_CHARS: usize = 100;

/// The problem of a body that is not UTF-8, and so not JSON.
pub(super) fn not_utf8() -> Problem {
    Problem::new(ProblemCode::MalformedJson).with("reason", "UTF-8")
}

/// The problem of a body that is not JSON.
pub(super) fn malformed(error: &serde_json::Error) -> Problem {
    Problem::new(ProblemCode::MalformedJson).with("reason", error)
}

/// The problem of a body that should be an object and is something else.
pub(super) fn no_object() -> Problem {
    Problem::invalid(vec![Finding::new("", ProblemCode::ExpectedObject)])
}

/// Refuses U+0000, which PostgreSQL cannot store and which no text needs, in values and in names.
pub(super) fn refuse_nul(text: &str) -> Result<(), Problem> {
    // As itself it is malformed in JSON, so it can only stand as this escape; what looks like one may be another escape.
    if !text.contains("\\u0000") {
        return Ok(());
    }
    let value: Value = serde_json::from_str(text).map_err(|error| malformed(&error))?;
    match nul_pointer(&value) {
        Some(pointer) => Err(Problem::invalid(vec![Finding::new(pointer, ProblemCode::NulCharacter)])),
        None => Ok(()),
    }
}

/// Where the first U+0000 is; for one in a name, the object that has the name.
fn nul_pointer(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => text.contains('\0').then(String::new),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, item)| nul_pointer(item).map(|inner| format!("/{index}{inner}")))
        }
        Value::Object(fields) => fields.iter().find_map(|(name, value)| {
            if name.contains('\0') {
                return Some(String::new());
            }
            nul_pointer(value).map(|inner| pointer_step(&shortened(name)) + &inner)
        }),
        _ => None,
    }
}

/// The problem of the body `text` that is JSON but not what is expected here, or not JSON at all.
pub(super) fn problem(error: serde_path_to_error::Error<serde_json::Error>, text: &str) -> Problem {
    let message = error.inner().to_string();
    if error.inner().classify() != Category::Data {
        // What stands in place of one of several names is told like JSON that is malformed.
        let is_no_name = message.starts_with("expected value") && serde_json::from_str::<IgnoredAny>(text).is_ok();
        if !is_no_name {
            return malformed(error.inner());
        }
        let finding = Finding::new(pointer(error.path()), ProblemCode::WrongType).with("expected", "string");
        return Problem::invalid(vec![finding]);
    }
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    Problem::invalid(vec![finding(&pointer(error.path()), message)])
}

fn pointer(path: &Path) -> String {
    path.iter()
        .map(|segment| match segment {
            Segment::Seq { index } => format!("/{index}"),
            Segment::Map { key } | Segment::Enum { variant: key } => pointer_step(&shortened(key)),
            Segment::Unknown => String::new(),
        })
        .collect()
}

fn finding(pointer: &str, message: &str) -> Finding {
    // The expectation comes from the program and stands last, so nothing that a client sends can be taken for it.
    let (kind, expected) = message.rsplit_once(", expected ").unwrap_or((message, ""));
    if kind.starts_with("unknown field `") {
        let name = kind.trim_start_matches("unknown field `").split('`').next().unwrap_or_default();
        return Finding::new(pointer, ProblemCode::UnknownField)
            .with("field", shortened(name))
            .with("known", names(expected));
    }
    if let Some(name) = quoted(message, "missing field `") {
        return Finding::new(format!("{pointer}{}", pointer_step(name)), ProblemCode::MissingField).with("field", name);
    }
    if let Some(name) = quoted(message, "duplicate field `") {
        return Finding::new(format!("{pointer}{}", pointer_step(name)), ProblemCode::DuplicateField)
            .with("field", name);
    }
    if kind.starts_with("unknown variant `") {
        return Finding::new(pointer, ProblemCode::InvalidValue).with("expected", names(expected));
    }
    if kind.starts_with("invalid value: ")
        && let Some(range) = range(expected)
    {
        return Finding::new(pointer, ProblemCode::InvalidNumber).with("expected", range);
    }
    if kind.starts_with("invalid ") && !expected.is_empty() {
        return Finding::new(pointer, ProblemCode::WrongType).with("expected", json_type(expected));
    }
    if is_of_chrono(message) {
        return Finding::new(pointer, ProblemCode::InvalidDate).with("expected", "RFC 3339: 2026-11-03T09:41:00+01:00");
    }
    Finding::new(pointer, ProblemCode::NotTaken).with("reason", shortened(message))
}

/// The name in "`kind`name`".
fn quoted<'a>(message: &'a str, kind: &str) -> Option<&'a str> {
    message.strip_prefix(kind)?.strip_suffix('`')
}

/// "one of `a`, `b`" or "`a` or `b`" as "a, b".
fn names(expected: &str) -> String {
    expected.trim_start_matches("one of ").replace("` or `", "`, `").replace('`', "")
}

/// What a whole number may be, for the types of the program, which clients do not know.
fn range(expected: &str) -> Option<String> {
    let (least, most) = match expected {
        "u8" => (0, i128::from(u8::MAX)),
        "u16" => (0, i128::from(u16::MAX)),
        "u32" => (0, i128::from(u32::MAX)),
        "u64" | "usize" => (0, i128::from(u64::MAX)),
        "i32" => (i128::from(i32::MIN), i128::from(i32::MAX)),
        "i64" => (i128::from(i64::MIN), i128::from(i64::MAX)),
        _ => return None,
    };
    Some(format!("{least} … {most}"))
}

/// A type of the program as the type that JSON Schema has for it: a word that is the same in every language.
fn json_type(expected: &str) -> String {
    let json = match expected {
        "a string" | "string" | "a borrowed string" => "string",
        "a boolean" => "boolean",
        "f64" | "f32" => "number",
        "a map" => "object",
        "a sequence" => "array",
        _ if range(expected).is_some() => "integer",
        _ if expected.starts_with("struct ") => "object",
        _ if expected.starts_with("a tuple") || expected.starts_with("tuple") => "array",
        other => other,
    };
    json.to_owned()
}

fn is_of_chrono(message: &str) -> bool {
    matches!(
        message,
        "premature end of input"
            | "input contains invalid characters"
            | "input is out of range"
            | "trailing input"
            | "input is not enough for unique date and time"
            | "no possible date and time matching input"
    )
}

fn shortened(name: &str) -> String {
    match name.char_indices().nth(MAX_NAME_CHARS) {
        Some((end, _)) => format!("{}…", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use chrono::{DateTime, NaiveDate, Utc};
    use serde::Deserialize;

    use super::super::json::{parse, parse_object};
    use super::*;
    use crate::domain::ids::Code;

    #[derive(Debug, Default, Deserialize)]
    #[serde(deny_unknown_fields, default)]
    struct Body {
        text: String,
        small: u8,
        ratio: f64,
        flag: bool,
        code: Option<Code>,
        at: Option<DateTime<Utc>>,
        day: Option<NaiveDate>,
        kind: Option<Kind>,
        items: Vec<Item>,
        map: BTreeMap<String, i64>,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only whether it is read matters")]
    struct Item {
        name: String,
        #[serde(default)]
        only: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    #[expect(dead_code, reason = "only whether it is read matters")]
    enum Kind {
        Plain,
        With { count: u8 },
    }

    fn told(body: &str) -> (String, &'static str, String) {
        let problem = parse_object::<Body>(body.as_bytes()).unwrap_err();
        assert_eq!(problem.code, ProblemCode::InvalidRequest, "{problem}");
        let finding = &problem.findings[0];
        (finding.pointer.clone(), finding.code.name(), finding.detail(Default::default()))
    }

    #[test]
    fn every_kind_of_error_has_its_code_and_its_place() {
        for (body, pointer, code, word) in [
            (r#"{"tekst":"a"}"#, "/tekst", "unknown_field", "text, small"),
            (r#"{"a/b~c":1}"#, "/a~1b~0c", "unknown_field", "a/b~c"),
            (r#"{"items":[{"name":"a"},{"name":"b","x":1}]}"#, "/items/1/x", "unknown_field", "name, only"),
            (r#"{"items":[{"name":"a"},{}]}"#, "/items/1/name", "missing_field", "name"),
            (r#"{"text":"a","text":"b"}"#, "/text", "duplicate_field", "text"),
            (r#"{"text":1}"#, "/text", "wrong_type", "string"),
            (r#"{"text":null}"#, "/text", "wrong_type", "string"),
            (r#"{"small":"1"}"#, "/small", "wrong_type", "integer"),
            (r#"{"small":1.5}"#, "/small", "wrong_type", "integer"),
            (r#"{"small":256}"#, "/small", "invalid_number", "0 … 255"),
            (r#"{"small":-1}"#, "/small", "invalid_number", "0 … 255"),
            (r#"{"ratio":"1"}"#, "/ratio", "wrong_type", "number"),
            (r#"{"flag":1}"#, "/flag", "wrong_type", "boolean"),
            (r#"{"items":{}}"#, "/items", "wrong_type", "array"),
            (r#"{"items":["a, expected u8"]}"#, "/items/0", "wrong_type", "object"),
            (r#"{"map":[]}"#, "/map", "wrong_type", "object"),
            (r#"{"map":{"a":{"b":1}}}"#, "/map/a", "wrong_type", "integer"),
            (r#"{"code":"A b"}"#, "/code", "not_taken", "lower-case letters"),
            (r#"{"at":"yesterday"}"#, "/at", "invalid_date", "RFC 3339"),
            (r#"{"at":"2026-11-03T09:41:00"}"#, "/at", "invalid_date", "RFC 3339"),
            (r#"{"at":"2026-13-03T09:41:00Z"}"#, "/at", "invalid_date", "RFC 3339"),
            (r#"{"day":"2026-02-30"}"#, "/day", "invalid_date", "2026"),
            (r#"{"kind":"odd"}"#, "/kind", "invalid_value", "plain, with"),
            (r#"{"kind":5}"#, "/kind", "wrong_type", "string"),
            (r#"{"kind":["plain"]}"#, "/kind", "wrong_type", "string"),
            (r#"{"kind":{"with":{"count":"x"}}}"#, "/kind/with/count", "wrong_type", "integer"),
            (r#"[]"#, "", "object_expected", "object"),
            (r#""text""#, "", "object_expected", "object"),
            (r#"{"text":"a\u0000b"}"#, "/text", "nul_character", "U+0000"),
            (r#"{"map":{"a":1},"items":[{"name":"\u0000"}]}"#, "/items/0/name", "nul_character", "U+0000"),
            (r#"{"map":{"a\u0000":1}}"#, "/map", "nul_character", "U+0000"),
        ] {
            let (found_pointer, found_code, detail) = told(body);
            assert_eq!((found_pointer.as_str(), found_code), (pointer, code), "{body}: {detail}");
            assert!(detail.contains(word), "{body}: {detail}");
        }
    }

    #[test]
    fn what_is_no_json_is_said_with_its_position() {
        for body in
            ["", "{", r#"{"text":"a"} x"#, r#"{"text":"a",}"#, "{'text':1}", "\"\0\"", r#"{"text":"\ud800"}"#, "NaN"]
        {
            let problem = parse::<Body>(body.as_bytes()).unwrap_err();
            assert_eq!(problem.code, ProblemCode::MalformedJson, "{body}");
            assert!(problem.to_string().contains("line 1 column"), "{body}: {problem}");
        }
        let deep = parse::<Value>(&b"[".repeat(200)).unwrap_err();
        assert!(deep.to_string().contains("recursion limit"), "{deep}");
        assert_eq!(parse::<Body>(b"{\"text\":\"\xff\"}").unwrap_err().code, ProblemCode::MalformedJson);
    }

    #[test]
    fn what_only_looks_like_nul_is_taken() {
        assert!(parse::<Body>(br#"{"text":"a\\u0000b"}"#).is_ok());
    }

    #[test]
    fn long_names_are_not_repeated() {
        let (pointer, _, detail) = told(&format!(r#"{{"{}":1}}"#, "ü".repeat(10_000)));
        assert!(pointer.len() < 300 && detail.len() < 500, "{detail}");
    }
}
