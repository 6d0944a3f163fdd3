//! Decimal values with four places, as integers: exact, comparable, the same on every machine.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};

/// A decimal with four places, kept as ten-thousandths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Decimal4(i64);

/// Why a text is no [`Decimal4`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotADecimal {
    /// It is not a decimal number.
    #[error("not a decimal number")]
    Malformed,
    /// More digits than can be read exactly, or beyond ± 10^12.
    #[error("too many digits, or beyond 10^12")]
    OutOfRange,
}

impl Decimal4 {
    /// Ten-thousandths in one.
    pub const ONE: i64 = 10_000;
    /// The largest magnitude: products with points and weights still fit 128 bits.
    const LIMIT: i64 = 1_000_000_000_000 * Self::ONE;

    /// From ten-thousandths.
    pub const fn from_raw(ten_thousandths: i64) -> Self {
        Self(ten_thousandths)
    }

    /// From a whole number.
    pub const fn from_whole(whole: i64) -> Self {
        Self(whole.saturating_mul(Self::ONE))
    }

    /// The ten-thousandths.
    pub const fn raw(self) -> i64 {
        self.0
    }

    /// Reads a JSON number from its text, rounded half away from zero to four places (SEMANTICS S15).
    pub fn parse(text: &str) -> Result<Self, NotADecimal> {
        if let Some(short) = Self::short(text) {
            return Ok(short);
        }
        let exponent = text.contains(['e', 'E']);
        let exact = if exponent { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) };
        let exact = exact.map_err(|error| match error {
            rust_decimal::Error::ErrorString(_) => NotADecimal::Malformed,
            _ => NotADecimal::OutOfRange,
        })?;
        let scaled = exact.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
        let scaled = scaled.checked_mul(Decimal::from(Self::ONE)).ok_or(NotADecimal::OutOfRange)?;
        let raw = scaled.to_i64().ok_or(NotADecimal::OutOfRange)?;
        if raw.abs() > Self::LIMIT {
            return Err(NotADecimal::OutOfRange);
        }
        Ok(Self(raw))
    }
}

impl Decimal4 {
    /// A plain number of few digits, read without ado: nearly all are, and a fold reads very many.
    fn short(text: &str) -> Option<Self> {
        let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
        let digits = |text: &str| (1..=9).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit());
        if !digits(whole) || !digits(part) || part.len() > 4 || (whole.len() > 1 && whole.starts_with('0')) {
            return None;
        }
        let scale = 10_i64.pow(4 - u32::try_from(part.len()).ok()?);
        let (whole, part): (i64, i64) = (whole.parse().ok()?, part.parse().ok()?);
        Some(Self(whole * Self::ONE + part * scale))
    }
}

impl std::str::FromStr for Decimal4 {
    type Err = NotADecimal;

    fn from_str(text: &str) -> Result<Self, NotADecimal> {
        Self::parse(text)
    }
}

impl fmt::Display for Decimal4 {
    /// Without trailing zeros: `92`, `4.5`, `-0.0625`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let magnitude = self.0.unsigned_abs();
        let (whole, part) = (magnitude / Self::ONE.unsigned_abs(), magnitude % Self::ONE.unsigned_abs());
        let sign = if self.0 < 0 { "-" } else { "" };
        if part == 0 {
            return write!(f, "{sign}{whole}");
        }
        let places = format!("{part:04}");
        write!(f, "{sign}{whole}.{}", places.trim_end_matches('0'))
    }
}

impl serde::Serialize for Decimal4 {
    /// As a JSON number that reads back as the same value.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::Error;
        if self.0 % Self::ONE == 0 {
            return serializer.serialize_i64(self.0 / Self::ONE);
        }
        // The shortest text that names the double is the decimal itself: at most 16 significant digits.
        serializer.serialize_f64(self.to_string().parse().map_err(S::Error::custom)?)
    }
}

impl<'de> serde::Deserialize<'de> for Decimal4 {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::{Error, Unexpected};
        let text = Box::<serde_json::value::RawValue>::deserialize(deserializer)?;
        Self::parse(text.get()).map_err(|error| match error {
            NotADecimal::Malformed => D::Error::invalid_type(Unexpected::Other("other JSON"), &"number"),
            NotADecimal::OutOfRange => {
                D::Error::invalid_value(Unexpected::Other("number"), &"number within ± 10^12, 28 digits")
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_half_away_from_zero_to_four_places() {
        for (text, raw) in [
            ("92", 920_000),
            ("0.00005", 1),
            ("-0.00005", -1),
            ("0.000049999999", 0),
            ("1e2", 1_000_000),
            ("4.5", 45_000),
            ("1.5E-3", 15),
            ("-0", 0),
        ] {
            assert_eq!(Decimal4::parse(text), Ok(Decimal4(raw)), "{text}");
        }
    }

    #[test]
    fn refuses_what_it_cannot_read_exactly() {
        for text in
            ["", "abc", "1e40", "0.0000499999999999999999999999999999999", "1000000000001", "NaN", "\"1\"", "null"]
        {
            assert!(Decimal4::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["0", "92", "4.5", "-0.0625", "0.0001", "999999999999.9999"] {
            assert_eq!(Decimal4::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn short_numbers_are_read_as_long_ones() {
        for text in ["0", "7", "92.5", "0.0001", "123456789.9999", "4.50", "1.0"] {
            let long = Decimal4::parse(&format!("{text}e0")).unwrap();
            assert_eq!(Decimal4::short(text), Some(long), "{text}");
        }
        for text in ["", "-1", "01", "1.", ".5", "1.00001", "1e3", "1234567890", "1.2.3", "+1", " 1"] {
            assert_eq!(Decimal4::short(text), None, "{text}");
        }
    }
}
