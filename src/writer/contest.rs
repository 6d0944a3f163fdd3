//! Contests: taking somebody out, taking that back, and finalising, which freezes the standing, grants the badges won and
//! proposes the rewards.

use std::collections::HashSet;

use uuid::Uuid;

use super::{Actor, Command, Failure, Tx, due, proposal, season, statement};
use crate::boards::contest::{self as held, Edition, State, Which};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::{Competitor, ContestResult, Outcome, Terms};
use crate::domain::ids::{PersonId, Subject};
use crate::domain::problem::{Problem, ProblemCode};
use crate::domain::season::Kind;
use crate::domain::time::Instant;
use crate::store::contests::{self, DisqualificationRow, ResultRow, WonBadgeRow};
use crate::store::db::Db;
use crate::store::head::ChangeKind;
use crate::store::{due as due_list, memberships, row};

/// A holding of a contest of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContestRef {
    /// Code of the programme.
    pub programme: String,
    /// Code of the contest.
    pub contest: String,
    /// Which holding.
    pub which: Which,
}

impl ContestRef {
    fn find<'a>(&self, catalogue: &'a Catalogue, now: Instant) -> Result<(&'a ProgrammeEntry, Edition), Failure> {
        let entry = catalogue.programmes.get(&self.programme).ok_or(ProblemCode::NotFound)?;
        Ok((entry, Edition::find(entry, &self.contest, &self.which, now)?))
    }
}

/// Takes a subject out of a contest, or changes the note. Others move up. Until it is finalised.
pub struct DisqualifyFromContest {
    /// Of which.
    pub contest: ContestRef,
    /// Who.
    pub subject: Uuid,
    /// Why, already checked as text.
    pub note: String,
}

/// Takes a disqualification back. Until the contest is finalised.
pub struct RequalifyForContest {
    /// Of which contest.
    pub contest: ContestRef,
    /// Whose.
    pub subject: Uuid,
}

/// Finalises a contest that is over, for good. A further time does nothing.
pub struct FinaliseContest {
    /// Which.
    pub contest: ContestRef,
}

impl Command for DisqualifyFromContest {
    type Output = DisqualificationRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<DisqualificationRow, Failure> {
        let catalogue = tx.catalogue()?;
        let (entry, edition) = self.contest.find(&catalogue, tx.now)?;
        refuse_decided(tx.db, entry, &edition, tx.now)?;
        let competitors = held::standing(tx.db, &catalogue, entry, &edition, tx.now)?;
        if !competitors.iter().any(|one| one.subject == self.subject) {
            return Err(ProblemCode::NotFound.into());
        }
        let place = edition.held(entry);
        let subject = self.subject.to_string();
        let before = contests::disqualifications(tx.db, place)?;
        if let Some(same) = before.iter().find(|row| row.subject == subject && row.note == self.note) {
            return Ok(same.clone());
        }
        let mut out = subjects_of(&before)?;
        out.insert(self.subject);
        refuse_winner(tx, &edition, &outcome(&edition, &competitors, &out))?;
        let row = DisqualificationRow {
            programme: place.programme.to_owned(),
            contest: place.contest.to_owned(),
            period: place.period.to_owned(),
            subject,
            note: self.note.clone(),
            disqualified_by: tx.actor_text(),
            disqualified_at: row::stored(tx.now),
        };
        contests::put_disqualification(tx.db, &row)?;
        tx.record(ChangeKind::Programme, entry.code.as_str())?;
        Ok(row)
    }
}

impl Command for RequalifyForContest {
    type Output = ();

    fn run(&self, tx: &mut Tx<'_>) -> Result<(), Failure> {
        let catalogue = tx.catalogue()?;
        let (entry, edition) = self.contest.find(&catalogue, tx.now)?;
        refuse_decided(tx.db, entry, &edition, tx.now)?;
        if stands_for(tx, &edition)? == Some(self.subject) {
            return Err(ProblemCode::ContestInterest.into());
        }
        if !contests::remove_disqualification(tx.db, edition.held(entry), &self.subject.to_string())? {
            return Err(ProblemCode::NotFound.into());
        }
        tx.record(ChangeKind::Programme, entry.code.as_str())?;
        Ok(())
    }
}

impl Command for FinaliseContest {
    type Output = ResultRow;

    fn run(&self, tx: &mut Tx<'_>) -> Result<ResultRow, Failure> {
        let catalogue = tx.catalogue()?;
        let (entry, edition) = self.contest.find(&catalogue, tx.now)?;
        if let Some(finalised) = contests::result(tx.db, edition.held(entry))? {
            return Ok(finalised);
        }
        if tx.now < edition.decided_at {
            let earliest = edition.decided_at.to_rfc3339();
            return Err(Problem::new(ProblemCode::ContestNotOver).with("earliest", earliest).into());
        }
        settle(tx, entry, &edition)?;
        // Settling may have changed what the programme has decided.
        let catalogue = tx.catalogue()?;
        let (entry, edition) = self.contest.find(&catalogue, tx.now)?;
        let competitors = held::standing(tx.db, &catalogue, entry, &edition, tx.now)?;
        let out = subjects_of(&contests::disqualifications(tx.db, edition.held(entry))?)?;
        let outcome = outcome(&edition, &competitors, &out);
        refuse_winner(tx, &edition, &outcome)?;
        finalise(tx, entry, &edition, outcome)
    }
}

