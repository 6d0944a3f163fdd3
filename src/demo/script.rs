//! Everything that happens in the demo, day by day, before any of it has happened. Pure: from a seed and an instant.

use chrono::Datelike;
use fastrand::Rng;

use super::days::Days;
use super::evidence::{Arrivals, evidence};
use super::kudos::{Thanks, kudos};
use super::organization::{Person, people};
use super::rewards::{Recognition, Wished, rewards};
use crate::domain::time::Instant;

/// Codes of the contests that are held in each month.
const CONTESTS: [&str; 2] = ["agent-of-the-month", "team-of-the-month"];

/// The whole demo.
#[derive(Debug, Clone, PartialEq)]
pub struct Script {
    /// Everybody.
    pub people: Vec<Person>,
    /// The days, in order; the last one ends now.
    pub days: Vec<Day>,
}

/// A day.
#[derive(Debug, Clone, PartialEq)]
pub struct Day {
    /// When it begins; no day that has not begun is there.
    pub morning: Instant,
    /// What HR enters in the morning.
    pub changes: Vec<Change>,
    /// Codes of the contests of the month before that HR finalises then.
    pub finalises: Vec<&'static str>,
    /// The quarter, if it begins for the demo: `2026-Q4`.
    pub quarter: Option<String>,
    /// The month before, if HR closes its payroll then: `2026-10`.
    pub closes: Option<String>,
    /// What people send each other, in order of time.
    pub kudos: Vec<Thanks>,
    /// What people would like to have, in order of time.
    pub wishes: Vec<Wished>,
    /// What leads grant, in order of time.
    pub grants: Vec<Recognition>,
    /// When the systems deliver.
    pub evening: Instant,
    /// What they deliver.
    pub arrivals: Arrivals,
}

/// What HR enters about a person, by user name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Another home team from now on, by code.
    Moves(String, &'static str),
    /// The membership ends at that instant.
    Leaves(String, Instant),
    /// Not active any more.
    IsGone(String),
}

impl Script {
    /// What `seed` makes of the days that end at `now`.
    pub fn write(seed: u64, days: &Days) -> Self {
        let mut rng = Rng::with_seed(seed);
        let people = people(&mut rng, days);
        let kudos = kudos(&mut rng, days, &people);
        let evidence = evidence(&mut rng, days, &people);
        let rewards = rewards(&mut rng, days, &people);
        let lived = days.numbers().zip(kudos).zip(evidence).zip(rewards);
        let days = lived.filter_map(|(((day, kudos), arrivals), (wishes, grants))| {
            Some(Day {
                morning: days.morning(day)?,
                changes: changes(days, day, &people),
                finalises: finalises(days, day),
                quarter: quarter(days, day),
                closes: closes(days, day),
                kudos,
                wishes,
                grants,
                evening: days.evening(day),
                arrivals,
            })
        });
        let days = days.collect();
        Self { people, days }
    }
}

/// HR finalises the month's contests when the grace of five days is over, if the demo knows any of that month.
fn finalises(days: &Days, day: u32) -> Vec<&'static str> {
    let date = days.date(day);
    let decided = date.day() == 6 && date.with_day(1).is_some_and(|first| days.date(0) < first);
    if decided { CONTESTS.to_vec() } else { Vec::new() }
}

/// The quarter of the first day of all, or that begins.
fn quarter(days: &Days, day: u32) -> Option<String> {
    let of = |day: u32| {
        let date = days.date(day);
        format!("{}-Q{}", date.year(), date.month0() / 3 + 1)
    };
    let before = day.checked_sub(1).map(of);
    Some(of(day)).filter(|quarter| before.as_ref() != Some(quarter))
}

/// The payroll of the month before is closed on the tenth, if the demo knows any of that month.
fn closes(days: &Days, day: u32) -> Option<String> {
    let date = days.date(day);
    let before = date.with_day(1)?.pred_opt()?;
    let is_known = date.with_day(1).is_some_and(|first| days.date(0) < first);
    (date.day() == 10 && is_known).then(|| before.format("%Y-%m").to_string())
}

fn changes(days: &Days, day: u32, people: &[Person]) -> Vec<Change> {
    let mut changes = Vec::new();
    for person in people {
        if let Some((_, team)) = person.homes.iter().skip(1).find(|(from, _)| *from == day) {
            changes.push(Change::Moves(person.user_name.clone(), team.code));
        }
        let Some(going) = person.going else { continue };
        if going.known == day && going.known < going.gone {
            changes.push(Change::Leaves(person.user_name.clone(), days.at(going.gone, 0)));
        }
        if going.gone == day {
            changes.push(Change::IsGone(person.user_name.clone()));
        }
    }
    changes
}
