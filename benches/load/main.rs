//! Loads the release server, a process of its own, and prints what it does beside floors measured in the same run.
//!
//!     cargo bench --bench load                  everything that is built, medians of five runs, as Markdown
//!     cargo bench --bench load -- ingest        some of it: ingest, boards, start, instances
//!     cargo bench --bench load -- --short       a try: fewer and shorter runs
//!
//! `benches/README.md` is what the first of these prints.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a benchmark may stop where it stands")]
#![expect(clippy::indexing_slicing, clippy::print_stdout, reason = "a benchmark may stop where it stands, and prints")]

mod boards;
mod client;
mod compared;
mod database;
mod evidence;
mod floor;
mod ingest;
mod instances;
mod machine;
mod organization;
mod process;
mod report;
mod standings;
mod streams;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;

use database::{Place, Postgres};
use floor::rows::Earned;
use report::Section;

/// Loads the release server beside its floors
#[derive(Parser)]
#[command(name = "load")]
pub struct Options {
    /// What to measure: ingest, boards, start, streams, instances; everything without
    topics: Vec<String>,
    /// Fewer and shorter runs
    #[arg(long)]
    short: bool,
    /// The server to load
    #[arg(long, default_value = env!("CARGO_BIN_EXE_applaus"))]
    server: PathBuf,
    /// A PostgreSQL to make databases on; without it, one is started and thrown away
    #[arg(long)]
    postgres: Option<String>,
    /// One of the databases alone: sqlite or postgres
    #[arg(long)]
    only: Option<String>,
    /// Given by `cargo bench`
    #[arg(long, hide = true)]
    bench: bool,
}

impl Options {
    fn runs(&self) -> usize {
        if self.short { 2 } else { 5 }
    }

    fn seconds(&self) -> Duration {
        Duration::from_millis(if self.short { 1_500 } else { 4_000 })
    }

    /// Whether the ledger is checked against the evidence after a load, which takes its time.
    fn verifies(&self) -> bool {
        !self.short
    }

    fn wants(&self, topic: &str) -> bool {
        self.topics.is_empty() || self.topics.iter().any(|wanted| wanted == topic)
    }

    fn on(&self, database: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only == database)
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[1..] {
        ["floor-constant", body] => return floor::constant::serve(body.parse().unwrap()),
        ["floor-evidence", url, group, awards, reversals] => {
            let earned = Earned { awards: awards.parse().unwrap(), reversals: reversals.parse().unwrap() };
            return floor::evidence::serve(url, group.parse().unwrap(), earned);
        }
        _ => {}
    }
    let options = Options::parse();
    // `cargo test --all-targets` starts benchmarks too, and wants them to be short.
    if !options.bench && options.topics.is_empty() {
        return;
    }
    let dir = tempfile::Builder::new().prefix("applaus-load-").tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    println!("{}", include_str!("introduction.md"));
    println!("{}", machine::described(dir.path()));
    for section in measure(&options, &dir) {
        println!("{}", section.markdown());
    }
}

fn measure(options: &Options, dir: &tempfile::TempDir) -> Vec<Section> {
    let dir = dir.path();
    let sqlite = Place::Sqlite;
    let wants_postgres = options.on("postgres") && (options.wants("ingest") || options.wants("instances"));
    let postgres = if wants_postgres { Postgres::open(options).map(Place::Postgres) } else { None };
    let mut sections = Vec::new();
    if options.wants("ingest") && options.on("sqlite") {
        sections.push(ingest::measure(options, dir, &sqlite));
    }
    if let Some(postgres) = &postgres {
        if options.wants("ingest") {
            sections.push(ingest::measure(options, dir, postgres));
        }
        if options.wants("instances") {
            sections.push(instances::measure(options, dir, postgres));
        }
    }
    if options.wants("boards") {
        sections.push(boards::measure(options, dir));
    }
    if options.wants("start") {
        sections.push(boards::starting(options, dir));
    }
    if options.wants("streams") {
        sections.push(streams::measure(options, dir));
    }
    sections
}
