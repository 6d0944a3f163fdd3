//! What a rule made of one signal, and why it was not rewarded if it was not.

use std::collections::HashMap;

use serde::Serialize;

use crate::domain::award::{Award, Cause};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::{Code, SignalId};
use crate::domain::period::Calendar;
use crate::domain::points::Points;
use crate::domain::programme::condition::LocalMoment;
use crate::domain::programme::{Pattern, Rule};
use crate::domain::signal::Evidence;
use crate::engine::explain::trace::{Clause, CooldownTrace, FormulaTrace, LimitStep, Worked, limit_steps};
use crate::engine::explain::{GuardTrace, Sentences};
use crate::engine::fold::{Basis, FoldError, watched};
use crate::engine::timeline::InForce;
use crate::engine::watch::{GoalMet, Guarding, Judging, Verdict, Watch};

/// What became of a signal under a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// It was rewarded.
    Rewarded,
    /// It was, unless a guard fails that is not decided yet.
    Pending,
    /// It was, but for a guard that failed.
    GuardFailed,
    /// No version was in force that day.
    NotInForce,
    /// The version in force that day did not have the rule.
    NoSuchRule,
    /// The person did not take part at that time.
    NotInAudience,
    /// The rule does not look at this kind of signal.
    OtherKind,
    /// The rule's condition does not select it.
    NotSelected,
    /// It counts in a streak or goal that it did not complete.
    Counts,
    /// Its day counts already.
    CountsAlready,
    /// It is selected, does not meet what the streak is made of, and breaks it.
    Breaks,
    /// It is selected, but does not make its day count.
    DoesNotCount,
    /// It came before the cooldown had ended.
    CoolingDown,
    /// A limit of times was reached.
    LimitReached,
    /// Limits of points left nothing.
    NothingLeft,
    /// The formula gives no points, and there is no badge.
    NoPoints,
}

/// What a rule made of one signal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhyNot {
    /// What became of it.
    pub fate: Fate,
    /// What the rule's condition saw.
    pub clauses: Option<Clause>,
    /// What the streak's condition saw.
    pub of: Option<Clause>,
    /// How its points came about.
    pub formula: Option<FormulaTrace>,
    /// What the formula gave.
    pub base: Option<Decimal4>,
    /// What was claimed, with boosts.
    pub claimed: Option<Points>,
    /// What each limit left, up to the one that dropped it.
    pub limits: Vec<LimitStep>,
    /// The cooldown.
    pub cooldown: Option<CooldownTrace>,
    /// The guard.
    pub guard: Option<GuardTrace>,
    /// The points granted.
    pub points: Option<Points>,
    /// The same in sentences.
    pub sentences: Sentences,
}

/// What was seen of one signal, by rule.
#[derive(Default)]
struct Seen {
    counts: Option<bool>,
    judged: Option<Judged>,
    met: Option<Points>,
    guard: Option<GuardTrace>,
}

struct Judged {
    granted: Option<Points>,
    claimed: Points,
    limits: Vec<LimitStep>,
    cooldown: Option<CooldownTrace>,
    cools: bool,
}

/// Looks on for one signal.
struct Probe<'e> {
    evidence: &'e Evidence,
    local: LocalMoment,
    seen: HashMap<Code, Seen>,
}

impl Probe<'_> {
    fn is_its(&self, award: &Award) -> bool {
        match award.key.cause {
            Cause::Signal(signal) => signal == self.evidence.id,
            Cause::Day(day) => day == self.local.day,
            Cause::Goal(_) | Cause::TeamGoal(..) => award.content.at == self.evidence.content.occurred_at,
        }
    }
}

impl Watch for Probe<'_> {
    fn looks_at(&self, _: &Rule, evidence: &Evidence) -> bool {
        evidence.id == self.evidence.id
    }

    fn selected(&mut self, rule: &Rule, evidence: &Evidence, counts: bool) {
        if evidence.id == self.evidence.id {
            self.seen.entry(rule.code.clone()).or_default().counts = Some(counts);
        }
    }

    fn judged(&mut self, judging: &Judging<'_>, granted: Option<Points>) {
        let cooldown = judging.rule.cooldown.map(|cooldown| CooldownTrace::new(cooldown, judging.tally));
        let until = cooldown.and_then(|cooldown| cooldown.until);
        let judged = Judged {
            granted,
            claimed: judging.claim.points,
            limits: limit_steps(judging.rule, &judging.claim, judging.tally),
            cooldown,
            cools: until.is_some_and(|until| judging.claim.at < until),
        };
        self.seen.entry(judging.rule.code.clone()).or_default().judged = Some(judged);
    }

    fn goal_met(&mut self, met: &GoalMet<'_>) {
        if met.award.content.at == self.evidence.content.occurred_at {
            self.seen.entry(met.rule.code.clone()).or_default().met = Some(met.award.content.points);
        }
    }

    fn guarded(&mut self, guarding: &Guarding<'_>) {
        if self.is_its(guarding.award) {
            let seen = self.seen.entry(guarding.award.key.rule.clone()).or_default();
            seen.guard = GuardTrace::new(guarding);
        }
    }
}

