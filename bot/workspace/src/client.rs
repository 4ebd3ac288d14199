//! A typed client of the control API: what `gantry say`, `gantry click` and tests use to act as people.

use std::path::Path;
use std::pin::Pin;

use bytes::Bytes;
use futures::{Stream, TryStreamExt, stream};
use http::{Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::ids::Ts;
use crate::view::Verdict;
use crate::wire::{
    Action, Close, Event, Fault, Home, Mark, Message, Modal, React, Say, Shortcut, Shut, Shutting, Slash, State,
    Submit, Trigger, Visit,
};
use crate::workspace::Address;

/// Why something couldn't be done as a person.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// No workspace runs on that directory, as far as can be told.
    #[error("no running workspace is known in {dir}: start one there first ({source})")]
    NoAddress {
        /// The directory.
        dir: String,
        /// The operating system's word.
        source: std::io::Error,
    },
    /// The workspace didn't answer.
    #[error("the workspace at {base_url} doesn't answer: {reason}")]
    Unreachable {
        /// Its address.
        base_url: String,
        /// What happened.
        reason: String,
    },
    /// The workspace said no, and why.
    #[error("{message}")]
    Refused {
        /// A code for programs, such as `no_such_button`.
        code: String,
        /// A sentence for people.
        message: String,
    },
    /// The answer makes no sense: probably another program listens there.
    #[error("the answer of {base_url} can't be read ({reason}): is it a workspace of the same version?")]
    Unreadable {
        /// Its address.
        base_url: String,
        /// What is wrong with it.
        reason: String,
    },
}

/// A numbered event.
#[derive(Clone, Debug)]
pub struct Numbered {
    /// Its number: ask for what comes after it to resume.
    pub seq: u64,
    /// What happened.
    pub event: Event,
}

/// The stream that [`Client::events`] gives.
pub type Events = Pin<Box<dyn Stream<Item = Result<Numbered, ClientError>> + Send>>;

/// Acts as people in a running workspace.
#[derive(Clone)]
pub struct Client {
    base_url: String,
    control_token: String,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("base_url", &self.base_url).finish_non_exhaustive()
    }
}

impl Client {
    /// For the workspace at this address.
    pub fn new(base_url: &str, control_token: &str) -> Self {
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Self { base_url: base_url.trim_end_matches('/').to_owned(), control_token: control_token.to_owned(), http }
    }

    /// For the workspace that runs on this state directory.
    pub fn from_dir(dir: &Path) -> Result<Self, ClientError> {
        let missing = |source| ClientError::NoAddress { dir: dir.display().to_string(), source };
        let address = Address::read(dir).map_err(missing)?;
        Ok(Self::new(&address.base_url, &address.control_token))
    }

    /// The address.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Types a message.
    pub async fn message(&self, say: &Say) -> Result<Mark, ClientError> {
        self.post("message", say).await
    }

    /// Types a slash command.
    pub async fn command(&self, slash: &Slash) -> Result<Trigger, ClientError> {
        self.post("command", slash).await
    }

    /// Clicks a button.
    pub async fn click(&self, action: &Action) -> Result<Trigger, ClientError> {
        self.post("click", action).await
    }

    /// Who and what is there.
    pub async fn state(&self) -> Result<State, ClientError> {
        self.get("state", &[]).await
    }

    /// The messages of a channel, or of a thread, as this person sees them, oldest first.
    pub async fn messages(&self, who: &str, channel: &str, thread: Option<Ts>) -> Result<Vec<Message>, ClientError> {
        let thread = thread.map(|ts| ts.to_string());
        let mut query = vec![("as", who), ("channel", channel)];
        query.extend(thread.as_deref().map(|ts| ("thread_ts", ts)));
        self.get("messages", &query).await
    }

    /// The Home tab of this person.
    pub async fn home(&self, who: &str) -> Result<Home, ClientError> {
        self.get("home", &[("as", who)]).await
    }

    /// Opens the Home tab: the app is told. Gives what is there already.
    pub async fn visit(&self, who: &str) -> Result<Home, ClientError> {
        self.post("home", &Visit { who: who.to_owned() }).await
    }

    /// The modal that this person has before them.
    pub async fn modal(&self, who: &str) -> Result<Modal, ClientError> {
        self.get("modal", &[("as", who)]).await
    }

    /// Sends what a person has filled into a modal, and waits for what comes of it.
    pub async fn submit(&self, submit: &Submit) -> Result<Verdict, ClientError> {
        self.post("submit", submit).await
    }

    /// Closes a modal.
    pub async fn close(&self, close: &Close) -> Result<(), ClientError> {
        let _nothing: serde_json::Value = self.post("close", close).await?;
        Ok(())
    }

    /// Chooses something that the app's menu offers.
    pub async fn shortcut(&self, shortcut: &Shortcut) -> Result<Trigger, ClientError> {
        self.post("shortcut", shortcut).await
    }

    /// Puts an emoji under a message, or takes it away again.
    pub async fn react(&self, react: &React) -> Result<(), ClientError> {
        let _nothing: serde_json::Value = self.post("react", react).await?;
        Ok(())
    }

