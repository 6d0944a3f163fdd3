//! Contests as they are held: which one in which period, by which board, and who stands where on it.
//!
//! Names follow the newest version that has the contest. What is won, by which board and from how many samples on follows
//! the first version in force within its days that has it, like tiers (SEMANTICS S29): nothing is changed on the way.

mod kept;
mod sight;
mod standing;

use std::sync::Arc;

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use uuid::Uuid;

use super::BoardKey;
use super::scope::{Course, Scope};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::contest::ScoreForm;
use crate::domain::ids::{Code, PersonId, Subject, TeamId};
use crate::domain::language::Localised;
use crate::domain::measure::{Aggregation, Direction, Measure};
use crate::domain::period::{Calendar, Period, SeasonKind};
use crate::domain::problem::{Finding, Problem, ProblemCode};
use crate::domain::programme::{Board, BoardSubject, Combine, Contest, ContestRuns, Programme, Rank};
use crate::domain::season::Kind;
use crate::domain::time::Instant;
use crate::store::contests::Held;

pub use kept::Standings;
pub use sight::{Seen, Sight};
pub use standing::standing;

/// The code of the one period of a contest with dates of its own.
pub const ONCE: &str = "once";
/// The period that holds today.
pub const CURRENT: &str = "current";
/// The period before it.
pub const PREVIOUS: &str = "previous";

/// Which holding of a contest is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Which {
    /// `current`, `previous`, or the code of a period; of a contest with dates of its own, `once` or `current`.
    pub period: String,
    /// The season, where its edge cuts the periods of one code in two; without it the later part.
    pub season: Option<String>,
}

/// A contest in one of its periods.
#[derive(Debug, Clone)]
pub struct Edition {
    /// Its terms; nobody qualifies with fewer samples than its board ranks.
    pub contest: Contest,
    /// What it is called now.
    pub name: Localised,
    /// The board that it goes by.
    pub board: Board,
    /// Its days.
    pub period: Period,
    /// The season that its badges belong to: that of its last day, or the last one that has days of it.
    pub season: Period,
    /// When everything in it is decided: its end with its grace, and the ends of the guards that its awards wait for.
    pub decided_at: Instant,
    /// What its period is kept by: unlike the code alone, it names one part of a period that a season's edge cuts.
    pub key: String,
}

/// How far a contest is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// It has not begun.
    Upcoming,
    /// It runs.
    Running,
    /// It is over, and nobody has finalised it.
    Ended,
    /// Somebody has.
    Finalised,
}

impl State {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Upcoming => "upcoming",
            Self::Running => "running",
            Self::Ended => "ended",
            Self::Finalised => "finalised",
        }
    }
}

/// The contest of that code as the newest version that has it declares it.
pub fn declared<'a>(entry: &'a ProgrammeEntry, code: &str) -> Option<&'a Contest> {
    let with =
        entry.timeline.versions.iter().filter_map(|version| Some((version.version, of(&version.programme, code)?)));
    with.max_by_key(|(version, _)| *version).map(|(_, contest)| contest)
}

/// The codes of all contests that any version has, in the order of the newest that has them.
pub fn codes(entry: &ProgrammeEntry) -> Vec<Code> {
    let mut versions: Vec<_> = entry.timeline.versions.iter().collect();
    versions.sort_unstable_by_key(|version| std::cmp::Reverse(version.version));
    let mut found: Vec<Code> = Vec::new();
    for contest in versions.iter().flat_map(|version| &version.programme.contests) {
        if !found.contains(&contest.code) {
            found.push(contest.code.clone());
        }
    }
    found
}

fn of<'a>(programme: &'a Programme, code: &str) -> Option<&'a Contest> {
    programme.contests.iter().find(|contest| contest.code.as_str() == code)
}

impl Edition {
    /// The holding that is meant. A period in which no version has the contest in force, or which has no day of any
    /// season, is none.
    pub fn find(entry: &ProgrammeEntry, code: &str, which: &Which, now: Instant) -> Result<Self, Problem> {
        let (declared, newest) = declared(entry, code).zip(entry.newest()).ok_or(ProblemCode::NotFound)?;
        let (calendar, today) = (&newest.calendar, newest.calendar.zone.local(now).0);
        let period = match declared.runs {
            ContestRuns::Per(per) => {
                let named = calendar.period_named(per, &which.period, which.season.as_deref(), today);
                let example = calendar.period_of(per, today).map_or_else(|| CURRENT.to_owned(), |period| period.code);
                named.ok_or_else(|| no_period(&which.period, &example))?
            }
            ContestRuns::Days(days) if [ONCE, CURRENT].contains(&which.period.as_str()) => Period {
                code: ONCE.to_owned(),
                first_day: days.first,
                until_day: days.until,
                from: calendar.zone.start_of(days.first),
                until: calendar.zone.start_of(days.until),
            },
            ContestRuns::Days(_) => return Err(no_period(&which.period, ONCE)),
        };
        Self::within(entry, declared, newest, period).ok_or_else(|| ProblemCode::NotFound.into())
    }

