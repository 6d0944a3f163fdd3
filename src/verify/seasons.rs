//! Promise 6: what a closed season published is what its transfers come to up to its position, and nothing has touched it
//! since.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::QueryResult;

use super::{Badges, Report};
use crate::boards::frozen::{FrozenBoard, periods_of, subject_name};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::{PersonId, Subject, TeamId};
use crate::domain::period::Period;
use crate::domain::programme::{Board, BoardSubject, Combine, Programme, Rank};
use crate::domain::season::{Kind, Line, Statement, ranked};
use crate::store::boards::Counted;
use crate::store::db::Db;
use crate::store::row;
use crate::store::seasons::{self, FrozenBoardRow, SeasonRow};

/// Checks every closed season; takes from `named` and `held` the badges of these seasons, which are held for good.
pub(super) fn check(
    db: &mut Db,
    report: &mut Report,
    catalogue: &Catalogue,
    (named, held, won): (&mut Badges, &mut Badges, &Badges),
) -> QueryResult<()> {
    for programme in catalogue.activated() {
        for season in programme.seasons.values() {
            let Some(position) = season.position else { continue };
            report.seasons += 1;
            let of_season =
                |key: &(String, String, String, String)| key.0 == season.programme && key.1 == season.season;
            let kept: Badges = held.extract_if(.., |key| of_season(key)).collect();
            named.retain(|key| !of_season(key));
            let period = programme.newest().and_then(|newest| newest.calendar.season(&season.season));
            let statement = seasons::statement(db, &season.programme, &season.season)?;
            let Some((period, statement)) = period.zip(statement) else {
                report.find(format!("season {} of {} is closed and has no statement", season.season, season.programme));
                continue;
            };
            let whose = Whose { row: season, period: &period, position };
            // What was won in a contest after the closing is held, and does not stand in the statement.
            let won = won.iter().filter(|key| of_season(key)).cloned().collect();
            check_statement(db, report, whose, (&row::from_json(&statement)?, &kept, &won))?;
            check_boards(db, report, programme, whose)?;
        }
    }
    Ok(())
}

/// A closed season.
#[derive(Clone, Copy)]
struct Whose<'a> {
    row: &'a SeasonRow,
    period: &'a Period,
    position: i64,
}

impl Whose<'_> {
    /// The awards of some of its days.
    fn counted(&self, period: &Period) -> Counted<'_> {
        Counted { programme: &self.row.programme, from: period.from, until: period.until }
    }

    fn of(&self) -> (&str, i64) {
        (&self.row.season, self.position)
    }
}

impl std::fmt::Display for Whose<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "season {} of {}", self.row.season, self.row.programme)
    }
}

fn check_statement(
    db: &mut Db,
    report: &mut Report,
    whose: Whose<'_>,
    (statement, held, won): (&Statement, &Badges, &Badges),
) -> QueryResult<()> {
    if statement.position != whose.position {
        report.find(format!("{whose}: the statement names position {}, not {}", statement.position, whose.position));
    }
    let mut published = seasons::published(db, whose.counted(whose.period), whose.of())?;
    let mut stated = BTreeMap::new();
    for line in &statement.subjects {
        let subject = subject_of(line);
        let points = published.remove(&subject.uuid().to_string()).unwrap_or(0);
        if points != line.points {
            report.find(format!(
                "{whose}: the statement gives {} points to {}, and the ledger {points}",
                line.points, line.subject.id
            ));
        }
        stated.insert(subject, line.points);
    }
    for (subject, points) in published.into_iter().filter(|(_, points)| *points != 0) {
        report.find(format!("{whose}: {subject} has {points} points and does not stand in the statement"));
    }
    let ranks = statement.subjects.iter().map(|line| (subject_of(line), line.points, line.rank));
    if !ranks.eq(ranked(&stated)) {
        report.find(format!("{whose}: the statement's ranks are not those of its points"));
    }
    let stated = statement.subjects.iter().flat_map(|line| line.badges.iter().map(move |badge| (badge.clone(), line)));
    let mut stated: BTreeSet<(String, String)> =
        stated.map(|(badge, line)| (badge, line.subject.id.to_string())).collect();
    let of_subjects = |badges: &Badges| -> BTreeSet<(String, String)> {
        badges.iter().map(|(_, _, badge, subject)| (badge.clone(), subject.clone())).collect()
    };
    stated.extend(of_subjects(won));
    for (badge, subject) in stated.symmetric_difference(&of_subjects(held)) {
        report.find(format!("{whose}: badge {badge} of {subject} is not as the statement has it"));
    }
    Ok(())
}

fn subject_of(line: &Line) -> Subject {
    match line.subject.kind {
        Kind::Person => Subject::Person(PersonId(line.subject.id)),
        Kind::Team => Subject::Team(TeamId(line.subject.id)),
    }
}

/// The scores of kept boards are what was published in their periods. Means also rest on the days of members who earned
/// nothing, which may still be corrected: they are left out, and so are boards of kudos and measures, and those that the
/// programme does not have any more.
fn check_boards(db: &mut Db, report: &mut Report, programme: &ProgrammeEntry, whose: Whose<'_>) -> QueryResult<()> {
    let Some(newest) = programme.newest() else { return Ok(()) };
    for kept in seasons::frozen_of(db, &whose.row.programme, &whose.row.season)? {
        let frozen: FrozenBoard = row::from_json(&kept.body)?;
        let Some((subject, period)) = now_known(newest, whose.period, &kept, &frozen) else { continue };
        let counted = whose.counted(&period);
        let published: HashMap<String, i64> = match subject {
            BoardSubject::Person | BoardSubject::Team(Combine::Own) => seasons::published(db, counted, whose.of())?,
            BoardSubject::Team(Combine::Sum) => seasons::published_at_home(db, counted, whose.of())?,
            BoardSubject::Team(Combine::MeanPerMember) => continue,
        };
        for entry in &frozen.entries {
            let points = published.get(&entry.subject.to_string()).copied().unwrap_or(0);
            if points != entry.score {
                report.find(format!(
                    "{whose}: board {} gives {} to {} in {}, and the ledger {points}",
                    kept.board, entry.score, entry.subject, kept.period
                ));
            }
        }
    }
    Ok(())
}

/// Whom a kept board of points ranks and over which period, if the programme still has it like that.
fn now_known(
    newest: &Programme,
    season: &Period,
    kept: &FrozenBoardRow,
    frozen: &FrozenBoard,
) -> Option<(BoardSubject, Period)> {
    let ranks_points = |board: &&Board| board.rank == Rank::Points;
    let board = newest.boards.iter().find(|board| board.code.as_str() == kept.board).filter(ranks_points)?;
    let period = periods_of(newest, board, season).into_iter().find(|period| period.code == kept.period)?;
    (subject_name(board.subject) == frozen.subject).then_some((board.subject, period))
}
