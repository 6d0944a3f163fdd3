//! How many people were in a group at once.

use std::collections::BTreeMap;

use crate::domain::time::{Instant, Interval, Window};

/// The fewest people of whom there was anybody at one moment of a window, by when each was there; 0 if nobody was.
///
/// Numbers of several periods can be taken from one another. If three were there in all, but one of them only on the first
/// day, the number of the month without that of the first day is about two. It is about no fewer than were there at once.
pub fn fewest_at_once(stays: &[Interval], window: Window) -> usize {
    let mut moves: BTreeMap<Instant, i64> = BTreeMap::new();
    for stay in stays {
        let from = stay.from.map_or(window.from, |from| from.max(window.from));
        let until = stay.until.map_or(window.until, |until| until.min(window.until));
        if from < until {
            *moves.entry(from).or_default() += 1;
            *moves.entry(until).or_default() -= 1;
        }
    }
    let mut there = 0_i64;
    let counts = moves.values().map(|change| {
        there += change;
        there
    });
    counts.filter(|count| *count > 0).min().and_then(|count| usize::try_from(count).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};
    use proptest::prelude::*;

    use super::*;

    fn hour(hour: i64) -> Instant {
        DateTime::UNIX_EPOCH + TimeDelta::hours(hour)
    }

    /// From hour to hour; at the edges of the day without an end.
    fn stay((from, until): (i64, i64)) -> Interval {
        Interval { from: (from > 0).then(|| hour(from)), until: (until < 24).then(|| hour(until)) }
    }

    fn at_once(stays: &[(i64, i64)]) -> usize {
        let stays: Vec<Interval> = stays.iter().copied().map(stay).collect();
        fewest_at_once(&stays, Window { from: hour(6), until: hour(18) })
    }

    #[test]
    fn one_who_comes_as_another_goes_takes_their_place() {
        assert_eq!(at_once(&[(0, 24), (0, 12), (12, 24)]), 2);
        assert_eq!(at_once(&[(0, 24), (0, 12), (13, 24)]), 1);
        assert_eq!(at_once(&[(0, 12), (0, 12), (14, 24), (14, 24)]), 2, "when nobody is there, nobody is given away");
        assert_eq!(at_once(&[(0, 6), (18, 24)]), 0);
        assert_eq!(at_once(&[]), 0);
    }

    proptest! {
        #[test]
        fn it_is_the_least_of_all_hours(stays in prop::collection::vec((0..24_i64, 0..=24_i64), 0..8)) {
            let there = |hour: &i64| stays.iter().filter(|(from, until)| from <= hour && hour < until).count();
            let expected = (6..18).map(|hour| there(&hour)).filter(|count| *count > 0).min().unwrap_or(0);
            prop_assert_eq!(at_once(&stays), expected);
        }
    }
}
