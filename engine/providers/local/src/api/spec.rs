//! What can be wanted of the runtime: kinds of objects, their specifications, and the mark that says whose they are.
//!
//! Plain data as it travels and as it is stored. What a specification must satisfy is checked by the daemon.

use crate::net::{Data, Mode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;

/// Whose an object is. Objects are found by it, never by somebody's memory.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Mark {
    /// The bot that asked for it.
    pub installation: String,
    /// The project.
    pub project: String,
    /// The environment's name.
    pub env: String,
    /// Which life of the environment's name this is.
    pub incarnation: u32,
    /// The resource's address in the environment (`dev/network/zone`).
    pub addr: String,
    /// Counts replacements of the resource at this address.
    pub generation: u32,
}

/// A request to have an object. Repeating it with the same token changes nothing and answers the current state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Put {
    /// Whose it is; with the kind it makes the object's identity.
    pub mark: Mark,
    /// Names this one change. Another token is another change, even to the same specification.
    pub token: String,
    /// `{kind, spec}`: what is wanted.
    #[serde(flatten)]
    pub spec: Spec,
}

/// What is wanted, by kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "spec", rename_all = "snake_case")]
pub enum Spec {
    /// A DNS zone.
    Zone(ZoneSpec),
    /// A name in a zone.
    Record(RecordSpec),
    /// A logical machine.
    Node(NodeSpec),
    /// A directory that outlives tasks.
    Volume(VolumeSpec),
    /// A stable loopback address in front of tasks.
    Balancer(BalancerSpec),
    /// A number of equal tasks.
    Service(Box<ServiceSpec>),
    /// A public host name at the edge proxy.
    Route(RouteSpec),
}

impl Spec {
    /// The kind alone.
    #[must_use]
    pub fn kind(&self) -> Kind {
        match self {
            Self::Zone(_) => Kind::Zone,
            Self::Record(_) => Kind::Record,
            Self::Node(_) => Kind::Node,
            Self::Volume(_) => Kind::Volume,
            Self::Balancer(_) => Kind::Balancer,
            Self::Service(_) => Kind::Service,
            Self::Route(_) => Kind::Route,
        }
    }
}

/// The kinds of objects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// See [`ZoneSpec`].
    Zone,
    /// See [`RecordSpec`].
    Record,
    /// See [`NodeSpec`].
    Node,
    /// See [`VolumeSpec`].
    Volume,
    /// See [`BalancerSpec`].
    Balancer,
    /// See [`ServiceSpec`].
    Service,
    /// See [`RouteSpec`].
    Route,
}

impl Kind {
    /// What ids of this kind start with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Record => "rec",
            Self::Node => "node",
            Self::Volume => "vol",
            Self::Balancer => "bal",
            Self::Service => "svc",
            Self::Route => "route",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Zone => "zone",
            Self::Record => "record",
            Self::Node => "node",
            Self::Volume => "volume",
            Self::Balancer => "balancer",
            Self::Service => "service",
            Self::Route => "route",
        })
    }
}

/// A DNS zone. Its origin is unique in the daemon. Output: `server`, the DNS server's address.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneSpec {
    /// The origin (`dev.mini-soa.localhost`).
    pub name: String,
}

/// A name in a zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordSpec {
    /// The zone object's id.
    pub zone: String,
    /// The full name, in the zone.
    pub name: String,
    /// Seconds that a resolver may keep it.
    pub ttl: u32,
    /// What it says.
    pub data: Data,
}

/// A logical machine: room for tasks. Output: `state`, up or down.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeSpec {
    /// The cluster's key. Compared as a whole and over the whole daemon, so it has to name project and environment too.
    pub cluster: String,
    /// Thousandths of a processor.
    pub cpu_millis: u32,
    /// Mebibytes of memory.
    pub memory_mib: u32,
}

/// A directory that survives every redeploy and goes only with this object. Output: `path`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VolumeSpec {}

/// A stable loopback address in front of whichever tasks are healthy. Outputs: `address` (`127.0.0.1:8123`), `port`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BalancerSpec {
    /// What it takes turns over.
    pub mode: Mode,
}

