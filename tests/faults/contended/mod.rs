//! Two instances, 32 connections, and everything that is scarce: one allowance, a limit, a badge, and seasons that are
//! closed while evidence of them comes in (promises 4 and 6). Nothing fails, so nothing is repeated: every answer counts.
//! And that without the writer's lock it goes wrong.

pub mod planted;
mod rivals;
mod scarce;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use ureq::http::Method;

use self::rivals::Rival;
use self::scarce::{ALLOWANCE, LIMIT, watch};
use super::Servers;
use super::support::client::{Asked, Client};
use super::support::drill::Found;
use super::support::stage::{Stage, name, put_in_force};

/// Connections at once.
const CONNECTIONS: usize = 32;
/// The seconds of a run.
const RUN: u32 = 30;

/// The months that are over, oldest first; none was in force before its end, so only people close them.
fn months() -> Vec<String> {
    (11..=12).map(|month| format!("2025-{month}")).chain((1..=10).map(|month| format!("2026-{month:02}"))).collect()
}

fn programme() -> Value {
    let rule = |code: &str, on: &str, award: Value, limit: Value| json!({ "code": code, "name": name(code), "on": [on], "award": award, "limits": [limit] });
    json!({
        "language": 1, "code": "race", "name": name("Race"), "time_zone": "Europe/Berlin", "season": "month",
        "rules": [
            rule("limited", "survey", json!({ "points": 10 }), json!({ "per": "season", "points": LIMIT })),
            rule("once", "compliment", json!({ "points": 5, "badge": "once" }), json!({ "per": "season", "times": 1 })),
        ],
        "badges": [{ "code": "once", "name": name("Once") }],
    })
}

/// What the rivals of a run share.
struct Race {
    stage: Stage,
    months: Vec<String>,
    /// Which month is closed next; evidence is of the months around it.
    month: AtomicUsize,
    over: AtomicBool,
    /// What was read of each month once it was closed.
    statements: Mutex<Vec<(String, String)>>,
}

impl Race {
    fn on(stage: Stage) -> Self {
        let address = stage.instances[0].address();
        let settings = json!({ "kudos": { "monthly_allowance": ALLOWANCE } });
        let change = Asked::with_body(Method::PATCH, "/organization", settings).with("if-match", "*");
        stage.root.expect(address, &change, 200);
        put_in_force(&stage.instances[0], &stage.root, &programme(), "2025-11-01");
        let (month, over, statements) = (AtomicUsize::new(0), AtomicBool::new(false), Mutex::default());
        Self { stage, months: months(), month, over, statements }
    }

    /// Runs it to its end, and settles up.
    fn run(&self, length: Duration, found: &mut Found) -> Vec<Rival> {
        let mut rivals: Vec<Rival> = (0..CONNECTIONS - 2).map(|number| Rival::new(self, number)).collect();
        let begun = Instant::now();
        std::thread::scope(|scope| {
            for rival in &mut rivals {
                scope.spawn(|| {
                    while !self.over.load(Ordering::Relaxed) && rival.violations.is_empty() {
                        rival.step(self);
                    }
                });
            }
            let closers = [0, 1].map(|instance| scope.spawn(move || self.close_months(instance, begun, length)));
            let watching = scope.spawn(|| watch(self));
            for closer in closers {
                found.violations.extend(closer.join().unwrap());
            }
            self.over.store(true, Ordering::Relaxed);
            found.violations.extend(watching.join().unwrap());
        });
        for rival in &mut rivals {
            found.violations.append(&mut rival.violations);
            found.counts.acknowledged += rival.acknowledged;
        }
        if found.violations.is_empty() {
            found.violations = scarce::settle_up(self, &rivals);
        }
        rivals
    }

    /// Closes one month after the other, each beside the other instance's attempt.
    fn close_months(&self, instance: usize, begun: Instant, length: Duration) -> Vec<String> {
        let client = self.stage.root.clone();
        let count = (length.as_secs() as usize).clamp(2, self.months.len());
        let mut found = Vec::new();
        for (number, month) in self.months[..count].iter().enumerate() {
            let due = begun + length.mul_f64((number as f64 + 0.8) / count as f64);
            std::thread::sleep(due.saturating_duration_since(Instant::now()));
            let asked = Asked::post(&format!("/programmes/race/seasons/{month}/close"), json!({}));
            match client.ask(self.stage.instances[instance].address(), &asked) {
                Some(answer) if answer.status == 200 || answer.status == 202 => {}
                answer => found.push(format!("closing {month}: {answer:?}")),
            }
            match self.statement(&client, instance, month) {
                Ok(statement) => self.statements.lock().unwrap().push((month.clone(), statement)),
                Err(text) => found.push(format!("{month} is not closed: {text}")),
            }
            self.month.store(number + 1, Ordering::Relaxed);
        }
        found
    }

    /// A closed month's statement, as an instance shows it.
    fn statement(&self, client: &Client, instance: usize, month: &str) -> Result<String, String> {
        let since = Instant::now();
        loop {
            let asked = Asked::get(&format!("/programmes/race/seasons/{month}"));
            let answer = client.ask(self.stage.instances[instance].address(), &asked);
            match answer {
                Some(answer) if answer.status == 200 && answer.body.get("subjects").is_some() => return Ok(answer.text),
                answer if since.elapsed() > Duration::from_secs(10) => return Err(format!("{answer:?}")),
                _ => std::thread::sleep(Duration::from_millis(20)),
            }
        }
    }
}

/// Runs of half a minute, in so many seconds.
fn runs(seconds: u32, stage: impl Fn() -> Stage) -> Found {
    let mut found = Found::default();
    let runs = seconds.div_ceil(RUN).max(1);
    while found.cycles < runs && found.violations.is_empty() {
        Race::on(stage()).run(Duration::from_secs(u64::from(seconds / runs)), &mut found);
        found.cycles += 1;
    }
    found.violations.truncate(8);
    found
}

pub fn by_two_instances(seconds: u32, servers: &Servers) -> Found {
    runs(seconds, || Stage::on_postgres(servers.calm()))
}

/// Control: a lock that locks nothing, found before PostgreSQL's own.
pub fn without_the_lock(seconds: u32, servers: &Servers) -> Found {
    let server = servers.calm();
    runs(seconds, || {
        let database = server.new_database();
        let lock = "CREATE FUNCTION public.pg_advisory_xact_lock(bigint) RETURNS void LANGUAGE sql AS ''";
        server.sql(&database, lock);
        let url = server.url(&database);
        let way = format!("{url}&options=-csearch_path%3Dpublic,pg_catalog");
        Stage::on(tempfile::tempdir().unwrap(), &url, &[way.clone(), way])
    })
}
