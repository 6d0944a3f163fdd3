//! Durations as documents and settings write them.

use chrono::TimeDelta;
use jiff::SpanRelativeTo;
use jiff::fmt::temporal::SpanParser;

/// The longest duration.
const MAX: TimeDelta = TimeDelta::days(366);

/// Reads an ISO 8601 duration of weeks, days, hours, minutes and seconds, a day being 24 hours; positive, at most 366 days.
/// Parts of a second are cut to microseconds.
pub fn duration(text: &str) -> Option<TimeDelta> {
    let span = SpanParser::new().parse_span(text).ok()?;
    // Years and months have no fixed length: this refuses them.
    let exact = span.to_duration(SpanRelativeTo::days_are_24_hours()).ok()?;
    let micros = i64::try_from(exact.as_micros()).ok()?;
    let duration = TimeDelta::microseconds(micros);
    (TimeDelta::zero() < duration && duration <= MAX).then_some(duration)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_has_a_fixed_length() {
        for (text, seconds) in [
            ("PT90S", 90),
            ("PT15M", 900),
            ("PT1H30M", 5_400),
            ("P1D", 86_400),
            ("P2W", 1_209_600),
            ("P1W1DT1S", 691_201),
            ("P366D", 31_622_400),
        ] {
            assert_eq!(duration(text), Some(TimeDelta::seconds(seconds)), "{text}");
        }
        assert_eq!(duration("PT0.0000015S"), Some(TimeDelta::microseconds(1)));
    }

    #[test]
    fn refuses_the_rest() {
        for text in [
            "",
            "P",
            "PT",
            "1",
            "1 day",
            "P1",
            "P1M",
            "P1Y",
            "P1Y1D",
            "PT0S",
            "P0D",
            "-PT1S",
            "PT-1S",
            "P366DT1S",
            "P367D",
            "P99999999999999D",
            "PT0.0000001S",
            "PT1S ",
        ] {
            assert_eq!(duration(text), None, "{text}");
        }
    }
}
