//! The thanks that people send each other. Pure: from random numbers, without database or clock.

use chrono::TimeDelta;
use fastrand::Rng;

use super::chance::{happens, one_of};
use super::days::Days;
use super::organization::{Part, Person};
use crate::domain::kudos::Visibility;
use crate::domain::time::Instant;

/// Kudos on a working day.
const A_DAY: usize = 3;

/// What people thank each other for: company value and message.
const REASONS: [(&str, &str); 14] = [
    ("team-spirit", "Danke, dass du gestern meine Spätschicht übernommen hast!"),
    ("team-spirit", "Thanks for taking half of my queue when the lines went down."),
    ("customer-first", "Wie ruhig du mit dem Kunden aus der Störung gesprochen hast: große Klasse."),
    ("customer-first", "You called Mrs Albers back three times until it was solved. She noticed, and so did I."),
    ("learning", "Deine Einführung in die neuen Wärmestromtarife hat mir sehr geholfen. Danke!"),
    ("learning", "Thank you for showing me how the meter readings are corrected."),
    ("courage", "Danke, dass du im Teamtreffen den Fehler in der Vorlage angesprochen hast."),
    ("courage", "You told the customer the truth about the delay, and he stayed with us. Well done."),
    ("team-spirit", "Ohne deine Notizen zum Umzugsfall hätte ich von vorn angefangen. Danke!"),
    ("customer-first", "Eine Kundin hat dich heute ausdrücklich gelobt, das soll jeder wissen."),
    ("learning", "Great training on plain language. My letters are half as long now."),
    ("team-spirit", "Danke fürs Einspringen am Samstag und für die gute Laune dabei!"),
    ("courage", "Stark, wie du die schwierige Kündigung noch gedreht hast."),
    ("customer-first", "Thanks for staying on the line with the elderly gentleman until his boiler ran again."),
];

/// Thanks from one person to others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thanks {
    /// When.
    pub at: Instant,
    /// User name of the sender.
    pub from: String,
    /// User names of the receivers.
    pub to: Vec<String>,
    /// Why.
    pub message: &'static str,
    /// Code of a company value.
    pub value: &'static str,
    /// For each receiver.
    pub points: i64,
    /// Who may see it.
    pub visibility: Visibility,
}

/// The kudos of each day, in order of time.
///
/// Senders take turns, so that nobody sends more than about twice a month and no allowance is overdrawn.
pub fn kudos(rng: &mut Rng, days: &Days, people: &[Person]) -> Vec<Vec<Thanks>> {
    let mut turns: Vec<&Person> = people.iter().filter(|person| person.part != Part::Auditor).collect();
    rng.shuffle(&mut turns);
    let mut turns = turns.into_iter().cycle();
    let mut of_day = |day: u32| {
        if days.weekday(day) >= 5 {
            return Vec::new();
        }
        let senders: Vec<&Person> = turns.by_ref().take(A_DAY).filter(|sender| sender.is_there(day)).collect();
        let mut sent: Vec<Thanks> =
            senders.into_iter().filter_map(|from| thanks(rng, days, day, from, people)).collect();
        sent.retain(|thanks| thanks.at <= days.evening(day));
        sent.sort_by_key(|thanks| thanks.at);
        sent
    };
    days.numbers().map(&mut of_day).collect()
}

fn thanks(rng: &mut Rng, days: &Days, day: u32, from: &Person, people: &[Person]) -> Option<Thanks> {
    let near = happens(rng, 0.7) && from.home(day).is_some();
    let others: Vec<&Person> = people
        .iter()
        .filter(|other| other.user_name != from.user_name && other.is_there(day))
        .filter(|other| !near || other.home(day).map(|team| team.code) == from.home(day).map(|team| team.code))
        .collect();
    let mut to = vec![one_of(rng, &others)?.user_name.clone()];
    let second = &one_of(rng, &others)?.user_name;
    if happens(rng, 0.15) && !to.contains(second) {
        to.push(second.clone());
    }
    let (value, message) = one_of(rng, &REASONS).copied()?;
    let visibility = match rng.u32(..10) {
        0 => Visibility::Private,
        1 | 2 => Visibility::Team,
        _ => Visibility::Public,
    };
    Some(Thanks {
        at: days.at(day, 9 * 60) + TimeDelta::seconds(rng.i64(0..8 * 3_600)),
        from: from.user_name.clone(),
        to,
        message,
        value,
        points: one_of(rng, &[5, 10, 10, 15, 20]).copied()?,
        visibility,
    })
}
