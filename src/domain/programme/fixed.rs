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
