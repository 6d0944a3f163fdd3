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

/// What may be done to a redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// Somebody else than the receiver lets it go on.
    Approve,
    /// Somebody else than the receiver declines it.
    Reject,
    /// Somebody else than the receiver hands it over.
    Fulfil,
    /// The receiver changes their mind, before anybody decided.
    TakeBack,
    /// Somebody else stops it before it is handed over.
    Cancel,
    /// Time stops it.
    Expire,
}

/// What becomes of a redemption by a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It comes to this state.
    To(State),
    /// It is there already: there is nothing to do.
    Already,
    /// The step is not for its state.
    Unfit,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 6] = [Self::Approve, Self::Reject, Self::Fulfil, Self::TakeBack, Self::Cancel, Self::Expire];

    /// The states from which it may be taken.
    pub const fn from(self) -> &'static [State] {
        match self {
            Self::Approve | Self::Reject | Self::TakeBack => &[State::Requested],
            Self::Fulfil => &[State::Approved],
            Self::Cancel | Self::Expire => &[State::Requested, State::Approved],
        }
    }

    /// The state that it leads to.
    pub const fn to(self) -> State {
        match self {
            Self::Approve => State::Approved,
            Self::Reject => State::Rejected,
            Self::Fulfil => State::Fulfilled,
            Self::TakeBack | Self::Cancel => State::Cancelled,
            Self::Expire => State::Expired,
        }
    }
}

impl State {
    /// What becomes of a redemption in this state by `step`.
    pub fn by(self, step: Step) -> Progress {
        if self == step.to() {
            Progress::Already
        } else if step.from().contains(&self) {
            Progress::To(step.to())
        } else {
            Progress::Unfit
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_lead_where_they_should() {
        let mut table = String::new();
        for state in State::ALL {
            let ways = Step::ALL.map(|step| match state.by(step) {
                Progress::To(next) => next.name(),
                Progress::Already => "=",
                Progress::Unfit => "-",
            });
            table += &format!("{}: {}\n", state.name(), ways.join(" "));
        }
        insta::assert_snapshot!(table, @"
        requested: approved rejected - cancelled cancelled expired
        approved: = - fulfilled - cancelled expired
        fulfilled: - - = - - -
        rejected: - = - - - -
        cancelled: - - - = = -
        expired: - - - - - =
        ");
    }

    #[test]
    fn what_has_ended_stays() {
        for state in State::ALL.into_iter().filter(|state| !state.is_open()) {
            assert!(Step::ALL.into_iter().all(|step| !matches!(state.by(step), Progress::To(_))), "{state:?}");
        }
    }
}