    /// Closes the bot's sockets with a reason.
    pub async fn disconnect(&self, reason: &str) -> Result<(), ClientError> {
        let _sockets: serde_json::Value = self.post("disconnect", &serde_json::json!({ "reason": reason })).await?;
        Ok(())
    }

    /// Keeps the bot from writing in a channel, or lets it write there again.
    pub async fn shut(&self, channel: &str, shut: Option<Shut>) -> Result<(), ClientError> {
        let _nothing: serde_json::Value = self.post("shut", &Shutting { channel: channel.to_owned(), shut }).await?;
        Ok(())
    }

    /// Disturbs the bot's next calls.
    pub async fn fault(&self, fault: &Fault) -> Result<(), ClientError> {
        let _nothing: serde_json::Value = self.post("faults", fault).await?;
        Ok(())
    }

    /// What happens, as this person sees it: after the number `after`, or from now on. The stream ends when the workspace
    /// stops or the connection breaks; resume with the last number seen.
    pub async fn events(&self, who: &str, after: Option<u64>) -> Result<Events, ClientError> {
        let after = after.map(|seq| seq.to_string());
        let mut query = vec![("as", who)];
        query.extend(after.as_deref().map(|seq| ("after", seq)));
        let response = self.send(Method::GET, &path("events", &query), Bytes::new()).await?;
        let base_url = self.base_url.clone();
        let chunks = response.into_body().into_data_stream().map_err(move |error| unreachable(&base_url, &error));
        Ok(Box::pin(parse_events(Box::pin(chunks))))
    }

    async fn post<T: DeserializeOwned>(&self, what: &str, body: &impl Serialize) -> Result<T, ClientError> {
        let body = serde_json::to_vec(body).map_err(|error| self.unreadable(&error))?;
        self.call(Method::POST, &path(what, &[]), body.into()).await
    }

    async fn get<T: DeserializeOwned>(&self, what: &str, query: &[(&str, &str)]) -> Result<T, ClientError> {
        self.call(Method::GET, &path(what, query), Bytes::new()).await
    }

    async fn call<T: DeserializeOwned>(&self, method: Method, path: &str, body: Bytes) -> Result<T, ClientError> {
        let response = self.send(method, path, body).await?;
        let bytes =
            response.into_body().collect().await.map_err(|error| unreachable(&self.base_url, &error))?.to_bytes();
        serde_json::from_slice(&bytes).map_err(|error| self.unreadable(&error))
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<http::Response<hyper::body::Incoming>, ClientError> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base_url))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.control_token))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body))
            .map_err(|error| unreachable(&self.base_url, &error))?;
        let response = self.http.request(request).await.map_err(|error| unreachable(&self.base_url, &error))?;
        if response.status() == StatusCode::OK {
            return Ok(response);
        }
        let status = response.status();
        let bytes =
            response.into_body().collect().await.map_err(|error| unreachable(&self.base_url, &error))?.to_bytes();
        Err(refusal(status, &bytes))
    }

    fn unreadable(&self, error: &serde_json::Error) -> ClientError {
        ClientError::Unreadable { base_url: self.base_url.clone(), reason: error.to_string() }
    }
}

fn refusal(status: StatusCode, bytes: &[u8]) -> ClientError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
        message: String,
    }
    match serde_json::from_slice(bytes) {
        Ok(Refusal { error, message }) => ClientError::Refused { code: error, message },
        Err(_) => ClientError::Refused {
            code: status.as_str().to_owned(),
            message: format!("the workspace answered {status}"),
        },
    }
}

/// The whole chain of causes: the last one says what is wrong.
fn unreachable(base_url: &str, error: &dyn std::error::Error) -> ClientError {
    let mut reason = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        reason = format!("{reason}: {error}");
        cause = error.source();
    }
    ClientError::Unreachable { base_url: base_url.to_owned(), reason }
}

fn path(what: &str, query: &[(&str, &str)]) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    format!("/_/{what}?{query}")
}

type Chunks = Pin<Box<dyn Stream<Item = Result<Bytes, ClientError>> + Send>>;

/// Server-sent events: lines of `id:` and `data:`, ended by an empty line.
fn parse_events(chunks: Chunks) -> impl Stream<Item = Result<Numbered, ClientError>> + Send {
    stream::try_unfold((chunks, Vec::new()), |(mut chunks, mut buffer)| async move {
        loop {
            while let Some(end) = buffer.windows(2).position(|pair| pair == b"\n\n") {
                let frame: Vec<u8> = buffer.drain(..end + 2).collect();
                if let Some(numbered) = parse_event(&String::from_utf8_lossy(&frame)) {
                    return Ok(Some((numbered, (chunks, buffer))));
                }
            }
            match chunks.try_next().await? {
                Some(chunk) => buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    })
}

/// `None` for comments, which only keep the connection alive.
fn parse_event(frame: &str) -> Option<Numbered> {
    let field = |name: &str| frame.lines().find_map(|line| line.strip_prefix(name)).map(str::trim);
    let seq = field("id:")?.parse().ok()?;
    let event = serde_json::from_str(field("data:")?).ok()?;
    Some(Numbered { seq, event })
}
