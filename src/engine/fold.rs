//! From evidence to awards: what one programme awards one person in one season.
//!
//! Pure: what it may read is in its arguments (SEMANTICS S1). It knows no ledger, no other season and no clock.

use std::collections::BTreeMap;

use super::timeline::{InForce, Timeline};
use super::walk::{NoPeriod, Walk};
use crate::domain::award::{Award, AwardKey, Cause, Content};
use crate::domain::ids::{Code, Subject};
use crate::domain::people::PersonFacts;
use crate::domain::period::{Calendar, Per, Period};
use crate::domain::points::{Overflow, Points};
use crate::domain::programme::limit::{Claim, Tally};
use crate::domain::programme::{LimitPer, Rule};
use crate::domain::signal::Evidence;

/// Why there is no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FoldError {
    /// A season's points left 64 bits.
    #[error(transparent)]
    Overflow(#[from] Overflow),
    /// The season is not of the programme's calendar.
    #[error(transparent)]
    NoPeriod(#[from] NoPeriod),
}

/// The awards of a person in a season, in the order of their causes, then of the rules in the document.
///
/// `signals` are live ones in any order: the fold reads them in [`Evidence::fold_order`], each source and key once.
/// What is about another person or happened outside the season is passed over.
pub fn awards(
    timeline: &Timeline,
    season: &Period,
    facts: &PersonFacts,
    signals: &[Evidence],
) -> Result<Vec<Award>, FoldError> {
    let Some(newest) = timeline.newest() else { return Ok(Vec::new()) };
    let mut fold = Fold::new(timeline, &newest.programme.calendar, season, facts);
    let within = |at| season.from <= at && at < season.until;
    let concerns = |one: &&Evidence| one.content.agent == facts.person && within(one.content.occurred_at);
    let mut ordered: Vec<&Evidence> = signals.iter().filter(concerns).collect();
    ordered.sort_by(|one, other| one.fold_order().cmp(&other.fold_order()));
    for evidence in ordered {
        fold.take(evidence)?;
    }
    Ok(fold.awards)
}

/// A fold on its way through a season.
struct Fold<'a> {
    timeline: &'a Timeline,
    facts: &'a PersonFacts,
    walk: Walk<'a>,
    /// The version of the day it stands at.
    current: Option<&'a InForce>,
    /// What is carried from signal to signal: one state for each rule code of any version.
    states: BTreeMap<&'a Code, Tally>,
    awards: Vec<Award>,
}

impl<'a> Fold<'a> {
    fn new(timeline: &'a Timeline, calendar: &'a Calendar, season: &Period, facts: &'a PersonFacts) -> Self {
        let mut limited: BTreeMap<&Code, Vec<LimitPer>> = BTreeMap::new();
        for rule in timeline.versions.iter().flat_map(|one| &one.programme.rules) {
            limited.entry(&rule.code).or_default().extend(rule.limits.iter().map(|limit| limit.per));
        }
        let periods = |per: &LimitPer| -> Option<Per> {
            match per {
                LimitPer::Period(per) => Some(*per),
                LimitPer::Case => None,
            }
        };
        let walk = Walk::new(calendar, season, limited.values().flatten().filter_map(periods).collect());
        let states = limited.into_iter().map(|(code, pers)| (code, Tally::new(pers, season.from))).collect();
        Self { timeline, facts, walk, current: None, states, awards: Vec::new() }
    }

    /// Takes the next signal in fold order.
    fn take(&mut self, evidence: &Evidence) -> Result<(), FoldError> {
        let at = evidence.content.occurred_at;
        if self.walk.go_to(at)? {
            self.begin_day();
        }
        let Some(current) = self.current else { return Ok(()) };
        if !current.programme.audience.includes(self.facts, at) {
            return Ok(());
        }
        let local = self.walk.local(at);
        for rule in &current.programme.rules {
            if rule.selects(evidence, local) {
                self.judge(rule, current.version, evidence)?;
            }
        }
        Ok(())
    }

    fn begin_day(&mut self) {
        self.current = self.timeline.in_force(self.walk.day());
        for state in self.states.values_mut() {
            state.begin_day(|per| self.walk.end_of(per));
        }
    }

    /// Awards what the rule grants for a signal that it selects.
    fn judge(&mut self, rule: &Rule, version: u32, evidence: &Evidence) -> Result<(), FoldError> {
        let content = &evidence.content;
        let points = rule.award.points.as_ref().map_or(Points::ZERO, |formula| formula.base(content).rounded());
        let claim =
            Claim { at: content.occurred_at, case: content.case.as_deref(), points, badge: rule.award.badge.is_some() };
        // Every rule of the timeline has a state.
        let Some(state) = self.states.get_mut(&rule.code) else { return Ok(()) };
        let Some(points) = state.grant(rule, &claim)? else { return Ok(()) };
        self.awards.push(Award {
            key: AwardKey {
                rule: rule.code.clone(),
                subject: Subject::Person(self.facts.person),
                cause: Cause::Signal(evidence.id),
            },
            content: Content { points, badge: rule.award.badge.clone(), at: claim.at, version },
        });
        Ok(())
    }
}
