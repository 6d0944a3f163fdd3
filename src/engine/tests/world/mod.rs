//! Random worlds over the whole language: small enough that limits bind, streaks complete and break, goals are met
//! twice and periods are cut.

mod rules;

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{NaiveDate, TimeDelta};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use uuid::Uuid;

use self::rules::{Draft, drafts, frames};
use super::support::{PERSON, code, day, number};
use crate::domain::ids::{PersonId, SignalId, TeamId};
use crate::domain::people::{Belonging, PersonFacts, Role};
use crate::domain::period::{Calendar, CustomSeason, DaySpan, Period, SeasonKind, YearStart, Zone};
use crate::domain::signal::{AttributeValue, Content, Evidence};
use crate::domain::time::{Instant, Interval};
use crate::engine::timeline::Timeline;

/// Everything that folds of one season may read.
#[derive(Debug, Clone)]
pub struct World {
    pub calendar: Calendar,
    /// The day that everything is counted from.
    pub first: NaiveDate,
    pub season: Period,
    pub timeline: Timeline,
    pub people: Vec<PersonFacts>,
    pub signals: Vec<Evidence>,
    pub as_of: Instant,
}

/// Zones and first days before something odd: winter time, a date's last minutes twice, a day that never was,
/// winter time at midnight.
const PLACES: [(&str, &str); 5] = [
    ("Europe/Berlin", "2026-10-15"),
    ("America/St_Johns", "2011-10-26"),
    ("Pacific/Apia", "2011-12-20"),
    ("Pacific/Apia", "2011-12-20"),
    ("Africa/Cairo", "2026-10-22"),
];
/// How many days signals and versions spread over.
pub const DAYS: i64 = 24;
/// Two teams, the team above them, and one apart.
const TEAMS: [&str; 4] = ["north", "south", "support", "sales"];
const PEOPLE: usize = 3;

/// The calendar, and the first day of what happens.
fn place() -> impl Strategy<Value = (Calendar, NaiveDate)> {
    (select(&PLACES[..]), 0usize..4).prop_map(|((zone, first), kind)| {
        let first = day(first);
        let seasons = match kind {
            0 => SeasonKind::Month,
            1 => SeasonKind::Quarter,
            _ => {
                let edges = [first, first + TimeDelta::days(13), first + TimeDelta::days(60)];
                let season = |n: usize| CustomSeason { code: format!("s{n}"), from: edges[n], until: edges[n + 1] };
                SeasonKind::Custom(vec![season(0), season(1)])
            }
        };
        let year_starts = YearStart { month: 1, day: 1 };
        (Calendar { zone: Zone::new(zone).unwrap(), seasons, year_starts }, first)
    })
}

pub fn world() -> impl Strategy<Value = World> {
    let versions = (frames(), drafts());
    let people = (vec(person(), PEOPLE), vec(7..14i64, 0..3));
    let moments = (0..DAYS, prop_oneof![-2i64..DAYS + 12, 13i64..18]);
    (place(), versions, people, vec(signal(), 0..60), moments).prop_map(
        |((calendar, first), (frames, drafts), (people, holidays), signals, (season_day, as_of))| {
            let season = calendar.season_of(first + TimeDelta::days(season_day)).unwrap();
            let start = calendar.zone.start_of(first);
            let in_force = |(draft, version): (&Draft, u32)| draft.in_force(version, &calendar, first, &frames);
            let versions = drafts.iter().zip(1..).map(in_force).collect();
            let holidays: Arc<BTreeSet<NaiveDate>> =
                Arc::new(holidays.into_iter().map(|days| first + TimeDelta::days(days)).collect());
            let people = people.into_iter().zip(0..);
            let people = people.map(|(draft, n)| facts(n, (start, first), draft, &holidays)).collect();
            let signals = signals.into_iter().zip(1..).map(|(signal, n)| evidence(n, start, signal)).collect();
            World {
                timeline: Timeline { versions, last_day: None },
                as_of: start + TimeDelta::days(as_of),
                calendar,
                first,
                season,
                people,
                signals,
            }
        },
    )
}

impl World {
    /// The same up to another instant; nothing is undecided at the end of time.
    pub fn at(&self, as_of: Instant) -> Self {
        Self { as_of, ..self.clone() }
    }

    pub fn teams(&self) -> Vec<TeamId> {
        TEAMS.map(team_id).to_vec()
    }
}

pub fn person_id(n: usize) -> PersonId {
    if n == 0 { PERSON } else { PersonId(Uuid::from_u128(20 + n as u128)) }
}

pub fn team_id(name: &str) -> TeamId {
    let place = TEAMS.iter().position(|team| *team == name).unwrap();
    TeamId(Uuid::from_u128(100 + place as u128))
}

