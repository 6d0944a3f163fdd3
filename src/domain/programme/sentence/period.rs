//! Periods, days and durations in words.

use chrono::{NaiveDate, TimeDelta};

use super::Speaker;
use crate::domain::period::Per;
use crate::domain::programme::LimitPer;

/// A kind of period: English with its preposition, then German "an jedem", "an diesem" and "des".
struct Words {
    en: [&'static str; 2],
    de: [&'static str; 3],
}

fn words(per: Per) -> Words {
    match per {
        Per::Day => Words { en: ["On", "day"], de: ["An jedem Tag", "an diesem Tag", "des Tages"] },
        Per::Week => Words { en: ["In", "week"], de: ["In jeder Woche", "in dieser Woche", "der Woche"] },
        Per::Month => Words { en: ["In", "month"], de: ["In jedem Monat", "in diesem Monat", "des Monats"] },
        Per::Quarter => Words { en: ["In", "quarter"], de: ["In jedem Quartal", "in diesem Quartal", "des Quartals"] },
        Per::HalfYear => {
            Words { en: ["In", "half-year"], de: ["In jedem Halbjahr", "in diesem Halbjahr", "des Halbjahres"] }
        }
        Per::Year => Words { en: ["In", "year"], de: ["In jedem Jahr", "in diesem Jahr", "des Jahres"] },
        // Goals have no other period: all time and rolling days end with their season (SEMANTICS S3).
        Per::Season | Per::All | Per::Days(_) => {
            Words { en: ["In", "season"], de: ["In jeder Saison", "in dieser Saison", "der Saison"] }
        }
    }
}

impl Speaker {
    /// `In each month`.
    pub fn in_each(self, per: Per) -> String {
        let Words { en: [preposition, noun], de: [each, ..] } = words(per);
        self.pick(format!("{preposition} each {noun}"), each.to_owned())
    }

    /// `in that month`.
    pub fn in_that(self, per: Per) -> String {
        let Words { en: [preposition, noun], de: [_, that, _] } = words(per);
        self.pick(format!("{} that {noun}", preposition.to_lowercase()), that.to_owned())
    }

    /// `at the end of the month`.
    pub fn at_end_of(self, per: Per) -> String {
        let Words { en: [_, noun], de: [.., of] } = words(per);
        self.pick(format!("at the end of the {noun}"), format!("am Ende {of}"))
    }

    /// `a day`, `per case`.
    pub fn per(self, per: LimitPer) -> &'static str {
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

    /// `2026-12-24`, `24.12.2026`.
    pub fn day(self, day: NaiveDate) -> String {
        self.pick(day.to_string(), day.format("%d.%m.%Y").to_string())
    }

    /// `1 day and 12 hours`; in German in the dative, after "nach".
    pub fn duration(self, duration: TimeDelta) -> String {
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
