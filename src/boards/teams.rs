//! Which teams are listed on a board of teams, and with which score.
//!
//! Listed are the teams of the audience that had members of their own in the period so far. Members' points count for
//! the team in which each was at home when they earned them; every member counts, whatever their roles.

use std::collections::{HashMap, HashSet};

use chrono::Days;
use diesel::QueryResult;
use uuid::Uuid;

use super::live::{Course, Scope};
use super::news::subject_id;
use super::persons::{self, Listing};
use crate::domain::ids::TeamId;
use crate::domain::period::DaySpan;
use crate::domain::points::Points;
use crate::domain::programme::Combine;
use crate::domain::standing::{mean_per_member, member_days};
use crate::domain::time::{Instant, Interval};
use crate::store::db::Db;
use crate::store::{boards, memberships, row, seasons};

/// Every team that is listed.
pub fn all(db: &mut Db, scope: &Scope<'_>, combine: Combine) -> QueryResult<Listing> {
    let audience = scope.catalogue.audience_teams(scope.programme);
    these(db, scope, combine, &audience.into_iter().collect::<Vec<_>>())
}

/// Those of some teams that are listed.
pub fn these(db: &mut Db, scope: &Scope<'_>, combine: Combine, teams: &[TeamId]) -> QueryResult<Listing> {
    let today = scope.programme.calendar.zone.local(scope.now).0;
    let period = &scope.key.period;
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(period.until_day);
    let span = DaySpan { first: period.first_day, until: period.until_day.min(tomorrow) };
    let member_days = days_by_team(db, scope, span, teams)?;
    let ids: Vec<String> = member_days.keys().map(ToString::to_string).collect();
    let (points, adjusted) = match combine {
        Combine::Own => (boards::points_among(db, scope.key.counted(), &ids)?, persons::adjusted(db, scope)?),
        Combine::Sum | Combine::MeanPerMember => {
            (boards::members_points(db, scope.key.counted(), &ids)?, adjusted_at_home(db, scope)?)
        }
    };
    let points = persons::published(points, adjusted)?;
    let days = (span.until - span.first).num_days();
    let mut scores = HashMap::with_capacity(member_days.len());
    for (team, member_days) in member_days {
        let points = points.get(&team).copied().unwrap_or(0);
        let score = match combine {
            Combine::Own | Combine::Sum => points,
            Combine::MeanPerMember => mean_per_member(Points(points), member_days, days)
                .ok_or_else(|| row::corrupt("a mean out of range"))?
                .raw(),
        };
        scores.insert(team, score);
    }
    let next_moment = (tomorrow < period.until_day).then(|| scope.programme.calendar.zone.start_of(tomorrow));
    Ok(Listing { scores, next_moment })
}

fn adjusted_at_home(db: &mut Db, scope: &Scope<'_>) -> QueryResult<HashMap<String, i64>> {
    if scope.course == Course::Open { Ok(HashMap::new()) } else { seasons::adjusted_at_home(db, scope.key.counted()) }
}

/// The member-days within `span` of those of some teams that are in the audience and had any.
fn days_by_team(db: &mut Db, scope: &Scope<'_>, span: DaySpan, teams: &[TeamId]) -> QueryResult<HashMap<Uuid, i64>> {
    let zone = &scope.programme.calendar.zone;
    let audience = scope.catalogue.audience_teams(scope.programme);
    let narrowed = |team: &TeamId| match (&scope.key.team, scope.catalogue.teams.get(*team)) {
        (Some(code), Some(team)) => team.lineage.contains(code),
        (narrowed_to, _) => narrowed_to.is_none(),
    };
    let wanted = teams.iter().filter(|team| audience.contains(team) && narrowed(team));
    let wanted: Vec<String> = wanted.map(ToString::to_string).collect();
    let (from, until) = (zone.start_of(span.first), zone.start_of(span.until));
    let mut stays: HashMap<(String, String), Vec<Interval>> = HashMap::new();
    for membership in boards::memberships_in(db, &wanted, from, until)? {
        let interval = membership.interval();
        stays.entry((membership.team, membership.person)).or_default().push(interval);
    }
    let mut days: HashMap<Uuid, i64> = HashMap::new();
    for ((team, _), intervals) in stays {
        *days.entry(subject_id(&team)?).or_default() += member_days(zone, &intervals, span);
    }
    Ok(days)
}

/// The teams in which somebody was at home at some instants.
pub fn homes(db: &mut Db, earned: &[(Uuid, Vec<Instant>)]) -> QueryResult<HashSet<TeamId>> {
    let ids: Vec<String> = earned.iter().map(|(person, _)| person.to_string()).collect();
    let instants: HashMap<String, &Vec<Instant>> =
        earned.iter().map(|(person, instants)| (person.to_string(), instants)).collect();
    let mut found = HashSet::new();
    for membership in memberships::of_people(db, &ids)? {
        let interval = membership.interval();
        let there = instants.get(&membership.person).is_some_and(|at| at.iter().any(|at| interval.contains(*at)));
        if there {
            found.insert(row::parsed(membership.team)?);
        }
    }
    Ok(found)
}
