//! The board of `{programme}` and `{board}`, and how a caller stands to it.

use std::sync::Arc;

use diesel::QueryResult;

use crate::access::policy::Relation;
use crate::catalogue::ProgrammeEntry;
use crate::domain::programme::{Board, Programme};
use crate::http::permit::{Asked, Target};
use crate::http::targets::relations_to_programme;
use crate::store::db::Db;

/// A board of a programme's newest version.
#[derive(Clone)]
pub struct BoardTarget {
    /// The programme.
    pub entry: Arc<ProgrammeEntry>,
    /// Its newest version.
    pub programme: Arc<Programme>,
    /// The board.
    pub board: Board,
    /// What `{subject}` says; empty where the path has none.
    pub subject: String,
}

impl Target for BoardTarget {
    fn find(asked: &Asked, _: &mut Db) -> QueryResult<Option<(Self, Vec<Relation>)>> {
        let Some(entry) = asked.catalogue.programmes.get(asked.parameter("programme")) else { return Ok(None) };
        let Some(programme) = entry.newest().cloned() else { return Ok(None) };
        let board = programme.boards.iter().find(|board| board.code.as_str() == asked.parameter("board")).cloned();
        let Some(board) = board else { return Ok(None) };
        let relations = relations_to_programme(asked, entry);
        let subject = asked.parameter("subject").to_owned();
        Ok(Some((Self { entry: entry.clone(), programme, board, subject }, relations)))
    }
}
