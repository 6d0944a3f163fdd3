//! A client of a server under test: one token, plain calls, answers that say what came instead of what was expected.

use std::net::SocketAddr;

use serde_json::Value;
use ureq::Agent;
use ureq::http::{HeaderMap, Method, Request};

/// Calls one server with one token.
#[derive(Clone)]
pub struct Client {
    base: String,
    token: Option<String>,
    agent: Agent,
    headers: Vec<(String, String)>,
}

/// An answer.
#[derive(Debug)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// Headers.
    pub headers: HeaderMap,
    /// The body as JSON; null if it is none.
    pub body: Value,
    /// The body as text.
    pub text: String,
    asked: String,
}

impl Client {
    /// A client of the API at `address`.
    pub fn new(address: SocketAddr, token: Option<String>) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Self { base: format!("http://{address}"), token, agent: config.into(), headers: Vec::new() }
    }

    /// The same at another address.
    pub fn at(&self, address: SocketAddr) -> Self {
        Self { base: format!("http://{address}"), ..self.clone() }
    }

    /// The same with one more header.
    #[must_use]
    pub fn with(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// GET of a path below `/api/v1`.
    pub fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, &format!("/api/v1{path}"), None, "")
    }

    /// GET of a path from the root.
    pub fn get_root(&self, path: &str) -> Answer {
        self.call(Method::GET, path, None, "")
    }

    /// POST of a JSON body.
    pub fn post(&self, path: &str, body: &Value) -> Answer {
        self.send("POST", path, "application/json", &body.to_string())
    }

    /// PUT of a JSON body.
    pub fn put(&self, path: &str, body: &Value) -> Answer {
        self.send("PUT", path, "application/json", &body.to_string())
    }

    /// PUT without a body.
    pub fn put_empty(&self, path: &str) -> Answer {
        self.call(Method::PUT, &format!("/api/v1{path}"), Some(String::new()), "")
    }

    /// PATCH of a JSON body.
    pub fn patch(&self, path: &str, body: &Value) -> Answer {
        self.send("PATCH", path, "application/json", &body.to_string())
    }

    /// DELETE.
    pub fn delete(&self, path: &str) -> Answer {
        self.call(Method::DELETE, &format!("/api/v1{path}"), None, "")
    }

    /// Any method with any body.
    pub fn send(&self, method: &str, path: &str, content_type: &str, body: &str) -> Answer {
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        self.call(method, &format!("/api/v1{path}"), Some(body.to_owned()), content_type)
    }

    fn call(&self, method: Method, path: &str, body: Option<String>, content_type: &str) -> Answer {
        let asked = format!("{method} {path} {}", body.as_deref().unwrap_or_default());
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.base));
        if let Some(token) = &self.token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        if !content_type.is_empty() {
            request = request.header("content-type", content_type);
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let response = match body {
            Some(body) => self.agent.run(request.body(body).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut response = response.unwrap_or_else(|error| panic!("{asked}: {error}"));
        let text = response.body_mut().read_to_string().unwrap_or_default();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status: response.status().as_u16(), headers: response.headers().clone(), body, text, asked }
    }
}

impl Answer {
    /// The same, if it has that status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered {}", self.asked, self.text);
        self
    }

    /// The same, if it is a problem of that status and code.
    #[track_caller]
    pub fn problem(self, status: u16, code: &str) -> Self {
        let answer = self.expect(status);
        let content_type = answer.header("content-type").unwrap_or_default();
        assert_eq!(content_type, "application/problem+json", "{} answered {}", answer.asked, answer.text);
        assert_eq!(answer.body["code"], code, "{} answered {}", answer.asked, answer.text);
        assert_eq!(answer.body["status"], status);
        answer
    }

    /// A header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}
