//! What one timeline's awards come to: sums by rule, person, team, channel, weekday and month.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::{Datelike, NaiveDate};

use crate::domain::award::{Award, Cause};
use crate::domain::ids::{Code, PersonId, SignalId, Subject, TeamId};
use crate::domain::people::PersonFacts;
use crate::domain::period::Zone;
use crate::domain::points::{Overflow, Points};
use crate::domain::time::Instant;
use crate::engine::fold::{FoldError, Outcome};

/// What a rule awarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RuleTotals {
    /// Awards.
    pub awards: u64,
    /// Their points.
    pub points: Points,
    /// Badges held through it: one per season and subject.
    pub badges: u64,
    /// Whom it awarded anything: persons, or teams.
    pub subjects: u64,
    /// Awards that still wait for their guard.
    pub pending_awards: u64,
    /// Their points.
    pub pending_points: Points,
}

/// Points spread out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Spread {
    /// By the team that the earner belonged to at the award's instant, or that earned itself.
    pub teams: BTreeMap<Option<TeamId>, Points>,
    /// By the channel of the signal that caused them; none for goals, days and signals without one.
    pub channels: BTreeMap<Option<String>, Points>,
    /// By the local weekday of the award's instant, Monday first.
    pub weekdays: [Points; 7],
    /// By the local month of the award's instant, as its first day.
    pub months: BTreeMap<NaiveDate, Points>,
}

/// What a rule has awarded so far.
#[derive(Debug, Default)]
struct RuleSum {
    totals: RuleTotals,
    /// Whom it awarded anything.
    subjects: HashSet<Subject>,
    /// Who holds a badge through it, by season.
    badges: HashSet<(usize, Subject)>,
}

/// What somebody earned.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Earned {
    pub points: Points,
    pub badges: u64,
    /// Points by season.
    pub seasons: BTreeMap<usize, Points>,
}

/// Whose season is added.
#[derive(Clone, Copy)]
pub(super) struct Earner<'a> {
    pub season: usize,
    pub facts: &'a PersonFacts,
    /// The channels of signals that have one.
    pub channels: &'a HashMap<SignalId, &'a str>,
}

/// What one timeline has come to.
#[derive(Debug)]
pub(super) struct Tally {
    zone: Zone,
    /// The local day that was last asked for, with its first instant and the first after it.
    day: Option<(NaiveDate, Instant, Instant)>,
    rules: BTreeMap<Code, RuleSum>,
    pub earned: HashMap<Subject, Earned>,
    /// What members of a team earned while they belonged to it.
    pub members: BTreeMap<TeamId, Points>,
    pub spread: Spread,
    badges: HashSet<(usize, Subject, Code)>,
}

impl Tally {
    pub fn new(zone: Zone) -> Self {
        Self {
            zone,
            day: None,
            rules: BTreeMap::new(),
            earned: HashMap::new(),
            members: BTreeMap::new(),
            spread: Spread::default(),
            badges: HashSet::new(),
        }
    }

    /// Adds what a person's fold awards in a stretch of time.
    pub fn of_person(
        &mut self,
        earner: Earner<'_>,
        outcome: Outcome,
        (from, until): (Instant, Instant),
    ) -> Result<(), FoldError> {
        let within = |award: &&Award| from <= award.content.at && award.content.at < until;
        for award in outcome.awards.iter().filter(within) {
            let team = earner.facts.belonging_at(award.content.at).map(|home| home.team);
            let channel = match award.key.cause {
                Cause::Signal(signal) => earner.channels.get(&signal).copied(),
                _ => None,
            };
            self.award(earner.season, award, (team, channel))?;
        }
        outcome.pending.iter().filter(within).try_for_each(|award| self.pending(award))
    }

    /// Adds what a team's goals award, to it or to its members.
    pub fn of_team(
        &mut self,
        (season, team): (usize, TeamId),
        outcome: Outcome,
        (from, until): (Instant, Instant),
    ) -> Result<(), FoldError> {
        let within = |award: &&Award| from <= award.content.at && award.content.at < until;
        for award in outcome.awards.iter().filter(within) {
            self.award(season, award, (Some(team), None))?;
        }
        outcome.pending.iter().filter(within).try_for_each(|award| self.pending(award))
    }

    fn award(
        &mut self,
        season: usize,
        award: &Award,
        (team, channel): (Option<TeamId>, Option<&str>),
    ) -> Result<(), FoldError> {
        let (key, points) = (&award.key, award.content.points);
        let rule = self.rules.entry(key.rule.clone()).or_default();
        rule.totals.awards += 1;
        add(&mut rule.totals.points, points)?;
        rule.subjects.insert(key.subject);
        let earned = self.earned.entry(key.subject).or_default();
        add(&mut earned.points, points)?;
        add(earned.seasons.entry(season).or_default(), points)?;
        if let Some(badge) = &award.content.badge {
            rule.badges.insert((season, key.subject));
            earned.badges += u64::from(self.badges.insert((season, key.subject, badge.clone())));
        }
        if let (Subject::Person(_), Some(team)) = (key.subject, team) {
            add(self.members.entry(team).or_default(), points)?;
        }
        self.spread(award, (team, channel))
    }

    fn spread(&mut self, award: &Award, (team, channel): (Option<TeamId>, Option<&str>)) -> Result<(), FoldError> {
        let points = award.content.points;
        if points == Points::ZERO {
            return Ok(());
        }
        let day = self.local_day(award.content.at);
        add(self.spread.teams.entry(team).or_default(), points)?;
        add(self.spread.channels.entry(channel.map(str::to_owned)).or_default(), points)?;
        let weekday = usize::try_from(day.weekday().num_days_from_monday()).unwrap_or_default();
        if let Some(sum) = self.spread.weekdays.get_mut(weekday) {
            add(sum, points)?;
        }
        Ok(add(self.spread.months.entry(day.with_day(1).unwrap_or(day)).or_default(), points)?)
    }

    fn pending(&mut self, award: &Award) -> Result<(), FoldError> {
        let rule = self.rules.entry(award.key.rule.clone()).or_default();
        rule.totals.pending_awards += 1;
        Ok(add(&mut rule.totals.pending_points, award.content.points)?)
    }

    /// Awards come nearly in order: most lie in the day of the one before.
    fn local_day(&mut self, at: Instant) -> NaiveDate {
        if let Some((day, ..)) = self.day.filter(|(_, from, until)| *from <= at && at < *until) {
            return day;
        }
        let day = self.zone.local(at).0;
        let until = self.zone.start_of(day.succ_opt().unwrap_or(day));
        self.day = Some((day, self.zone.start_of(day), until));
        day
    }

    /// What each rule awarded.
    pub fn rules(&self) -> BTreeMap<Code, RuleTotals> {
        let totals = |sum: &RuleSum| RuleTotals {
            badges: u64::try_from(sum.badges.len()).unwrap_or(u64::MAX),
            subjects: u64::try_from(sum.subjects.len()).unwrap_or(u64::MAX),
            ..sum.totals
        };
        self.rules.iter().map(|(code, sum)| (code.clone(), totals(sum))).collect()
    }

    /// Badges held, one per season, badge and subject (SEMANTICS S10).
    pub fn badges(&self) -> usize {
        self.badges.len()
    }

    /// The people who earned anything.
    pub fn people(&self) -> impl Iterator<Item = PersonId> {
        self.earned.keys().filter_map(|subject| match subject {
            Subject::Person(person) => Some(*person),
            Subject::Team(_) => None,
        })
    }
}

fn add(sum: &mut Points, points: Points) -> Result<(), Overflow> {
    *sum = sum.plus(points)?;
    Ok(())
}
