//! One board kept up to date: its rank index, and how far in the sequence and in time it has been followed.
//!
//! Whatever happened, scores are computed again from the live awards of the subjects concerned: the first reading and
//! the following have one code path, and nothing can drift apart.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use aws_lc_rs::hmac;
use chrono::TimeDelta;
use diesel::QueryResult;
use uuid::Uuid;

use super::index::{BoardIndex, DEFAULT_RING, Expired};
use super::news::{News, Numbers, Since};
use super::persons::{self, Listing};
use super::view::{Start, View};
use super::{BoardKey, Known, frozen, teams};
use crate::catalogue::{Catalogue, ProgrammeEntry};
use crate::domain::ids::TeamId;
use crate::domain::period::Period;
use crate::domain::programme::{Board, BoardSubject, Combine, Programme};
use crate::domain::time::Instant;
use crate::store::db::Db;
use crate::store::head::{self, kinds_since};

/// What decides who is listed.
pub(super) struct Scope<'a> {
    /// Which board.
    pub(super) key: &'a BoardKey,
    /// The newest version of its programme.
    pub(super) programme: &'a Programme,
    /// Teams.
    pub(super) catalogue: &'a Catalogue,
    /// The moment whose audience and homes count.
    pub(super) now: Instant,
    /// How its period lies to seasons that closed.
    pub(super) course: Course,
}

/// How a board's period lies to the seasons that closed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Course {
    /// In a season that is open: it follows the evidence.
    Open,
    /// In a season that is closed: it shows what was published.
    Closed {
        /// The season's code.
        season: String,
    },
    /// Across seasons: it adds what closed ones published to the open one.
    Across,
}

impl Course {
    fn of(entry: &ProgrammeEntry, board: &Board, period: &Period) -> Self {
        let Some(calendar) = entry.newest().map(|newest| &newest.calendar) else { return Self::Open };
        if !calendar.is_within_season(board.period) {
            return Self::Across;
        }
        let season = calendar.season_of(period.first_day).filter(|season| entry.is_closed(&season.code));
        season.map_or(Self::Open, |season| Self::Closed { season: season.code })
    }

    fn is_closed(&self) -> bool {
        matches!(self, Self::Closed { .. })
    }

    /// The moment whose audience and homes count: now, of what is closed its end (SEMANTICS S43).
    pub(super) fn moment(&self, key: &BoardKey, now: Instant) -> Instant {
        if self.is_closed() { key.period.until - TimeDelta::microseconds(1) } else { now }
    }
}

/// A board as it stands.
pub struct LiveBoard {
    index: BoardIndex,
    subject: BoardSubject,
    course: Course,
    catalogue: Arc<Catalogue>,
    /// Everything up to this number is in it.
    sequence: i64,
    /// When time alone may change it next.
    next_moment: Option<Instant>,
    /// Tells apart what has the same version but not the same time: the last moment at which time changed it.
    edition: i64,
    /// Numbers from which on, and before which, changes were taken in together: no version between can be read.
    merged: VecDeque<Numbers>,
}

/// Brings the board of a place up to date with the database; empties the place if there is no such board any more.
pub fn follow(
    slot: &mut Option<LiveBoard>,
    db: &mut Db,
    key: &BoardKey,
    known: &Known,
    now: Instant,
) -> QueryResult<()> {
    let head = head::read(db)?;
    let catalogue = current(db, known)?;
    let Some((programme, board, course)) = find(&catalogue, key) else {
        *slot = None;
        return Ok(());
    };
    let scope = Scope { key, programme: &programme, catalogue: &catalogue, now: course.moment(key, now), course };
    match slot.as_mut().filter(|live| live.subject == board.subject && live.course == scope.course) {
        Some(live) => {
            live.catch_up(db, &scope)?;
            live.sequence = head;
            live.catalogue = catalogue.clone();
        }
        None => *slot = Some(LiveBoard::load(db, &scope, board.subject, head, catalogue.clone())?),
    }
    Ok(())
}

/// The catalogue of the state that `db` reads: the one known, unless it was changed since.
fn current(db: &mut Db, known: &Known) -> QueryResult<Arc<Catalogue>> {
    if kinds_since(db, known.sequence)?.catalogue {
        return Ok(Arc::new(Catalogue::load(db)?));
    }
    Ok(known.catalogue.clone())
}

fn find(catalogue: &Catalogue, key: &BoardKey) -> Option<(Arc<Programme>, Board, Course)> {
    let entry = catalogue.programmes.get(key.programme.as_str())?;
    let programme = entry.newest()?;
    let board = programme.boards.iter().find(|board| board.code == key.board)?;
    Some((programme.clone(), board.clone(), Course::of(entry, board, &key.period)))
}

