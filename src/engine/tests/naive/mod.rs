//! What the fold means, written for clarity: every limit is counted anew for every signal, by the names of periods.

use chrono::{NaiveDate, TimeDelta};

use super::world::World;
use crate::domain::award::{Award, AwardKey, Cause, Content};
use crate::domain::ids::Subject;
use crate::domain::people::PersonFacts;
use crate::domain::period::{Calendar, Per};
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::{Audience, LimitMost, LimitPer, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;

/// A mistake built into the model on purpose: a comparison with it must find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    None,
    /// One award too many.
    TimesOffByOne,
    /// One point too many.
    PointsOffByOne,
    /// The end of a cooldown still belongs to it.
    CooldownExclusive,
    /// Each version counts for itself.
    CountsByVersion,
    /// A signal without a case is one of a case without a name.
    NoCaseIsACase,
    /// An award of nothing counts.
    NothingCounts,
    /// A points limit takes the badge, too.
    BadgeWithheld,
    /// The version that became effective last is in force.
    LatestDateInForce,
}

/// An award with what is needed to count it.
struct Given {
    award: Award,
    day: NaiveDate,
    case: Option<String>,
}

pub fn awards(world: &World, fault: Fault) -> Vec<Award> {
    let mut signals = world.signals.clone();
    signals.retain(|one| one.content.agent == world.facts.person);
    signals.retain(|one| world.season.from <= one.content.occurred_at && one.content.occurred_at < world.season.until);
    signals.sort_by_key(|one| (one.content.occurred_at, one.source.clone(), one.key.clone()));
    let mut given: Vec<Given> = Vec::new();
    for signal in &signals {
        let at = signal.content.occurred_at;
        let day = day_of(&world.calendar, at);
        let effective = world.timeline.versions.iter().filter(|version| version.effective_from <= day);
        let current = effective.max_by_key(|version| {
            let date = (fault == Fault::LatestDateInForce).then_some(version.effective_from);
            (date, version.version)
        });
        let Some(current) = current else { continue };
        if !takes_part(&current.programme.audience, &world.facts, at) {
            continue;
        }
        let local = LocalMoment { day, time: world.calendar.zone.local(at).1 };
        for rule in &current.programme.rules {
            if !rule.on.contains(&signal.content.kind) {
                continue;
            }
            if rule.when.as_ref().is_some_and(|when| !when.holds(signal, local)) {
                continue;
            }
            if let Some(content) = judge(world, fault, &given, rule, current.version, signal, day) {
                let subject = Subject::Person(world.facts.person);
                let key = AwardKey { rule: rule.code.clone(), subject, cause: Cause::Signal(signal.id) };
                given.push(Given { award: Award { key, content }, day, case: signal.content.case.clone() });
            }
        }
    }
    given.retain(|one| one.award.content.points > Points::ZERO || one.award.content.badge.is_some());
    given.into_iter().map(|one| one.award).collect()
}

fn judge(
    world: &World,
    fault: Fault,
    given: &[Given],
    rule: &Rule,
    version: u32,
    signal: &Evidence,
    day: NaiveDate,
) -> Option<Content> {
    let at = signal.content.occurred_at;
    let earlier: Vec<&Given> = given
        .iter()
        .filter(|one| one.award.key.rule == rule.code)
        .filter(|one| fault != Fault::CountsByVersion || one.award.content.version == version)
        .collect();
    if let Some(cooldown) = rule.cooldown {
        let inclusive = if fault == Fault::CooldownExclusive { TimeDelta::microseconds(1) } else { TimeDelta::zero() };
        if earlier.iter().any(|one| at < one.award.content.at + cooldown + inclusive) {
            return None;
        }
    }
    let mut points = rule.award.points.as_ref().map_or(0, |formula| formula.base(&signal.content).rounded().0);
    let mut badge = rule.award.badge.clone();
    for limit in &rule.limits {
        let case = &signal.content.case;
        if limit.per == LimitPer::Case && case.is_none() && fault != Fault::NoCaseIsACase {
            continue;
        }
        let same: Vec<&&Given> = earlier
            .iter()
            .filter(|one| match limit.per {
                LimitPer::Case => one.case == *case,
                LimitPer::Period(per) => window(&world.calendar, per, one.day) == window(&world.calendar, per, day),
            })
            .collect();
        match limit.most {
            LimitMost::Times(most) => {
                let most = most as usize + usize::from(fault == Fault::TimesOffByOne);
                if same.len() >= most {
                    return None;
                }
            }
            LimitMost::Points(most) => {
                let used: i64 = same.iter().map(|one| one.award.content.points.0).sum();
                let left = (most.0 - used + i64::from(fault == Fault::PointsOffByOne)).max(0);
                if left == 0 && fault == Fault::BadgeWithheld {
                    badge = None;
                }
                points = points.min(left);
            }
        }
    }
    let nothing = points == 0 && badge.is_none() && fault != Fault::NothingCounts;
    (!nothing).then_some(Content { points: Points(points), badge, at, version })
}

/// The day whose instants hold `at`, sought among its neighbours.
fn day_of(calendar: &Calendar, at: Instant) -> NaiveDate {
    let near = (-2..=2).map(|days| at.date_naive() + TimeDelta::days(days));
    let mut holding = near.into_iter().filter(|day| {
        let period = calendar.period_of(Per::Day, *day);
        period.is_some_and(|period| period.from <= at && at < period.until)
    });
    let day = holding.next().unwrap();
    assert_eq!(holding.next(), None, "days do not overlap");
    day
}

/// A period's name within a season.
fn window(calendar: &Calendar, per: Per, day: NaiveDate) -> String {
    let period = calendar.period_of(per, day).unwrap();
    format!("{} from {}", period.code, period.from)
}

fn takes_part(audience: &Audience, facts: &PersonFacts, at: Instant) -> bool {
    let mut teams = Vec::new();
    for belonging in &facts.belongings {
        if belonging.interval.contains(at) {
            teams.extend(belonging.lineage.iter().cloned());
        }
    }
    let mut roles = Vec::new();
    for (role, interval) in &facts.roles {
        if interval.contains(at) {
            roles.push(*role);
        }
    }
    let invited = audience.teams.is_empty() || audience.teams.iter().any(|team| teams.contains(team));
    let excepted = audience.except.iter().any(|team| teams.contains(team));
    let fit = audience.roles.is_empty() || audience.roles.iter().any(|role| roles.contains(role));
    invited && !excepted && fit
}
