//! Grants: points that a lead or HR gives somebody, and from how many on a second person has a say.

use serde::{Deserialize, Serialize};

use super::organization::GrantPolicy;
use super::points::Points;

/// Characters that a reason or note may have.
pub const REASON_LIMIT: usize = 500;

/// Where a grant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It awaits a second person.
    Requested,
    /// The receiver has the points.
    Granted,
    /// A second person declined it.
    Rejected,
    /// Its granter took it back before it was decided, or one of the two left.
    Cancelled,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Requested, Self::Granted, Self::Rejected, Self::Cancelled];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Granted => "granted",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }
}

/// The month's limit does not reach; this is left of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LimitReached {
    /// Points, not below zero.
    pub left: Points,
}

/// How a grant of `points` begins after its granter has granted, or asked for, `so_far` in the month.
pub fn begun(policy: GrantPolicy, so_far: Points, points: Points) -> Result<State, LimitReached> {
    // The limit may have been lowered since.
    let left = Points(policy.monthly_limit.0.saturating_sub(so_far.0).max(0));
    if points > left {
        return Err(LimitReached { left });
    }
    Ok(if points > policy.second_approval_above { State::Requested } else { State::Granted })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_month_never_exceeds_its_limit(
            limit in 0_i64..100,
            above in 0_i64..100,
            asked in proptest::collection::vec(1_i64..60, 0..20),
        ) {
            let policy = GrantPolicy { monthly_limit: Points(limit), second_approval_above: Points(above) };
            let mut sum = 0;
            for points in asked {
                match begun(policy, Points(sum), Points(points)) {
                    Ok(state) => {
                        sum += points;
                        prop_assert_eq!(state == State::Requested, points > above);
                    }
                    Err(LimitReached { left }) => prop_assert!(left.0 == limit - sum && points > left.0),
                }
                prop_assert!(sum <= limit);
            }
        }
    }

    #[test]
    fn a_limit_that_was_lowered_leaves_nothing() {
        let policy = GrantPolicy { monthly_limit: Points(10), second_approval_above: Points(5) };
        assert_eq!(begun(policy, Points(20), Points(1)), Err(LimitReached { left: Points(0) }));
    }
}
