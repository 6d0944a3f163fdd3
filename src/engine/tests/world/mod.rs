//! Random worlds: small enough that limits bind, cooldowns overlap and instants coincide.

use std::sync::Arc;

use chrono::TimeDelta;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use uuid::Uuid;

use super::support::{PERSON, at_least, code, day, number, programme, rule};
use crate::domain::ids::{PersonId, SignalId, TeamId};
use crate::domain::people::{Belonging, PersonFacts, Role};
use crate::domain::period::{Calendar, CustomSeason, Per, Period, SeasonKind, YearStart, Zone};
use crate::domain::points::Points;
use crate::domain::programme::{
    Audience, AwardTerms, Condition, Field, Limit, LimitMost, LimitPer, Over, PointsFormula, Rule,
};
use crate::domain::signal::{AttributeValue, Content, Evidence};
use crate::domain::time::{Instant, Interval};
use crate::engine::timeline::{InForce, Timeline};

/// Everything that a fold may read.
#[derive(Debug, Clone)]
pub struct World {
    pub calendar: Calendar,
    pub season: Period,
    pub timeline: Timeline,
    pub facts: PersonFacts,
    pub signals: Vec<Evidence>,
}

/// Zones and first days before something odd: winter time, a date's last minutes twice, a day that never was,
/// winter time at midnight.
const PLACES: [(&str, &str); 4] = [
    ("Europe/Berlin", "2026-10-15"),
    ("America/St_Johns", "2011-10-26"),
    ("Pacific/Apia", "2011-12-20"),
    ("Africa/Cairo", "2026-10-22"),
];
/// How many days signals and versions spread over.
const DAYS: i64 = 24;

pub fn world() -> impl Strategy<Value = World> {
    let calendar = (prop::sample::select(&PLACES[..]), 0usize..3).prop_map(|((zone, first), kind)| {
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
    });
    let parts = (vec(version(), 1..4), stays(), roles(), vec(signal(), 0..50), 0..DAYS);
    (calendar, parts).prop_map(|((calendar, first), (versions, stays, roles, signals, season_day))| {
        let season = calendar.season_of(first + TimeDelta::days(season_day)).unwrap();
        let start = calendar.zone.start_of(first);
        let document = |(audience, rules)| Arc::new(programme(calendar.clone(), audience, rules));
        let versions = versions.into_iter().zip(1..).map(|((days, audience, rules), version)| InForce {
            version,
            effective_from: first + TimeDelta::days(days),
            programme: document((audience, rules)),
        });
        let mut versions: Vec<_> = versions.collect();
        versions.rotate_left(season_day.unsigned_abs() as usize % 2);
        let facts = PersonFacts {
            belongings: stays.into_iter().map(|stay| belonging(start, stay)).collect(),
            roles: roles.into_iter().map(|(role, from)| (role, from_hour(start, from))).collect(),
            ..PersonFacts::of(PERSON)
        };
        let signals = signals.into_iter().zip(1..).map(|(signal, n)| evidence(n, start, signal)).collect();
        World { timeline: Timeline { versions, last_day: None }, calendar, season, facts, signals }
    })
}

fn from_hour(start: Instant, hour: Option<i64>) -> Interval {
    Interval { from: hour.map(|hour| start + TimeDelta::hours(hour)), until: None }
}

/// A version: after how many days it counts, for whom, and what it says. Codes are few, so that versions share them.
fn version() -> impl Strategy<Value = (i64, Audience, Vec<Rule>)> {
    let team =
        |weight| option::weighted(weight, prop::sample::select(vec!["support", "north", "south"]).prop_map(code));
    // Most programmes are for everybody, or too little would be left to count.
    let audience = (team(0.25), team(0.1), option::weighted(0.2, role()));
    let audience = audience.prop_map(|(team, except, role)| Audience {
        teams: team.into_iter().collect(),
        except: except.into_iter().collect(),
        roles: role.into_iter().collect(),
    });
    let codes = Just(vec!["a", "b", "c"]).prop_shuffle();
    (prop_oneof![Just(-100), 0..DAYS / 2], audience, codes, vec(terms(), 1..=3)).prop_map(
        |(days, audience, codes, terms)| {
            let rules = codes.into_iter().zip(terms).map(|(code_text, terms)| Rule { code: code(code_text), ..terms });
            (days, audience, rules.collect())
        },
    )
}

fn role() -> impl Strategy<Value = Role> {
    prop::sample::select(vec![Role::Agent, Role::Agent, Role::Lead])
}

