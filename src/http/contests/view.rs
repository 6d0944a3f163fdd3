//! A contest put together for one viewer: from what was finalised, or from how it stands now.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::{
    ContestHead, ContestOut, ContestPeriod, ContestScore, DisqualifiedOut, NotQualifiedOut, OwnOut, PlacedOut,
    QualifyOut, WinnerOut, kind_name,
};
use super::shown::{ContestantOut, Viewer, faces};
use crate::boards::contest::{Edition, State, standing};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::{ContestResult, Outcome, Placed, Terms, Won};
use crate::domain::season::Kind;
use crate::domain::time::Instant;
use crate::http::page::{Cursor, Limit};
use crate::http::problem::ApiError;
use crate::store::contests::{self, DisqualificationRow};
use crate::store::db::Db;
use crate::store::row;

/// Winners that are told in one answer.
const MOST_WINNERS: usize = 200;

/// How a contest stands: as it was finalised, else as things are now.
pub struct Standing {
    /// How it stands.
    outcome: Outcome,
    disqualified: Vec<DisqualificationRow>,
    result: Option<ContestResult>,
}

impl Standing {
    /// Reads it.
    pub fn load(
        db: &mut Db,
        catalogue: &Catalogue,
        entry: &ProgrammeEntry,
        edition: &Edition,
        now: Instant,
    ) -> QueryResult<Self> {
        let held = edition.held(entry);
        let disqualified = contests::disqualifications(db, held)?;
        if let Some(kept) = contests::result(db, held)? {
            let result: ContestResult = row::from_json(&kept.body)?;
            return Ok(Self { outcome: result.outcome.clone(), disqualified, result: Some(result) });
        }
        if edition.state(now, false) == State::Upcoming {
            return Ok(Self { outcome: Outcome::default(), disqualified, result: None });
        }
        let competitors = standing(db, catalogue, entry, edition, now)?;
        let out: HashSet<Uuid> = disqualified.iter().map(subject_of).collect::<QueryResult<_>>()?;
        let contest = &edition.contest;
        let terms = Terms { qualify_samples: contest.qualify_samples, prizes: &contest.prizes, disqualified: &out };
        Ok(Self { outcome: Outcome::of(&competitors, terms), disqualified, result: None })
    }
}

fn subject_of(row: &DisqualificationRow) -> QueryResult<Uuid> {
    Uuid::try_parse(&row.subject).map_err(row::corrupt)
}

/// What stands above a contest.
pub fn head(entry: &ProgrammeEntry, edition: &Edition, now: Instant, finalised_at: Option<Instant>) -> ContestHead {
    ContestHead {
        programme: entry.code.to_string(),
        contest: edition.contest.code.to_string(),
        name: edition.name.clone().into(),
        board: edition.board.code.to_string(),
        subject: kind_name(edition),
        period: ContestPeriod::new(&edition.period, &edition.season.code),
        state: edition.state(now, finalised_at.is_some()).name(),
        decided_at: edition.decided_at,
        finalised_at,
    }
}

/// Where a page starts: after somebody with a score.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    score: i64,
    subject: Uuid,
}

/// Which page of a contest.
#[derive(Debug, Clone)]
pub struct Paged {
    /// How many.
    pub limit: Limit,
    /// After what.
    pub after: Option<Cursor>,
}

/// A contest that somebody looks at.
pub struct Look {
    /// Teams.
    pub catalogue: Arc<Catalogue>,
    /// The programme.
    pub entry: Arc<ProgrammeEntry>,
    /// The contest.
    pub edition: Edition,
    /// Who looks.
    pub viewer: Viewer,
    /// When.
    pub now: Instant,
}

impl Look {
    /// The contest with a page of how it stands.
    pub fn page(&self, db: &mut Db, paged: &Paged) -> Result<ContestOut, ApiError> {
        let (viewer, edition) = (&self.viewer, &self.edition);
        let standing = Standing::load(db, &self.catalogue, &self.entry, edition, self.now)?;
        let Standing { outcome, disqualified, result } = &standing;
        let seen: Vec<&Placed> = outcome.placed.iter().filter(|one| viewer.sees(one.subject, Some(one.rank))).collect();
        let start = self.start(&seen, paged.after.as_ref())?;
        let rows: Vec<&Placed> = seen.iter().skip(start).take(paged.limit.get()).copied().collect();
        let next = rows.last().filter(|_| start + rows.len() < seen.len());
        let next = next.map(|last| Place { score: last.score, subject: last.subject });
        let next = next.map(|place| Cursor::after(&self.list(), &place)).transpose()?;
        let winners: Vec<&Won> = if result.is_some() { self.winners(outcome) } else { Vec::new() };
        let short = outcome.unqualified.iter().filter(|one| viewer.sees(one.subject, None));
        let short: Vec<_> = short.take(paged.limit.get()).collect();
        let out = disqualified.iter().filter(|_| viewer.sees_all);
        let out = out.map(|row| Ok((subject_of(row)?, row))).collect::<QueryResult<Vec<_>>>()?;
        let subjects = rows.iter().map(|one| one.subject).chain(winners.iter().map(|won| won.subject));
        let subjects = subjects.chain(short.iter().map(|one| one.subject)).chain(out.iter().map(|(id, _)| *id));
        let faces = self.faces(db, result.as_ref(), subjects.collect())?;
        let form = result.as_ref().map_or_else(|| edition.form(&self.catalogue), |result| result.form);
        let score = |score| ContestScore::new(score, form);
        let face = |id: Uuid| faces.get(&id).cloned();
        let finalised_at = result.as_ref().map(|result| result.finalised_at);
        Ok(ContestOut {
            head: head(&self.entry, edition, self.now, finalised_at),
            qualify: QualifyOut { samples: edition.contest.qualify_samples },
            prizes: edition.contest.prizes.iter().map(Into::into).collect(),
            total: seen.len(),
            items: rows.iter().filter_map(|one| placed(one, face(one.subject)?, score(one.score)).into()).collect(),
            me: own(&standing, viewer.own, score),
            not_qualified: short
                .iter()
                .filter_map(|one| {
                    let (subject, score) = (face(one.subject)?, score(one.score));
                    Some(NotQualifiedOut { subject, score, samples: one.samples, missing: one.missing })
                })
                .collect(),
            winners: result.is_some().then(|| shown(&winners, &faces)),
            disqualified: viewer.sees_all.then(|| {
                let one = |(id, row): &(Uuid, &DisqualificationRow)| disqualified_out(row, face(*id)?).into();
                out.iter().filter_map(one).collect()
            }),
            next,
        })
    }

