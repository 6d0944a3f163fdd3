//! A rule in one sentence, so that HR can read back what a document says, and the words for its parts.
//!
//! Measures, attributes, badges and kinds appear by their codes; shipped kinds have words of their own.

mod condition;
mod formula;
mod goal;
mod kinds;
mod period;
#[cfg(test)]
mod tests;

use self::kinds::Signals;
use super::{AwardTerms, Boost, Condition, Limit, LimitMost, Pattern, Rule, Streak};
use crate::domain::decimal::Decimal4;
use crate::domain::language::Language;
use crate::domain::points::Points;

/// The rule in one sentence of `language`.
pub fn sentence(rule: &Rule, language: Language) -> String {
    Speaker::new(language).rule(rule)
}

/// Puts rules and their parts into words of one language.
#[derive(Debug, Clone, Copy)]
pub struct Speaker(Language);

impl Speaker {
    /// A speaker of `language`.
    pub const fn new(language: Language) -> Self {
        Self(language)
    }

    /// A rule in one sentence.
    pub fn rule(self, rule: &Rule) -> String {
        let signals = Signals { on: &rule.on, when: rule.when.as_ref() };
        let award = self.award(&rule.award);
        let mut said = match &rule.pattern {
            Pattern::Each => format!("{} {}: {award}", self.pick("For", "Für"), self.each_of(&signals)),
            Pattern::Streak(streak) => format!("{}: {award}", self.streak(&signals, streak)),
            Pattern::DayStreak(streak) => format!("{}: {award}", self.day_streak(&signals, streak)),
            Pattern::Goal(goal) => format!("{}: {award}{}", self.goal_of(&signals, goal), self.when_decided(goal)),
            Pattern::TeamGoal(goal, payee) => {
                let team = self.pick("For each team: ", "Für jedes Team: ");
                let (goal, decided) = (self.goal_of(&signals, goal), self.when_decided(goal));
                format!("{team}{}: {award}{}{decided}", lower_first(&goal), self.payee(*payee))
            }
        };
        for limit in &rule.limits {
            said.push_str(", ");
            said.push_str(&self.limit(limit));
        }
        if let Some(cooldown) = rule.cooldown {
            let time = self.duration(cooldown);
            said.push_str(
                &self.pick(format!(", again after {time} at the earliest"), format!(", frühestens nach {time} wieder")),
            );
        }
        if let Some(guard) = &rule.guard {
            said.push_str(&self.guard_of(guard));
        }
        said.push('.');
        said
    }

    /// A boost in one sentence.
    pub fn boost(self, boost: &Boost) -> String {
        let rules: Vec<_> = boost.rules.iter().map(|rule| rule.as_str().to_owned()).collect();
        let (rules, factor) = (self.both(&rules), self.number(boost.factor));
        let (from, last) = (self.day(boost.from), self.day(boost.until.pred_opt().unwrap_or(boost.until)));
        let signals = boost
            .when
            .as_ref()
            .map(|when| format!("{} {}", self.pick(", for signals", ", für Signale"), self.condition(when)));
        let signals = signals.unwrap_or_default();
        self.pick(
            format!("From {from} to {last}: the points of {rules} × {factor}{signals}."),
            format!("Vom {from} bis {last}: die Punkte von {rules} × {factor}{signals}."),
        )
    }

    /// `For every 5 evaluations in a row with quality at least 90`.
    fn streak(self, signals: &Signals, Streak { length, of }: &Streak) -> String {
        if *length == 1 {
            let both = both(signals.when, of);
            return format!("{} {}", self.pick("For", "Für"), self.each_of(&Signals { when: Some(&both), ..*signals }));
        }
        let (signals, of) = (self.some_of(signals), self.condition(of));
        self.pick(
            format!("For every {length} {signals} in a row {of}"),
            format!("Für je {length} {signals} in Folge {of}"),
        )
    }

    /// `For every 10 days in a row, each with at least one evaluation with quality at least 90`.
    fn day_streak(self, signals: &Signals, Streak { length, of }: &Streak) -> String {
        let both = both(signals.when, of);
        let one = self.with_one_of(&Signals { when: Some(&both), ..*signals });
        if *length == 1 {
            return self
                .pick(format!("For each day with at least one {one}"), format!("Für jeden Tag mit mindestens {one}"));
        }
        self.pick(
            format!("For every {length} days in a row, each with at least one {one}"),
            format!("Für je {length} Tage in Folge mit jeweils mindestens {one}"),
        )
    }

    /// The one of two that is in its language.
    pub fn pick<T>(self, en: T, de: T) -> T {
        match self.0 {
            Language::En => en,
            Language::De => de,
        }
    }

    fn and(self) -> &'static str {
        self.pick(" and ", " und ")
    }

    /// `a, b or c`.
    pub fn either(self, choices: &[String]) -> String {
        listed(choices, self.pick("or", "oder"))
    }

    /// `a, b and c`.
    pub fn both(self, parts: &[String]) -> String {
        listed(parts, self.pick("and", "und"))
    }

    /// A number: `4.5`, `4,5`.
    pub fn number(self, number: Decimal4) -> String {
        let text = number.to_string();
        self.pick(text.clone(), text.replace('.', ","))
    }

    /// `20 points`.
    pub fn points(self, points: Points) -> String {
        let noun = if points.0 == 1 { self.pick("point", "Punkt") } else { self.pick("points", "Punkte") };
        format!("{points} {noun}")
    }

    /// `20 points and the badge star`.
    pub fn award(self, award: &AwardTerms) -> String {
        let points = award.points.as_ref().map(|points| self.formula(points));
        let badge = award.badge.as_ref().map(|badge| format!("{} {badge}", self.pick("the badge", "das Abzeichen")));
        let both = [points, badge].into_iter().flatten().collect::<Vec<_>>();
        both.join(self.and())
    }

    /// `at most 200 points a day`.
    pub fn limit(self, limit: &Limit) -> String {
        let most = match limit.most {
            LimitMost::Points(points) => self.points(points),
            LimitMost::Times(1) => self.pick("once", "einmal").to_owned(),
            LimitMost::Times(2) => self.pick("twice", "zweimal").to_owned(),
            LimitMost::Times(times) => self.pick(format!("{times} times"), format!("{times}-mal")),
        };
        format!("{} {most} {}", self.pick("at most", "höchstens"), self.per(limit.per))
    }
}

/// What selects, and a condition besides.
fn both(when: Option<&Condition>, of: &Condition) -> Condition {
    when.map_or_else(|| of.clone(), |when| Condition::All(vec![when.clone(), of.clone()]))
}

fn listed(parts: &[String], last_by: &str) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} {last_by} {last}", first.join(", ")),
    }
}

/// A sentence's beginning inside a sentence.
fn lower_first(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_lowercase().chain(rest).collect())
}
