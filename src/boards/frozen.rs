//! Boards as closed seasons left them: subject ids and scores, written once (SEMANTICS S37).

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::BoardKey;
use super::news::subject_id;
use super::past;
use super::scope::{Course, Scope};
use super::scores::{Measured, Scored};
use super::teams::{self, TeamScore};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::TeamId;
use crate::domain::language::Localised;
use crate::domain::period::{Per, Period};
use crate::domain::programme::{Board, BoardSubject, Combine, Programme, Rank, Show};
use crate::domain::visibility::Visibility;
use crate::store::db::Db;
use crate::store::seasons::{self, FrozenBoardRow};
use crate::store::{memberships, row, visibility};

/// A board as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenBoard {
    /// Whom it ranks, and how a team's points come about: `person`, `own`, `sum` or `mean_per_member`.
    pub subject: String,
    /// By what it ranks: `kudos`, or `measure:` and its code; without, by points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rank: Option<String>,
    /// Everybody listed, the highest score first.
    pub entries: Vec<FrozenEntry>,
}

/// A line of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenEntry {
    /// Who.
    pub subject: Uuid,
    /// What is ranked: points; of means, ten-thousandths; of measures, millionths, the higher the better.
    pub score: i64,
    /// How it came about, on boards of measures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
    /// What may be shown of a team, where the score would uncover somebody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shown: Option<FrozenShown>,
}

/// What may be shown of a team.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FrozenShown {
    /// Nothing: it had too few members.
    Nothing,
    /// The score of those shown by name, and how it came about.
    OfNamed(i64, Option<Measured>),
}

impl FrozenEntry {
    fn of(subject: Uuid, scored: Scored) -> Self {
        Self { subject, score: scored.key, measured: scored.measured, shown: None }
    }

    fn of_team(team: Uuid, score: TeamScore) -> Self {
        let shown = match score.shown {
            None => Some(FrozenShown::Nothing),
            Some(shown) if shown == score.whole => None,
            Some(shown) => Some(FrozenShown::OfNamed(shown.key, shown.measured)),
        };
        Self { shown, ..Self::of(team, score.whole) }
    }

    fn whole(&self) -> Scored {
        Scored { key: self.score, measured: self.measured }
    }

