//! Patterns in the kudos of a period, for HR: what stands out, with its figures and why. Nothing is written and nothing
//! follows from it; hidden and private kudos are counted, and no message is read.

use std::collections::{BTreeSet, HashMap};

use actix_web::HttpResponse;
use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::fields::Names;
use super::permit::{Permit, ReadKudosPatterns};
use super::problem::{ApiError, ProblemBody};
use super::query::Query;
use crate::catalogue::Catalogue;
use crate::domain::ids::{PersonId, TeamId};
use crate::domain::patterns::{LAST_DAYS, LEAST_EXPECTED, Person, Report, Ring, Sight, Thanks, Whose, find};
use crate::domain::period::{Calendar, Per, Period, SeasonKind, YearStart, Zone};
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::time::{Instant, Window};
use crate::store::db::Db;
use crate::store::patterns::{self, GivenRow};
use crate::store::people::{self, PersonRow};
use crate::store::row;

/// The most receivers of kudos that are looked at, the newest.
const MOST_GIVEN: i64 = 1_000_000;

/// Which kudos to look at.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PatternsQuery {
    /// `current` or `previous` (month), or a month, quarter, half-year or year of the organisation's zone: `2026-11`,
    /// `2026-Q4`, `2026-H2`, `2026`. The current month without.
    period: Option<String>,
}

/// What stands out in a period's kudos.
#[derive(Debug, Serialize, ToSchema)]
pub struct PatternsOut {
    /// The period's code.
    period: String,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
    /// Up to when it was looked at.
    as_of: DateTime<Utc>,
    /// People who gave or received kudos in it.
    participants: u32,
    /// Receivers of kudos that were looked at.
    kudos: usize,
    /// Whether that is all of them.
    complete: bool,
    /// The fewest people of a group of which anybody is named; with fewer participants nothing is said at all.
    smallest_group: u32,
    /// What stands out: rings, pairs, shares, bursts, and the never thanked; of each kind the most striking first.
    findings: Vec<FindingOut>,
    /// Findings that are not shown, because somebody in them is in a team below the smallest group.
    withheld: usize,
    /// Findings that are not shown, because there are too many of their kind.
    left_off: usize,
}

/// Something that stands out. It proves nothing: it is for people to look into.
#[derive(Debug, Default, Serialize, ToSchema)]
pub struct FindingOut {
    /// `ring`, `pair`, `share`, `burst` or `unthanked`.
    kind: &'static str,
    /// Who: of a ring whose kudos go round, in their direction; of a share the giver and the receiver; of a burst the giver;
    /// of the unthanked at most 200.
    people: Vec<FoundPerson>,
    /// Code of the team that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    team: Option<String>,
    /// How many kudos were counted; of the unthanked, how many people.
    observed: u32,
    /// Of how many: of rings, pairs and bursts what these people gave, of a share what was received, of the unthanked the
    /// people of the team.
    of: u32,
    /// How many kudos there would be by chance.
    #[serde(skip_serializing_if = "Option::is_none")]
    expected: Option<f64>,
    /// How many times as many there are.
    #[serde(skip_serializing_if = "Option::is_none")]
    times_expected: Option<f64>,
    /// How probable it is at most that a period of honest kudos shows any such finding.
    #[serde(skip_serializing_if = "Option::is_none")]
    chance: Option<f64>,
    /// Points that the kudos counted carried.
    #[serde(skip_serializing_if = "Option::is_none")]
    points: Option<i64>,
    /// Why it is shown.
    why: Option<Names>,
}

/// Somebody in a finding.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundPerson {
    id: Uuid,
    user_name: String,
    display_name: String,
}

/// Patterns in kudos
///
/// Pairs and rings of three to six who thank each other far above chance, givers who make up most of somebody's kudos, bursts
/// before an allowance lapses, and people never thanked while others of their team are: with the figures, for people to
/// judge. Nobody of a group below the smallest is named. Nothing is done about it automatically.
#[utoipa::path(get, path = "/api/v1/kudos/patterns", tag = "Kudos", params(PatternsQuery),
    responses(
        (status = 200, description = "What stands out", body = PatternsOut),
        (status = 403, description = "Only for HR", body = ProblemBody),
        (status = 422, description = "There is no such period", body = ProblemBody),
    ))]
pub async fn read(
    permit: Permit<ReadKudosPatterns>,
    Query(query): Query<PatternsQuery>,
) -> Result<HttpResponse, ApiError> {
    let (catalogue, now) = (permit.state.catalogue(), permit.state.clock.now());
    let asked = query.period.as_deref().unwrap_or("current");
    let period = period_of(&catalogue.zone, asked, now)
        .ok_or_else(|| Finding::new("period", ProblemCode::InvalidPeriod).with("example", "2026-11, 2026-Q4"))?;
    let body = permit.state.read(move |db| Ok(report(db, &catalogue, &period, now)?)).await?;
    Ok(HttpResponse::Ok().json(body))
}

