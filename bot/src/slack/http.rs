//! Signed HTTP: Slack's requests to the bot, where sockets aren't wanted.
//!
//! Before the acknowledgement there is only this: a limit on the body, the signature over the body as it came, the
//! durable write. An unsigned request learns nothing, not even whether a path knows it. Slack speaks HTTPS; certificates
//! are the business of the proxy in front, and so are slow senders.

mod signature;
#[cfg(test)]
mod tests;

use super::heard::{self, Command};
use crate::intake::{Arrival, Inbox};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use gantry_engine::names::UserId;
use gantry_engine::ports::Clock;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub use signature::SigningSecret;

/// The largest body that is read: several times what Slack sends, since a click brings its whole message along.
const BODY_LIMIT: usize = 1024 * 1024;

/// How long requests on their way may still take when the bot stops: Slack itself gives up after three seconds
/// (docs.slack.dev, "Handling user interaction").
const LAST_REQUESTS: Duration = Duration::from_secs(3);

/// What stands between the network and the inbox.
#[derive(Clone)]
pub struct Door {
    /// Whom it opens for.
    pub secret: SigningSecret,
    /// Where what comes in is stored.
    pub inbox: Inbox,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// The bot's own user.
    pub me: UserId,
}

/// A server that takes Slack's requests.
pub struct HttpIntake {
    address: SocketAddr,
    stop: CancellationToken,
    serving: JoinHandle<io::Result<()>>,
}

impl HttpIntake {
    /// Listens at an address (port 0 takes a free one).
    ///
    /// # Errors
    /// Where it can't be listened on.
    pub async fn start(address: SocketAddr, door: Door) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let address = listener.local_addr()?;
        let stop = CancellationToken::new();
        let stopping = stop.clone().cancelled_owned();
        let serving = tokio::spawn(axum::serve(listener, routes(door)).with_graceful_shutdown(stopping).into_future());
        Ok(Self { address, stop, serving })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes nothing new and ends what is on its way. What isn't acknowledged by then, Slack tells its sender.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if tokio::time::timeout(LAST_REQUESTS, &mut self.serving).await.is_err() {
            self.serving.abort();
        }
    }
}

fn routes(door: Door) -> Router {
    Router::new()
        .route("/slack/commands", post(commands))
        .route("/slack/interactions", post(interactions))
        .route("/slack/events", post(events))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(door)
}

/// The status to answer with, and the faults of a form: there is never more to say.
type Ack = Result<Response, StatusCode>;

async fn commands(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Ack {
    if is_ssl_check(&body) {
        return Ok(StatusCode::OK.into_response());
    }
    door.check(&headers, &body)?;
    let command: Command = form(&body)?;
    door.store(Some(command.heard())).await
}

async fn interactions(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Ack {
    if is_ssl_check(&body) {
        return Ok(StatusCode::OK.into_response());
    }
    door.check(&headers, &body)?;
    let Wrapped { payload } = form(&body)?;
    door.store(heard::interactive(json(payload.as_bytes())?)).await
}

async fn events(State(door): State<Door>, headers: HeaderMap, body: Bytes) -> Ack {
    door.check(&headers, &body)?;
    let push = json(&body)?;
    match heard::challenge(&push) {
        Some(challenge) => Ok(challenge.to_owned().into_response()),
        None => door.store(heard::event(push, &door.me)).await,
    }
}

impl Door {
    fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<(), StatusCode> {
        self.secret.check(headers, body, self.clock.now()).map_err(|why| {
            tracing::warn!(%why, "a request isn't believed");
            StatusCode::UNAUTHORIZED
        })
    }

    async fn store(&self, heard: Option<Arrival>) -> Ack {
        let Some(arrival) = heard else { return Ok(StatusCode::OK.into_response()) };
        match self.inbox.take(arrival).await {
            Ok(faults) => {
                Ok(heard::shown(&faults).map_or_else(|| StatusCode::OK.into_response(), |it| Json(it).into_response()))
            }
            Err(error) => {
                tracing::warn!(%error, "a delivery wasn't stored, and so isn't acknowledged");
                Err(StatusCode::SERVICE_UNAVAILABLE)
            }
        }
    }
}

/// An interaction is JSON in a form's one field.
#[derive(Deserialize)]
struct Wrapped {
    payload: String,
}

/// Now and then Slack checks the certificate of a command's address, with an unsigned form that asks for nothing but a
/// 200 (docs.slack.dev, "Implementing slash commands").
fn is_ssl_check(body: &[u8]) -> bool {
    form_urlencoded::parse(body).any(|(name, value)| name == "ssl_check" && value == "1")
}

/// The paths say what the bodies are, so their content types don't matter.
fn form<T: DeserializeOwned>(body: &[u8]) -> Result<T, StatusCode> {
    serde_urlencoded::from_bytes(body).map_err(|error| unreadable(&error))
}

/// An object, of whatever shape.
fn json(body: &[u8]) -> Result<Value, StatusCode> {
    let fields: Map<String, Value> = serde_json::from_slice(body).map_err(|error| unreadable(&error))?;
    Ok(Value::Object(fields))
}

fn unreadable(error: &dyn std::fmt::Display) -> StatusCode {
    tracing::warn!(%error, "a signed request can't be read");
    StatusCode::BAD_REQUEST
}
