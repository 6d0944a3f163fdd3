//! Faults from outside: the real program as processes, over real HTTP, on databases of its own; what was acknowledged is
//! there exactly once, whatever is killed, stopped or cut off (DESIGN section 9, promises 3, 4, 6 and 7).
//!
//!     cargo test --test faults                      a few cycles of everything: about a minute
//!     FAULTS=long cargo test --test faults          hundreds of cycles: about half an hour
//!     cargo test --test faults killed               the harnesses whose names have that word
//!     FAULTS=long:0.1 cargo test --test faults      a tenth of the long numbers
//!
//! Each harness has controls: the same harness with a fault planted from outside the program, which it must find. Needs the
//! server programs of PostgreSQL, which `tests/run` installs.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and tells what it found"
)]

mod contended;
mod cut;
mod killed;
mod planted;
mod stopped;
mod support;

use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::Instant;

use support::drill::Found;
use support::postgres::Postgres;

/// What harnesses share.
#[derive(Default)]
pub struct Servers {
    calm: OnceCell<Postgres>,
}

impl Servers {
    /// A PostgreSQL that nobody stops.
    pub fn calm(&self) -> &Postgres {
        self.calm.get_or_init(|| Postgres::start(&[]))
    }
}

/// What a harness is to find.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expected {
    /// Nothing wrong, in so many cycles: in short, and long.
    Nothing(u32, u32),
    /// The planted fault, in at most so many cycles.
    Violations(u32),
}

struct Harness {
    name: &'static str,
    expected: Expected,
    run: fn(u32, &Servers) -> Found,
}

use Expected::{Nothing, Violations};

const HARNESSES: &[Harness] = &[
    Harness { name: "planted", expected: Nothing(1, 1), run: planted::in_the_tables },
    Harness { name: "killed-on-sqlite", expected: Nothing(4, 200), run: killed::on_sqlite },
    Harness { name: "killed-on-postgres", expected: Nothing(4, 200), run: killed::on_postgres },
    Harness { name: "control-acknowledged-early", expected: Violations(20), run: killed::acknowledged_too_early },
    Harness { name: "database-stopped", expected: Nothing(3, 50), run: stopped::under_load },
    Harness { name: "control-committed-early", expected: Violations(10), run: stopped::committed_too_early },
    Harness { name: "commits-lost", expected: Nothing(4, 200), run: cut::commits },
    Harness { name: "cut-refused-slow", expected: Nothing(4, 100), run: cut::everything_else },
    Harness { name: "control-keyless", expected: Violations(20), run: cut::keyless },
    Harness { name: "control-keys-apart", expected: Violations(20), run: cut::effects_without_keys },
    Harness { name: "contended-planted", expected: Nothing(1, 1), run: contended::planted::in_the_tables },
    // In seconds, of runs of half a minute.
    Harness { name: "contended", expected: Nothing(3, 600), run: contended::by_two_instances },
    Harness { name: "control-without-lock", expected: Violations(3), run: contended::without_the_lock },
];

/// The share of the long numbers that is asked for; none for the short ones.
#[expect(clippy::disallowed_methods, reason = "tests have no configuration to ask")]
fn share() -> Option<f64> {
    let asked = std::env::var("FAULTS").unwrap_or_default();
    match asked.split_once(':') {
        _ if asked.is_empty() || asked == "short" => None,
        None if asked == "long" => Some(1.0),
        Some(("long", share)) => Some(share.parse().expect("FAULTS=long:0.1 is a tenth of the long numbers")),
        _ => panic!("FAULTS is short, long or long:SHARE"),
    }
}

impl Harness {
    /// Runs it, tells what came of it, and says whether that was to be.
    fn passes(&self, share: Option<f64>, servers: &Servers) -> bool {
        let cycles = match (self.expected, share) {
            (Nothing(short, _), None) => short,
            (Nothing(_, long), Some(share)) => (f64::from(long) * share).ceil() as u32,
            (Violations(most), _) => most,
        };
        let since = Instant::now();
        let run = catch_unwind(AssertUnwindSafe(|| (self.run)(cycles, servers)));
        let seconds = since.elapsed().as_secs_f64();
        let Ok(found) = run else {
            println!("{}: failed after {seconds:.1} s", self.name);
            return false;
        };
        let violations = found.violations.len();
        println!("{}: {} cycles, {violations} violations, {}, {seconds:.1} s", self.name, found.cycles, found.counts);
        found.violations.iter().for_each(|violation| println!("    found: {violation:.600}"));
        let was_to_be = match self.expected {
            Nothing(..) => found.violations.is_empty(),
            Violations(_) => !found.violations.is_empty(),
        };
        if !was_to_be {
            println!("{}: NOT AS EXPECTED", self.name);
        }
        was_to_be
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let chosen = |harness: &&Harness| words.is_empty() || words.iter().any(|word| harness.name.contains(word.as_str()));
    let (share, servers) = (share(), Servers::default());
    let failed = HARNESSES.iter().filter(chosen).filter(|harness| !harness.passes(share, &servers)).count();
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
