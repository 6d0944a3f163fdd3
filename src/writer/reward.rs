//! Adding and changing rewards and their stock. Changes are made on what is held when the command runs, so that none of
//! them loses a piece of stock that was taken meanwhile.

use chrono::NaiveDate;

use super::organization::Expected;
use super::{Command, Failure, Tx, proposal};
use crate::catalogue::Catalogue;
use crate::domain::ids::Code;
use crate::domain::language::Localised;
use crate::domain::money::Money;
use crate::domain::points::Points;
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::reward::{Eligible, MOST_PIECES, Reward, RewardKind, TierRef};
use crate::store::head::ChangeKind;
use crate::store::rewards::{self, RewardRow};
use crate::store::row;

/// Rewards that the catalogue may have: lists of them are read whole.
const MOST: i64 = 1_000;

/// Adds a reward, and proposes it to those to whom it was due before it was there.
pub struct AddReward {
    /// The reward.
    pub reward: Reward,
    /// How many there are; none if there is no end to it.
    pub stock: Option<i64>,
}

/// Changes a reward.
pub struct ChangeReward {
    /// Which.
    pub code: Code,
    /// What is different.
    pub changes: RewardChanges,
    /// The revision that the change was made on.
    pub expected: Expected,
}

/// What may be different about a reward; none leaves it as it is, `Some(None)` removes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RewardChanges {
    /// See [`Reward`].
    pub name: Option<Localised>,
    /// See [`Reward`].
    pub description: Option<Option<Localised>>,
    /// See [`Reward`].
    pub kind: Option<RewardKind>,
    /// See [`Reward`]. What was asked for before keeps its cost.
    pub cost: Option<Points>,
    /// See [`Reward`].
    pub value: Option<Option<Money>>,
    /// See [`Reward`].
    pub days_off: Option<Option<i64>>,
    /// See [`Reward`].
    pub from: Option<Option<NaiveDate>>,
    /// See [`Reward`].
    pub until: Option<Option<NaiveDate>>,
    /// See [`Reward`].
    pub eligible: Option<Eligible>,
    /// See [`Reward`].
    pub picture: Option<Option<String>>,
    /// See [`Reward`].
    pub low_stock: Option<Option<i64>>,
    /// See [`Reward`].
    pub offered: Option<bool>,
    /// What becomes of the stock.
    pub stock: StockChange,
}

/// What becomes of a stock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum StockChange {
    /// It stays.
    #[default]
    Stays,
    /// So many are left now; none if there is no end to it.
    Set(Option<i64>),
    /// So many come to what is left then; below zero they go.
    Add(i64),
}

impl Command for AddReward {
    type Output = RewardRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<RewardRow, Failure> {
        check(tx, &self.reward, self.stock)?;
        let code = self.reward.code.to_string();
        if rewards::find(tx.db, &code)?.is_some() {
            return Err(Finding::new("/code", ProblemCode::AlreadyExists).with("what", &code).into());
        }
        if rewards::count(tx.db)? >= MOST {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST).into());
        }
        let row = RewardRow {
            document: row::to_json(&self.reward)?,
            stock: self.stock,
            created_at: row::stored(tx.now),
            revision: tx.record(ChangeKind::Reward, &code)?,
            code,
        };
        rewards::insert(tx.db, &row)?;
        proposal::of_reward(tx, &row.code)?;
        Ok(row)
    }
}

impl Command for ChangeReward {
    type Output = RewardRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<RewardRow, Failure> {
        let held = rewards::find(tx.db, self.code.as_str())?.ok_or(ProblemCode::NotFound)?;
        self.expected.check(held.revision)?;
        let reward = self.changes.applied(held.reward()?);
        let stock = self.changes.stock.applied(&self.code, held.stock)?;
        check(tx, &reward, stock)?;
        let wanted = RewardRow { document: row::to_json(&reward)?, stock, ..held.clone() };
        if wanted == held {
            return Ok(held);
        }
        keep(tx, wanted, ChangeKind::Reward)
    }
}

/// Keeps a reward of which only the stock differs from what was held, and gives it with its new revision.
pub(super) fn restock(tx: &mut Tx<'_>, wanted: RewardRow) -> Result<RewardRow, Failure> {
    keep(tx, wanted, ChangeKind::Stock)
}

