//! The test bed: a workspace on a free port with a clock of its own, a bot that calls methods, and sockets.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use futures::{SinkExt, StreamExt};
use gantry_workspace::{Client, Running, Secrets, Timings, Ts, Workspace, WorkspaceConfig};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use jiff::Timestamp;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Nothing here may take longer; a test that waits longer has failed.
pub(crate) const DEADLINE: Duration = Duration::from_secs(10);

/// A clock that stands still until it is told otherwise.
#[derive(Clone)]
pub(crate) struct TestClock(Arc<AtomicI64>);

impl TestClock {
    pub(crate) fn new() -> Self {
        Self(Arc::new(AtomicI64::new(1_700_000_000)))
    }

    pub(crate) fn set(&self, seconds: i64) {
        self.0.store(seconds, Ordering::SeqCst);
    }

    pub(crate) fn pass(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

/// A workspace and everything that talks to it.
pub(crate) struct Bed {
    pub(crate) running: Running,
    pub(crate) people: Client,
    pub(crate) clock: TestClock,
    http: hyper_util::client::legacy::Client<HttpConnector, Full<Bytes>>,
}

/// How a body is sent.
pub(crate) enum Body {
    Json(Value),
    Form(Vec<(&'static str, String)>),
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("no JSON ({error}): {self:?}"))
    }
}

/// Waits a fraction of Slack's times, so that a test of a timeout takes no seconds.
pub(crate) fn quick() -> Timings {
    Timings {
        ack: Duration::from_millis(150),
        event_retries: vec![Duration::ZERO, Duration::from_millis(50), Duration::from_millis(50)],
        patience: Duration::from_millis(400),
        ..Timings::default()
    }
}

impl Bed {
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    pub(crate) async fn with(change: impl FnOnce(&mut WorkspaceConfig)) -> Self {
        let clock = TestClock::new();
        let ticks = clock.clone();
        let now = move || Timestamp::from_second(ticks.0.load(Ordering::SeqCst)).unwrap();
        let mut config = WorkspaceConfig::new(Arc::new(now));
        change(&mut config);
        let running = Workspace::start(config).await.unwrap();
        let people = running.client();
        let http = hyper_util::client::legacy::Client::builder(TokioExecutor::new()).build(HttpConnector::new());
        Self { running, people, clock, http }
    }

    pub(crate) async fn in_dir(dir: &Path) -> Self {
        Self::with(|config| config.dir = Some(dir.to_owned())).await
    }

    pub(crate) fn secrets(&self) -> &Secrets {
        self.running.secrets()
    }

    /// Any request to the workspace.
    pub(crate) async fn request(&self, request: http::Request<Full<Bytes>>) -> Result<Reply, String> {
        let work = async {
            let response = self.http.request(request).await.map_err(|error| format!("{error:?}"))?;
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            let bytes = response.into_body().collect().await.map_err(|error| format!("{error:?}"))?.to_bytes();
            Ok(Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() })
        };
        tokio::time::timeout(DEADLINE, work).await.expect("an answer in time")
    }

    /// A Web API call with a token of choice.
    pub(crate) async fn raw_call(&self, method: &str, token: Option<&str>, body: Body) -> Result<Reply, String> {
        let mut request = http::Request::post(format!("{}/{method}", self.running.api_url()));
        if let Some(token) = token {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        let (kind, bytes) = match body {
            Body::Json(value) => ("application/json; charset=utf-8", value.to_string()),
            Body::Form(fields) => {
                let form = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
                ("application/x-www-form-urlencoded", form)
            }
        };
        self.request(request.header("content-type", kind).body(bytes.into()).unwrap()).await
    }

    /// A Web API call of the bot.
    pub(crate) async fn call(&self, method: &str, args: Value) -> Value {
        let token = self.secrets().bot_token.clone();
        let reply = self.raw_call(method, Some(&token), Body::Json(args)).await.unwrap();
        assert_eq!(reply.status, 200, "Slack answers 200 to everything but rate limits");
        reply.json()
    }

    /// A call that must work.
    pub(crate) async fn ok(&self, method: &str, args: Value) -> Value {
        let answer = self.call(method, args.clone()).await;
        assert_eq!(answer["ok"], true, "{method} {args}: {answer}");
        answer
    }

    /// The bot posts; the timestamp comes back.
    pub(crate) async fn post(&self, args: Value) -> Ts {
        let answer = self.ok("chat.postMessage", args).await;
        answer["ts"].as_str().unwrap().parse().unwrap()
    }

    /// The id of a channel, or of the direct conversation of `@name`.
    pub(crate) async fn channel(&self, name: &str) -> String {
        let state = self.people.state().await.unwrap();
        let person = name.strip_prefix('@').and_then(|name| state.users.iter().find(|user| user.name == name));
        let found = state.channels.iter().find(|channel| match person {
            Some(person) => channel.dm_with.as_deref() == Some(&person.id),
            None => channel.name == name,
        });
        found.unwrap_or_else(|| panic!("no channel {name}")).id.clone()
    }

    pub(crate) async fn user(&self, name: &str) -> String {
        let state = self.people.state().await.unwrap();
        state.users.iter().find(|user| user.name == name).unwrap_or_else(|| panic!("no user {name}")).id.clone()
    }

    /// Opens a socket as an app does, and reads its hello.
    pub(crate) async fn socket(&self) -> Socket {
        let mut socket = self.bare_socket().await;
        let hello = socket.next().await;
        assert_eq!(hello["type"], "hello");
        socket
    }

    /// Opens a socket and reads nothing.
    pub(crate) async fn bare_socket(&self) -> Socket {
        let token = self.secrets().app_token.clone();
        let reply = self.raw_call("apps.connections.open", Some(&token), Body::Form(Vec::new())).await.unwrap();
        let answer = reply.json();
        let url = answer["url"].as_str().unwrap_or_else(|| panic!("no url: {answer}")).to_owned();
        let (stream, _) = connect_async(url).await.unwrap();
        Socket(stream)
    }
}

/// An app's end of a socket.
pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// The next frame with JSON in it, or `null` when the socket was closed.
    pub(crate) async fn next(&mut self) -> Value {
        tokio::time::timeout(DEADLINE, self.frame()).await.expect("a frame in time")
    }

    /// Whether nothing comes for a while: long enough for anything that is due at once.
    pub(crate) async fn is_quiet(&mut self) -> bool {
        tokio::time::timeout(Duration::from_millis(80), self.frame()).await.is_err()
    }

    async fn frame(&mut self) -> Value {
        loop {
            match self.0.next().await {
                Some(Ok(Message::Text(text))) => return serde_json::from_str(text.as_str()).unwrap(),
                Some(Ok(Message::Close(_)) | Err(_)) | None => return Value::Null,
                Some(Ok(_)) => {}
            }
        }
    }

    pub(crate) async fn ack(&mut self, envelope: &Value) {
        self.reply(envelope, Value::Null).await;
    }

    pub(crate) async fn reply(&mut self, envelope: &Value, payload: Value) {
        let mut ack = json!({ "envelope_id": envelope["envelope_id"] });
        if !payload.is_null() {
            ack["payload"] = payload;
        }
        self.0.send(Message::Text(ack.to_string().into())).await.unwrap();
    }

    /// The next envelope of this type, acknowledged; others are acknowledged on the way.
    pub(crate) async fn take(&mut self, kind: &str) -> Value {
        loop {
            let envelope = self.next().await;
            assert!(!envelope.is_null(), "the socket closed before a {kind} came");
            self.ack(&envelope).await;
            if envelope["type"] == kind {
                return envelope;
            }
        }
    }

    pub(crate) async fn close(mut self) {
        let _ = self.0.close(None).await;
    }
}

/// Waits until `check` gives something, looking again whenever something may have changed.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(what: &str, mut check: impl FnMut() -> F) -> T {
    let work = async {
        loop {
            if let Some(found) = check().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(DEADLINE, work).await.unwrap_or_else(|_| panic!("{what} did not happen in time"))
}
