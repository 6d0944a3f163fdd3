//! What people ask for of the catalogue, and what leads grant. Pure: from random numbers, without database or clock.

use chrono::TimeDelta;
use fastrand::Rng;

use super::chance::{happens, one_of};
use super::days::Days;
use super::organization::{Part, Person};
use crate::domain::time::Instant;

/// Those who would like a reward on a working day; some cannot pay for it.
const WISHES_A_DAY: usize = 3;
/// Chance that a lead grants points on a working day.
const A_GRANT: f64 = 0.15;
/// What is asked for most comes more often.
const WISHES: [&str; 7] =
    ["book-voucher", "book-voucher", "mug", "mug", "dinner-voucher", "dinner-voucher", "half-day-off"];
/// Why leads grant points, and how many.
const REASONS: [(&str, i64); 5] = [
    ("Stood in for the colleagues in the night of the storm", 100),
    ("Hat die neuen Kolleginnen zwei Wochen lang eingearbeitet", 150),
    ("Found the wrong meter numbers before the invoices went out", 80),
    ("Die schwierigste Beschwerde des Monats zu einem guten Ende gebracht", 60),
    ("Kept the lines open on the day of the price letter", 300),
];

/// Somebody asks for a reward.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wished {
    /// When.
    pub at: Instant,
    /// User name.
    pub person: String,
    /// Code of the reward.
    pub reward: &'static str,
}

/// A lead grants points.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognition {
    /// When.
    pub at: Instant,
    /// User name of the lead.
    pub from: String,
    /// User name of one of their people.
    pub to: String,
    /// How many.
    pub points: i64,
    /// Why.
    pub reason: &'static str,
}

/// The wishes and grants of each day, each in order of time. Whether somebody can pay for what they ask for is seen then.
pub fn rewards(rng: &mut Rng, days: &Days, people: &[Person]) -> Vec<(Vec<Wished>, Vec<Recognition>)> {
    let mut of_day = |day: u32| {
        if days.weekday(day) >= 5 {
            return (Vec::new(), Vec::new());
        }
        let mut wishes: Vec<Wished> = (0..WISHES_A_DAY).filter_map(|_| wish(rng, days, day, people)).collect();
        wishes.retain(|wish| wish.at <= days.evening(day));
        wishes.sort_by_key(|wish| wish.at);
        let grants = recognition(rng, days, day, people).filter(|grant| grant.at <= days.evening(day));
        (wishes, grants.into_iter().collect())
    };
    days.numbers().map(&mut of_day).collect()
}

fn wish(rng: &mut Rng, days: &Days, day: u32, people: &[Person]) -> Option<Wished> {
    let agents: Vec<&Person> =
        people.iter().filter(|person| person.part == Part::Agent && person.is_there(day)).collect();
    let (person, reward) = (one_of(rng, &agents)?, *one_of(rng, &WISHES)?);
    let at = days.at(day, 12 * 60) + TimeDelta::seconds(rng.i64(0..3_600));
    Some(Wished { at, person: person.user_name.clone(), reward })
}

fn recognition(rng: &mut Rng, days: &Days, day: u32, people: &[Person]) -> Option<Recognition> {
    let leads: Vec<&Person> =
        people.iter().filter(|person| person.part == Part::Lead && person.is_there(day)).collect();
    let lead = one_of(rng, &leads)?;
    let team = lead.home(day).map(|team| team.code);
    let led: Vec<&Person> = people
        .iter()
        .filter(|person| person.part == Part::Agent && person.is_there(day))
        .filter(|person| person.home(day).map(|team| team.code) == team)
        .collect();
    let (to, (reason, points)) = (one_of(rng, &led)?, *one_of(rng, &REASONS)?);
    let at = days.at(day, 15 * 60) + TimeDelta::seconds(rng.i64(0..3_600));
    let (from, to) = (lead.user_name.clone(), to.user_name.clone());
    happens(rng, A_GRANT).then_some(Recognition { at, from, to, points, reason })
}
