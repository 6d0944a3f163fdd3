//! A contest put together for one viewer: from what was finalised, or from how it stands now.

use std::collections::HashSet;
use std::sync::Arc;

use diesel::QueryResult;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::body::{
    ContestHead, ContestOut, ContestPeriod, ContestScore, DisqualifiedOut, NotQualifiedOut, OwnOut, PlacedOut,
    QualifyOut, WinnerOut, kind_name,
};
use super::shown::{ContestantOut, Eyes, Viewer, named};
use crate::boards::contest::{Edition, Sight, Standings, State};
use crate::boards::directory::Directory;
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::{ContestResult, Outcome, Placed, ScoreForm, Terms, Unqualified, Won};
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
    outcome: Outcome,
    disqualified: Vec<(Uuid, DisqualificationRow)>,
    result: Option<ContestResult>,
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

/// Where a page starts: after somebody with a score, who is not told.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Place {
    score: i64,
    mark: u64,
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
#[derive(Clone)]
pub struct Look {
    /// Teams.
    pub catalogue: Arc<Catalogue>,
    /// The programme.
    pub entry: Arc<ProgrammeEntry>,
    /// The contest.
    pub edition: Edition,
    /// When.
    pub now: Instant,
}

impl Look {
    /// Reads how it stands.
    pub fn standing(&self, db: &mut Db, standings: &Standings) -> QueryResult<Standing> {
        let Self { catalogue, entry, edition, now } = self;
        let held = edition.held(entry);
        let rows = contests::disqualifications(db, held)?.into_iter();
        let subject = |row: DisqualificationRow| Ok((Uuid::try_parse(&row.subject).map_err(row::corrupt)?, row));
        let disqualified: Vec<(Uuid, DisqualificationRow)> = rows.map(subject).collect::<QueryResult<_>>()?;
        if let Some(kept) = contests::result(db, held)? {
            let result: ContestResult = row::from_json(&kept.body)?;
            return Ok(Standing { outcome: result.outcome.clone(), disqualified, result: Some(result) });
        }
        if edition.state(*now, false) == State::Upcoming {
            return Ok(Standing { outcome: Outcome::default(), disqualified, result: None });
        }
        let competitors = standings.read(db, catalogue, entry, edition, *now)?;
        let out: HashSet<Uuid> = disqualified.iter().map(|(subject, _)| *subject).collect();
        let contest = &edition.contest;
        let terms = Terms { qualify_samples: contest.qualify_samples, prizes: &contest.prizes, disqualified: &out };
        Ok(Standing { outcome: Outcome::of(&competitors, terms), disqualified, result: None })
    }

    /// The contest with a page of how it stands. The directory is not older than the standing.
    pub fn page(
        &self,
        standing: &Standing,
        directory: &Directory,
        viewer: Viewer,
        paged: &Paged,
    ) -> Result<ContestOut, ApiError> {
        let (edition, result) = (&self.edition, standing.result.as_ref());
        let kind: Kind = result.map_or_else(|| edition.subjects(), |result| result.subjects);
        let sight = Sight::new(directory, &self.catalogue, &self.entry, (edition, kind), self.now);
        let eyes = Eyes { viewer, sight, show: edition.board.show, kind, directory, catalogue: &self.catalogue };
        let shown =
            Shown { form: result.map_or_else(|| edition.form(&self.catalogue), |result| result.form), standing, eyes };
        let listed = shown.listed();
        let seen: Vec<&Placed> = listed.iter().filter(|one| shown.eyes.sees(one.subject, Some(one.rank))).collect();
        let start = self.start(&shown.eyes.sight, &seen, paged.after.as_ref())?;
        let rows: Vec<&Placed> = seen.iter().skip(start).take(paged.limit.get()).copied().collect();
        let next = rows.last().filter(|_| start + rows.len() < seen.len());
        let next = next.map(|last| Place { score: last.score, mark: shown.eyes.sight.mark(last.subject) });
        let finalised_at = result.map(|result| result.finalised_at);
        Ok(ContestOut {
            head: head(&self.entry, edition, self.now, finalised_at),
            qualify: QualifyOut { samples: edition.contest.qualify_samples },
            prizes: edition.contest.prizes.iter().map(Into::into).collect(),
            total: seen.len(),
            items: rows.iter().filter_map(|one| shown.placed(one)).collect(),
            me: viewer.own.and_then(|own| shown.own(own, &listed)),
            not_qualified: shown.not_qualified(paged.limit.get()),
            winners: result.map(|_| shown.winners()),
            disqualified: viewer.sees_all.then(|| shown.disqualified()),
            next: next.map(|place| Cursor::after(&self.list(), &place)).transpose()?,
        })
    }

    fn list(&self) -> String {
        format!("contest.1:{}/{}/{}", self.entry.code, self.edition.contest.code, self.edition.key)
    }

    fn start(&self, sight: &Sight<'_>, seen: &[&Placed], after: Option<&Cursor>) -> Result<usize, ApiError> {
        let Some(after) = after else { return Ok(0) };
        let place: Place = after.key(&self.list())?;
        let there = seen.iter().position(|one| one.score == place.score && sight.mark(one.subject) == place.mark);
        // Whoever the page ended with has moved since: it goes on with those below.
        Ok(there.map_or_else(|| seen.partition_point(|one| one.score >= place.score), |position| position + 1))
    }
}

/// The state of a team of which anything more, even whether it qualifies, would uncover a member.
const WITHHELD: &str = "withheld";

/// Decimals of scores of measures.
const MEASURED: u32 = 6;

/// A standing in the eyes of somebody.
struct Shown<'a> {
    standing: &'a Standing,
    eyes: Eyes<'a>,
    form: ScoreForm,
}

