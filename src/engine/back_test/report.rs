//! What a back-test found, as data: totals by rule, everybody before and after, spreads, and what to look at.

use std::collections::{BTreeMap, BTreeSet};

use super::{BackTest, RuleTotals, Side, Sides, Spread, Undecided};
use crate::domain::ids::{Code, PersonId, Subject, TeamId};
use crate::domain::period::{DaySpan, Period};
use crate::domain::points::{Overflow, Points};
use crate::domain::problem::Finding;
use crate::domain::programme::Tier;
use crate::domain::standing::tier_standing;
use crate::domain::time::Instant;
use crate::engine::fold::FoldError;
use crate::engine::timeline::{InForce, Timeline};

/// What a back-test found. There is no money in it: points have no value that the organisation has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The range.
    pub days: DaySpan,
    /// Up to when what is decided by time is decided.
    pub as_of: Sides<Instant>,
    /// The seasons that the range meets.
    pub seasons: Vec<SeasonLine>,
    /// Signals in the range.
    pub signals: u64,
    /// People with evidence in the range while in the draft's audience.
    pub participants: u64,
    /// Everything together.
    pub totals: Sides<Totals>,
    /// Each rule of either.
    pub rules: Vec<RuleLine>,
    /// Whoever took part or earned, who gains most first.
    pub people: Vec<Line<PersonId>>,
    /// Teams that earned, or whose members did; who gains most first.
    pub teams: Vec<Line<TeamId>>,
    /// Where points went.
    pub spread: Sides<Spread>,
    /// What time has not decided yet.
    pub undecided: Vec<Undecided>,
    /// What the draft's author should look at, with places in the document.
    pub warnings: Vec<Finding>,
}

/// A season that the range meets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeasonLine {
    /// The season.
    pub season: Period,
    /// Whether it lies in the range as a whole; else its points, and tiers, are of a part of it.
    pub whole: bool,
}

/// Everything together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Totals {
    /// Awards.
    pub awards: u64,
    /// Their points.
    pub points: Points,
    /// Badges held: one per season, badge and subject.
    pub badges: u64,
    /// People who earned anything.
    pub people: u64,
}

/// A rule before and after; none where no version in force has it and it awarded nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleLine {
    /// Its code.
    pub rule: Code,
    /// What it awarded.
    pub totals: Sides<Option<RuleTotals>>,
}

/// Somebody before and after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line<S> {
    /// Who.
    pub subject: S,
    /// A person's home team at the end of the range.
    pub team: Option<TeamId>,
    /// What they come to.
    pub listed: Sides<Listed>,
    /// The draft's points less those as it is.
    pub difference: Points,
    /// Tiers reached, by season; seasons without one on either side are left out.
    pub tiers: Vec<TierLine>,
}

/// What somebody comes to on one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Listed {
    /// Points; of a team: its own and what its members earned while in it, together.
    pub points: Points,
    /// Of a team: its own points.
    pub own: Points,
    /// Badges.
    pub badges: u64,
    /// 1 + those with more points; none without a point.
    pub rank: Option<u64>,
}

/// Tiers reached in a season.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TierLine {
    /// The season's code.
    pub season: String,
    /// The tier's code.
    pub tier: Sides<Option<Code>>,
}

/// The tiers of a season: those of the first version in force within it that has any (SEMANTICS S29).
pub(super) fn tiers<'a>(timeline: &'a Timeline, season: &Period) -> Option<(&'a InForce, &'a [Tier])> {
    let days = DaySpan { first: season.first_day, until: season.until_day };
    timeline.first_with(days, |programme| (!programme.tiers.is_empty()).then_some(programme.tiers.as_slice()))
}

