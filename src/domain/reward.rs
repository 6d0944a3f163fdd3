//! Rewards: what the catalogue offers, at which cost, to whom (DESIGN section 6). Knows no stock and no ledger.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::Code;
use super::language::Localised;
use super::money::Money;
use super::points::Points;

/// What a reward is, and so what payroll makes of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RewardKind {
    /// A voucher for goods: a benefit in kind.
    GiftCard,
    /// Money, paid with the wages.
    Bonus,
    /// Time off.
    DayOff,
    /// A document.
    Certificate,
    /// A word of thanks.
    Praise,
    /// Anything else: a benefit in kind if it is worth money.
    Other,
}

impl RewardKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::GiftCard, Self::Bonus, Self::DayOff, Self::Certificate, Self::Praise, Self::Other];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::GiftCard => "gift_card",
            Self::Bonus => "bonus",
            Self::DayOff => "day_off",
            Self::Certificate => "certificate",
            Self::Praise => "praise",
            Self::Other => "other",
        }
    }

    /// The kind of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// An item of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Localised,
    /// What it is.
    #[serde(default)]
    pub description: Option<Localised>,
    /// What it is for payroll.
    pub kind: RewardKind,
    /// Points that one costs; none where it is only won.
    pub cost: Points,
    /// What one is worth.
    #[serde(default)]
    pub value: Option<Money>,
    /// Working days off that one is worth, in ten-thousandths.
    #[serde(default)]
    pub days_off: Option<i64>,
    /// The first local day of the organisation's zone on which it can be asked for.
    #[serde(default)]
    pub from: Option<NaiveDate>,
    /// The local day after the last.
    #[serde(default)]
    pub until: Option<NaiveDate>,
    /// Who may ask for it.
    #[serde(default)]
    pub eligible: Eligible,
    /// The address of a picture.
    #[serde(default)]
    pub picture: Option<String>,
    /// HR is told when fewer are left.
    #[serde(default)]
    pub low_stock: Option<i64>,
    /// Whether it can be asked for; what was asked for before goes on.
    pub offered: bool,
}

/// Who may ask for a reward: everybody unless something is named, else whoever meets each of what is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Eligible {
    /// Whoever belongs to the audience of one of these programmes.
    #[serde(default)]
    pub programmes: Vec<Code>,
    /// Whoever is at home in one of these teams, or below it.
    #[serde(default)]
    pub teams: Vec<Code>,
    /// Whoever has reached one of these tiers, or one above it.
    #[serde(default)]
    pub tiers: Vec<TierRef>,
}

/// A tier of a programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TierRef {
    /// Code of the programme.
    pub programme: Code,
    /// Code of the tier.
    pub tier: Code,
}
