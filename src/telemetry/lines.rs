//! An event of the log as one line of JSON: when, how serious, what, and from where.
//!
//! Written for the one line that each request leaves: it costs a fraction of what a general serializer does. Knows nothing
//! of spans, for there are none.

use std::fmt::{self, Debug, Write};

use tracing::field::{Field, Visit};
use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::FmtContext;
use tracing_subscriber::fmt::format::{FormatEvent, FormatFields, Writer};
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::registry::LookupSpan;

/// Formats events as lines of JSON with their fields on the top level.
pub(super) struct Lines;

impl<S, N> FormatEvent<S, N> for Lines
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, _: &FmtContext<'_, S, N>, mut line: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        line.write_str("{\"timestamp\":\"")?;
        SystemTime.format_time(&mut line)?;
        line.write_str("\",\"level\":\"")?;
        line.write_str(event.metadata().level().as_str())?;
        line.write_char('"')?;
        let mut fields = Fields { line: &mut line, written: Ok(()) };
        event.record(&mut fields);
        fields.written?;
        line.write_str(",\"target\":\"")?;
        Escaped(&mut line).write_str(event.metadata().target())?;
        line.write_str("\"}\n")
    }
}

/// Writes fields, each after a comma.
struct Fields<'a, W> {
    line: &'a mut W,
    written: fmt::Result,
}

impl<W: Write> Fields<'_, W> {
    fn write(&mut self, field: &Field, value: impl FnOnce(&mut W) -> fmt::Result) {
        let write = || {
            self.line.write_str(",\"")?;
            // Names are written in the code.
            self.line.write_str(field.name())?;
            self.line.write_str("\":")?;
            value(self.line)
        };
        if self.written.is_ok() {
            self.written = write();
        }
    }

    fn write_text(&mut self, field: &Field, text: impl FnOnce(&mut Escaped<'_, W>) -> fmt::Result) {
        self.write(field, |line| {
            line.write_char('"')?;
            text(&mut Escaped(line))?;
            line.write_char('"')
        });
    }
}

impl<W: Write> Visit for Fields<'_, W> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        match value.is_finite() {
            true => self.write(field, |line| write!(line, "{value:?}")),
            false => self.write(field, |line| line.write_str("null")),
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.write(field, |line| write!(line, "{value}"));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.write(field, |line| write!(line, "{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.write(field, |line| line.write_str(if value { "true" } else { "false" }));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.write_text(field, |text| text.write_str(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.write_text(field, |text| write!(text, "{value:?}"));
    }
}

/// Writes text as it stands within a string of JSON (RFC 8259 section 7).
struct Escaped<'a, W>(&'a mut W);

impl<W: Write> Write for Escaped<'_, W> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some(place) = rest.bytes().position(|byte| byte < b' ' || byte == b'"' || byte == b'\\') {
            let (plain, special) = rest.split_at(place);
            self.0.write_str(plain)?;
            let mut chars = special.chars();
            match chars.next() {
                Some(quoted @ ('"' | '\\')) => write!(self.0, "\\{quoted}")?,
                Some(control) => write!(self.0, "\\u{:04x}", u32::from(control))?,
                None => {}
            }
            rest = chars.as_str();
        }
        self.0.write_str(rest)
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::{Arc, Mutex};

    use serde_json::{Value, json};

    use super::*;

    #[derive(Clone, Default)]
    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_event_is_a_line_of_json() {
        let kept = Kept::default();
        let writer = kept.clone();
        let events = tracing_subscriber::fmt().event_format(Lines).with_writer(move || writer.clone()).finish();
        let odd = "a \"b\" \\ \n\t\u{1} ü\u{2028}";
        tracing::subscriber::with_default(events, || {
            tracing::info!(n = 7_u64, x = 0.25, none = f64::NAN, yes = true, odd, d = ?Some(odd), "told: {odd}");
            tracing::error!(minus = -1_i64, big = 1e300, "once");
        });
        let text = String::from_utf8(kept.0.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let [first, second] = lines.as_slice() else { panic!("{text}") };
        let expected = json!({
            "level": "INFO", "message": format!("told: {odd}"), "n": 7, "x": 0.25, "none": null, "yes": true, "odd": odd,
            "d": format!("{:?}", Some(odd)), "target": module_path!(), "timestamp": first["timestamp"],
        });
        assert_eq!(first, &expected);
        assert!(first["timestamp"].as_str().unwrap().parse::<crate::domain::time::Instant>().is_ok(), "{first}");
        assert_eq!((&second["minus"], &second["big"], &second["level"]), (&json!(-1), &json!(1e300), &json!("ERROR")));
    }
}
