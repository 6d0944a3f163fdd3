//! Replying to kudos, and deleting replies.

use super::{acting, open};
use crate::domain::ids::{KudosId, ReplyId};
use crate::domain::kudos::MOST_REPLIES;
use crate::domain::problem::{Problem, ProblemCode};
use crate::store::head::ChangeKind;
use crate::store::kudos::replies::{self, ReplyRow};
use crate::store::row;
use crate::writer::{Command, Failure, Tx};

/// Replies to a kudos that stands and is not hidden.
pub struct Reply {
    /// To which.
    pub kudos: KudosId,
    /// What, already checked as text.
    pub message: String,
}

/// Deletes a reply with what it said, for good.
pub struct DeleteReply {
    /// Which.
    pub reply: ReplyId,
}

impl Command for Reply {
    type Output = ReplyRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<ReplyRow, Failure> {
        let (kudos, author) = (open(tx, self.kudos)?.id, acting(tx)?.to_string());
        let held = replies::counts(tx.db, std::slice::from_ref(&kudos))?;
        if held.get(&kudos).is_some_and(|held| *held >= MOST_REPLIES) {
            return Err(Problem::new(ProblemCode::TooMany).with("limit", MOST_REPLIES).into());
        }
        let sequence = tx.record(ChangeKind::Kudos, &kudos)?;
        let (id, replied_at) = (ReplyId::new(tx.now).into(), row::stored(tx.now));
        let row = ReplyRow { id, kudos, sequence, author, message: self.message.clone(), replied_at };
        replies::insert(tx.db, &row)?;
        Ok(row)
    }
}

impl Command for DeleteReply {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let held = replies::find(tx.db, &self.reply.to_string())?.ok_or(ProblemCode::NotFound)?;
        tx.record(ChangeKind::Kudos, &held.kudos)?;
        Ok(replies::delete(tx.db, &held.id)?)
    }
}
