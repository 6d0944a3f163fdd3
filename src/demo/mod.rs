//! `applaus demo`: a made-up customer-service organisation, lived through from a fixed seed and then served.
//!
//! `script` is pure and says what happens; `life` does it with the commands that serve any client, on a clock of its own.
//! Knows every layer, and of HTTP only how to serve.

pub mod days;
pub mod evidence;
pub mod greeting;
pub mod kudos;
pub mod life;
pub mod organization;
pub mod rewards;
pub mod script;

mod chance;

use std::io::Write;
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::{rt, web};
use chrono::{DateTime, Datelike, NaiveDate};
use serde_json::Value;

use crate::app::{AppState, StartError};
use crate::clock::{Clock, ManualClock};
use crate::config::Config;
use crate::domain::period::Zone;
use crate::domain::time::{Instant, to_micros};
use crate::http::serve::{Signals, serve};
use crate::store::db::DatabaseUrl;
use crate::store::presence::{self, Wanted, claim};
use crate::telemetry;
use days::{Days, ZONE};
use life::{Lived, live};
use script::{Day, Script};

/// What the demo's chance starts from.
pub const SEED: u64 = 2026;
/// Days before today that it lives through.
pub const DAYS: u32 = 91;
/// Who acts for HR, by user name.
const HR: &str = "maria.sommer";

/// How the demo is run.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    listen: SocketAddr,
    /// Keep the data in this directory; without it, it goes when the demo ends
    #[arg(long, value_name = "DIRECTORY")]
    keep: Option<PathBuf>,
    /// When the three months end and the clock runs on, e.g. 2026-11-18T12:00:00Z; without it, now
    #[arg(long, value_name = "RFC3339", value_parser = instant)]
    now: Option<Instant>,
}

fn instant(text: &str) -> Result<Instant, String> {
    let instant = DateTime::parse_from_rfc3339(text).map_err(|error| format!("{error}; write 2026-11-18T12:00:00Z"))?;
    if !(2000..3000).contains(&instant.year()) {
        return Err("choose a year from 2000 to 2999".to_owned());
    }
    Ok(to_micros(instant.to_utc()))
}

/// Why the demo does not run.
#[derive(Debug, thiserror::Error)]
pub enum DemoError {
    /// The address cannot be had.
    #[error("cannot listen on {0}: {1}; choose another address with --listen, such as 127.0.0.1:0 for any free port")]
    Listen(SocketAddr, std::io::Error),
    /// The directory has a past.
    #[error("{0} holds data already: serve it with `applaus serve --data-dir {0}`, or choose another directory")]
    NotEmpty(String),
    /// The directory cannot be made.
    #[error("cannot make a temporary directory: {0}")]
    Directory(std::io::Error),
    /// Somebody else is on the database.
    #[error(transparent)]
    Claimed(#[from] presence::Refused),
    /// The server does not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The server, or writing to standard output, failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// A command was refused: the demo and the server do not fit together.
    #[error("the demo cannot be loaded: {0}")]
    Refused(String),
    /// The demo names what it did not make.
    #[error("the demo cannot be loaded: it does not know {0}")]
    Unknown(String),
    /// A token cannot be made.
    #[error(transparent)]
    Token(#[from] crate::access::tokens::MintError),
    /// Somebody stopped it while it was loading.
    #[error("stopped")]
    Stopped,
}

/// The document of the demo's programme.
pub fn programme() -> Result<Value, DemoError> {
    serde_json::from_str(include_str!("programme.json")).map_err(|error| DemoError::Refused(error.to_string()))
}

/// What happens in the days before and until `now`.
pub fn script(seed: u64, now: Instant, days: u32) -> Result<Script, DemoError> {
    let zone = Zone::new(ZONE).ok_or_else(|| DemoError::Unknown(ZONE.to_owned()))?;
    Ok(Script::write(seed, &Days::until(zone, now, days)))
}

/// Loads the demo and serves it until it is stopped.
pub fn run(options: &Options) -> Result<(), DemoError> {
    let _log = telemetry::log("warn")?;
    let listener = TcpListener::bind(options.listen).map_err(|error| DemoError::Listen(options.listen, error))?;
    let served = match &options.keep {
        Some(directory) => serve_in(directory, listener, options.now),
        None => {
            let directory = tempfile::Builder::new().prefix("applaus-demo-").tempdir().map_err(DemoError::Directory)?;
            serve_in(directory.path(), listener, options.now)
        }
    };
    match served {
        Err(DemoError::Stopped) => Ok(()),
        served => served,
    }
}

fn serve_in(directory: &Path, listener: TcpListener, now: Option<Instant>) -> Result<(), DemoError> {
    let address = listener.local_addr()?;
    let database = directory.join("applaus.db");
    if database.exists() {
        return Err(DemoError::NotEmpty(directory.display().to_string()));
    }
    let config = Config {
        listen: address,
        data_dir: directory.to_owned(),
        database: DatabaseUrl::Sqlite(database.to_string_lossy().into_owned()),
        replica: None,
        seal_key_file: None,
        log: "warn".to_owned(),
        readers: 4,
        public_url: format!("http://{address}"),
    };
    crate::app::prepare_data_dir(&config)?;
    let _presence = claim(&config.database, Wanted::Shared)?;
    let script = script(SEED, now.unwrap_or_else(|| Clock::System.now()), DAYS)?;
    let clock = ManualClock::at(script.days.first().map_or_else(|| Clock::System.now(), |day| day.morning));
    let state = AppState::open(&config, Clock::Manual(clock.clone()))?;
    rt::System::new().block_on(async move {
        let (lived, script) = load(&state, &clock, script).await?;
        clock.run();
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let (server, signals) = (serve(state.clone(), listener, workers)?, Signals::take()?);
        say(&greeting::greeting(&state, &script, &lived, address)?)?;
        server.until(signals).await;
        Ok(())
    })
}

/// Lives through the script beside a watch for Ctrl-C.
async fn load(state: &Arc<AppState>, clock: &ManualClock, script: Script) -> Result<(Lived, Script), DemoError> {
    let stop = Arc::new(AtomicBool::new(false));
    let watched = stop.clone();
    let watch = rt::spawn(async move {
        if rt::signal::ctrl_c().await.is_ok() {
            watched.store(true, Ordering::Relaxed);
        }
    });
    let (state, clock, document) = (state.clone(), clock.clone(), programme()?);
    let loading = web::block(move || {
        let mut progress = Progress::default();
        let lived = live(&state, &clock, &script, &document, &stop, |day, lived| progress.tell(day, lived))?;
        Ok::<_, DemoError>((lived, script))
    });
    let loaded = loading.await.map_err(|_| DemoError::Stopped)?;
    watch.abort();
    loaded
}

/// Tells of each month on standard error.
#[derive(Default)]
struct Progress {
    month: Option<NaiveDate>,
}

impl Progress {
    fn tell(&mut self, day: &Day, lived: &Lived) {
        let month = day.evening.date_naive().with_day(1);
        if month != self.month {
            self.month = month;
            let shown = day.evening.format("%B %Y");
            // Standard error may be closed; the demo goes on without telling.
            let _ = writeln!(std::io::stderr(), "living through {shown} … {} signals so far", lived.signals());
        }
    }
}

/// Prints to standard output at once.
fn say(text: &str) -> Result<(), DemoError> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}
