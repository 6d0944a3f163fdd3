//! What of a programme is fixed for its life, once it is used (SEMANTICS S2, S4).

use chrono::{Days, NaiveDate};

use super::Programme;
use crate::domain::period::{CustomSeason, SeasonKind};
use crate::domain::problem::{Finding, ProblemCode};

/// What `new` changes of `old`, though it is fixed. `today` is the programme's local day: seasons that start after it may
/// be added at the end.
///
/// A rule code's kind, subject, measure, aggregate and `per` are fixed too; as long as every rule judges each signal of
/// a person, no two rules differ in them.
pub fn fixed_parts_changed(old: &Programme, new: &Programme, today: NaiveDate) -> Vec<Finding> {
    let (before, after) = (&old.calendar, &new.calendar);
    let mut findings = Vec::new();
    let mut compare = |field: &'static str, same: bool| {
        if !same {
            findings.push(changed(format!("/{field}"), field));
        }
    };
    compare("code", old.code == new.code);
    compare("time_zone", before.zone.name() == after.zone.name());
    compare("year_starts", before.year_starts == after.year_starts);
    match (&before.seasons, &after.seasons) {
        (SeasonKind::Custom(before), SeasonKind::Custom(after)) => {
            findings.extend(custom_seasons_changed(before, after, today));
        }
        (before, after) => compare("season", before == after),
    }
    findings
}

fn changed(pointer: impl Into<String>, field: &str) -> Finding {
    Finding::new(pointer, ProblemCode::Fixed).with("field", field)
}

fn custom_seasons_changed(before: &[CustomSeason], after: &[CustomSeason], today: NaiveDate) -> Vec<Finding> {
    if after.len() < before.len() {
        return vec![changed("/season/custom", "season")];
    }
    let kept = before.iter().zip(after).enumerate();
    let mut findings: Vec<_> = kept
        .filter(|(_, (before, after))| before != after)
        .map(|(index, _)| changed(format!("/season/custom/{index}"), "season"))
        .collect();
    let added = after.iter().enumerate().skip(before.len());
    findings.extend(added.filter(|(_, season)| season.from <= today).map(|(index, _)| {
        let earliest = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let at = format!("/season/custom/{index}/from");
        Finding::new(at, ProblemCode::TooEarly).with("earliest", earliest)
    }));
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Code;
    use crate::domain::language::Localised;
    use crate::domain::period::{Calendar, YearStart, Zone};
    use crate::domain::programme::Audience;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn season(code: &str, from: &str, until: &str) -> CustomSeason {
        CustomSeason { code: code.to_owned(), from: day(from), until: day(until) }
    }

    fn programme(seasons: SeasonKind) -> Programme {
        Programme {
            code: Code::new("programme").unwrap(),
            name: Localised { en: "Programme".to_owned(), de: "Programm".to_owned() },
            description: None,
            calendar: Calendar {
                zone: Zone::new("Europe/Berlin").unwrap(),
                seasons,
                year_starts: YearStart { month: 1, day: 1 },
            },
            grace_days: 0,
            working_days: [true; 7],
            audience: Audience::default(),
            rules: Vec::new(),
            boosts: Vec::new(),
            badges: Vec::new(),
            tiers: Vec::new(),
            boards: Vec::new(),
            contests: Vec::new(),
        }
    }

    fn found(old: &Programme, new: &Programme) -> Vec<(String, ProblemCode)> {
        let findings = fixed_parts_changed(old, new, day("2026-06-15"));
        findings.into_iter().map(|finding| (finding.pointer, finding.code)).collect()
    }

    #[test]
    fn only_what_is_fixed_counts() {
        let old = programme(SeasonKind::Quarter);
        let free = Programme { grace_days: 9, working_days: [false; 7], ..old.clone() };
        assert_eq!(found(&old, &free), []);
        let calendar = Calendar {
            zone: Zone::new("Europe/Vienna").unwrap(),
            seasons: SeasonKind::Month,
            year_starts: YearStart { month: 4, day: 1 },
        };
        let new = Programme { code: Code::new("other").unwrap(), calendar, ..old.clone() };
        let fields = ["/code", "/time_zone", "/year_starts", "/season"];
        assert_eq!(found(&old, &new), fields.map(|field| (field.to_owned(), ProblemCode::Fixed)));
    }

    #[test]
    fn custom_seasons_may_only_be_added_in_the_future() {
        let spring = || season("spring", "2026-03-01", "2026-06-01");
        let with = |seasons| programme(SeasonKind::Custom(seasons));
        let old = with(vec![spring()]);
        assert_eq!(found(&old, &with(vec![spring(), season("next", "2026-06-16", "2026-07-01")])), []);
        let today = with(vec![spring(), season("now", "2026-06-15", "2026-07-01")]);
        assert_eq!(found(&old, &today), [("/season/custom/1/from".to_owned(), ProblemCode::TooEarly)]);
        let longer = with(vec![season("spring", "2026-03-01", "2026-06-02")]);
        assert_eq!(found(&old, &longer), [("/season/custom/0".to_owned(), ProblemCode::Fixed)]);
        assert_eq!(found(&old, &with(Vec::new())), [("/season/custom".to_owned(), ProblemCode::Fixed)]);
        let quarters = programme(SeasonKind::Quarter);
        assert_eq!(found(&old, &quarters), [("/season".to_owned(), ProblemCode::Fixed)]);
    }
}
