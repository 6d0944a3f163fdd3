//! The one who watches for all streams of an instance: what has been committed, what time has changed, who may listen.
//!
//! However many streams look at a board, it is brought up to date once, and only they are woken.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select;
use tokio::time::{Instant as Stopwatch, sleep, timeout_at};

use super::open::{GROUPS, Review, Shown};
use crate::app::AppState;
use crate::catalogue::Catalogue;
use crate::domain::ids::PersonId;
use crate::http::callers::active;
use crate::http::leaderboards::reading::followed;
use crate::http::problem::ApiError;
use crate::http::session::Session;
use crate::store::{head, stream_news};

/// How long changes are gathered after some were told of.
const GATHER: Duration = Duration::from_millis(50);
/// How often it is looked at most who may still listen.
const REVIEW: Duration = Duration::from_secs(1);
/// Beyond so much news everybody looks for themselves.
const MUCH: i64 = 2_000;

/// Watches for ever; every stream has a heartbeat each `heartbeat`.
pub(in crate::http) async fn watch(app: Arc<AppState>, heartbeat: Duration) {
    let step = heartbeat / u32::try_from(GROUPS).unwrap_or(1);
    let mut sequence = app.writer.published().sequence();
    let mut watching = Watching::begin(app.clone());
    let (mut group, mut next) = (0, Stopwatch::now() + step);
    loop {
        let something = async {
            select(pin!(sequence.changed()), pin!(app.streams.asked_to_look())).await;
        };
        if timeout_at(next, something).await.is_ok() {
            sequence.mark_unchanged();
            watching.look().await;
            sleep(GATHER).await;
        }
        if Stopwatch::now() >= next {
            next = Stopwatch::now() + step;
            group += 1;
            app.streams.beat(group);
            watching.look().await;
        }
    }
}

struct Watching {
    app: Arc<AppState>,
    session: Session,
    catalogue: Arc<Catalogue>,
    epoch: u64,
    last: Option<(Arc<Review>, Stopwatch)>,
    /// Everybody was told of news up to this number.
    told: i64,
}

impl Watching {
    fn begin(app: Arc<AppState>) -> Self {
        let published = app.writer.published();
        let (epoch, told) = (published.people_epoch(), published.newest());
        Self { session: Session::from(app.clone()), catalogue: app.catalogue(), epoch, last: None, told, app }
    }

    /// Looks at everything once. What fails for a passing reason is looked at again with the next beat.
    async fn look(&mut self) {
        let newest = self.app.writer.published().newest();
        if self.app.streams.count() == 0 {
            self.told = newest;
            return;
        }
        let looked = [self.review().await, self.tell(newest).await, self.look_at_boards().await];
        for error in looked.into_iter().filter_map(Result::err) {
            tracing::debug!(error = %error, "streams cannot be told of what is new; trying again");
        }
    }

    /// Looks who may still listen, if that may have changed.
    async fn review(&mut self) -> Result<(), ApiError> {
        let (streams, published) = (&self.app.streams, self.app.writer.published());
        let (epoch, catalogue) = (published.people_epoch(), published.catalogue());
        let changed = epoch != self.epoch || !Arc::ptr_eq(&catalogue, &self.catalogue);
        let recently = self.last.as_ref().is_some_and(|(_, when)| when.elapsed() < REVIEW);
        if changed && recently {
            return Ok(());
        }
        let ended = streams.take_ended(self.app.clock.now());
        if !(streams.take_review() || changed || ended) {
            return Ok(());
        }
        let (number, people) = streams.begin_review();
        let ids: Vec<String> = people.iter().map(ToString::to_string).collect();
        let callers = self.app.read(move |db| Ok(active(db, &ids)?)).await;
        let callers = callers.inspect_err(|_| streams.want_review())?;
        let callers = callers.into_iter().map(|(person, caller)| (person, Arc::new(caller))).collect();
        let review = Arc::new(Review { number, callers });
        streams.reviewed(&review);
        self.last = Some((review, Stopwatch::now()));
        (self.epoch, self.catalogue) = (epoch, catalogue);
        Ok(())
    }

    /// Tells those of whom there is news since they were told last.
    async fn tell(&mut self, newest: i64) -> Result<(), ApiError> {
        let (streams, since) = (&self.app.streams, self.told);
        if newest <= since {
            return Ok(());
        }
        if !streams.has_listeners() {
            self.told = newest;
            return Ok(());
        }
        let read = self.app.read(move |db| Ok((head::read(db)?, stream_news::concerned(db, since, MUCH)?)));
        let (head, concerned) = read.await?;
        match concerned {
            Some(concerned) => {
                let people = concerned.iter().filter_map(|subject| subject.parse::<PersonId>().ok());
                streams.tell(&people.collect::<BTreeSet<_>>(), head);
            }
            None => streams.tell_all(head),
        }
        self.told = head;
        Ok(())
    }

    async fn look_at_boards(&self) -> Result<(), ApiError> {
        let streams = &self.app.streams;
        for key in streams.boards() {
            match followed(&self.session, key.clone(), 0).await {
                Ok(slot) => streams.show(&key, Shown::of(slot)),
                Err(error) if error.passes() => return Err(error),
                Err(_) => streams.gone(&key),
            }
        }
        Ok(())
    }
}
