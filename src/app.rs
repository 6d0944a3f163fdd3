//! The parts of a running server, put together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use actix_web::web;
use chrono::TimeDelta;
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::sync::Semaphore;

use crate::access::cache::VerifiedTokens;
use crate::access::keys::{IssuerKey, KeyError};
use crate::access::seal::SealKey;
use crate::access::tokens::{Issuer, Verifier};
use crate::boards::Boards;
use crate::boards::contest::Standings;
use crate::catalogue::Catalogue;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::time::Instant;
use crate::follower::Follower;
use crate::http::callers::{Callers, Known};
use crate::http::problem::ApiError;
use crate::http::streams::Streams;
use crate::jobs::Jobs;
use crate::replica::{LongReads, Replica};
use crate::store::db::{self, Db, OpenError, Readers};
use crate::telemetry;
use crate::turns::Turns;
use crate::writer::issuer_key::RegisterIssuerKey;
use crate::writer::{Actor, Command, Committed, Failure, Writer};

/// Bytes of bodies that are held at once, from their first byte until their request is answered.
const BODIES: usize = 128 * 1024 * 1024;

/// How long a request waits for what reads: longer than the database lets a statement take.
const PATIENCE: Duration = Duration::from_secs(25);

/// What every handler may use.
pub struct AppState {
    /// Where "now" comes from.
    pub clock: Clock,
    /// Where changes go.
    pub writer: Writer,
    /// Tokens that were verified, with whom they speak for.
    pub tokens: VerifiedTokens<Known>,
    /// The built-in issuer.
    pub issuer: Issuer,
    /// What codes of rewards are sealed with.
    pub seal: SealKey,
    /// Who calls.
    pub callers: Callers,
    /// Leaderboards.
    pub boards: Boards,
    /// Standings of contests.
    pub standings: Standings,
    /// Streams that are open.
    pub streams: Streams,
    /// Long work.
    pub jobs: Jobs,
    /// Room for bodies, in bytes.
    pub bodies: Arc<Semaphore>,
    /// A copy of the database that may be read.
    pub replica: Option<Arc<Replica>>,
    /// Where the world reaches this server, without a slash at its end.
    pub public_url: String,
    /// What the metrics stand at.
    pub metrics: PrometheusHandle,
    readers: Readers,
    turns: Turns,
    stopping: AtomicBool,
    _follower: Follower,
}

/// Why a server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database.
    #[error(transparent)]
    Database(#[from] OpenError),
    /// A key.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The issuer does not recognise its own token.
    #[error("the built-in issuer does not recognise its own token")]
    SelfTest,
    /// The issuer's key cannot be made known to other instances.
    #[error("the issuer's key cannot be registered: {0}")]
    Register(Failure),
    /// No thread can be started.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// The data directory.
    #[error("cannot make the data directory {0}: {1}")]
    DataDir(String, std::io::Error),
}

/// Mints a token and verifies it: a cryptographic library that is not put together right shows now, not at first use.
fn self_test(key: &IssuerKey, now: Instant) -> Result<(), StartError> {
    let token =
        Issuer::new(key).mint("self-test", TimeDelta::minutes(1), &[], now).map_err(|_| StartError::SelfTest)?;
    Verifier::new(key).verify(&token, now).map(drop).map_err(|_| StartError::SelfTest)
}

/// Makes the data directory if it is not there.
pub fn prepare_data_dir(config: &Config) -> Result<(), StartError> {
    std::fs::create_dir_all(&config.data_dir)
        .map_err(|error| StartError::DataDir(config.data_dir.display().to_string(), error))
}

/// Brings the database to the tables of this version.
pub fn migrate(config: &Config) -> Result<(), StartError> {
    prepare_data_dir(config)?;
    Ok(config.database.connect()?.migrate()?)
}

impl AppState {
    /// Opens the database, brings it up to date, and starts the writer.
    pub fn open(config: &Config, clock: Clock) -> Result<Arc<Self>, StartError> {
        migrate(config)?;
        let key = IssuerKey::load_or_create(&config.data_dir)?;
        self_test(&key, clock.now())?;
        let seal = SealKey::load_or_create(&config.seal_key())?;
        let writer = Writer::start(&config.database, clock.clone())?;
        let register = RegisterIssuerKey { kid: key.kid().to_owned(), key: *key.public() };
        if !writer.published().catalogue().issuer_keys.contains_key(key.kid()) {
            writer.run_blocking(Actor::Operator, register).map_err(StartError::Register)?;
        }
        let published = writer.published().clone();
        let callers = Callers::default();
        let replica = config.replica.as_ref().map(|url| Arc::new(Replica::new(url, config.readers)));
        let must_see = Box::new({
            let (published, callers) = (published.clone(), callers.clone());
            move |person| published.floor().max(callers.last_write(person))
        });
        let reads = LongReads { primary: config.database.clone(), replica: replica.clone(), must_see };
        Ok(Arc::new(Self {
            jobs: Jobs::new(reads, clock.clone()),
            replica,
            clock,
            tokens: VerifiedTokens::new(published.catalogue().issuer_keys.clone()),
            issuer: Issuer::new(&key),
            seal,
            callers,
            boards: Boards::new(),
            standings: Standings::new(),
            streams: Streams::default(),
            bodies: Arc::new(Semaphore::new(BODIES)),
            public_url: config.public_url.clone(),
            metrics: telemetry::metrics(),
            readers: db::readers(&config.database, config.readers)?,
            writer,
            turns: Turns::new(config.readers),
            stopping: AtomicBool::new(false),
            _follower: Follower::start(&config.database, published)?,
        }))
    }

    /// Settings, measures, teams and programmes as last committed.
    pub fn catalogue(&self) -> Arc<Catalogue> {
        self.writer.published().catalogue()
    }

    /// Whether the server is about to end.
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::Relaxed)
    }

    /// Prepares for the end: others are told to go elsewhere, long work is given up, and streams end.
    pub fn stop(&self) {
        self.stopping.store(true, Ordering::Relaxed);
        self.jobs.cancel_all();
        self.streams.end();
    }

    /// Reads one state of the data, off the threads that answer requests.
    pub async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&mut Db) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let state = Arc::clone(self);
        self.in_turn(move || state.read_here(read)).await
    }

    /// Does what reads off the threads that answer requests, when its turn comes.
    pub async fn in_turn<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        self.turns.look()?;
        let turn = self.turns.take().await?;
        // The work has its turn for as long as it takes, even if nobody waits for it any more.
        let work = move || {
            let _turn = turn;
            work()
        };
        let done = tokio::time::timeout(PATIENCE, web::block(work)).await.map_err(ApiError::unavailable)?;
        done.map_err(ApiError::internal)?
    }

    /// Reads one state of the data on this thread.
    pub fn read_here<T>(&self, read: impl FnOnce(&mut Db) -> Result<T, ApiError>) -> Result<T, ApiError> {
        let mut db = self.readers.get().map_err(|error| {
            self.turns.is_gone();
            ApiError::unavailable(error)
        })?;
        self.turns.is_there();
        db.snapshot(read)
    }

    /// Runs a command on behalf of `actor` and waits until it is durable.
    pub async fn write<C: Command>(&self, actor: Actor, command: C) -> Result<Committed<C::Output>, ApiError> {
        Ok(self.writer.run(actor, command).await?)
    }
}