impl Shown<'_> {
    /// Those placed who count in the ranks that are seen, ranked among themselves like on boards: a rank that is missing
    /// would be that of somebody hidden.
    fn listed(&self) -> Vec<Placed> {
        let counting = self.standing.outcome.placed.iter().filter(|one| self.eyes.counts(one.subject));
        let counting = counting.filter(|one| !self.is_kept_back(one.is_withheld));
        let mut listed: Vec<Placed> = counting.copied().collect();
        let mut last = None;
        for (place, one) in (1..).zip(&mut listed) {
            one.rank = last.filter(|(score, _)| *score == one.score).map_or(place, |(_, rank)| rank);
            last = Some((one.score, one.rank));
        }
        listed
    }

    /// Whether somebody's place is kept back, too: between those of others it would tell the score that is withheld.
    fn is_kept_back(&self, is_withheld: bool) -> bool {
        is_withheld && !self.eyes.viewer.sees_all
    }

    /// Score and samples, unless they would uncover somebody.
    fn numbers(&self, score: i64, samples: i64, is_withheld: bool) -> (Option<ContestScore>, Option<i64>) {
        let shown = !is_withheld || self.eyes.viewer.sees_all;
        (shown.then(|| ContestScore::new(score, self.form)), shown.then_some(samples))
    }

    fn placed(&self, one: &Placed) -> Option<PlacedOut> {
        let (score, samples) = self.numbers(one.score, one.samples, one.is_withheld);
        Some(PlacedOut { rank: one.rank, subject: self.eyes.face(one.subject)?, score, samples })
    }

    fn not_qualified(&self, most: usize) -> Vec<NotQualifiedOut> {
        let short = self.standing.outcome.unqualified.iter().filter(|one| self.eyes.sees(one.subject, None));
        let short = short.filter(|one| !self.is_kept_back(one.is_withheld));
        let shown = |one: &Unqualified| {
            let (score, samples) = self.numbers(one.score, one.samples, one.is_withheld);
            // What few values come to boards do not show either.
            let score = score.filter(|_| self.form.decimals != MEASURED || self.eyes.viewer.sees_all);
            let missing = samples.map(|_| one.missing);
            Some(NotQualifiedOut { subject: self.eyes.face(one.subject)?, score, samples, missing })
        };
        short.take(most).filter_map(shown).collect()
    }

    /// Who won what. Where somebody hidden takes part, that a prize is missing would tell that they won it: then others
    /// see nobody's prize but their own.
    fn winners(&self) -> Vec<WinnerOut> {
        let all_count = self
            .standing
            .outcome
            .placed
            .iter()
            .all(|one| self.eyes.counts(one.subject) && !self.is_kept_back(one.is_withheld));
        let own = |won: &Won| Some(won.subject) == self.eyes.viewer.own;
        let seen = |won: &&Won| own(won) || (all_count && self.eyes.sees(won.subject, Some(won.rank)));
        let seen = self.standing.outcome.won.iter().filter(seen);
        seen.take(MOST_WINNERS).filter_map(|won| Some(winner(won, self.eyes.face(won.subject)?))).collect()
    }

    fn disqualified(&self) -> Vec<DisqualifiedOut> {
        let rows = self.standing.disqualified.iter();
        rows.filter_map(|(subject, row)| Some(disqualified_out(row, self.eyes.face(*subject)?))).collect()
    }

    /// How somebody stands in their own eyes.
    fn own(&self, own: Uuid, listed: &[Placed]) -> Option<OwnOut> {
        let Standing { outcome, disqualified, .. } = self.standing;
        if outcome.disqualified.contains(&own) {
            let note = disqualified.iter().find(|(subject, _)| *subject == own).map(|(_, row)| row.note.clone());
            return Some(OwnOut { note, ..OwnOut::new("disqualified") });
        }
        if let Some(one) = outcome.placed.iter().find(|one| one.subject == own) {
            if self.is_kept_back(one.is_withheld) {
                return Some(OwnOut::new(WITHHELD));
            }
            let rank = 1 + listed.iter().filter(|other| other.score > one.score).count();
            let (score, samples) = self.numbers(one.score, one.samples, one.is_withheld);
            return Some(OwnOut { rank: Some(rank), score, samples, ..OwnOut::new("placed") });
        }
        let one = outcome.unqualified.iter().find(|one| one.subject == own)?;
        if self.is_kept_back(one.is_withheld) {
            return Some(OwnOut::new(WITHHELD));
        }
        let (score, samples) = self.numbers(one.score, one.samples, one.is_withheld);
        Some(OwnOut { score, samples, missing: Some(one.missing), ..OwnOut::new("not_qualified") })
    }
}

/// The winners of a contest that was finalised, as HR sees them.
pub fn winners(db: &mut Db, catalogue: &Catalogue, result: &ContestResult) -> QueryResult<Vec<WinnerOut>> {
    let won: Vec<&Won> = result.outcome.won.iter().take(MOST_WINNERS).collect();
    let subjects: Vec<Uuid> = won.iter().map(|won| won.subject).collect();
    let faces = named(db, catalogue, result.subjects, &subjects)?;
    Ok(won.into_iter().zip(faces).filter_map(|(won, face)| Some(winner(won, face?))).collect())
}

fn winner(won: &Won, subject: ContestantOut) -> WinnerOut {
    let (badge, reward) = (won.badge.as_ref(), won.reward.as_ref());
    let (badge, reward) = (badge.map(ToString::to_string), reward.map(ToString::to_string));
    WinnerOut { rank: won.rank, subject, badge, reward }
}

/// A disqualification as HR sees it.
pub fn disqualified_out(row: &DisqualificationRow, subject: ContestantOut) -> DisqualifiedOut {
    DisqualifiedOut { subject, note: row.note.clone(), disqualified_at: row::instant(row.disqualified_at) }
}
