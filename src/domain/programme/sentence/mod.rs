//! A rule in one sentence, so that HR can read back what a document says.
//!
//! Measures, attributes, badges and kinds appear by their codes; shipped kinds have words of their own.

mod condition;
#[cfg(test)]
mod tests;

use chrono::TimeDelta;

use super::{AwardTerms, Limit, LimitMost, LimitPer, Over, PointsFormula, Rule};
use crate::domain::decimal::Decimal4;
use crate::domain::language::Language;
use crate::domain::period::Per;
use crate::domain::points::Points;

/// Kinds with words of their own: code, English, German (after "für", hence in the accusative).
const KINDS: [(&str, &str, &str); 8] = [
    ("evaluation", "each evaluation", "jede Bewertung"),
    ("survey", "each survey", "jede Umfrageantwort"),
    ("metric", "each metric", "jeden Messwert"),
    ("compliment", "each compliment", "jedes Lob"),
    ("complaint", "each complaint", "jede Beschwerde"),
    ("complaint_recovered", "each recovered complaint", "jede gewendete Beschwerde"),
    ("training", "each training", "jede Schulung"),
    ("kudos", "each kudos", "jedes Kudos"),
];

/// The rule in one sentence of `language`.
pub fn sentence(rule: &Rule, language: Language) -> String {
    let speaker = Speaker(language);
    let kinds: Vec<_> = rule.on.iter().map(|kind| speaker.each(kind)).collect();
    let mut sentence = format!("{} {}", speaker.pick("For", "Für"), speaker.either(&kinds));
    if let Some(when) = &rule.when {
        sentence.push(' ');
        sentence.push_str(&speaker.condition(when));
    }
    sentence.push_str(": ");
    sentence.push_str(&speaker.award(&rule.award));
    for limit in &rule.limits {
        sentence.push_str(", ");
        sentence.push_str(&speaker.limit(limit));
    }
    if let Some(cooldown) = rule.cooldown {
        let time = speaker.duration(cooldown);
        sentence.push_str(&match language {
            Language::En => format!(", again after {time} at the earliest"),
            Language::De => format!(", frühestens nach {time} wieder"),
        });
    }
    sentence.push('.');
    sentence
}

/// Puts things into words of one language.
#[derive(Clone, Copy)]
struct Speaker(Language);

impl Speaker {
    fn pick<T>(self, en: T, de: T) -> T {
        match self.0 {
            Language::En => en,
            Language::De => de,
        }
    }

    fn each(self, kind: &str) -> String {
        match KINDS.iter().find(|(code, ..)| *code == kind) {
            Some((_, en, de)) => self.pick(*en, *de).to_owned(),
            None => self.pick(format!("each signal of kind {kind}"), format!("jedes Signal der Art {kind}")),
        }
    }

    /// `a, b or c`.
    fn either(self, choices: &[String]) -> String {
        match choices {
            [] => String::new(),
            [only] => only.clone(),
            [first @ .., last] => format!("{} {} {last}", first.join(", "), self.pick("or", "oder")),
        }
    }

    fn number(self, number: Decimal4) -> String {
        let text = number.to_string();
        self.pick(text.clone(), text.replace('.', ","))
    }

    fn points(self, points: Points) -> String {
        let noun = if points.0 == 1 { self.pick("point", "Punkt") } else { self.pick("points", "Punkte") };
        format!("{points} {noun}")
    }

    fn award(self, award: &AwardTerms) -> String {
        let points = award.points.as_ref().map(|points| self.formula(points));
        let badge = award.badge.as_ref().map(|badge| format!("{} {badge}", self.pick("the badge", "das Abzeichen")));
        let both = [points, badge].into_iter().flatten().collect::<Vec<_>>();
        both.join(self.pick(" and ", " und "))
    }

    fn formula(self, formula: &PointsFormula) -> String {
        match formula {
            PointsFormula::Fixed(points) => self.points(*points),
            PointsFormula::Zones { over, corners } => {
                let corners: Vec<_> =
                    corners.iter().map(|(x, y)| format!("{}: {}", self.number(*x), self.number(*y))).collect();
                let between = self.pick("linear in between", "dazwischen linear");
                format!("{} ({}; {between})", self.points_by(self.over(over)), corners.join("; "))
            }
            PointsFormula::Steps { over, steps } => {
                let from = self.pick("from", "ab");
                let steps: Vec<_> =
                    steps.iter().map(|(x, points)| format!("{from} {}: {points}", self.number(*x))).collect();
                format!("{} ({})", self.points_by(self.over(over)), steps.join("; "))
            }
            PointsFormula::Times { over, factor } => {
                format!("{} × {} {}", self.over(over), self.number(*factor), self.pick("points", "Punkte"))
            }
            PointsFormula::By { attribute, cases, otherwise } => {
                let cases: Vec<_> =
                    cases.iter().map(|(value, points)| format!("{value}: {}", self.formula(points))).collect();
                let otherwise = format!("{} {}", self.pick("otherwise", "sonst"), self.formula(otherwise));
                format!("{} ({}; {otherwise})", self.points_by(attribute), cases.join("; "))
            }
        }
    }

    fn over(self, over: &Over) -> &str {
        match over {
            Over::Measure(measure) => measure,
            Over::Goal => self.pick("the value reached", "dem erreichten Wert"),
        }
    }

    fn points_by(self, what: &str) -> String {
        format!("{} {what}", self.pick("points by", "Punkte nach"))
    }

    fn limit(self, limit: &Limit) -> String {
        let most = match limit.most {
            LimitMost::Points(points) => self.points(points),
            LimitMost::Times(1) => self.pick("once", "einmal").to_owned(),
            LimitMost::Times(2) => self.pick("twice", "zweimal").to_owned(),
            LimitMost::Times(times) => self.pick(format!("{times} times"), format!("{times}-mal")),
        };
        format!("{} {most} {}", self.pick("at most", "höchstens"), self.per(limit.per))
    }

    fn per(self, per: LimitPer) -> &'static str {
        match per {
            LimitPer::Case => self.pick("per case", "pro Fall"),
            LimitPer::Period(Per::Day) => self.pick("a day", "pro Tag"),
            LimitPer::Period(Per::Week) => self.pick("a week", "pro Woche"),
            LimitPer::Period(Per::Month) => self.pick("a month", "pro Monat"),
            LimitPer::Period(Per::Quarter) => self.pick("a quarter", "pro Quartal"),
            LimitPer::Period(Per::HalfYear) => self.pick("a half-year", "pro Halbjahr"),
            LimitPer::Period(Per::Year) => self.pick("a year", "pro Jahr"),
            // A limit has no other period: all time and rolling days end with their season (SEMANTICS S3).
            LimitPer::Period(Per::Season | Per::All | Per::Days(_)) => self.pick("a season", "pro Saison"),
        }
    }

    /// `1 day and 12 hours`; in German in the dative, after "nach".
    fn duration(self, duration: TimeDelta) -> String {
        let units = [
            (duration.num_days(), self.pick(["day", "days"], ["Tag", "Tagen"])),
            (duration.num_hours() % 24, self.pick(["hour", "hours"], ["Stunde", "Stunden"])),
            (duration.num_minutes() % 60, self.pick(["minute", "minutes"], ["Minute", "Minuten"])),
            (duration.num_seconds() % 60, self.pick(["second", "seconds"], ["Sekunde", "Sekunden"])),
        ];
        let parts: Vec<_> = units
            .into_iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, [one, many])| format!("{count} {}", if count == 1 { one } else { many }))
            .collect();
        parts.join(self.pick(" and ", " und "))
    }
}
