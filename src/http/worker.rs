//! A worker of the server: a thread's connections, from accepting them to closing the last.

use std::cell::{Cell, RefCell};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::pin;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use actix_http::HttpService;
use actix_service::{Service, ServiceFactory, map_config};
use actix_web::dev::AppConfig;
use actix_web::middleware::from_fn;
use actix_web::rt::{self, net, task, time};
use actix_web::{App, web};
use futures_util::future::{Either, select};
use socket2::SockRef;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::connection::{Bounds, Connection, Watched};
use super::layers::conventions;
use super::routes;
use super::serve::Order;
use crate::app::AppState;

/// For what a client still sends that was refused.
const LINGER: Duration = Duration::from_secs(1);
/// How often connections are looked over.
const LOOK: Duration = Duration::from_millis(250);
/// How long nothing is accepted when the system has nothing left to accept with.
const RELIEF: Duration = Duration::from_millis(100);

/// After the order to finish, for load balancers to notice: connections are still accepted.
const NOTICE: Duration = Duration::from_secs(1);
/// For connections that are being made when no more are to come.
const HANDSHAKE: Duration = Duration::from_millis(100);
/// For a connection at rest to be asked once more before it is closed.
const QUIET: Duration = Duration::from_secs(1);
/// From the order to finish until what is left is cut.
pub(super) const FINISH: Duration = Duration::from_secs(8);

/// How long a worker that has more connections than another leaves the next one to it.
const GIVE_WAY: Duration = Duration::from_millis(1);

/// How many connections each worker has: a client's connections come at once, and one worker would take them all.
#[derive(Clone)]
pub(super) struct Shares {
    all: Arc<[AtomicUsize]>,
    own: usize,
}

/// A connection's part of its worker's share.
struct Part(Shares);

impl Shares {
    /// One for each of so many workers.
    pub(super) fn of(workers: usize) -> Vec<Self> {
        let all: Arc<[AtomicUsize]> = (0..workers).map(|_| AtomicUsize::new(0)).collect();
        (0..workers).map(|own| Self { all: all.clone(), own }).collect()
    }

    fn count(&self) -> Option<&AtomicUsize> {
        self.all.get(self.own)
    }

    /// Whether another worker has fewer.
    fn is_ahead(&self) -> bool {
        let own = self.count().map_or(0, |count| count.load(Ordering::Relaxed));
        self.all.iter().any(|other| other.load(Ordering::Relaxed) < own)
    }

