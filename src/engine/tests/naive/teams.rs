//! Goals of a team, from the signals of its members one by one (S27).

use chrono::{NaiveDate, TimeDelta};

use super::super::world::World;
use super::goals::GoalPeriod;
use super::value::reached;
use super::{Fault, Made, Model, Seen, goal_of, guard_of, takes_part};
use crate::domain::award::Cause;
use crate::domain::ids::{Subject, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::programme::goal::{DaySums, Part};
use crate::domain::programme::{Decided, Goal, Pattern, Rule, TeamPayee};
use crate::domain::time::Instant;
use crate::engine::fold::Outcome;

/// What a team's goals award, to it and to its members.
pub fn team(world: &World, team: TeamId, fault: Fault) -> Outcome {
    let model = Model { world, fault };
    let seen = model.of_team(team);
    let mut outcome = Outcome::default();
    for code in model.codes() {
        let mut selected = model.selected(&seen, &code);
        selected.retain(|one| is_of_team(one.rule));
        let guarding = model.guarding(&seen, &code);
        for period in model.goal_periods(&code, &selected) {
            for made in model.team_goal(team, &period) {
                model.decide(made, &guarding, &mut outcome);
            }
        }
    }
    outcome
}

/// What a team's days come to.
pub fn team_sums(world: &World, team: TeamId) -> DaySums {
    let model = Model { world, fault: Fault::None };
    let (seen, mut sums) = (model.of_team(team), DaySums::new());
    for code in model.codes() {
        let parts = [
            (Part::Goal, model.selected(&seen, &code), goal_of as fn(&Rule) -> Option<&Goal>),
            (Part::Guard, model.guarding(&seen, &code), guard_of),
        ];
        for (part, signals, goal_of) in parts {
            for one in signals.iter().filter(|one| is_of_team(one.rule)) {
                let (seen, goal) = (&one.seen, goal_of(one.rule).unwrap());
                let place = (code.clone(), part, seen.local.day);
                *sums.entry(place).or_default() += goal.sums_of(seen.evidence, seen.local);
            }
        }
    }
    sums
}

fn is_of_team(rule: &Rule) -> bool {
    matches!(rule.pattern, Pattern::TeamGoal(..))
}

impl<'w> Model<'w> {
    /// The signals about whoever was a member when they happened.
    fn of_team(self, team: TeamId) -> Vec<Seen<'w>> {
        let mut seen: Vec<Seen<'w>> = self.world.people.iter().flat_map(|facts| self.seen(facts)).collect();
        let last = self.world.season.until - TimeDelta::microseconds(1);
        seen.retain(|one| {
            let at = if self.fault == Fault::TeamsOfToday { last } else { one.at() };
            one.agent.belongings.iter().any(|home| home.team == team && home.interval.contains(at))
        });
        seen.sort_by_key(|one| one.at());
        seen
    }

    fn team_goal(self, team: TeamId, period: &GoalPeriod<'w>) -> Vec<Made<'w>> {
        let Pattern::TeamGoal(_, payee) = period.rule.pattern else { return Vec::new() };
        let own = (Subject::Team(team), Cause::Goal(period.cause(0)));
        if period.goal.decided == Decided::WhenReached {
            return self.by_days(own, period);
        }
        if self.due(period.days, period.version.programme.grace_days) > self.world.as_of {
            return Vec::new();
        }
        let subjects: Vec<(Subject, Cause)> = match payee {
            TeamPayee::Team => vec![own],
            TeamPayee::Members { min_days } => {
                let mut members: Vec<_> = self.world.people.iter().collect();
                members.retain(|facts| self.is_rewarded(facts, team, period, min_days));
                let cause = Cause::TeamGoal(team, period.cause(0));
                members.into_iter().map(|facts| (Subject::Person(facts.person), cause)).collect()
            }
        };
        self.at_end(period, &subjects)
    }

    /// Met at the start of the first day whose running sum reaches it.
    fn by_days(self, (subject, cause): (Subject, Cause), period: &GoalPeriod<'w>) -> Vec<Made<'w>> {
        let mut days: Vec<NaiveDate> = period.signals.iter().map(|one| one.seen.local.day).collect();
        days.dedup();
        let (mut made, mut before) = (Vec::new(), 0);
        for day in days {
            let mut until: Vec<_> = period.signals.clone();
            until.retain(|one| one.seen.local.day <= day);
            let so_far = reached(&until, goal_of);
            let times = so_far.times(period.goal, self.fault);
            let last = until.last().unwrap().seen.at();
            let at = if self.fault == Fault::TeamAtSignal { last } else { self.start_of(day) };
            for n in before + 1..=times {
                made.extend(self.met(period, &so_far, (subject, cause.for_time(n)), (at, day)));
            }
            before = before.max(times);
        }
        made
    }

    /// Whether a person was a member long enough, and in the audience when they last were.
    fn is_rewarded(self, facts: &PersonFacts, team: TeamId, period: &GoalPeriod<'w>, min_days: u32) -> bool {
        let mut days = 0;
        let mut last: Option<Instant> = None;
        for day in period.days.first.iter_days().take_while(|day| *day < period.days.until) {
            let (start, end) = (self.start_of(day), self.start_of(day.succ_opt().unwrap()));
            let mut member = false;
            for home in facts.belongings.iter().filter(|home| home.team == team) {
                let from = home.interval.from.map_or(start, |from| from.max(start));
                let until = home.interval.until.map_or(end, |until| until.min(end));
                if from < until {
                    member = true;
                    last = last.max(Some(until - TimeDelta::microseconds(1)));
                }
            }
            days += u32::from(member);
        }
        let enough = days >= min_days.max(1) || (self.fault == Fault::NoMinimum && days > 0);
        let invited = last.is_some_and(|at| {
            let version = self.in_force(self.day_of(at));
            version.is_some_and(|version| takes_part(&version.programme.audience, facts, at))
        });
        enough && (invited || (self.fault == Fault::EveryMember && last.is_some()))
    }
}
