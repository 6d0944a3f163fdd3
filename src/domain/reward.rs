//! Rewards: what the catalogue offers, at which cost, to whom (DESIGN section 6), and what keeps somebody from asking for
//! one. Is told the stock and the balance; knows no ledger.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::ids::Code;
use super::language::Localised;
use super::money::Money;
use super::points::Points;
use super::problem::{Finding, Problem, ProblemCode};

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

/// The most points that a reward may cost.
pub const MOST_COST: i64 = 1_000_000_000;
/// The most pieces of a stock.
pub const MOST_PIECES: i64 = 1_000_000;
/// The most programmes, teams or tiers that eligibility may name, each.
pub const MOST_NAMED: usize = 100;
/// The most days off of one reward, in ten-thousandths: a year's.
pub const MOST_DAYS_OFF: i64 = 366 * 10_000;

/// Who might ask for a reward, as they stand now.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asker {
    /// What their wallet holds.
    pub balance: Points,
    /// Their home team and those above it.
    pub teams: Vec<Code>,
    /// The programmes whose audience they belong to.
    pub programmes: Vec<Code>,
    /// The tiers that they have reached in the current seasons, those below the highest too.
    pub tiers: Vec<TierRef>,
}

/// What keeps somebody from asking for a reward.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hindrance {
    /// It was withdrawn.
    NotOffered,
    /// It has no cost: it is only won.
    OnlyWon,
    /// It can be asked for from that day on.
    NotYet(NaiveDate),
    /// It could be asked for up to the day before that one.
    Over(NaiveDate),
    /// It is for others.
    NotEligible(Dimension),
    /// There is none left.
    OutOfStock,
    /// That many points are missing.
    TooExpensive(Points),
}

/// By what somebody is eligible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dimension {
    /// By programmes.
    Programmes,
    /// By teams.
    Teams,
    /// By tiers.
    Tiers,
}

impl Dimension {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Programmes => "programmes",
            Self::Teams => "teams",
            Self::Tiers => "tiers",
        }
    }
}

impl Hindrance {
    /// Whether it lies in who asks, and not in the reward, its stock or their points.
    pub const fn is_of_person(self) -> bool {
        matches!(self, Self::NotEligible(_))
    }

    /// How it is told to whoever asks for the reward all the same.
    pub fn problem(self, reward: &Code) -> Problem {
        let problem = |code| Problem::new(code).with("reward", reward);
        match self {
            Self::NotOffered => problem(ProblemCode::RewardNotOffered),
            Self::OnlyWon => problem(ProblemCode::RewardOnlyWon),
            Self::NotYet(from) => problem(ProblemCode::RewardNotYet).with("from", from),
            Self::Over(until) => problem(ProblemCode::RewardOver).with("until", until),
            Self::NotEligible(by) => problem(ProblemCode::NotEligible).with("by", by.name()),
            Self::OutOfStock => problem(ProblemCode::OutOfStock),
            Self::TooExpensive(missing) => problem(ProblemCode::TooFewPoints).with("missing", missing),
        }
    }
}

impl Reward {
    /// Everything that keeps `asker` from asking for one on the local day `today`, with that many left in stock; what is
    /// told first stands first.
    pub fn hindrances(&self, asker: &Asker, today: NaiveDate, stock: Option<i64>) -> Vec<Hindrance> {
        let missing = self.cost.0.saturating_sub(asker.balance.0);
        let not_yet = self.from.filter(|from| today < *from).map(Hindrance::NotYet);
        let over = self.until.filter(|until| *until <= today).map(Hindrance::Over);
        [
            (!self.offered).then_some(Hindrance::NotOffered),
            (self.cost == Points::ZERO).then_some(Hindrance::OnlyWon),
            not_yet,
            over,
            self.eligible.lacks(asker).map(Hindrance::NotEligible),
            (stock == Some(0)).then_some(Hindrance::OutOfStock),
            (missing > 0).then_some(Hindrance::TooExpensive(Points(missing))),
        ]
        .into_iter()
        .flatten()
        .collect()
    }

    /// Whether HR is told that few are left.
    pub fn is_low(&self, stock: Option<i64>) -> bool {
        self.low_stock.zip(stock).is_some_and(|(threshold, left)| left < threshold)
    }

    /// Everything that is wrong with it, but for names of what may not exist.
    pub fn faults(&self) -> Vec<Finding> {
        let whole = |pointer, value: i64, most| {
            let fits = (0..=most).contains(&value);
            (!fits).then(|| Finding::new(pointer, ProblemCode::ExpectedWhole).with("least", 0).with("most", most))
        };
        let named = [
            ("/eligible/programmes", self.eligible.programmes.len()),
            ("/eligible/teams", self.eligible.teams.len()),
            ("/eligible/tiers", self.eligible.tiers.len()),
        ];
        let too_many = named.into_iter().filter(|(_, count)| *count > MOST_NAMED);
        let many = too_many.map(|(at, _)| Finding::new(at, ProblemCode::TooMany).with("limit", MOST_NAMED));
        let ends = self.from.zip(self.until).is_some_and(|(from, until)| until <= from);
        let days = self.days_off.filter(|days| !(1..=MOST_DAYS_OFF).contains(days));
        let is_day_off = self.kind == RewardKind::DayOff;
        let lone = |pointer, code| Some(Finding::new(pointer, code));
        [
            whole("/cost", self.cost.0, MOST_COST),
            self.low_stock.and_then(|low| whole("/low_stock", low, MOST_PIECES)),
            ends.then(|| Finding::new("/until", ProblemCode::InvalidInterval)),
            days.map(|_| Finding::new("/days_off", ProblemCode::InvalidValue).with("expected", "0.0001 – 366")),
            match (is_day_off, self.days_off) {
                (true, None) => lone("/days_off", ProblemCode::MissingField).map(|lack| lack.with("field", "days_off")),
                (false, Some(_)) => lone("/days_off", ProblemCode::GoesOnlyWith)
                    .map(|lone| lone.with("field", "days_off").with("with", "kind day_off")),
                _ => None,
            },
            (self.kind == RewardKind::Bonus && self.value.is_none())
                .then(|| Finding::new("/value", ProblemCode::MissingField).with("field", "value")),
        ]
        .into_iter()
        .flatten()
        .chain(many)
        .collect()
    }
}

impl Eligible {
    /// The first of what is named that `asker` does not meet.
    fn lacks(&self, asker: &Asker) -> Option<Dimension> {
        fn meets<T: PartialEq>(named: &[T], held: &[T]) -> bool {
            named.is_empty() || named.iter().any(|one| held.contains(one))
        }
        let checks = [
            (Dimension::Programmes, meets(&self.programmes, &asker.programmes)),
            (Dimension::Teams, meets(&self.teams, &asker.teams)),
            (Dimension::Tiers, meets(&self.tiers, &asker.tiers)),
        ];
        checks.into_iter().find(|(_, met)| !met).map(|(by, _)| by)
    }
}

#[cfg(test)]
mod tests;
