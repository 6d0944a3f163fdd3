//! A client under load: new evidence alone and in batches, corrections, voids, kudos and withdrawals. It repeats each
//! request until it is answered, and writes into its journal what the answer said. Its keys are its own, so that it knows
//! exactly what must be so.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::client::{Answer, Asked, Client};
use super::journal::{Journal, Signal, Thanks};
use super::stage::{PEOPLE, SENDERS, Stage, person};

/// After how long without an answer a server has not recovered.
const GIVE_UP: Duration = Duration::from_secs(60);
/// The most signals of a batch.
const BATCH: usize = 6;

/// What a client does, and whether its repetitions can be told from new requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Kudos are sent with an `Idempotency-Key`, the same in every attempt.
    Keyed,
    /// They are sent without one.
    Keyless,
    /// Nothing but new signals, one by one.
    NewSignals,
}

/// What happened to requests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counts {
    /// Writes acknowledged: signals, voids, kudos, withdrawals.
    pub acknowledged: u64,
    /// Of these, what an attempt had done before whose answer was lost.
    pub done_before: u64,
    /// Attempts without a whole answer.
    pub unanswered: u64,
    /// Attempts answered by 503 or 429.
    pub put_off: u64,
    /// Attempts answered by another 5xx.
    pub errors: u64,
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { acknowledged, done_before, unanswered, put_off, errors } = self;
        write!(f, "{acknowledged} acknowledged, {done_before} of them done by an attempt before; attempts: ")?;
        write!(f, "{unanswered} unanswered, {put_off} put off, {errors} failed")
    }
}

/// A client with its journal.
pub struct Worker {
    number: usize,
    habit: Habit,
    rng: fastrand::Rng,
    next: usize,
    /// What it knows to be so.
    pub journal: Journal,
    /// What happened to its requests.
    pub counts: Counts,
    /// Answers that contradict what it knows.
    pub violations: Vec<String>,
    /// Under which id the last 5xx is logged that says nothing of coming again.
    pub error: Option<String>,
}

/// A signal to be sent.
struct Draft {
    key: String,
    signal: Signal,
    /// The status of an answer to a first attempt.
    usual: &'static str,
}

impl Draft {
    fn body(&self) -> Value {
        let at = chrono::DateTime::from_timestamp(now_seconds(), 0).unwrap() - chrono::TimeDelta::minutes(1);
        json!({ "source": "load", "key": self.key, "version": self.signal.version, "kind": "evaluation",
                "agent": person(self.signal.agent), "occurred_at": at, "measures": { "quality": self.signal.quality } })
    }
}

#[expect(clippy::disallowed_methods, reason = "the program under test runs by the real clock, and so do its clients")]
pub fn now_seconds() -> i64 {
    chrono::Utc::now().timestamp()
}

impl Worker {
    /// A client of a number; the number and the seed decide what it does.
    pub fn new(number: usize, seed: u64, habit: Habit) -> Self {
        Self {
            number,
            habit,
            rng: fastrand::Rng::with_seed(seed.wrapping_mul(31).wrapping_add(number as u64)),
            next: 0,
            journal: Journal::default(),
            counts: Counts::default(),
            violations: Vec::new(),
            error: None,
        }
    }

    /// Does one thing, and returns when it is acknowledged.
    pub fn step(&mut self, stage: &Stage) {
        match self.rng.u8(0..100) {
            _ if self.habit == Habit::NewSignals => self.deliver_one(stage, Self::new_signal),
            0..40 => self.deliver_one(stage, Self::new_signal),
            40..60 => self.deliver_one(stage, Self::correction),
            60..72 => self.deliver_many(stage),
            72..77 => self.void(stage),
            77..92 => self.thank(stage),
            92..95 => self.thank_oneself(stage),
            _ => self.withdraw(stage),
        }
    }

    /// Repeats a request until it is answered by something else than an excuse; gives how often it was sent.
    fn insist(&mut self, stage: &Stage, client: &Client, asked: &Asked) -> Option<(Answer, u32)> {
        let since = Instant::now();
        for attempt in 1.. {
            let wait = match client.ask(stage.any(&mut self.rng).address(), asked) {
                Some(answer) if answer.status == 503 || answer.status == 429 => {
                    self.counts.put_off += 1;
                    Duration::from_secs(answer.retry_after.unwrap_or(0))
                }
                Some(answer) if answer.status >= 500 => {
                    self.counts.errors += 1;
                    let said = answer.body["detail"].as_str().unwrap_or_default();
                    self.error = said.rsplit(' ').next().map(|id| id.trim_end_matches('.').to_owned());
                    Duration::from_millis(50)
                }
                Some(answer) => return Some((answer, attempt)),
                None => {
                    self.counts.unanswered += 1;
                    Duration::from_millis(20)
                }
            };
            if since.elapsed() > GIVE_UP {
                self.violations.push(format!("{asked:?} was not answered in {GIVE_UP:?}, {attempt} attempts"));
                return None;
            }
            std::thread::sleep(wait);
        }
        None
    }

    /// The same with the answer's status; any other contradicts what is known.
    fn insist_on(&mut self, stage: &Stage, client: &Client, asked: &Asked, status: u16) -> Option<(Answer, u32)> {
        let (answer, attempts) = self.insist(stage, client, asked)?;
        if answer.status != status {
            self.violations.push(format!("{asked:?}, attempt {attempts}, answered {} {}", answer.status, answer.text));
            return None;
        }
        Some((answer, attempts))
    }

    fn new_signal(&mut self) -> Option<Draft> {
        self.next += 1;
        let signal =
            Signal { version: 1, agent: self.rng.usize(0..PEOPLE), quality: self.rng.i64(1..=100), voided: false };
        Some(Draft { key: format!("w{}-{}", self.number, self.next), signal, usual: "accepted" })
    }

