//! Evidence as a service desk delivers it: most of it fresh, some late, some corrected.

use std::collections::VecDeque;
use std::fmt::Write;

use applaus::clock::Clock;
use chrono::{DateTime, TimeDelta, Utc};

use crate::client::{Requests, request};

/// Agents of the organisation.
pub const AGENTS: u32 = 1_000;
/// How late the late ones are at most.
const LATE: TimeDelta = TimeDelta::days(7);
/// How many percent are late.
const LATE_PERCENT: u32 = 30;
/// How many percent correct what was delivered before.
const CORRECTED_PERCENT: u32 = 10;
/// Of how many recent ones a correction may be.
const REMEMBERED: usize = 10_000;

/// What somebody delivers, one after the other.
pub struct Evidence {
    name: String,
    random: fastrand::Rng,
    count: u32,
    requests: u32,
    delivered: VecDeque<Delivered>,
}

#[derive(Clone, Copy)]
struct Delivered {
    number: u32,
    agent: u32,
    occurred_at: DateTime<Utc>,
    version: u32,
    /// The request that last said it.
    request: u32,
}

impl Evidence {
    /// Keys begin with `name`, which is used once.
    pub fn new(name: String, seed: u64) -> Self {
        Self { name, random: fastrand::Rng::with_seed(seed), count: 0, requests: 0, delivered: VecDeque::new() }
    }

    /// The next signal, as JSON: fresh, late or a correction.
    pub fn signal(&mut self) -> String {
        if self.random.u32(0..100) < CORRECTED_PERCENT
            && let Some(corrected) = self.correction()
        {
            return self.json(corrected);
        }
        let late = self.random.u32(0..100) < LATE_PERCENT;
        let back = if late { LATE } else { TimeDelta::minutes(1) };
        let (agent, seconds) = (self.random.u32(0..AGENTS), self.random.i64(0..back.num_seconds()));
        self.fresh(agent, Clock::System.now() - TimeDelta::seconds(seconds))
    }

    /// The next version of something that an earlier request said, if a few tries find one.
    fn correction(&mut self) -> Option<Delivered> {
        let places = 0..self.delivered.len();
        let tried = (!places.is_empty()).then(|| [(); 8].map(|()| self.random.usize(places.clone())))?;
        let place = tried.into_iter().find(|place| self.delivered[*place].request < self.requests)?;
        let corrected = &mut self.delivered[place];
        corrected.version += 1;
        corrected.request = self.requests;
        Some(*corrected)
    }

    /// The next signal, about an agent at an instant.
    pub fn fresh(&mut self, agent: u32, occurred_at: DateTime<Utc>) -> String {
        self.count += 1;
        let fresh = Delivered { number: self.count, agent, occurred_at, version: 0, request: self.requests };
        if self.delivered.len() == REMEMBERED {
            self.delivered.pop_front();
        }
        self.delivered.push_back(fresh);
        self.json(fresh)
    }

    fn json(&mut self, of: Delivered) -> String {
        let random = &mut self.random;
        let (kind, one, other) = match of.number % 3 {
            0 => ("metric", ("hold_seconds", random.u32(0..=90)), ("answer_seconds", random.u32(0..=120))),
            1 => ("survey", ("csat", random.u32(1..=5)), ("nps", random.u32(0..=10))),
            _ => ("evaluation", ("quality", random.u32(60..=100)), ("friendliness", random.u32(60..=100))),
        };
        let (name, number, agent, version) = (&self.name, of.number, of.agent, of.version);
        let mut json = format!(
            r#"{{"source":"desk","key":"{name}-{number}","version":{version},"kind":"{kind}","agent":"agent-{agent}","#
        );
        let at = of.occurred_at.format("%Y-%m-%dT%H:%M:%S%.3fZ");
        let _ = write!(json, r#""occurred_at":"{at}","channel":"phone","#);
        if number.is_multiple_of(2) {
            let _ = write!(json, r#""case":"case-{name}-{}","#, number / 7);
        }
        let _ = write!(
            json,
            r#""measures":{{"{}":{},"{}":{}}},"attributes":{{"severity":"high"}}}}"#,
            one.0, one.1, other.0, other.1
        );
        json
    }
}

/// Delivers it: so many signals a request.
pub struct Delivering {
    evidence: Evidence,
    token: String,
    signals: usize,
}

impl Delivering {
    /// One signal a request as an object, more as an array.
    pub fn new(evidence: Evidence, token: &str, signals: usize) -> Self {
        Self { evidence, token: format!("Bearer {token}"), signals }
    }
}

impl Requests for Delivering {
    fn next(&mut self, into: &mut Vec<u8>) {
        self.evidence.requests += 1;
        let body = match self.signals {
            1 => self.evidence.signal(),
            many => array((0..many).map(|_| self.evidence.signal())),
        };
        into.extend(request("POST", "/api/v1/signals", &[("authorization", &self.token)], body.as_bytes()));
    }
}

/// Objects as an array.
pub fn array(objects: impl Iterator<Item = String>) -> String {
    format!("[{}]", objects.collect::<Vec<_>>().join(","))
}
