//! The people and teams of the made-up organisation. Pure: from random numbers, without database or clock.

use fastrand::Rng;

use super::days::Days;
use crate::domain::language::Language;
use crate::domain::visibility::Visibility;

/// What the organisation is called.
pub const NAME: &str = "Morgenwind Energie";
/// The sites, which group teams: code and name.
pub const SITES: [(&str, &str); 2] = [("hamburg", "Hamburg"), ("leipzig", "Leipzig")];
/// The company values: code, and names in English and German.
pub const VALUES: [(&str, &str, &str); 4] = [
    ("customer-first", "Customers first", "Kundschaft zuerst"),
    ("team-spirit", "Team spirit", "Teamgeist"),
    ("courage", "Courage", "Mut"),
    ("learning", "Always learning", "Immer weiter lernen"),
];
/// The systems that deliver evidence: user name, which is also the name of the source, and display name.
pub const SOURCES: [(&str, &str); 3] =
    [("qa", "Quality tool"), ("survey", "Survey tool"), ("phone", "Contact platform")];

const WORKDAYS: [bool; 7] = [true, true, true, true, true, false, false];
const WITH_WEEKEND: [bool; 7] = [false, false, true, true, true, true, true];

/// A team, and how it works.
#[derive(Debug, Clone, PartialEq)]
pub struct Team {
    /// Its code.
    pub code: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The code of its site.
    pub site: &'static str,
    /// What its contacts are about.
    pub queue: &'static str,
    /// Over which channels they come.
    pub channels: &'static [&'static str],
    /// On which weekdays it works, Monday first.
    pub works: [bool; 7],
    /// Minutes after midnight at which its first contact may come; the last comes ten hours later.
    pub opens: i64,
}

/// The teams.
pub static TEAMS: [Team; 8] = [
    team("billing", "Billing", "hamburg", "billing", &["phone", "email"], WORKDAYS, 8 * 60),
    team("moving", "Moving house", "hamburg", "moving", &["phone", "chat"], WORKDAYS, 8 * 60),
    team("complaints", "Complaints", "hamburg", "complaints", &["phone", "email", "letter"], WORKDAYS, 9 * 60),
    team("business", "Business customers", "hamburg", "business", &["phone", "email"], WORKDAYS, 7 * 60 + 30),
    team("solar", "Solar and storage", "leipzig", "solar", &["phone", "email", "chat"], WORKDAYS, 8 * 60),
    team("chat", "Chat and messaging", "leipzig", "general", &["chat", "messaging"], WITH_WEEKEND, 10 * 60),
    team("retention", "Retention", "leipzig", "retention", &["phone"], WORKDAYS, 9 * 60 + 30),
    team("outage", "Outage hotline", "leipzig", "outage", &["phone"], WITH_WEEKEND, 10 * 60),
];

const fn team(
    code: &'static str,
    name: &'static str,
    site: &'static str,
    queue: &'static str,
    channels: &'static [&'static str],
    works: [bool; 7],
    opens: i64,
) -> Team {
    Team { code, name, site, queue, channels, works, opens }
}

/// Who works there, team by team, the lead first.
const MEMBERS: [[&str; 7]; 8] = [
    ["Katrin Vogel", "Mehmet Aydın", "Anna Schmidt", "Sofia Ricci", "Jonas Krüger", "Thanh Nguyen", "Birgit Hansen"],
    ["Tobias Lorenz", "Elif Kaya", "Paul Becker", "Oksana Melnyk", "Lukas Brandt", "Chiara Conti", "Heike Petersen"],
    ["Amara Okafor", "Stefan Wolff", "Milena Petrović", "Jan Sievers", "Leïla Benali", "Uwe Carstens", "Nina Roth"],
    ["Frank Möller", "Priya Nair", "Svenja Thiel", "Carlos Ortega", "Greta Lindholm", "Malte Jansen", "Ioana Popescu"],
    ["Claudia Richter", "Max Schäfer", "Zuzanna Nowak", "Daniel Weiß", "Fatima Haddad", "René Köhler", "Lena Busch"],
    ["Samuel Osei", "Emma Fischer", "Yusuf Demir", "Hanna Winkler", "Diego Fuentes", "Laura Seidel", "Kenji Mori"],
    ["Martina Engel", "Ali Rahimi", "Sabine Kurz", "Tomáš Dvořák", "Julia Herzog", "Kwame Mensah", "Petra Lange"],
    ["Dirk Hoffmann", "Ines Albrecht", "Bogdan Ionescu", "Maja Kowalska", "Felix Günther", "Aylin Yıldız", "Ole Friis"],
];
/// Who serves the organisation rather than its customers.
const OFFICE: [(&str, Part); 3] =
    [("Maria Sommer", Part::Hr), ("Georg Adler", Part::Auditor), ("Vera Kraft", Part::Admin)];
