//! A client of streams: server-sent events as they come over the wire, for as long as one cares to wait.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long something is waited for that should come.
const PATIENCE: Duration = Duration::from_secs(15);

/// A stream as its client has it.
pub struct Events {
    stream: BufReader<TcpStream>,
    /// HTTP status.
    pub status: u16,
    /// The head, in small letters.
    pub head: String,
    /// The answer, if it is no stream.
    pub problem: Value,
    text: String,
}

/// What came next.
#[derive(Debug, Clone, PartialEq)]
pub enum Heard {
    /// An event.
    Event(Event),
    /// A comment.
    Comment,
    /// The end of the stream, in order.
    End,
    /// The connection was cut.
    Cut,
    /// Nothing in the time given.
    Nothing,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// Its name.
    pub name: String,
    /// What it can be resumed after; empty if it has none.
    pub id: String,
    /// What it says.
    pub data: Value,
}

impl Events {
    /// Asks for a stream below `/api/v1`, with some lines of headers.
    pub fn open(address: SocketAddr, path: &str, headers: &[(&str, &str)]) -> Self {
        Self::ask(address, "GET", path, headers)
    }

    /// The same with any method.
    pub fn ask(address: SocketAddr, method: &str, path: &str, headers: &[(&str, &str)]) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut stream = BufReader::new(stream);
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let request = format!("{method} /api/v1{path} HTTP/1.1\r\nHost: x\r\n{headers}\r\n");
        stream.get_mut().write_all(request.as_bytes()).unwrap();
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
        }
        let head = head.to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; if method == "HEAD" { 0 } else { length.map_or(0, |length| length.parse().unwrap()) }];
        stream.read_exact(&mut body).unwrap();
        let problem = serde_json::from_slice(&body).unwrap_or(Value::Null);
        Self { stream, status, head, problem, text: String::new() }
    }

    /// Opened, as it must be.
    #[track_caller]
    pub fn opened(self) -> Self {
        assert_eq!(self.status, 200, "{} {}", self.head, self.problem);
        self
    }

    /// Refused, as it must be.
    #[track_caller]
    pub fn refused(&self, status: u16, code: &str) {
        assert_eq!((self.status, &self.problem["code"]), (status, &Value::from(code)), "{}", self.head);
    }

    /// The next event; comments are passed over.
    #[track_caller]
    pub fn event(&mut self) -> Event {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.heard(PATIENCE) {
                Heard::Event(event) => return event,
                Heard::Comment => {}
                other => panic!("{other:?} in place of an event"),
            }
        }
        panic!("no event, only comments");
    }

    /// Whether no event comes for a time; comments may.
    #[track_caller]
    pub fn is_quiet_for(&mut self, time: Duration) {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            match self.heard(left.max(Duration::from_millis(1))) {
                Heard::Comment | Heard::Nothing => {}
                other => panic!("{other:?} in place of nothing"),
            }
        }
    }

    /// Passes over what comes until the stream ends in order; how long that took.
    #[track_caller]
    pub fn ends(&mut self) -> Duration {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            match self.heard(PATIENCE) {
                Heard::End => return begun.elapsed(),
                Heard::Event(_) | Heard::Comment => {}
                other => panic!("{other:?} in place of the end"),
            }
        }
        panic!("no end");
    }

    /// What comes next within a time.
    pub fn heard(&mut self, within: Duration) -> Heard {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let (block, rest) = (block.to_owned(), rest.to_owned());
                self.text = rest;
                if let Some(heard) = read(&block) {
                    return heard;
                }
                continue;
            }
            self.stream.get_ref().set_read_timeout(Some(within)).unwrap();
            match self.chunk() {
                Ok(chunk) if chunk.is_empty() => return Heard::End,
                Ok(chunk) => self.text += &chunk,
                Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                    return Heard::Nothing;
                }
                Err(_) => return Heard::Cut,
            }
        }
    }

    fn chunk(&mut self) -> std::io::Result<String> {
        let mut size = String::new();
        if self.stream.read_line(&mut size)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let size = usize::from_str_radix(size.trim(), 16).unwrap();
        let mut chunk = vec![0; size + 2];
        self.stream.get_ref().set_read_timeout(Some(PATIENCE))?;
        self.stream.read_exact(&mut chunk)?;
        chunk.truncate(size);
        Ok(String::from_utf8(chunk).unwrap())
    }
}

/// None for what says how to come again.
fn read(block: &str) -> Option<Heard> {
    let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    if field("retry").is_some() {
        return None;
    }
    let Some(data) = field("data") else {
        assert_eq!(block, ":");
        return Some(Heard::Comment);
    };
    Some(Heard::Event(Event {
        name: field("event").unwrap().to_owned(),
        id: field("id").unwrap_or_default().to_owned(),
        data: serde_json::from_str(data).unwrap(),
    }))
}
