//! A network between the instances and PostgreSQL that loses the answers to commits, cuts answers in the middle, refuses
//! connections and dawdles; and that effects without their key, or requests without one, are found out.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use diesel::prelude::*;

use super::Servers;
use super::support::drill::{Found, drill};
use super::support::postgres::Postgres;
use super::support::proxy::{Fault, Proxy};
use super::support::stage::Stage;
use super::support::worker::Habit;

/// How long a fault is waited for.
const PATIENCE: Duration = Duration::from_secs(5);

/// A stage with two instances, both behind a proxy.
fn behind(proxy: &Proxy, server: &Postgres) -> Stage {
    let database = server.new_database();
    let ways = [proxy.url(&database), proxy.url(&database)];
    Stage::on(tempfile::tempdir().unwrap(), &server.url(&database), &ways)
}

fn pause(rng: &mut fastrand::Rng, most: u64) {
    std::thread::sleep(Duration::from_millis(rng.u64(0..most)));
}

/// Lets a fault strike so many times.
fn strike(proxy: &Proxy, fault: Fault, times: u32) {
    proxy.plan(fault, times);
    let since = Instant::now();
    while proxy.left() > 0 && since.elapsed() < PATIENCE {
        std::thread::sleep(Duration::from_millis(2));
    }
    proxy.plan(Fault::None, 0);
}

/// Loses a commit, or more often only its answer.
fn lose_a_commit(proxy: &Proxy, rng: &mut fastrand::Rng) {
    pause(rng, 200);
    let fault = if rng.u8(0..4) == 0 { Fault::CommitLost } else { Fault::AnswerLost };
    strike(proxy, fault, 1);
    pause(rng, 200);
}

pub fn commits(cycles: u32, servers: &Servers) -> Found {
    let proxy = Proxy::before(&servers.calm().socket());
    drill(cycles, Habit::Keyed, || behind(&proxy, servers.calm()), |_, rng| lose_a_commit(&proxy, rng))
}

pub fn everything_else(cycles: u32, servers: &Servers) -> Found {
    let proxy = Proxy::before(&servers.calm().socket());
    drill(
        cycles,
        Habit::Keyed,
        || behind(&proxy, servers.calm()),
        |_, rng| {
            pause(rng, 200);
            match rng.u8(0..3) {
                0 => strike(&proxy, Fault::CutMidAnswer, rng.u32(1..4)),
                1 => {
                    proxy.plan(Fault::Slow, 0);
                    std::thread::sleep(Duration::from_millis(rng.u64(200..1_000)));
                    proxy.plan(Fault::None, 0);
                }
                _ => {
                    proxy.refuse();
                    std::thread::sleep(Duration::from_millis(rng.u64(50..500)));
                    proxy.admit();
                }
            }
            pause(rng, 200);
        },
    )
}

/// Control: a client that repeats kudos without a key sends them twice.
pub fn keyless(cycles: u32, servers: &Servers) -> Found {
    let proxy = Proxy::before(&servers.calm().socket());
    drill(cycles, Habit::Keyless, || behind(&proxy, servers.calm()), |_, rng| lose_a_commit(&proxy, rng))
}

/// Control: keys that are not stored with their effect, as if in a transaction of their own that never came.
pub fn effects_without_keys(cycles: u32, servers: &Servers) -> Found {
    let proxy = Proxy::before(&servers.calm().socket());
    let disturb = |stage: &Stage, rng: &mut fastrand::Rng| {
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let mut connection = PgConnection::establish(&stage.address).unwrap();
                while !done.load(Ordering::Relaxed) {
                    diesel::sql_query("DELETE FROM idempotency").execute(&mut connection).unwrap();
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
            lose_a_commit(&proxy, rng);
            // Long enough for those who were told to come again.
            std::thread::sleep(Duration::from_millis(1_200));
            done.store(true, Ordering::Relaxed);
        });
    };
    drill(cycles, Habit::Keyed, || behind(&proxy, servers.calm()), disturb)
}
