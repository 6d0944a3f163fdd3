//! Applaus: recognition and rewards for customer-service organisations.
//!
//! Awards are a pure function of evidence, and the ledger is reconciled to it. The function by itself:
//!
//! ```
//! use std::sync::Arc;
//!
//! use applaus::domain::ids::{PersonId, SignalId};
//! use applaus::domain::measure::{Measure, shipped};
//! use applaus::domain::people::PersonFacts;
//! use applaus::domain::programme::{Known, read};
//! use applaus::domain::signal::{Content, Evidence};
//! use applaus::engine::fold::{Basis, awards};
//! use applaus::engine::timeline::{InForce, Timeline};
//!
//! struct Catalogue(Vec<Measure>);
//!
//! impl Known for Catalogue {
//!     fn measure(&self, code: &str) -> Option<&Measure> {
//!         self.0.iter().find(|measure| measure.code.as_str() == code)
//!     }
//!     fn team(&self, _: &str) -> bool {
//!         false
//!     }
//!     fn reward(&self, _: &str) -> bool {
//!         false
//!     }
//! }
//!
//! // What HR wrote: ten points for each evaluation of at least 80.
//! let document = serde_json::json!({
//!     "language": 1, "code": "service", "name": { "en": "Service", "de": "Service" },
//!     "time_zone": "Europe/Berlin", "season": "quarter",
//!     "rules": [{ "code": "good", "name": { "en": "Good", "de": "Gut" }, "on": ["evaluation"],
//!                 "when": { "measure": "quality", "at_least": 80 }, "award": { "points": 10 } }]
//! });
//! let programme = Arc::new(read(&document, &Catalogue(shipped())).unwrap().programme);
//! let effective_from = "2026-10-01".parse().unwrap();
//! let in_force = InForce { version: 1, effective_from, programme: programme.clone() };
//! let timeline = Timeline { versions: vec![in_force], last_day: None };
//!
//! // What the quality tool says.
//! let occurred_at = "2026-11-03T08:41:00Z".parse().unwrap();
//! let agent = PersonId::new(occurred_at);
//! let content = Content {
//!     kind: "evaluation".into(), agent, occurred_at, channel: None, case: None,
//!     measures: [("quality".to_owned(), "92".parse().unwrap())].into(), attributes: [].into(),
//! };
//! let evidence = [Evidence { id: SignalId::new(occurred_at), source: "qa".into(), key: "eval-1".into(), content }];
//!
//! let season = programme.calendar.season_at(occurred_at).unwrap();
//! let facts = PersonFacts::of(agent);
//! let basis = Basis { timeline: &timeline, season: &season, facts: &facts, as_of: season.until };
//! let outcome = awards(basis, &evidence).unwrap();
//! assert_eq!(outcome.awards[0].content.points.0, 10);
//! ```

pub mod access;
pub mod app;
pub mod back_test;
pub mod backup;
pub mod boards;
pub mod catalogue;
pub mod clock;
pub mod config;
pub mod demo;
pub mod domain;
pub mod engine;
pub mod follower;
pub mod http;
pub mod jobs;
pub mod replica;
pub mod store;
pub mod telemetry;
mod turns;
pub mod verify;
pub mod writer;
