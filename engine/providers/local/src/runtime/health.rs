//! Asks tasks how they are, each in a loop of its own, and passes the answers on.
//!
//! Judges nothing: how many bad answers make a task unhealthy is decided where they arrive.

use crate::api::{Health, HealthKind};
use bytes::Bytes;
use http::Request;
use http_body_util::Empty;
use hyper_util::rt::TokioIo;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::task::AbortHandle;
use tokio::time::{sleep, timeout};

/// A task that isn't healthy yet is asked at least this often, so that rollouts don't wait for nothing.
const EAGER: Duration = Duration::from_millis(150);

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) task: String,
    /// Or what was wrong.
    pub(super) good: Result<(), String>,
}

/// Asks until aborted. `eager` until the first good answers have made the task healthy.
pub(super) fn watch(
    task: String,
    health: Health,
    addr: Option<SocketAddr>,
    answers: UnboundedSender<Answer>,
) -> AbortHandle {
    tokio::spawn(async move {
        let interval = Duration::from_millis(health.interval_ms.max(10));
        let mut good_ones = 0;
        loop {
            let eager = good_ones < health.healthy_after && health.kind != HealthKind::None;
            sleep(if eager { interval.min(EAGER) } else { interval }).await;
            let good = ask(&health, addr).await;
            good_ones = if good.is_ok() { good_ones.saturating_add(1) } else { good_ones };
            if answers.send(Answer { task: task.clone(), good }).is_err() {
                return;
            }
        }
    })
    .abort_handle()
}

async fn ask(health: &Health, addr: Option<SocketAddr>) -> Result<(), String> {
    let Some(addr) = addr.filter(|_| health.kind != HealthKind::None) else {
        return Ok(());
    };
    let limit = Duration::from_millis(health.timeout_ms);
    let question = async {
        match health.kind {
            HealthKind::Http => get(addr, &health.path).await,
            HealthKind::Tcp => TcpStream::connect(addr).await.map(drop).map_err(|error| error.to_string()),
            HealthKind::None => Ok(()),
        }
    };
    timeout(limit, question).await.unwrap_or_else(|_| Err(format!("no answer within {} ms", health.timeout_ms)))
}

async fn get(addr: SocketAddr, path: &str) -> Result<(), String> {
    let stream = TcpStream::connect(addr).await.map_err(|error| error.to_string())?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.map_err(|error| error.to_string())?;
    let request = Request::get(path)
        .header(http::header::HOST, addr.to_string())
        .body(Empty::<Bytes>::new())
        .map_err(|error| error.to_string())?;
    // Both end together: the sender goes with the answer, and the connection with the sender.
    let exchange = async move { sender.send_request(request).await.map(|answer| answer.status()) };
    let (status, _) = tokio::join!(exchange, connection);
    let status = status.map_err(|error| error.to_string())?;
    if status.is_success() || status.is_redirection() {
        return Ok(());
    }
    Err(format!("{path} answered {}", status.as_u16()))
}
