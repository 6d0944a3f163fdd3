//! Certificates: what can be certified, what of it is public, and the page that is printed.
//!
//! Knows no address and no badge by itself: who asks for a certificate is told what it says.

mod svg;

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use super::language::Language;
pub use svg::svg;

/// The most certificates of one person.
pub const MOST_CERTIFICATES: i64 = 200;
/// Random bytes of a code, of which 16 cannot be guessed.
pub const CODE_BYTES: usize = 16;
/// Characters of a code: base64 without padding (RFC 4648 section 5).
pub const CODE_CHARS: usize = 22;

/// What is certified: a badge that somebody holds, or without one the tier that they reached in a closed season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Code of the programme.
    pub programme: String,
    /// Code of the season.
    pub season: String,
    /// Code of the badge.
    pub badge: Option<String>,
}

/// Something that whoever has the code may see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    /// The person's name.
    Name,
    /// The badge or the tier.
    Achievement,
    /// The programme and the season.
    Programme,
    /// When it was earned.
    Date,
}

/// What a certificate says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The organisation's name.
    pub organization: String,
    /// The person's.
    pub name: String,
    /// The badge's or the tier's.
    pub achievement: String,
    /// Which of the two it is.
    pub kind: Kind,
    /// The programme's name.
    pub programme: String,
    /// The season's code.
    pub season: String,
    /// The local day on which it was earned; of a tier, the season's last.
    pub date: NaiveDate,
    /// Whether it still holds: a badge can be withdrawn.
    pub valid: bool,
    /// The language it is written in.
    pub language: Language,
    /// Where it can be verified.
    pub address: String,
}

/// What kind of achievement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A badge.
    Badge,
    /// The tier of a closed season.
    Tier,
}

impl Kind {
    /// Its name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Badge => "badge",
            Self::Tier => "tier",
        }
    }
}

/// A day in words: `18 November 2026`, `18. November 2026`.
pub fn day_in_words(day: NaiveDate, language: Language) -> String {
    const EN: [&str; 12] = [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ];
    const DE: [&str; 12] = [
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ];
    let (months, point) = match language {
        Language::En => (EN, ""),
        Language::De => (DE, "."),
    };
    let month = months.get(day.month0() as usize).copied().unwrap_or_default();
    format!("{}{point} {month} {}", day.day(), day.year())
}

/// `text` for a document of marks: its marks are escaped, and characters dropped that XML does not take (XML 1.0, section
/// 2.2) or that would turn the writing round what follows them.
pub fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {}
            '\u{FFFE}' | '\u{FFFF}' => {}
            c if c.is_control() => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

#[cfg(test)]
mod tests;