    fn take(&self) -> Part {
        if let Some(count) = self.count() {
            count.fetch_add(1, Ordering::Relaxed);
        }
        Part(self.clone())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(count) = self.0.count() {
            count.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

/// What a worker is made of.
pub(super) struct Worker {
    pub(super) state: Arc<AppState>,
    pub(super) listener: TcpListener,
    /// As many as connections may be open on all workers.
    pub(super) slots: Arc<Semaphore>,
    pub(super) share: Shares,
    pub(super) order: watch::Receiver<Order>,
    pub(super) bounds: Bounds,
}

impl Worker {
    /// Serves until it is ordered to end, and has ended.
    pub(super) async fn work(mut self) -> io::Result<()> {
        let app = App::new().app_data(web::Data::from(self.state)).app_data(self.bounds).configure(routes::configure);
        let http = HttpService::build()
            .keep_alive(self.bounds.keep_alive)
            .client_request_timeout(self.bounds.head)
            .client_disconnect_timeout(LINGER)
            .on_connect_ext(|connection: &Connection, known| drop(known.insert(connection.watched().clone())))
            .local_addr(self.listener.local_addr()?)
            .h1(map_config(app.wrap(from_fn(conventions)), |()| AppConfig::default()));
        let http = http.new_service(()).await;
        let http = http.map_err(|()| io::Error::other("the application cannot be put together"))?;
        let (slots, share, bounds) = (self.slots, self.share, self.bounds);
        let (http, now, open) = (Rc::new(http), Rc::new(Cell::new(Instant::now())), RefCell::default());
        let connections = Rc::new(Connections { http, slots, share, bounds, now, open });
        let watching = connections.clone();
        let watching = rt::spawn(async move { watching.watch().await });
        let listener = net::TcpListener::from_std(self.listener)?;
        unless(ordered(&mut self.order, Order::Finish), connections.accept(&listener)).await;
        let finished = unless(ordered(&mut self.order, Order::Abandon), connections.finish(listener)).await;
        watching.abort();
        finished.unwrap_or(Ok(()))
    }
}

/// What comes of `work`, unless `end` comes first.
pub(super) async fn unless<T>(end: impl Future<Output = ()>, work: impl Future<Output = T>) -> Option<T> {
    match select(pin!(work), pin!(end)).await {
        Either::Left((result, _)) => Some(result),
        Either::Right(_) => None,
    }
}

/// Waits for an order of that weight or more.
pub(super) async fn ordered(order: &mut watch::Receiver<Order>, weight: Order) {
    // Whoever gave orders and is gone wants nothing any more.
    let _ = order.wait_for(|order| *order >= weight).await;
}

/// The connections of a worker.
struct Connections<S> {
    http: Rc<S>,
    slots: Arc<Semaphore>,
    share: Shares,
    bounds: Bounds,
    /// Read once in a while, for all of them.
    now: Rc<Cell<Instant>>,
    open: RefCell<Vec<(Rc<Watched>, task::JoinHandle<()>)>>,
}

impl<S: Service<(Connection, Option<SocketAddr>)> + 'static> Connections<S> {
    /// Accepts as long as there are slots. Never ends by itself.
    async fn accept(&self, listener: &net::TcpListener) {
        while let Ok(slot) = self.slots.clone().acquire_owned().await {
            if self.share.is_ahead() {
                time::sleep(GIVE_WAY).await;
            }
            match listener.accept().await {
                Ok((io, client)) => self.open(io, client, Some(slot)),
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => {
                    tracing::warn!(error = %error, "cannot accept");
                    time::sleep(RELIEF).await;
                }
            }
        }
    }

    fn open(&self, io: net::TcpStream, client: SocketAddr, slot: Option<OwnedSemaphorePermit>) {
        // Answers are written whole; there is nothing to wait for to fill a packet. A client that has gone says so later.
        let _ = io.set_nodelay(true);
        let watched = Watched::new(self.now.clone());
        let (http, connection) = (self.http.clone(), Connection::new(io, watched.clone()));
        let part = self.share.take();
        let task = rt::spawn(async move {
            // What goes wrong on a connection is its client's to notice.
            let _ = http.call((connection, Some(client))).await;
            drop((slot, part));
        });
        self.open.borrow_mut().push((watched, task));
    }

    /// Cuts whoever keeps the server waiting, and forgets who has gone.
    async fn watch(&self) {
        loop {
            time::sleep(LOOK).await;
            self.look_over();
        }
    }

    fn look_over(&self) {
        self.now.set(Instant::now());
        let overdue = |(watched, _): &&(Rc<Watched>, _)| watched.is_overdue(self.bounds);
        self.open.borrow().iter().filter(overdue).for_each(|(_, task)| task.abort());
        self.open.borrow_mut().retain(|(_, task)| !task.is_finished());
    }

    /// Accepts whoever has been let in up to now, and lets nobody else in.
    async fn accept_the_last(&self, listener: net::TcpListener) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        SockRef::from(&listener).attach_filter(&NO_MORE)?;
        time::sleep(HANDSHAKE).await;
        let listener = listener.into_std()?;
        while let Ok((io, client)) = listener.accept() {
            io.set_nonblocking(true)?;
            self.open(net::TcpStream::from_std(io)?, client, None);
        }
        Ok(())
    }

    /// Goes on for a moment, and then closes each connection once nothing is under way on it, until none is left or time
    /// is up.
    async fn finish(&self, listener: net::TcpListener) -> io::Result<()> {
        let begun = Instant::now();
        unless(time::sleep(NOTICE), self.accept(&listener)).await;
        self.accept_the_last(listener).await?;
        while !self.open.borrow().is_empty() && begun.elapsed() < FINISH {
            self.open.borrow().iter().filter(|(one, _)| one.is_quiet_for(QUIET)).for_each(|(one, _)| one.close());
            time::sleep(LOOK / 10).await;
            self.look_over();
        }
        Ok(())
    }
}

/// A filter for a listening socket that drops whatever wants to begin a connection, and nothing else. Closing a socket that
/// listens resets those that were let in and not accepted: so nobody is let in any more, before the last are accepted. Who
/// comes now is refused when the socket is closed.
///
/// Load byte 13 of the TCP header, its flags; if SYN is among them take nothing of the packet, else all (`bpf(4)`).
#[cfg(target_os = "linux")]
const NO_MORE: [socket2::SockFilter; 4] = {
    use socket2::SockFilter;
    const SYN: u32 = 0x02;
    [
        SockFilter::new(0x30, 0, 0, 13),
        SockFilter::new(0x45, 0, 1, SYN),
        SockFilter::new(0x06, 0, 0, 0),
        SockFilter::new(0x06, 0, 0, u32::MAX),
    ]
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_more_gives_way() {
        let shares = Shares::of(2);
        let ahead = |which: usize| shares[which].is_ahead();
        assert!(!ahead(0) && !ahead(1));
        let first = shares[0].take();
        assert!(ahead(0) && !ahead(1));
        let second = shares[1].take();
        assert!(!ahead(0) && !ahead(1));
        drop(first);
        assert!(!ahead(0) && ahead(1));
        drop(second);
        assert!(!Shares::of(1)[0].is_ahead());
    }
}
