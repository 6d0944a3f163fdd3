//! A lean HTTP client: keep-alive connections, each of which sends its next request when the last is answered.
//!
//! The same for ours and for the floor, on the same two cores, so what it costs is in both. Knows nothing of Applaus.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant as Stopwatch};

use actix_web::rt;

/// What one connection asks, request by request.
pub trait Requests: Send + 'static {
    /// Writes the next request, head and body.
    fn next(&mut self, into: &mut Vec<u8>);
}

/// The same bytes, again and again.
#[derive(Clone)]
pub struct Repeated(pub Vec<u8>);

impl Requests for Repeated {
    fn next(&mut self, into: &mut Vec<u8>) {
        into.extend_from_slice(&self.0);
    }
}

/// How to load a server.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Threads, each with its share of the connections.
    pub threads: usize,
    /// Connections.
    pub connections: usize,
    /// How long before it counts.
    pub warm_up: Duration,
    /// How long it counts.
    pub counted: Duration,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Answers a second.
    pub per_second: f64,
    /// How long each answer took, sorted, in microseconds.
    micros: Vec<u32>,
    /// Answers of all time, also before it counted.
    pub answers: u64,
    /// Answers with another status than expected, which are not counted as answers.
    pub refused: u64,
    /// When the last came.
    last: Option<Stopwatch>,
    /// Bytes of the last body.
    pub body: usize,
}

impl Loaded {
    fn add(&mut self, part: Self) {
        self.micros.extend(part.micros);
        self.answers += part.answers;
        self.refused += part.refused;
        self.last = self.last.max(part.last);
        self.body = part.body;
    }

    /// How long the answers took of which `share` were faster, in milliseconds.
    pub fn millis(&self, share: f64) -> f64 {
        let place = (self.micros.len() as f64 * share) as usize;
        self.micros
            .get(place.min(self.micros.len().saturating_sub(1)))
            .map_or(f64::NAN, |&micros| f64::from(micros) / 1e3)
    }
}

/// Loads a server; every answer must have the status `expected`, or say that the server is overloaded.
pub fn run<R: Requests>(
    address: SocketAddr,
    load: Load,
    expected: u16,
    mut requests: impl FnMut(usize) -> R,
) -> Loaded {
    let began = Stopwatch::now();
    let from = began + load.warm_up;
    let span = Span { from, until: from + load.counted, expected };
    let mut shares: Vec<Vec<R>> = (0..load.threads).map(|_| Vec::new()).collect();
    for connection in 0..load.connections {
        shares[connection % load.threads].push(requests(connection));
    }
    let threads: Vec<_> =
        shares.into_iter().map(|share| std::thread::spawn(move || on_thread(address, span, share))).collect();
    let mut loaded = Loaded::default();
    for thread in threads {
        let part = thread.join().unwrap();
        loaded.add(part);
    }
    // What was sent in time is waited for, and the wait is counted.
    let lasted = loaded.last.map_or(load.counted, |last| last.saturating_duration_since(from));
    loaded.per_second = loaded.micros.len() as f64 / lasted.as_secs_f64();
    loaded.micros.sort_unstable();
    loaded
}

#[derive(Debug, Clone, Copy)]
struct Span {
    from: Stopwatch,
    until: Stopwatch,
    expected: u16,
}

fn on_thread<R: Requests>(address: SocketAddr, span: Span, share: Vec<R>) -> Loaded {
    rt::System::new().block_on(async move {
        let connections: Vec<_> =
            share.into_iter().map(|requests| rt::spawn(converse(address, span, requests))).collect();
        let mut loaded = Loaded::default();
        for connection in connections {
            let part = connection.await.unwrap();
            loaded.add(part);
        }
        loaded
    })
}

/// One connection, until the span is over.
async fn converse<R: Requests>(address: SocketAddr, span: Span, mut requests: R) -> Loaded {
    let stream = rt::net::TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let (mut request, mut buffer) = (Vec::new(), Vec::new());
    let mut loaded = Loaded::default();
    loop {
        request.clear();
        requests.next(&mut request);
        let sent = Stopwatch::now();
        if sent >= span.until {
            return loaded;
        }
        send(&stream, &request).await;
        buffer.clear();
        let head = loop {
            receive(&stream, &mut buffer).await;
            match Head::read(&buffer) {
                Some(head) if buffer.len() >= head.whole() => break head,
                _ => {}
            }
        };
        let answered = Stopwatch::now();
        if head.status != span.expected {
            loaded.refused += 1;
            assert!(head.status == 503, "{}", String::from_utf8_lossy(&buffer));
            continue;
        }
        loaded.answers += 1;
        loaded.body = head.body;
        loaded.last = Some(answered);
        if answered >= span.from {
            loaded.micros.push((answered - sent).as_micros().try_into().unwrap_or(u32::MAX));
        }
    }
}

async fn send(stream: &rt::net::TcpStream, mut bytes: &[u8]) {
    while !bytes.is_empty() {
        match stream.try_write(bytes) {
            Ok(count) => bytes = &bytes[count..],
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => stream.writable().await.unwrap(),
            Err(error) => panic!("the server hung up: {error}"),
        }
    }
}

async fn receive(stream: &rt::net::TcpStream, buffer: &mut Vec<u8>) {
    let mut chunk = [0; 16_384];
    loop {
        stream.readable().await.unwrap();
        match stream.try_read(&mut chunk) {
            Ok(0) => panic!("the server hung up"),
            Ok(count) => return buffer.extend_from_slice(&chunk[..count]),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(error) => panic!("the server hung up: {error}"),
        }
    }
}

/// What the head of an answer says.
#[derive(Debug, Clone, Copy)]
struct Head {
    status: u16,
    /// Its bytes, with the empty line.
    head: usize,
    /// The bytes of the body.
    body: usize,
}

impl Head {
    /// None while it is not whole.
    fn read(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let text = std::str::from_utf8(&bytes[..end]).unwrap();
        let status = text[9..12].parse().unwrap();
        let length = text.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().unwrap())
        });
        // An answer that says that nothing has changed has no body, whatever length it names.
        Some(Self { status, head: end + 4, body: if status == 304 { 0 } else { length.unwrap_or(0) } })
    }

    fn whole(&self) -> usize {
        self.head + self.body
    }
}

/// A whole request.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut bytes = format!("{method} {path} HTTP/1.1\r\nhost: bench\r\n");
    for (name, value) in headers {
        bytes.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        bytes.push_str(&format!("content-type: application/json\r\ncontent-length: {}\r\n", body.len()));
    }
    bytes.push_str("\r\n");
    [bytes.as_bytes(), body].concat()
}

/// An answer to a single request.
#[derive(Debug)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its lines above the body.
    pub head: String,
    /// Its body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The value of a header.
    pub fn header(&self, wanted: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case(wanted).then(|| value.trim())
        })
    }

    /// The body as JSON.
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}

/// Asks once, on a connection of its own.
pub fn ask(address: SocketAddr, request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_nodelay(true).unwrap();
    stream.write_all(request).unwrap();
    let (mut bytes, mut chunk) = (Vec::new(), [0; 16_384]);
    loop {
        let count = stream.read(&mut chunk).unwrap();
        assert!(count > 0, "the server hung up");
        bytes.extend_from_slice(&chunk[..count]);
        let Some(head) = Head::read(&bytes) else { continue };
        if bytes.len() >= head.whole() {
            let body = bytes.split_off(head.head);
            return Answer { status: head.status, head: String::from_utf8(bytes).unwrap(), body };
        }
    }
}
