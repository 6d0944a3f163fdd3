//! What a request leaves behind: one line in the log and two metrics. By route, never by address: addresses have names.

use std::cell::RefCell;
use std::collections::HashMap;
use std::time::Instant;

use actix_web::http::{Method, StatusCode};
use metrics::{Counter, Histogram};

use super::trace::TraceId;

const REQUESTS_METRIC: &str = "applaus_http_requests_total";
/// The histogram that wants [`DURATION_BUCKETS`].
pub const DURATION_METRIC: &str = "applaus_http_request_duration_seconds";
/// From an answer out of memory to one that waited for the disk, in seconds.
pub const DURATION_BUCKETS: [f64; 12] =
    [0.0001, 0.000_25, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 2.5];

/// Says what the metrics mean; once, after the recorder is installed.
pub fn describe_metrics() {
    metrics::describe_counter!(REQUESTS_METRIC, "Requests answered, by method, route and status.");
    metrics::describe_histogram!(
        DURATION_METRIC,
        metrics::Unit::Seconds,
        "Time from the head of a request to the head of its answer, by method and route."
    );
}

thread_local! {
    /// What is counted and timed of each route, so that it is looked for once: answers in all their statuses are few.
    static SERIES: RefCell<HashMap<String, Vec<Series>>> = RefCell::default();
}

/// What is counted and timed of one method and status of a route.
struct Series {
    method: &'static str,
    status: StatusCode,
    requests: Counter,
    duration: Histogram,
}

impl Series {
    fn of(method: &'static str, route: &str, status: StatusCode) -> Self {
        let (route, number) = (route.to_owned(), status.as_str().to_owned());
        let requests =
            metrics::counter!(REQUESTS_METRIC, "method" => method, "route" => route.clone(), "status" => number);
        let duration = metrics::histogram!(DURATION_METRIC, "method" => method, "route" => route);
        Self { method, status, requests, duration }
    }

    fn observe(method: &'static str, route: &str, status: StatusCode, seconds: f64) {
        SERIES.with_borrow_mut(|routes| {
            let known = match routes.get_mut(route) {
                Some(known) => known,
                None => routes.entry(route.to_owned()).or_default(),
            };
            let place = known.iter().position(|series| series.status == status && series.method == method);
            let place = place.unwrap_or_else(|| {
                known.push(Self::of(method, route, status));
                known.len() - 1
            });
            if let Some(series) = known.get(place) {
                series.requests.increment(1);
                series.duration.record(seconds);
            }
        });
    }
}

/// A request under way.
pub(super) struct Observation {
    method: &'static str,
    started: Instant,
}

impl Observation {
    pub(super) fn begin(method: &Method) -> Self {
        // Clients can make up methods, and each label is a series for ever.
        let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
        let method = known.into_iter().find(|known| *known == method.as_str()).unwrap_or("other");
        Self { method, started: Instant::now() }
    }

    /// `route` is the pattern that matched; without one the request found nothing, or its way is not known any more.
    pub(super) fn end(&self, route: Option<String>, status: StatusCode, trace: TraceId) {
        let Self { method, started } = *self;
        let elapsed = started.elapsed();
        let route = route.as_deref().unwrap_or("-");
        tracing::info!(
            http.method = method,
            http.route = route,
            http.status = status.as_u16(),
            duration_ms = elapsed.as_micros() as f64 / 1e3,
            trace_id = %trace,
            "request"
        );
        Series::observe(method, route, status, elapsed.as_secs_f64());
    }
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::{Matcher, PrometheusBuilder};

    use super::*;

    #[test]
    fn requests_are_counted_and_timed_by_route() {
        let builder = PrometheusBuilder::new()
            .set_buckets_for_metric(Matcher::Full(DURATION_METRIC.to_owned()), &DURATION_BUCKETS)
            .unwrap();
        let recorder = builder.build_recorder();
        metrics::with_local_recorder(&recorder, || {
            describe_metrics();
            let trace = TraceId::of(&actix_web::http::header::HeaderMap::new());
            for _ in 0..2 {
                Observation::begin(&Method::GET).end(Some("/people/{person}".to_owned()), StatusCode::OK, trace);
            }
            Observation::begin(&Method::from_bytes(b"BREW").unwrap()).end(None, StatusCode::NOT_FOUND, trace);
        });
        let text = recorder.handle().render();
        for line in [
            r#"applaus_http_requests_total{method="GET",route="/people/{person}",status="200"} 2"#,
            r#"applaus_http_requests_total{method="other",route="-",status="404"} 1"#,
            r#"applaus_http_request_duration_seconds_bucket{method="GET",route="/people/{person}",le="2.5"} 2"#,
            "# HELP applaus_http_requests_total Requests answered",
        ] {
            assert!(text.contains(line), "{line} in {text}");
        }
    }
}
