//! Kudos: who may see one, what it carries, what may come of it, and the month that its allowance and caps belong to
//! (SEMANTICS S39, S40).
//!
//! Knows no ledger: what was given and received so far is told to it.

use serde::{Deserialize, Serialize};

use super::ids::Code;
use super::organization::{Holders, KudosPolicy};
use super::people::Role;
use super::period::{Calendar, Period, SeasonKind, YearStart, Zone};
use super::points::{Overflow, Points};
use super::time::Instant;

/// Characters that a message, a reply or a reason may have.
pub const MESSAGE_LIMIT: usize = 500;
/// Replies that a kudos may have.
pub const MOST_REPLIES: i64 = 100;

/// Who may see a kudos, beside its sender and receivers, the leads of its receivers, and HR.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody.
    #[default]
    Public,
    /// Who is now at home in the team of its sender or of a receiver, or leads it.
    Team,
    /// Nobody else.
    Private,
}

impl Visibility {
    /// Every visibility.
    pub const ALL: [Self; 3] = [Self::Public, Self::Team, Self::Private];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Team => "team",
            Self::Private => "private",
        }
    }
}

/// What became of a kudos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It stands.
    Sent,
    /// Its sender took it back, for good.
    Withdrawn,
    /// A lead or HR removed it, for good.
    Removed,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Sent, Self::Withdrawn, Self::Removed];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Withdrawn => "withdrawn",
            Self::Removed => "removed",
        }
    }
}

/// How somebody shows that they share in a kudos.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reaction {
    /// Clapping hands.
    Applause,
    /// A bottle of champagne.
    Celebrate,
    /// A heart.
    Heart,
    /// A smiling face.
    Smile,
    /// A star.
    Star,
    /// Folded hands.
    Thanks,
}

impl Reaction {
    /// Every reaction, by name.
    pub const ALL: [Self; 6] = [Self::Applause, Self::Celebrate, Self::Heart, Self::Smile, Self::Star, Self::Thanks];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applause => "applause",
            Self::Celebrate => "celebrate",
            Self::Heart => "heart",
            Self::Smile => "smile",
            Self::Star => "star",
            Self::Thanks => "thanks",
        }
    }

    /// The reaction of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reaction| reaction.name() == name)
    }
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// Nobody has decided yet.
    Open,
    /// The kudos was hidden or removed.
    Upheld,
    /// The kudos stays, or is shown again.
    Dismissed,
    /// The sender took the kudos back before anybody had decided.
    Withdrawn,
}

impl Report {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
            Self::Withdrawn => "withdrawn",
        }
    }
}

/// What moderators do with a kudos that stands; the last act holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moderation {
    /// It is hidden, which upholds its reports.
    Hide,
    /// It stays or is shown again, which dismisses its reports.
    Restore,
}

impl Moderation {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hide => "hide",
            Self::Restore => "restore",
        }
    }

    /// What becomes of the reports.
    pub const fn report(self) -> Report {
        match self {
            Self::Hide => Report::Upheld,
            Self::Restore => Report::Dismissed,
        }
    }
}

/// The month of the organisation's zone that holds an instant; its code (`2026-11`) names the allowance. None for
/// instants that no period holds.
pub fn month_at(zone: &Zone, instant: Instant) -> Option<Period> {
    let year_starts = YearStart { month: 1, day: 1 };
    Calendar { zone: zone.clone(), seasons: SeasonKind::Month, year_starts }.season_at(instant)
}

/// How much a policy lets somebody give in a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// Points.
    pub points: Points,
    /// Kudos; as many as one likes without.
    pub kudos: Option<u32>,
}

/// What `policy` lets somebody give who is at home in the first team of `lineage` (the others are those above it) and holds
/// `roles`: by the nearest team that an allowance is for, else by the first listed of their roles, else what everybody may.
pub fn quota(policy: &KudosPolicy, lineage: &[Code], roles: &[Role]) -> Quota {
    let of_team = |code: &Code| {
        policy.allowances.iter().find(|other| matches!(&other.holders, Holders::Team(team) if team == code))
    };
    let of_role = || {
        let holds = |holders: &Holders| matches!(holders, Holders::Role(role) if roles.contains(role));
        policy.allowances.iter().find(|other| holds(&other.holders))
    };
    match lineage.iter().find_map(of_team).or_else(of_role) {
        Some(other) => Quota { points: other.points, kudos: other.kudos },
        None => Quota { points: policy.monthly_allowance, kudos: policy.monthly_kudos },
    }
}

