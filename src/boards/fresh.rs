//! What a board lacks, read in one state of the data before the board is touched.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{PoisonError, RwLock};

use diesel::QueryResult;
use uuid::Uuid;

use super::directory::Directory;
use super::index::NONE;
use super::news::{News, Numbers as Span, Since};
use super::numbers::Number;
use super::scope::{Course, Scope};
use super::scores::{self, Measured, Scored};
use super::{frozen, past, teams};
use crate::domain::programme::{BoardSubject, Rank};
use crate::domain::time::Instant;
use crate::domain::visibility::Visibility;
use crate::store::db::Db;
use crate::store::head;

/// Scores of very many persons.
#[derive(Debug, Default)]
pub(super) struct ByNumber {
    keys: Vec<i64>,
    measured: HashMap<Number, Measured>,
}

impl ByNumber {
    fn of(people: usize) -> Self {
        Self { keys: vec![NONE; people], measured: HashMap::new() }
    }

    fn add(&mut self, number: Number, scored: Scored) -> QueryResult<()> {
        if let Some(key) = usize::try_from(number).ok().and_then(|at| self.keys.get_mut(at)) {
            *key = if *key == NONE { scored.key } else { scores::added(*key, scored.key)? };
        }
        if let Some(measured) = scored.measured {
            self.measured.insert(number, measured);
        }
        Ok(())
    }

    /// The score of somebody, if they have any evidence.
    pub(super) fn get(&self, number: Number) -> Option<Scored> {
        let key = usize::try_from(number).ok().and_then(|at| self.keys.get(at)).copied()?;
        if key == NONE {
            return None;
        }
        Some(Scored { key, measured: self.measured.get(&number).copied() })
    }
}

/// Teams with what may be shown of them.
type TeamScores = Vec<(Uuid, Scored)>;

/// What of a board changes.
pub(super) enum What {
    /// Nothing.
    Nothing,
    /// These persons, by their numbers of the sequence; scores of those who have any.
    Few { earned: BTreeMap<Uuid, Span>, people: BTreeMap<Uuid, Span>, scores: HashMap<Uuid, Scored> },
    /// Everybody; between two numbers of the sequence, and the number from which on the board shows something else even if
    /// nobody moves.
    Everybody { scores: ByNumber, between: Span, anew: Option<i64> },
    /// All teams, likewise.
    Teams { scores: TeamScores, between: Span, anew: Option<i64> },
}

/// What was read.
pub(super) struct Fresh {
    pub(super) scope: Scope,
    /// The state of the data that was read.
    pub(super) sequence: i64,
    /// When time alone changes it next.
    pub(super) next_moment: Option<Instant>,
    pub(super) what: What,
}

/// What must be known of a board to know what it lacks.
pub(super) struct Held {
    pub(super) subject: BoardSubject,
    pub(super) rank: Rank,
    pub(super) course: Course,
    pub(super) sequence: i64,
    pub(super) version: i64,
    pub(super) next_moment: Option<Instant>,
}

impl Held {
    /// Whether the board can be followed: what it ranks is what the scope says.
    pub(super) fn fits(&self, scope: &Scope) -> bool {
        self.subject == scope.board.subject && self.rank == scope.board.rank && self.course == scope.course
    }
}

/// Where scores come from.
pub(super) struct Reading<'a> {
    pub(super) db: &'a mut Db,
    pub(super) directory: &'a RwLock<Directory>,
}

