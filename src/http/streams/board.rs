//! The page of a board as a stream: whole each time, the newest, and not more than one a second.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::{Either, pending, select};
use tokio::sync::watch;
use tokio::time::{Instant as Stopwatch, sleep_until};

use super::frame;
use super::line::{Heard, Line};
use super::open::Shown;
use crate::boards::BoardKey;
use crate::http::leaderboards::asked::{Which, board_key};
use crate::http::leaderboards::first_page;
use crate::http::leaderboards::reading::followed;
use crate::http::leaderboards::target::BoardTarget;
use crate::http::page::Limit;
use crate::http::permit::{ReadBoard, admit_at_once};
use crate::http::problem::ApiError;

/// The time between two pages.
const PACE: Duration = Duration::from_secs(1);

/// Which page it is.
pub(super) struct Wanted {
    pub(super) period: Option<String>,
    pub(super) season: Option<String>,
    pub(super) team: Option<String>,
    pub(super) limit: Limit,
}

/// A stream of a board's page.
pub(super) struct BoardStream {
    line: Line,
    target: BoardTarget,
    wanted: Wanted,
    key: BoardKey,
    board: watch::Receiver<Shown>,
    /// The tag of the page that the caller has.
    has: Option<String>,
    /// What comes first.
    first: Vec<Bytes>,
    /// Whether there may be something new.
    due: bool,
    sent: Option<Stopwatch>,
}

/// What a stream of a board waits for.
enum Woken {
    Heard(Heard),
    /// The board has changed.
    Changed,
    /// The board is gone.
    Gone,
    /// It is time for the next page.
    Paced,
}

impl BoardStream {
    /// Of a caller who has the page with the tag `has`.
    pub(super) async fn open(
        line: Line,
        target: BoardTarget,
        wanted: Wanted,
        has: Option<String>,
    ) -> Result<Self, ApiError> {
        let (key, board) = look_at(&line, &target, &wanted, None).await?;
        let mut stream = Self { line, target, wanted, key, board, has, first: Vec::new(), due: false, sent: None };
        // Refused while there is somebody to tell.
        let page = stream.page()?;
        stream.first.extend(page);
        stream.first.push(frame::greeting());
        Ok(stream)
    }

    /// What is sent next, and the stream after it; none at its end.
    pub(super) async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if let Some(first) = self.first.pop() {
            return Some((Ok(first), self));
        }
        loop {
            if self.due && self.sent.is_none_or(|sent| sent.elapsed() >= PACE) {
                self.due = false;
                match self.page() {
                    Ok(Some(page)) => return Some((Ok(page), self)),
                    Ok(None) => {}
                    Err(_) => return None,
                }
            }
            match self.woken().await {
                Woken::Heard(Heard::End) | Woken::Gone => return None,
                Woken::Heard(heard) => {
                    self.look_again().await?;
                    self.due |= heard == Heard::Change;
                    if heard == Heard::Beat {
                        return Some((Ok(frame::HEARTBEAT), self));
                    }
                }
                Woken::Changed => self.due = true,
                Woken::Paced => {}
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        let (due, sent) = (self.due, self.sent);
        let paced = async move {
            match sent.filter(|_| due) {
                Some(sent) => sleep_until(sent + PACE).await,
                None => pending().await,
            }
        };
        let (changed, paced, heard) = (pin!(self.board.changed()), pin!(paced), pin!(self.line.heard()));
        match select(heard, select(changed, paced)).await {
            Either::Left((heard, _)) => Woken::Heard(heard),
            Either::Right((Either::Left((Ok(()), _)), _)) => Woken::Changed,
            Either::Right((Either::Left((Err(_), _)), _)) => Woken::Gone,
            Either::Right((Either::Right(_), _)) => Woken::Paced,
        }
    }

    /// Looks whether the caller still sees the board, and which period is the one asked for now. None if they do not.
    async fn look_again(&mut self) -> Option<()> {
        self.target = admit_at_once::<ReadBoard, BoardTarget>(&self.line.asked).ok()?;
        match look_at(&self.line, &self.target, &self.wanted, Some((&self.key, &self.board))).await {
            Ok((key, board)) => {
                self.due |= key != self.key;
                (self.key, self.board) = (key, board);
            }
            Err(error) if error.passes() => {}
            Err(_) => return None,
        }
        Some(())
    }

    /// The page, if the caller does not have it.
    fn page(&mut self) -> Result<Option<Bytes>, ApiError> {
        let slot = self.board.borrow_and_update().slot.clone();
        let (target, key) = (self.target.clone(), self.key.clone());
        let (session, caller) = (&self.line.session, self.line.asked.caller.person);
        let (tag, page) = first_page(session, &slot, (target, key), caller, self.wanted.limit)?;
        if self.has.as_deref() == Some(tag.tag()) {
            return Ok(None);
        }
        self.sent = Some(Stopwatch::now());
        let event = frame::resumable("board", tag.tag(), &page);
        self.has = Some(tag.tag().to_owned());
        Ok(Some(event))
    }
}

/// The board that is wanted now; `known` is the one that was looked at before.
async fn look_at(
    line: &Line,
    target: &BoardTarget,
    wanted: &Wanted,
    known: Option<(&BoardKey, &watch::Receiver<Shown>)>,
) -> Result<(BoardKey, watch::Receiver<Shown>), ApiError> {
    let which =
        Which { period: wanted.period.as_deref(), season: wanted.season.as_deref(), team: wanted.team.as_deref() };
    let (key, _) = board_key(target, &which, None, &line.asked.catalogue, line.asked.now)?;
    if let Some((_, board)) = known.filter(|(known, _)| **known == key) {
        return Ok((key, board.clone()));
    }
    let slot = followed(&line.session, key.clone(), 0).await?;
    let board = line.app.streams.board(&key, slot, line.app.writer.published().newest());
    Ok((key, board))
}
