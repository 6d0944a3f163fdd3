//! How often and how much at most: what the limits and the cooldown of one rule leave of what it would grant.
//!
//! Counts run on by rule code through a season, whichever version's numbers apply (SEMANTICS S29). Knows no signal
//! and no calendar: it is told when a signal happened and when the periods around it end.

use std::collections::HashMap;

use chrono::TimeDelta;

use super::{LimitMost, LimitPer, Rule};
use crate::domain::period::Per;
use crate::domain::points::{Overflow, Points};
use crate::domain::time::Instant;

/// What a rule would grant for one cause, before its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Claim<'a> {
    /// The instant of the cause.
    pub at: Instant,
    /// The case of the signal, if it has one.
    pub case: Option<&'a str>,
    /// Points, rounded.
    pub points: Points,
    /// Whether a badge comes with them.
    pub badge: bool,
}

/// What one rule code has granted so far in a season, by everything that any of its versions limits by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    windows: Vec<Window>,
    /// By case, of rules that limit by case.
    cases: Option<HashMap<String, Used>>,
    last_award: Option<Instant>,
}

/// The current period of one kind, and what was granted in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    per: Per,
    until: Instant,
    used: Used,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Used {
    times: u32,
    points: Points,
}

impl Tally {
    /// Nothing granted yet since `from`, the first instant of the season. `pers` is what any version of the rule limits
    /// by; a limit by something else is not kept.
    pub fn new(pers: impl IntoIterator<Item = LimitPer>, from: Instant) -> Self {
        let mut tally = Self { windows: Vec::new(), cases: None, last_award: None };
        for per in pers {
            match per {
                LimitPer::Case => tally.cases = Some(HashMap::new()),
                LimitPer::Period(per) if tally.windows.iter().any(|window| window.per == per) => {}
                LimitPer::Period(per) => tally.windows.push(Window { per, until: from, used: Used::default() }),
            }
        }
        tally
    }

    /// Begins a day. `end_of` tells when the period of a kind that holds it ends: where that has changed, counting
    /// starts anew.
    pub fn begin_day(&mut self, end_of: impl Fn(Per) -> Option<Instant>) {
        for window in &mut self.windows {
            if let Some(until) = end_of(window.per).filter(|until| *until != window.until) {
                *window = Window { per: window.per, until, used: Used::default() };
            }
        }
    }

    /// The points that the limits and the cooldown of `rule` leave of a claim, which is then counted; none if it is no
    /// award (SEMANTICS S21).
    pub fn grant(&mut self, rule: &Rule, claim: &Claim) -> Result<Option<Points>, Overflow> {
        if self.cools_down(rule.cooldown, claim.at) {
            return Ok(None);
        }
        let mut points = claim.points;
        for limit in &rule.limits {
            let Some(used) = self.used(limit.per, claim.case) else { continue };
            match limit.most {
                LimitMost::Times(most) if used.times >= most => return Ok(None),
                LimitMost::Times(_) => {}
                LimitMost::Points(most) => points = points.min(most.minus(used.points)?.max(Points::ZERO)),
            }
        }
        if points == Points::ZERO && !claim.badge {
            return Ok(None);
        }
        self.count(claim, points)?;
        Ok(Some(points))
    }

    /// At the end of the cooldown, inclusive, the next award may come.
    fn cools_down(&self, cooldown: Option<TimeDelta>, at: Instant) -> bool {
        match (self.last_award, cooldown) {
            (Some(last), Some(cooldown)) => at.signed_duration_since(last) < cooldown,
            _ => false,
        }
    }

    /// What was granted in the period or case of a claim; none where the claim is not limited.
    fn used(&self, per: LimitPer, case: Option<&str>) -> Option<Used> {
        match per {
            LimitPer::Period(per) => self.windows.iter().find(|window| window.per == per).map(|window| window.used),
            LimitPer::Case => {
                let (cases, case) = (self.cases.as_ref()?, case?);
                Some(cases.get(case).copied().unwrap_or_default())
            }
        }
    }

    fn count(&mut self, claim: &Claim, points: Points) -> Result<(), Overflow> {
        self.last_award = Some(claim.at);
        for window in &mut self.windows {
            window.used.add(points)?;
        }
        if let (Some(cases), Some(case)) = (&mut self.cases, claim.case) {
            match cases.get_mut(case) {
                Some(used) => used.add(points)?,
                None => {
                    cases.insert(case.to_owned(), Used { times: 1, points });
                }
            }
        }
        Ok(())
    }
}

impl Used {
    fn add(&mut self, points: Points) -> Result<(), Overflow> {
        self.times = self.times.saturating_add(1);
        self.points = self.points.plus(points)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ids::Code;
    use crate::domain::language::Localised;
    use crate::domain::programme::{AwardTerms, Limit, Pattern};

    const DAY: LimitPer = LimitPer::Period(Per::Day);

    fn second(n: i64) -> Instant {
        chrono::DateTime::from_timestamp(n, 0).unwrap()
    }

    fn rule(limits: &[(LimitPer, LimitMost)]) -> Rule {
        Rule {
            code: Code::new("r").unwrap(),
            name: Localised { en: "R".into(), de: "R".into() },
            description: None,
            on: vec![],
            when: None,
            pattern: Pattern::Each,
            award: AwardTerms { points: None, badge: None },
            limits: limits.iter().map(|&(per, most)| Limit { per, most }).collect(),
            cooldown: None,
            guard: None,
        }
    }

    fn claim(points: i64) -> Claim<'static> {
        Claim { at: second(0), case: None, points: Points(points), badge: false }
    }

    #[test]
    fn what_was_granted_without_limit_counts_against_a_later_one() {
        let mut tally = Tally::new([DAY, LimitPer::Case], second(0));
        let limited = |most| rule(&[(DAY, LimitMost::Points(Points(most)))]);
        assert_eq!(tally.grant(&rule(&[]), &claim(30)), Ok(Some(Points(30))));
        assert_eq!(tally.grant(&limited(20), &claim(5)), Ok(None), "a limit below what was granted leaves nothing");
        assert_eq!(tally.grant(&limited(32), &claim(5)), Ok(Some(Points(2))));
    }

    #[test]
    fn counting_starts_anew_only_where_a_period_has_ended() {
        let week = LimitPer::Period(Per::Week);
        let mut tally = Tally::new([DAY, week], second(0));
        let once = |per| rule(&[(per, LimitMost::Times(1))]);
        let ends = |day, week| move |per| Some(second(if per == Per::Day { day } else { week }));
        tally.begin_day(ends(10, 70));
        assert_eq!(tally.grant(&rule(&[]), &claim(1)), Ok(Some(Points(1))));
        tally.begin_day(ends(20, 70));
        assert_eq!(tally.grant(&once(week), &claim(1)), Ok(None));
        assert_eq!(tally.grant(&once(DAY), &claim(1)), Ok(Some(Points(1))));
        assert_eq!(tally.grant(&once(DAY), &claim(1)), Ok(None));
    }

    #[test]
    fn a_sum_beyond_64_bits_is_an_error() {
        let mut tally = Tally::new([DAY], second(0));
        assert!(tally.grant(&rule(&[]), &claim(i64::MAX)).is_ok());
        assert_eq!(tally.grant(&rule(&[]), &claim(1)), Err(Overflow));
    }
}
