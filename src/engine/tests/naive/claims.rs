//! What limits, cooldown and boosts leave of what a rule claims (S21): all is counted anew for every claim.

use chrono::{NaiveDate, TimeDelta};

use super::points::{Fraction, of_signal};
use super::{Fault, Made, Model, Selected};
use crate::domain::award::{Award, AwardKey, Cause, Content};
use crate::domain::decimal::Decimal4;
use crate::domain::ids::Subject;
use crate::domain::points::Points;
use crate::domain::programme::{LimitMost, LimitPer};
use crate::domain::time::Instant;

/// What a rule would award for a signal.
pub struct Claim<'w> {
    pub selected: Selected<'w>,
    pub cause: Cause,
    pub at: Instant,
}

impl<'w> Model<'w> {
    /// Each selected signal claims (S7).
    pub(super) fn each(self, selected: &[Selected<'w>]) -> Vec<Claim<'w>> {
        let claim = |one: &Selected<'w>| Claim {
            cause: Cause::Signal(one.seen.evidence.id),
            at: one.seen.at(),
            selected: one.clone(),
        };
        selected.iter().map(claim).collect()
    }

    /// What of the claims of one rule is awarded, in their order.
    pub(super) fn granted(self, claims: Vec<Claim<'w>>) -> Vec<Made<'w>> {
        let mut made: Vec<Made<'w>> = Vec::new();
        for claim in claims {
            if let Some(content) = self.judge(&made, &claim) {
                let (seen, rule) = (&claim.selected.seen, claim.selected.rule);
                let subject = Subject::Person(seen.agent.person);
                let key = AwardKey { rule: rule.code.clone(), subject, cause: claim.cause };
                made.push(Made {
                    award: Award { key, content },
                    day: seen.local.day,
                    case: seen.evidence.content.case.clone(),
                    version: seen.version,
                    rule,
                });
            }
        }
        made.retain(|one| one.award.content.points > Points::ZERO || one.award.content.badge.is_some());
        made
    }

    fn judge(self, made: &[Made<'w>], claim: &Claim<'w>) -> Option<Content> {
        let (Selected { seen, rule }, fault) = (&claim.selected, self.fault);
        let version = seen.version.version;
        let mut earlier: Vec<&Made<'_>> = made.iter().collect();
        earlier.retain(|one| fault != Fault::CountsByVersion || one.version.version == version);
        earlier.retain(|one| fault != Fault::PendingIsFree || one.rule.guard.is_none());
        if let Some(cooldown) = rule.cooldown {
            let more = if fault == Fault::CooldownExclusive { TimeDelta::microseconds(1) } else { TimeDelta::zero() };
            if earlier.iter().any(|one| claim.at < one.award.content.at + cooldown + more) {
                return None;
            }
        }
        let mut points = self.boosted(claim).0;
        let mut badge = rule.award.badge.clone();
        for limit in &rule.limits {
            let case = &seen.evidence.content.case;
            if limit.per == LimitPer::Case && case.is_none() && fault != Fault::NoCaseIsACase {
                continue;
            }
            let mut same = earlier.clone();
            same.retain(|one| match limit.per {
                LimitPer::Case => one.case == *case,
                LimitPer::Period(per) => self.period(per, one.day) == self.period(per, seen.local.day),
            });
            match limit.most {
                LimitMost::Times(most) => {
                    let most = most as usize + usize::from(fault == Fault::TimesOffByOne);
                    if same.len() >= most {
                        return None;
                    }
                }
                LimitMost::Points(most) => {
                    let used: i64 = same.iter().map(|one| one.award.content.points.0).sum();
                    let left = (most.0 - used + i64::from(fault == Fault::PointsOffByOne)).max(0);
                    if left == 0 && fault == Fault::BadgeWithheld {
                        badge = None;
                    }
                    points = points.min(left);
                }
            }
        }
        let nothing = points == 0 && badge.is_none() && fault != Fault::NothingCounts;
        (!nothing).then_some(Content { points: Points(points), badge, at: claim.at, version })
    }

    /// The formula's points times the largest boost in force, rounded once.
    fn boosted(self, claim: &Claim<'w>) -> Points {
        let Selected { seen, rule } = &claim.selected;
        let formula = rule.award.points.as_ref();
        let exact = formula.map_or(Fraction(0, 1), |formula| of_signal(formula, &seen.evidence.content));
        let exact = if self.fault == Fault::RoundedTwice { Fraction(exact.rounded().0.into(), 1) } else { exact };
        let factors = self.boosts(claim, seen.local.day);
        let factor = match self.fault {
            Fault::SmallestBoost => factors.iter().min(),
            _ => factors.iter().max(),
        };
        factor.map_or(exact, |factor| exact.times(*factor)).rounded()
    }

    /// The factors of all boosts in force on a day (S26).
    fn boosts(self, claim: &Claim<'w>, day: NaiveDate) -> Vec<Decimal4> {
        let Selected { seen, rule } = &claim.selected;
        let mut boosts: Vec<_> = seen.version.programme.boosts.iter().collect();
        boosts.retain(|boost| {
            let late = self.fault == Fault::BoostInclusive && day == boost.until;
            boost.from <= day && (day < boost.until || late)
        });
        boosts.retain(|boost| boost.rules.contains(&rule.code));
        boosts.retain(|boost| boost.when.as_ref().is_none_or(|when| seen.meets(when)));
        boosts.iter().map(|boost| boost.factor).collect()
    }
}
