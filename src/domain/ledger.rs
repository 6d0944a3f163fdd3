//! Double entry: accounts, and transfers between them (DESIGN section 4).

use std::fmt;

use super::ids::{PersonId, TeamId, TransferId};
use super::points::{Overflow, Points};
use super::time::Instant;

/// An account. Its text is its key in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Account {
    /// What a programme has issued; its balance is the negative of the points in circulation.
    ProgrammeIssuance(String),
    /// What the organisation has issued: allowances and grants.
    OrganizationIssuance,
    /// A person's points to spend.
    Wallet(PersonId),
    /// A team's points.
    Team(TeamId),
    /// What a person may still give as kudos in a month (`2026-11`).
    Allowance(PersonId, String),
    /// What a reward, by its code, was paid with.
    Reward(String),
}

impl Account {
    /// The kind, as the table has it.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::ProgrammeIssuance(_) | Self::OrganizationIssuance => "issuance",
            Self::Wallet(_) => "wallet",
            Self::Team(_) => "team",
            Self::Allowance(..) => "allowance",
            Self::Reward(_) => "reward",
        }
    }

    /// Whose it is.
    pub fn owner(&self) -> String {
        match self {
            Self::ProgrammeIssuance(code) | Self::Reward(code) => code.clone(),
            Self::OrganizationIssuance => "organization".to_owned(),
            Self::Wallet(person) | Self::Allowance(person, _) => person.to_string(),
            Self::Team(team) => team.to_string(),
        }
    }

    /// Whether its balance may be below zero without a reversal: issuance is where points come from.
    pub const fn issues(&self) -> bool {
        matches!(self, Self::ProgrammeIssuance(_) | Self::OrganizationIssuance)
    }
}

impl fmt::Display for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ProgrammeIssuance(programme) => write!(f, "issuance:programme:{programme}"),
            Self::OrganizationIssuance => f.write_str("issuance:organization"),
            Self::Wallet(person) => write!(f, "wallet:{person}"),
            Self::Team(team) => write!(f, "team:{team}"),
            Self::Allowance(person, month) => write!(f, "allowance:{person}:{month}"),
            Self::Reward(reward) => write!(f, "reward:{reward}"),
        }
    }
}

impl TryFrom<String> for Account {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let account = match text.splitn(3, ':').collect::<Vec<_>>().as_slice() {
            ["issuance", "organization"] => Some(Self::OrganizationIssuance),
            ["issuance", "programme", programme] => Some(Self::ProgrammeIssuance((*programme).to_owned())),
            ["wallet", person] => person.parse().ok().map(Self::Wallet),
            ["reward", reward] => Some(Self::Reward((*reward).to_owned())),
            ["team", team] => team.parse().ok().map(Self::Team),
            ["allowance", person, month] => {
                person.parse().ok().map(|person| Self::Allowance(person, (*month).to_owned()))
            }
            _ => None,
        };
        account.ok_or_else(|| format!("no account: {text}"))
    }
}

/// What a transfer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum TransferKind {
    /// A rule granted points.
    Award,
    /// It takes one transfer back.
    Reversal,
    /// Thanks with points.
    Kudos,
    /// A month's kudos allowance.
    Allowance,
    /// A reward is paid for, and so reserved.
    Redemption,
    /// What was paid for a reward that is not handed over.
    Refund,
    /// A person granted points.
    Grant,
}

impl TransferKind {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Award => "award",
            Self::Reversal => "reversal",
            Self::Kudos => "kudos",
            Self::Allowance => "allowance",
            Self::Redemption => "redemption",
            Self::Refund => "refund",
            Self::Grant => "grant",
        }
    }
}

/// Where an award's transfer belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwardOrigin {
    /// Programme.
    pub programme: String,
    /// Season.
    pub season: String,
    /// Rule.
    pub rule: String,
    /// Programme version.
    pub version: u32,
    /// The subject's id.
    pub subject: String,
}

/// A transfer to append.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// Its id.
    pub id: TransferId,
    /// What it is.
    pub kind: TransferKind,
    /// From where.
    pub payer: Account,
    /// To where.
    pub payee: Account,
    /// How much, above zero.
    pub amount: Points,
    /// The transfer it takes back.
    pub reverses: Option<TransferId>,
    /// Where it belongs, if it is of an award.
    pub origin: Option<AwardOrigin>,
    /// What it rests on, as text: `signal:ID`, `kudos:ID`, `month:2026-11`, `redemption:ID`, `grant:ID`.
    pub cause: String,
    /// The instant it counts for.
    pub at: Instant,
}

/// Why a transfer cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LedgerError {
    /// The payer would fall below zero.
    #[error("{account} has {balance} and cannot pay {amount}")]
    Overdrawn {
        /// The payer.
        account: String,
        /// Its balance.
        balance: Points,
        /// What it should pay.
        amount: Points,
    },
    /// A balance would leave the range.
    #[error(transparent)]
    Overflow(#[from] Overflow),
}

/// The balances after `transfer`: the payer's and the payee's. Only a reversal, or issuance, may end below zero (SEMANTICS S38).
pub fn balances_after(transfer: &Transfer, payer: Points, payee: Points) -> Result<(Points, Points), LedgerError> {
    let after = payer.minus(transfer.amount)?;
    if after < Points::ZERO && transfer.kind != TransferKind::Reversal && !transfer.payer.issues() {
        return Err(LedgerError::Overdrawn {
            account: transfer.payer.to_string(),
            balance: payer,
            amount: transfer.amount,
        });
    }
    Ok((after, payee.plus(transfer.amount)?))
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn an_account_is_read_from_its_text() {
        let (person, team) = (PersonId(Uuid::from_u128(1)), TeamId(Uuid::from_u128(2)));
        for account in [
            Account::ProgrammeIssuance("service".to_owned()),
            Account::OrganizationIssuance,
            Account::Wallet(person),
            Account::Team(team),
            Account::Allowance(person, "2026-11".to_owned()),
            Account::Reward("mug".to_owned()),
        ] {
            assert_eq!(Account::try_from(account.to_string()), Ok(account));
        }
        for text in ["", "wallet", "wallet:", "wallet:anna", "issuance:other", "allowance:2026-11"] {
            assert!(Account::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
