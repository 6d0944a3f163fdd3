//! Connections by hand: bytes as they go over the wire, for what a well-behaved client never does.

use std::io::{BufRead, BufReader, Read, Result, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// A connection to a server.
pub struct Raw {
    /// The socket.
    pub stream: BufReader<TcpStream>,
}

/// An answer as it came.
#[derive(Debug)]
pub struct RawAnswer {
    /// HTTP status.
    pub status: u16,
    /// The head, in small letters.
    pub head: String,
    /// The body.
    pub body: String,
}

impl RawAnswer {
    /// Whether the server ends the connection after it.
    pub fn closes(&self) -> bool {
        self.head.contains("connection: close")
    }
}

impl Raw {
    /// Connects, and waits for nothing longer than 20 seconds.
    pub fn connect(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::new(stream) })
    }

    /// Sends bytes as they are.
    pub fn send(&mut self, bytes: &str) -> Result<()> {
        self.stream.get_mut().write_all(bytes.as_bytes())
    }

    /// Sends a request, whole.
    pub fn ask(&mut self, method: &str, path: &str, token: &str, body: &str) -> Result<()> {
        let length = body.len();
        self.send(&format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\n\r\n{body}"
        ))
    }

    /// Reads one answer, whole.
    pub fn answer(&mut self) -> Result<RawAnswer> {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.stream.read_line(&mut head)? == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
        }
        let head = head.to_lowercase();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        self.stream.read_exact(&mut body)?;
        Ok(RawAnswer { status, head, body: String::from_utf8(body).unwrap() })
    }

    /// Waits for the server's end of the connection; true if it ends in order, false if it is reset.
    pub fn ends_in_order(&mut self) -> bool {
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).is_ok()
    }
}
