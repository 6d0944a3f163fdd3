//! One board as it stands: its rank index, who is listed and how they are seen.
//!
//! Whatever happened, scores were computed again from the evidence of the subjects concerned ([`super::fresh`]): the first
//! reading and the following have one code path, and nothing can drift apart. Nothing here asks a database.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use uuid::Uuid;

use super::baseline::{Baseline, Then};
use super::details::Details;
use super::digests::Digests;
use super::directory::Directory;
use super::fresh::{ByNumber, Fresh, Held, What};
use super::index::{BoardIndex, Contender, DEFAULT_RING, Expired};
use super::news::Numbers as Span;
use super::numbers::{Number, Numbers};
use super::scope::{Admission, Scope};
use super::scores::{Measured, Scored};
use super::view::View;
use crate::catalogue::Catalogue;
use crate::domain::programme::{Board, BoardSubject, Rank, Show};
use crate::domain::time::Instant;
use crate::domain::visibility::{Visibility, alias_of};

/// A board as it stands.
pub struct LiveBoard {
    scope: Scope,
    index: BoardIndex,
    /// How subjects were measured; on boards of measures.
    details: Details,
    /// Listed apart, for their values are too few to be ranked: digest, number, how many values.
    apart: BTreeMap<(u32, Number), u32>,
    /// What would be ranked of those who have evidence and are not ranked.
    unranked: HashMap<Number, i64>,
    /// By number: who has any evidence. The others are ranked with nothing, if they take part.
    evident: Vec<bool>,
    /// Ranks when the day began.
    baseline: Baseline,
    /// Who takes part and how they are seen.
    admission: Admission,
    /// Numbers of teams; on boards of teams.
    teams: Numbers,
    digests: Digests,
    /// Whether somebody who was listed is hidden since the last following.
    has_hidden: bool,
    /// Everything up to this number is in it.
    sequence: i64,
    /// When time alone may change it next.
    next_moment: Option<Instant>,
    /// Tells apart what has the same version but not the same time: the last moment at which time changed it.
    edition: i64,
    /// Numbers from which on, and before which, changes were taken in together: no version between can be read.
    merged: VecDeque<Span>,
}

/// How a subject stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// Ranked, with so much.
    Ranked(i64),
    /// Apart, with so few values.
    Apart(u32),
    /// Not on the board.
    Off,
}

impl LiveBoard {
    /// The board that was read whole.
    pub(super) fn new(fresh: Fresh, directory: &Directory) -> Self {
        let Fresh { scope, sequence, next_moment, what, then } = fresh;
        let mut board = Self {
            index: BoardIndex::new(sequence, []),
            details: Details::default(),
            apart: BTreeMap::new(),
            unranked: HashMap::new(),
            evident: Vec::new(),
            baseline: Baseline::default(),
            admission: Admission::new(&scope, directory),
            teams: Numbers::default(),
            digests: Digests::new(&scope),
            has_hidden: false,
            sequence,
            next_moment: None,
            // Time does not touch what is closed: cursors of any instance fit.
            edition: if scope.course.is_closed() { 0 } else { scope.now.timestamp_micros() },
            merged: VecDeque::new(),
            scope,
        };
        board.index.reserve(directory.count());
        board.replace(directory, what);
        if let Some(then) = then {
            board.set_baseline(directory, &then);
        }
        board.set_next_moment(directory, next_moment);
        board
    }

    /// What must be known of it to know what it lacks.
    pub(super) fn held(&self) -> Held {
        Held {
            subject: self.scope.board.subject,
            rank: self.scope.board.rank.clone(),
            course: self.scope.course.clone(),
            sequence: self.sequence,
            version: self.version(),
            next_moment: self.next_moment,
            today: self.baseline.today,
        }
    }

