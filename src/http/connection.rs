//! A connection as its worker watches it: bytes pass through, and whoever keeps the server waiting is noted.
//!
//! Knows bytes and the worker's clock; knows nothing of requests, so that it can say what the parser above cannot: that a
//! client does not take its answer, that a request never ends, and that nothing is under way.

use std::cell::{Cell, RefCell};
use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use actix_web::rt::net::TcpStream;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// How long clients may keep the server waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    /// For the head of a connection's first request to arrive.
    pub head: Duration,
    /// For a body to arrive whole.
    pub body: Duration,
    /// For the next request of a connection to begin.
    pub keep_alive: Duration,
    /// From a request's first byte to its answer's first: above what a body, a read and a write may take together.
    pub unanswered: Duration,
    /// For a client to take what has been written.
    pub untaken: Duration,
    /// From one heartbeat of a stream to the next.
    pub heartbeat: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        let [head, body, keep_alive, unanswered, untaken, heartbeat] =
            [10, 30, 75, 75, 30, 15].map(Duration::from_secs);
        Self { head, body, keep_alive, unanswered, untaken, heartbeat }
    }
}

/// What a connection is at, as far as its bytes tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// All that was asked is answered, or being answered.
    Rest,
    /// Bytes have come, and none have gone since.
    Asked,
    /// The client does not take what is written.
    Stuck,
}

/// What is known of a connection, shared with the worker that watches it.
pub(super) struct Watched {
    now: Rc<Cell<Instant>>,
    at: Cell<(At, Instant)>,
    closing: Cell<bool>,
    said_all: Cell<bool>,
    reader: RefCell<Option<Waker>>,
}

impl Watched {
    /// Of a new connection; `now` is the worker's clock.
    pub(super) fn new(now: Rc<Cell<Instant>>) -> Rc<Self> {
        let begun = now.get();
        Rc::new(Self {
            now,
            at: Cell::new((At::Rest, begun)),
            closing: Cell::new(false),
            said_all: Cell::new(false),
            reader: RefCell::default(),
        })
    }

    fn is_now(&self, at: At) {
        self.at.set((at, self.now.get()));
    }

    /// Whether the client has kept the server waiting for longer than it may.
    pub(super) fn is_overdue(&self, bounds: Bounds) -> bool {
        let (at, since) = self.at.get();
        let waited = self.now.get().duration_since(since);
        match at {
            At::Rest => false,
            At::Asked => waited > bounds.unanswered,
            At::Stuck => waited > bounds.untaken,
        }
    }

    /// Whether nothing has been under way for `quiet`.
    pub(super) fn is_quiet_for(&self, quiet: Duration) -> bool {
        let (at, since) = self.at.get();
        at == At::Rest && self.now.get().duration_since(since) >= quiet
    }

    /// Whether the client has ended its side: it may still wait for an answer, but for one that has no end nobody does.
    pub(super) fn has_said_all(&self) -> bool {
        self.said_all.get()
    }

    /// Takes what has come up to now, and nothing after it: the client is told by the end of the stream.
    pub(super) fn close(&self) {
        self.closing.set(true);
        if let Some(reader) = self.reader.borrow_mut().take() {
            reader.wake();
        }
    }
}

/// A connection that notes what it is at.
pub(super) struct Connection {
    io: TcpStream,
    watched: Rc<Watched>,
}

impl Connection {
    pub(super) fn watched(&self) -> &Rc<Watched> {
        &self.watched
    }

    pub(super) fn new(io: TcpStream, watched: Rc<Watched>) -> Self {
        Self { io, watched }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.io).poll_read(cx, buffer);
        let watched = &self.watched;
        match polled {
            Poll::Pending if watched.closing.get() => Poll::Ready(Ok(())),
            Poll::Pending => {
                let mut reader = watched.reader.borrow_mut();
                if !reader.as_ref().is_some_and(|known| known.will_wake(cx.waker())) {
                    *reader = Some(cx.waker().clone());
                }
                Poll::Pending
            }
            Poll::Ready(read) => {
                let nothing = buffer.filled().len() == before;
                watched.said_all.set(nothing && buffer.remaining() > 0);
                if !nothing && watched.at.get().0 == At::Rest {
                    watched.is_now(At::Asked);
                }
                Poll::Ready(read)
            }
        }
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.io).poll_write(cx, bytes);
        match (&polled, self.watched.at.get().0) {
            // However little it takes at a time, the bound is for all that was to be written at once.
            (_, At::Stuck) => {}
            (Poll::Pending, _) => self.watched.is_now(At::Stuck),
            (Poll::Ready(_), _) => self.watched.is_now(At::Rest),
        }
        polled
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        // Asked for once all has been written.
        if self.watched.at.get().0 == At::Stuck {
            self.watched.is_now(At::Rest);
        }
        Pin::new(&mut self.io).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(cx)
    }
}
