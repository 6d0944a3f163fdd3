//! What the server says about itself: one event per request in the log, and metrics.

mod lines;
mod spool;

use std::io::{self, IsTerminal, Stderr};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use self::lines::Lines;
use self::spool::{Spool, Way};
use crate::http::{DURATION_BUCKETS, DURATION_METRIC, describe_metrics, streams};
use crate::replica::READS;

/// How often observations are added up: they are held one by one until then.
const ADD_UP: Duration = Duration::from_secs(5);

/// The log, once it is started; what is not written yet is written when this is dropped.
#[must_use = "what is not written yet is written when it is dropped"]
pub struct Log(Option<Arc<Spool<Stderr>>>);

impl Drop for Log {
    fn drop(&mut self) {
        if let Some(spool) = &self.0 {
            spool.flush();
        }
    }
}

/// Sends events to standard error: as JSON, or readably to a terminal. A second call changes nothing.
pub fn log(filter: &str) -> io::Result<Log> {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    let events = tracing_subscriber::fmt().with_env_filter(filter);
    let (started, log) = if io::stderr().is_terminal() {
        (events.with_writer(io::stderr).compact().try_init(), Log(None))
    } else {
        let spool = Spool::start(io::stderr())?;
        (events.event_format(Lines).with_writer(Way(spool.clone())).try_init(), Log(Some(spool)))
    };
    if started.is_err() {
        tracing::debug!("the log was started before");
    }
    Ok(log)
}

/// The process's metrics; all servers of one process share them.
pub fn metrics() -> PrometheusHandle {
    static METRICS: OnceLock<PrometheusHandle> = OnceLock::new();
    METRICS.get_or_init(start_metrics).clone()
}

fn start_metrics() -> PrometheusHandle {
    let builder = PrometheusBuilder::new();
    let builder = builder
        .set_buckets_for_metric(Matcher::Full(DURATION_METRIC.to_owned()), &DURATION_BUCKETS)
        .and_then(|builder| {
            let seconds = [0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0];
            builder.set_buckets_for_metric(Matcher::Full("applaus_writer_group_seconds".to_owned()), &seconds)
        })
        .and_then(|builder| {
            let sizes = [1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0];
            builder.set_buckets_for_metric(Matcher::Full("applaus_writer_group_size".to_owned()), &sizes)
        });
    // Buckets are constants and never empty, which is all that can be wrong with them.
    let recorder = builder.unwrap_or_else(|_| PrometheusBuilder::new()).build_recorder();
    let handle = recorder.handle();
    let held = handle.clone();
    let adding_up = move || {
        loop {
            std::thread::sleep(ADD_UP);
            held.run_upkeep();
        }
    };
    if let Err(error) = std::thread::Builder::new().name("metrics".to_owned()).spawn(adding_up) {
        tracing::warn!(error = %error, "observations are added up only when somebody asks for the metrics");
    }
    if metrics::set_global_recorder(recorder).is_err() {
        tracing::warn!("metrics were started elsewhere");
    }
    describe_metrics();
    metrics::describe_histogram!("applaus_writer_group_size", "Commands per transaction of the writer.");
    metrics::describe_histogram!("applaus_writer_group_seconds", "Time per transaction of the writer, in seconds.");
    metrics::describe_gauge!(streams::METRIC, "Streams that are open.");
    metrics::describe_counter!(READS, "Reads that might have gone to the read replica, by what became of them.");
    handle
}
