//! Explanations in sentences, with the words that rules are read back in.

use super::trace::{Clause, CooldownTrace, FormulaTrace, GoalTrace, LimitStep, time_of};
use super::{Explanation, GuardTrace, Sentences, TeamTrace};
use crate::domain::award::Cause;
use crate::domain::decimal::Decimal4;
use crate::domain::ids::Code;
use crate::domain::language::{Language, Localised};
use crate::domain::period::Zone;
use crate::domain::points::Points;
use crate::domain::programme::Speaker;
use crate::domain::signal::{AttributeValue, Evidence};
use crate::domain::time::Instant;
use crate::engine::watch::Verdict;

/// Speaks one language, by the clock of one zone.
#[derive(Debug, Clone, Copy)]
pub struct Teller<'z> {
    /// Which words.
    pub speaker: Speaker,
    /// Of which texts in both languages.
    language: Language,
    zone: &'z Zone,
}

/// What a teller says in each language.
pub fn told(zone: &Zone, tell: impl Fn(Teller<'_>) -> Vec<String>) -> Sentences {
    Sentences { en: tell(Teller::new(Language::En, zone)), de: tell(Teller::new(Language::De, zone)) }
}

/// An explanation in sentences.
pub fn explained(explanation: &Explanation, zone: &Zone) -> Sentences {
    told(zone, |teller| teller.explanation(explanation))
}

impl<'z> Teller<'z> {
    /// A teller in `language`.
    pub const fn new(language: Language, zone: &'z Zone) -> Self {
        Self { speaker: Speaker::new(language), language, zone }
    }

    /// The one of two that is in its language.
    pub fn pick<T>(self, en: T, de: T) -> T {
        self.speaker.pick(en, de)
    }

    /// A text that has both languages.
    pub fn get(self, text: &Localised) -> &str {
        text.get(self.language)
    }

    /// `2026-11-18, 09:00`.
    pub fn moment(self, at: Instant) -> String {
        let (day, time) = self.zone.local(at);
        let hour = time.format("%H:%M");
        let day = self.speaker.day(day);
        self.pick(format!("{day}, {hour}"), format!("{day}, {hour} Uhr"))
    }

    /// `“Happy customer”`.
    pub fn quoted(self, text: &str) -> String {
        self.pick(format!("“{text}”"), format!("„{text}“"))
    }

    /// `20 points and the badge star`.
    pub fn granted(self, points: Points, badge: Option<&Code>) -> String {
        let badge = badge.map(|badge| format!("{} {badge}", self.pick("the badge", "das Abzeichen")));
        let points = (points > Points::ZERO || badge.is_none()).then(|| self.speaker.points(points));
        let both: Vec<String> = points.into_iter().chain(badge).collect();
        self.speaker.both(&both)
    }

    fn explanation(self, explanation: &Explanation) -> Vec<String> {
        let mut said = vec![self.opening(explanation)];
        said.push(format!("{} {}", self.pick("The rule:", "Die Regel:"), self.get(&explanation.says)));
        said.extend(explanation.clauses.iter().flat_map(|clause| self.clauses(clause)));
        said.extend(explanation.goal.as_ref().map(|goal| self.goal(goal, time_of(explanation.cause()))));
        said.extend(explanation.team.as_ref().and_then(|team| self.team(team)));
        said.extend(explanation.formula.as_ref().map(|formula| self.formula(formula, explanation.base)));
        if let Some(boost) = &explanation.boost {
            let (name, factor) = (self.quoted(self.get(&boost.name)), self.speaker.number(boost.factor));
            let (base, points) = (self.speaker.number(explanation.base), self.speaker.points(explanation.boosted));
            let exact = i128::from(explanation.base.raw()) * i128::from(boost.factor.raw());
            let whole = exact == i128::from(explanation.boosted.0) * i128::from(Decimal4::ONE).pow(2);
            let rounded = if whole { "" } else { self.pick(", rounded", ", gerundet") };
            let boost = self.pick("The boost", "Der Bonuszeitraum");
            said.push(format!("{boost} {name}: {base} × {factor} = {points}{rounded}."));
        } else if explanation.formula.is_some() && Decimal4::from_whole(explanation.boosted.0) != explanation.base {
            said.push(format!("{} {}.", self.pick("Rounded:", "Gerundet:"), self.speaker.points(explanation.boosted)));
        }
        said.extend(explanation.cooldown.as_ref().map(|cooldown| self.cooldown(cooldown)));
        let mut before = explanation.boosted;
        for step in &explanation.limits {
            said.push(self.limit(step, before));
            before = step.leaves.unwrap_or(before);
        }
        said.extend(explanation.guard.as_ref().map(|guard| self.guard(guard)));
        said
    }

    fn opening(self, explanation: &Explanation) -> String {
        let granted = self.granted(explanation.points, explanation.badge.as_ref());
        let (name, version) = (self.quoted(self.get(&explanation.name)), explanation.version);
        let what = self.cause(explanation);
        self.pick(
            format!("{granted} by {name} (version {version}) {what}."),
            format!("{granted} nach {name} (Version {version}) {what}."),
        )
    }

    fn cause(self, explanation: &Explanation) -> String {
        let days = |first, last| {
            let (first, last) = (self.speaker.day(first), self.speaker.day(last));
            self.pick(format!("from {first} to {last}"), format!("vom {first} bis {last}"))
        };
        let row = explanation.streak.as_ref().filter(|row| row.steps.len() > 1);
        let span = row.and_then(|row| Some((row.steps.first()?.day, row.steps.last()?.day)));
        match (explanation.cause(), span, explanation.goal.as_ref()) {
            (Cause::Day(day), None, _) => format!("{} {}", self.pick("for", "für den"), self.speaker.day(*day)),
            (Cause::Day(_), Some((first, last)), _) => {
                let (count, days) = (explanation.signals, days(first, last));
                self.pick(format!("for {count} days in a row, {days}"), format!("für {count} Tage in Folge, {days}"))
            }
            (Cause::Signal(_), Some((first, last)), _) => {
                let (count, days) = (explanation.signals, days(first, last));
                self.pick(
                    format!("for {count} signals in a row, {days}"),
                    format!("für {count} Signale in Folge, {days}"),
                )
            }
            (Cause::Signal(_), None, _) => self.signal(explanation.evidence.last()),
            (_, _, Some(goal)) => {
                let days = days(goal.first_day, goal.last_day);
                self.pick(format!("for a goal reached {days}"), format!("für ein erreichtes Ziel {days}"))
            }
            _ => String::new(),
        }
    }

    /// `for survey s/1 of 2026-11-18, 09:00`.
    pub fn signal(self, evidence: Option<&Evidence>) -> String {
        let Some(evidence) = evidence else { return String::new() };
        let (name, at) = (format!("{}/{}", evidence.source, evidence.key), self.moment(evidence.content.occurred_at));
        self.pick(format!("for signal {name} of {at}"), format!("für Signal {name} vom {at}"))
    }

    /// What a condition saw: each part that all hold together by itself.
    pub fn clauses(self, clause: &Clause) -> Vec<String> {
        let alike = !clause.holds || clause.of.iter().all(|part| part.holds);
        if alike && clause.of.len() > 1 {
            return clause.of.iter().flat_map(|part| self.clauses(part)).collect();
        }
        vec![format!("{}.", cap_first(&self.clause(clause)))]
    }

    /// `with csat at least 4: yes (5)`.
    fn clause(self, clause: &Clause) -> String {
        let holds = if clause.holds { self.pick("yes", "ja") } else { self.pick("no", "nein") };
        let saw: Vec<String> = leaves(clause).into_iter().map(|leaf| self.saw(leaf.saw.as_ref())).collect();
        format!("{}: {holds} ({})", self.get(&clause.says), saw.join("; "))
    }

    fn saw(self, value: Option<&AttributeValue>) -> String {
        value.map_or_else(|| self.pick("missing", "fehlt").to_owned(), |value| self.speaker.attribute_value(value))
    }

    /// How the points came about.
    pub fn formula(self, formula: &FormulaTrace, base: Decimal4) -> String {
        let points = self.decimal_points(base);
        if matches!(formula, FormulaTrace::Fixed { .. }) {
            return format!("{} {points}.", self.pick("Always", "Immer"));
        }
        format!("{} {} = {points}.", self.pick("Points:", "Punkte:"), self.worked(formula))
    }

    fn decimal_points(self, points: Decimal4) -> String {
        if points.raw() % Decimal4::ONE == 0 {
            return self.speaker.points(Points(points.raw() / Decimal4::ONE));
        }
        format!("{} {}", self.speaker.number(points), self.pick("points", "Punkte"))
    }

    fn worked(self, formula: &FormulaTrace) -> String {
        let over = |over: &str, value: Option<Decimal4>| {
            let name = if over == "goal" { self.pick("the value reached", "der erreichte Wert") } else { over };
            let value = value.map(AttributeValue::Number);
            format!("{name} {}", self.saw(value.as_ref()))
        };
        let corner =
            |(x, y): &(Decimal4, Decimal4)| format!("{} → {}", self.speaker.number(*x), self.speaker.number(*y));
        match formula {
            FormulaTrace::Fixed { points } => self.pick(format!("fixed {points}"), format!("fest {points}")),
            FormulaTrace::Zones { over: name, value, from, to } => {
                let corners: Vec<String> = from.iter().chain(to).map(corner).collect();
                let corners = corners.join(self.pick(" and ", " und "));
                let place = match (from, to) {
                    (Some(_), Some(_)) => self.pick("between", "zwischen"),
                    (Some(_), None) => self.pick("at or above", "ab"),
                    _ => self.pick("below", "unter"),
                };
                let where_ = if corners.is_empty() { String::new() } else { format!(", {place} {corners}") };
                format!("{}{where_}", over(name, *value))
            }
            FormulaTrace::Steps { over: name, value, step } => {
                let step = match step {
                    Some((x, points)) => {
                        format!("{} {} → {points}", self.pick("step", "Stufe"), self.speaker.number(*x))
                    }
                    None => self.pick("below the first step", "unter der ersten Stufe").to_owned(),
                };
                format!("{}, {step}", over(name, *value))
            }
            FormulaTrace::Times { over: name, value, factor } => {
                format!("{} × {}", over(name, *value), self.speaker.number(*factor))
            }
            FormulaTrace::By { attribute, value, case, of } => {
                let saw = self.saw(value.as_ref());
                let other =
                    if case.is_some() { "" } else { self.pick(" (no case of its own)", " (kein eigener Fall)") };
                format!("{attribute} {saw}{other}: {}", self.worked(of))
            }
        }
    }

    fn cooldown(self, cooldown: &CooldownTrace) -> String {
        let length = self.speaker.duration(chrono::TimeDelta::seconds(cooldown.seconds));
        let before = match cooldown.until {
            Some(until) => {
                let until = self.moment(until);
                self.pick(format!("the next was possible from {until}"), format!("möglich wieder ab {until}"))
            }
            None => self.pick("none before", "keine davor").to_owned(),
        };
        self.pick(
            format!("Again after {length} at the earliest: {before}."),
            format!("Frühestens nach {length} wieder: {before}."),
        )
    }

    /// What a limit left of `before` points.
    pub fn limit(self, step: &LimitStep, before: Points) -> String {
        let says = cap_first(self.get(&step.says));
        let Some(used) = step.used else {
            let free = self.pick("does not count, the signal has no case", "zählt nicht, das Signal hat keinen Fall");
            return format!("{says}: {free}.");
        };
        let (most, gone) = match (step.times, step.points) {
            (Some(times), _) => (i64::from(times), i64::from(used.times)),
            (None, most) => (most.unwrap_or_default().0, used.points.0),
        };
        let left = most.saturating_sub(gone).max(0);
        let cut = match step.leaves {
            None => self.pick(" That drops the award.", " Damit entfällt die Vergabe.").to_owned(),
            Some(points) if points < before => {
                let points = self.speaker.points(points);
                self.pick(format!(" That cuts it to {points}."), format!(" Das kürzt auf {points}."))
            }
            Some(_) => String::new(),
        };
        self.pick(
            format!("{says}: {gone} before, {left} left.{cut}"),
            format!("{says}: {gone} davor, {left} übrig.{cut}"),
        )
    }

    fn goal(self, goal: &GoalTrace, n: u32) -> String {
        let (says, reached) = (self.get(&goal.says), self.reached(goal));
        let time = if n > 1 { self.pick(format!(" (time {n})"), format!(" (zum {n}. Mal)")) } else { String::new() };
        self.pick(format!("The goal, {says}{time}: {reached}."), format!("Das Ziel, {says}{time}: {reached}."))
    }

    /// `92 over 8 samples`.
    pub fn reached(self, goal: &GoalTrace) -> String {
        let samples = match goal.samples {
            1 => self.pick("1 sample", "1 Wert").to_owned(),
            many => format!("{many} {}", self.pick("samples", "Werten")),
        };
        let samples = self.pick(format!("over {samples}"), format!("bei {samples}"));
        match &goal.reached {
            Some(reached) => format!("{} {samples}", self.get(reached)),
            None => self.pick("nothing yet", "noch nichts").to_owned(),
        }
    }

    fn team(self, team: &TeamTrace) -> Option<String> {
        let (members, least) = team.members.zip(team.min_days)?;
        let days = team.days.unwrap_or_default();
        Some(self.pick(
            format!("Members of the team on at least {least} days: {members}; this one on {days}."),
            format!("Mitglieder an mindestens {least} Tagen: {members}; dieses an {days}."),
        ))
    }

    /// What a guard said.
    pub fn guard(self, guard: &GuardTrace) -> String {
        let goal = &guard.goal;
        let (first, last) = (self.speaker.day(goal.first_day), self.speaker.day(goal.last_day));
        let (says, reached) = (self.get(&goal.says), self.reached(goal));
        let verdict = match (guard.verdict, goal.has_samples()) {
            (Verdict::Waits, _) => {
                let at = self.moment(guard.decided_at);
                self.pick(format!("decided on {at}"), format!("entschieden wird am {at}"))
            }
            (Verdict::Holds, true) => self.pick("it holds", "erfüllt").to_owned(),
            (Verdict::Holds, false) => self.pick("too few to judge, so it holds", "zu wenige, also erfüllt").to_owned(),
            (Verdict::Fails, _) => self.pick("it does not hold", "nicht erfüllt").to_owned(),
        };
        self.pick(
            format!("The guard from {first} to {last}, {says}: {reached}, {verdict}."),
            format!("Die Bedingung vom {first} bis {last}, {says}: {reached}, {verdict}."),
        )
    }
}

/// The parts of a condition that look at something.
fn leaves(clause: &Clause) -> Vec<&Clause> {
    if clause.of.is_empty() { vec![clause] } else { clause.of.iter().flat_map(leaves).collect() }
}

/// A part of a sentence as its beginning.
pub fn cap_first(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}