    /// Takes in what was read.
    pub(super) fn take_in(&mut self, fresh: Fresh, directory: &Directory) {
        let Fresh { scope, sequence, next_moment, what, then } = fresh;
        let by_time = self.next_moment.is_some_and(|next| next <= scope.now) && !scope.course.is_closed();
        self.scope = scope;
        let (mut anew, mut touched) = (by_time, None);
        if let What::Few { people, .. } = &what
            && !people.is_empty()
        {
            anew = true;
            touched =
                people.iter().filter(|(person, _)| self.is_listed(directory, **person)).map(|(_, last)| last.1).max();
        }
        let open_before = self.admission.is_open();
        if anew || !matches!(what, What::Few { .. } | What::Nothing) {
            self.admission = Admission::new(&self.scope, directory);
        }
        let before = self.version();
        let first = self.replace(directory, what);
        if self.is_of_persons() && (by_time || open_before != self.admission.is_open()) {
            self.judge_everybody(directory);
        }
        if let Some(last) = touched {
            self.index.touch(last);
        }
        if std::mem::take(&mut self.has_hidden) {
            // Who is hidden now is not to be missed on an older list either.
            self.index.expire();
        }
        let turned = then.as_ref().is_some_and(|then| !self.baseline.is_of(&then.today));
        if let Some(then) = then {
            self.set_baseline(directory, &then);
        }
        if by_time || turned {
            self.edition = self.scope.now.timestamp_micros().max(self.edition + 1);
        }
        if let Some(first) = first {
            self.note_merged(before, first);
        }
        self.details.forget(self.index.oldest());
        self.sequence = self.sequence.max(sequence);
        self.set_next_moment(directory, next_moment);
    }

    fn set_baseline(&mut self, directory: &Directory, then: &Then) {
        let number = |subject: &Uuid| self.number_of(directory, *subject);
        let moved = then.moved.iter().filter_map(|(subject, points)| Some((number(subject)?, *points)));
        let moved: HashMap<Number, i64> = moved.collect();
        let changed = then.took_part.iter().filter_map(|(subject, then)| Some((number(subject)?, *then)));
        let changed: HashMap<Number, bool> = changed.collect();
        let takes_part = |who| !self.is_of_persons() || self.admission.includes(directory, who);
        let took_part = |who| changed.get(&who).copied().unwrap_or_else(|| takes_part(who));
        self.baseline = Baseline::new(then.today, (&self.index, &self.unranked), &moved, took_part);
    }

    /// Whether what was read lists somebody, or takes them off the list, whose evidence alone has changed.
    pub(super) fn lists_anew(&self, fresh: &Fresh, directory: &Directory) -> bool {
        let What::Few { earned, scores, .. } = &fresh.what else { return false };
        let moves = |(person, number): (&Uuid, Number)| {
            let stays = matches!(self.judge(directory, number, scores.get(person).copied()), Place::Ranked(_));
            stays != self.index.score_of(number).is_some()
        };
        let mut earners = earned.keys().filter_map(|person| Some((person, directory.number_of(*person)?)));
        self.baseline.is_told() && earners.any(moves)
    }

    fn set_next_moment(&mut self, directory: &Directory, of_teams: Option<Instant>) {
        let next = if self.is_of_persons() { directory.next_moment() } else { of_teams };
        self.next_moment = next.filter(|_| !self.is_closed());
    }

    /// Puts everybody whom something concerns where they belong. Tells the first of the numbers of what came together.
    fn replace(&mut self, directory: &Directory, what: What) -> Option<i64> {
        let (first, anew) = match what {
            What::Nothing => return None,
            What::Few { earned, people, scores } => return self.put_few(directory, (earned, people), &scores),
            What::Everybody { scores, between, anew } => {
                self.put_everybody(directory, &scores, between.1);
                (between.0, anew)
            }
            What::Teams { scores, between, anew } => {
                self.put_teams(directory, &scores, between.1);
                (between.0, anew)
            }
        };
        if let Some(number) = anew {
            self.index.touch(number);
        }
        Some(first)
    }

    /// Gives each of those concerned their place, in the order of the numbers.
    fn put_few(
        &mut self,
        directory: &Directory,
        (earned, people): (BTreeMap<Uuid, Span>, BTreeMap<Uuid, Span>),
        scores: &HashMap<Uuid, Scored>,
    ) -> Option<i64> {
        let mut concerned = people;
        for (subject, (first, last)) in earned {
            let numbers = concerned.entry(subject).or_insert((first, last));
            *numbers = (numbers.0.min(first), numbers.1.max(last));
        }
        let mut order: Vec<(i64, Uuid)> = concerned.iter().map(|(subject, (_, last))| (*last, *subject)).collect();
        order.sort_unstable();
        for (version, person) in order {
            // Teams earn, too.
            if let Some(number) = directory.number_of(person) {
                self.put(directory, (number, person), scores.get(&person).copied(), version);
            }
        }
        concerned.values().map(|(first, _)| *first).min()
    }

