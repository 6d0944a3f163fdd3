//! Calls that may go unanswered: one token, one connection pool, no retries of its own.

use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{Method, Request};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);

/// Calls servers.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    token: String,
}

/// An answer that came whole.
#[derive(Debug, Clone)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// After how many seconds to come again.
    pub retry_after: Option<u64>,
    /// Whether it is one that was given before.
    pub replayed: bool,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as it came.
    pub text: String,
}

/// A request.
#[derive(Debug, Clone)]
pub struct Asked {
    /// Its method.
    pub method: Method,
    /// Its path below `/api/v1`, with its query.
    pub path: String,
    /// Its body.
    pub body: Option<Value>,
    /// Its further headers.
    pub headers: Vec<(&'static str, String)>,
}

impl Asked {
    /// A POST of a body.
    pub fn post(path: &str, body: Value) -> Self {
        Self { method: Method::POST, path: path.to_owned(), body: Some(body), headers: Vec::new() }
    }

    /// A GET.
    pub fn get(path: &str) -> Self {
        Self { method: Method::GET, path: path.to_owned(), body: None, headers: Vec::new() }
    }

    /// A DELETE.
    pub fn delete(path: &str) -> Self {
        Self { method: Method::DELETE, path: path.to_owned(), body: None, headers: Vec::new() }
    }

    /// Any other method with a body.
    pub fn with_body(method: Method, path: &str, body: Value) -> Self {
        Self { method, path: path.to_owned(), body: Some(body), headers: Vec::new() }
    }

    /// The same with one more header.
    pub fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }
}

impl Client {
    /// A client with a token.
    pub fn new(token: &str) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(PATIENCE)).build();
        Self { agent: config.into(), token: token.to_owned() }
    }

    /// What a server answers; none if no whole answer came.
    pub fn ask(&self, server: SocketAddr, asked: &Asked) -> Option<Answer> {
        let mut request = Request::builder()
            .method(asked.method.clone())
            .uri(format!("http://{server}/api/v1{}", asked.path))
            .header("authorization", format!("Bearer {}", self.token));
        for (name, value) in &asked.headers {
            request = request.header(*name, value);
        }
        let response = match &asked.body {
            Some(body) => {
                self.agent.run(request.header("content-type", "application/json").body(body.to_string()).unwrap())
            }
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = response.ok()?;
        let text = response.body_mut().read_to_string().ok()?;
        let header = |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok());
        Some(Answer {
            status: response.status().as_u16(),
            retry_after: header("retry-after").and_then(|seconds| seconds.parse().ok()),
            replayed: header("idempotency-replayed").is_some(),
            body: serde_json::from_str(&text).unwrap_or(Value::Null),
            text,
        })
    }

    /// What a server answers that nothing is wrong with.
    #[track_caller]
    pub fn expect(&self, server: SocketAddr, asked: &Asked, status: u16) -> Answer {
        let answer = self.ask(server, asked).unwrap_or_else(|| panic!("{asked:?} was not answered"));
        assert_eq!(answer.status, status, "{asked:?} answered {}", answer.text);
        answer
    }
}
