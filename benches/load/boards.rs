//! Reading boards: pages, entries and the place around the caller, with tokens, at 1,000 and at 1,000,000 people; and what
//! a server with 1,000,000 standings costs to start and to keep.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant as Stopwatch};

use crate::Options;
use crate::client::{Load, Repeated, Requests, ask, request};
use crate::compared::{Run, per_second, row};
use crate::database::Database;
use crate::organization::token_of;
use crate::process::Server;
use crate::report::{Row, Section, median, rate};
use crate::standings;

/// Where the board is.
const BOARD: &str = "/api/v1/leaderboards/bench/season";
/// Connections, each with a caller of its own.
const CONNECTIONS: u32 = 64;
/// People on the small board.
const FEW: u32 = 1_000;
/// People on the large one.
const MANY: u32 = 1_000_000;
/// How long a server is left alone before its memory is looked at.
const IDLE: Duration = Duration::from_secs(2);

/// The rows of boards.
pub fn measure(options: &Options, dir: &Path) -> Section {
    let mut section = Section::new("Boards");
    eprintln!("boards: writing {FEW} and {MANY} standings");
    let small = Board::open(options, standings::make(options, dir, FEW), FEW);
    let large = Board::open(options, standings::make(options, dir, MANY), MANY);
    let (page, entry) = ("≥ 0.65", "≥ 0.55");
    let top = small.load("", Asks::Same);
    section.rows.push(top.row(&format!("top 50 of {FEW}, with token, {CONNECTIONS} connections"), page));
    section.rows.push(small.load("", Asks::Unchanged).row("the same as 304", page));
    let large_top = large.load("", Asks::Same);
    section.rows.push(large_top.row(&format!("top 50 of {MANY}"), page));
    section.rows.push(Row {
        path: format!("a page at {MANY} against {FEW}"),
        goal: "≥ 0.9".to_owned(),
        floor: rate(per_second(&top.ours)),
        ours: rate(per_second(&large_top.ours)),
        ratio: format!("{:.2}", per_second(&large_top.ours) / per_second(&top.ours)),
        ..Row::default()
    });
    section.rows.push(large.load("/entries", Asks::Entries).row(&format!("one entry of {MANY}, anybody's"), entry));
    section.rows.push(large.load("?around=me", Asks::Same).row(&format!("around me of {MANY}"), entry));
    section.notes.push(beside("redis-server", "`ZREVRANK` of Redis"));
    section.notes.push(beside("nakama", "Nakama's top 50, rank and ingest"));
    section.notes.push(format!(
        "the first page of {MANY} took {:.1} s, from rows in SQLite; of {FEW}, {:.0} ms",
        large.first.as_secs_f64(),
        small.first.as_secs_f64() * 1e3
    ));
    section
}

/// What is said of another program in place of a measurement.
fn beside(program: &str, what: &str) -> String {
    let there = Command::new(program).arg("--version").output().is_ok();
    format!("{what}: {}", if there { "installed, but not measured here" } else { "not installed" })
}

/// The rows of starting and of memory.
pub fn starting(options: &Options, dir: &Path) -> Section {
    let mut section = Section::new("Start and memory");
    eprintln!("start: writing {MANY} standings");
    let database = standings::make(options, dir, MANY);
    let (mut started, mut idle, mut first, mut with_board) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for _ in 0..options.runs() {
        let server = Server::ours(options, &database.data, &database.url);
        started.push(server.started_in.as_secs_f64());
        std::thread::sleep(IDLE);
        idle.push(server.memory());
        let bearer = bearer(options, &database, 1);
        let watch = Stopwatch::now();
        ask(server.address, &request("GET", BOARD, &[("authorization", &bearer)], b""));
        first.push(watch.elapsed().as_secs_f64());
        std::thread::sleep(IDLE);
        with_board.push(server.memory());
    }
    let line = |path: String, goal: &str, ours: String, memory: String| Row {
        path,
        goal: goal.to_owned(),
        ours,
        memory,
        ..Row::default()
    };
    let (seconds, mebibytes) = (|of: Vec<f64>| format!("{:.2} s", median(of)), |of| format!("{:.0} MiB", median(of)));
    section.rows.push(line(format!("start with {MANY} standings"), "≤ 3 s", seconds(started), String::new()));
    section.rows.push(line("memory idle".to_owned(), "≤ 40 MiB", String::new(), mebibytes(idle)));
    let path = format!("with one board of {MANY}; its first page");
    section.rows.push(line(path, "≤ 120 MiB", seconds(first), mebibytes(with_board)));
    section
}