impl LiveBoard {
    fn load(
        db: &mut Db,
        scope: &Scope<'_>,
        subject: BoardSubject,
        head: i64,
        catalogue: Arc<Catalogue>,
    ) -> QueryResult<Self> {
        let listing = everything(db, scope, subject)?;
        Ok(Self {
            index: BoardIndex::new(head, listing.scores, tie_key(scope)),
            subject,
            course: scope.course.clone(),
            catalogue,
            sequence: head,
            next_moment: listing.next_moment,
            // Time does not touch what is closed: cursors of any instance fit.
            edition: if scope.course.is_closed() { 0 } else { scope.now.timestamp_micros() },
            merged: VecDeque::new(),
        })
    }

    /// Whether nothing up to `sequence` and `now` is missing.
    pub fn is_current(&self, sequence: i64, now: Instant) -> bool {
        self.sequence >= sequence && self.next_moment.is_none_or(|next| now < next)
    }

    /// Everything up to this number of the sequence is in it.
    pub fn sequence(&self) -> i64 {
        self.sequence
    }

    /// Whom it ranks.
    pub fn subject(&self) -> BoardSubject {
        self.subject
    }

    /// Whether its season is closed: it will not change any more.
    pub fn is_closed(&self) -> bool {
        self.course.is_closed()
    }

    /// Teams and programmes as of the board.
    pub fn catalogue(&self) -> &Arc<Catalogue> {
        &self.catalogue
    }

    /// The number of the last change that touched it.
    pub fn version(&self) -> i64 {
        self.index.version()
    }

    /// Differs between two states of the same version that time alone tells apart.
    pub fn edition(&self) -> i64 {
        self.edition
    }

