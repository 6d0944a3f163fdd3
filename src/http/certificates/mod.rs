//! One's own certificates over HTTP: having one made, printing it, withdrawing it. Nobody else learns that there are any,
//! but whoever is given the code of one: see [`public`].

pub mod public;
mod said;

use std::collections::BTreeSet;

use actix_web::http::header::{ACCEPT, CONTENT_DISPOSITION, CONTENT_TYPE};
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::rand;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::{DateTime, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use self::said::{address, said};
use super::creating::{Creating, answering, created, done, respond};
use super::page::Page;
use super::permit::{Asked, OwnCertificates, Permit, Target};
use super::problem::{ApiError, ProblemBody};
use crate::access::policy::Relation;
use crate::domain::certificate::{CODE_BYTES, Shown, Subject, svg};
use crate::domain::ids::{CertificateId, PersonId};
use crate::domain::language::Language;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::store::certificates::{self, CertificateRow};
use crate::store::db::Db;
use crate::store::row;
use crate::writer::certificate::{MakeCertificate, WithdrawCertificate};
use crate::writer::idempotent::Idempotent;

/// What to certify: either a badge or a season.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateIn {
    /// A badge that one holds.
    #[serde(default)]
    badge: Option<BadgeIn>,
    /// A closed season in which one reached a tier.
    #[serde(default)]
    season: Option<SeasonIn>,
    /// What whoever has the address may see beside the organisation's name; nothing else is ever shown.
    #[schema(value_type = Vec<String>, examples(json!(["name", "achievement", "programme", "date"])))]
    show: BTreeSet<Shown>,
    /// `en` or `de`: the language it is written in; one's own without.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    language: Option<Language>,
}

/// A badge of a season.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BadgeIn {
    /// Code of the programme.
    programme: String,
    /// Code of the season.
    season: String,
    /// Code of the badge.
    badge: String,
}

/// A season.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeasonIn {
    /// Code of the programme.
    programme: String,
    /// Code of the season.
    season: String,
}

/// A certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct CertificateOut {
    id: Uuid,
    /// Code of the programme.
    programme: String,
    /// Code of the season.
    season: String,
    /// Code of the badge; null where the tier of the season is certified.
    badge: Option<String>,
    /// `en` or `de`.
    language: String,
    /// What whoever has the address may see.
    #[schema(value_type = Vec<String>)]
    show: Vec<Shown>,
    /// Where it can be verified, by anybody who knows this address.
    address: String,
    created_at: DateTime<Utc>,
}

impl CertificateOut {
    fn new(public_url: &str, kept: &CertificateRow) -> QueryResult<Self> {
        Ok(Self {
            id: row::parsed::<CertificateId>(kept.id.clone())?.0,
            programme: kept.programme.clone(),
            season: kept.season.clone(),
            badge: kept.badge.clone(),
            language: kept.language.clone(),
            show: kept.known_shown()?,
            address: address(public_url, &kept.code),
            created_at: row::instant(kept.created_at),
        })
    }
}

impl CertificateIn {
    fn subject(&self) -> Result<Subject, Problem> {
        match (&self.badge, &self.season) {
            (Some(BadgeIn { programme, season, badge }), None) => {
                Ok(Subject { programme: programme.clone(), season: season.clone(), badge: Some(badge.clone()) })
            }
            (None, Some(SeasonIn { programme, season })) => {
                Ok(Subject { programme: programme.clone(), season: season.clone(), badge: None })
            }
            _ => Err(Finding::new("", ProblemCode::EitherOne).with("fields", "badge, season").into()),
        }
    }
}

/// The certificates of `{person}`, who is the caller.
pub struct Own(PersonId);

impl Target for Own {
    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let caller = &asked.caller;
        let own = match asked.parameter("person") {
            "me" => true,
            name => name == caller.user_name || name.parse() == Ok(caller.person),
        };
        own.then(|| (Self(caller.person), vec![Relation::Themselves]))
    }
}

/// The one of them that is `{certificate}`.
pub struct OwnOne(CertificateRow);

impl Target for OwnOne {
    fn find(asked: &Asked, db: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Some((Own(person), relations)) = Own::at_once(asked) else { return Ok(None) };
        let Ok(id) = asked.parameter("certificate").parse::<CertificateId>() else { return Ok(None) };
        let kept = certificates::find(db, &person.to_string(), &id.to_string())?;
        Ok(kept.map(|kept| (Self(kept), relations)))
    }
}

/// Have a certificate made
///
/// Of a badge that one holds, or of the tier that one reached in a closed season. It gets an address that nobody can guess,
/// at which whoever is given it sees what `show` names, and nothing else.
#[utoipa::path(post, path = "/api/v1/people/{person}/certificates", tag = "Certificates", request_body = CertificateIn,
    params(
        ("person" = String, Path, description = "`me`, or one's own id or user name"),
        ("Idempotency-Key" = Option<String>, Header, description = "Makes repeating the request harmless"),
    ),
    responses(
        (status = 201, description = "Made; `Location` is where one reads it", body = CertificateOut),
        (status = 404, description = "It is somebody else", body = ProblemBody),
        (status = 422, description = "A field is wrong, or there is nothing of that kind to certify", body = ProblemBody),
    ))]
