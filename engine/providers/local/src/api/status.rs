//! What the runtime answers: how objects and tasks are.
//!
//! Facts, not sentences for people: notes and reasons are one plain line each, rendering is the caller's.

use super::spec::{Kind, Mark, Spec};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How an object is. It belongs to the put whose token it carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// The object's id, a function of kind and mark.
    pub id: String,
    /// Its kind.
    pub kind: Kind,
    /// Whose it is.
    pub mark: Mark,
    /// The put this is the outcome of.
    pub token: String,
    /// Where it stands.
    pub state: State,
    /// One line about it (`3 of 5 tasks healthy`).
    pub note: String,
    /// What others may refer to.
    pub outputs: BTreeMap<String, String>,
    /// Ask again after so many milliseconds; none when settled.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_ms: Option<u64>,
    /// What a rollout fell back to, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reverted: Option<Reverted>,
    /// What is wanted, as it was put.
    pub wanted: Spec,
}

/// Where an object stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// On its way.
    Pending,
    /// As wanted. A service stays ready when a task of it is being replaced; the note says so.
    Ready,
    /// The change didn't work out, and what was there before serves again.
    Reverted,
    /// Being taken away.
    Removing,
}

/// The end of a rollout that didn't work out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reverted {
    /// What serves now; none when nothing did before.
    pub serving: Option<Serving>,
    /// Why (`3 tasks of release 4 exited with code 1 within 1 s: cannot open /data`).
    pub why: String,
}

/// What a service serves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Serving {
    /// The release's number.
    pub release: u64,
    /// Its version.
    pub version: String,
}

/// How far a removal is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    /// Whether nothing is left of it.
    pub gone: bool,
    /// What is waited for.
    pub note: String,
    /// Ask again after so many milliseconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub again_ms: Option<u64>,
}

/// Asks for a rollout to be given up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Abort {
    /// The put to give up; a settled or superseded one is left alone.
    pub token: String,
}

/// A task as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskView {
    /// The task's id.
    pub id: String,
    /// The service object's id.
    pub service: String,
    /// The service's mark.
    pub mark: Mark,
    /// The node object's id.
    pub node: String,
    /// The node's address, when it still exists.
    pub node_addr: Option<String>,
    /// The release it is of.
    pub release: u64,
    /// Its version.
    pub version: String,
    /// Whether it runs.
    pub state: TaskState,
    /// What its health check says.
    pub health: TaskHealth,
    /// The main process, once it is known.
    pub pid: Option<i32>,
    /// Where it listens: port name to number on 127.0.0.1.
    pub ports: BTreeMap<String, u16>,
    /// When it was started.
    pub started_at: Timestamp,
    /// How many tasks of this service ended by themselves before it, since the last time one stayed up.
    pub restarts: u32,
    /// How it ended.
    pub exit: Option<TaskExit>,
}

/// Whether a task runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskState {
    /// Its process is there, or about to be.
    Running,
    /// It is being stopped.
    Stopping,
    /// It has ended.
    Exited,
}

/// What a task's health check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskHealth {
    /// Not known yet.
    Starting,
    /// It may get requests.
    Healthy,
    /// It failed its checks.
    Unhealthy,
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskExit {
    /// When.
    pub at: Timestamp,
    /// The exit code of the main process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    /// The number of the signal that ended it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Why there is neither (`could not start ..`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// The last lines it wrote.
    #[serde(default)]
    pub last: Vec<String>,
}

/// A line that a task wrote.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogLine {
    /// When.
    pub at: Timestamp,
    /// Which task.
    pub task: String,
    /// `out` or `err`.
    pub stream: String,
    /// The line, without its end.
    pub text: String,
}

/// Asks for trouble: kills a node or a task at once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kill {
    /// A node's id: its tasks are lost and it is down for a few seconds.
    Node(String),
    /// A task's id.
    Task(String),
}

/// How the daemon is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DaemonStatus {
    /// The version of this API; another one isn't understood.
    pub protocol: u32,
    /// The daemon's process.
    pub pid: u32,
    /// The program's version.
    pub version: String,
    /// When it started.
    pub started: Timestamp,
    /// Where the edge proxy listens.
    pub edge: String,
    /// Where the DNS server listens.
    pub dns: String,
    /// How many objects are wanted, by kind.
    pub objects: BTreeMap<Kind, usize>,
    /// How many tasks run.
    pub tasks: usize,
}

/// Asks the daemon to end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stop {
    /// Stop the tasks too. What is wanted stays wanted: a daemon that is started again starts them again.
    #[serde(default)]
    pub tasks: bool,
}
