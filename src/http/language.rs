//! The language of an answer: what the reader asks for in `Accept-Language`, as far as the product speaks it.

use std::convert::Infallible;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::{ACCEPT_LANGUAGE, HeaderMap};
use actix_web::{FromRequest, HttpRequest};

use crate::domain::language::Language;

/// The reader's language, for handlers whose answers have sentences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reader(pub Language);

impl FromRequest for Reader {
    type Error = Infallible;
    type Future = Ready<Result<Self, Infallible>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self(asked_for(request.headers()))))
    }
}

/// The language of the highest weight (RFC 9110 section 12.5.4), of equal ones the first; English if none fits.
pub fn asked_for(headers: &HeaderMap) -> Language {
    let ranges =
        headers.get_all(ACCEPT_LANGUAGE).filter_map(|value| value.to_str().ok()).flat_map(|line| line.split(','));
    let mut best = (Language::default(), 0);
    for range in ranges {
        let mut parts = range.split(';').map(str::trim);
        let Some(tag) = parts.next() else { continue };
        let language = if tag == "*" { Some(Language::default()) } else { Language::of_tag(tag) };
        let weight = parts.find_map(|part| part.strip_prefix("q=")).map_or(Some(1000), thousandths);
        if let (Some(language), Some(weight)) = (language, weight)
            && weight > best.1
        {
            best = (language, weight);
        }
    }
    best.0
}

/// A weight of 0 to 1 with at most three decimals, in thousandths.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    let fits = matches!(whole, "0" | "1") && decimals.len() <= 3 && decimals.bytes().all(|c| c.is_ascii_digit());
    let value = format!("{whole}{decimals:0<3}").parse().ok()?;
    (fits && value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    #[test]
    fn the_heaviest_language_we_speak_wins() {
        for (asked, expected) in [
            ("de", Language::De),
            ("de-AT, en;q=0.9", Language::De),
            ("en;q=0.8, de;q=0.9", Language::De),
            ("en, de", Language::En),
            ("fr, it;q=0.9, de;q=0.1", Language::De),
            ("de;q=0, *;q=0.1", Language::En),
            ("de;q=0", Language::En),
            ("fr", Language::En),
            ("", Language::En),
            ("*", Language::En),
            ("de;q=2", Language::En),
            ("de;q=1.001", Language::En),
            ("de;q=-1", Language::En),
            ("de;q=0.0001", Language::En),
            ("de;q=x, de;q=0.5", Language::De),
            (";;;,,,=;q", Language::En),
            ("DE ; q=1.000 , en;q=0.999", Language::De),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_LANGUAGE, HeaderValue::from_static(asked));
            assert_eq!(asked_for(&headers), expected, "{asked}");
        }
        assert_eq!(asked_for(&HeaderMap::new()), Language::En);
    }
}