fn period_of(zone: &Zone, asked: &str, now: Instant) -> Option<Period> {
    let year_starts = YearStart { month: 1, day: 1 };
    let calendar = Calendar { zone: zone.clone(), seasons: SeasonKind::Month, year_starts };
    let today = zone.local(now).0;
    let kinds = [Per::Month, Per::Quarter, Per::HalfYear, Per::Year];
    kinds.into_iter().find_map(|per| calendar.period_named(per, asked, None, today))
}

fn report(db: &mut Db, catalogue: &Catalogue, period: &Period, now: Instant) -> QueryResult<PatternsOut> {
    // What is sent at this very moment counts.
    let until = (now + TimeDelta::microseconds(1)).min(period.until);
    let window = Window { from: period.from, until };
    let mut given = if period.from < until { patterns::given_in(db, window, MOST_GIVEN)? } else { Vec::new() };
    given.reverse();
    // Whoever moves at the period's end was still there in it.
    let seen = Seen::load(db, &given, until - TimeDelta::microseconds(1))?;
    let last_days = last_days(&catalogue.zone, period, until);
    let sight = Sight {
        people: &seen.people,
        thanks: &seen.thanks(&given),
        last_days: &last_days,
        last_part: part(&last_days, window),
        smallest_group: catalogue.organization.privacy.smallest_group,
    };
    let found = find(&sight);
    let names = seen.names(db, &found)?;
    Ok(PatternsOut {
        period: period.code.clone(),
        from: period.from,
        until: period.until,
        as_of: now.min(period.until),
        participants: found.participants,
        kudos: given.len(),
        complete: (given.len() as i64) < MOST_GIVEN,
        smallest_group: sight.floor(),
        withheld: found.withheld,
        left_off: found.left_off,
        findings: Shown { seen: &seen, names: &names, catalogue }.all(&found),
    })
}

/// The last days of each month in a period, as far as they have passed.
fn last_days(zone: &Zone, period: &Period, as_of: Instant) -> Vec<Window> {
    let mut ends: Vec<NaiveDate> = Vec::new();
    let mut month = period_of(zone, &period.first_day.format("%Y-%m").to_string(), as_of);
    while let Some(this) = month.filter(|this| this.until_day <= period.until_day) {
        ends.push(this.until_day);
        month = period_of(zone, &this.until_day.format("%Y-%m").to_string(), as_of);
    }
    let windows = ends.into_iter().filter_map(|end| {
        let first = end.checked_sub_days(Days::new(LAST_DAYS.into()))?;
        Some(Window { from: zone.start_of(first), until: zone.start_of(end).min(as_of) })
    });
    windows.filter(|window| window.from < window.until).collect()
}

/// The part of a window that some parts of it are.
fn part(parts: &[Window], whole: Window) -> f64 {
    let seconds = |window: &Window| (window.until - window.from).num_seconds() as f64;
    parts.iter().map(seconds).sum::<f64>() / seconds(&whole).max(1.0)
}

/// The people of a report by their place, with their ids and those of their teams.
struct Seen {
    people: Vec<Person>,
    ids: Vec<String>,
    places: HashMap<String, u32>,
    teams: Vec<String>,
}

impl Seen {
    /// Whoever is active, or gave or received; with their home teams at an instant.
    fn load(db: &mut Db, given: &[GivenRow], at: Instant) -> QueryResult<Self> {
        let homes: HashMap<String, String> = patterns::homes_at(db, at)?.into_iter().collect();
        let teams: Vec<String> = homes.values().cloned().collect::<BTreeSet<_>>().into_iter().collect();
        let numbers: HashMap<&str, u32> = teams.iter().map(String::as_str).zip(0..).collect();
        let involved: BTreeSet<&str> = given.iter().flat_map(|row| [row.sender.as_str(), &row.receiver]).collect();
        // Those without a team are one of their own.
        let alone = teams.len() as u32;
        let (mut people, mut ids) = (Vec::new(), Vec::new());
        for (id, active) in patterns::everybody(db)? {
            if active || involved.contains(id.as_str()) {
                let home = homes.get(&id).and_then(|team| numbers.get(team.as_str()));
                // Systems have no home, so nobody wonders that they are never thanked.
                people.push(Person { team: home.copied().unwrap_or(alone), active: active && home.is_some() });
                ids.push(id);
            }
        }
        let places = ids.iter().cloned().zip(0..).collect();
        Ok(Self { people, ids, places, teams })
    }