    fn winners<'a>(&self, outcome: &'a Outcome) -> Vec<&'a Won> {
        let seen = outcome.won.iter().filter(|won| self.viewer.sees(won.subject, Some(won.rank)));
        seen.take(MOST_WINNERS).collect()
    }

    fn faces(
        &self,
        db: &mut Db,
        result: Option<&ContestResult>,
        subjects: Vec<Uuid>,
    ) -> QueryResult<HashMap<Uuid, ContestantOut>> {
        let kind: Kind = result.map_or_else(|| self.edition.subjects(), |result| result.subjects);
        faces(db, &self.catalogue, kind, &subjects)
    }

    fn list(&self) -> String {
        format!("contest.1:{}/{}/{}", self.entry.code, self.edition.contest.code, self.edition.key)
    }

    fn start(&self, seen: &[&Placed], after: Option<&Cursor>) -> Result<usize, ApiError> {
        let Some(after) = after else { return Ok(0) };
        let place: Place = after.key(&self.list())?;
        let there = seen.iter().position(|one| one.subject == place.subject && one.score == place.score);
        // Whoever the page ended with has moved since: it goes on with those below.
        Ok(there.map_or_else(|| seen.partition_point(|one| one.score >= place.score), |position| position + 1))
    }
}

/// The winners of a contest that was finalised, as HR sees them.
pub fn winners(db: &mut Db, catalogue: &Catalogue, result: &ContestResult) -> QueryResult<Vec<WinnerOut>> {
    let won: Vec<&Won> = result.outcome.won.iter().take(MOST_WINNERS).collect();
    let subjects: Vec<Uuid> = won.iter().map(|won| won.subject).collect();
    Ok(shown(&won, &faces(db, catalogue, result.subjects, &subjects)?))
}

fn shown(won: &[&Won], faces: &HashMap<Uuid, ContestantOut>) -> Vec<WinnerOut> {
    let winner = |won: &&Won| {
        let (badge, reward) = (won.badge.as_ref(), won.reward.as_ref());
        let (badge, reward) = (badge.map(ToString::to_string), reward.map(ToString::to_string));
        Some(WinnerOut { rank: won.rank, subject: faces.get(&won.subject)?.clone(), badge, reward })
    };
    won.iter().filter_map(winner).collect()
}

fn placed(one: &Placed, subject: ContestantOut, score: ContestScore) -> PlacedOut {
    PlacedOut { rank: one.rank, subject, score, samples: one.samples }
}

/// A disqualification as HR sees it.
pub fn disqualified_out(row: &DisqualificationRow, subject: ContestantOut) -> DisqualifiedOut {
    DisqualifiedOut { subject, note: row.note.clone(), disqualified_at: row::instant(row.disqualified_at) }
}

fn own(standing: &Standing, own: Option<Uuid>, score: impl Fn(i64) -> ContestScore) -> Option<OwnOut> {
    let own = own?;
    let Standing { outcome, disqualified, .. } = standing;
    if outcome.disqualified.contains(&own) {
        let note = disqualified.iter().find(|row| row.subject == own.to_string()).map(|row| row.note.clone());
        let state = "disqualified";
        return Some(OwnOut { state, rank: None, score: None, samples: None, missing: None, note });
    }
    if let Some(one) = outcome.placed.iter().find(|one| one.subject == own) {
        let (rank, score, samples) = (Some(one.rank), Some(score(one.score)), Some(one.samples));
        return Some(OwnOut { state: "placed", rank, score, samples, missing: None, note: None });
    }
    let one = outcome.unqualified.iter().find(|one| one.subject == own)?;
    let (score, samples, missing) = (Some(score(one.score)), Some(one.samples), Some(one.missing));
    Some(OwnOut { state: "not_qualified", rank: None, score, samples, missing, note: None })
}
