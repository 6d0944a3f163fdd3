//! Reacting to kudos, and taking that back. Either is done once; a further time does nothing.

use super::{acting, open};
use crate::domain::ids::KudosId;
use crate::domain::kudos::Reaction;
use crate::store::head::ChangeKind;
use crate::store::kudos::reactions::{self, ReactionRow};
use crate::store::row;
use crate::writer::{Command, Failure, Tx};

/// Reacts to a kudos that stands and is not hidden.
pub struct React {
    /// To which.
    pub kudos: KudosId,
    /// How.
    pub reaction: Reaction,
}

/// Takes a reaction back.
pub struct TakeReaction {
    /// To which.
    pub kudos: KudosId,
    /// How.
    pub reaction: Reaction,
}

impl Command for React {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let (kudos, person, reaction) = (open(tx, self.kudos)?.id, acting(tx)?.to_string(), self.reaction.name());
        if reactions::is_there(tx.db, &kudos, &person, reaction)? {
            return Ok(());
        }
        let sequence = tx.record(ChangeKind::Kudos, &kudos)?;
        let reacted_at = row::stored(tx.now);
        let row = ReactionRow { kudos, person, reaction: reaction.to_owned(), sequence, reacted_at };
        Ok(reactions::insert(tx.db, &row)?)
    }
}

impl Command for TakeReaction {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let (kudos, person, reaction) = (self.kudos.to_string(), acting(tx)?.to_string(), self.reaction.name());
        if reactions::is_there(tx.db, &kudos, &person, reaction)? {
            tx.record(ChangeKind::Kudos, &kudos)?;
            reactions::delete(tx.db, &kudos, &person, reaction)?;
        }
        Ok(())
    }
}