/// What the connections ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// The same again and again.
    Same,
    /// The same, naming the tag of the answer.
    Unchanged,
    /// Other entries each time.
    Entries,
}

/// A server with a board in memory.
struct Board<'a> {
    options: &'a Options,
    server: Server,
    bearers: Vec<String>,
    people: u32,
    /// How long the first page took.
    first: Duration,
}

impl<'a> Board<'a> {
    fn open(options: &'a Options, database: Database, people: u32) -> Self {
        let server = Server::ours(options, &database.data, &database.url);
        let apart = people / CONNECTIONS;
        let bearers: Vec<String> = (0..CONNECTIONS).map(|n| bearer(options, &database, n * apart + 1)).collect();
        let watch = Stopwatch::now();
        let answer = ask(server.address, &request("GET", BOARD, &[("authorization", &bearers[0])], b""));
        assert!(answer.json()["total"].as_u64() >= Some(people.into()), "{}", answer.head);
        Self { options, server, bearers, people, first: watch.elapsed() }
    }

    fn load(&self, place: &str, asks: Asks) -> Pair {
        let target = format!("{BOARD}{}", if asks == Asks::Entries { "" } else { place });
        let asking: Vec<Asking> = self.bearers.iter().map(|bearer| self.asking(&target, bearer, asks)).collect();
        let expected = if asks == Asks::Unchanged { 304 } else { 200 };
        let body = ask(self.server.address, &asking[0].clone().one()).body.len();
        let floor = Server::floor(&["floor-constant", &body.to_string()]);
        let path = if asks == Asks::Unchanged { "/unchanged" } else { "/" };
        let bare = Repeated(request("GET", path, &[("authorization", &self.bearers[0])], b""));
        let mut pair = Pair::default();
        eprintln!("  {target} of {}, {body} bytes: ours and floor", self.people);
        for _ in 0..self.options.runs() {
            pair.ours.push(self.run(&self.server, expected, |connection| asking[connection].clone()));
            pair.floor.push(self.run(&floor, expected, |_| bare.clone()));
        }
        pair
    }

    fn asking(&self, target: &str, bearer: &str, asks: Asks) -> Asking {
        let asking = |headers: &[(&str, &str)]| request("GET", target, headers, b"");
        match asks {
            Asks::Same => Asking::Same(Repeated(asking(&[("authorization", bearer)]))),
            Asks::Unchanged => {
                let answer = ask(self.server.address, &asking(&[("authorization", bearer)]));
                let tag = answer.header("etag").unwrap();
                Asking::Same(Repeated(asking(&[("authorization", bearer), ("if-none-match", tag)])))
            }
            Asks::Entries => {
                Asking::Entries { bearer: bearer.to_owned(), random: fastrand::Rng::new(), people: self.people }
            }
        }
    }

    fn run<R: Requests>(&self, server: &Server, expected: u16, requests: impl FnMut(usize) -> R) -> Run {
        let load = Load {
            threads: 1,
            connections: CONNECTIONS as usize,
            warm_up: Duration::from_millis(300),
            counted: self.options.seconds() / 2,
        };
        Run::of(server, (load, expected, 1.0), requests)
    }
}

fn bearer(options: &Options, database: &Database, agent: u32) -> String {
    format!("Bearer {}", token_of(options, database, &format!("agent-{agent}")))
}

/// What one connection asks.
#[derive(Clone)]
enum Asking {
    Same(Repeated),
    Entries { bearer: String, random: fastrand::Rng, people: u32 },
}

impl Asking {
    fn one(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        self.next(&mut bytes);
        bytes
    }
}

impl Requests for Asking {
    fn next(&mut self, into: &mut Vec<u8>) {
        match self {
            Self::Same(repeated) => repeated.next(into),
            Self::Entries { bearer, random, people } => {
                let target = format!("{BOARD}/entries/agent-{}", random.u32(1..=*people));
                into.extend(request("GET", &target, &[("authorization", bearer)], b""));
            }
        }
    }
}

/// Runs of ours, each with one of the floor beside it.
#[derive(Default)]
struct Pair {
    ours: Vec<Run>,
    floor: Vec<Run>,
}

impl Pair {
    fn row(&self, path: &str, goal: &str) -> Row {
        row(path, goal, &self.ours, &self.floor)
    }
}
