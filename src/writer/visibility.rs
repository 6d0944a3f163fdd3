//! Choosing how to be seen on the boards of a programme.

use super::{Command, Failure, Tx};
use crate::domain::ids::{Code, PersonId};
use crate::domain::visibility::Visibility;
use crate::store::head::ChangeKind;
use crate::store::visibility::{self, ChoiceRow};

/// Chooses how a person is seen on the boards of a programme, or takes the choice back.
///
/// The last choice wins; one that is made already changes nothing. Points, awards and statements do not know of it. The
/// change is recorded by the person, so that boards follow, but the person's own document keeps its revision: nobody who
/// reads that learns that somebody chose.
pub struct ChooseVisibility {
    /// Who chooses, for themselves.
    pub person: PersonId,
    /// The programme.
    pub programme: Code,
    /// What.
    pub wish: Wish,
}

/// How somebody wants to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Like this, whatever the organisation's default.
    Chosen(Visibility),
    /// By the organisation's default.
    Default,
}

impl Command for ChooseVisibility {
    type Output = Option<ChoiceRow>;

    fn run(&self, tx: &mut Tx<'_>) -> Result<Option<ChoiceRow>, Failure> {
        let (person, programme) = (self.person.to_string(), self.programme.to_string());
        let held = visibility::of(tx.db, &person, &programme)?;
        let wanted = match self.wish {
            Wish::Chosen(wanted) => Some(wanted),
            Wish::Default => None,
        };
        if held.as_ref().map(|held| held.choice.as_str()) == wanted.map(Visibility::name) {
            return Ok(held);
        }
        let revision = tx.record(ChangeKind::Person, &person)?;
        let Some(wanted) = wanted else {
            visibility::delete(tx.db, &person, &programme)?;
            return Ok(None);
        };
        let choice = ChoiceRow { person, programme, choice: wanted.name().to_owned(), revision };
        visibility::put(tx.db, &choice)?;
        Ok(Some(choice))
    }
}