/// What a person may give in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The month's code: `2026-11`.
    pub month: String,
    /// What the policy lets them give.
    pub quota: Quota,
    /// What was issued for it: nothing before its first use.
    pub issued: Points,
    /// What may still be given.
    pub left: Points,
    /// How many kudos may still be sent; as many as one likes without.
    pub kudos_left: Option<u32>,
}

/// What one receiver was given in the month so far, without what was taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SoFar {
    /// By everybody.
    pub received: Points,
    /// By the sender.
    pub from_sender: Points,
}

/// Why a kudos cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// It carries more than is left.
    #[error("{needed} points are needed and {left} are left")]
    Exhausted {
        /// What it would carry.
        needed: Points,
        /// What is left.
        left: Points,
    },
    /// It carries more than can be counted.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// What a kudos of `asked` points for each receiver carries for each of them.
///
/// All or nothing for each receiver: where `asked` would exceed what a monthly cap leaves, the kudos carries none for
/// that receiver. It is refused if what it carries in sum exceeds what is `left` of the allowance.
pub fn carried(policy: &KudosPolicy, left: Points, asked: Points, receivers: &[SoFar]) -> Result<Vec<Points>, Refusal> {
    let within = |so_far: Points, cap: Points| so_far.plus(asked).is_ok_and(|after| after <= cap);
    let carried: Vec<Points> = receivers
        .iter()
        .map(|so_far| {
            let fits = within(so_far.received, policy.monthly_cap_per_receiver)
                && within(so_far.from_sender, policy.monthly_cap_per_pair);
            if fits { asked } else { Points::ZERO }
        })
        .collect();
    let needed = Points::sum(carried.iter().copied())?;
    if needed > left { Err(Refusal::Exhausted { needed, left }) } else { Ok(carried) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::organization::OtherAllowance;

    fn policy(allowance: i64, per_receiver: i64, per_pair: i64) -> KudosPolicy {
        KudosPolicy {
            monthly_allowance: Points(allowance),
            monthly_kudos: None,
            allowances: Vec::new(),
            monthly_cap_per_receiver: Points(per_receiver),
            monthly_cap_per_pair: Points(per_pair),
            grace_seconds: 900,
            most_receivers: 20,
        }
    }

    #[test]
    fn a_cap_drops_the_points_of_that_receiver_alone() {
        let receivers = [
            SoFar { received: Points(190), from_sender: Points(30) },
            SoFar { received: Points(191), from_sender: Points::ZERO },
            SoFar { received: Points(31), from_sender: Points(31) },
        ];
        let given = carried(&policy(100, 200, 40), Points(10), Points(10), &receivers);
        assert_eq!(given, Ok(vec![Points(10), Points::ZERO, Points::ZERO]));
    }

    #[test]
    fn what_is_left_is_compared_with_what_is_carried() {
        let receivers = [SoFar::default(), SoFar::default()];
        let refused = Refusal::Exhausted { needed: Points(20), left: Points(19) };
        assert_eq!(carried(&policy(100, 200, 40), Points(19), Points(10), &receivers), Err(refused));
        assert_eq!(carried(&policy(100, 200, 9), Points::ZERO, Points(10), &receivers), Ok(vec![Points::ZERO; 2]));
    }

    #[test]
    fn the_nearest_team_comes_before_roles_and_roles_before_everybody() {
        let code = |text: &str| Code::new(text).unwrap();
        let other = |holders, points| OtherAllowance { holders, points: Points(points), kudos: Some(7) };
        let policy = KudosPolicy {
            allowances: vec![
                other(Holders::Role(Role::Lead), 1),
                other(Holders::Team(code("site")), 2),
                other(Holders::Team(code("night")), 3),
                other(Holders::Role(Role::Hr), 4),
            ],
            ..policy(100, 200, 40)
        };
        for (lineage, roles, points) in [
            (&["night", "site"][..], &[Role::Lead][..], 3),
            (&["day", "site"], &[Role::Lead], 2),
            (&["sales"], &[Role::Agent, Role::Lead], 1),
            (&["sales"], &[Role::Hr, Role::Lead], 1),
            (&[], &[Role::Hr], 4),
            (&["sales"], &[Role::Agent], 100),
            (&[], &[], 100),
        ] {
            let lineage: Vec<Code> = lineage.iter().map(|team| code(team)).collect();
            let kudos = (points != 100).then_some(7);
            assert_eq!(
                quota(&policy, &lineage, roles),
                Quota { points: Points(points), kudos },
                "{lineage:?} {roles:?}"
            );
        }
    }

    #[test]
    fn a_month_is_that_of_the_zone() {
        let zone = Zone::new("Europe/Berlin").unwrap();
        let month = |instant: &str| month_at(&zone, instant.parse().unwrap()).unwrap().code;
        assert_eq!(month("2026-11-30T22:59:59.999999Z"), "2026-11");
        assert_eq!(month("2026-11-30T23:00:00Z"), "2026-12");
    }

    fn small() -> impl Strategy<Value = i64> {
        prop_oneof![0_i64..60, Just(i64::MAX), Just(i64::MAX / 2)]
    }

    proptest! {
        /// Against the rule in wide numbers, over every size.
        #[test]
        fn each_receiver_gets_all_or_nothing_as_the_caps_leave_it(
            (allowance, per_receiver, per_pair) in (small(), small(), small()),
            (left, asked) in (small(), small()),
            so_far in proptest::collection::vec((small(), small()), 0..6),
        ) {
            let policy = policy(allowance, per_receiver, per_pair);
            let receivers: Vec<SoFar> =
                so_far.iter().map(|(all, pair)| SoFar { received: Points(*all), from_sender: Points(*pair) }).collect();
            let wide = |amount: i64| i128::from(amount);
            let expected: Vec<i64> = so_far
                .iter()
                .map(|(all, pair)| {
                    let beyond = wide(*all) + wide(asked) > wide(per_receiver) || wide(*pair) + wide(asked) > wide(per_pair);
                    if beyond { 0 } else { asked }
                })
                .collect();
            let needed: i128 = expected.iter().copied().map(wide).sum();
            match carried(&policy, Points(left), Points(asked), &receivers) {
                Ok(given) => {
                    prop_assert_eq!(given, expected.into_iter().map(Points).collect::<Vec<_>>());
                    prop_assert!(needed <= wide(left));
                }
                Err(Refusal::Exhausted { needed: said, .. }) => {
                    prop_assert_eq!(wide(said.0), needed);
                    prop_assert!(needed > wide(left));
                }
                Err(Refusal::Overflow(_)) => prop_assert!(needed > wide(i64::MAX)),
            }
        }

        /// Whatever is sent in a month, one after the other: nothing is overdrawn, no cap is exceeded.
        #[test]
        fn a_month_of_kudos_stays_within_allowance_and_caps(
            sent in proptest::collection::vec((0_usize..3, 0_i64..30, proptest::collection::btree_set(0_usize..4, 1..4)), 0..40),
        ) {
            let policy = policy(100, 60, 25);
            let (mut left, mut pairs) = ([100_i64; 3], [[0_i64; 4]; 3]);
            for (sender, asked, to) in sent {
                let received = |to: usize| pairs.iter().map(|row| row[to]).sum::<i64>();
                let so_far: Vec<SoFar> = to
                    .iter()
                    .map(|to| SoFar { received: Points(received(*to)), from_sender: Points(pairs[sender][*to]) })
                    .collect();
                let Ok(given) = carried(&policy, Points(left[sender]), Points(asked), &so_far) else { continue };
                for (to, points) in to.iter().zip(given) {
                    left[sender] -= points.0;
                    pairs[sender][*to] += points.0;
                }
            }
            for to in 0..4 {
                prop_assert!(pairs.iter().map(|row| row[to]).sum::<i64>() <= 60);
            }
            for sender in 0..3 {
                prop_assert!(left[sender] >= 0);
                prop_assert!(pairs[sender].iter().all(|given| *given <= 25));
            }
        }
    }
}