    fn within(entry: &ProgrammeEntry, declared: &Contest, newest: &Programme, period: Period) -> Option<Self> {
        let code = declared.code.as_str();
        let (version, contest) = entry.timeline.first_with(period.days(), |programme| of(programme, code))?;
        let boards = newest.boards.iter().chain(&version.programme.boards);
        let board = boards.into_iter().find(|board| board.code == contest.board)?.clone();
        let season = last_season(&newest.calendar, &period)?;
        let is_cut = matches!(declared.runs, ContestRuns::Per(per) if newest.calendar.is_within_season(per));
        let key = if is_cut { format!("{}/{}", season.code, period.code) } else { period.code.clone() };
        let mut contest = contest.clone();
        if let Rank::Measure { min_samples, .. } = board.rank {
            contest.qualify_samples = contest.qualify_samples.max(min_samples);
        }
        Some(Self {
            decided_at: decided_at(entry, &newest.calendar, &period),
            contest,
            name: declared.name.clone(),
            board,
            period,
            season,
            key,
        })
    }

    /// How far it is.
    pub fn state(&self, now: Instant, is_finalised: bool) -> State {
        match now {
            _ if is_finalised => State::Finalised,
            now if now < self.period.from => State::Upcoming,
            now if now < self.period.until => State::Running,
            _ => State::Ended,
        }
    }

    /// What it is kept by.
    pub fn held<'a>(&'a self, entry: &'a ProgrammeEntry) -> Held<'a> {
        Held { programme: entry.code.as_str(), contest: self.contest.code.as_str(), period: &self.key }
    }

    /// Who takes part.
    pub fn subjects(&self) -> Kind {
        match self.board.subject {
            BoardSubject::Person => Kind::Person,
            BoardSubject::Team(_) => Kind::Team,
        }
    }

    /// One who takes part.
    pub fn subject(&self, id: Uuid) -> Subject {
        match self.subjects() {
            Kind::Person => Subject::Person(PersonId(id)),
            Kind::Team => Subject::Team(TeamId(id)),
        }
    }

    /// The last instant of its period; before it, now.
    pub fn moment(&self, now: Instant) -> Instant {
        now.min(self.period.until - TimeDelta::microseconds(1))
    }

    /// How its scores are read: points and kudos are whole, means have four decimal places, ratings six (SEMANTICS S44,
    /// S45).
    pub fn form(&self, catalogue: &Catalogue) -> ScoreForm {
        let decimals = match (&self.board.rank, self.board.subject) {
            (Rank::Measure { .. }, _) => 6,
            (_, BoardSubject::Team(Combine::MeanPerMember)) => 4,
            _ => 0,
        };
        let measure = match &self.board.rank {
            Rank::Measure { measure, .. } => catalogue.measures.get(measure).map(|entry| &entry.measure),
            Rank::Points | Rank::Kudos => None,
        };
        // Of shares and NPS more is better, whatever the values.
        let counted =
            |measure: &&Measure| !matches!(measure.aggregation, Aggregation::ShareSatisfied | Aggregation::Nps);
        let is_negated = measure.filter(counted).is_some_and(|one| one.direction == Direction::LowerIsBetter);
        ScoreForm { decimals, is_negated }
    }
}

fn no_period(named: &str, example: &str) -> Problem {
    // Outside every season there is none, which is nobody's mistake.
    if [CURRENT, PREVIOUS].contains(&named) && example != ONCE {
        return ProblemCode::NotFound.into();
    }
    Finding::new("period", ProblemCode::InvalidPeriod).with("example", example).into()
}

fn last_season(calendar: &Calendar, period: &Period) -> Option<Period> {
    let last_day = period.until_day.pred_opt()?;
    calendar.season_of(last_day).or_else(|| match &calendar.seasons {
        SeasonKind::Custom(seasons) => {
            let within = |from, until| from < period.until_day && period.first_day < until;
            let last = seasons.iter().rev().find(|season| within(season.from, season.until))?;
            calendar.season(&last.code)
        }
        _ => None,
    })
}

fn decided_at(entry: &ProgrammeEntry, calendar: &Calendar, period: &Period) -> Instant {
    let versions = entry.timeline.versions_within(period.days());
    let guards = versions.flat_map(|version| version.programme.rules.iter().filter_map(|rule| rule.guard.as_ref()));
    let last_day = period.until_day.pred_opt().unwrap_or(period.first_day);
    let guarded = guards.filter_map(|guard| calendar.period_of(guard.goal.per, last_day));
    let ends = guarded.map(|guarded| entry.grace_ends(&guarded));
    ends.fold(entry.grace_ends(period), Instant::max)
}

/// What decides who is listed on a contest's board over its days: who takes part at its end, or now, and of closed
/// seasons what they published.
fn scope(catalogue: &Arc<Catalogue>, entry: &ProgrammeEntry, edition: &Edition, now: Instant) -> Option<Scope> {
    let (board, period) = (edition.board.code.clone(), edition.period.clone());
    let key = BoardKey { programme: entry.code.clone(), board, period, team: None };
    let scope = Scope::new(catalogue.clone(), entry, (&key, &edition.board), edition.moment(now))?;
    Some(scope.of_course(Course::Across))
}

/// Digests of subjects for a purpose in a contest: keyed, so that nobody can choose theirs, and another in each contest,
/// so that nobody keeps it.
fn digests(
    catalogue: &Catalogue,
    entry: &ProgrammeEntry,
    edition: &Edition,
    purpose: &str,
) -> impl Fn(Uuid) -> u64 + use<> {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, catalogue.digest_key.as_bytes());
    let contest = format!("{purpose}:contest/{}/{}/{}", entry.code, edition.contest.code, edition.key);
    move |subject| {
        let mut digest = hmac::Context::with_key(&secret);
        digest.update(subject.as_bytes());
        digest.update(contest.as_bytes());
        digest.sign().as_ref().first_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
    }
}
