//! PostgreSQL stopped as by a crash, and started again, under load with two instances; and that a database which
//! acknowledges before it has written is found out.

use std::time::Duration;

use super::Servers;
use super::support::drill::{Found, drill};
use super::support::postgres::Postgres;
use super::support::stage::Stage;
use super::support::worker::Habit;

/// Stops the server after some load, and starts it again a little later.
fn crash(server: &Postgres, rng: &mut fastrand::Rng) {
    let pause = |rng: &mut fastrand::Rng, least, most| {
        std::thread::sleep(Duration::from_millis(rng.u64(least..most)));
    };
    pause(rng, 100, 600);
    server.crash();
    pause(rng, 0, 200);
    server.go_on();
    pause(rng, 0, 300);
}

pub fn under_load(cycles: u32, _: &Servers) -> Found {
    let server = Postgres::start(&[]);
    drill(cycles, Habit::Keyed, || Stage::on_postgres(&server), |_, rng| crash(&server, rng))
}

/// Control: commits that are acknowledged before they are written are lost by a crash.
pub fn committed_too_early(cycles: u32, _: &Servers) -> Found {
    let lazy = ["synchronous_commit=off", "wal_writer_delay=10s", "wal_writer_flush_after=1GB"];
    let server = Postgres::start(&lazy);
    drill(cycles, Habit::Keyed, || Stage::on_postgres(&server), |_, rng| crash(&server, rng))
}
