//! A proxy between the program and PostgreSQL that loses what it is told to lose: the answers to commits, connections in
//! the middle of an answer, time, or every connection.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What the proxy does beside passing on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fault {
    /// Nothing.
    #[default]
    None,
    /// A commit is done, and its answer lost.
    AnswerLost,
    /// A commit is not passed on.
    CommitLost,
    /// A connection ends in the middle of an answer.
    CutMidAnswer,
    /// Each piece takes its time.
    Slow,
}

/// A proxy; it ends with the value.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
}

struct Shared {
    server: PathBuf,
    fault: Mutex<Fault>,
    /// How often the fault strikes yet.
    strikes: AtomicU32,
    refusing: AtomicBool,
    ended: AtomicBool,
    connections: Mutex<Vec<TcpStream>>,
}

impl Proxy {
    /// A proxy before the server that listens on a socket.
    pub fn before(server: &Path) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            fault: Mutex::default(),
            strikes: AtomicU32::new(0),
            refusing: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            connections: Mutex::default(),
        });
        let accepting = shared.clone();
        std::thread::spawn(move || accepting.accept(listener, port));
        Self { port, shared }
    }

    /// The address of a database through it.
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}?sslmode=disable&gssencmode=disable", self.port)
    }

    /// From now on a fault strikes so many times.
    pub fn plan(&self, fault: Fault, strikes: u32) {
        *self.shared.fault.lock().unwrap() = fault;
        self.shared.strikes.store(strikes, Ordering::SeqCst);
    }

    /// How often the planned fault strikes yet.
    pub fn left(&self) -> u32 {
        self.shared.strikes.load(Ordering::SeqCst)
    }

    /// Ends every connection, and refuses new ones until [`Self::admit`].
    pub fn refuse(&self) {
        self.shared.refusing.store(true, Ordering::SeqCst);
        self.cut_all();
    }

    /// Takes connections again.
    pub fn admit(&self) {
        self.shared.refusing.store(false, Ordering::SeqCst);
    }

    fn cut_all(&self) {
        for connection in self.shared.connections.lock().unwrap().drain(..) {
            let _ = connection.shutdown(Shutdown::Both);
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::SeqCst);
        self.cut_all();
    }
}

const LOOK: Duration = Duration::from_millis(2);

impl Shared {
    fn accept(self: Arc<Self>, mut listener: TcpListener, port: u16) {
        listener.set_nonblocking(true).unwrap();
        while !self.ended.load(Ordering::SeqCst) {
            if self.refusing.load(Ordering::SeqCst) {
                drop(listener);
                while self.refusing.load(Ordering::SeqCst) && !self.ended.load(Ordering::SeqCst) {
                    std::thread::sleep(LOOK);
                }
                listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
                listener.set_nonblocking(true).unwrap();
            }
            match listener.accept() {
                Ok((client, _)) => self.connect(client),
                Err(_) => std::thread::sleep(LOOK),
            }
        }
    }

    fn connect(self: &Arc<Self>, client: TcpStream) {
        // Without a server the connection ends, as it would with none.
        let Ok(server) = UnixStream::connect(&self.server) else { return };
        client.set_nonblocking(false).unwrap();
        client.set_nodelay(true).unwrap();
        self.connections.lock().unwrap().push(client.try_clone().unwrap());
        let wire = Arc::new(Wire { client, server, answer_lost: AtomicBool::new(false) });
        let (shared, there) = (self.clone(), wire.clone());
        std::thread::spawn(move || {
            shared.pump_requests(&there);
            there.cut();
        });
        let (shared, back) = (self.clone(), wire);
        std::thread::spawn(move || {
            shared.pump_answers(&back);
            back.cut();
        });
    }

    fn fault(&self) -> Fault {
        *self.fault.lock().unwrap()
    }

    /// Whether the fault strikes now; then it strikes once less.
    fn strikes(&self) -> bool {
        self.strikes.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok()
    }

    fn pump_requests(&self, wire: &Wire) -> Option<()> {
        let (mut reader, mut sniffer, mut piece) = (wire.client.try_clone().ok()?, Sniffer::default(), [0; 16_384]);
        loop {
            let length = reader.read(&mut piece).ok().filter(|length| *length > 0)?;
            let commits = sniffer.commits(&piece[..length]);
            match self.fault() {
                Fault::AnswerLost if commits && self.strikes() => wire.answer_lost.store(true, Ordering::SeqCst),
                Fault::CommitLost if commits && self.strikes() => return None,
                Fault::Slow => std::thread::sleep(Duration::from_millis(u64::from(length as u8 % 16))),
                _ => {}
            }
            (&wire.server).write_all(&piece[..length]).ok()?;
        }
    }

    fn pump_answers(&self, wire: &Wire) -> Option<()> {
        let (mut reader, mut piece) = (wire.server.try_clone().ok()?, [0; 16_384]);
        loop {
            let length = reader.read(&mut piece).ok().filter(|length| *length > 0)?;
            if wire.answer_lost.load(Ordering::SeqCst) {
                return None;
            }
            if self.fault() == Fault::CutMidAnswer && length > 16 && self.strikes() {
                (&wire.client).write_all(&piece[..length / 2]).ok()?;
                return None;
            }
            (&wire.client).write_all(&piece[..length]).ok()?;
        }
    }
}

/// The two ends of a connection.
struct Wire {
    client: TcpStream,
    server: UnixStream,
    /// Whether what the server says next is the lost answer.
    answer_lost: AtomicBool,
}

impl Wire {
    fn cut(&self) {
        let _ = self.client.shutdown(Shutdown::Both);
        let _ = self.server.shutdown(Shutdown::Both);
    }
}

/// Reads along what a client sends (PostgreSQL's protocol 3), message by message.
#[derive(Default)]
struct Sniffer {
    unread: Vec<u8>,
    started: bool,
}

/// Asking for encryption: more untyped messages follow.
const ENCRYPTION: [u32; 2] = [80_877_103, 80_877_104];

impl Sniffer {
    /// Whether the piece holds a COMMIT, as a simple query or as a statement that is parsed.
    fn commits(&mut self, piece: &[u8]) -> bool {
        self.unread.extend_from_slice(piece);
        let mut commits = false;
        loop {
            let head = usize::from(self.started);
            let Some(length) = self.unread.get(head..head + 4) else { return commits };
            let length = head + u32::from_be_bytes(length.try_into().unwrap()) as usize;
            if self.unread.len() < length {
                return commits;
            }
            let message: Vec<u8> = self.unread.drain(..length).collect();
            if self.started {
                commits |= is_commit(&message);
            } else {
                let code = message.get(4..8).map(|code| u32::from_be_bytes(code.try_into().unwrap()));
                self.started = code.is_some_and(|code| !ENCRYPTION.contains(&code));
            }
        }
    }
}

/// A query is `Q`, its length and its text; a statement is `P`, its length, its name and its text, each ended by 0.
fn is_commit(message: &[u8]) -> bool {
    let text = match message {
        [b'Q', _, _, _, _, text @ ..] => text,
        [b'P', _, _, _, _, rest @ ..] => rest.split_inclusive(|byte| *byte == 0).nth(1).unwrap_or_default(),
        _ => return false,
    };
    text.trim_ascii_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case(b"COMMIT"))
}
