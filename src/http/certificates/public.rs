//! Verifying a certificate: anybody who was given its address sees what its owner released, and nothing else.

use std::fmt::Write;
use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, web};
use chrono::NaiveDate;
use serde::Serialize;
use utoipa::ToSchema;

use super::accepts;
use super::said::said;
use crate::app::AppState;
use crate::domain::certificate::{CODE_CHARS, Certificate, Shown, day_in_words, escaped};
use crate::domain::language::Language;
use crate::domain::problem::ProblemCode;
use crate::http::language::Reader;
use crate::http::problem::{ApiError, ProblemBody};
use crate::store::certificates;

/// What a certificate says to everybody.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct VerifiedOut {
    /// Whether it still holds: false once the badge was taken back.
    valid: bool,
    /// Who made it.
    organization: String,
    /// Whose it is, if they released it.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// `badge` or `tier`, if its name is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    /// The badge or the tier, if it is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    achievement: Option<String>,
    /// The programme, if it is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    programme: Option<String>,
    /// The code of its season, if the programme is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    season: Option<String>,
    /// When it was earned, if that is released.
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<NaiveDate>,
}

impl VerifiedOut {
    /// What of a certificate is released.
    fn of(certificate: Certificate, shown: &[Shown]) -> Self {
        let mut out = Self { valid: certificate.valid, organization: certificate.organization, ..Self::default() };
        for shown in shown {
            match shown {
                Shown::Name => out.name = Some(certificate.name.clone()),
                Shown::Achievement => {
                    out.kind = Some(certificate.kind.name());
                    out.achievement = Some(certificate.achievement.clone());
                }
                Shown::Programme => {
                    out.programme = Some(certificate.programme.clone());
                    out.season = Some(certificate.season.clone());
                }
                Shown::Date => out.date = Some(certificate.date),
            }
        }
        out
    }
}

/// Verify a certificate
///
/// Without a token: what its owner released of it. With `Accept: text/html` a page to read, without scripts.
#[utoipa::path(get, path = "/certificates/{code}", tag = "Certificates", security(()),
    params(("code" = String, Path, description = "The code at the end of its address")),
    responses(
        (status = 200, description = "What is released of it", content(
            (VerifiedOut = "application/json"), (String = "text/html"))),
        (status = 404, description = "There is none, or it was withdrawn", body = ProblemBody),
    ))]
pub async fn verify(
    state: web::Data<AppState>,
    code: web::Path<String>,
    Reader(language): Reader,
    request: HttpRequest,
) -> Result<HttpResponse, ApiError> {
    let state: Arc<AppState> = state.into_inner();
    let found = released(&state, code.into_inner()).await?;
    if accepts(&request, "text/html") {
        return Ok(match found {
            Some(released) => answer(StatusCode::OK).content_type(HTML).body(page(&released, language)),
            None => answer(StatusCode::NOT_FOUND).content_type(HTML).body(nothing(language)),
        });
    }
    let released = found.ok_or(ProblemCode::NotFound)?;
    Ok(answer(StatusCode::OK).insert_header((CONTENT_TYPE, "application/json")).json(released))
}

const HTML: &str = "text/html; charset=utf-8";

/// What is released of the certificate of a code. What is no code is not looked for.
async fn released(state: &Arc<AppState>, code: String) -> Result<Option<VerifiedOut>, ApiError> {
    let fits = |c: u8| c.is_ascii_alphanumeric() || c == b'-' || c == b'_';
    if code.len() != CODE_CHARS || !code.bytes().all(fits) {
        return Ok(None);
    }
    let (catalogue, public_url) = (state.catalogue(), state.public_url.clone());
    let read = state.read(move |db| {
        let Some(kept) = certificates::by_code(db, &code)? else { return Ok(None) };
        let shown = kept.known_shown()?;
        Ok(Some(VerifiedOut::of(said(db, &catalogue, &public_url, &kept)?, &shown)))
    });
    read.await
}

/// Nothing of it is kept by anybody on the way, listed by a search engine, or told to whom it links.
fn answer(status: StatusCode) -> HttpResponseBuilder {
    let mut response = HttpResponse::build(status);
    response
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
        ))
        .insert_header(("Referrer-Policy", "no-referrer"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .insert_header(("X-Robots-Tag", "noindex"));
    response
}

fn page(released: &VerifiedOut, language: Language) -> String {
    let words = |en: &'static str, de: &'static str| if language == Language::De { de } else { en };
    let date = released.date.map(|date| day_in_words(date, language));
    let kind = match released.kind {
        Some("tier") => words("Tier", "Stufe"),
        _ => words("Badge", "Abzeichen"),
    };
    let rows = [
        (words("Organisation", "Organisation"), Some(&released.organization)),
        (words("Name", "Name"), released.name.as_ref()),
        (kind, released.achievement.as_ref()),
        (words("Programme", "Programm"), released.programme.as_ref()),
        (words("Season", "Saison"), released.season.as_ref()),
        (words("Date", "Datum"), date.as_ref()),
    ];
    let verdict = if released.valid {
        words("This certificate is valid.", "Diese Urkunde ist gültig.")
    } else {
        words("This certificate is no longer valid.", "Diese Urkunde ist nicht mehr gültig.")
    };
    let mut body = format!("<p><strong>{}</strong></p><dl>", escaped(verdict));
    for (label, value) in rows {
        if let Some(value) = value {
            // Writing to a string cannot fail.
            let _ = write!(body, "<dt>{}</dt><dd>{}</dd>", escaped(label), escaped(value));
        }
    }
    body.push_str("</dl>");
    document(&body, language)
}

fn nothing(language: Language) -> String {
    let words = match language {
        Language::En => "There is no such certificate, or it was withdrawn.",
        Language::De => "Eine solche Urkunde gibt es nicht, oder sie wurde zurückgezogen.",
    };
    document(&format!("<p>{}</p>", escaped(words)), language)
}

fn document(body: &str, language: Language) -> String {
    let title = match language {
        Language::En => "Certificate",
        Language::De => "Urkunde",
    };
    format!(
        "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width\"><title>{title}</title><style>body{{font:17px/1.5 sans-serif;max-width:36em;\
         margin:3em auto;padding:0 1em}}dt{{color:#5b6573}}dd{{margin:0 0 .7em}}</style></head>\
         <body><h1>{title}</h1>{body}</body></html>",
        language.tag()
    )
}
