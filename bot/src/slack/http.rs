//! Signed HTTP: Slack's requests to the bot, where sockets aren't wanted.
//!
//! Before the acknowledgement there is only this: a limit on the body, the signature over the body as it came, a look
//! whether the same request was taken before, the durable write. An unsigned request learns nothing, not even whether a path knows it. Slack speaks HTTPS; certificates
//! are the business of the proxy in front, and so are slow senders.

mod replays;
mod signature;
#[cfg(test)]
mod tests;

use super::heard::{self, Command};
use crate::intake::{Arrival, Faults, Inbox};
use crate::listener::Listener;
use crate::metrics;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use gantry_engine::names::UserId;
use gantry_engine::ports::Clock;
use http::header::CONTENT_LENGTH;
use http::{HeaderMap, StatusCode};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

pub use signature::SigningSecret;

use replays::Replays;
use signature::{Seal, Unsigned};

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

/// The door, and who has come through it lately.
struct Gate {
    door: Door,
    replays: Replays,
}

/// A server that takes Slack's requests.
pub struct HttpIntake(Listener);

impl HttpIntake {
    /// Listens at an address (port 0 takes a free one).
    ///
    /// # Errors
    /// Where it can't be listened on.
    pub async fn start(address: SocketAddr, door: Door) -> io::Result<Self> {
        Self::serve(address, Arc::new(Gate { door, replays: Replays::default() })).await
    }

    async fn serve(address: SocketAddr, gate: Arc<Gate>) -> io::Result<Self> {
        Listener::open(address, routes(gate)).await.map(Self)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    /// Takes nothing new and ends what is on its way. What isn't acknowledged by then, Slack tells its sender.
    pub async fn stop(self) {
        self.0.stop(LAST_REQUESTS).await;
    }
}

fn routes(gate: Arc<Gate>) -> Router {
    Router::new()
        .route("/slack/commands", post(commands))
        .route("/slack/interactions", post(interactions))
        .route("/slack/events", post(events))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(told_length))
        .with_state(gate)
}

/// Nobody waits for a body that is said to be too long.
async fn told_length(request: Request, next: Next) -> Response {
    let told: Option<usize> =
        request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    match told {
        Some(length) if length > BODY_LIMIT => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        _ => next.run(request).await,
    }
}

/// The status to answer with, and the faults of a form: there is never more to say.
type Ack = Result<Response, StatusCode>;

async fn commands(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Ack {
    if is_ssl_check(&body) {
        return Ok(StatusCode::OK.into_response());
    }
    let seal = gate.check(&headers, &body)?;
    let command: Command = form(&body)?;
    gate.store(seal, Some(command.heard())).await
}

async fn interactions(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Ack {
    if is_ssl_check(&body) {
        return Ok(StatusCode::OK.into_response());
    }
    let seal = gate.check(&headers, &body)?;
    let Wrapped { payload } = form(&body)?;
    gate.store(seal, heard::interactive(json(payload.as_bytes())?)).await
}

async fn events(State(gate): State<Arc<Gate>>, headers: HeaderMap, body: Bytes) -> Ack {
    let seal = gate.check(&headers, &body)?;
    let push = json(&body)?;
    match heard::challenge(&push) {
        Some(challenge) => Ok(challenge.to_owned().into_response()),
        None => gate.store(seal, heard::event(push, &gate.door.me)).await,
    }
}

impl Gate {
    fn check(&self, headers: &HeaderMap, body: &[u8]) -> Result<Seal, StatusCode> {
        let seal = self.door.secret.check(headers, body, self.door.clock.now());
        let new = |seal: Seal| if self.replays.knows(&seal) { Err(Unsigned::Replayed) } else { Ok(seal) };
        seal.and_then(new).map_err(|why| {
            metrics::request_refused();
            tracing::warn!(%why, "a request isn't believed");
            StatusCode::UNAUTHORIZED
        })
    }

    async fn store(&self, seal: Seal, heard: Option<Arrival>) -> Ack {
        let faults = match heard {
            Some(arrival) => self.door.inbox.take(arrival).await,
            None => Ok(Faults::new()),
        };
        match faults {
            Ok(faults) => {
                self.replays.remember(seal, self.door.clock.now());
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
    tracing::warn!(why = heard::why(error), "a signed request can't be read");
    StatusCode::BAD_REQUEST
}