impl Reading<'_> {
    /// Reads what a board lacks; everything, if there is none.
    pub(super) fn fresh(&mut self, scope: Scope, held: Option<&Held>) -> QueryResult<Fresh> {
        let sequence = head::read(self.db)?;
        let Some(held) = held else { return self.whole(scope, sequence, ((sequence, sequence), Some(sequence))) };
        let first = held.sequence + 1;
        let news = match News::since(self.db, &scope, held.sequence)? {
            Since::Few(news) => news,
            Since::Many => return self.whole(scope, sequence, ((first, sequence), Some(sequence))),
        };
        let shown_anew = news.rules.map(|(_, last)| last);
        let of_persons = scope.board.subject == BoardSubject::Person;
        if scope.course.is_closed() {
            // What was earned since is of no concern. Names and choices are shown as they are now.
            return match news.last.filter(|_| news.rules.is_some() || !news.people.is_empty()) {
                Some(last) => self.whole(scope, sequence, ((first, last), Some(last))),
                None => Ok(Fresh { scope, sequence, next_moment: None, what: What::Nothing }),
            };
        }
        match news.last {
            Some(last) if news.rules.is_some() => self.whole(scope, sequence, ((first, last), shown_anew)),
            Some(_) if of_persons => self.few(scope, sequence, news),
            Some(last) => self.whole(scope, sequence, ((first, last), None)),
            // The means of teams move with each day; that has no number.
            None if !of_persons && held.next_moment.is_some_and(|next| next <= scope.now) => {
                self.whole(scope, sequence, ((held.version, held.version), None))
            }
            None => {
                let next_moment = held.next_moment.filter(|_| !of_persons);
                Ok(Fresh { scope, sequence, next_moment, what: What::Nothing })
            }
        }
    }

    fn few(&mut self, scope: Scope, sequence: i64, news: News) -> QueryResult<Fresh> {
        let whom: BTreeSet<Uuid> = news.earned.keys().chain(news.people.keys()).copied().collect();
        let whom: Vec<Uuid> = whom.into_iter().collect();
        let scores = scores::of(self.db, &scope, &whom)?;
        let what = What::Few { earned: news.earned, people: news.people, scores };
        Ok(Fresh { scope, sequence, next_moment: None, what })
    }

    fn whole(&mut self, scope: Scope, sequence: i64, (between, anew): (Span, Option<i64>)) -> QueryResult<Fresh> {
        if let BoardSubject::Team(_) = scope.board.subject {
            let (scores, next_moment) = self.teams(&scope)?;
            return Ok(Fresh { scope, sequence, next_moment, what: What::Teams { scores, between, anew } });
        }
        let directory = self.directory;
        let mut scores = ByNumber::of(directory.read().unwrap_or_else(PoisonError::into_inner).count());
        let mut give = |person: Uuid, scored: Scored| {
            // Teams have awards, too.
            let number = directory.read().unwrap_or_else(PoisonError::into_inner).number_of(person);
            number.map_or(Ok(()), |number| scores.add(number, scored))
        };
        match frozen::held(self.db, &scope)? {
            Some(held) => held.into_iter().try_for_each(|(person, scored)| give(person, scored))?,
            None if scope.course.is_closed() => {
                let listed = past::listed(self.db, &scope)?;
                listed.into_iter().try_for_each(|(person, scored)| give(person, scored))?;
            }
            None => scores::all(self.db, &scope, &mut give)?,
        }
        Ok(Fresh { scope, sequence, next_moment: None, what: What::Everybody { scores, between, anew } })
    }

    fn teams(&mut self, scope: &Scope) -> QueryResult<(TeamScores, Option<Instant>)> {
        let default = scope.catalogue.organization.privacy.default_visibility;
        let is_named = |person: Uuid| {
            let directory = self.directory.read().unwrap_or_else(PoisonError::into_inner);
            let chosen = directory.number_of(person).and_then(|number| directory.choice(&scope.key.programme, number));
            chosen.unwrap_or(default) == Visibility::Named
        };
        if let Some(held) = frozen::held_of_teams(self.db, scope, &is_named)? {
            return Ok((held, None));
        }
        let teams = teams::all(self.db, scope, &is_named)?;
        let shown = teams.scores.into_iter().filter_map(|(team, score)| Some((team, score.shown?)));
        Ok((shown.collect(), teams.next_moment))
    }
}
