//! Streams: what idle ones cost, and how soon a commit is at all that look at a board.

use std::net::SocketAddr;
use std::ops::Range;
use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant as Stopwatch};

use actix_web::rt;
use applaus::access::keys::IssuerKey;
use applaus::access::tokens::Issuer;
use applaus::clock::Clock;
use chrono::TimeDelta;

use crate::Options;
use crate::client::request;
use crate::database::Database;
use crate::evidence::Evidence;
use crate::organization::{Caller, FEED, token_of};
use crate::process::Server;
use crate::report::{Row, Section};
use crate::standings;

/// Streams that do nothing; fewer where the system allows fewer files.
const IDLE: u32 = 5_000;
/// Streams on one board that changes.
const LISTENING: u32 = 1_000;
/// People on the board; each has several streams.
const PEOPLE: u32 = 1_000;
/// Streams of a person.
const EACH: u32 = 10;
/// How long idle ones are watched.
const WATCHED: Duration = Duration::from_secs(10);
/// How often the board changes.
const CHANGES: u32 = 20;
/// Between two changes: above what streams are paced by.
const BETWEEN: Duration = Duration::from_millis(1_300);

const BOARD: &str = "/api/v1/leaderboards/bench/season/stream";
const OWN: &str = "/api/v1/people/me/stream";

/// The rows of streams.
pub fn measure(options: &Options, dir: &Path) -> Section {
    let mut section = Section::new("Streams");
    eprintln!("streams: writing {PEOPLE} standings");
    let database = standings::make(options, dir, PEOPLE);
    let server = Server::ours(options, &database.data, &database.url);
    let bearers = Bearers::of(&database);
    let idle = IDLE.min(files().saturating_sub(500));
    section.rows.push(idle_row(&server, &bearers, idle));
    let feed = Caller { address: server.address, token: token_of(options, &database, FEED) };
    section.rows.push(listening_row(&server, &bearers, &feed));
    section.notes.push(format!(
        "half of the idle ones look at a board, half at news of oneself, {EACH} each person; a heartbeat every 15 s is in the cost"
    ));
    section.notes.push(format!(
        "{CHANGES} changes of the board {} ms apart, from the answer to the signal to the whole page at each of {LISTENING} clients, \
         which share the cores with the server",
        BETWEEN.as_millis()
    ));
    section
}

/// Memory and time of streams that do nothing.
fn idle_row(server: &Server, bearers: &Bearers, count: u32) -> Row {
    eprintln!("streams: {count} idle ones");
    // What the first ones bring into memory is no stream's own.
    let first = Clients::open(server, bearers, IDLE..IDLE + 2, |n| if n % 2 == 0 { BOARD } else { OWN });
    std::thread::sleep(Duration::from_secs(1));
    let before = server.memory();
    let clients = Clients::open(server, bearers, 0..count, |n| if n % 2 == 0 { BOARD } else { OWN });
    std::thread::sleep(Duration::from_secs(2));
    let (memory, used) = (server.memory(), server.cpu());
    std::thread::sleep(WATCHED);
    let share = (server.cpu() - used).as_secs_f64() / WATCHED.as_secs_f64();
    drop((first, clients));
    Row {
        path: format!("{count} idle streams"),
        ours: format!("{:.1} % of a core", share * 100.0),
        memory: format!("{:.1} KiB a stream", (memory - before) * 1_024.0 / f64::from(count)),
        ..Row::default()
    }
}

/// How soon a change is at everybody.
fn listening_row(server: &Server, bearers: &Bearers, feed: &Caller) -> Row {
    eprintln!("streams: {LISTENING} on one board");
    // Others than those before, whose streams may not be noticed to be gone yet.
    let others = IDLE + EACH..IDLE + EACH + LISTENING;
    let clients = Clients::open(server, bearers, others, |_| BOARD);
    let mut evidence = Evidence::new("streams".to_owned(), 0);
    let mut lags = Vec::new();
    for _ in 0..CHANGES {
        std::thread::sleep(BETWEEN);
        clients.forget();
        let committed = change(server, bearers, feed, &mut evidence);
        std::thread::sleep(BETWEEN);
        let lag = |at: Stopwatch| at.saturating_duration_since(committed).as_secs_f64() * 1e3;
        lags.extend(clients.forget().into_iter().map(lag));
    }
    let expected = (CHANGES * LISTENING) as usize;
    assert!(lags.len() >= expected, "{} pages have come of {expected}", lags.len());
    lags.sort_by(f64::total_cmp);
    let at = |share: f64| lags.get((lags.len() as f64 * share) as usize).copied().unwrap_or(f64::NAN);
    Row {
        path: format!("from a commit to {LISTENING} streams of one board"),
        latency: format!("{:.0} / {:.0} ms", at(0.5), at(0.99)),
        memory: format!("{:.0} MiB", server.memory()),
        ..Row::default()
    }
}