/// What the rules of the version in force made of `signal`, one of `signals`, by rule code; nothing of other people's,
/// and of those that happened outside the season.
pub(super) fn fates(
    basis: Basis<'_>,
    signals: &[Evidence],
    signal: SignalId,
) -> Result<HashMap<Code, WhyNot>, FoldError> {
    let Some(evidence) = signals.iter().find(|one| one.id == signal) else { return Ok(HashMap::new()) };
    let Some(newest) = basis.timeline.newest() else { return Ok(HashMap::new()) };
    let calendar: &Calendar = &newest.programme.calendar;
    let (day, time) = calendar.zone.local(evidence.content.occurred_at);
    let local = LocalMoment { day, time };
    let mut probe = Probe { evidence, local, seen: HashMap::new() };
    watched(basis, signals, &mut probe)?;
    let mut seen = probe.seen;
    let codes: std::collections::BTreeSet<&Code> = basis.timeline.rules().map(|rule| &rule.code).collect();
    let version = basis.timeline.in_force(day);
    let takes_part = |version: &InForce| version.programme.audience.includes(basis.facts, evidence.content.occurred_at);
    let mut fate = |code: &Code| {
        let Some(version) = version else { return WhyNot::plain(Fate::NotInForce) };
        match version.programme.rules.iter().find(|rule| rule.code == *code) {
            None => WhyNot::plain(Fate::NoSuchRule),
            Some(_) if !takes_part(version) => WhyNot::plain(Fate::NotInAudience),
            Some(rule) => WhyNot::of(rule, evidence, local, seen.remove(code).unwrap_or_default()),
        }
    };
    Ok(codes.into_iter().map(|code| (code.clone(), fate(code))).collect())
}

impl WhyNot {
    fn plain(fate: Fate) -> Self {
        Self {
            fate,
            clauses: None,
            of: None,
            formula: None,
            base: None,
            claimed: None,
            limits: Vec::new(),
            cooldown: None,
            guard: None,
            points: None,
            sentences: Sentences::default(),
        }
    }

    fn of(rule: &Rule, evidence: &Evidence, local: LocalMoment, seen: Seen) -> Self {
        let clauses = rule.when.as_ref().map(|when| Clause::new(when, evidence, local));
        if !rule.on.contains(&evidence.content.kind) {
            return Self::plain(Fate::OtherKind);
        }
        if clauses.as_ref().is_some_and(|clause| !clause.holds) {
            return Self { clauses, ..Self::plain(Fate::NotSelected) };
        }
        let of = match &rule.pattern {
            Pattern::Streak(streak) | Pattern::DayStreak(streak) => Some(Clause::new(&streak.of, evidence, local)),
            _ => None,
        };
        let mut why = Self { clauses, of, ..Self::plain(Fate::Counts) };
        why.fate = why.fate_of(rule, &seen);
        if let Some(judged) = seen.judged {
            let worked = Worked::Signal(&evidence.content);
            let formula = rule.award.points.as_ref();
            why.formula = formula.map(|formula| FormulaTrace::new(formula, worked));
            why.base = formula.map(|formula| worked.exact(formula).decimal());
            (why.claimed, why.points) = (Some(judged.claimed), judged.granted);
            (why.limits, why.cooldown) = (judged.limits, judged.cooldown);
        }
        why.points = why.points.or(seen.met);
        why.guard = seen.guard;
        why
    }

    fn fate_of(&self, rule: &Rule, seen: &Seen) -> Fate {
        let guarded = match seen.guard.as_ref().map(|guard| guard.verdict) {
            Some(Verdict::Waits) => Fate::Pending,
            Some(Verdict::Fails) => Fate::GuardFailed,
            Some(Verdict::Holds) | None => Fate::Rewarded,
        };
        match (&seen.judged, seen.met) {
            (Some(judged), _) if judged.granted.is_some() => guarded,
            (Some(judged), _) if judged.cools => Fate::CoolingDown,
            (Some(judged), _) if judged.limits.iter().any(|step| step.leaves.is_none()) => Fate::LimitReached,
            (Some(judged), _) if judged.claimed == Points::ZERO => Fate::NoPoints,
            (Some(_), _) => Fate::NothingLeft,
            (None, Some(_)) => guarded,
            (None, None) => {
                let holds = self.of.as_ref().is_none_or(|of| of.holds);
                match (&rule.pattern, holds, seen.counts) {
                    (Pattern::Streak(_), false, _) => Fate::Breaks,
                    (Pattern::DayStreak(_), false, _) => Fate::DoesNotCount,
                    (Pattern::DayStreak(_), true, Some(false)) => Fate::CountsAlready,
                    _ => Fate::Counts,
                }
            }
        }
    }
}
