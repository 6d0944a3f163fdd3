//! Fields of bodies: each checked on its own, all that are wrong told at once.

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;

use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::money::{Currency, Money, NotMoney};
use crate::domain::period::Zone;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::text;
use crate::domain::time::Instant;

/// The longest name of anything.
pub const MOST_NAME_CHARS: usize = 120;

/// A field that was given, `null` only where `T` takes it: tells a field that is absent from one that is null.
/// Use it as `#[serde(default, deserialize_with = "given")]` on an `Option<T>`.
pub fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// What is wrong with the fields of a body.
#[derive(Debug, Default)]
pub struct Faults(Vec<Finding>);

impl Faults {
    /// The value, if it is good; else what is wrong is noted.
    pub fn check<T>(&mut self, checked: Result<T, Finding>) -> Option<T> {
        checked.map_err(|finding| self.0.push(finding)).ok()
    }

    /// The same for a field that may be absent: then there is nothing to check.
    pub fn check_given<T, U>(
        &mut self,
        value: Option<T>,
        check: impl FnOnce(T) -> Result<U, Finding>,
    ) -> Option<Option<U>> {
        self.check(value.map(check).transpose())
    }

    /// The whole, if nothing was wrong with its parts.
    pub fn whole<T>(self, whole: Option<T>) -> Result<T, Problem> {
        whole.filter(|_| self.0.is_empty()).ok_or_else(|| Problem::invalid(self.0))
    }
}

/// A name or title on one line.
pub fn line(pointer: &str, text: &str, limit: usize) -> Result<String, Finding> {
    text::line(text, limit).map_err(|unfit| unfit.finding(pointer))
}

/// A code.
pub fn code(pointer: &str, text: &str) -> Result<Code, Finding> {
    Code::new(text).ok_or_else(|| Finding::new(pointer, ProblemCode::InvalidCode))
}

/// An instant: RFC 3339 in any offset, or a date, which means the first instant of that day in `zone`. From 1970 to 8999,
/// the years that have periods.
pub fn moment(pointer: &str, text: &str, zone: &Zone) -> Result<Instant, Finding> {
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|_| text.len() == 10);
    let read = match day() {
        Some(day) => Some(zone.start_of(day)),
        None => DateTime::parse_from_rfc3339(text).ok().map(|at| at.with_timezone(&Utc)),
    };
    let counted = |at: &Instant| (0..FIRST_SECOND_OF_9000).contains(&at.timestamp());
    read.filter(counted).ok_or_else(|| {
        let expected = "2026-11-03, 2026-11-03T09:41:00+01:00; 1970 – 8999";
        Finding::new(pointer, ProblemCode::InvalidDate).with("expected", expected)
    })
}

/// 9000-01-01T00:00:00Z, in seconds since 1970.
const FIRST_SECOND_OF_9000: i64 = 221_845_392_000;

/// A name in every language.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Names {
    /// In English.
    pub en: String,
    /// In German.
    pub de: String,
}

impl Names {
    /// The names, if each is a line.
    pub fn checked(&self, pointer: &str, faults: &mut Faults) -> Option<Localised> {
        let en = faults.check(line(&format!("{pointer}/en"), &self.en, MOST_NAME_CHARS));
        let de = faults.check(line(&format!("{pointer}/de"), &self.de, MOST_NAME_CHARS));
        Some(Localised { en: en?, de: de? })
    }
}

impl From<Localised> for Names {
    fn from(names: Localised) -> Self {
        Self { en: names.en, de: names.de }
    }
}

/// Money.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MoneyField {
    /// Digits with at most two decimals.
    #[schema(example = "50.00")]
    pub amount: String,
    /// Three capital letters (ISO 4217).
    #[schema(example = "EUR")]
    pub currency: String,
}

impl MoneyField {
    /// The money, if it is some.
    pub fn checked(&self, pointer: &str) -> Result<Money, Finding> {
        let read = Currency::parse(&self.currency).and_then(|currency| Money::parse(&self.amount, currency));
        read.map_err(|not_money| match not_money {
            NotMoney::Amount => Finding::new(format!("{pointer}/amount"), ProblemCode::InvalidAmount),
            NotMoney::Currency => Finding::new(format!("{pointer}/currency"), ProblemCode::InvalidCurrency),
        })
    }
}

impl From<Money> for MoneyField {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_the_start_of_its_day_where_the_organisation_is() {
        let berlin = Zone::new("Europe/Berlin").unwrap();
        for (text, at) in [
            ("2026-11-01", "2026-10-31T23:00:00Z"),
            ("2026-07-01", "2026-06-30T22:00:00Z"),
            ("2026-11-01T00:00:00+01:00", "2026-10-31T23:00:00Z"),
            ("2026-11-01T00:00:00.123456789Z", "2026-11-01T00:00:00.123456789Z"),
            ("1970-01-02", "1970-01-01T23:00:00Z"),
        ] {
            assert_eq!(moment("/from", text, &berlin), Ok(at.parse().unwrap()), "{text}");
        }
        for text in
            ["", "today", "2026-11-1", "2026-02-30", "2026-11-01T00:00:00", "9000-01-02", "1969-12-30", "0001-01-01"]
        {
            assert_eq!(moment("/from", text, &berlin).unwrap_err().code, ProblemCode::InvalidDate, "{text}");
        }
        let end: Instant = "9000-01-01T00:00:00Z".parse().unwrap();
        assert_eq!(end.timestamp(), FIRST_SECOND_OF_9000);
    }

    #[test]
    fn every_fault_is_told_and_nothing_faulty_comes_out() {
        let mut faults = Faults::default();
        let (a, b) = (faults.check(code("/a", "A")), faults.check(line("/b", "", 9)));
        let problem = faults.whole(Some((a, b))).unwrap_err();
        assert_eq!(problem.findings.iter().map(|f| f.pointer.as_str()).collect::<Vec<_>>(), ["/a", "/b"]);
        let mut faults = Faults::default();
        assert!(faults.check_given(None::<&str>, |text| code("/a", text)).is_some_and(|given| given.is_none()));
        assert!(faults.whole(Some(())).is_ok());
    }
}
