//! Money: whole cents of a currency, with checked arithmetic. Knows no exchange rates: sums are of one currency.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A currency by its three letters (ISO 4217), such as `EUR`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

/// An amount, not below zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "Written", into = "Written")]
pub struct Money {
    /// Hundredths of the currency's unit, 0 to [`Money::MOST_CENTS`].
    pub cents: i64,
    /// Of which currency.
    pub currency: Currency,
}

/// What is no money.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotMoney {
    /// The amount is not written as expected.
    #[error("an amount is written like 50.00: digits with at most two decimals, at most 10000000.00")]
    Amount,
    /// The currency is not written as expected.
    #[error("a currency is written as three capital letters, such as EUR")]
    Currency,
}

/// As documents have it: `{ "amount": "50.00", "currency": "EUR" }`.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    amount: String,
    currency: String,
}

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// Reads three capital letters.
    pub fn parse(text: &str) -> Result<Self, NotMoney> {
        let letters: [u8; 3] = text.as_bytes().try_into().map_err(|_| NotMoney::Currency)?;
        if letters.iter().all(u8::is_ascii_uppercase) { Ok(Self(letters)) } else { Err(NotMoney::Currency) }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|letter| write!(f, "{}", char::from(*letter)))
    }
}

impl TryFrom<String> for Currency {
    type Error = NotMoney;

    fn try_from(text: String) -> Result<Self, NotMoney> {
        Self::parse(&text)
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> Self {
        currency.to_string()
    }
}

impl Money {
    /// The most that one amount may be, in cents.
    pub const MOST_CENTS: i64 = 1_000_000_000;

    /// Reads an amount such as `50`, `50.5` or `50.00`.
    pub fn parse(amount: &str, currency: Currency) -> Result<Self, NotMoney> {
        let (whole, decimals) = amount.split_once('.').unwrap_or((amount, "0"));
        let digits = |text: &str, most: usize| {
            let fits = (1..=most).contains(&text.len()) && text.bytes().all(|digit| digit.is_ascii_digit());
            if fits { text.parse::<i64>().map_err(|_| NotMoney::Amount) } else { Err(NotMoney::Amount) }
        };
        let (whole, decimals) = (digits(whole, 8)?, digits(decimals, 2)? * if decimals.len() == 1 { 10 } else { 1 });
        let cents = whole * 100 + decimals;
        if cents > Self::MOST_CENTS { Err(NotMoney::Amount) } else { Ok(Self { cents, currency }) }
    }

    /// The amount as it is written: `50.00`.
    pub fn amount(self) -> String {
        amount(self.cents)
    }
}

/// Cents as they are written: `50.00`, `-0.05`.
pub fn amount(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{}.{:02}", cents.unsigned_abs() / 100, cents.unsigned_abs() % 100)
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl TryFrom<Written> for Money {
    type Error = NotMoney;

    fn try_from(written: Written) -> Result<Self, NotMoney> {
        Self::parse(&written.amount, Currency::parse(&written.currency)?)
    }
}

impl From<Money> for Written {
    fn from(money: Money) -> Self {
        Self { amount: money.amount(), currency: money.currency.to_string() }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(cents in 0..=Money::MOST_CENTS) {
            let money = Money { cents, currency: Currency::EUR };
            prop_assert_eq!(Money::parse(&money.amount(), Currency::EUR), Ok(money));
            let json = serde_json::to_string(&money).unwrap();
            prop_assert_eq!(serde_json::from_str::<Money>(&json).unwrap(), money);
        }

        #[test]
        fn nothing_else_is_money(text in "[0-9.,eE+ -]{0,10}") {
            let plain = text.split('.').count() <= 2
                && text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
                && text.split('.').nth(1).is_none_or(|decimals| decimals.len() <= 2)
                && text.split('.').next().is_some_and(|whole| whole.len() <= 8);
            let value = text.parse::<f64>().ok().filter(|value| plain && *value <= 10_000_000.0);
            let read = Money::parse(&text, Currency::EUR).ok().map(|money| money.cents as f64 / 100.0);
            prop_assert_eq!(read, value);
        }
    }

    #[test]
    fn amounts_have_two_decimals() {
        let cents = |text| Money::parse(text, Currency::EUR).map(|money| money.cents);
        assert_eq!(
            (cents("50"), cents("50.5"), cents("0.05"), cents("1.234")),
            (Ok(5_000), Ok(5_050), Ok(5), Err(NotMoney::Amount))
        );
        assert_eq!(
            ["EUR", "eur", "EURO", "E1R"].map(|text| Currency::parse(text).is_ok()),
            [true, false, false, false]
        );
        assert_eq!([amount(-5), amount(-250), amount(1_234)], ["-0.05", "-2.50", "12.34"]);
    }
}