/// Decides what time has made due, and refuses if anything that counts in the contest is still to be settled.
fn settle(tx: &mut Tx<'_>, entry: &ProgrammeEntry, edition: &Edition) -> Result<(), Failure> {
    due::Tick.run(tx)?;
    due::work_off(tx)?;
    let (period, mut waiting) = (&edition.period, 0);
    let last_day = period.until_day.pred_opt().unwrap_or(period.first_day);
    for season in entry.seasons_until(last_day).iter().filter(|season| period.first_day < season.until_day) {
        waiting += due_list::count_before(tx.db, entry.code.as_str(), &season.code, period.until_day)?;
    }
    match waiting {
        0 => Ok(()),
        count => Err(Problem::new(ProblemCode::ContestUnsettled).with("count", count).into()),
    }
}

fn finalise(
    tx: &mut Tx<'_>,
    entry: &ProgrammeEntry,
    edition: &Edition,
    outcome: Outcome,
) -> Result<ResultRow, Failure> {
    let catalogue = tx.catalogue()?;
    let (place, position) = (edition.held(entry), tx.sequence);
    let (programme, contest, period) = (place.programme.to_owned(), place.contest.to_owned(), place.period.to_owned());
    let prizes = outcome.won.iter().filter_map(|won| Some((edition.subject(won.subject), won.badge.clone()?)));
    let badges: Vec<(Subject, _)> = prizes.collect();
    let result = ContestResult {
        programme: programme.clone(),
        contest: contest.clone(),
        period: edition.period.code.clone(),
        from: edition.period.first_day,
        until: edition.period.until_day,
        board: edition.board.code.to_string(),
        subjects: edition.subjects(),
        form: edition.form(&catalogue),
        season: edition.season.code.clone(),
        position,
        finalised_at: tx.now,
        outcome,
    };
    let row = ResultRow {
        programme,
        contest,
        period,
        position,
        finalised_by: tx.actor_text(),
        finalised_at: row::stored(tx.now),
        body: row::to_json(&result)?,
    };
    let won = |(subject, badge): &(Subject, _)| WonBadgeRow {
        programme: row.programme.clone(),
        contest: row.contest.clone(),
        period: row.period.clone(),
        subject: subject.uuid().to_string(),
        badge: String::from(Clone::clone(badge)),
        season: edition.season.code.clone(),
    };
    contests::insert_result(tx.db, &row, &badges.iter().map(won).collect::<Vec<_>>())?;
    statement::grant_for_good(tx, entry, &edition.season, badges)?;
    proposal::of_contest(tx, &result)?;
    season::changed(tx, entry)?;
    Ok(row)
}

fn outcome(edition: &Edition, competitors: &[Competitor], disqualified: &HashSet<Uuid>) -> Outcome {
    let Edition { contest, .. } = edition;
    Outcome::of(competitors, Terms { qualify_samples: contest.qualify_samples, prizes: &contest.prizes, disqualified })
}

fn subjects_of(rows: &[DisqualificationRow]) -> Result<HashSet<Uuid>, Failure> {
    let subject = |row: &DisqualificationRow| Uuid::try_parse(&row.subject).map_err(|error| row::corrupt(error).into());
    rows.iter().map(subject).collect()
}

/// Refuses to take somebody out of, or back into, a contest that has not begun or was finalised.
fn refuse_decided(db: &mut Db, entry: &ProgrammeEntry, edition: &Edition, now: Instant) -> Result<(), Failure> {
    let is_finalised = contests::result(db, edition.held(entry))?.is_some();
    match edition.state(now, is_finalised) {
        State::Running | State::Ended => Ok(()),
        state => Err(Problem::new(ProblemCode::UnfitState).with("state", state.name()).into()),
    }
}

/// Refuses whoever would win a prize of what they decide.
fn refuse_winner(tx: &mut Tx<'_>, edition: &Edition, outcome: &Outcome) -> Result<(), Failure> {
    let wins = stands_for(tx, edition)?.is_some_and(|subject| outcome.is_won_by(subject));
    if wins { Err(ProblemCode::ContestInterest.into()) } else { Ok(()) }
}

/// As whom the actor takes part in a contest, if they do: as themselves, or with the team they were at home in at last.
fn stands_for(tx: &mut Tx<'_>, edition: &Edition) -> Result<Option<Uuid>, Failure> {
    let Actor::Person(PersonId(person)) = tx.actor else { return Ok(None) };
    if edition.subjects() == Kind::Person {
        return Ok(Some(person));
    }
    let homes = memberships::home_teams(tx.db, &[person.to_string()], edition.moment(tx.now))?;
    Ok(homes.into_values().next().map(|team| team.0))
}