fn keep(tx: &mut Tx<'_>, wanted: RewardRow, change: ChangeKind) -> Result<RewardRow, Failure> {
    let revision = tx.record(change, &wanted.code)?;
    let wanted = RewardRow { revision, ..wanted };
    rewards::update(tx.db, &wanted)?;
    Ok(wanted)
}

impl StockChange {
    fn applied(self, code: &Code, held: Option<i64>) -> Result<Option<i64>, Failure> {
        match (self, held) {
            (Self::Stays, held) => Ok(held),
            (Self::Set(stock), _) => Ok(stock),
            (Self::Add(_), None) => {
                Err(Finding::new("/add_stock", ProblemCode::StockWithoutEnd).with("reward", code).into())
            }
            (Self::Add(more), Some(held)) => {
                let stock = held.checked_add(more).filter(|stock| (0..=MOST_PIECES).contains(stock));
                stock.map(Some).ok_or_else(|| {
                    let finding = Finding::new("/add_stock", ProblemCode::ExpectedWhole).with("least", -held);
                    finding.with("most", MOST_PIECES - held).into()
                })
            }
        }
    }
}

impl RewardChanges {
    fn applied(&self, held: Reward) -> Reward {
        let wanted = self.clone();
        Reward {
            code: held.code,
            name: wanted.name.unwrap_or(held.name),
            description: wanted.description.unwrap_or(held.description),
            kind: wanted.kind.unwrap_or(held.kind),
            cost: wanted.cost.unwrap_or(held.cost),
            value: wanted.value.unwrap_or(held.value),
            days_off: wanted.days_off.unwrap_or(held.days_off),
            from: wanted.from.unwrap_or(held.from),
            until: wanted.until.unwrap_or(held.until),
            eligible: wanted.eligible.unwrap_or(held.eligible),
            picture: wanted.picture.unwrap_or(held.picture),
            low_stock: wanted.low_stock.unwrap_or(held.low_stock),
            offered: wanted.offered.unwrap_or(held.offered),
        }
    }
}

/// Refuses what is no reward, each fault with its place.
fn check(tx: &mut Tx<'_>, reward: &Reward, stock: Option<i64>) -> Result<(), Failure> {
    let catalogue = tx.catalogue()?;
    let mut faults = reward.faults();
    if stock.is_some_and(|stock| !(0..=MOST_PIECES).contains(&stock)) {
        let fault = Finding::new("/stock", ProblemCode::ExpectedWhole);
        faults.push(fault.with("least", 0).with("most", MOST_PIECES));
    }
    faults.extend(unknown(&catalogue, &reward.eligible));
    if faults.is_empty() { Ok(()) } else { Err(Problem::invalid(faults).into()) }
}

/// What is named and does not exist.
fn unknown(catalogue: &Catalogue, eligible: &Eligible) -> Vec<Finding> {
    let at = |list: &str, index: usize| format!("/eligible/{list}/{index}");
    let no_such =
        |place, what, name: &Code| Finding::new(place, ProblemCode::UnknownName).with("what", what).with("name", name);
    let programmes = eligible.programmes.iter().enumerate();
    let programmes = programmes.filter(|(_, code)| !catalogue.programmes.contains_key(code.as_str()));
    let teams = eligible.teams.iter().enumerate();
    let teams = teams.filter(|(_, code)| catalogue.teams.by_code(code.as_str()).is_none());
    let tiers = eligible.tiers.iter().enumerate();
    let tiers = tiers.filter(|(_, tier)| !has_tier(catalogue, tier));
    programmes
        .map(|(index, code)| no_such(at("programmes", index), "programme", code))
        .chain(teams.map(|(index, code)| Finding::new(at("teams", index), ProblemCode::UnknownTeam).with("team", code)))
        .chain(tiers.map(|(index, tier)| no_such(at("tiers", index), "tier", &tier.tier)))
        .collect()
}

/// Whether any version of the programme, a draft too, has the tier.
fn has_tier(catalogue: &Catalogue, tier: &TierRef) -> bool {
    let Some(entry) = catalogue.programmes.get(tier.programme.as_str()) else { return false };
    let versions = entry.versions.iter().filter_map(|version| version.programme.as_ref());
    versions.flat_map(|programme| &programme.tiers).any(|known| known.code == tier.tier)
}
