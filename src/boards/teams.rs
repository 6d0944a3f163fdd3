//! Which teams are listed on a board of teams, and with which score.
//!
//! Listed are the teams of the audience that had members of their own in the period so far, as many as the smallest group
//! has at least. Members' evidence counts for the team in which each was at home then; every member counts, whatever
//! their roles. Who is not shown by name counts only together with enough others: else taking the members shown by name
//! away from the team's number would uncover them (see [`counts_unnamed`]). Enough they must be at every moment of the period
//! at which one of them is there, or the numbers of two periods would uncover them (see [`fewest_at_once`]).

use std::collections::{BTreeMap, HashMap};

use chrono::Days;
use diesel::QueryResult;
use uuid::Uuid;

use super::news::subject_id;
use super::scope::{Course, Scope};
use super::scores::{Scored, by_id, measure_of, published};
use crate::domain::period::DaySpan;
use crate::domain::points::Points;
use crate::domain::programme::{BoardSubject, Combine, Rank};
use crate::domain::samples::Samples;
use crate::domain::standing::{mean_per_member, member_days};
use crate::domain::time::{Instant, Interval, Window};
use crate::domain::visibility::{counts_unnamed, fewest_at_once, shows_team};
use crate::store::db::Db;
use crate::store::{board_evidence as evidence, boards, row, seasons};

/// A team's number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TeamScore {
    /// By all members.
    pub(super) whole: Scored,
    /// What may be shown of it; none of a team that is not listed.
    pub(super) shown: Option<Scored>,
    /// Whether that counts all members, or only those shown by name.
    pub(super) counts_all: bool,
}

/// Every team with evidence or members, and when a new day changes that.
pub(super) struct Teams {
    /// By id.
    pub(super) scores: HashMap<Uuid, TeamScore>,
    /// The next local midnight, if the period goes on then.
    pub(super) next_moment: Option<Instant>,
}

/// Who belonged to a team in the period.
#[derive(Default)]
struct Members {
    /// Each one's days.
    days: BTreeMap<Uuid, i64>,
    /// When each was at home there.
    stays: Vec<(Uuid, Interval)>,
}

/// The teams of a board; `is_named` tells who is shown by name.
pub(super) fn all(db: &mut Db, scope: &Scope, is_named: &dyn Fn(Uuid) -> bool) -> QueryResult<Teams> {
    let zone = &scope.programme.calendar.zone;
    let today = zone.local(scope.now).0;
    let period = &scope.key.period;
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(period.until_day);
    let span = DaySpan { first: period.first_day, until: period.until_day.min(tomorrow) };
    let window = Window { from: zone.start_of(span.first), until: zone.start_of(span.until) };
    let members = members(db, scope, span, window)?;
    let ids: Vec<String> = members.keys().map(ToString::to_string).collect();
    let given = given(db, scope, &ids)?;
    let smallest = scope.catalogue.organization.privacy.smallest_group;
    let mut scores = HashMap::with_capacity(members.len());
    for (team, members) in members {
        let sum = Sum {
            scope,
            days: zone.days_between(span.first, span.until),
            members: &members.days,
            given: given.get(&team),
        };
        let Some(whole) = sum.of(&|_| true)? else { continue };
        let fewest = |counts: &dyn Fn(Uuid) -> bool| {
            let stays = members.stays.iter().filter(|(person, _)| counts(*person)).map(|(_, stay)| *stay);
            fewest_at_once(&stays.collect::<Vec<_>>(), eventful(scope, window))
        };
        let counts_all = scope.is_own() || counts_unnamed(fewest(&|person| !is_named(person)), smallest);
        let shown = match shows_team(fewest(&|_| true).max(1).min(members.days.len()), smallest) {
            false => None,
            true if counts_all => Some(whole),
            true => sum.of(is_named)?,
        };
        scores.insert(team, TeamScore { whole, shown, counts_all });
    }
    let next_moment = (tomorrow < period.until_day && !scope.course.is_closed()).then(|| zone.start_of(tomorrow));
    Ok(Teams { scores, next_moment })
}

/// The part of a window in which something can have happened that counts: no points before the programme began.
fn eventful(scope: &Scope, window: Window) -> Window {
    let begins = scope.catalogue.programmes.get(scope.key.programme.as_str()).and_then(|entry| entry.begins());
    match begins {
        Some(begins) if scope.board.rank == Rank::Points => Window { from: window.from.max(begins), ..window },
        _ => window,
    }
}

/// What members, or the team itself, gave to a team's number.
enum Given {
    /// Points or kudos of each member; the team's own under its own id.
    Whole(HashMap<Uuid, i64>),
    /// Values of a measure.
    Values(HashMap<Uuid, Samples>),
}

/// A team's number in the making.
struct Sum<'a> {
    scope: &'a Scope,
    /// Days of the period so far.
    days: i64,
    members: &'a BTreeMap<Uuid, i64>,
    given: Option<&'a Given>,
}

