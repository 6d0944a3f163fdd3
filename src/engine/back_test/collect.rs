//! One fold of a person's season: its awards, what each day gives to the goals of teams, and what limits took.

use std::collections::BTreeMap;

use chrono::NaiveDate;

use crate::domain::ids::{Code, TeamId};
use crate::domain::points::Points;
use crate::domain::programme::goal::{Part, Sums};
use crate::domain::programme::limit::Claim;
use crate::domain::programme::{Programme, Rule};
use crate::domain::signal::Evidence;
use crate::domain::time::Instant;
use crate::engine::fold::{Basis, Fold, FoldError, Outcome};
use crate::engine::team::has_team_goals;
use crate::engine::watch::Watch;

/// What a person gives to the goals of teams in a season.
pub type Given = BTreeMap<(TeamId, (Code, Part, NaiveDate)), Sums>;

/// What a fold comes to.
#[derive(Debug, Default)]
pub struct Collected {
    /// The awards.
    pub outcome: Outcome,
    /// What it gives to the goals of teams.
    pub given: Given,
}

/// Folds signals of the person and season, which are in the order of the fold.
pub fn collect<W: Watch>(basis: Basis<'_>, ordered: &[&Evidence], watch: &mut W) -> Result<Collected, FoldError> {
    let mut collected = Collected::default();
    let Some(newest) = basis.timeline.newest() else { return Ok(collected) };
    let Some(mut fold) = Fold::start(basis, watch) else { return Ok(collected) };
    let zone = &newest.programme.calendar.zone;
    let gives = has_team_goals(basis.timeline);
    let mut today: Option<(NaiveDate, Instant)> = None;
    for signal in ordered {
        let at = signal.content.occurred_at;
        if gives && today.is_none_or(|(_, tomorrow)| tomorrow <= at) {
            // What a day gives is complete when the next one begins, and gone after it has.
            keep(&mut collected.given, today, &fold);
            let day = zone.local(at).0;
            today = Some((day, day.succ_opt().map_or(basis.season.until, |next| zone.start_of(next))));
        }
        fold.take(signal)?;
    }
    keep(&mut collected.given, today, &fold);
    fold.close(basis.season.until)?;
    collected.outcome = fold.outcome;
    Ok(collected)
}

fn keep<W: Watch>(given: &mut Given, today: Option<(NaiveDate, Instant)>, fold: &Fold<'_, W>) {
    let Some((day, _)) = today else { return };
    let lines = fold.given_today().iter();
    given.extend(lines.map(|((code, part, team), sums)| ((*team, (code.clone(), *part, day)), *sums)));
}

/// Which rules' limits took something from one person.
pub(super) struct Limited<'a> {
    from: Instant,
    /// Rules with a limit or cooldown: whether anything was claimed, and whether less was granted.
    rules: Vec<(&'a Rule, bool, bool)>,
}

impl<'a> Limited<'a> {
    pub fn new(draft: &'a Programme, from: Instant) -> Self {
        let limits = |rule: &&Rule| !rule.limits.is_empty() || rule.cooldown.is_some();
        Self { from, rules: draft.rules.iter().filter(limits).map(|rule| (rule, false, false)).collect() }
    }

    /// The rules under which something was claimed, each with whether less was granted.
    pub fn judged(&self) -> impl Iterator<Item = (&'a Code, bool)> {
        self.rules.iter().filter(|(_, claimed, _)| *claimed).map(|(rule, _, cut)| (&rule.code, *cut))
    }
}

impl Watch for Limited<'_> {
    fn granted(&mut self, rule: &Rule, claim: &Claim<'_>, granted: Option<Points>) {
        if claim.at < self.from || (claim.points == Points::ZERO && !claim.badge) {
            return;
        }
        // Rules of other versions are not the draft's.
        if let Some((_, claimed, cut)) = self.rules.iter_mut().find(|(own, ..)| std::ptr::eq(*own, rule)) {
            *claimed = true;
            *cut |= granted.is_none_or(|granted| granted < claim.points);
        }
    }
}
