//! One of many clients that want the same: kudos from one allowance, points under one limit, one badge.

use serde_json::{Value, json};

use super::Race;
use crate::support::client::{Answer, Asked, Client};
use crate::support::stage::person;

/// Whose evidence it is: few, so that limits are reached.
pub const CONTENDERS: usize = 2;

/// A signal that was acknowledged.
#[derive(Debug, Clone)]
pub struct Given {
    key: String,
    version: i64,
    /// `survey` or `compliment`.
    pub kind: &'static str,
    /// The number of the person.
    pub agent: usize,
    /// The month it is of.
    pub month: String,
    /// Whether it was voided.
    pub voided: bool,
}

/// A client, and what it was answered.
pub struct Rival {
    number: usize,
    rng: fastrand::Rng,
    root: Client,
    sender: Client,
    next: usize,
    /// Its signals.
    pub given: Vec<Given>,
    /// Its kudos that stand, with what they were charged.
    pub thanks: Vec<(String, i64)>,
    /// How much was acknowledged.
    pub acknowledged: u64,
    /// Answers that should not be.
    pub violations: Vec<String>,
}

impl Rival {
    pub fn new(race: &Race, number: usize) -> Self {
        let (root, sender) = (race.stage.root.clone(), race.stage.senders[0].clone());
        let rng = fastrand::Rng::new();
        Self {
            number,
            rng,
            root,
            sender,
            next: 0,
            given: Vec::new(),
            thanks: Vec::new(),
            acknowledged: 0,
            violations: Vec::new(),
        }
    }

    /// Does one thing.
    pub fn step(&mut self, race: &Race) {
        match self.rng.u8(0..100) {
            0..30 => self.thank(race),
            30..40 => self.withdraw(race),
            40..70 => self.give(race, "survey"),
            70..80 => self.give(race, "compliment"),
            80..92 => self.correct(race),
            _ => self.void(race),
        }
    }

    /// What any instance answers; nothing but one of these answers should be.
    fn ask(&mut self, race: &Race, client: &Client, asked: &Asked, statuses: &[u16]) -> Option<Answer> {
        let answer = client.ask(race.stage.any(&mut self.rng).address(), asked);
        match answer {
            Some(answer) if statuses.contains(&answer.status) => {
                self.acknowledged += u64::from(answer.status < 300);
                Some(answer)
            }
            answer => {
                self.violations.push(format!("{asked:?} answered {answer:?}"));
                None
            }
        }
    }

    fn thank(&mut self, race: &Race) {
        self.next += 1;
        let to = person(self.rng.usize(1..6));
        let body = json!({ "to": [to], "message": "thanks", "points": self.rng.i64(1..6) });
        let key = format!("r{}-{}", self.number, self.next);
        let asked = Asked::post("/kudos", body).with("idempotency-key", &key);
        let Some(answer) = self.ask(race, &self.sender.clone(), &asked, &[201, 422]) else { return };
        if answer.status == 201 {
            let id = answer.body["id"].as_str().unwrap_or_default().to_owned();
            self.thanks.push((id, answer.body["charged"].as_i64().unwrap_or_default()));
        } else if answer.body["code"] != "allowance_exhausted" {
            self.violations.push(answer.text);
        }
    }

    fn withdraw(&mut self, race: &Race) {
        if self.thanks.is_empty() {
            return;
        }
        let (id, _) = self.thanks.swap_remove(self.rng.usize(0..self.thanks.len()));
        self.ask(race, &self.sender.clone(), &Asked::delete(&format!("/kudos/{id}")), &[204]);
    }

    /// Evidence of the month that is about to be closed, or of one around it.
    fn give(&mut self, race: &Race, kind: &'static str) {
        self.next += 1;
        let near = race.month.load(std::sync::atomic::Ordering::Relaxed) + self.rng.usize(0..3);
        let month = race.months[near.saturating_sub(1).min(race.months.len() - 1)].clone();
        let key = format!("r{}-{}", self.number, self.next);
        let agent = self.rng.usize(0..CONTENDERS);
        let given = Given { key, version: 1, kind, agent, month, voided: false };
        let body = self.body(&given);
        if self.ask(race, &self.root.clone(), &Asked::post("/signals", body), &[200]).is_some() {
            self.given.push(given);
        }
    }

    fn body(&mut self, given: &Given) -> Value {
        let at = format!("{}-{:02}T12:00:00Z", given.month, self.rng.u8(2..28));
        json!({ "source": "race", "key": given.key, "version": given.version, "kind": given.kind,
                "agent": person(given.agent), "occurred_at": at })
    }

    fn live(&mut self) -> Option<usize> {
        let live: Vec<usize> = (0..self.given.len()).filter(|index| !self.given[*index].voided).collect();
        self.rng.choice(live)
    }

    /// The same evidence is about the other person.
    fn correct(&mut self, race: &Race) {
        let Some(index) = self.live() else { return };
        let mut given = self.given[index].clone();
        given.version += 1;
        given.agent = (given.agent + 1) % CONTENDERS;
        let body = self.body(&given);
        if self.ask(race, &self.root.clone(), &Asked::post("/signals", body), &[200]).is_some() {
            self.given[index] = given;
        }
    }

    fn void(&mut self, race: &Race) {
        let Some(index) = self.live() else { return };
        let asked = Asked::delete(&format!("/signals/race/{}", self.given[index].key));
        if self.ask(race, &self.root.clone(), &asked, &[200]).is_some() {
            self.given[index].voided = true;
        }
    }
}
