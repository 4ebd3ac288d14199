//! Numbers about the bot, for Prometheus: each is named here, once, and counted at the bot's edges. The core knows nothing of
//! them. Labels come from small sets that the program knows; never from what people say or are called.

use crate::listener::Listener;
use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use gantry_engine::environment::Phase;
use gantry_engine::journal::State as Stage;
use gantry_engine::ports::{OpFilter, Store, StoreError};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::Timestamp;
use metrics::{counter, describe_counter, describe_gauge, gauge};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// How many messages that wait are counted.
const COUNTED: usize = 1_000;

/// How long a scrape on its way may still take when the bot stops.
const LAST_SCRAPE: Duration = Duration::from_secs(1);

/// What Prometheus takes (prometheus.io/docs/instrumenting/exposition_formats).
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A metric: its name, its labels, and what it tells.
struct Metric {
    name: &'static str,
    labels: &'static str,
    help: &'static str,
}

const BUILD: Metric = Metric { name: "gantry_build_info", labels: "version", help: "1, for the version that runs." };
const DELIVERIES: Metric = Metric {
    name: "gantry_deliveries_total",
    labels: "way, outcome",
    help: "What was said to the bot, by way (command, mention, click, ..), and whether it was taken, repeated or failed to be stored.",
};
const REFUSED: Metric = Metric {
    name: "gantry_requests_refused_total",
    labels: "",
    help: "Requests that weren't believed: unsigned, signed by somebody else, too old, or a replay.",
};
const ENDED: Metric = Metric {
    name: "gantry_operations_total",
    labels: "verb, outcome",
    help: "Operations that ended and were reported, by verb (deploy, teardown, ..) and outcome (succeeded, reverted, failed, ..).",
};
const OPEN: Metric = Metric {
    name: "gantry_operations_open",
    labels: "state",
    help: "Operations that aren't over, by state: voting, ready, queued, held, running, cancelling, parked.",
};
const LIVING: Metric = Metric { name: "gantry_environments", labels: "", help: "Environments that live." };
const CALLS: Metric = Metric {
    name: "gantry_slack_calls_total",
    labels: "method, outcome",
    help: "Calls of Slack's Web API by method, and whether it said ok, error or rate_limited, or the answer was lost.",
};
const WAITING: Metric =
    Metric { name: "gantry_messages_waiting", labels: "", help: "Messages that are to be sent, counted up to 1000." };
const LOOKED: Metric = Metric {
    name: "gantry_expiry_last_look_timestamp_seconds",
    labels: "",
    help: "When it was last looked which environments end, in seconds since 1970. It is looked once a minute at least.",
};
const PANICS: Metric = Metric {
    name: "gantry_panics_total",
    labels: "",
    help: "Panics. The log tells their places; whatever panicked begins anew.",
};

const COUNTERS: [Metric; 5] = [DELIVERIES, REFUSED, ENDED, CALLS, PANICS];
const GAUGES: [Metric; 5] = [BUILD, OPEN, LIVING, WAITING, LOOKED];

/// Something was said.
pub(crate) fn delivered(way: &'static str, outcome: &'static str) {
    counter!(DELIVERIES.name, "way" => way, "outcome" => outcome).increment(1);
}

/// A request wasn't believed.
pub(crate) fn request_refused() {
    counter!(REFUSED.name).increment(1);
}

/// An operation ended.
pub(crate) fn ended(verb: &'static str, outcome: Stage) {
    counter!(ENDED.name, "verb" => verb, "outcome" => outcome.as_str()).increment(1);
}

/// Slack was called.
pub(crate) fn called(method: &'static str, outcome: &'static str) {
    counter!(CALLS.name, "method" => method, "outcome" => outcome).increment(1);
}

/// It was looked which environments end.
pub(crate) fn looked(now: Timestamp) {
    gauge!(LOOKED.name).set(now.as_duration().as_secs_f64());
}

/// Something panicked.
pub(crate) fn panicked() {
    counter!(PANICS.name).increment(1);
}

/// The handbook's table of all metrics.
#[must_use]
pub fn table() -> String {
    let rows = |kind: &'static str, all: [Metric; 5]| {
        all.into_iter().map(move |Metric { name, labels, help }| format!("| `{name}` | {kind} | {labels} | {help} |\n"))
    };
    let head = "| name | kind | labels | what it tells |\n| --- | --- | --- | --- |\n".to_owned();
    std::iter::once(head).chain(rows("gauge", GAUGES)).chain(rows("counter", COUNTERS)).collect()
}

/// Counts from now on, and gives what shows the numbers.
///
/// # Errors
/// Where something in this process counts already.
pub fn start() -> anyhow::Result<PrometheusHandle> {
    let handle = PrometheusBuilder::new().install_recorder()?;
    COUNTERS.iter().for_each(|metric| describe_counter!(metric.name, metric.help));
    GAUGES.iter().for_each(|metric| describe_gauge!(metric.name, metric.help));
    // What has no labels is there from the start, so that nobody takes "never" for "unknown".
    [REFUSED, PANICS].iter().for_each(|metric| counter!(metric.name).absolute(0));
    gauge!(BUILD.name, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    Ok(handle)
}

/// The page that Prometheus reads, on a listener of its own.
pub struct Page(Listener);

#[derive(Clone)]
struct Source {
    numbers: PrometheusHandle,
    store: Arc<dyn Store>,
}

impl Page {
    /// Listens at an address (port 0 takes a free one); what stands in the store is read whenever somebody asks.
    ///
    /// # Errors
    /// Where it can't be listened on.
    pub async fn open(address: SocketAddr, numbers: PrometheusHandle, store: Arc<dyn Store>) -> io::Result<Self> {
        let routes = Router::new().route("/metrics", get(page)).with_state(Source { numbers, store });
        Listener::open(address, routes).await.map(Self)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Closes it.
    pub async fn close(self) {
        self.0.stop(LAST_SCRAPE).await;
    }
}

async fn page(State(source): State<Source>) -> Response {
    match look(source.store.as_ref()).await {
        Ok(()) => ([(CONTENT_TYPE, TEXT)], source.numbers.render()).into_response(),
        // Prometheus notes that it failed, which is better than old numbers.
        Err(error) => {
            tracing::warn!(%error, "metrics can't be read from the store");
            StatusCode::SERVICE_UNAVAILABLE.into_response()
        }
    }
}

/// Reads what stands in the store.
async fn look(store: &dyn Store) -> Result<(), StoreError> {
    let open = store.operations(&OpFilter { open: true, ..OpFilter::default() }).await?;
    for state in Stage::ALL.into_iter().filter(|state| !state.is_closed()) {
        gauge!(OPEN.name, "state" => state.as_str()).set(count(open.iter().filter(|record| record.state == state)));
    }
    let environments = store.environments().await?;
    gauge!(LIVING.name).set(count(environments.iter().filter(|env| env.phase == Phase::Live)));
    gauge!(WAITING.name).set(count(store.unsent(COUNTED).await?.iter()));
    Ok(())
}

fn count<T>(all: impl Iterator<Item = T>) -> f64 {
    all.fold(0.0, |so_far, _| so_far + 1.0)
}
