//! What every answer has in common, over real HTTP: a small application with made-up resources.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::middleware::from_fn;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use applaus::domain::problem::{Problem, ProblemCode};
use applaus::http::bearer::Bearer;
use applaus::http::conditional::{MeantFor, answer, revision_tag};
use applaus::http::json::{BodyLimit, Json};
use applaus::http::language::Reader;
use applaus::http::layers::conventions;
use applaus::http::page::{Cursor, Limit, Page};
use applaus::http::problem::ApiError;
use applaus::http::query::Query;
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Note {
    text: String,
    #[serde(default)]
    stars: Vec<u8>,
}

async fn echo(Json(note): Json<Note>) -> HttpResponse {
    HttpResponse::Created().json(json!({ "text": note.text, "stars": note.stars }))
}

async fn document(request: HttpRequest) -> HttpResponse {
    answer(&request, revision_tag(12), &json!({ "revision": 12 }))
}

async fn change(meant: MeantFor) -> Result<HttpResponse, ApiError> {
    meant.check(&revision_tag(12))?;
    Ok(HttpResponse::NoContent().finish())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Window {
    #[serde(default)]
    limit: Limit,
    after: Option<Cursor>,
}

async fn numbers(Query(window): Query<Window>) -> Result<HttpResponse, ApiError> {
    let after: i64 = window.after.map_or(Ok(0), |cursor| cursor.key("numbers.1"))?;
    let rows = (after + 1..=120).take(window.limit.get() + 1).collect();
    Ok(HttpResponse::Ok().json(Page::cut(rows, window.limit, "numbers.1", |number| *number)?))
}

async fn whoami(Bearer(token): Bearer) -> String {
    token
}

async fn panics() -> String {
    panic!("a secret of the server")
}

async fn fails() -> Result<String, ApiError> {
    Err(ApiError::internal("the password of the database"))
}

async fn foreign() -> Result<String, actix_web::Error> {
    Err(actix_web::error::ErrorForbidden("a secret of the server"))
}

async fn busy() -> Result<String, ApiError> {
    Err(ProblemCode::Overloaded.into())
}

async fn taken() -> Result<String, ApiError> {
    Err(Problem::new(ProblemCode::AlreadyExists).with("what", "anna").into())
}

async fn speaks(Reader(language): Reader) -> &'static str {
    language.tag()
}

fn routes(config: &mut web::ServiceConfig) {
    config
        .service(web::resource("/notes").post(echo))
        .service(web::resource("/small").app_data(BodyLimit(20)).post(echo))
        .service(web::resource("/documents/{name}").get(document).patch(change))
        .service(web::resource("/numbers").get(numbers))
        .service(web::resource("/typed/{number}").get(|number: web::Path<u32>| async move { number.to_string() }))
        .service(web::resource("/me").get(whoami))
        .service(web::resource("/panics").get(panics))
        .service(web::resource("/fails").get(fails))
        .service(web::resource("/busy").get(busy))
        .service(web::resource("/taken").get(taken))
        .service(web::resource("/foreign").get(foreign))
        .service(
            web::resource("/cached")
                .get(|| async { HttpResponse::Ok().insert_header(("cache-control", "max-age=9")).body("x") }),
        )
        .service(web::resource("/unready").get(|| async { HttpResponse::ServiceUnavailable().body("not ready") }))
        .service(web::resource("/speaks").get(speaks));
}

/// A server on a port of its own, and what it wrote to its log.
struct Server {
    address: SocketAddr,
    handle: ServerHandle,
    log: Log,
    agent: ureq::Agent,
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Server {
    fn start() -> Self {
        let log = Log::default();
        let writer = log.clone();
        let (send, receive) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            // One worker on this very thread's runtime, so that the subscriber of the thread sees every request.
            let subscriber = tracing_subscriber::fmt().json().with_writer(move || writer.clone()).finish();
            let dispatch = tracing::Dispatch::new(subscriber);
            actix_web::rt::System::new().block_on(async move {
                let server = HttpServer::new(move || {
                    let dispatch = dispatch.clone();
                    App::new()
                        .wrap(from_fn(conventions))
                        .wrap(from_fn(move |request, next: actix_web::middleware::Next<_>| {
                            let dispatch = dispatch.clone();
                            async move {
                                use tracing::instrument::WithSubscriber;
                                next.call(request).with_subscriber(dispatch).await
                            }
                        }))
                        .configure(routes)
                })
                .workers(1)
                .disable_signals()
                .bind(("127.0.0.1", 0))
                .unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                send.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = receive.recv().unwrap();
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .allow_non_standard_methods(true)
            .timeout_global(Some(Duration::from_secs(20)));
        Self { address, handle, log, agent: config.build().into() }
    }

    /// Sends a request and reads the answer.
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = ureq::http::Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let agent = self.agent.clone();
        let mut response = if body.is_empty() && !matches!(method, "POST" | "PATCH" | "PUT") {
            agent.run(request.body(()).unwrap()).unwrap()
        } else {
            agent.run(request.body(body).unwrap()).unwrap()
        };
        let text = response.body_mut().read_to_string().unwrap();
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), text }
    }

    fn get(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, b"")
    }

    fn post(&self, path: &str, body: &str) -> Answer {
        self.send("POST", path, &[("content-type", "application/json")], body.as_bytes())
    }

    /// Sends bytes as they are and gives back all that comes until the server closes.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = Vec::new();
        // A server that refuses early may reset the connection; what it said before counts.
        let _ = stream.read_to_end(&mut answer);
        String::from_utf8_lossy(&answer).into_owned()
    }

    fn log(&self) -> Vec<Value> {
        let bytes = self.log.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.handle.stop(false));
    }
}

struct Answer {
    status: u16,
    headers: ureq::http::HeaderMap,
    text: String,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    /// The problem it tells, after checking what every problem has.
    fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(self.header("content-type"), "application/problem+json");
        assert_eq!(self.header("x-content-type-options"), "nosniff");
        assert_eq!(self.header("cache-control"), "no-store");
        let body: Value = serde_json::from_str(&self.text).unwrap();
        assert_eq!((&body["status"], &body["code"]), (&json!(status), &json!(code)), "{body}");
        assert_eq!(body["type"], format!("/docs/problems#{code}"));
        assert!(body["title"].is_string() && body["detail"].is_string(), "{body}");
        body
    }

    /// Pointer and code of its only place.
    fn place(&self) -> (String, String) {
        let body = self.problem(422, "invalid_request");
        let [place] = body["errors"].as_array().unwrap().as_slice() else { panic!("{body}") };
        let text = |name: &str| place[name].as_str().unwrap().to_owned();
        assert!(!text("detail").is_empty());
        (text("pointer"), text("code"))
    }
}

mod bodies;
mod reading;
mod refusals;