    fn put_everybody(&mut self, directory: &Directory, scores: &ByNumber, version: i64) {
        for number in directory.numbers() {
            if let Some(person) = directory.id_of(number) {
                self.put(directory, (number, person), scores.get(number), version);
            }
        }
    }

    fn put_teams(&mut self, directory: &Directory, scores: &[(Uuid, Scored)], version: i64) {
        let mut listed: HashSet<Number> = HashSet::new();
        for (team, scored) in scores {
            if let Some(number) = self.teams.put(*team) {
                listed.insert(number);
                self.put(directory, (number, *team), Some(*scored), version);
            }
        }
        for number in 0..Number::try_from(self.teams.count()).unwrap_or(Number::MAX) {
            if let Some(team) = self.teams.id(number).filter(|_| !listed.contains(&number)) {
                self.put(directory, (number, team), None, version);
            }
        }
    }

    /// Judges everybody by what they have, for time or a setting moved some.
    fn judge_everybody(&mut self, directory: &Directory) {
        let version = self.version();
        for number in directory.numbers() {
            if let Some(person) = directory.id_of(number) {
                self.put(directory, (number, person), self.scored(number), version);
            }
        }
    }

    /// Puts a subject where it belongs.
    fn put(&mut self, directory: &Directory, (number, subject): (Number, Uuid), scored: Option<Scored>, version: i64) {
        let contender = self.contender(number, subject);
        let place = self.judge(directory, number, scored);
        self.set_evident(number, scored.is_some());
        let measured = scored.and_then(|scored| scored.measured);
        let of_measure = matches!(self.scope.board.rank, Rank::Measure { .. });
        let measured_anew = of_measure && self.details.set(number, measured, version);
        let apart = match place {
            Place::Apart(samples) => self.apart.insert((contender.tie, number), samples) != Some(samples),
            _ => self.apart.remove(&(contender.tie, number)).is_some(),
        };
        match (place, scored) {
            (Place::Ranked(key), _) => {
                self.unranked.remove(&number);
                self.index.set(contender, key, version);
            }
            (_, scored) => {
                let was_listed = self.index.score_of(number).is_some();
                self.has_hidden |= was_listed && self.seen(directory, number) == Visibility::Hidden;
                self.index.remove(contender, version);
                match scored {
                    Some(scored) => self.unranked.insert(number, scored.key),
                    None => self.unranked.remove(&number),
                };
            }
        }
        // The same score may rest on other values.
        if apart || (measured_anew && self.index.score_of(number).is_some()) {
            self.index.touch(version);
        }
    }

    /// Where a subject belongs, as everybody sees it.
    fn judge(&self, directory: &Directory, number: Number, scored: Option<Scored>) -> Place {
        if !self.is_of_persons() {
            return scored.map_or(Place::Off, |scored| self.stand(Some(scored)));
        }
        if self.admission.seen(directory, number) == Visibility::Hidden {
            Place::Off
        } else {
            self.own(directory, number, scored)
        }
    }

    /// Where somebody belongs, seen or not.
    fn own(&self, directory: &Directory, number: Number, scored: Option<Scored>) -> Place {
        let earned = scored.is_some() && (self.is_closed() || self.scope.board.rank == Rank::Points);
        let takes_part = || {
            directory.is_active(number)
                && self.admission.is_within(directory, number)
                && (earned || self.admission.includes(directory, number))
        };
        let belongs = if self.is_closed() { earned } else { takes_part() };
        if belongs { self.stand(scored) } else { Place::Off }
    }

    /// Ranked, or apart.
    fn stand(&self, scored: Option<Scored>) -> Place {
        let scored = scored.unwrap_or_else(|| Scored::without_evidence(&self.scope));
        if scored.is_enough(&self.scope.board.rank) {
            Place::Ranked(scored.key)
        } else {
            Place::Apart(scored.samples())
        }
    }

    fn scored(&self, number: Number) -> Option<Scored> {
        let evident = usize::try_from(number).ok().and_then(|at| self.evident.get(at)).copied().unwrap_or(false);
        let key = self.index.score_of(number).or_else(|| self.unranked.get(&number).copied());
        Some(Scored { key: key.filter(|_| evident)?, measured: self.details.now(number) })
    }

