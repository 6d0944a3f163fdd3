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
        Ok(Self::at_once(asked))
    }

    fn at_once(asked: &Asked) -> Option<(Self, Vec<Relation>)> {
        let entry = asked.catalogue.programmes.get(asked.parameter("programme"))?;
        let programme = entry.newest()?.clone();
        let board = programme.boards.iter().find(|board| board.code.as_str() == asked.parameter("board"))?.clone();
        let relations = relations_to_programme(asked, entry);
        let subject = asked.parameter("subject").to_owned();
        Some((Self { entry: entry.clone(), programme, board, subject }, relations))
    }
}
