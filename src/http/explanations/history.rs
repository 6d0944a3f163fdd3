//! The past of an award: evidence and versions as they stood when its transfer was written.
//!
//! Memberships, roles and days off are kept as they are now, teams' sums too: an award that those no longer give is not
//! explained, rather than wrongly.

use std::collections::HashMap;
use std::sync::Arc;

use diesel::QueryResult;

use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::award::{Award, AwardKey, Cause};
use crate::domain::ids::{PersonId, SignalId, Subject, TeamId};
use crate::domain::ledger::Account;
use crate::domain::people::PersonFacts;
use crate::domain::period::{DaySpan, Period};
use crate::domain::points::Points;
use crate::domain::signal::Evidence;
use crate::domain::time::{Instant, Window};
use crate::engine::explain::words::told;
use crate::engine::explain::{Explanation, Sentences, explain, explain_team};
use crate::engine::fold::{Basis, awards};
use crate::engine::team::TeamBasis;
use crate::engine::timeline::Timeline;
use crate::http::problem::ApiError;
use crate::http::small_teams::shows_numbers;
use crate::store::db::Db;
use crate::store::ledger::TransferRow;
use crate::store::{row, signals, team_sums};
use crate::writer::settle::{facts_of, members_of};

/// An award as the ledger has it, and where it belongs.
pub(super) struct Past {
    pub entry: Arc<ProgrammeEntry>,
    pub season: Period,
    pub key: AwardKey,
    points: Points,
    at: Instant,
    version: u32,
    pub sequence: i64,
    pub recorded_at: Instant,
    /// The person of the fold; none of a team's.
    pub facts: Option<PersonFacts>,
}

/// An award that is explained.
pub(super) struct Known {
    pub explanation: Explanation,
    /// The versions of the evidence then.
    pub versions: HashMap<SignalId, i64>,
    /// The versions of the programme then.
    pub timeline: Timeline,
    /// Signals to look at though they may be about somebody else now.
    pub others: Vec<String>,
}

impl Past {
    /// The award of a transfer; none if it carries none.
    pub fn of(db: &mut Db, catalogue: &Catalogue, row: &TransferRow) -> Result<Option<Self>, ApiError> {
        let (Some(programme), Some(season), Some(rule), Some(version)) =
            (&row.programme, &row.season, &row.rule, row.version)
        else {
            return Ok(None);
        };
        let Some(entry) = catalogue.programmes.get(programme) else { return Ok(None) };
        let Some(season) = entry.newest().and_then(|newest| newest.calendar.season(season)) else { return Ok(None) };
        let subject = match Account::try_from(row.payee.clone()) {
            Ok(Account::Wallet(person)) => Subject::Person(person),
            Ok(Account::Team(team)) => Subject::Team(team),
            _ => return Ok(None),
        };
        let cause: Cause = row::parsed(row.cause.clone())?;
        let facts = match (subject, cause) {
            (Subject::Person(person), Cause::Signal(_) | Cause::Day(_) | Cause::Goal(_)) => {
                facts_of(db, catalogue, &[person].into())?.remove(&person)
            }
            _ => None,
        };
        Ok(Some(Self {
            entry: Arc::clone(entry),
            season,
            key: AwardKey { rule: row::parsed(rule.clone())?, subject, cause },
            points: Points(row.amount),
            at: row::instant(row.at),
            version: u32::try_from(version).map_err(row::corrupt)?,
            sequence: row.sequence,
            recorded_at: row::instant(row.recorded_at),
            facts,
        }))
    }

    /// How it came about; none if what is kept no longer gives it.
    pub fn explain(&self, db: &mut Db, catalogue: &Catalogue) -> Result<Option<Known>, ApiError> {
        let Some(facts) = &self.facts else { return self.explain_team(db, catalogue) };
        let cause: Vec<String> = match self.key.cause {
            Cause::Signal(signal) => vec![signal.to_string()],
            _ => Vec::new(),
        };
        // To read every revision is slow: only if what is still about the person does not give the award.
        let mut others = cause.clone();
        for attempt in 0..2 {
            if attempt == 1 {
                others = signals::moved_away(db, facts.person, self.sequence)?;
            }
            let stood = self.stood(db, facts.person, self.sequence, &others)?;
            let versions: HashMap<SignalId, i64> = stood.iter().map(|(one, version)| (one.id, *version)).collect();
            let evidence: Vec<Evidence> = stood.into_iter().map(|(one, _)| one).collect();
            for timeline in self.timelines() {
                let explained = explain(self.basis(&timeline, facts), &evidence, &self.key);
                let explained = explained.map_err(ApiError::internal)?.filter(|told| self.is(&told.award));
                if let Some(explanation) = explained {
                    return Ok(Some(Known { explanation, versions, timeline, others }));
                }
            }
        }
        Ok(None)
    }

    fn explain_team(&self, db: &mut Db, catalogue: &Catalogue) -> Result<Option<Known>, ApiError> {
        let team: TeamId = match (self.key.subject, self.key.cause) {
            (Subject::Team(team), _) | (_, Cause::TeamGoal(team, _)) => team,
            _ => return Ok(None),
        };
        let days = DaySpan { first: self.season.first_day, until: self.season.until_day };
        let sums = team_sums::of_team(db, self.entry.code.as_str(), &self.season.code, team, days)?;
        let members = members_of(db, catalogue, team)?;
        for timeline in self.timelines() {
            let (season, as_of) = (&self.season, Instant::MAX_UTC);
            let basis = TeamBasis { timeline: &timeline, season, team, members: &members, as_of };
            let explained = explain_team(basis, &sums, &self.key).map_err(ApiError::internal)?;
            if let Some(explanation) = explained.filter(|told| self.is(&told.award)) {
                let (versions, others) = (HashMap::new(), Vec::new());
                return Ok(Some(Known { explanation, versions, timeline, others }));
            }
        }
        Ok(None)
    }