    fn set_evident(&mut self, number: Number, evident: bool) {
        let Ok(at) = usize::try_from(number) else { return };
        if self.evident.len() <= at {
            self.evident.resize(at + 1, false);
        }
        if let Some(held) = self.evident.get_mut(at) {
            *held = evident;
        }
    }

    fn is_listed(&self, directory: &Directory, subject: Uuid) -> bool {
        self.number_of(directory, subject).is_some_and(|number| self.index.score_of(number).is_some())
    }

    /// Of what was taken in together, no version between its first number and the present one can be read.
    fn note_merged(&mut self, before: i64, first: i64) {
        let last = self.version();
        if last > before && first < last {
            self.merged.push_back((first, last));
        }
        while self.merged.len() > DEFAULT_RING {
            self.merged.pop_front();
        }
    }
}

/// Reading.
impl LiveBoard {
    /// Whether nothing up to `sequence` and `now` is missing.
    pub fn is_current(&self, sequence: i64, now: Instant) -> bool {
        self.sequence >= sequence && self.next_moment().is_none_or(|next| now < next)
    }

    /// Everything up to this number of the sequence is in it.
    pub fn sequence(&self) -> i64 {
        self.sequence
    }

    /// When time alone may change it next.
    pub fn next_moment(&self) -> Option<Instant> {
        [self.next_moment, self.baseline.today.map(|today| today.until)].into_iter().flatten().min()
    }

    /// The board in its programme's newest version.
    pub fn board(&self) -> &Board {
        &self.scope.board
    }

    /// Whether it ranks persons.
    pub fn is_of_persons(&self) -> bool {
        self.scope.board.subject == BoardSubject::Person
    }

    /// Whether its season is closed: it will not change any more.
    pub fn is_closed(&self) -> bool {
        self.scope.course.is_closed()
    }

    /// Whether it is narrowed to a team in which too few take part to be ranked among themselves.
    pub fn is_too_small(&self) -> bool {
        self.is_of_persons() && self.admission.too_small()
    }

    /// Teams and programmes as of the board.
    pub fn catalogue(&self) -> &Catalogue {
        &self.scope.catalogue
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

    /// The number of a subject.
    pub fn number_of(&self, directory: &Directory, subject: Uuid) -> Option<Number> {
        if self.is_of_persons() { directory.number_of(subject) } else { self.teams.of(subject) }
    }

    /// The subject of a number.
    pub fn subject_of(&self, directory: &Directory, number: Number) -> Option<Uuid> {
        if self.is_of_persons() { directory.id_of(number) } else { self.teams.id(number) }
    }

    /// A subject as the index knows it.
    pub fn contender(&self, number: Number, subject: Uuid) -> Contender {
        Contender { number, tie: self.digests.tie(subject) }
    }

    /// How a subject stands in its own eyes, listed for others or not: 1 + the listed with a higher score is its rank
    /// (SEMANTICS S43).
    pub fn place_of(&self, directory: &Directory, number: Number) -> Place {
        let scored = self.scored(number);
        if self.is_of_persons() {
            self.own(directory, number, scored)
        } else {
            scored.map_or(Place::Off, |scored| self.stand(Some(scored)))
        }
    }

    /// How others see a subject here.
    pub fn seen(&self, directory: &Directory, number: Number) -> Visibility {
        match self.scope.board.show {
            _ if self.is_of_persons() => self.admission.seen(directory, number),
            Show::Alias => Visibility::Alias,
            Show::Named | Show::Top(_) | Show::Own => Visibility::Named,
        }
    }

    /// A subject's alias on this board in this period.
    pub fn alias_of(&self, subject: Uuid) -> String {
        alias_of(self.digests.alias(subject))
    }

    /// By how many ranks a subject has risen since the day began, if it was there.
    pub fn risen(&self, number: Number, rank: usize) -> Option<i64> {
        Some(i64::from(self.baseline.rank(number)?) - i64::try_from(rank).ok()?)
    }

    /// How a subject was measured at a version.
    pub fn measured(&self, number: Number, version: i64) -> Option<Measured> {
        self.details.at(number, version)
    }

    /// Those whose values are too few to be ranked, in an order that tells nothing, and how many each has.
    pub fn apart(&self) -> impl ExactSizeIterator<Item = (Number, u32)> {
        self.apart.iter().map(|((_, number), samples)| (*number, *samples))
    }
}
