//! Everything that happens in the demo, day by day, before any of it has happened. Pure: from a seed and an instant.

use chrono::Datelike;
use fastrand::Rng;

use super::days::Days;
use super::evidence::{Arrivals, evidence};
use super::kudos::{Thanks, kudos};
use super::organization::{Person, people};
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
    /// What people send each other, in order of time.
    pub kudos: Vec<Thanks>,
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
        let days = days.numbers().zip(kudos).zip(evidence).filter_map(|((day, kudos), arrivals)| {
            let (morning, evening) = (days.morning(day)?, days.evening(day));
            let changes = changes(days, day, &people);
            Some(Day { morning, changes, finalises: finalises(days, day), kudos, evening, arrivals })
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
