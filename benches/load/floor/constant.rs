//! The floor of reading: the same HTTP server, answering the same bytes whatever is asked.

use actix_web::{HttpResponse, web};
use bytes::Bytes;

/// Serves a body of so many bytes at `/`, and that nothing has changed at `/unchanged`, until it is killed.
pub fn serve(body: usize) {
    let body = Bytes::from(vec![b'x'; body]);
    super::serve(move |config| {
        let body = body.clone();
        let whole = move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        };
        let unchanged = || async { HttpResponse::NotModified().finish() };
        config.route("/", web::get().to(whole)).route("/unchanged", web::get().to(unchanged));
    });
}
