//! What a document must look like, and what is wrong or odd about one, before anything is kept.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use actix_web::http::header::{self, ETag, EntityTag};
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chrono::TimeDelta;
use diesel::QueryResult;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::document::Document;
use super::view::{Words, boost_sentence, sentence_of};
use crate::domain::language::Language;
use crate::domain::problem::Finding;
use crate::domain::programme::{self, Boost, Borne, Programme, Rule, json_schema};
use crate::domain::time::Instant;
use crate::http::conditional::reader_has;
use crate::http::language::Reader;
use crate::http::permit::{Permit, ReadProgrammeSchema, ValidateProgramme};
use crate::http::problem::{ApiError, PlaceBody, ProblemBody};
use crate::http::session::Session;
use crate::store::db::Db;
use crate::store::signals;
use crate::writer::programme::fixed_changes;

/// The evidence whose names are known (LANGUAGE.md).
const RECENT: TimeDelta = TimeDelta::days(90);
/// How many signals of those are looked at for attributes.
const MOST_SIGNALS: i64 = 10_000;
/// Of how many kinds.
const MOST_KINDS: usize = 200;

/// The JSON Schema of programme documents
///
/// Draft 2020-12. `title` is English, `x-title` has both languages.
#[utoipa::path(get, path = "/api/v1/programmes/schema", tag = "Programmes",
    responses(
        (status = 200, description = "The schema", body = Object, content_type = "application/schema+json"),
        (status = 304, description = "It is the one that If-None-Match names"),
        (status = 401, description = "No valid token", body = ProblemBody),
    ))]
pub async fn schema(_: Permit<ReadProgrammeSchema>, request: HttpRequest) -> HttpResponse {
    let tag = schema_tag();
    let unchanged = reader_has(&request, &tag);
    let mut response = if unchanged { HttpResponse::NotModified() } else { HttpResponse::Ok() };
    response.insert_header(ETag(tag)).insert_header((header::CACHE_CONTROL, "private, no-cache"));
    if unchanged { response.finish() } else { response.content_type("application/schema+json").body(json_schema()) }
}

/// The same for equal schemas, whichever build or instance answers.
fn schema_tag() -> EntityTag {
    static DIGEST: OnceLock<String> = OnceLock::new();
    let text = DIGEST.get_or_init(|| URL_SAFE_NO_PAD.encode(digest(&SHA256, json_schema().as_bytes())));
    EntityTag::new_strong(text.clone())
}

/// What reading a document found.
#[derive(Debug, Serialize, ToSchema)]
pub struct ValidationOut {
    /// Whether it would be taken as a draft.
    pub valid: bool,
    /// What must be changed, at most 100 places; in the reader's language.
    pub errors: Vec<PlaceBody>,
    /// What is taken, but may be a slip; in the reader's language.
    pub warnings: Vec<PlaceBody>,
    /// What each rule does; empty unless the document is valid.
    pub rules: Vec<RuleSentence>,
    /// What each boost does; empty unless the document is valid.
    pub boosts: Vec<RuleSentence>,
}

/// A rule, or a boost, in one sentence.
#[derive(Debug, Serialize, ToSchema)]
pub struct RuleSentence {
    /// Its code.
    pub code: String,
    /// What it does.
    pub sentence: Words,
}

impl ValidationOut {
    fn new(errors: &[Finding], warnings: &[Finding], programme: Option<&Programme>, language: Language) -> Self {
        let places = |findings: &[Finding]| findings.iter().map(|one| PlaceBody::new(one, language)).collect();
        let said = |rule: &Rule| RuleSentence { code: rule.code.to_string(), sentence: sentence_of(rule) };
        let boost = |boost: &Boost| RuleSentence { code: boost.code.to_string(), sentence: boost_sentence(boost) };
        Self {
            valid: errors.is_empty(),
            errors: places(errors),
            warnings: places(warnings),
            rules: programme.map_or(&[][..], |programme| &programme.rules).iter().map(said).collect(),
            boosts: programme.map_or(&[][..], |programme| &programme.boosts).iter().map(boost).collect(),
        }
    }
}

/// Check a document
///
/// Keeps nothing. The answer is 200 also when the document is wrong: what is wrong with it is what was asked for. Of a
/// programme that exists, what is fixed for life is compared too.
#[utoipa::path(post, path = "/api/v1/programmes/validate", tag = "Programmes", request_body = Document,
    responses(
        (status = 200, description = "What was found", body = ValidationOut),
        (status = 400, description = "The body is not JSON", body = ProblemBody),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 422, description = "The body has a field twice, or U+0000", body = ProblemBody),
    ))]
pub async fn validate(
    permit: Permit<ValidateProgramme>,
    Reader(language): Reader,
    Document(document): Document,
) -> Result<HttpResponse, ApiError> {
    let (catalogue, now) = (permit.state.catalogue(), permit.state.clock.now());
    let checked = permit.state.read(move |db| {
        let mut read = match programme::read(&document, &*catalogue) {
            Ok(read) => read,
            Err(errors) => return Ok(ValidationOut::new(&errors, &[], None, language)),
        };
        let held = catalogue.programmes.get(read.programme.code.as_str());
        let changed = held.map_or_else(Vec::new, |entry| fixed_changes(entry, &read.programme, now));
        if !changed.is_empty() {
            return Ok(ValidationOut::new(&changed, &[], None, language));
        }
        read.warnings.extend(unseen(db, &read.programme, now)?);
        Ok(ValidationOut::new(&[], &read.warnings, Some(&read.programme), language))
    });
    Ok(HttpResponse::Ok().json(checked.await?))
}

/// A document, and the names in it that no recent evidence bore; none if it cannot be read.
///
/// Looked for before the document is handed to the writer, which should not wait for it.
pub(super) async fn with_unseen(
    state: &Session,
    Document(document): Document,
) -> Result<(Value, Vec<Finding>), ApiError> {
    let (catalogue, now) = (state.catalogue(), state.clock.now());
    let looking = state.read(move |db| {
        let findings = match programme::read(&document, &*catalogue) {
            Ok(read) => unseen(db, &read.programme, now)?,
            Err(_) => Vec::new(),
        };
        Ok((document, findings))
    });
    looking.await
}

fn unseen(db: &mut Db, programme: &Programme, now: Instant) -> QueryResult<Vec<Finding>> {
    let (expected, since) = (programme.expects(), now - RECENT);
    let mut borne = Borne::default();
    if !expected.kinds.is_empty() {
        borne.kinds = signals::kinds_since(db, since)?;
    }
    if !expected.attributes.is_empty() {
        let kinds: BTreeSet<&String> = programme.rules.iter().flat_map(|rule| &rule.on).collect();
        let kinds: Vec<String> = kinds.into_iter().take(MOST_KINDS).cloned().collect();
        borne.attributes = signals::attributes_since(db, since, &kinds, MOST_SIGNALS)?;
    }
    Ok(expected.unseen(&borne))
}