/// A public host name. Outputs: `url`, `host`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RouteSpec {
    /// The host name, unique in the daemon.
    pub host: String,
    /// The balancer object's id; its mode must be HTTP.
    pub balancer: String,
}

/// A number of equal tasks. Outputs: `release`, `version`, `replicas`, `healthy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceSpec {
    /// How many. A change of this alone is a scale, not a rollout.
    pub replicas: u32,
    /// How a new release takes over.
    #[serde(default)]
    pub order: Order,
    /// How many tasks are exchanged at a time; half of them when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<u32>,
    /// A rollout that isn't complete by then is reverted. Milliseconds.
    pub deadline_ms: u64,
    /// Port name to the id of the balancer in front of it.
    #[serde(default)]
    pub balancers: BTreeMap<String, String>,
    /// What each task is. A change of this is a rollout.
    pub task: TaskSpec,
}

/// How a new release takes over from the old.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// New tasks first, old ones go when those are healthy. Takes the room of a batch beside what runs.
    #[default]
    StartFirst,
    /// Old tasks go first: for what can't run twice at a time, like the only user of a volume.
    StopFirst,
}

/// What a task is: everything that makes one release differ from another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskSpec {
    /// The key of the cluster it runs on.
    pub cluster: String,
    /// Program and arguments.
    pub command: Vec<String>,
    /// Its environment, beside what the runtime sets (`PORT`, `PORT_<NAME>`, `VERSION`, `RELEASE`, `GANTRY_TASK`,
    /// `GANTRY_NODE`, `PATH`, `HOME`, `LANG`).
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Variable to a reference (`file:/path`, `env:NAME`). The daemon resolves it when a task starts; values are never
    /// stored, logged or shown.
    #[serde(default)]
    pub secrets: BTreeMap<String, String>,
    /// The ports it listens on; the number of the first is in `PORT`.
    #[serde(default)]
    pub ports: Vec<Port>,
    /// When it counts as healthy.
    pub health: Health,
    /// What it takes of a node, in thousandths of a processor. Used for placement, not enforced.
    pub cpu_millis: u32,
    /// What it takes of a node, in mebibytes. Used for placement, not enforced.
    pub memory_mib: u32,
    /// Directories it gets.
    #[serde(default)]
    pub volumes: Vec<Mount>,
    /// What people call what runs (`1.4.2`).
    pub version: String,
    /// The release's number.
    pub release: u64,
    /// How long it may take to end after SIGTERM before it is killed. Milliseconds.
    pub stop_timeout_ms: u64,
}

/// A port that a task listens on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Its name; the number is in `PORT_<NAME>`.
    pub name: String,
    /// What is spoken there.
    pub protocol: Mode,
}

/// A directory of a task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mount {
    /// The volume object's id.
    pub volume: String,
    /// The variable that tells the task where it is.
    pub env: String,
}

/// When a task counts as healthy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Health {
    /// How it is asked.
    pub kind: HealthKind,
    /// The path for HTTP; 200 to 399 is healthy.
    pub path: String,
    /// Between two questions. Milliseconds.
    pub interval_ms: u64,
    /// How long an answer may take. Milliseconds.
    pub timeout_ms: u64,
    /// So many good answers in a row make it healthy.
    pub healthy_after: u32,
    /// So many bad answers in a row make it unhealthy.
    pub unhealthy_after: u32,
    /// Bad answers in this time after the start don't count. Milliseconds.
    pub grace_ms: u64,
}

impl Default for Health {
    fn default() -> Self {
        Self {
            kind: HealthKind::None,
            path: "/".to_owned(),
            interval_ms: 1_000,
            timeout_ms: 1_000,
            healthy_after: 1,
            unhealthy_after: 3,
            grace_ms: 10_000,
        }
    }
}

/// How a task's health is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HealthKind {
    /// A GET on the first port.
    Http,
    /// A connection to the first port.
    Tcp,
    /// Not at all: healthy once it has run for an interval.
    #[default]
    None,
}