/// A home team, from which hour on, and for how many.
pub type Stay = (&'static str, i64, i64);
/// Stays, roles with their first hours, and days off with their number.
type PersonDraft = (Vec<Stay>, Vec<(Role, Option<i64>)>, Vec<(i64, i64)>);

fn person() -> impl Strategy<Value = PersonDraft> {
    let roles = vec((role(), option::of(-10i64..100)), 0..=2);
    (stays(), roles, vec((0..DAYS, 1i64..4), 0..=2))
}

fn role() -> impl Strategy<Value = Role> {
    select(vec![Role::Agent, Role::Agent, Role::Lead])
}

/// Two stays at most, one after the other.
fn stays() -> impl Strategy<Value = Vec<Stay>> {
    vec((home(), -48i64..200, 100i64..500), 0..=2).prop_map(|drafts| {
        let mut end = i64::MIN;
        let stay = |(team, earliest, length): (_, i64, i64)| {
            let from = end.max(earliest);
            end = from + length;
            (team, from, end)
        };
        drafts.into_iter().map(stay).collect()
    })
}

/// The team that a stay is in.
pub fn home() -> impl Strategy<Value = &'static str> {
    select(vec!["north", "north", "south", "sales"])
}

fn facts(
    n: usize,
    (start, first): (Instant, NaiveDate),
    (stays, roles, off): PersonDraft,
    holidays: &Arc<BTreeSet<NaiveDate>>,
) -> PersonFacts {
    let since = |hour: Option<i64>| Interval { from: hour.map(|hour| start + TimeDelta::hours(hour)), until: None };
    PersonFacts {
        belongings: stays.into_iter().map(|stay| belonging(start, stay)).collect(),
        roles: roles.into_iter().map(|(role, from)| (role, since(from))).collect(),
        days_off: off.into_iter().map(|(from, days)| days_off(first, from, days)).collect(),
        holidays: holidays.clone(),
        ..PersonFacts::of(person_id(n))
    }
}

pub fn days_off(first: NaiveDate, from: i64, days: i64) -> DaySpan {
    let from = first + TimeDelta::days(from);
    DaySpan { first: from, until: from + TimeDelta::days(days) }
}

pub fn belonging(start: Instant, (team, from, until): Stay) -> Belonging {
    let hour = |hours| Some(start + TimeDelta::hours(hours));
    let above = if team == "sales" { vec![team] } else { vec![team, "support"] };
    Belonging {
        team: team_id(team),
        lineage: above.into_iter().map(code).collect(),
        interval: Interval { from: hour(from), until: hour(until) },
    }
}

/// What varies in a signal: half-hours from the start, whose it is, its kind and values, case and queue, channel, source.
pub type SignalDraft = (i64, usize, bool, Values, (Option<u8>, u8), bool, bool);
/// The measures `m` (0 and above), `n` (an NPS answer) and `d` (above or below 0).
type Values = (Option<i64>, Option<i64>, Option<i64>);

pub fn signal() -> impl Strategy<Value = SignalDraft> {
    // Many fall on a few days around what is odd and the season's edge, at a few times of day: small periods fill up,
    // rows get long, instants coincide.
    let day = prop_oneof![2 => -1i64..DAYS, 3 => 7i64..14];
    let slot = select(vec![0i64, 1, 16, 17, 18, 19, 20, 44, 47]);
    let half_hours = (day, slot).prop_map(|(day, slot)| 48 * day + slot);
    let agent = prop_oneof![5 => Just(0usize), 4 => 1..PEOPLE, 1 => Just(PEOPLE)];
    let measure = |range| option::weighted(0.8, range);
    let values = (measure(0i64..6), measure(4i64..11), measure(-3i64..4));
    (half_hours, agent, any::<bool>(), values, (option::of(0u8..3), 0u8..4), any::<bool>(), any::<bool>())
}

pub fn evidence(n: u128, start: Instant, draft: SignalDraft) -> Evidence {
    let (half_hours, agent, survey, (m, values_n, d), (case, queue), phone, first_source) = draft;
    let measures = [("m", m), ("n", values_n), ("d", d)];
    let measures = measures.into_iter().filter_map(|(name, value)| Some((name, number(&value?.to_string()))));
    Evidence {
        id: SignalId(Uuid::from_u128(n)),
        source: if first_source { "a" } else { "b" }.into(),
        key: n.to_string(),
        content: Content {
            kind: if survey { "survey" } else { "evaluation" }.into(),
            agent: person_id(agent),
            occurred_at: start + TimeDelta::minutes(30 * half_hours),
            channel: phone.then(|| "phone".to_owned()),
            case: case.map(|case| format!("case {case}")),
            measures: measures.map(|(name, value)| (name.to_owned(), value)).collect(),
            attributes: [
                ("vip".to_owned(), AttributeValue::Bool(phone)),
                ("queue".to_owned(), AttributeValue::Text(format!("queue {queue}"))),
            ]
            .into(),
        },
    }
}
