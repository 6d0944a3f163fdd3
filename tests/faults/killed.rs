//! `kill -9` at any moment, on SQLite and on PostgreSQL with two instances (promise 7); and that a server which
//! acknowledges too early is found out.

use std::time::Duration;

use super::Servers;
use super::support::drill::{Found, drill};
use super::support::front::Front;
use super::support::instance::Instance;
use super::support::stage::Stage;
use super::support::worker::Habit;

/// Kills one instance, or all, after some load; sometimes again while it starts.
fn kill_some(stage: &Stage, rng: &mut fastrand::Rng) {
    let pause = |rng: &mut fastrand::Rng, most| std::thread::sleep(Duration::from_millis(rng.u64(0..most)));
    pause(rng, 600);
    let first = rng.usize(0..stage.instances.len());
    let all = rng.bool();
    let chosen: Vec<&Instance> =
        stage.instances.iter().enumerate().filter(|(n, _)| all || *n == first).map(|(_, one)| one).collect();
    chosen.iter().for_each(|instance| instance.kill());
    if rng.u8(0..4) == 0 {
        chosen.iter().for_each(|instance| instance.begin());
        pause(rng, 150);
        chosen.iter().for_each(|instance| instance.kill());
    }
    chosen.iter().for_each(|instance| instance.go_on());
    pause(rng, 100);
}

pub fn on_sqlite(cycles: u32, _: &Servers) -> Found {
    drill(cycles, Habit::Keyed, Stage::on_sqlite, kill_some)
}

pub fn on_postgres(cycles: u32, servers: &Servers) -> Found {
    drill(cycles, Habit::Keyed, || Stage::on_postgres(servers.calm()), kill_some)
}

/// Control: what is acknowledged before it is passed on is lost by a kill.
pub fn acknowledged_too_early(cycles: u32, _: &Servers) -> Found {
    let stage = || {
        let stage = Stage::on_sqlite();
        let front = Front::before(stage.instances[0].own_address());
        stage.instances[0].stand_behind(front.address);
        stage.front.set(front).ok().unwrap();
        stage
    };
    drill(cycles, Habit::NewSignals, stage, |stage, rng| {
        kill_some(stage, rng);
        stage.front.get().unwrap().moved(stage.instances[0].own_address());
    })
}
