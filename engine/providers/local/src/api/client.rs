//! The typed client: one connection per call, a deadline on each, and a daemon that is started when none answers.
//!
//! Keeps no state about objects. Every request can be repeated, so a call that found no daemon is sent again once one
//! runs; a call that broke off in the middle is reported, and the caller repeats it.

use super::error::{ApiError, ClientError, ErrorCode};
use super::filter::{Filter, Span};
use super::launch::{Launch, last_line, whole};
use super::spec::Put;
use super::status::{Abort, DaemonStatus, Kill, LogLine, Removal, Status, Stop, TaskView};
use crate::paths::Paths;
use bytes::Bytes;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::net::UnixStream;
use tokio::time::{Instant, sleep, timeout};

/// The version of the wire types; a daemon that speaks another one is not talked to.
pub(crate) const PROTOCOL: u32 = 1;
/// How long an answer may take. The daemon answers from memory and one small file; seconds mean that it hangs.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);
/// How long a daemon may take from its start to its first answer.
const STARTED_WITHIN: Duration = Duration::from_secs(15);
/// How long all tasks may take to end, each in its own time.
const TASKS_ENDED_WITHIN: Duration = Duration::from_secs(90);
/// Between two looks at a daemon that starts.
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Talks to the daemon of one state directory.
#[derive(Debug, Clone)]
pub struct Client {
    dir: PathBuf,
    paths: Paths,
    launch: Option<Launch>,
}

impl Client {
    /// A client of the daemon that runs; it starts none.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`] when none runs, [`ClientError::Protocol`] when it is of another version.
    pub async fn connect(dir: &Path) -> Result<Self, ClientError> {
        let client = Self::new(dir, None);
        client.check().await?;
        Ok(client)
    }

    /// A client that starts the daemon now, and later whenever it finds none: `exe` is the program `gantry`.
    ///
    /// # Errors
    /// When it can't be started, doesn't answer in time, or is of another version.
    pub async fn connect_or_start(dir: &Path, exe: &Path) -> Result<Self, ClientError> {
        Self::connect_with(dir, Launch::gantry(exe, dir)).await
    }

    /// As [`Client::connect_or_start`], with a program of another shape.
    ///
    /// # Errors
    /// The same.
    pub async fn connect_with(dir: &Path, launch: Launch) -> Result<Self, ClientError> {
        let client = Self::new(dir, Some(launch));
        client.check().await?;
        Ok(client)
    }

    fn new(dir: &Path, launch: Option<Launch>) -> Self {
        let dir = whole(dir);
        Self { paths: Paths::new(&dir), dir, launch }
    }

    async fn check(&self) -> Result<(), ClientError> {
        let status = self.status().await?;
        if status.protocol == PROTOCOL {
            return Ok(());
        }
        Err(ClientError::Protocol { version: status.version, theirs: status.protocol, ours: PROTOCOL })
    }

    /// Asks for an object; answers how it is. With the same token again it only answers.
    ///
    /// # Errors
    /// Refusals by the daemon, and a daemon that doesn't answer.
    pub async fn put(&self, put: &Put) -> Result<Status, ClientError> {
        self.call(Method::PUT, "/v1/objects", Some(put)).await
    }

    /// How an object is; none when there is none.
    ///
    /// # Errors
    /// A daemon that doesn't answer.
    pub async fn get(&self, id: &str) -> Result<Option<Status>, ClientError> {
        match self.read(&format!("/v1/objects/{id}")).await {
            Err(error) if error.code() == Some(ErrorCode::NotFound) => Ok(None),
            answer => answer.map(Some),
        }
    }

    /// Everything that carries a matching mark, by id.
    ///
    /// # Errors
    /// A daemon that doesn't answer.
    pub async fn list(&self, filter: &Filter) -> Result<Vec<Status>, ClientError> {
        self.read(&format!("/v1/objects?{}", query(filter))).await
    }

    /// Takes an object away. Repeat until it is gone; what isn't there is gone.
    ///
    /// # Errors
    /// [`ErrorCode::InUse`] when something refers to it, and a daemon that doesn't answer.
    pub async fn delete(&self, id: &str) -> Result<Removal, ClientError> {
        let path = format!("/v1/objects/{id}");
        self.call(Method::DELETE, &path, None::<&()>).await
    }

    /// Gives the rollout of this put up; the old release serves on. A settled or superseded put is left alone.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], and a daemon that doesn't answer.
    pub async fn abort(&self, id: &str, token: &str) -> Result<Status, ClientError> {
        let abort = Abort { token: token.to_owned() };
        let path = format!("/v1/objects/{id}/abort");
        self.call(Method::POST, &path, Some(&abort)).await
    }

