//! From evidence to awards: what one programme awards one person in one season.
//!
//! Pure: what it may read is in its arguments (SEMANTICS S1). It knows no ledger, no other season and no clock.

use std::collections::{BTreeMap, BTreeSet};

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
    current: Option<Current<'a>>,
    /// Where in `states` a rule code has its state.
    places: BTreeMap<&'a Code, usize>,
    /// What is carried from signal to signal: one state for each rule code of any version.
    states: Vec<Tally>,
    awards: Vec<Award>,
}

/// A version in force, its rules sorted out by the kinds of signal that they look at.
struct Current<'a> {
    version: &'a InForce,
    /// In the order of the document, each with the place of its state.
    rules: BTreeMap<&'a str, Vec<(&'a Rule, usize)>>,
}

impl<'a> Fold<'a> {
    fn new(timeline: &'a Timeline, calendar: &'a Calendar, season: &Period, facts: &'a PersonFacts) -> Self {
        let mut limited: BTreeMap<&Code, Vec<LimitPer>> = BTreeMap::new();
        for rule in timeline.versions.iter().flat_map(|one| &one.programme.rules) {
            limited.entry(&rule.code).or_default().extend(rule.limits.iter().map(|limit| limit.per));
        }
        let period = |per: &LimitPer| match per {
            LimitPer::Period(per) => Some(*per),
            LimitPer::Case => None,
        };
        let pers: Vec<Per> = limited.values().flatten().filter_map(period).collect();
        Self {
            timeline,
            facts,
            walk: Walk::new(calendar, season, pers),
            current: None,
            places: limited.keys().copied().zip(0..).collect(),
            states: limited.into_values().map(|pers| Tally::new(pers, season.from)).collect(),
            awards: Vec::new(),
        }
    }

    /// Takes the next signal in fold order.
    fn take(&mut self, evidence: &Evidence) -> Result<(), FoldError> {
        let at = evidence.content.occurred_at;
        if self.walk.go_to(at)? {
            self.begin_day();
        }
        let Some(Current { version, rules }) = &self.current else { return Ok(()) };
        if !version.programme.audience.includes(self.facts, at) {
            return Ok(());
        }
        let local = self.walk.local(at);
        // The kind comes last: its text is the first of the signal's to be fetched from memory, and with the others
        // close behind the fetches overlap.
        let Some(rules) = rules.get(evidence.content.kind.as_str()) else { return Ok(()) };
        for (rule, place) in rules.iter().filter(|(rule, _)| rule.selects(evidence, local)) {
            let Some(state) = self.states.get_mut(*place) else { continue };
            let content = judge(rule, version.version, evidence, state)?;
            self.awards.extend(content.map(|content| Award {
                key: AwardKey {
                    rule: rule.code.clone(),
                    subject: Subject::Person(self.facts.person),
                    cause: Cause::Signal(evidence.id),
                },
                content,
            }));
        }
        Ok(())
    }

    fn begin_day(&mut self) {
        for state in &mut self.states {
            state.begin_day(|per| self.walk.end_of(per));
        }
        let version = self.timeline.in_force(self.walk.day());
        let number = |version: &InForce| version.version;
        if version.map(number) != self.current.as_ref().map(|current| number(current.version)) {
            self.current = version.map(|version| Current::new(version, &self.places));
        }
    }
}

impl<'a> Current<'a> {
    fn new(version: &'a InForce, places: &BTreeMap<&'a Code, usize>) -> Self {
        let mut rules: BTreeMap<&str, Vec<(&Rule, usize)>> = BTreeMap::new();
        for rule in &version.programme.rules {
            // Every rule of the timeline has a place.
            let Some(place) = places.get(&rule.code) else { continue };
            for kind in rule.on.iter().collect::<BTreeSet<_>>() {
                rules.entry(kind).or_default().push((rule, *place));
            }
        }
        Self { version, rules }
    }
}

/// What the rule grants for a signal that it selects.
fn judge(rule: &Rule, version: u32, evidence: &Evidence, state: &mut Tally) -> Result<Option<Content>, Overflow> {
    let content = &evidence.content;
    let (at, case) = (content.occurred_at, content.case.as_deref());
    let points = rule.award.points.as_ref().map_or(Points::ZERO, |formula| formula.base(content).rounded());
    let granted = state.grant(rule, &Claim { at, case, points, badge: rule.award.badge.is_some() })?;
    Ok(granted.map(|points| Content { points, badge: rule.award.badge.clone(), at, version }))
}
