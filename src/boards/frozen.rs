//! Boards as closed seasons left them: subject ids and scores, written once (SEMANTICS S37).

use std::collections::{HashMap, HashSet};

use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BoardKey;
use super::live::{Course, Scope, compute};
use super::persons::Listing;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::TeamId;
use crate::domain::period::{Per, Period};
use crate::domain::programme::{Board, BoardSubject, Combine, Programme, Rank};
use crate::store::db::Db;
use crate::store::seasons::{self, FrozenBoardRow};
use crate::store::{memberships, row};

/// A board as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenBoard {
    /// Whom it ranks, and how a team's points come about: `person`, `own`, `sum` or `mean_per_member`.
    pub subject: String,
    /// Everybody listed, the highest score first.
    pub entries: Vec<FrozenEntry>,
}

/// A line of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenEntry {
    /// Who.
    pub subject: Uuid,
    /// Points; of means, ten-thousandths.
    pub score: i64,
}

/// The name of what a board ranks.
pub fn subject_name(subject: BoardSubject) -> &'static str {
    match subject {
        BoardSubject::Person => "person",
        BoardSubject::Team(Combine::Own) => "own",
        BoardSubject::Team(Combine::Sum) => "sum",
        BoardSubject::Team(Combine::MeanPerMember) => "mean_per_member",
    }
}

/// Whether a board is kept when its season closes: those of a month or longer that seasons cut.
fn is_kept(programme: &Programme, board: &Board) -> bool {
    let long = matches!(board.period, Per::Month | Per::Quarter | Per::HalfYear | Per::Year | Per::Season);
    long && board.rank == Rank::Points && programme.calendar.is_within_season(board.period)
}

/// The periods of a board that a season has.
pub fn periods_of(programme: &Programme, board: &Board, season: &Period) -> Vec<Period> {
    let (mut periods, mut day) = (Vec::new(), season.first_day);
    while let Some(period) = programme.calendar.period_of(board.period, day).filter(|_| day < season.until_day) {
        day = period.until_day;
        periods.push(period);
    }
    periods
}

/// The boards of a season as they are to be kept. Before it is closed: as they stand.
pub fn freeze(
    db: &mut Db,
    catalogue: &Catalogue,
    entry: &ProgrammeEntry,
    season: &Period,
) -> QueryResult<Vec<FrozenBoardRow>> {
    let Some(newest) = entry.newest() else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for board in newest.boards.iter().filter(|board| is_kept(newest, board)) {
        for period in periods_of(newest, board, season) {
            let (programme, code) = (entry.code.clone(), board.code.clone());
            let key = BoardKey { programme, board: code, period, team: None };
            let scores = listing_of(db, catalogue, entry, (&key, season), board.subject)?;
            let mut entries: Vec<FrozenEntry> =
                scores.into_iter().map(|(subject, score)| FrozenEntry { subject, score }).collect();
            entries.sort_unstable_by_key(|entry| (std::cmp::Reverse(entry.score), entry.subject));
            let frozen = FrozenBoard { subject: subject_name(board.subject).to_owned(), entries };
            rows.push(FrozenBoardRow {
                programme: entry.code.to_string(),
                season: season.code.clone(),
                board: board.code.to_string(),
                period: key.period.code,
                body: row::to_json(&frozen)?,
            });
        }
    }
    Ok(rows)
}

/// The persons who are listed at the end of a season with how many of its points, whatever boards there are.
pub fn persons_at_end(
    db: &mut Db,
    catalogue: &Catalogue,
    entry: &ProgrammeEntry,
    season: &Period,
) -> QueryResult<HashMap<Uuid, i64>> {
    let key = BoardKey { programme: entry.code.clone(), board: entry.code.clone(), period: season.clone(), team: None };
    listing_of(db, catalogue, entry, (&key, season), BoardSubject::Person)
}

fn listing_of(
    db: &mut Db,
    catalogue: &Catalogue,
    entry: &ProgrammeEntry,
    (key, season): (&BoardKey, &Period),
    subject: BoardSubject,
) -> QueryResult<HashMap<Uuid, i64>> {
    let Some(programme) = entry.newest() else { return Ok(HashMap::new()) };
    let course = Course::Closed { season: season.code.clone() };
    let scope = Scope { key, programme, catalogue, now: course.moment(key, key.period.from), course };
    Ok(compute(db, &scope, subject)?.scores)
}

/// What was kept of a board, if it ranked then what it ranks now. One that is narrowed to a team lists who was at home
/// there at the period's end.
pub(super) fn held(db: &mut Db, scope: &Scope<'_>, subject: BoardSubject) -> QueryResult<Option<Listing>> {
    let Course::Closed { season } = &scope.course else { return Ok(None) };
    let key = scope.key;
    let body = seasons::frozen(db, key.programme.as_str(), season, key.board.as_str(), &key.period.code)?;
    let Some(body) = body else { return Ok(None) };
    let frozen: FrozenBoard = row::from_json(&body)?;
    if frozen.subject != subject_name(subject) {
        return Ok(None);
    }
    let mut listing = Listing::default();
    listing.scores.extend(frozen.entries.iter().map(|entry| (entry.subject, entry.score)));
    if key.team.is_some() {
        let within = narrowed(db, scope, subject, listing.scores.keys().copied().collect())?;
        listing.scores.retain(|subject, _| within.contains(subject));
    }
    Ok(Some(listing))
}

/// Those of some subjects that belong to the team that a board is narrowed to.
fn narrowed(db: &mut Db, scope: &Scope<'_>, subject: BoardSubject, subjects: Vec<Uuid>) -> QueryResult<HashSet<Uuid>> {
    let belongs = |team: TeamId| {
        let team = scope.catalogue.teams.get(team);
        team.zip(scope.key.team.as_ref()).is_some_and(|(team, code)| team.lineage.contains(code))
    };
    if let BoardSubject::Team(_) = subject {
        return Ok(subjects.into_iter().filter(|id| belongs(TeamId(*id))).collect());
    }
    let ids: Vec<String> = subjects.iter().map(ToString::to_string).collect();
    let homes = memberships::home_teams(db, &ids, scope.now)?;
    let at_home = |id: &Uuid| homes.get(&id.to_string()).is_some_and(|team| belongs(*team));
    Ok(subjects.into_iter().filter(at_home).collect())
}