    /// What readers may see, by the choices of then.
    fn scored(&self) -> Option<Scored> {
        match self.shown {
            None => Some(self.whole()),
            Some(FrozenShown::OfNamed(key, measured)) => Some(Scored { key, measured }),
            Some(FrozenShown::Nothing) => None,
        }
    }
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

/// By what a board ranks, as it is kept.
pub fn rank_name(rank: &Rank) -> Option<String> {
    match rank {
        Rank::Points => None,
        Rank::Kudos => Some("kudos".to_owned()),
        Rank::Measure { measure, .. } => Some(format!("measure:{measure}")),
    }
}

/// Whether a board is kept when its season closes: those of a month or longer that seasons cut.
fn is_kept(programme: &Programme, board: &Board) -> bool {
    let long = matches!(board.period, Per::Month | Per::Quarter | Per::HalfYear | Per::Year | Per::Season);
    long && programme.calendar.is_within_season(board.period)
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
    catalogue: &Arc<Catalogue>,
    entry: &ProgrammeEntry,
    season: &Period,
) -> QueryResult<Vec<FrozenBoardRow>> {
    let Some(newest) = entry.newest() else { return Ok(Vec::new()) };
    let mut rows = Vec::new();
    for board in newest.boards.iter().filter(|board| is_kept(newest, board)) {
        for period in periods_of(newest, board, season) {
            let (programme, code) = (entry.code.clone(), board.code.clone());
            let key = BoardKey { programme, board: code, period, team: None };
            let Some(scope) = at_end(catalogue, entry, (&key, board), season) else { continue };
            let mut entries: Vec<FrozenEntry> = match board.subject {
                BoardSubject::Person => past::listed(db, &scope)?
                    .into_iter()
                    .map(|(person, scored)| FrozenEntry::of(person, scored))
                    .collect(),
                BoardSubject::Team(_) => {
                    let named = Named::read(db, &scope)?;
                    let teams = teams::all(db, &scope, &|person| named.is_named(person))?;
                    teams.scores.into_iter().map(|(team, score)| FrozenEntry::of_team(team, score)).collect()
                }
            };
            entries.sort_unstable_by_key(|entry| (Reverse(entry.score), entry.subject));
            let subject = subject_name(board.subject).to_owned();
            let frozen = FrozenBoard { subject, rank: rank_name(&board.rank), entries };
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
    catalogue: &Arc<Catalogue>,
    entry: &ProgrammeEntry,
    season: &Period,
) -> QueryResult<HashMap<Uuid, i64>> {
    let board = Board {
        code: entry.code.clone(),
        name: Localised { en: String::new(), de: String::new() },
        rank: Rank::Points,
        subject: BoardSubject::Person,
        period: Per::Season,
        show: Show::Named,
    };
    let key = BoardKey { programme: entry.code.clone(), board: entry.code.clone(), period: season.clone(), team: None };
    let Some(scope) = at_end(catalogue, entry, (&key, &board), season) else { return Ok(HashMap::new()) };
    Ok(past::listed(db, &scope)?.into_iter().map(|(person, scored)| (person, scored.key)).collect())
}

/// A board as of the end of its season, whether or not that is closed yet.
fn at_end(
    catalogue: &Arc<Catalogue>,
    entry: &ProgrammeEntry,
    (key, board): (&BoardKey, &Board),
    season: &Period,
) -> Option<Scope> {
    let scope = Scope::new(catalogue.clone(), entry, (key, board), key.period.from)?;
    Some(scope.of_course(Course::Closed { season: season.code.clone() }))
}

/// Who is shown by name, as they chose.
pub(super) struct Named {
    default: Visibility,
    chosen: HashMap<Uuid, Visibility>,
}

impl Named {
    pub(super) fn read(db: &mut Db, scope: &Scope) -> QueryResult<Self> {
        let mut chosen = HashMap::new();
        for choice in visibility::all(db)? {
            if choice.programme == scope.key.programme.as_str() {
                chosen.insert(choice.person_id()?.0, choice.visibility()?);
            }
        }
        Ok(Self { default: scope.catalogue.organization.privacy.default_visibility, chosen })
    }

    pub(super) fn is_named(&self, person: Uuid) -> bool {
        self.chosen.get(&person).copied().unwrap_or(self.default) == Visibility::Named
    }
}

/// What was kept of a board of persons, if it ranked then what it ranks now. One that is narrowed to a team lists who was
/// at home there at the period's end.
pub(super) fn held(db: &mut Db, scope: &Scope) -> QueryResult<Option<Vec<(Uuid, Scored)>>> {
    let Some(frozen) = kept(db, scope)? else { return Ok(None) };
    let held = frozen.entries.iter().filter_map(|entry| Some((entry.subject, entry.scored()?))).collect();
    Ok(Some(narrowed(db, scope, held)?))
}

/// The same of a board of teams. Who counts in a number is decided by today's choices, like who is listed on a board of
/// persons: else what those had who show their names now could be taken away from it. Points are published, so the number of
/// those shown by name can be had at any time; a number of other evidence, which may have changed since, is withheld.
pub(super) fn held_of_teams(
    db: &mut Db,
    scope: &Scope,
    is_named: &dyn Fn(Uuid) -> bool,
) -> QueryResult<Option<Vec<(Uuid, Scored)>>> {
    let Some(frozen) = kept(db, scope)? else { return Ok(None) };
    let today = teams::all(db, scope, is_named)?;
    let scored = |entry: &FrozenEntry| match today.scores.get(&entry.subject) {
        Some(now) if now.shown.is_some() && now.counts_all => Some(entry.whole()),
        Some(now) if scope.board.rank == Rank::Points => now.shown,
        Some(_) if entry.shown.is_none() => None,
        Some(_) | None => entry.scored(),
    };
    let held = frozen.entries.iter().filter_map(|entry| Some((entry.subject, scored(entry)?))).collect();
    Ok(Some(narrowed(db, scope, held)?))
}

fn kept(db: &mut Db, scope: &Scope) -> QueryResult<Option<FrozenBoard>> {
    let Course::Closed { season } = &scope.course else { return Ok(None) };
    let key = &scope.key;
    let body = seasons::frozen(db, key.programme.as_str(), season, key.board.as_str(), &key.period.code)?;
    let frozen: Option<FrozenBoard> = body.map(|body| row::from_json(&body)).transpose()?;
    let (subject, rank) = (subject_name(scope.board.subject), rank_name(&scope.board.rank));
    Ok(frozen.filter(|frozen| frozen.subject == subject && frozen.rank == rank))
}

/// Those of some subjects that belong to the team that a board is narrowed to, if it is.
fn narrowed(db: &mut Db, scope: &Scope, mut subjects: Vec<(Uuid, Scored)>) -> QueryResult<Vec<(Uuid, Scored)>> {
    if scope.key.team.is_none() {
        return Ok(subjects);
    }
    let belongs = |team: TeamId| scope.catalogue.teams.get(team).is_some_and(|team| scope.is_within(&team.lineage));
    if let BoardSubject::Team(_) = scope.board.subject {
        subjects.retain(|(id, _)| belongs(TeamId(*id)));
        return Ok(subjects);
    }
    let ids: Vec<String> = subjects.iter().map(|(id, _)| id.to_string()).collect();
    let homes = memberships::home_teams(db, &ids, scope.now)?;
    let at_home = homes.into_iter().filter(|(_, team)| belongs(*team));
    let within = at_home.map(|(person, _)| subject_id(&person)).collect::<QueryResult<HashSet<Uuid>>>()?;
    subjects.retain(|(id, _)| within.contains(id));
    Ok(subjects)
}
