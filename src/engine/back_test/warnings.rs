//! What a draft's author should look at: rules without effect, limits that most run into, goals and tiers of nobody or all.

use super::BackTest;
use crate::domain::ids::{Code, Subject};
use crate::domain::period::Period;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, ProblemCode};
use crate::domain::programme::goal::Part;
use crate::domain::programme::{Pattern, Rule, TeamPayee, Tier};
use crate::engine::back_test::RuleTotals;
use crate::engine::fold::FoldError;

/// From how many subjects on "all" says something.
const FEW: u64 = 2;
/// A tier that more than nine of ten reach tells nobody apart.
const NEARLY_ALL: (u64, u64) = (9, 10);
/// The most warnings.
const MOST: usize = 200;

impl BackTest<'_> {
    /// What should be looked at, each with its place in the draft's document.
    pub(super) fn warnings(&self) -> Result<Vec<Finding>, FoldError> {
        let mut findings = self.unseen.findings((self.question.days.first, self.question.days.until));
        let awarded = self.sides.draft.tally.rules();
        for (index, rule) in self.draft.programme.rules.iter().enumerate() {
            let totals = awarded.get(&rule.code).copied().unwrap_or_default();
            let at = format!("/rules/{index}");
            findings.extend(self.of_effect(rule, totals, &at)?);
            findings.extend(self.of_limits(&rule.code, &at));
        }
        for season in &self.seasons {
            findings.extend(self.of_tiers(season));
        }
        findings.truncate(MOST);
        Ok(findings)
    }

    fn of_effect(&self, rule: &Rule, totals: RuleTotals, at: &str) -> Result<Option<Finding>, FoldError> {
        let nothing = totals.awards == 0 && totals.pending_awards == 0;
        let of = match &rule.pattern {
            Pattern::Goal(_) | Pattern::TeamGoal(_, TeamPayee::Members { .. }) => self.participants(),
            Pattern::TeamGoal(_, TeamPayee::Team) => self.contributing_teams(),
            Pattern::Each | Pattern::Streak(_) | Pattern::DayStreak(_) => {
                let finding = Finding::new(at, ProblemCode::NeverAwarded).with("rule", &rule.code);
                return Ok(nothing.then_some(finding));
            }
        };
        if self.periods(rule, Part::Goal)?.decided == 0 {
            return Ok(None);
        }
        let code = match (nothing, totals.subjects >= of && of >= FEW) {
            (true, _) => ProblemCode::GoalNeverReached,
            (false, true) => ProblemCode::GoalReachedByAll,
            (false, false) => return Ok(None),
        };
        Ok(Some(Finding::new(format!("{at}/goal"), code).with("rule", &rule.code).with("of", of)))
    }

    fn of_limits(&self, rule: &Code, at: &str) -> Option<Finding> {
        let (earned, cut) = self.found.limited.get(rule).copied()?;
        let finding = Finding::new(at, ProblemCode::LimitBinds).with("rule", rule);
        (cut.saturating_mul(2) > earned).then(|| finding.with("people", cut).with("of", earned))
    }

    /// Of a season that is over and lies in the range as a whole, if its tiers are the draft's.
    fn of_tiers(&self, season: &Period) -> Vec<Finding> {
        let over = self.is_whole(season) && season.until <= self.sides.draft.as_of;
        let own = super::report::tiers(self.question.draft, season)
            .filter(|(version, _)| over && version.version == self.draft.version);
        let Some((_, tiers)) = own else { return Vec::new() };
        let of = self.participants();
        let finding = |(index, tier): (usize, &Tier)| {
            let people = self.reached(season, tier.at);
            let code = match people {
                0 => ProblemCode::TierNeverReached,
                _ if of >= FEW && people * NEARLY_ALL.1 > of * NEARLY_ALL.0 => ProblemCode::TierReachedByAll,
                _ => return None,
            };
            let finding = Finding::new(format!("/tiers/{index}"), code).with("tier", &tier.code);
            Some(finding.with("season", &season.code).with("people", people).with("of", of))
        };
        tiers.iter().enumerate().filter_map(finding).collect()
    }

    /// How many people have so many points in a season with the draft.
    fn reached(&self, season: &Period, at: Points) -> u64 {
        let index = self.seasons.iter().position(|one| one == season);
        let has = |(subject, earned): &(&Subject, &super::tally::Earned)| {
            let points = index.and_then(|index| earned.seasons.get(&index));
            matches!(subject, Subject::Person(_)) && points.is_some_and(|points| *points >= at)
        };
        u64::try_from(self.sides.draft.tally.earned.iter().filter(has).count()).unwrap_or(u64::MAX)
    }

    fn participants(&self) -> u64 {
        u64::try_from(self.found.participants.len()).unwrap_or(u64::MAX)
    }

    fn contributing_teams(&self) -> u64 {
        let teams: std::collections::BTreeSet<_> = self.sides.draft.given.keys().map(|(_, team)| *team).collect();
        u64::try_from(teams.len()).unwrap_or(u64::MAX)
    }
}
