//! The floor of reading: the same HTTP server, answering the same bytes whatever is asked.

use std::io::Write;
use std::net::TcpListener;

use actix_web::{App, HttpResponse, HttpServer, web};
use bytes::Bytes;

/// Serves a body of so many bytes at `/`, and that nothing has changed at `/unchanged`, until it is killed.
pub fn serve(body: usize) {
    let body = Bytes::from(vec![b'x'; body]);
    let app = move || {
        let body = body.clone();
        let whole = move || {
            let body = body.clone();
            async move { HttpResponse::Ok().content_type("application/json").body(body) }
        };
        let unchanged = || async { HttpResponse::NotModified().finish() };
        App::new().route("/", web::get().to(whole)).route("/unchanged", web::get().to(unchanged))
    };
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    actix_web::rt::System::new().block_on(async move {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let server = HttpServer::new(app).workers(workers).listen(listener).unwrap().run();
        writeln!(std::io::stdout(), "floor http://{address}").unwrap();
        server.await.unwrap();
    });
}