/// Who chose not to be seen by name on boards.
const CHOICES: [(&str, Visibility); 2] = [("sofia.ricci", Visibility::Alias), ("paul.becker", Visibility::Hidden)];

/// What somebody does in the organisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Serves customers.
    Agent,
    /// Leads a team.
    Lead,
    /// Configures programmes.
    Hr,
    /// Reads everything.
    Auditor,
    /// Gives roles.
    Admin,
}

/// How good somebody is, each from 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Skill {
    /// In the matter.
    pub knowledge: f64,
    /// With people.
    pub warmth: f64,
    /// In time.
    pub pace: f64,
}

/// Somebody of the organisation.
#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    /// The `sub` of their tokens.
    pub user_name: String,
    /// The name others see.
    pub display_name: &'static str,
    /// Their language.
    pub language: Language,
    /// What they do.
    pub part: Part,
    /// How well; leads and office have it too, and no evidence shows it.
    pub skill: Skill,
    /// How they chose to be seen on boards.
    pub seen: Visibility,
    /// Home teams and the days from which on; none for the office.
    pub homes: Vec<(u32, &'static Team)>,
    /// How they go, if they do.
    pub going: Option<Going>,
}

/// How somebody goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Going {
    /// On which day it is known; the same as the last for who goes at once.
    pub known: u32,
    /// The first day without them.
    pub gone: u32,
}

impl Person {
    /// The home team on a day.
    pub fn home(&self, day: u32) -> Option<&'static Team> {
        self.homes.iter().rev().find(|(from, _)| *from <= day).map(|(_, team)| *team)
    }

    /// Whether the person still belongs to the organisation on a day.
    pub fn is_there(&self, day: u32) -> bool {
        self.going.is_none_or(|going| day < going.gone)
    }
}

/// Everybody: agents and leads by team, then the office.
pub fn people(rng: &mut Rng, days: &Days) -> Vec<Person> {
    let mut people = Vec::new();
    for (team, names) in TEAMS.iter().zip(MEMBERS) {
        for (place, name) in names.into_iter().enumerate() {
            let part = if place == 0 { Part::Lead } else { Part::Agent };
            people.push(person(rng, name, part, vec![(0, team)]));
        }
    }
    people.extend(OFFICE.map(|(name, part)| person(rng, name, part, Vec::new())));
    moves(&mut people, days.last());
    people
}

fn person(rng: &mut Rng, name: &'static str, part: Part, homes: Vec<(u32, &'static Team)>) -> Person {
    let language = if rng.f64() < 0.75 { Language::De } else { Language::En };
    // People who are good at one thing tend to be good at the others.
    let talent = rng.f64();
    let mut of_talent = || 0.6 * talent + 0.4 * rng.f64();
    let skill = Skill { knowledge: of_talent(), warmth: of_talent(), pace: of_talent() };
    let user_name = user_name(name);
    let seen = CHOICES.iter().find(|(who, _)| *who == user_name).map_or(Visibility::Named, |(_, seen)| *seen);
    Person { user_name, display_name: name, language, part, skill, seen, homes, going: None }
}

/// Three change teams in the middle, one leaves with notice, one is deactivated from one day to the next.
fn moves(people: &mut [Person], last: u32) {
    let share = |numerator: u32| last * numerator / 20;
    for (name, team, day) in [
        ("jonas.krueger", "outage", share(9)),
        ("elif.kaya", "chat", share(10)),
        ("ali.rahimi", "complaints", share(12)),
    ] {
        let team = TEAMS.iter().find(|known| known.code == team);
        if let (Some(person), Some(team)) = (named(people, name), team) {
            person.homes.push((day.max(1), team));
        }
    }
    for (name, known, gone) in [("heike.petersen", share(13), share(17)), ("bogdan.ionescu", share(18), share(18))] {
        if let Some(person) = named(people, name) {
            person.going = Some(Going { known, gone: gone.max(1) });
        }
    }
}

fn named<'a>(people: &'a mut [Person], user_name: &str) -> Option<&'a mut Person> {
    people.iter_mut().find(|person| person.user_name == user_name)
}

/// A name as it stands in tokens: `Jonas Krüger` is `jonas.krueger`.
fn user_name(name: &str) -> String {
    let mut plain = String::new();
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            ' ' => plain.push('.'),
            'ä' => plain.push_str("ae"),
            'ö' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'á' => plain.push('a'),
            'ć' => plain.push('c'),
            'é' => plain.push('e'),
            'ı' | 'ï' => plain.push('i'),
            'ř' => plain.push('r'),
            'š' => plain.push('s'),
            other => plain.push(other),
        }
    }
    plain
}