impl Sum<'_> {
    /// Of those members who count; none if there are none.
    fn of(&self, counts: &dyn Fn(Uuid) -> bool) -> QueryResult<Option<Scored>> {
        let out_of_range = || row::corrupt("a team's number out of range");
        let member_days: i64 = self.members.iter().filter(|(person, _)| counts(**person)).map(|(_, days)| *days).sum();
        if member_days == 0 {
            return Ok(None);
        }
        let points = match self.given {
            Some(Given::Values(values)) => {
                let Rank::Measure { measure, .. } = &self.scope.board.rank else { return Ok(None) };
                let mut samples = Samples::new();
                values.iter().filter(|(person, _)| counts(**person)).for_each(|(_, own)| samples.merge(own));
                return Ok(Scored::measured(self.scope, measure_of(self.scope, measure)?, &samples));
            }
            Some(Given::Whole(points)) => {
                let mut counted = points.iter().filter(|(person, _)| counts(**person)).map(|(_, points)| *points);
                counted.try_fold(0_i64, i64::checked_add).ok_or_else(out_of_range)?
            }
            None if matches!(self.scope.board.rank, Rank::Measure { .. }) => return Ok(None),
            None => 0,
        };
        let score = match self.scope.board.subject {
            BoardSubject::Team(Combine::MeanPerMember) => {
                mean_per_member(Points(points), member_days, self.days).ok_or_else(out_of_range)?.raw()
            }
            _ => points,
        };
        Ok(Some(Scored::whole(score)))
    }
}

/// What counts for each team.
fn given(db: &mut Db, scope: &Scope, teams: &[String]) -> QueryResult<HashMap<Uuid, Given>> {
    let (counted, window) = (scope.counted(), scope.window());
    let mut whole: HashMap<Uuid, HashMap<Uuid, i64>> = HashMap::new();
    match (&scope.board.rank, scope.board.subject) {
        (Rank::Points, _) if scope.is_own() => {
            let adjusted = if scope.course == Course::Open { HashMap::new() } else { seasons::adjusted(db, counted)? };
            for (team, points) in published(by_id(boards::points_among(db, counted, teams)?)?, adjusted)? {
                whole.entry(team).or_default().insert(team, points);
            }
        }
        (Rank::Points, _) => {
            for (team, person, points) in evidence::members_points_by_person(db, counted, teams)? {
                whole.entry(subject_id(&team)?).or_default().insert(subject_id(&person)?, points);
            }
            if scope.course != Course::Open {
                for (team, person, moved) in seasons::adjusted_at_home(db, counted)? {
                    let points = whole.entry(subject_id(&team)?).or_default().entry(subject_id(&person)?).or_default();
                    *points = points.checked_sub(moved).ok_or_else(|| row::corrupt("points out of range"))?;
                }
            }
        }
        (Rank::Kudos, _) => {
            for (team, person, kudos) in evidence::members_kudos(db, window, teams)? {
                whole.entry(subject_id(&team)?).or_default().insert(subject_id(&person)?, kudos);
            }
        }
        (Rank::Measure { measure, .. }, _) => {
            let measure = measure_of(scope, measure)?;
            let mut values: HashMap<Uuid, HashMap<Uuid, Samples>> = HashMap::new();
            let code = measure.code.as_str();
            evidence::members_values(db, code, window, teams, |team, person, value| {
                let of_team = values.entry(subject_id(team)?).or_default();
                of_team.entry(subject_id(person)?).or_default().add(measure, value);
                Ok(())
            })?;
            return Ok(values.into_iter().map(|(team, values)| (team, Given::Values(values))).collect());
        }
    }
    Ok(whole.into_iter().map(|(team, points)| (team, Given::Whole(points))).collect())
}

/// The member-days within `span` of each member of each team that is in the audience and had any.
fn members(db: &mut Db, scope: &Scope, span: DaySpan, window: Window) -> QueryResult<BTreeMap<Uuid, Members>> {
    let zone = &scope.programme.calendar.zone;
    let audience = scope.catalogue.audience_teams(&scope.programme);
    let teams = audience.iter().filter_map(|team| scope.catalogue.teams.get(*team));
    let wanted: Vec<String> =
        teams.filter(|team| scope.is_within(&team.lineage)).map(|team| team.id.to_string()).collect();
    let mut stays: HashMap<(String, String), Vec<Interval>> = HashMap::new();
    for membership in boards::memberships_in(db, &wanted, window.from, window.until)? {
        let interval = membership.interval();
        stays.entry((membership.team, membership.person)).or_default().push(interval);
    }
    let mut members: BTreeMap<Uuid, Members> = BTreeMap::new();
    for ((team, person), intervals) in stays {
        let days = member_days(zone, &intervals, span);
        if days > 0 {
            let (of_team, person) = (members.entry(subject_id(&team)?).or_default(), subject_id(&person)?);
            of_team.days.insert(person, days);
            of_team.stays.extend(intervals.into_iter().map(|stay| (person, stay)));
        }
    }
    Ok(members)
}
