//! What clients know to be so: everything that they were answered, and nothing else. Points are as the programme of the
//! stage gives them: a signal is worth its quality.

use std::collections::BTreeMap;

/// A signal as it was last acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// The version.
    pub version: i64,
    /// The number of the person.
    pub agent: usize,
    /// Its quality, which is its points.
    pub quality: i64,
    /// Whether it was voided.
    pub voided: bool,
}

/// A kudos that was acknowledged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Thanks {
    /// Its id, as it was answered.
    pub id: String,
    /// The number of the sender.
    pub sender: usize,
    /// The numbers of the receivers.
    pub to: Vec<usize>,
    /// Points for each.
    pub points: i64,
    /// Whether it was withdrawn.
    pub withdrawn: bool,
}

/// Everything acknowledged on one database.
#[derive(Debug, Default)]
pub struct Journal {
    /// Signals by key.
    pub signals: BTreeMap<String, Signal>,
    /// Kudos by message.
    pub thanks: BTreeMap<String, Thanks>,
}

impl Journal {
    /// The points that evidence gives, by the number of the person.
    pub fn points(&self) -> BTreeMap<usize, i64> {
        let mut points = BTreeMap::new();
        for signal in self.signals.values().filter(|signal| !signal.voided) {
            *points.entry(signal.agent).or_default() += signal.quality;
        }
        points
    }

    /// What is in each wallet.
    pub fn wallets(&self) -> BTreeMap<usize, i64> {
        let mut wallets = self.points();
        for thanks in self.thanks.values().filter(|thanks| !thanks.withdrawn) {
            for receiver in &thanks.to {
                *wallets.entry(*receiver).or_default() += thanks.points;
            }
        }
        wallets
    }

    /// What each has given of their allowance.
    pub fn given(&self) -> BTreeMap<usize, i64> {
        let mut given = BTreeMap::new();
        for thanks in self.thanks.values().filter(|thanks| !thanks.withdrawn) {
            *given.entry(thanks.sender).or_default() += thanks.points * i64::try_from(thanks.to.len()).unwrap();
        }
        given
    }
}
