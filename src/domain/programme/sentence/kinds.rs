//! Signals in words: their kinds in the numbers and cases that sentences need.

use super::Speaker;
use crate::domain::programme::Condition;

/// A kind with words of its own.
struct Kind {
    code: &'static str,
    /// One, many.
    en: [&'static str; 2],
    /// One with "each" after "für" (accusative), one, many; one with its article after "mit" (dative).
    de: [&'static str; 4],
}

const KINDS: [Kind; 8] = [
    Kind {
        code: "evaluation",
        en: ["evaluation", "evaluations"],
        de: ["jede Bewertung", "Bewertung", "Bewertungen", "einer Bewertung"],
    },
    Kind {
        code: "survey",
        en: ["survey", "surveys"],
        de: ["jede Umfrageantwort", "Umfrageantwort", "Umfrageantworten", "einer Umfrageantwort"],
    },
    Kind {
        code: "metric",
        en: ["metric", "metrics"],
        de: ["jeden Messwert", "Messwert", "Messwerte", "einem Messwert"],
    },
    Kind { code: "compliment", en: ["compliment", "compliments"], de: ["jedes Lob", "Lob", "Lobe", "einem Lob"] },
    Kind {
        code: "complaint",
        en: ["complaint", "complaints"],
        de: ["jede Beschwerde", "Beschwerde", "Beschwerden", "einer Beschwerde"],
    },
    Kind {
        code: "complaint_recovered",
        en: ["recovered complaint", "recovered complaints"],
        de: [
            "jede gewendete Beschwerde",
            "gewendete Beschwerde",
            "gewendete Beschwerden",
            "einer gewendeten Beschwerde",
        ],
    },
    Kind {
        code: "training",
        en: ["training", "trainings"],
        de: ["jede Schulung", "Schulung", "Schulungen", "einer Schulung"],
    },
    Kind { code: "kudos", en: ["kudos", "kudos"], de: ["jedes Kudos", "Kudos", "Kudos", "einem Kudos"] },
];

/// The signals that a rule or guard looks at.
pub(super) struct Signals<'a> {
    /// Of which kinds.
    pub on: &'a [String],
    /// Which of them.
    pub when: Option<&'a Condition>,
}

impl Speaker {
    /// `each evaluation or each survey with csat at least 4`.
    pub(super) fn each_of(self, signals: &Signals) -> String {
        self.selected(signals, self.either(&self.named(signals, |[one, _]| format!("each {one}"), |[each, ..]| each)))
    }

    /// `evaluation or survey`, after a number of one.
    pub(super) fn one_of(self, signals: &Signals) -> String {
        self.selected(signals, self.either(&self.named(signals, |[one, _]| one.to_owned(), |[_, one, ..]| one)))
    }

    /// `evaluations or surveys`, after a number.
    pub(super) fn some_of(self, signals: &Signals) -> String {
        self.selected(signals, self.either(&self.many(signals)))
    }

    /// `evaluations and surveys`, after "all".
    pub(super) fn all_of(self, signals: &Signals) -> String {
        self.selected(signals, self.both(&self.many(signals)))
    }

    /// `evaluation or survey`, after "with at least one".
    pub(super) fn with_one_of(self, signals: &Signals) -> String {
        self.selected(signals, self.either(&self.named(signals, |[one, _]| one.to_owned(), |[.., one]| one)))
    }

    fn many(self, signals: &Signals) -> Vec<String> {
        self.named(signals, |[_, many]| many.to_owned(), |[_, _, many, _]| many)
    }

    fn selected(self, signals: &Signals, kinds: String) -> String {
        match signals.when {
            Some(when) => format!("{kinds} {}", self.condition(when)),
            None => kinds,
        }
    }

    fn named(
        self,
        signals: &Signals,
        en: fn([&str; 2]) -> String,
        de: fn([&'static str; 4]) -> &'static str,
    ) -> Vec<String> {
        let other = ["jedes Signal", "Signal", "Signale", "einem Signal"];
        let named = |code: &String| match KINDS.iter().find(|kind| kind.code == code) {
            Some(kind) => self.pick(en(kind.en), de(kind.de).to_owned()),
            None => self.pick(
                en([&format!("signal of kind {code}"), &format!("signals of kind {code}")]),
                format!("{} der Art {code}", de(other)),
            ),
        };
        signals.on.iter().map(named).collect()
    }
}
