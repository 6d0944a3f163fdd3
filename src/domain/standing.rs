//! Standings: what a subject's points come to on a board, and which tier they reach.
//!
//! Knows points, days and tiers; not where they are kept, nor who is compared with whom.

use chrono::TimeDelta;

use super::decimal::Decimal4;
use super::period::{DaySpan, Zone};
use super::points::Points;
use super::programme::Tier;
use super::time::Interval;

/// The members' points per member: `points × days ÷ member_days`, rounded half away from zero to four places
/// (SEMANTICS S44). None without a member, or out of range.
pub fn mean_per_member(points: Points, member_days: i64, days: i64) -> Option<Decimal4> {
    let (points, members) = (i128::from(points.0), i128::from(member_days));
    if members <= 0 {
        return None;
    }
    let scaled = points.checked_mul(i128::from(days))?.checked_mul(i128::from(Decimal4::ONE))?;
    let half = if scaled < 0 { -members } else { members };
    let rounded = scaled.checked_mul(2)?.checked_add(half)? / members.checked_mul(2)?;
    i64::try_from(rounded).ok().map(Decimal4::from_raw)
}

/// On how many of the days of `span` one person was a member of one team, by their memberships there, oldest first and
/// without overlap. A local day counts once if they were a member at any instant of it.
pub fn member_days(zone: &Zone, memberships: &[Interval], span: DaySpan) -> i64 {
    let (mut days, mut uncounted) = (0, span.first);
    for membership in memberships {
        let first = membership.from.map_or(span.first, |from| zone.local(from).0).max(uncounted);
        let last = membership.until.map(|until| zone.local(until - TimeDelta::microseconds(1)).0);
        let until = last.and_then(|last| last.succ_opt()).map_or(span.until, |until| until.min(span.until));
        days += zone.days_between(first, until);
        uncounted = uncounted.max(until);
    }
    days
}

/// Where points stand among tiers.
#[derive(Debug, Clone, Copy)]
pub struct TierStanding<'a> {
    /// The highest tier reached; none below the lowest (SEMANTICS S11).
    pub reached: Option<&'a Tier>,
    /// The next one, and the points that are missing to it.
    pub next: Option<(&'a Tier, Points)>,
}

/// Where `points` stand among `tiers`, which ascend.
pub fn tier_standing(tiers: &[Tier], points: Points) -> TierStanding<'_> {
    let next = tiers.iter().find(|tier| tier.at > points);
    TierStanding {
        reached: tiers.iter().rev().find(|tier| tier.at <= points),
        next: next.and_then(|tier| Some((tier, tier.at.minus(points).ok()?))),
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use proptest::prelude::*;

    use super::*;
    use crate::domain::ids::Code;
    use crate::domain::language::Localised;
    use crate::domain::time::Instant;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn instant(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn a_mean_is_rounded_half_away_from_zero() {
        let mean = |points, member_days, days| mean_per_member(Points(points), member_days, days).map(Decimal4::raw);
        assert_eq!(mean(100, 20, 10), Some(500_000), "two members all the time share 100");
        assert_eq!(mean(100, 15, 10), Some(666_667), "one and a half members");
        assert_eq!(mean(1, 3, 1), Some(3_333));
        assert_eq!(mean(1, 20_000, 1), Some(1), "half of the last place goes up");
        assert_eq!(mean(-1, 20_000, 1), Some(-1));
        assert_eq!(mean(1, 20_001, 1), Some(0));
        assert_eq!(mean(0, 7, 3), Some(0));
        assert_eq!(mean(5, 0, 3), None, "nobody");
        assert_eq!(mean(i64::MAX, 1, i64::MAX), None, "out of range");
    }

    #[test]
    fn a_day_counts_once_in_local_time() {
        let zone = Zone::new("Europe/Berlin").unwrap();
        let span = DaySpan { first: day("2026-11-01"), until: day("2026-11-11") };
        let between = |from: &str, until: &str| Interval { from: Some(instant(from)), until: Some(instant(until)) };
        let days = |memberships: &[Interval]| member_days(&zone, memberships, span);
        let open = Interval { from: Some(instant("2010-01-01T00:00:00Z")), until: None };
        assert_eq!(days(&[]), 0);
        assert_eq!(days(&[open]), 10);
        // Midnight in Berlin is 23:00 in UTC: up to it, the day after is not begun.
        assert_eq!(days(&[between("2010-01-01T00:00:00Z", "2026-11-04T23:00:00Z")]), 4);
        assert_eq!(days(&[between("2010-01-01T00:00:00Z", "2026-11-04T23:00:01Z")]), 5);
        assert_eq!(days(&[between("2026-11-04T22:59:59Z", "2030-01-01T00:00:00Z")]), 7);
        // Left at noon, came back in the evening: one day.
        let (morning, evening) = (
            between("2026-11-03T06:00:00Z", "2026-11-03T11:00:00Z"),
            between("2026-11-03T17:00:00Z", "2026-11-05T17:00:00Z"),
        );
        assert_eq!(days(&[morning, evening]), 3);
        assert_eq!(days(&[between("2026-12-01T00:00:00Z", "2026-12-05T00:00:00Z")]), 0);
        assert_eq!(days(&[between("2026-09-01T00:00:00Z", "2026-09-05T00:00:00Z"), open]), 10);
    }

    proptest! {
        #[test]
        fn member_days_equal_a_count_of_hours(cuts in prop::collection::btree_set(0_i64..(14 * 24), 0..8)) {
            let zone = Zone::new("America/Santiago").unwrap();
            let span = DaySpan { first: day("2026-04-01"), until: day("2026-04-10") };
            let hour = |n: i64| instant("2026-03-30T03:30:00Z") + TimeDelta::hours(n);
            let cuts: Vec<i64> = cuts.into_iter().collect();
            let pairs: Vec<(i64, i64)> = cuts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect();
            let memberships: Vec<Interval> = pairs
                .iter()
                .map(|(from, until)| Interval { from: Some(hour(*from)), until: Some(hour(*until)) })
                .collect();
            // Hours start at half past, days at full hours: each hour is looked at at its start and just before its end.
            let member_at: std::collections::BTreeSet<NaiveDate> = pairs
                .iter()
                .flat_map(|(from, until)| *from..*until)
                .flat_map(|n| [hour(n), hour(n + 1) - TimeDelta::microseconds(1)])
                .map(|at| zone.local(at).0)
                .filter(|day| span.contains(*day))
                .collect();
            prop_assert_eq!(member_days(&zone, &memberships, span), member_at.len() as i64);
        }
    }

    #[test]
    fn a_tier_is_reached_at_its_bound() {
        let tier = |code: &str, at| Tier {
            code: Code::new(code).unwrap(),
            name: Localised { en: code.to_owned(), de: code.to_owned() },
            at: Points(at),
            badge: None,
            reward: None,
        };
        let tiers = [tier("bronze", 500), tier("silver", 1500)];
        let standing = |points| {
            let standing = tier_standing(&tiers, Points(points));
            let next = standing.next.map(|(tier, missing)| (tier.code.to_string(), missing.0));
            (standing.reached.map(|tier| tier.code.to_string()), next)
        };
        let (bronze, silver) = ("bronze".to_owned(), "silver".to_owned());
        assert_eq!(standing(0), (None, Some((bronze.clone(), 500))));
        assert_eq!(standing(499), (None, Some((bronze.clone(), 1))));
        assert_eq!(standing(500), (Some(bronze.clone()), Some((silver.clone(), 1000))));
        assert_eq!(standing(1499), (Some(bronze), Some((silver.clone(), 1))));
        assert_eq!(standing(1500), (Some(silver), None));
    }
}
