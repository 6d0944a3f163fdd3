//! Redemptions: how a reward that was asked for, or is due, gets to its receiver.

use serde::{Deserialize, Serialize};

/// Where a redemption stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// It awaits a person's approval; its points and its piece of stock are reserved.
    Requested,
    /// Somebody approved it; it is to be handed over.
    Approved,
    /// It was handed over.
    Fulfilled,
    /// Somebody declined it.
    Rejected,
    /// It was taken back before it was handed over.
    Cancelled,
    /// Nobody handed it over in time.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 6] =
        [Self::Requested, Self::Approved, Self::Fulfilled, Self::Rejected, Self::Cancelled, Self::Expired];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Approved => "approved",
            Self::Fulfilled => "fulfilled",
            Self::Rejected => "rejected",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state of that name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether points, stock and budgets are held for it, and it may still go on.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Requested | Self::Approved)
    }
}