    /// The tasks of matching services, also ones that ended lately; oldest first.
    ///
    /// # Errors
    /// A daemon that doesn't answer.
    pub async fn tasks(&self, filter: &Filter) -> Result<Vec<TaskView>, ClientError> {
        self.read(&format!("/v1/tasks?{}", query(filter))).await
    }

    /// What one task wrote, oldest line first.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], and a daemon that doesn't answer.
    pub async fn task_logs(&self, id: &str, span: &Span) -> Result<Vec<LogLine>, ClientError> {
        self.read(&format!("/v1/tasks/{id}/logs?{}", query(span))).await
    }

    /// What the tasks of matching services wrote, merged by time, oldest line first.
    ///
    /// # Errors
    /// A daemon that doesn't answer.
    pub async fn logs(&self, of: &Filter, span: &Span) -> Result<Vec<LogLine>, ClientError> {
        self.read(&format!("/v1/logs?{}&{}", query(of), query(span))).await
    }

    /// Kills a task, or a node with all its tasks, at once.
    ///
    /// # Errors
    /// [`ErrorCode::NotFound`], and a daemon that doesn't answer.
    pub async fn kill(&self, what: &Kill) -> Result<(), ClientError> {
        self.call(Method::POST, "/v1/kill", Some(what)).await
    }

    /// How the daemon is.
    ///
    /// # Errors
    /// A daemon that doesn't answer.
    pub async fn status(&self) -> Result<DaemonStatus, ClientError> {
        self.read("/v1/status").await
    }

    /// Ends the daemon and waits until it is gone. Without `tasks`, tasks go on running and the next daemon takes them
    /// over; with it, they are stopped first.
    ///
    /// # Errors
    /// When it doesn't end in time.
    pub async fn stop(&self, stop: Stop) -> Result<(), ClientError> {
        let () = self.call(Method::POST, "/v1/stop", Some(&stop)).await?;
        let deadline = Instant::now() + if stop.tasks { TASKS_ENDED_WITHIN } else { STARTED_WITHIN };
        while self.stream().await.is_ok() {
            if Instant::now() > deadline {
                return Err(ClientError::Unanswered {
                    request: "POST /v1/stop".to_owned(),
                    why: "it is still there; see its log".to_owned(),
                });
            }
            sleep(LOOK_AGAIN).await;
        }
        Ok(())
    }

    async fn read<T: DeserializeOwned>(&self, path: &str) -> Result<T, ClientError> {
        self.call(Method::GET, path, None::<&()>).await
    }

    async fn call<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: Option<&impl Serialize>,
    ) -> Result<T, ClientError> {
        let name = format!("{method} {}", path.split('?').next().unwrap_or(path));
        let unanswered = |why: String| ClientError::Unanswered { request: name.clone(), why };
        let bytes = body
            .map(serde_json::to_vec)
            .transpose()
            .map_err(|error| unanswered(error.to_string()))?
            .unwrap_or_default();
        let stream = self.reach().await?;
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(http::header::HOST, "runtime")
            .header(http::header::CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(bytes)))
            .map_err(|error| unanswered(error.to_string()))?;
        let (status, body) = timeout(ANSWER_WITHIN, exchange(stream, request))
            .await
            .map_err(|_| unanswered(format!("within {} s", ANSWER_WITHIN.as_secs())))?
            .map_err(|error| unanswered(error.to_string()))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| unanswered(error.to_string()));
        }
        match serde_json::from_slice::<ApiError>(&body) {
            Ok(refusal) => Err(refusal.into()),
            Err(_) => Err(unanswered(format!("but with {status}"))),
        }
    }

    /// A connection, to a daemon that is started if there is none.
    async fn reach(&self) -> Result<UnixStream, ClientError> {
        if let Ok(stream) = self.stream().await {
            return Ok(stream);
        }
        let Some(launch) = &self.launch else {
            return Err(ClientError::NotRunning { dir: self.dir.clone() });
        };
        launch.spawn(&self.paths)?;
        let deadline = Instant::now() + STARTED_WITHIN;
        loop {
            if let Ok(stream) = self.stream().await {
                return Ok(stream);
            }
            if Instant::now() > deadline {
                let log = self.paths.log();
                return Err(ClientError::NotStarted { seconds: STARTED_WITHIN.as_secs(), last: last_line(&log), log });
            }
            sleep(LOOK_AGAIN).await;
        }
    }

    async fn stream(&self) -> std::io::Result<UnixStream> {
        UnixStream::connect(self.paths.socket()).await
    }
}

/// One request and its whole answer.
async fn exchange(stream: UnixStream, request: Request<Full<Bytes>>) -> hyper::Result<(StatusCode, Bytes)> {
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    driver.abort();
    Ok((status, body))
}

/// The query part for these fields. Only called with structs of strings and numbers, which all can be encoded.
fn query(fields: &impl Serialize) -> String {
    serde_urlencoded::to_string(fields).unwrap_or_default()
}
