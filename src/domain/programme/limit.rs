//! How often and how much at most: what the limits and the cooldown of one rule leave of what it would grant.
//!
//! Counts run on by rule code through a season, whichever version's numbers apply (SEMANTICS S29). Knows no signal
//! and no calendar: it is told when a signal happened and when the periods around it end.

use std::collections::{BTreeMap, HashMap};

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

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

/// By what any version of a rule limits: only that is counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Kept {
    /// Kinds of period.
    pub pers: Vec<Per>,
    /// Whether by case.
    pub cases: bool,
    /// Whether by a cooldown.
    pub cooldown: bool,
}

impl Kept {
    /// Notes what another version of the rule limits by.
    pub fn also(&mut self, rule: &Rule) {
        for limit in &rule.limits {
            match limit.per {
                LimitPer::Case => self.cases = true,
                // In one order, whatever that of the versions: kept states go by it.
                LimitPer::Period(per) => {
                    let place = self.pers.binary_search(&per);
                    place.map_or_else(|place| self.pers.insert(place, per), drop);
                }
            }
        }
        self.cooldown |= rule.cooldown.is_some();
    }
}

/// What one rule code has granted so far in a season, by everything that any of its versions limits by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    windows: Vec<Window>,
    /// Of rules that limit by case.
    cases: Option<Cases>,
    /// Of rules with a cooldown.
    last_award: Option<Instant>,
    cools: bool,
}

/// The current period of one kind, and what was granted in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Window {
    per: Per,
    until: Instant,
    used: Used,
}

/// What was granted by case: until yesterday, and, where it changed, until now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Cases {
    before: HashMap<String, Used>,
    today: BTreeMap<String, Used>,
}

/// What was granted in a period or for a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(from = "(u32, Points)", into = "(u32, Points)")]
pub struct Used {
    /// Awards.
    pub times: u32,
    /// Their points.
    pub points: Points,
}

impl From<(u32, Points)> for Used {
    fn from((times, points): (u32, Points)) -> Self {
        Self { times, points }
    }
}

impl From<Used> for (u32, Points) {
    fn from(used: Used) -> Self {
        (used.times, used.points)
    }
}

/// A [`Tally`] as it stood at the end of a day, in short; what was granted by case is kept beside it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SavedTally {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    used: Vec<Used>,
    #[serde(default, skip_serializing_if = "Option::is_none", with = "chrono::serde::ts_microseconds_option")]
    last: Option<Instant>,
}

impl SavedTally {
    /// Whether nothing was granted.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Tally {
    /// Nothing granted yet since `from`, the first instant of the season. A limit by something that is not `kept` is
    /// not counted.
    pub fn new(kept: &Kept, from: Instant) -> Self {
        let window = |per: &Per| Window { per: *per, until: from, used: Used::default() };
        Self {
            windows: kept.pers.iter().map(window).collect(),
            cases: kept.cases.then(Cases::default),
            last_award: None,
            cools: kept.cooldown,
        }
    }

    /// Begins a day. `end_of` tells when the period of a kind that holds it ends: where that has changed, counting
    /// starts anew.
    pub fn begin_day(&mut self, end_of: impl Fn(Per) -> Option<Instant>) {
        for window in &mut self.windows {
            if let Some(until) = end_of(window.per).filter(|until| *until != window.until) {
                *window = Window { per: window.per, until, used: Used::default() };
            }
        }
        if let Some(Cases { before, today }) = &mut self.cases {
            before.extend(std::mem::take(today));
        }
    }

    /// How it stands, for the end of a day.
    pub fn saved(&self) -> SavedTally {
        let used: Vec<Used> = self.windows.iter().map(|window| window.used).collect();
        let nothing = used.iter().all(|used| *used == Used::default());
        SavedTally { used: if nothing { Vec::new() } else { used }, last: self.last_award }
    }