impl BackTest<'_> {
    /// What was found, once everybody, and then every team, was looked at.
    pub fn report(&self) -> Result<Report, FoldError> {
        let seasons = self.seasons.iter();
        Ok(Report {
            days: self.question.days,
            as_of: Sides { draft: self.sides.draft.as_of, active: self.sides.active.as_of },
            seasons: seasons.map(|one| SeasonLine { season: one.clone(), whole: self.is_whole(one) }).collect(),
            signals: self.found.signals,
            participants: count(self.found.participants.len()),
            totals: Sides { draft: totals(&self.sides.draft)?, active: totals(&self.sides.active)? },
            rules: self.rules(),
            people: self.people()?,
            teams: self.team_lines()?,
            spread: self.sides.map(|side| side.tally.spread.clone()),
            undecided: self.undecided()?,
            warnings: self.warnings()?,
        })
    }

    /// Whether a season lies in the range as a whole.
    pub(super) fn is_whole(&self, season: &Period) -> bool {
        self.question.days.first <= season.first_day && season.until_day <= self.question.days.until
    }

    /// The draft's rules in its order, then others that awarded or are in force.
    fn rules(&self) -> Vec<RuleLine> {
        let totals = self.sides.map(|side| side.tally.rules());
        let own = self.draft.programme.rules.iter().map(|rule| rule.code.clone());
        let days = self.question.days;
        let last = days.until.pred_opt().unwrap_or(days.first);
        let now = [days.first, last].into_iter().filter_map(|day| self.question.active.in_force(day));
        let active: BTreeSet<Code> =
            now.flat_map(|version| &version.programme.rules).map(|rule| rule.code.clone()).collect();
        let own: Vec<Code> = own.collect();
        let others = active.iter().chain(totals.draft.keys()).chain(totals.active.keys()).cloned();
        let others: BTreeSet<Code> = others.filter(|code| !own.contains(code)).collect();
        let line = |rule: Code| {
            let of = |totals: &BTreeMap<Code, RuleTotals>, is_there: bool| {
                totals.get(&rule).copied().or_else(|| is_there.then(RuleTotals::default))
            };
            let draft = of(&totals.draft, own.contains(&rule));
            let active = of(&totals.active, active.contains(&rule));
            RuleLine { rule: rule.clone(), totals: Sides { draft, active } }
        };
        own.iter().cloned().chain(others).map(line).collect()
    }

    fn people(&self) -> Result<Vec<Line<PersonId>>, FoldError> {
        let mut everybody = self.found.participants.clone();
        everybody.extend(self.sides.draft.tally.people().chain(self.sides.active.tally.people()));
        let line = |person: PersonId| {
            let listed = |side: &Side<'_>| {
                let earned = side.tally.earned.get(&Subject::Person(person));
                let (points, badges) = earned.map_or_else(Default::default, |earned| (earned.points, earned.badges));
                Listed { points, own: points, badges, rank: None }
            };
            let team = self.found.homes.get(&person).copied();
            self.line(person, (Subject::Person(person), team), self.sides.map(listed))
        };
        let lines: Result<Vec<_>, Overflow> = everybody.into_iter().map(line).collect();
        Ok(ranked(lines?))
    }

    fn team_lines(&self) -> Result<Vec<Line<TeamId>>, FoldError> {
        let mut teams = self.teams();
        for side in [&self.sides.draft, &self.sides.active] {
            teams.extend(side.tally.members.keys());
        }
        let line = |team: TeamId| {
            let listed = |side: &Side<'_>| {
                let earned = side.tally.earned.get(&Subject::Team(team));
                let (own, badges) = earned.map_or_else(Default::default, |earned| (earned.points, earned.badges));
                let members = side.tally.members.get(&team).copied().unwrap_or_default();
                Ok(Listed { points: own.plus(members)?, own, badges, rank: None })
            };
            let listed = Sides { draft: listed(&self.sides.draft)?, active: listed(&self.sides.active)? };
            self.line(team, (Subject::Team(team), None), listed)
        };
        let lines: Result<Vec<_>, Overflow> = teams.into_iter().map(line).collect();
        Ok(ranked(lines?))
    }

    fn line<S>(
        &self,
        who: S,
        (subject, team): (Subject, Option<TeamId>),
        listed: Sides<Listed>,
    ) -> Result<Line<S>, Overflow> {
        let difference = listed.draft.points.minus(listed.active.points)?;
        Ok(Line { subject: who, team, listed, difference, tiers: self.tiers_of(subject) })
    }

    /// The tiers that somebody reached by their own points.
    fn tiers_of(&self, subject: Subject) -> Vec<TierLine> {
        let reached = |side: &Side<'_>, index: usize, season: &Period| {
            let points = side.tally.earned.get(&subject)?.seasons.get(&index)?;
            let (_, tiers) = tiers(side.timeline, season)?;
            Some(tier_standing(tiers, *points).reached?.code.clone())
        };
        let line = |(index, season): (usize, &Period)| {
            let tier = self.sides.map(|side| reached(side, index, season));
            let is_reached = tier.draft.is_some() || tier.active.is_some();
            is_reached.then(|| TierLine { season: season.code.clone(), tier })
        };
        self.seasons.iter().enumerate().filter_map(line).collect()
    }
}

fn totals(side: &Side<'_>) -> Result<Totals, Overflow> {
    let rules = side.tally.rules();
    Ok(Totals {
        awards: rules.values().map(|rule| rule.awards).sum(),
        points: Points::sum(rules.values().map(|rule| rule.points))?,
        badges: count(side.tally.badges()),
        people: count(side.tally.people().count()),
    })
}

/// With ranks, who gains most first; of equals in the order that they came in.
fn ranked<S>(mut lines: Vec<Line<S>>) -> Vec<Line<S>> {
    let mut points = Sides::<Vec<Points>>::default();
    for line in &lines {
        points.draft.push(line.listed.draft.points);
        points.active.push(line.listed.active.points);
    }
    points.draft.sort_unstable();
    points.active.sort_unstable();
    let rank = |sorted: &[Points], own: Points| {
        let above = sorted.len() - sorted.partition_point(|points| *points <= own);
        (own > Points::ZERO).then(|| count(above) + 1)
    };
    for line in &mut lines {
        line.listed.draft.rank = rank(&points.draft, line.listed.draft.points);
        line.listed.active.rank = rank(&points.active, line.listed.active.points);
    }
    lines.sort_by_key(|line| std::cmp::Reverse(line.difference));
    lines
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