/// A rule without its code.
fn terms() -> impl Strategy<Value = Rule> {
    let on = prop::sample::select(vec![vec!["survey"], vec!["survey", "evaluation"], vec!["evaluation", "evaluation"]]);
    let award = (option::weighted(0.9, formula()), option::weighted(0.3, prop::sample::select(vec!["star", "sun"])));
    let limits = vec(limit(), 0..=3);
    let cooldown = option::weighted(0.3, prop::sample::select(vec![30, 60, 60, 90, 150, 1440]));
    (on, option::weighted(0.3, condition()), award, limits, cooldown).prop_map(|(on, when, award, limits, cooldown)| {
        Rule {
            on: on.into_iter().map(str::to_owned).collect(),
            when,
            award: AwardTerms { points: award.0, badge: award.1.map(code) },
            limits,
            cooldown: cooldown.map(TimeDelta::minutes),
            ..rule("r", 0)
        }
    })
}

fn formula() -> impl Strategy<Value = PointsFormula> {
    let fixed = (0i64..8).prop_map(|points| PointsFormula::Fixed(Points(points)));
    let times = prop::sample::select(vec!["0.5", "1.5", "3"])
        .prop_map(|factor| PointsFormula::Times { over: Over::Measure("m".into()), factor: number(factor) });
    prop_oneof![2 => fixed, 1 => times]
}

fn condition() -> impl Strategy<Value = Condition> {
    prop_oneof![
        (0i64..4).prop_map(|bound| at_least("m", &bound.to_string())),
        Just(Condition::Not(Box::new(at_least("m", "2")))),
        Just(Condition::Field(Field::Channel, vec!["phone".into()])),
        Just(Condition::Weekday([true, true, true, true, true, false, false])),
        Just(Condition::LocalTime { from: 22 * 3600, until: 8 * 3600 }),
    ]
}

fn limit() -> impl Strategy<Value = Limit> {
    let per = prop::sample::select(vec![
        LimitPer::Period(Per::Day),
        LimitPer::Period(Per::Week),
        LimitPer::Period(Per::Month),
        LimitPer::Period(Per::Quarter),
        LimitPer::Period(Per::Season),
        LimitPer::Case,
    ]);
    let most = prop_oneof![
        (1u32..6).prop_map(LimitMost::Times),
        (1i64..30).prop_map(|points| LimitMost::Points(Points(points)))
    ];
    (per, most).prop_map(|(per, most)| Limit { per, most })
}

/// A home team with the teams above it, and for which hours from the first day.
type Stay = (Vec<&'static str>, i64, i64);

/// Two stays at most, one after the other.
fn stays() -> impl Strategy<Value = Vec<Stay>> {
    let lineage = prop::sample::select(vec![vec!["north", "support"], vec!["south", "support"], vec!["sales"]]);
    vec((lineage, -48i64..200, 100i64..400), 0..=2).prop_map(|drafts| {
        let mut end = i64::MIN;
        let stay = |(lineage, earliest, length): (_, i64, i64)| {
            let from = end.max(earliest);
            end = from + length;
            (lineage, from, end)
        };
        drafts.into_iter().map(stay).collect()
    })
}

fn belonging(start: Instant, (lineage, from, until): Stay) -> Belonging {
    let hour = |hours| Some(start + TimeDelta::hours(hours));
    Belonging {
        team: TeamId(Uuid::from_u128(lineage.first().map_or(0, |team| team.len() as u128))),
        lineage: lineage.into_iter().map(code).collect(),
        interval: Interval { from: hour(from), until: hour(until) },
    }
}

fn roles() -> impl Strategy<Value = Vec<(Role, Option<i64>)>> {
    vec((role(), option::of(-10i64..100)), 0..=2)
}

/// What varies in a signal: half-hours from the start, kind, measure, case, channel, source, and whose it is.
type Draft = (i64, bool, Option<i64>, Option<u8>, bool, bool, bool);

fn signal() -> impl Strategy<Value = Draft> {
    // Half of them fall on two days, so that small periods fill up.
    let half_hours = prop_oneof![-48i64..DAYS * 48, 200i64..300];
    let (measure, case) = (option::weighted(0.8, 0i64..6), option::of(0u8..3));
    (half_hours, any::<bool>(), measure, case, any::<bool>(), any::<bool>(), prop::bool::weighted(0.95))
}

fn evidence(n: u128, start: Instant, draft: Draft) -> Evidence {
    let (half_hours, survey, measure, case, phone, first_source, own) = draft;
    Evidence {
        id: SignalId(Uuid::from_u128(n)),
        source: if first_source { "a" } else { "b" }.into(),
        key: n.to_string(),
        content: Content {
            kind: if survey { "survey" } else { "evaluation" }.into(),
            agent: if own { PERSON } else { PersonId(Uuid::from_u128(8)) },
            occurred_at: start + TimeDelta::minutes(30 * half_hours),
            channel: phone.then(|| "phone".to_owned()),
            case: case.map(|case| format!("case {case}")),
            measures: measure.map(|value| ("m".to_owned(), number(&value.to_string()))).into_iter().collect(),
            attributes: [("vip".to_owned(), AttributeValue::Bool(phone))].into(),
        },
    }
}
