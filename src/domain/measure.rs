//! Measures: named quantities that evidence carries, and the ones that every organisation starts with.

use serde::{Deserialize, Serialize};

use super::decimal::Decimal4;
use super::ids::Code;
use super::language::Localised;

/// Which end of the scale is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    HigherIsBetter,
    /// Less is better.
    LowerIsBetter,
}

/// How many values become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregation {
    /// The arithmetic mean.
    Mean,
    /// The share of values that reach the threshold (for lower-is-better: stay at or under it).
    ShareSatisfied,
    /// Percentage of promoters (9-10) minus percentage of detractors (0-6).
    Nps,
    /// The sum.
    Sum,
    /// The number of values.
    Count,
}

/// A named quantity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    /// Its code in evidence and rules.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// The least value.
    pub scale_min: Decimal4,
    /// The greatest value, if it has one.
    pub scale_max: Option<Decimal4>,
    /// Which end is good.
    pub direction: Direction,
    /// What it is counted in, e.g. `seconds`.
    pub unit: String,
    /// How many values become one.
    pub aggregation: Aggregation,
    /// From where on a value is satisfied; only with [`Aggregation::ShareSatisfied`].
    pub threshold: Option<Decimal4>,
}

impl Measure {
    /// Whether `value` lies on the scale.
    pub fn admits(&self, value: Decimal4) -> bool {
        self.scale_min <= value && self.scale_max.is_none_or(|max| value <= max)
    }

    /// The scale in words: `1 to 5`, `from 0`.
    pub fn scale_text(&self) -> String {
        match self.scale_max {
            Some(max) => format!("{} – {max}", self.scale_min),
            None => format!("≥ {}", self.scale_min),
        }
    }
}

/// A shipped measure in short: code, names, greatest value, threshold.
type Line = (&'static str, &'static str, &'static str, i64);

const HUNDRED: &[Line] = &[
    ("quality", "Quality score", "Qualitätspunkte", 100),
    ("service_understanding", "Understanding of the request", "Verständnis des Anliegens", 100),
    ("responsiveness", "Responsiveness", "Ansprechbarkeit", 100),
    ("efficiency", "Efficiency", "Effizienz", 100),
    ("product_knowledge", "Product knowledge", "Produktkenntnis", 100),
    ("friendliness", "Friendliness", "Freundlichkeit", 100),
    ("response_time", "Response time (score)", "Reaktionszeit (Note)", 100),
    ("solution_effectiveness", "Effectiveness of the solution", "Wirksamkeit der Lösung", 100),
    ("overall_experience", "Overall experience", "Gesamteindruck", 100),
    ("training_score", "Training score", "Schulungsergebnis", 100),
];

const SECONDS: &[(&str, &str, &str)] = &[
    ("answer_seconds", "Time to answer", "Zeit bis zur Annahme"),
    ("acknowledged_seconds", "Time to acknowledgement", "Zeit bis zur Eingangsbestätigung"),
    ("first_response_seconds", "Time to first response", "Zeit bis zur ersten Antwort"),
    ("hold_seconds", "Time on hold", "Wartezeit in der Leitung"),
    ("handle_seconds", "Handling time", "Bearbeitungszeit"),
    ("resolution_seconds", "Time to resolution", "Zeit bis zur Lösung"),
];

const YES_NO: &[(&str, &str, &str, Direction)] = &[
    ("first_contact_resolved", "Resolved at first contact", "Beim ersten Kontakt gelöst", Direction::HigherIsBetter),
    ("repeat_contact", "Repeat contact", "Wiederholter Kontakt", Direction::LowerIsBetter),
    ("promise_kept", "Promise kept", "Zusage gehalten", Direction::HigherIsBetter),
    ("sla_met", "Service level met", "Servicelevel eingehalten", Direction::HigherIsBetter),
];

/// The measures that every organisation starts with.
pub fn shipped() -> Vec<Measure> {
    let measure = |code: &str, en: &str, de: &str| Measure {
        code: Code::new(code).unwrap_or_else(|| unreachable!("a shipped code is a code")),
        name: Localised { en: en.to_owned(), de: de.to_owned() },
        scale_min: Decimal4::from_whole(0),
        scale_max: None,
        direction: Direction::HigherIsBetter,
        unit: String::new(),
        aggregation: Aggregation::Mean,
        threshold: None,
    };
    let mut all = vec![
        Measure {
            scale_min: Decimal4::from_whole(1),
            scale_max: Some(Decimal4::from_whole(5)),
            aggregation: Aggregation::ShareSatisfied,
            threshold: Some(Decimal4::from_whole(4)),
            ..measure("csat", "Customer satisfaction", "Kundenzufriedenheit")
        },
        Measure {
            scale_max: Some(Decimal4::from_whole(10)),
            aggregation: Aggregation::Nps,
            ..measure("nps", "Net promoter score", "Weiterempfehlung (NPS)")
        },
        Measure {
            scale_min: Decimal4::from_whole(1),
            scale_max: Some(Decimal4::from_whole(7)),
            ..measure("ces", "Customer effort score", "Kundenaufwand (CES)")
        },
    ];
    all.extend(HUNDRED.iter().map(|&(code, en, de, max)| Measure {
        scale_max: Some(Decimal4::from_whole(max)),
        unit: "points".to_owned(),
        ..measure(code, en, de)
    }));
    all.extend(SECONDS.iter().map(|&(code, en, de)| Measure {
        direction: Direction::LowerIsBetter,
        unit: "seconds".to_owned(),
        ..measure(code, en, de)
    }));
    all.extend(YES_NO.iter().map(|&(code, en, de, direction)| Measure {
        scale_max: Some(Decimal4::from_whole(1)),
        direction,
        ..measure(code, en, de)
    }));
    all
}
