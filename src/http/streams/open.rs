//! The streams that are open: who has how many, what they look at, and the wires on which they are told of changes.
//!
//! An idle stream is a place in these tables and a task that sleeps; nothing here asks the database.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Notify, watch};

use crate::access::caller::Caller;
use crate::app::AppState;
use crate::boards::{BoardKey, Slot};
use crate::domain::ids::PersonId;
use crate::domain::problem::ProblemCode;
use crate::domain::time::Instant;

/// The most streams of an instance.
const MOST: usize = 20_000;
/// The most streams of one person at an instance.
const OF_A_PERSON: usize = 20;
/// Streams have their heartbeats in so many groups, one after the other.
pub(super) const GROUPS: usize = 15;

/// What every stream of a group is told.
#[derive(Debug, Clone, Default)]
pub(super) struct Beat {
    /// The last time it was looked at who may still listen.
    pub(super) review: Option<Arc<Review>>,
    /// The server is about to end.
    pub(super) ended: bool,
}

/// Who may still listen, and as whom.
#[derive(Debug)]
pub(super) struct Review {
    /// Counts them.
    pub(super) number: u64,
    /// Those with streams who are active, without what their credentials say.
    pub(super) callers: HashMap<PersonId, Arc<Caller>>,
}

/// A board as it was last looked at.
#[derive(Clone)]
pub(super) struct Shown {
    /// Where it is.
    pub(super) slot: Arc<Slot>,
    /// Which of its states.
    pub(super) state: (i64, i64),
}

impl Shown {
    pub(super) fn of(slot: Arc<Slot>) -> Self {
        let state = slot.pages().state;
        Self { slot, state }
    }

    /// Takes in how the board is now, and says whether that is news.
    pub(super) fn take_in(&mut self, now: Self) -> bool {
        let changed = self.state != now.state || !Arc::ptr_eq(&self.slot, &now.slot);
        *self = now;
        changed
    }
}

/// Somebody with streams.
struct Listener {
    streams: usize,
    /// The number of the sequence at which there was news of them.
    news: watch::Sender<i64>,
}

impl Listener {
    fn tell(&self, sequence: i64) {
        self.news.send_replace(sequence);
    }
}

#[derive(Default)]
struct Open {
    count: usize,
    /// Counts all there ever were.
    entered: u64,
    /// The last review that was begun.
    reviews: u64,
    listeners: HashMap<PersonId, Listener>,
    boards: HashMap<BoardKey, watch::Sender<Shown>>,
    /// When credentials end.
    ends: BTreeSet<(Instant, u64)>,
}

/// The streams of an instance.
pub struct Streams {
    open: Mutex<Open>,
    groups: Vec<watch::Sender<Beat>>,
    room: AtomicUsize,
    look: Notify,
    review: AtomicBool,
}

impl Default for Streams {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            groups: (0..GROUPS).map(|_| watch::Sender::default()).collect(),
            room: AtomicUsize::new(MOST),
            look: Notify::new(),
            review: AtomicBool::new(false),
        }
    }
}

/// A stream's place among those that are open, given up when it is dropped.
pub(super) struct Place {
    app: Arc<AppState>,
    person: PersonId,
    end: (Instant, u64),
    /// Tells of beats.
    pub(super) beat: watch::Receiver<Beat>,
    /// The last review that was begun before.
    pub(super) reviewed: u64,
}

impl Drop for Place {
    fn drop(&mut self) {
        self.app.streams.leave(self);
    }
}

impl Streams {
    /// Leaves room for so many streams: fewer than there are connections, so that others are answered too.
    pub(in crate::http) fn make_room(&self, streams: usize) {
        self.room.store(streams.min(MOST), Ordering::Relaxed);
    }

    /// How many are open.
    pub fn count(&self) -> usize {
        self.open().count
    }