/// Delivers until the board has changed; when that was answered.
fn change(server: &Server, bearers: &Bearers, feed: &Caller, evidence: &mut Evidence) -> Stopwatch {
    let reader = Caller { address: server.address, token: bearers.token(0) };
    let version = || reader.send("GET", "/leaderboards/bench/season?limit=1", "").json()["version"].as_i64().unwrap();
    let before = version();
    loop {
        feed.send("POST", "/signals", &evidence.fresh(1, Clock::System.now()));
        let answered = Stopwatch::now();
        if version() != before {
            return answered;
        }
    }
}

/// Tokens of the people on the board.
struct Bearers(Issuer);

impl Bearers {
    fn of(database: &Database) -> Self {
        Self(Issuer::new(&IssuerKey::load_or_create(&database.data).unwrap()))
    }

    fn token(&self, stream: u32) -> String {
        let agent = stream / EACH % PEOPLE + 1;
        self.0.mint(&format!("agent-{agent}"), TimeDelta::hours(1), &[], Clock::System.now()).unwrap()
    }
}

/// Clients of streams, on one thread.
struct Clients {
    pages: Receiver<Stopwatch>,
    _open: tokio::sync::oneshot::Sender<()>,
}

impl Clients {
    /// Opens streams, and waits until each has its first event.
    fn open(server: &Server, bearers: &Bearers, streams: Range<u32>, path: impl Fn(u32) -> &'static str) -> Self {
        let asking = |n| {
            let bearer = format!("Bearer {}", bearers.token(n));
            request("GET", path(n), &[("authorization", &bearer)], b"")
        };
        let (address, requests): (_, Vec<Vec<u8>>) = (server.address, streams.map(asking).collect());
        let count = requests.len();
        let (page, pages) = channel();
        let (open, closed) = tokio::sync::oneshot::channel::<()>();
        std::thread::spawn(move || {
            rt::System::new().block_on(async move {
                for some in requests.chunks(100) {
                    for request in some {
                        rt::spawn(come_again(address, request.clone(), page.clone()));
                    }
                    rt::time::sleep(Duration::from_millis(50)).await;
                }
                let _ = closed.await;
            });
        });
        for n in 0..count {
            pages.recv_timeout(Duration::from_secs(30)).unwrap_or_else(|_| panic!("{n} of {count} streams are open"));
        }
        Self { pages, _open: open }
    }

    /// When the pages came that have come up to now.
    fn forget(&self) -> Vec<Stopwatch> {
        self.pages.try_iter().collect()
    }
}

/// Listens; as long as the server has no time for it, again after a while.
async fn come_again(address: SocketAddr, request: Vec<u8>, page: Sender<Stopwatch>) {
    while listen(address, &request, &page).await == Listened::Refused {
        rt::time::sleep(Duration::from_millis(200)).await;
    }
}

/// How listening ended.
#[derive(Debug, PartialEq, Eq)]
enum Listened {
    /// Before it began.
    Refused,
    /// With the stream.
    Ended,
}

/// Tells of each event when all of it is there.
async fn listen(address: SocketAddr, request: &[u8], page: &Sender<Stopwatch>) -> Listened {
    let stream = rt::net::TcpStream::connect(address).await.unwrap();
    let (mut sent, mut within, mut chunk) = (0, false, [0; 16_384]);
    while sent < request.len() {
        stream.writable().await.unwrap();
        sent += stream.try_write(&request[sent..]).unwrap_or(0);
    }
    loop {
        stream.readable().await.unwrap();
        match stream.try_read(&mut chunk) {
            Ok(0) => return Listened::Ended,
            Ok(count) => {
                let bytes = &chunk[..count];
                if bytes.starts_with(b"HTTP/1.1 503") {
                    return Listened::Refused;
                }
                assert!(!bytes.starts_with(b"HTTP/1.1 4"), "{}", String::from_utf8_lossy(bytes));
                within |= bytes.windows(7).any(|seven| seven == b"event: ");
                // A chunk of the answer ends after the event in it.
                if within && bytes.ends_with(b"\n\n\r\n") {
                    within = false;
                    let _ = page.send(Stopwatch::now());
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => return Listened::Ended,
        }
    }
}

/// How many files this process may have open.
fn files() -> u32 {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(1_024)
}
