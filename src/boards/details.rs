//! How the subjects of a measure board were measured, now and at the versions that its index still remembers.

use std::collections::{HashMap, VecDeque};

use super::numbers::Number;
use super::scores::Measured;

/// What came to be at a version.
type Since = (i64, Option<Measured>);

/// How subjects were measured.
#[derive(Debug, Default)]
pub struct Details(HashMap<Number, VecDeque<Since>>);

impl Details {
    /// From `version` on, somebody is measured so. Tells whether that is new.
    pub fn set(&mut self, number: Number, measured: Option<Measured>, version: i64) -> bool {
        let before = self.now(number);
        let history = self.0.entry(number).or_default();
        match history.back_mut() {
            Some((_, last)) if *last == measured => {}
            Some(last) if last.0 >= version => last.1 = measured,
            None if measured.is_none() => drop(self.0.remove(&number)),
            _ => history.push_back((version, measured)),
        }
        before != measured
    }

    /// How somebody was measured at a version.
    pub fn at(&self, number: Number, version: i64) -> Option<Measured> {
        let mut history = self.0.get(&number)?.iter().rev();
        history.find(|(since, _)| *since <= version).and_then(|(_, measured)| *measured)
    }

    /// How somebody is measured now.
    pub fn now(&self, number: Number) -> Option<Measured> {
        self.0.get(&number)?.back().and_then(|(_, measured)| *measured)
    }

    /// Forgets what no version from `oldest` on shows.
    pub fn forget(&mut self, oldest: i64) {
        self.0.retain(|_, history| {
            while history.get(1).is_some_and(|(since, _)| *since <= oldest) {
                history.pop_front();
            }
            history.back().is_some_and(|(_, measured)| measured.is_some()) || history.len() > 1
        });
    }
}