    /// The list as it stands.
    pub fn now(&self) -> View<'_> {
        self.index.now()
    }

    /// The list as of an older version, if it can still be read.
    pub fn at(&self, version: i64, edition: i64) -> Result<View<'_>, Expired> {
        if self.is_closed() && edition == self.edition {
            // Whatever version it names, the list was the same (SEMANTICS S47).
            return Ok(self.index.now());
        }
        let between = self.merged.iter().any(|(first, last)| *first <= version && version < *last);
        if edition != self.edition || version > self.sequence || between {
            return Err(Expired);
        }
        self.index.at(version)
    }

    fn catch_up(&mut self, db: &mut Db, scope: &Scope<'_>) -> QueryResult<()> {
        let news = News::since(db, scope.key, self.sequence)?;
        if self.is_closed() {
            return self.follow_closed(db, scope, &news);
        }
        match (news, self.subject) {
            (Since::Many, _) => {
                let head = head::read(db)?;
                self.recompute(db, scope, (self.sequence + 1, head))?;
                self.index.touch(head);
            }
            (Since::Few(news), BoardSubject::Person) => self.follow_persons(db, scope, &news)?,
            (Since::Few(news), BoardSubject::Team(combine)) => self.follow_teams(db, scope, combine, &news)?,
        }
        if self.next_moment.is_some_and(|next| next <= scope.now) {
            self.follow_time(db, scope)?;
        }
        Ok(())
    }

    /// What was earned since is of no concern. Names are shown as they are now, and the deactivated are left out of what
    /// was not kept.
    fn follow_closed(&mut self, db: &mut Db, scope: &Scope<'_>, news: &Since) -> QueryResult<()> {
        let last = match news {
            Since::Many => Some(head::read(db)?),
            Since::Few(news) if news.rules.is_none() && news.people.is_empty() => None,
            Since::Few(news) => news.last,
        };
        let Some(last) = last else { return Ok(()) };
        let listing = everything(db, scope, self.subject)?;
        self.replace(&listing, last);
        self.index.touch(last);
        Ok(())
    }

    fn follow_persons(&mut self, db: &mut Db, scope: &Scope<'_>, news: &News) -> QueryResult<()> {
        if let (Some((_, last)), Some(newest)) = (news.rules, news.last) {
            self.recompute(db, scope, (self.sequence + 1, newest))?;
            self.index.touch(last);
            self.touch_renamed(news);
            return Ok(());
        }
        let mut concerned: BTreeMap<Uuid, Numbers> = news.people.clone();
        for (subject, ((first, last), _)) in &news.earned {
            let numbers = concerned.entry(*subject).or_insert((*first, *last));
            *numbers = (numbers.0.min(*first), numbers.1.max(*last));
        }
        let people: Vec<Uuid> = concerned.keys().copied().collect();
        let listing = persons::these(db, scope, &people)?;
        self.put_all(&concerned, &listing);
        self.touch_renamed(news);
        self.next_moment = [self.next_moment, listing.next_moment].into_iter().flatten().min();
        Ok(())
    }

    fn follow_teams(&mut self, db: &mut Db, scope: &Scope<'_>, combine: Combine, news: &News) -> QueryResult<()> {
        let Some(newest) = news.last else { return Ok(()) };
        if news.rules.is_some() || !news.people.is_empty() {
            self.recompute(db, scope, (self.sequence + 1, newest))?;
            if let Some((_, last)) = news.rules {
                self.index.touch(last);
            }
            return Ok(());
        }
        let earned: Vec<_> = news.earned.iter().map(|(subject, (_, at))| (*subject, at.clone())).collect();
        let teams: Vec<TeamId> = match combine {
            Combine::Own => earned.iter().map(|(subject, _)| TeamId(*subject)).collect(),
            Combine::Sum | Combine::MeanPerMember => teams::homes(db, &earned)?.into_iter().collect(),
        };
        let listing = teams::these(db, scope, combine, &teams)?;
        let concerned = teams.iter().map(|team| (team.0, (self.sequence + 1, newest))).collect();
        self.put_all(&concerned, &listing);
        Ok(())
    }

    /// Takes in what the passing of time changed: memberships and roles that began or ended, a new day.
    fn follow_time(&mut self, db: &mut Db, scope: &Scope<'_>) -> QueryResult<()> {
        let listing = everything(db, scope, self.subject)?;
        self.next_moment = listing.next_moment;
        self.replace(&listing, self.index.version());
        self.edition = scope.now.timestamp_micros();
        Ok(())
    }

    fn recompute(&mut self, db: &mut Db, scope: &Scope<'_>, (first, last): Numbers) -> QueryResult<()> {
        let listing = everything(db, scope, self.subject)?;
        self.next_moment = listing.next_moment;
        let before = self.index.version();
        self.replace(&listing, last);
        self.note_merged(before, first);
        Ok(())
    }

    fn replace(&mut self, listing: &Listing, version: i64) {
        for row in self.index.now().page(Start::Top, usize::MAX) {
            if !listing.scores.contains_key(&row.subject) {
                self.index.remove(row.subject, version);
            }
        }
        for (subject, score) in &listing.scores {
            self.index.set(*subject, *score, version);
        }
    }

    /// Gives each of those concerned their place in the listing, in the order of the numbers.
    fn put_all(&mut self, concerned: &BTreeMap<Uuid, Numbers>, listing: &Listing) {
        let before = self.index.version();
        let mut order: Vec<(i64, Uuid)> = concerned.iter().map(|(subject, (_, last))| (*last, *subject)).collect();
        order.sort_unstable();
        for (number, subject) in order {
            match listing.scores.get(&subject) {
                Some(score) => self.index.set(subject, *score, number),
                None => self.index.remove(subject, number),
            }
        }
        if let Some(first) = concerned.values().map(|(first, _)| *first).min() {
            self.note_merged(before, first);
        }
    }

    /// Moves the version for those listed of whom something else changed that is shown, such as the name.
    fn touch_renamed(&mut self, news: &News) {
        for (person, (_, last)) in &news.people {
            if self.index.now().score_of(*person).is_some() {
                self.index.touch(*last);
            }
        }
    }

    fn note_merged(&mut self, before: i64, first: i64) {
        let last = self.index.version();
        if last > before && first < last {
            self.merged.push_back((first, last));
        }
        while self.merged.len() > DEFAULT_RING {
            self.merged.pop_front();
        }
    }
}

fn everything(db: &mut Db, scope: &Scope<'_>, subject: BoardSubject) -> QueryResult<Listing> {
    match frozen::held(db, scope, subject)? {
        Some(kept) => Ok(kept),
        None => compute(db, scope, subject),
    }
}

/// Everything listed, from awards and memberships.
pub(super) fn compute(db: &mut Db, scope: &Scope<'_>, subject: BoardSubject) -> QueryResult<Listing> {
    let listing = match subject {
        BoardSubject::Person => persons::everybody(db, scope)?,
        BoardSubject::Team(combine) => teams::all(db, scope, combine)?,
    };
    let next_moment = listing.next_moment.filter(|_| !scope.course.is_closed());
    Ok(Listing { next_moment, ..listing })
}

/// The digest that orders subjects inside a tie: keyed, so that nobody can choose their place, and of subject, board and
/// period, so that nobody keeps it (SEMANTICS S43).
fn tie_key(scope: &Scope<'_>) -> impl Fn(Uuid) -> u64 + Send + Sync + 'static {
    let secret = hmac::Key::new(hmac::HMAC_SHA256, scope.catalogue.digest_key.as_bytes());
    let board = format!("{}/{}/{}", scope.key.programme, scope.key.board, scope.key.period.code);
    move |subject| {
        let mut digest = hmac::Context::with_key(&secret);
        digest.update(subject.as_bytes());
        digest.update(board.as_bytes());
        let tag = digest.sign();
        tag.as_ref().iter().take(8).fold(0, |number, byte| number << 8 | u64::from(*byte))
    }
}