    /// The evidence about a person in the season before a change, each signal with its version.
    fn stood(
        &self,
        db: &mut Db,
        person: PersonId,
        sequence: i64,
        others: &[String],
    ) -> QueryResult<Vec<(Evidence, i64)>> {
        signals::stood(db, person, (self.season.from, self.season.until), sequence, others)
    }

    /// What the fold awarded for its key before a change, by some versions.
    pub fn awarded(
        &self,
        db: &mut Db,
        timeline: &Timeline,
        sequence: i64,
        others: &[String],
    ) -> Result<Option<Award>, ApiError> {
        let Some(facts) = &self.facts else { return Ok(None) };
        let stood = self.stood(db, facts.person, sequence, others)?;
        let evidence: Vec<Evidence> = stood.into_iter().map(|(one, _)| one).collect();
        let outcome = awards(self.basis(timeline, facts), &evidence).map_err(ApiError::internal)?;
        Ok(outcome.awards.into_iter().find(|award| award.key == self.key))
    }

    /// Whether the fold's award is the one in the ledger.
    pub fn is(&self, award: &Award) -> bool {
        let content = &award.content;
        (content.points, content.at, content.version) == (self.points, self.at, self.version)
    }

    /// Everything that time decides is decided: of what the transfer awards it was.
    fn basis<'a>(&'a self, timeline: &'a Timeline, facts: &'a PersonFacts) -> Basis<'a> {
        Basis { timeline, season: &self.season, facts, as_of: Instant::MAX_UTC }
    }

    /// The versions that may have been there when the award was written, the likelier ones first: of one that was put in
    /// force at the same instant, either may have come first.
    fn timelines(&self) -> Vec<Timeline> {
        let until = self.versions_until(self.recorded_at, |activated, recorded| activated <= recorded);
        let before = self.versions_until(self.recorded_at, |activated, recorded| activated < recorded);
        let differs = before.versions.len() < until.versions.len() && !before.versions.is_empty();
        if differs { vec![until, before] } else { vec![until] }
    }

    /// The versions put in force by an instant.
    pub fn versions_by(&self, instant: Instant) -> Timeline {
        self.versions_until(instant, |activated, instant| activated <= instant)
    }

    fn versions_until(&self, instant: Instant, fits: impl Fn(Instant, Instant) -> bool) -> Timeline {
        let activated = |version: u32| {
            let entry = self.entry.versions.iter().find(|one| u32::try_from(one.row.version) == Ok(version));
            entry.and_then(|one| one.row.activated_at).map(row::instant)
        };
        let mut timeline = self.entry.timeline.clone();
        timeline.versions.retain(|one| activated(one.version).is_none_or(|at| fits(at, instant)));
        // An award of a day after the last is from before that was named.
        let day = self.entry.day_of(self.at);
        timeline.last_day = timeline.last_day.filter(|last| day.is_none_or(|day| day <= *last));
        timeline
    }

    /// Whether its numbers are not for `caller`, to whom a team's goal gave it: they would be about the other members.
    pub fn is_withheld(&self, db: &mut Db, catalogue: &Catalogue, caller: PersonId) -> QueryResult<bool> {
        let (Subject::Person(person), Cause::TeamGoal(team, goal)) = (self.key.subject, self.key.cause) else {
            return Ok(false);
        };
        let calendar = self.entry.newest().map(|newest| &newest.calendar);
        let Some(period) = calendar.and_then(|calendar| calendar.period_of(goal.per, goal.first_day)) else {
            return Ok(false);
        };
        let window = Window { from: period.from, until: period.until };
        Ok(person == caller && !shows_numbers(db, catalogue, team, window)?)
    }

    /// What is said if it cannot be explained.
    pub fn unknown(&self) -> Sentences {
        self.unexplained(
            "Evidence, teams, roles or days off have changed since, and what they were is not kept: how it came about can no longer be shown.",
            "Belege, Teams, Rollen oder freie Tage haben sich seither geändert, und der frühere Stand ist nicht aufbewahrt: Wie es dazu kam, lässt sich nicht mehr zeigen.",
        )
    }

    /// What is said if its numbers are withheld.
    pub fn withheld(&self) -> Sentences {
        self.unexplained(
            "The team met its goal. What it came to is not shown: so few belong to the team that it would be about the others.",
            "Das Team hat sein Ziel erreicht. Die Werte werden nicht gezeigt: Dem Team gehören so wenige an, dass sie von den anderen handeln würden.",
        )
    }

    fn unexplained(&self, english: &str, german: &str) -> Sentences {
        let Some(newest) = self.entry.newest() else { return Sentences::default() };
        told(&newest.calendar.zone, |teller| {
            let (points, at) = (teller.speaker.points(self.points), teller.moment(self.at));
            let (rule, version) = (&self.key.rule, self.version);
            let award = teller.pick(
                format!("{points} of {at} by the rule {rule} (version {version})."),
                format!("{points} vom {at} nach der Regel {rule} (Version {version})."),
            );
            vec![award, teller.pick(english, german).to_owned()]
        })
    }
}