    fn open(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a stream of a caller who was known as of a state of the directory, if there is one.
    pub(super) fn enter(&self, app: &Arc<AppState>, caller: &Caller, epoch: u64) -> Result<Place, ProblemCode> {
        let mut open = self.open();
        if open.count >= self.room.load(Ordering::Relaxed) {
            return Err(ProblemCode::Overloaded);
        }
        let listener = open
            .listeners
            .entry(caller.person)
            .or_insert_with(|| Listener { streams: 0, news: watch::Sender::default() });
        if listener.streams >= OF_A_PERSON {
            return Err(ProblemCode::TooManyStreams);
        }
        listener.streams += 1;
        open.count += 1;
        open.entered += 1;
        let end = (caller.until, open.entered);
        open.ends.insert(end);
        let group = usize::try_from(open.entered).unwrap_or(0) % GROUPS;
        let beat = self.groups.get(group).map(watch::Sender::subscribe).ok_or(ProblemCode::Internal)?;
        let place = Place { app: app.clone(), person: caller.person, end, beat, reviewed: open.reviews };
        metrics::gauge!(METRIC).set(open.count as f64);
        drop(open);
        if place.beat.borrow().ended {
            return Err(ProblemCode::Stopping);
        }
        // What was known of the caller may have been overtaken before the place was taken.
        if app.writer.published().people_epoch() != epoch {
            self.want_review();
            self.look.notify_one();
        }
        Ok(place)
    }

    fn leave(&self, place: &Place) {
        let mut open = self.open();
        open.count = open.count.saturating_sub(1);
        open.ends.remove(&place.end);
        if let Some(listener) = open.listeners.get_mut(&place.person) {
            listener.streams = listener.streams.saturating_sub(1);
            if listener.streams == 0 {
                open.listeners.remove(&place.person);
            }
        }
        metrics::gauge!(METRIC).set(open.count as f64);
    }

    /// Tells of news of somebody who has a place.
    pub(super) fn news_of(&self, person: PersonId) -> Option<watch::Receiver<i64>> {
        self.open().listeners.get(&person).map(|listener| listener.news.subscribe())
    }

    /// Tells of changes of a board, of which `slot` is a state.
    pub(super) fn board(&self, key: &BoardKey, slot: Arc<Slot>, newest: i64) -> watch::Receiver<Shown> {
        let stale = slot.sequence() < newest;
        let mut open = self.open();
        let shown = match open.boards.get(key) {
            Some(shown) => shown.subscribe(),
            None => open.boards.entry(key.clone()).or_insert(watch::Sender::new(Shown::of(slot))).subscribe(),
        };
        drop(open);
        if stale {
            self.look.notify_one();
        }
        shown
    }

    /// Waits until somebody wants to have it looked at what has changed.
    pub(super) async fn asked_to_look(&self) {
        self.look.notified().await;
    }

    /// Has it looked at who may still listen, with the next look.
    pub(super) fn want_review(&self) {
        self.review.store(true, Ordering::Release);
    }

    /// Whether somebody wants to have it looked at who may still listen; asked for, it is taken as done.
    pub(super) fn take_review(&self) -> bool {
        self.review.swap(false, Ordering::AcqRel)
    }

    /// Begins a review: its number, and who has streams.
    pub(super) fn begin_review(&self) -> (u64, Vec<PersonId>) {
        let mut open = self.open();
        open.reviews += 1;
        (open.reviews, open.listeners.keys().copied().collect())
    }

    /// Tells everybody what came of a review.
    pub(super) fn reviewed(&self, review: &Arc<Review>) {
        self.groups.iter().for_each(|group| {
            group.send_modify(|beat| beat.review = Some(review.clone()));
        });
    }

    /// Lets a group have its heartbeat.
    pub(super) fn beat(&self, group: usize) {
        if let Some(group) = self.groups.get(group % GROUPS) {
            group.send_modify(|_| {});
        }
    }

    /// Whether anybody's credentials have ended by `now`; those are told of once.
    pub(super) fn take_ended(&self, now: Instant) -> bool {
        let mut open = self.open();
        let before = open.ends.len();
        while open.ends.first().is_some_and(|(end, _)| *end <= now) {
            open.ends.pop_first();
        }
        open.ends.len() < before
    }

    /// Whether anybody listens to news of themselves.
    pub(super) fn has_listeners(&self) -> bool {
        self.open().listeners.values().any(|listener| listener.news.receiver_count() > 0)
    }

    /// Tells those who listen of news of themselves at a number of the sequence.
    pub(super) fn tell(&self, concerned: &BTreeSet<PersonId>, sequence: i64) {
        let open = self.open();
        let concerned = concerned.iter().filter_map(|person| open.listeners.get(person));
        concerned.for_each(|listener| listener.tell(sequence));
    }

    /// The same to everybody.
    pub(super) fn tell_all(&self, sequence: i64) {
        self.open().listeners.values().for_each(|listener| listener.tell(sequence));
    }

    /// The boards that anybody looks at; those that nobody looks at any more are forgotten.
    pub(super) fn boards(&self) -> Vec<BoardKey> {
        let mut open = self.open();
        open.boards.retain(|_, shown| shown.receiver_count() > 0);
        open.boards.keys().cloned().collect()
    }

    /// Tells those who look at a board how it is now, if that is news.
    pub(super) fn show(&self, key: &BoardKey, now: Shown) {
        if let Some(shown) = self.open().boards.get(key) {
            shown.send_if_modified(|shown| shown.take_in(now));
        }
    }

    /// There is no such board any more: whoever looks at it has seen the last.
    pub(super) fn gone(&self, key: &BoardKey) {
        self.open().boards.remove(key);
    }

    /// Ends all streams, and lets none begin.
    pub fn end(&self) {
        self.groups.iter().for_each(|group| {
            group.send_modify(|beat| beat.ended = true);
        });
    }
}

/// The gauge of streams that are open.
pub const METRIC: &str = "applaus_streams";
