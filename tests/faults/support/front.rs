//! A front that a control puts before a server, as a fault: it acknowledges a signal, and passes it on a little later.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

/// How much later.
const LATER: Duration = Duration::from_millis(100);

/// The front; it is there until the harness ends.
pub struct Front {
    /// Where it listens.
    pub address: SocketAddr,
    shared: Arc<Shared>,
}

struct Shared {
    behind: Mutex<SocketAddr>,
    not_passed_on: AtomicUsize,
}

impl Front {
    /// A front before a server.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared { behind: Mutex::new(server), not_passed_on: AtomicUsize::new(0) });
        let accepting = shared.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = accepting.clone();
                std::thread::spawn(move || shared.serve(stream));
            }
        });
        Self { address, shared }
    }

    /// The server behind it listens elsewhere now.
    pub fn moved(&self, server: SocketAddr) {
        *self.shared.behind.lock().unwrap() = server;
    }

    /// Waits until everything was passed on, or could not be.
    pub fn drain(&self) {
        while self.shared.not_passed_on.load(Ordering::SeqCst) > 0 {
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Shared {
    /// One request of a connection. A client that gets no answer repeats it.
    fn serve(&self, mut stream: TcpStream) -> Option<()> {
        let request = read_request(&mut stream)?;
        let Some(early) = early_answer(&request) else {
            let answer = self.pass_on(&request)?;
            return stream.write_all(&answer).ok();
        };
        self.not_passed_on.fetch_add(1, Ordering::SeqCst);
        let head = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length";
        stream.write_all(format!("{head}: {}\r\n\r\n{early}", early.len()).as_bytes()).ok();
        drop(stream);
        std::thread::sleep(LATER);
        self.pass_on(&request);
        self.not_passed_on.fetch_sub(1, Ordering::SeqCst);
        Some(())
    }

    fn pass_on(&self, request: &Request) -> Option<Vec<u8>> {
        let server = *self.behind.lock().unwrap();
        let mut server = TcpStream::connect(server).ok()?;
        server.write_all(format!("{}connection: close\r\n\r\n", request.head).as_bytes()).ok()?;
        server.write_all(&request.body).ok()?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer).ok()?;
        (!answer.is_empty()).then_some(answer)
    }
}

struct Request {
    /// Its first line and headers, without the empty line.
    head: String,
    body: Vec<u8>,
}

fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut reader = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        if let Some(given) = line.to_lowercase().strip_prefix("content-length:") {
            length = given.trim().parse().ok()?;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Request { head, body })
}

/// What will most likely become of a single signal.
fn early_answer(request: &Request) -> Option<String> {
    let signal: Value =
        request.head.starts_with("POST /api/v1/signals ").then(|| serde_json::from_slice(&request.body).ok())??;
    let version = signal.get("version")?.as_i64()?;
    let status = if version == 1 { "accepted" } else { "corrected" };
    Some(json!({ "source": "load", "key": signal["key"], "status": status, "version": version }).to_string())
}