pub async fn create(
    permit: Permit<OwnCertificates, Own>,
    certificate: Creating<CertificateIn>,
) -> Result<HttpResponse, ApiError> {
    let Creating { body, request } = certificate;
    let organization = permit.state.catalogue().organization.language;
    let language = body.language.or(permit.caller.language).unwrap_or(organization);
    let mut random = [0; CODE_BYTES];
    rand::fill(&mut random).map_err(|_| ApiError::internal("no random numbers"))?;
    let command = MakeCertificate {
        subject: body.subject()?,
        language,
        shown: body.show.into_iter().collect(),
        code: URL_SAFE_NO_PAD.encode(random),
    };
    let public_url = permit.state.public_url.clone();
    let answer = answering(move |kept: CertificateRow| {
        let body = CertificateOut::new(&public_url, &kept)?;
        created(&body, format!("/api/v1/people/me/certificates/{}", kept.id))
    });
    Ok(respond(permit.state.write(permit.actor(), Idempotent { command, request, answer }).await?))
}

/// One's certificates
///
/// In the order they were made. Nobody else can read them.
#[utoipa::path(get, path = "/api/v1/people/{person}/certificates", tag = "Certificates",
    params(("person" = String, Path, description = "`me`, or one's own id or user name")),
    responses(
        (status = 200, description = "The certificates", body = Page<CertificateOut>),
        (status = 404, description = "It is somebody else", body = ProblemBody),
    ))]
pub async fn list(permit: Permit<OwnCertificates, Own>) -> Result<HttpResponse, ApiError> {
    let Own(person) = permit.target;
    let kept = permit.state.read(move |db| Ok(certificates::of_person(db, &person.to_string())?)).await?;
    let public_url = &permit.state.public_url;
    let items = kept.iter().map(|kept| CertificateOut::new(public_url, kept)).collect::<QueryResult<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// A certificate
///
/// With `Accept: image/svg+xml` the page to print (A4, landscape), which says everything, whatever `show` names; otherwise
/// what is known of it.
#[utoipa::path(get, path = "/api/v1/people/{person}/certificates/{certificate}", tag = "Certificates",
    params(
        ("person" = String, Path, description = "`me`, or one's own id or user name"),
        ("certificate" = String, Path, description = "Its id"),
    ),
    responses(
        (status = 200, description = "The certificate, or its page", content(
            (CertificateOut = "application/json"), (String = "image/svg+xml"))),
        (status = 404, description = "There is none of yours", body = ProblemBody),
        (status = 409, description = "The page of a badge that was taken back", body = ProblemBody),
    ))]
pub async fn read(permit: Permit<OwnCertificates, OwnOne>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    let OwnOne(kept) = permit.target;
    let public_url = permit.state.public_url.clone();
    if !accepts(&request, "image/svg+xml") {
        return Ok(HttpResponse::Ok().json(CertificateOut::new(&public_url, &kept)?));
    }
    let catalogue = permit.state.catalogue();
    let certificate = permit.state.read(move |db| Ok(said(db, &catalogue, &public_url, &kept)?)).await?;
    if !certificate.valid {
        return Err(ProblemCode::NoLongerHeld.into());
    }
    Ok(HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, "image/svg+xml"))
        .insert_header((CONTENT_DISPOSITION, "attachment; filename=\"certificate.svg\""))
        .insert_header(("Content-Security-Policy", "default-src 'none'"))
        .insert_header(("X-Content-Type-Options", "nosniff"))
        .body(svg(&certificate)))
}

/// Withdraw a certificate
///
/// For good: nothing is at its address any more. The badge or tier stays as it is.
#[utoipa::path(delete, path = "/api/v1/people/{person}/certificates/{certificate}", tag = "Certificates",
    params(
        ("person" = String, Path, description = "`me`, or one's own id or user name"),
        ("certificate" = String, Path, description = "Its id"),
    ),
    responses(
        (status = 204, description = "It is withdrawn"),
        (status = 404, description = "There is none of yours", body = ProblemBody),
    ))]
pub async fn withdraw(permit: Permit<OwnCertificates, OwnOne>) -> Result<HttpResponse, ApiError> {
    let certificate = row::parsed(permit.target.0.id.clone())?;
    let command = WithdrawCertificate { person: permit.caller.person, certificate };
    Ok(done(permit.state.write(permit.actor(), command).await?.sequence))
}

/// Whether a reader names a media type that they take.
fn accepts(request: &HttpRequest, media_type: &str) -> bool {
    let given = request.headers().get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    let mut ranges = given.flat_map(|line| line.split(',')).filter_map(|range| range.split(';').next());
    ranges.any(|range| range.trim().eq_ignore_ascii_case(media_type))
}