    /// What was granted today by case, counted from the season's start.
    pub fn cases_of_today(&self) -> Option<&BTreeMap<String, Used>> {
        self.cases.as_ref().map(|cases| &cases.today)
    }

    /// Goes on from the end of a day of the periods that it stands in.
    pub fn restore(&mut self, saved: SavedTally) {
        for (window, used) in self.windows.iter_mut().zip(saved.used) {
            window.used = used;
        }
        self.last_award = saved.last;
    }

    /// Takes note of what was granted before for cases that have not come up since.
    pub fn learn_cases(&mut self, granted: HashMap<String, Used>) {
        if let Some(cases) = &mut self.cases {
            cases.before.extend(granted);
        }
    }

    /// The points that the limits and the cooldown of `rule` leave of a claim, which is then counted; none if it is no
    /// award (SEMANTICS S21).
    pub fn grant(&mut self, rule: &Rule, claim: &Claim) -> Result<Option<Points>, Overflow> {
        if self.cools_until(rule.cooldown).is_some_and(|end| claim.at < end) {
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

    /// When the cooldown after the last award ends: from then on, inclusive, the next may come.
    pub fn cools_until(&self, cooldown: Option<TimeDelta>) -> Option<Instant> {
        self.last_award?.checked_add_signed(cooldown?)
    }

    /// When the current period of a kind ends; none of kinds that are not counted.
    pub fn window_end(&self, per: Per) -> Option<Instant> {
        self.windows.iter().find(|window| window.per == per).map(|window| window.until)
    }

    /// What was granted in the period or case of a claim; none where the claim is not limited.
    pub fn used(&self, per: LimitPer, case: Option<&str>) -> Option<Used> {
        match per {
            LimitPer::Period(per) => self.windows.iter().find(|window| window.per == per).map(|window| window.used),
            LimitPer::Case => {
                let (cases, case) = (self.cases.as_ref()?, case?);
                Some(cases.today.get(case).or_else(|| cases.before.get(case)).copied().unwrap_or_default())
            }
        }
    }

    fn count(&mut self, claim: &Claim, points: Points) -> Result<(), Overflow> {
        if self.cools {
            self.last_award = Some(claim.at);
        }
        for window in &mut self.windows {
            window.used.add(points)?;
        }
        if let Some((case, Cases { before, today })) = claim.case.zip(self.cases.as_mut()) {
            let mut used = today.get(case).or_else(|| before.get(case)).copied().unwrap_or_default();
            used.add(points)?;
            today.insert(case.to_owned(), used);
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

    fn kept(pers: &[Per]) -> Kept {
        Kept { pers: pers.to_vec(), cases: true, cooldown: false }
    }

    fn claim(points: i64) -> Claim<'static> {
        Claim { at: second(0), case: None, points: Points(points), badge: false }
    }

    #[test]
    fn what_was_granted_without_limit_counts_against_a_later_one() {
        let mut tally = Tally::new(&kept(&[Per::Day]), second(0));
        let limited = |most| rule(&[(DAY, LimitMost::Points(Points(most)))]);
        assert_eq!(tally.grant(&rule(&[]), &claim(30)), Ok(Some(Points(30))));
        assert_eq!(tally.grant(&limited(20), &claim(5)), Ok(None), "a limit below what was granted leaves nothing");
        assert_eq!(tally.grant(&limited(32), &claim(5)), Ok(Some(Points(2))));
    }

    #[test]
    fn counting_starts_anew_only_where_a_period_has_ended() {
        let week = LimitPer::Period(Per::Week);
        let mut tally = Tally::new(&kept(&[Per::Day, Per::Week]), second(0));
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
        let mut tally = Tally::new(&kept(&[Per::Day]), second(0));
        assert!(tally.grant(&rule(&[]), &claim(i64::MAX)).is_ok());
        assert_eq!(tally.grant(&rule(&[]), &claim(1)), Err(Overflow));
    }
}