    fn live_key(&mut self) -> Option<String> {
        let live: Vec<&String> =
            self.journal.signals.iter().filter(|(_, signal)| !signal.voided).map(|(key, _)| key).collect();
        self.rng.choice(live).cloned()
    }

    fn correction(&mut self) -> Option<Draft> {
        let key = self.live_key()?;
        let held = &self.journal.signals[&key];
        let signal = Signal {
            version: held.version + self.rng.i64(1..4),
            agent: self.rng.usize(0..PEOPLE),
            // Never the same again, so that it is a correction.
            quality: (held.quality + self.rng.i64(0..99)) % 100 + 1,
            voided: false,
        };
        Some(Draft { key, signal, usual: "corrected" })
    }

    fn deliver_one(&mut self, stage: &Stage, draft: impl FnOnce(&mut Self) -> Option<Draft>) {
        let Some(draft) = draft(self) else { return };
        let asked = Asked::post("/signals", draft.body());
        if let Some((answer, attempts)) = self.insist_on(stage, &stage.root, &asked, 200) {
            self.note(draft, &answer.body, attempts);
        }
    }

    fn deliver_many(&mut self, stage: &Stage) {
        let mut drafts: Vec<Draft> = Vec::new();
        for _ in 0..self.rng.usize(2..=BATCH) {
            let draft = if self.rng.bool() { self.correction() } else { self.new_signal() };
            drafts.extend(draft.filter(|draft| drafts.iter().all(|other| other.key != draft.key)));
        }
        if drafts.is_empty() {
            return;
        }
        let asked = Asked::post("/signals", drafts.iter().map(Draft::body).collect());
        let Some((answer, attempts)) = self.insist_on(stage, &stage.root, &asked, 200) else { return };
        let results = answer.body["results"].as_array().cloned().unwrap_or_default();
        if results.len() != drafts.len() {
            self.violations.push(format!("{} signals were answered by {}", drafts.len(), answer.text));
        }
        for (draft, result) in drafts.into_iter().zip(results) {
            self.note(draft, &result, attempts);
        }
    }

    fn note(&mut self, draft: Draft, result: &Value, attempts: u32) {
        let status = result["status"].as_str().unwrap_or_default();
        let known = status == draft.usual || attempts > 1 && status == "duplicate";
        if !known || result["version"] != draft.signal.version {
            self.violations.push(format!("{} at attempt {attempts}: {result}", draft.body()));
        }
        self.counts.acknowledged += 1;
        self.counts.done_before += u64::from(status == "duplicate");
        self.journal.signals.insert(draft.key, draft.signal);
    }

    fn void(&mut self, stage: &Stage) {
        let Some(key) = self.live_key() else { return };
        let asked = Asked::delete(&format!("/signals/load/{key}"));
        let Some((answer, attempts)) = self.insist_on(stage, &stage.root, &asked, 200) else { return };
        let was = answer.body["was"].as_str().unwrap_or_default();
        if was != "live" && !(attempts > 1 && was == "already") {
            self.violations.push(format!("{asked:?} at attempt {attempts}: {}", answer.text));
        }
        self.counts.acknowledged += 1;
        self.counts.done_before += u64::from(was == "already");
        self.journal.signals.get_mut(&key).unwrap().voided = true;
    }

    fn thank(&mut self, stage: &Stage) {
        self.next += 1;
        let sender = self.rng.usize(0..SENDERS);
        let mut others: Vec<usize> = (0..PEOPLE).filter(|other| *other != sender).collect();
        self.rng.shuffle(&mut others);
        others.truncate(self.rng.usize(1..3));
        let points = self.rng.i64(1..6);
        let message = format!("thanks w{}-{}", self.number, self.next);
        let to: Vec<String> = others.iter().map(|other| person(*other)).collect();
        let mut asked = Asked::post("/kudos", json!({ "to": to, "message": message, "points": points }));
        if self.habit == Habit::Keyed {
            asked = asked.with("idempotency-key", &message.replace(' ', "-"));
        }
        let Some((answer, attempts)) = self.insist_on(stage, &stage.senders[sender], &asked, 201) else { return };
        let charged = points * i64::try_from(to.len()).unwrap();
        if attempts == 1 && answer.replayed || answer.body["charged"] != charged {
            self.violations.push(format!("{asked:?} at attempt {attempts}: {}", answer.text));
        }
        let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
        self.counts.acknowledged += 1;
        self.counts.done_before += u64::from(answer.replayed);
        self.journal.thanks.insert(message, Thanks { id, sender, to: others, points, withdrawn: false });
    }

    /// Is refused, and with it the group it came in is rolled back and run again one by one.
    fn thank_oneself(&mut self, stage: &Stage) {
        let sender = self.rng.usize(0..SENDERS);
        let asked = Asked::post("/kudos", json!({ "to": [person(sender)], "message": "me" }));
        self.insist_on(stage, &stage.senders[sender], &asked, 422);
    }

    fn withdraw(&mut self, stage: &Stage) {
        let standing = self.journal.thanks.iter().filter(|(_, thanks)| !thanks.withdrawn);
        let standing: Vec<(String, String, usize)> =
            standing.map(|(message, thanks)| (message.clone(), thanks.id.clone(), thanks.sender)).collect();
        let Some((message, id, sender)) = self.rng.choice(standing) else { return };
        let asked = Asked::delete(&format!("/kudos/{id}"));
        if self.insist_on(stage, &stage.senders[sender], &asked, 204).is_some() {
            self.counts.acknowledged += 1;
            self.journal.thanks.get_mut(&message).unwrap().withdrawn = true;
        }
    }
}
