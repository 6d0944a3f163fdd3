//! What the language means, written for clarity: everything is counted anew from all evidence, nothing is carried along.
//!
//! Knows SEMANTICS.md and the types of the domain. Of the engine it knows the names of results only.

mod claims;
mod fault;
mod goals;
mod points;
mod streaks;
mod teams;
mod value;

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate, TimeDelta};

pub use self::fault::Fault;
pub use self::teams::{team, team_sums};
use super::world::World;
use crate::domain::award::Award;
use crate::domain::ids::Code;
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Per};
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::{Audience, Goal, Pattern, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;
use crate::engine::fold::Outcome;
use crate::engine::timeline::InForce;

/// A world, seen with a mistake or without.
#[derive(Clone, Copy)]
pub struct Model<'w> {
    world: &'w World,
    fault: Fault,
}

/// A signal that counts: its agent takes part in the version in force on its day.
#[derive(Clone)]
struct Seen<'w> {
    evidence: &'w Evidence,
    agent: &'w PersonFacts,
    version: &'w InForce,
    local: LocalMoment,
}

/// A signal that one rule looks at, with the rule as the version of its day has it.
#[derive(Clone)]
struct Selected<'w> {
    seen: Seen<'w>,
    rule: &'w Rule,
}

/// An award, what it rests on, and what may keep it back.
struct Made<'w> {
    award: Award,
    /// The local day of its instant.
    day: NaiveDate,
    case: Option<String>,
    /// The version that made it, and its rule.
    version: &'w InForce,
    rule: &'w Rule,
}

/// What a person's own evidence awards them.
pub fn person(world: &World, facts: &PersonFacts, fault: Fault) -> Outcome {
    let model = Model { world, fault };
    let seen = model.seen(facts);
    let mut outcome = Outcome::default();
    for code in model.codes() {
        let selected = model.selected(&seen, &code);
        let made = match selected.first().map(|one| &one.rule.pattern) {
            Some(Pattern::Each) => model.granted(model.each(&selected)),
            Some(Pattern::Streak(_)) => model.granted(model.streaks(&selected)),
            Some(Pattern::DayStreak(_)) => model.granted(model.day_streaks(facts, &selected)),
            Some(Pattern::Goal(_)) => model.goals(facts, &code, &selected),
            Some(Pattern::TeamGoal(..)) | None => Vec::new(),
        };
        let guarding = model.guarding(&seen, &code);
        for one in made {
            model.decide(one, &guarding, &mut outcome);
        }
    }
    outcome
}

impl<'w> Model<'w> {
    /// The rule codes of all versions.
    fn codes(self) -> BTreeSet<Code> {
        let versions = self.world.timeline.versions.iter();
        versions.flat_map(|version| version.programme.rules.iter().map(|rule| rule.code.clone())).collect()
    }

