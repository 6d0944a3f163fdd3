//! News of oneself as a stream: points, badges and tiers as they come, resumed after the last that was seen.

use std::convert::Infallible;
use std::pin::pin;

use bytes::{Bytes, BytesMut};
use futures_util::future::{Either, select};
use tokio::sync::watch;

use super::frame;
use super::line::{Heard, Line};
use super::news::{News, news_since, standing_now};
use crate::domain::ids::PersonId;
use crate::domain::problem::ProblemCode;
use crate::http::problem::ApiError;

/// A stream of news of oneself.
pub(super) struct OwnStream {
    line: Line,
    person: PersonId,
    news: watch::Receiver<i64>,
    /// The number of the sequence that the caller has everything up to.
    has: i64,
    /// What comes first.
    first: Vec<Bytes>,
    /// Whether there may be something new.
    due: bool,
}

enum Woken {
    Heard(Heard),
    News,
}

impl OwnStream {
    /// Of a caller who has everything up to a number of the sequence, or nothing.
    pub(super) async fn open(line: Line, has: Option<i64>) -> Result<Self, ApiError> {
        let person = line.asked.caller.person;
        let news = line.app.streams.news_of(person).ok_or(ProblemCode::Stopping)?;
        let mut stream = Self { line, person, news, has: 0, first: Vec::new(), due: false };
        let catalogue = stream.line.asked.catalogue.clone();
        let now = stream.line.asked.now;
        let newest = stream.line.app.writer.published().newest();
        let read = stream.line.session.read(move |db| match has.filter(|has| (0..=newest).contains(has)) {
            Some(has) => news_since(db, &catalogue, person, (has, now)),
            None => standing_now(db, &catalogue, person, now),
        });
        let news = read.await?;
        stream.has = news.until;
        stream.first.extend(frames(&news)?);
        stream.first.push(frame::greeting());
        Ok(stream)
    }

    /// What is sent next, and the stream after it; none at its end.
    pub(super) async fn next(mut self) -> Option<(Result<Bytes, Infallible>, Self)> {
        if let Some(first) = self.first.pop() {
            return Some((Ok(first), self));
        }
        loop {
            if self.due {
                self.due = false;
                match self.look().await {
                    Ok(Some(news)) => return Some((Ok(news), self)),
                    Ok(None) => {}
                    // Again with the next heartbeat.
                    Err(error) if error.passes() => {}
                    Err(_) => return None,
                }
            }
            match self.woken().await {
                Woken::News => self.due = true,
                Woken::Heard(Heard::End) => return None,
                Woken::Heard(Heard::Change) => {}
                Woken::Heard(Heard::Beat) => {
                    self.due = *self.news.borrow() > self.has;
                    return Some((Ok(frame::HEARTBEAT), self));
                }
            }
        }
    }

    async fn woken(&mut self) -> Woken {
        match select(pin!(self.line.heard()), pin!(self.news.changed())).await {
            Either::Left((heard, _)) => Woken::Heard(heard),
            Either::Right((Ok(()), _)) => Woken::News,
            Either::Right((Err(_), _)) => Woken::Heard(Heard::End),
        }
    }

    async fn look(&mut self) -> Result<Option<Bytes>, ApiError> {
        let (catalogue, person, has) = (self.line.app.catalogue(), self.person, self.has);
        let now = self.line.app.clock.now();
        // What woke the stream is on the primary; a replica may not have it yet.
        let news = self.line.app.read(move |db| news_since(db, &catalogue, person, (has, now))).await?;
        self.has = news.until;
        frames(&news)
    }
}

/// The news as events, of which only the last may be resumed after; none if there are none.
fn frames(news: &News) -> Result<Option<Bytes>, ApiError> {
    let mut frames = BytesMut::new();
    let Some((last, others)) = news.events.split_last() else { return Ok(None) };
    for (name, data) in others {
        frame::put_part(&mut frames, name, data)?;
    }
    let (name, data) = last;
    let data = serde_json::to_vec(data).map_err(ApiError::internal)?;
    frames.extend_from_slice(&frame::resumable(name, &news.until.to_string(), &data));
    Ok(Some(frames.freeze()))
}
