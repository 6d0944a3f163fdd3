//! Random organisations: teams, people who chose how they are seen, and what they did; and a second history of the same
//! organisation, in which only people differ whom nobody sees.

use applaus::domain::ids::{Code, PersonId};
use chrono::{DateTime, Days, NaiveDate, Utc};
use proptest::prelude::*;
use uuid::Uuid;

/// When things are looked at: the first is for setting up. October closes before the second, November before the last.
pub const TIMES: [&str; 4] =
    ["2026-11-01T12:00:00Z", "2026-11-18T12:00:00Z", "2026-11-26T12:00:00Z", "2026-12-03T12:00:00Z"];
/// The day of each of them, counted from [`first_day`].
const LAST_DAYS: [u64; 4] = [18, 35, 43, 50];
/// Fewer who are not shown by name never count in a team's number.
const FEWEST_UNNAMED: usize = 3;

/// One of some, however many they are.
#[derive(Debug, Clone, Copy)]
pub struct Pick(pub usize);

impl Pick {
    /// Its place among so many.
    pub fn among(self, count: usize) -> usize {
        self.0 % count
    }
}

/// Any of some.
pub fn pick() -> impl Strategy<Value = Pick> {
    (0..1_000_usize).prop_map(Pick)
}

/// An organisation and what happens in it.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The smallest group shown.
    pub smallest_group: u32,
    /// How people are seen who chose nothing.
    pub default: &'static str,
    /// The team above each of `t1`, `t2`, ...: one before it, or `support`.
    pub above: Vec<Pick>,
    /// Who there is: `p0`, `p1`, ...
    pub people: Vec<Somebody>,
    /// What happens.
    pub events: Vec<Event>,
    /// Who looks.
    pub observer: Pick,
}

/// Somebody.
#[derive(Debug, Clone)]
pub struct Somebody {
    /// Their home.
    pub home: Pick,
    /// Where they move, and when.
    pub moves: Option<(Pick, u64)>,
    /// What they chose.
    pub choice: Option<&'static str>,
}

/// Something happens.
#[derive(Debug, Clone)]
pub struct Event {
    /// About whom.
    pub person: Pick,
    /// The day, counted from [`first_day`].
    pub day: u64,
    /// What.
    pub what: What,
    /// What happens instead in the other history, if nobody may see it.
    pub instead: u32,
}

/// What happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// An evaluation earns as many points as it has quality.
    Evaluation(u32),
    /// A compliment counts for the goal of the team.
    Compliment,
    /// A training earns a badge.
    Training,
    /// A kudos with so many points.
    Kudos(u32),
}

/// Which history.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum History {
    /// As planned.
    Planned,
    /// The other one.
    Other,
}

/// The day from which days are counted.
pub fn first_day() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 10, 14).unwrap()
}

fn seen() -> impl Strategy<Value = &'static str> {
    prop_oneof![3 => Just("named"), 2 => Just("alias"), 4 => Just("hidden")]
}

prop_compose! {
    fn somebody()(
        home in pick(),
        moves in prop::option::weighted(0.2, (pick(), 1..50_u64)),
        choice in prop::option::weighted(0.7, seen()),
    ) -> Somebody {
        Somebody { home, moves, choice }
    }
}

prop_compose! {
    fn event()(
        person in pick(),
        day in 0..51_u64,
        what in prop_oneof![
            8 => (1..90_u32).prop_map(What::Evaluation), 1 => Just(What::Compliment), 1 => Just(What::Training),
            2 => (1..4_u32).prop_map(What::Kudos),
        ],
        instead in any::<u32>(),
    ) -> Event {
        Event { person, day, what, instead }
    }
}

prop_compose! {
    /// Any organisation.
    pub fn plans()(
        smallest_group in 1..6_u32,
        default in prop_oneof![4 => Just("named"), 1 => Just("alias"), 1 => Just("hidden")],
        above in prop::collection::vec(pick(), 1..5),
        people in prop::collection::vec(somebody(), 6..16),
        events in prop::collection::vec(event(), 20..60),
        observer in pick(),
    ) -> Plan {
        Plan { smallest_group, default, above, people, events, observer }
    }
}

impl Event {
    /// Before which of [`TIMES`] it happens, and after the one before.
    pub fn phase(&self) -> usize {
        LAST_DAYS.iter().position(|last| self.day <= *last).unwrap()
    }

    /// When.
    pub fn at(&self) -> DateTime<Utc> {
        morning(self.day)
    }
}

