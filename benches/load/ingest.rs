//! Taking evidence in: one signal a request, and 1,000, on both databases.

use std::path::Path;
use std::time::Duration;

use applaus::store::db::Db;
use diesel::prelude::*;
use diesel::sql_types::BigInt;

use crate::Options;
use crate::client::Load;
use crate::compared::{Run, cost, row};
use crate::database::{Database, Place};
use crate::evidence::{Delivering, Evidence};
use crate::floor::evidence::GROUP;
use crate::floor::rows::Earned;
use crate::organization::{self, FEED, token_of};
use crate::process::{Server, run_ours};
use crate::report::Section;

/// Connections that deliver one signal a request.
const CONNECTIONS: usize = 64;
/// Signals of a request that delivers many.
const MANY: usize = 1_000;
/// Connections that deliver many a request.
const FEW: usize = 2;

/// Both kinds of requests on one database.
pub fn measure(options: &Options, dir: &Path, place: &Place) -> Section {
    let mut section = Section::new(&format!("Evidence on {}", place.name()));
    section.notes.push(organization::described());
    eprintln!("{}: making the organisation", place.name());
    let organization = organization::make(options, dir, place);
    let mut bench = Bench { options, dir, place, organization, earned: None };
    bench.one(&mut section);
    bench.many(&mut section);
    if let Some(earned) = bench.earned {
        section.notes.push(format!(
            "the floor writes as many rows as ours: of each signal {:.2} awards with their transfers and {:.2} taken back; \
             without what is kept of folds",
            earned.awards, earned.reversals
        ));
    }
    section
}

struct Bench<'a> {
    options: &'a Options,
    dir: &'a Path,
    place: &'a Place,
    organization: Database,
    earned: Option<Earned>,
}

impl Bench<'_> {
    fn one(&mut self, section: &mut Section) {
        let (mut ours, mut floor, mut each) = (Vec::new(), Vec::new(), Vec::new());
        for run in 0..self.options.runs() {
            ours.push(self.ours(1, run));
            floor.push(self.floor(1, GROUP, run));
            each.push(self.floor(1, 1, run));
        }
        let (goal, durable) = match self.place {
            Place::Sqlite => ("≥ 0.5, p99 ≤ 25 ms", "`synchronous=FULL`"),
            Place::Postgres(_) => ("≥ 0.5, p99 ≤ 40 ms", "`synchronous_commit=on`"),
        };
        let path = format!("one signal a request, {CONNECTIONS} connections, {durable}");
        section.rows.push(row(&path, goal, &ours, &floor));
        let path = "the same against a transaction a request";
        section.rows.push(row(path, "≥ 4", &ours, &each));
        section.notes.push(format!("one signal a request: {}", cost(&ours, &floor)));
    }

    fn many(&mut self, section: &mut Section) {
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for run in 0..self.options.runs() {
            ours.push(self.ours(MANY, run));
            floor.push(self.floor(MANY, 1, run));
        }
        let goal = if matches!(self.place, Place::Sqlite) { "≥ 0.4" } else { "≥ 0.6" };
        let path = format!("{MANY} signals a request, {FEW} connections, signals a second");
        section.rows.push(row(&path, goal, &ours, &floor));
        section.notes.push(format!("{MANY} signals a request: {}", cost(&ours, &floor)));
    }

    fn ours(&mut self, signals: usize, run: usize) -> Run {
        let database = self.place.copy(self.dir, &self.organization, "ours");
        let token = token_of(self.options, &database, FEED);
        let before = Counted::of(&mut database.connect());
        let server = Server::ours(self.options, &database.data, &database.url);
        let measured = self.load(&server, &token, signals, run);
        drop(server);
        let after = Counted::of(&mut database.connect());
        // Killed after its last answer: what was answered is there, once, and the ledger is what the evidence says.
        assert!(after.revisions - before.revisions >= measured.answers() * i64::try_from(signals).unwrap());
        if run == 0 && self.options.verifies() {
            run_ours(self.options, &database.data, &database.url, &["verify"]);
        }
        self.earned.get_or_insert(before.earned(&after));
        measured
    }

    fn floor(&self, signals: usize, group: usize, run: usize) -> Run {
        let database = self.place.copy(self.dir, &self.organization, "floor");
        let earned = self.earned.expect("ours ran first");
        let (group, awards, reversals) = (group.to_string(), earned.awards.to_string(), earned.reversals.to_string());
        let server = Server::floor(&["floor-evidence", &database.url, &group, &awards, &reversals]);
        self.load(&server, "none", signals, run)
    }

    fn load(&self, server: &Server, token: &str, signals: usize, run: usize) -> Run {
        let load = match signals {
            1 => Load {
                threads: 1,
                connections: CONNECTIONS,
                warm_up: Duration::from_millis(500),
                counted: self.options.seconds(),
            },
            _ => Load { threads: 1, connections: FEW, warm_up: Duration::ZERO, counted: self.options.seconds() },
        };
        Run::of(server, (load, 200, signals as f64), |connection| {
            let evidence = Evidence::new(format!("r{run}-c{connection}"), (run * 1_000 + connection) as u64);
            Delivering::new(evidence, token, signals)
        })
    }
}

/// Rows there are.
#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    revisions: i64,
    #[diesel(sql_type = BigInt)]
    awarded: i64,
    #[diesel(sql_type = BigInt)]
    reversed: i64,
}

impl Counted {
    fn of(db: &mut Db) -> Self {
        let query = diesel::sql_query(
            "SELECT (SELECT COUNT(*) FROM signal_revisions) AS revisions, \
             (SELECT COUNT(*) FROM transfers WHERE kind = 'award') AS awarded, \
             (SELECT COUNT(*) FROM transfers WHERE kind = 'reversal') AS reversed",
        );
        query.get_result(db).unwrap()
    }

    fn earned(&self, after: &Self) -> Earned {
        let signals = (after.revisions - self.revisions).max(1) as f64;
        Earned {
            awards: (after.awarded - self.awarded) as f64 / signals,
            reversals: (after.reversed - self.reversed) as f64 / signals,
        }
    }
}
