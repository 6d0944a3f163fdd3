//! The organisation's settings.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::Code;
use super::language::{Language, Localised};
use super::points::Points;
use super::problem::{Finding, ProblemCode};

/// What holds for the whole organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// Its name.
    pub name: String,
    /// The zone of its months (allowances) and of dates without a programme; an IANA name.
    pub time_zone: String,
    /// The language of people who have not chosen one.
    pub language: Language,
    /// For how many days evidence is accepted.
    pub acceptance_days: u32,
    /// How kudos work.
    pub kudos: KudosPolicy,
    /// The company values that kudos may name.
    pub values: Vec<CompanyValue>,
    /// Days on which nobody need work, ascending.
    #[serde(default)]
    pub holidays: Vec<Holiday>,
    /// Whether somebody else than its author puts a programme's version in force.
    #[serde(default)]
    pub four_eyes: bool,
}

/// How kudos work (SEMANTICS S39, S40).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KudosPolicy {
    /// Points that each person may give a month.
    pub monthly_allowance: Points,
    /// Points that one person may receive a month; beyond it kudos carry none.
    pub monthly_cap_per_receiver: Points,
    /// Points that one person may give one other a month; beyond it kudos carry none.
    pub monthly_cap_per_pair: Points,
    /// For how long a sender may withdraw, in seconds.
    pub grace_seconds: u32,
    /// People that one kudos may go to.
    pub most_receivers: u32,
}

/// A company value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CompanyValue {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
}

/// A day on which nobody need work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holiday {
    /// Which, by the local calendar.
    pub date: NaiveDate,
    /// Its name.
    pub name: Localised,
}

/// The most that an allowance or a cap may be.
pub const MOST_POINTS: i64 = 1_000_000;
/// The most company values.
pub const MOST_VALUES: usize = 50;
/// The most holidays: those of a working life.
pub const MOST_HOLIDAYS: usize = 1_000;

impl Organization {
    /// What is out of bounds.
    pub fn faults(&self) -> Vec<Finding> {
        let kudos = &self.kudos;
        let numbers = [
            ("/acceptance_days", i64::from(self.acceptance_days), 1, 3_650),
            ("/kudos/monthly_allowance", kudos.monthly_allowance.0, 0, MOST_POINTS),
            ("/kudos/monthly_cap_per_receiver", kudos.monthly_cap_per_receiver.0, 0, MOST_POINTS),
            ("/kudos/monthly_cap_per_pair", kudos.monthly_cap_per_pair.0, 0, MOST_POINTS),
            ("/kudos/grace_seconds", i64::from(kudos.grace_seconds), 0, 604_800),
            ("/kudos/most_receivers", i64::from(kudos.most_receivers), 1, 100),
        ];
        let outside = numbers.into_iter().filter(|(_, value, least, most)| !(least..=most).contains(&value));
        let mut faults: Vec<Finding> = outside
            .map(|(pointer, _, least, most)| {
                Finding::new(pointer, ProblemCode::ExpectedWhole).with("least", least).with("most", most)
            })
            .collect();
        if self.values.len() > MOST_VALUES {
            faults.push(Finding::new("/values", ProblemCode::TooMany).with("limit", MOST_VALUES));
        }
        if self.holidays.len() > MOST_HOLIDAYS {
            faults.push(Finding::new("/holidays", ProblemCode::TooMany).with("limit", MOST_HOLIDAYS));
        }
        let mut dates = BTreeSet::new();
        for (index, holiday) in self.holidays.iter().enumerate() {
            if !dates.insert(holiday.date) {
                let pointer = format!("/holidays/{index}/date");
                faults.push(Finding::new(pointer, ProblemCode::DuplicateDate).with("date", holiday.date));
            }
        }
        let mut codes = BTreeSet::new();
        for (index, value) in self.values.iter().enumerate() {
            if !codes.insert(&value.code) {
                let pointer = format!("/values/{index}/code");
                faults.push(Finding::new(pointer, ProblemCode::DuplicateCode).with("code", &value.code));
            }
        }
        faults
    }
}

impl Default for Organization {
    fn default() -> Self {
        Self {
            name: "Applaus".to_owned(),
            time_zone: "Europe/Berlin".to_owned(),
            language: Language::En,
            acceptance_days: 400,
            kudos: KudosPolicy {
                monthly_allowance: Points(100),
                monthly_cap_per_receiver: Points(200),
                monthly_cap_per_pair: Points(40),
                grace_seconds: 900,
                most_receivers: 20,
            },
            values: Vec::new(),
            holidays: Vec::new(),
            four_eyes: false,
        }
    }
}