fn morning(day: u64) -> DateTime<Utc> {
    (first_day() + Days::new(day)).and_hms_opt(9, 0, 0).unwrap().and_utc()
}

/// The id of somebody: the same in every history.
pub fn person_id(person: usize) -> PersonId {
    PersonId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + person as u128))
}

/// The id of a team.
pub fn team_id(team: usize) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_1000_0000_0000 + team as u128)
}

/// The user name of somebody.
pub fn user_name(person: usize) -> String {
    format!("p{person}")
}

/// Teams: `support` is the first and above all others but `kitchen`, the last, which takes no part.
impl Plan {
    /// How many teams there are.
    pub fn teams(&self) -> usize {
        self.above.len() + 2
    }

    /// The code of a team.
    pub fn code(&self, team: usize) -> Code {
        let code = match team {
            0 => "support".to_owned(),
            team if team + 1 == self.teams() => "kitchen".to_owned(),
            team => format!("t{team}"),
        };
        Code::new(&code).unwrap()
    }

    /// The team above one.
    pub fn parent(&self, team: usize) -> Option<usize> {
        (1..=self.above.len()).contains(&team).then(|| self.above[team - 1].among(team))
    }

    /// Whether a team takes part.
    pub fn takes_part(&self, team: usize) -> bool {
        team + 1 < self.teams()
    }

    /// Who looks.
    pub fn observer(&self) -> usize {
        self.observer.among(self.people.len())
    }

    /// Where somebody is at home from the start.
    pub fn first_home(&self, person: usize) -> usize {
        self.people[person].home.among(self.teams())
    }

    /// Where somebody moves, and on which day.
    pub fn moves(&self, person: usize) -> Option<(usize, u64)> {
        self.people[person].moves.map(|(team, day)| (team.among(self.teams()), day))
    }

    /// Where somebody is at home on a day, at nine.
    pub fn home(&self, person: usize, day: u64) -> usize {
        match self.moves(person) {
            Some((team, from)) if from <= day => team,
            _ => self.first_home(person),
        }
    }

    /// How somebody is seen.
    pub fn seen(&self, person: usize) -> &'static str {
        self.people[person].choice.unwrap_or(self.default)
    }

    /// Whether nobody else sees somebody.
    pub fn is_hidden(&self, person: usize) -> bool {
        self.seen(person) == "hidden"
    }
}

/// The other history.
impl Plan {
    /// Whether nobody can see what somebody does in a team, not even in a sum: too few there are not shown by name, at any
    /// time.
    pub fn is_free(&self, person: usize, day: u64) -> bool {
        let team = self.home(person, day);
        let was_there = |person: &usize| {
            self.first_home(*person) == team || self.moves(*person).is_some_and(|(other, _)| other == team)
        };
        let unnamed = (0..self.people.len()).filter(|person| self.seen(*person) != "named").filter(was_there).count();
        !self.takes_part(team) || unnamed < FEWEST_UNNAMED.max(self.smallest_group as usize)
    }

    /// Who might have done instead what somebody did, without a change of any sum: themselves at least.
    pub fn stand_ins(&self, person: usize, day: u64) -> Vec<usize> {
        let home = self.home(person, day);
        let others = (0..self.people.len())
            .filter(|other| self.is_hidden(*other) && *other != self.observer() && self.home(*other, day) == home);
        others.collect()
    }

    /// What happens in a history: who does what.
    pub fn happens(&self, event: &Event, history: History) -> Vec<(usize, What)> {
        let person = event.person.among(self.people.len());
        let planned = vec![(person, event.what)];
        if history == History::Planned || !self.is_hidden(person) || person == self.observer() {
            return planned;
        }
        let (free, instead) = (self.is_free(person, event.day), event.instead);
        match event.what {
            What::Compliment => planned,
            What::Evaluation(_) if free => {
                let value = |by: u32| (person, What::Evaluation(1 + instead / by % 90));
                [vec![], vec![value(4)], vec![value(4), value(400)], planned][(instead % 4) as usize].clone()
            }
            What::Training | What::Kudos(_) if free => {
                if instead.is_multiple_of(2) {
                    vec![]
                } else {
                    planned
                }
            }
            What::Kudos(_) => planned,
            What::Evaluation(_) | What::Training => {
                let stand_ins = self.stand_ins(person, event.day);
                vec![(stand_ins[instead as usize % stand_ins.len()], event.what)]
            }
        }
    }
}