    /// The version in force on a day (S28).
    fn in_force(self, day: NaiveDate) -> Option<&'w InForce> {
        let timeline = &self.world.timeline;
        if timeline.last_day.is_some_and(|last| last < day) {
            return None;
        }
        let effective = timeline.versions.iter().filter(|version| version.effective_from <= day);
        effective.max_by_key(|version| {
            let date = (self.fault == Fault::LatestDateInForce).then_some(version.effective_from);
            (date, version.version)
        })
    }

    /// What of a person's evidence counts in the season, in fold order.
    fn seen(self, facts: &'w PersonFacts) -> Vec<Seen<'w>> {
        let season = &self.world.season;
        let mut signals: Vec<&Evidence> = self.world.signals.iter().collect();
        signals.retain(|one| one.content.agent == facts.person);
        signals.retain(|one| season.from <= one.content.occurred_at && one.content.occurred_at < season.until);
        signals.sort_by_key(|one| (one.content.occurred_at, one.source.clone(), one.key.clone()));
        let counts = |evidence: &'w Evidence| {
            let at = evidence.content.occurred_at;
            let local = LocalMoment { day: self.day_of(at), time: self.world.calendar.zone.local(at).1 };
            let version = self.in_force(local.day)?;
            let takes_part = takes_part(&version.programme.audience, facts, at);
            takes_part.then_some(Seen { evidence, agent: facts, version, local })
        };
        signals.into_iter().filter_map(counts).collect()
    }

    /// What a rule selects (S20).
    fn selected(self, seen: &[Seen<'w>], code: &Code) -> Vec<Selected<'w>> {
        let looked_at =
            seen.iter().filter_map(|seen| Some(Selected { seen: seen.clone(), rule: rule_in(seen.version, code)? }));
        let of_kind = looked_at.filter(|one| one.rule.on.contains(&one.seen.evidence.content.kind));
        of_kind.filter(|one| one.rule.when.as_ref().is_none_or(|when| one.seen.meets(when))).collect()
    }

    /// What a rule's guard looks at: `when` is the rule's, not the guard's.
    fn guarding(self, seen: &[Seen<'w>], code: &Code) -> Vec<Selected<'w>> {
        let looked_at =
            seen.iter().filter_map(|seen| Some(Selected { seen: seen.clone(), rule: rule_in(seen.version, code)? }));
        let guards = |one: &Selected<'_>| {
            let guard = one.rule.guard.as_ref();
            guard.is_some_and(|guard| guard.on.contains(&one.seen.evidence.content.kind))
        };
        looked_at.filter(guards).collect()
    }

    /// Awards, keeps back or drops what was made (S25).
    fn decide(self, made: Made<'w>, guarding: &[Selected<'w>], outcome: &mut Outcome) {
        let Some(guard) = &made.rule.guard else {
            outcome.awards.push(made.award);
            return;
        };
        let period = self.period(guard.goal.per, made.day);
        let followed = self.followed(period, &made.award.key.rule, guard_of);
        // Where no version of the guard's period has the guard, it waits as the version that made the award says.
        let grace = followed.map_or(made.version, |(version, ..)| version).programme.grace_days;
        if self.due(period, grace) > self.world.as_of {
            outcome.pending.push(made.award);
            return;
        }
        let within: Vec<_> = guarding.iter().filter(|one| period.contains(one.seen.local.day)).cloned().collect();
        let holds = followed.is_none_or(|(.., goal)| {
            let reached = value::reached(&within, guard_of);
            let too_few = reached.samples < i64::from(goal.samples);
            match self.fault {
                Fault::FewSamplesFail => reached.times(goal, self.fault) > 0,
                _ => too_few || reached.times(goal, self.fault) > 0,
            }
        });
        if holds || self.fault == Fault::GuardAlwaysHolds {
            outcome.awards.push(made.award);
        }
    }

    /// When what is decided at a period's end is.
    fn due(self, period: DaySpan, grace_days: u16) -> Instant {
        let grace = if self.fault == Fault::NoGrace { 0 } else { u64::from(grace_days) };
        self.world.calendar.zone.start_of(period.until + Days::new(grace))
    }

    /// The first version in force within a period that has a goal, with that goal (S29).
    fn followed(
        self,
        period: DaySpan,
        code: &Code,
        goal_of: fn(&Rule) -> Option<&Goal>,
    ) -> Option<(&'w InForce, &'w Rule, &'w Goal)> {
        let days = period.first.iter_days().take_while(|day| *day < period.until);
        let mut having = days.filter_map(|day| {
            let version = self.in_force(day)?;
            let rule = rule_in(version, code)?;
            Some((version, rule, goal_of(rule)?))
        });
        if self.fault == Fault::GoalsFollowTheLast { having.last() } else { having.next() }
    }

    /// The period of a kind that holds a day, cut at the season's edges whatever its kind (S3).
    fn period(self, per: Per, day: NaiveDate) -> DaySpan {
        let whole = self.world.calendar.span_of(per, day).unwrap();
        if self.fault == Fault::NotCut && per == Per::Week {
            let monday = day.week(chrono::Weekday::Mon).first_day();
            return DaySpan { first: monday, until: monday + Days::new(7) };
        }
        let season = &self.world.season;
        DaySpan { first: whole.first.max(season.first_day), until: whole.until.min(season.until_day) }
    }

    /// The day whose instants hold `at`, sought among its neighbours (S26).
    fn day_of(self, at: Instant) -> NaiveDate {
        let near = (-2..=2).map(|days| at.date_naive() + TimeDelta::days(days));
        let mut holding = near.filter(|day| self.start_of(*day) <= at && at < self.start_of(*day + Days::new(1)));
        let day = holding.next().unwrap();
        assert_eq!(holding.next(), None, "days do not overlap");
        day
    }

    fn start_of(self, day: NaiveDate) -> Instant {
        self.world.calendar.zone.start_of(day)
    }
}

impl Seen<'_> {
    fn meets(&self, condition: &crate::domain::programme::Condition) -> bool {
        condition.holds(self.evidence, self.local)
    }

    fn at(&self) -> Instant {
        self.evidence.content.occurred_at
    }
}

fn rule_in<'w>(version: &'w InForce, code: &Code) -> Option<&'w Rule> {
    version.programme.rules.iter().find(|rule| rule.code == *code)
}

fn goal_of(rule: &Rule) -> Option<&Goal> {
    match &rule.pattern {
        Pattern::Goal(goal) | Pattern::TeamGoal(goal, _) => Some(goal),
        _ => None,
    }
}

fn guard_of(rule: &Rule) -> Option<&Goal> {
    rule.guard.as_ref().map(|guard| &guard.goal)
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
