//! Floors: what the same machine does for hand-written servers without rules, in processes of their own.

pub mod batch;
pub mod constant;
pub mod evidence;
pub mod ledger;
pub mod rows;

use std::net::TcpListener;

use actix_web::web::ServiceConfig;
use actix_web::{App, HttpServer};

/// Serves until it is killed; says where on standard output, as our server does.
fn serve(configure: impl Fn(&mut ServiceConfig) + Clone + Send + 'static) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    actix_web::rt::System::new().block_on(async move {
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let app = move || App::new().configure(configure.clone());
        let server = HttpServer::new(app).workers(workers).listen(listener).unwrap().run();
        println!("floor http://{address}");
        server.await.unwrap();
    });
}
