//! The HTTP server: listens, bounded in connections, sizes and times.

use std::net::TcpListener;
use std::sync::Arc;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpServer, web};

use super::layers::conventions;
use super::routes;
use crate::app::AppState;

/// Connections of one worker.
const CONNECTIONS: usize = 10_000;

/// A server on `listener`, to be awaited. With `workers` threads answering requests.
pub fn serve(state: Arc<AppState>, listener: TcpListener, workers: usize) -> std::io::Result<Server> {
    let app = move || {
        App::new().app_data(web::Data::from(state.clone())).configure(routes::configure).wrap(from_fn(conventions))
    };
    let server = HttpServer::new(app)
        .workers(workers)
        .max_connections(CONNECTIONS)
        .client_request_timeout(Duration::from_secs(10))
        .keep_alive(Duration::from_secs(75))
        .shutdown_timeout(8)
        .listen(listener)?;
    Ok(server.run())
}