    fn thanks(&self, given: &[GivenRow]) -> Vec<Thanks> {
        let (mut thanks, mut kudos, mut last) = (Vec::with_capacity(given.len()), 0, None);
        for row in given {
            kudos += u32::from(last.replace(row.sequence).is_some_and(|last| last != row.sequence));
            let places = self.places.get(&row.sender).zip(self.places.get(&row.receiver));
            let Some((giver, receiver)) = places else { continue };
            let (giver, receiver) = (*giver, *receiver);
            thanks.push(Thanks { kudos, giver, receiver, points: row.points, at: row::instant(row.sent_at) });
        }
        thanks
    }

    /// Whoever is named in a report.
    fn names(&self, db: &mut Db, found: &Report) -> QueryResult<HashMap<String, PersonRow>> {
        let rings = found.rings.iter().chain(&found.pairs).flat_map(|ring| ring.people.iter().copied());
        let shares = found.shares.iter().flat_map(|share| [share.giver, share.receiver]);
        let bursts = found.bursts.iter().filter_map(|burst| match burst.whose {
            Whose::Person(person) => Some(person),
            Whose::Everybody | Whose::Team(_) => None,
        });
        let unthanked = found.unthanked.iter().flat_map(|team| named_of(&team.who));
        let places: BTreeSet<u32> = rings.chain(shares).chain(bursts).chain(unthanked).collect();
        let ids: Vec<String> = places.into_iter().filter_map(|place| self.ids.get(place as usize).cloned()).collect();
        Ok(people::by_ids(db, &ids)?.into_iter().map(|row| (row.id.clone(), row)).collect())
    }
}

/// The most people of one finding who are named.
const MOST_NAMED: usize = 200;

fn named_of(people: &[u32]) -> impl Iterator<Item = u32> {
    people.iter().copied().take(MOST_NAMED)
}

/// Findings with their names.
struct Shown<'a> {
    seen: &'a Seen,
    names: &'a HashMap<String, PersonRow>,
    catalogue: &'a Catalogue,
}

impl Shown<'_> {
    fn all(&self, found: &Report) -> Vec<FindingOut> {
        let rings = found.rings.iter().map(|ring| self.ring("ring", ring));
        let pairs = found.pairs.iter().map(|pair| self.ring("pair", pair));
        let shares = found.shares.iter().map(|share| FindingOut {
            kind: "share",
            people: self.people(&[share.giver, share.receiver]),
            observed: share.observed,
            of: share.received,
            points: Some(share.points),
            why: Some(share.why().into()),
            ..Self::figures(share.observed, share.expected, share.ln_chance)
        });
        let bursts = found.bursts.iter().map(|burst| FindingOut {
            kind: "burst",
            people: match burst.whose {
                Whose::Person(person) => self.people(&[person]),
                Whose::Everybody | Whose::Team(_) => Vec::new(),
            },
            team: match burst.whose {
                Whose::Team(team) => self.team(team),
                Whose::Everybody | Whose::Person(_) => None,
            },
            observed: burst.observed,
            of: burst.given,
            why: Some(burst.why().into()),
            ..Self::figures(burst.observed, burst.expected, burst.ln_chance)
        });
        let unthanked = found.unthanked.iter().map(|team| FindingOut {
            kind: "unthanked",
            people: self.people(&named_of(&team.who).collect::<Vec<_>>()),
            team: team.team.and_then(|team| self.team(team)),
            observed: team.never,
            of: team.people,
            why: Some(team.why().into()),
            ..FindingOut::default()
        });
        rings.chain(pairs).chain(shares).chain(bursts).chain(unthanked).collect()
    }

    fn ring(&self, kind: &'static str, ring: &Ring) -> FindingOut {
        FindingOut {
            kind,
            people: self.people(&ring.people),
            of: ring.given,
            points: Some(ring.points),
            why: Some(ring.why().into()),
            ..Self::figures(ring.observed, ring.expected, ring.ln_chance)
        }
    }

    fn figures(observed: u32, expected: f64, ln_chance: f64) -> FindingOut {
        let rounded = |number: f64| (number * 100.0).round() / 100.0;
        FindingOut {
            observed,
            expected: Some(rounded(expected)),
            times_expected: Some(rounded(f64::from(observed) / expected.max(LEAST_EXPECTED))),
            // So that what is too small for a float is no zero.
            chance: Some(ln_chance.max(-600.0).exp()),
            ..FindingOut::default()
        }
    }

    fn people(&self, places: &[u32]) -> Vec<FoundPerson> {
        let ids = places.iter().filter_map(|place| self.seen.ids.get(*place as usize));
        let rows = ids.filter_map(|id| self.names.get(id));
        rows.filter_map(|row| {
            let PersonId(id) = row.person_id().ok()?;
            Some(FoundPerson { id, user_name: row.user_name.clone(), display_name: row.display_name.clone() })
        })
        .collect()
    }

    fn team(&self, number: u32) -> Option<String> {
        let id: TeamId = self.seen.teams.get(number as usize)?.parse().ok()?;
        Some(self.catalogue.teams.get(id)?.code.to_string())
    }
}
