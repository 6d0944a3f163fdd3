//! The HTTP server: listens, bounded in connections and times, and stops without dropping anybody.
//!
//! Its workers are threads that accept and serve their own connections. actix's own server, told to stop, forgets whoever
//! was let in and not accepted yet, and what is just arriving on a connection that it takes for idle.

use std::io;
use std::net::TcpListener;
use std::pin::pin;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use actix_web::rt::{self, time};
use futures_util::future::select;
use socket2::SockRef;
use tokio::sync::{Semaphore, watch};

pub use super::connection::Bounds;
use super::streams::watching;
use super::worker::{FINISH, Shares, Worker, ordered, unless};
use crate::app::AppState;

/// Connections of the server; whoever comes beyond waits for one to end.
const CONNECTIONS: usize = 25_000;
/// Files kept for other uses, where the system allows this process only so many.
const OTHER_FILES: usize = 200;
/// Connections that may wait to be accepted.
const BACKLOG: i32 = 1_024;
/// How often an end is looked for.
const LOOK: Duration = Duration::from_millis(20);

/// What the workers are told; later ones outweigh earlier ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Order {
    Serve,
    Finish,
    Abandon,
}

/// A running server.
pub struct Server {
    state: Arc<AppState>,
    order: watch::Sender<Order>,
    workers: Vec<JoinHandle<()>>,
}

/// Serves on `listener`, with `workers` threads answering requests.
pub fn serve(state: Arc<AppState>, listener: TcpListener, workers: usize) -> io::Result<Server> {
    serve_within(Bounds::default(), state, listener, workers)
}

/// The same with other bounds.
pub fn serve_within(bounds: Bounds, state: Arc<AppState>, listener: TcpListener, workers: usize) -> io::Result<Server> {
    listener.set_nonblocking(true)?;
    SockRef::from(&listener).listen(BACKLOG)?;
    let connections = connections();
    let slots = Arc::new(Semaphore::new(connections));
    state.streams.make_room(connections / 5 * 4);
    let mut server = Server { state, order: watch::Sender::new(Order::Serve), workers: Vec::with_capacity(workers) };
    for (number, share) in Shares::of(workers).into_iter().enumerate() {
        let (state, listener, slots) = (server.state.clone(), listener.try_clone()?, slots.clone());
        let worker = Worker { state, listener, slots, share, order: server.order.subscribe(), bounds };
        let thread = std::thread::Builder::new().name(format!("http-{number}"));
        server.workers.push(thread.spawn(move || {
            if let Err(error) = rt::System::new().block_on(worker.work()) {
                tracing::error!(error = %error, "a worker cannot serve");
            }
        })?);
    }
    let (state, order) = (server.state.clone(), server.order.subscribe());
    let watching = std::thread::Builder::new().name("streams".to_owned());
    server.workers.push(watching.spawn(move || rt::System::new().block_on(watch_streams(state, bounds, order)))?);
    Ok(server)
}

/// Watches for the streams of a server until it is ordered to end.
async fn watch_streams(state: Arc<AppState>, bounds: Bounds, mut order: watch::Receiver<Order>) {
    unless(ordered(&mut order, Order::Finish), watching::watch(state.clone(), bounds.heartbeat)).await;
    state.streams.end();
}

impl Server {
    /// Serves until a signal asks for an end, and then until everybody is answered. A second signal does not wait for that.
    pub async fn until(self, mut signals: Signals) {
        signals.next().await;
        tracing::info!("stopping");
        self.finish();
        unless(signals.next(), self.ended()).await;
        self.order.send_replace(Order::Abandon);
    }

    /// Lets everybody be answered, and then ends.
    pub fn finish(&self) {
        self.state.stop();
        self.order.send_replace(Order::Finish);
    }

    async fn ended(&self) {
        let ended = async {
            while self.workers.iter().any(|worker| !worker.is_finished()) {
                time::sleep(LOOK).await;
            }
        };
        // A worker that still waits for the database is not waited for.
        let _ = time::timeout(FINISH + LOOK, ended).await;
    }

    /// Ends now, and waits for it.
    pub fn abandon(self) {
        self.order.send_replace(Order::Abandon);
        for worker in self.workers {
            if worker.join().is_err() {
                tracing::error!("a worker has panicked");
            }
        }
    }
}

/// SIGTERM and SIGINT, from now on; before, they end the process as they find it.
pub struct Signals {
    terminate: Signal,
    interrupt: Signal,
}

impl Signals {
    /// Takes them; within the async runtime, and before anybody is told that there is a server to stop.
    pub fn take() -> io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    async fn next(&mut self) {
        let _ = select(pin!(self.terminate.recv()), pin!(self.interrupt.recv())).await;
    }
}

/// As many connections as are wanted, or as the system lets this process have files.
fn connections() -> usize {
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let files = limits.lines().find_map(|line| line.strip_prefix("Max open files"));
    let files = files.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    files.map_or(CONNECTIONS, |files| files.saturating_sub(OTHER_FILES).clamp(OTHER_FILES / 2, CONNECTIONS))
}
