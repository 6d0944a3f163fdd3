//! Documentation served by the server itself, readable without a network: the API in a browser, and every problem.

use std::fmt::Write;

use actix_web::http::header::LOCATION;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, Responder};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::domain::language::Language;
use crate::domain::problem::ProblemCode;

/// Puts the API's documentation under `/docs/`.
pub fn configure(app: &mut ServiceConfig) {
    app.service(web::resource("/docs").route(web::get().to(to_docs)));
    app.service(SwaggerUi::new("/docs/{_:.*}").config(Config::new(["/openapi.json"]).try_it_out_enabled(true)));
}

async fn to_docs() -> impl Responder {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/")).finish()
}

/// Every problem
///
/// What each `code` means, in English and German; the `type` of a problem leads here.
#[utoipa::path(get, path = "/docs/problems", tag = "Operations", security(()),
    responses((status = 200, description = "A page", body = String, content_type = "text/html")))]
pub async fn problems() -> HttpResponse {
    let mut page = String::from(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Applaus: problems</title>\
         <style>body{font:16px/1.5 sans-serif;max-width:50em;margin:2em auto;padding:0 1em}code{font-weight:bold}</style>\
         <h1>Problems</h1><p>Every refusal is an <code>application/problem+json</code> (RFC 9457) with one of these codes.",
    );
    for code in ProblemCode::ALL {
        let (name, status) = (code.name(), code.status());
        let words = |language| format!("{}: {}", code.title(language), code.template(language));
        // Writing to a string cannot fail.
        let _ = write!(
            page,
            "<h2 id=\"{name}\"><code>{name}</code> {status}</h2><p>{}<p lang=\"de\">{}",
            words(Language::En),
            words(Language::De)
        );
    }
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page)
}
