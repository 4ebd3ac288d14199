//! A service as it is meant: what runs, where it listens, how it shows that it is well, and what it keeps.

use super::{Capacity, PlatformSettings, jiff_millis, jiff_seconds};
use crate::names::{ClusterName, ServiceName, Version};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A container, or a local process, with replicas. A release is a copy of it that never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Service {
    /// The image without its tag, for platforms that run containers.
    pub image: Option<String>,
    /// The program and its arguments, for the local platform.
    pub command: Vec<String>,
    /// The version when a command names none.
    pub version: Version,
    /// The number of tasks when a command names none.
    pub replicas: u32,
    /// The cluster that it runs on.
    pub cluster: ClusterName,
    /// What one task takes.
    pub size: Capacity,
    /// Where it listens.
    pub ports: Vec<Port>,
    /// How a task shows that it is well.
    pub health: Option<HealthCheck>,
    /// Environment values.
    pub env: BTreeMap<String, Template>,
    /// Environment values that are secrets, by where to find them.
    pub secrets: BTreeMap<String, SecretRef>,
    /// A disk that outlives its tasks.
    pub volume: Option<Volume>,
    /// The first label of its public host name, if it has one.
    pub host: Option<String>,
    /// Services that must be there first.
    pub depends_on: BTreeSet<ServiceName>,
    /// How long a task may take to end by itself.
    #[serde(with = "jiff_seconds")]
    pub stop_timeout: SignedDuration,
    /// How long a rollout may take before it is reverted.
    #[serde(with = "jiff_seconds")]
    pub deadline: SignedDuration,
    /// What a platform should know beside that.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: PlatformSettings,
}

/// A port that a task listens on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Port {
    /// Its name; the first is the service's address.
    pub name: String,
    /// What is spoken there.
    pub protocol: Protocol,
    /// The number inside a container. A local process is told a free one in `PORT` and `PORT_<NAME>`.
    pub container: Option<u16>,
}

/// What is spoken on a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protocol {
    /// HTTP: requests are spread one by one.
    Http,
    /// Anything else: connections are spread.
    Tcp,
}

/// How a task shows that it is well.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HealthCheck {
    /// The path that must answer 2xx; none means that accepting a connection is enough.
    pub path: Option<String>,
    /// The time between two checks.
    #[serde(with = "jiff_millis")]
    pub interval: SignedDuration,
    /// The time that one check may take.
    #[serde(with = "jiff_millis")]
    pub timeout: SignedDuration,
    /// So many good checks in a row make a task healthy.
    pub healthy_after: u32,
    /// So many bad ones make it unhealthy.
    pub unhealthy_after: u32,
}

/// A text with outputs of other services in it: `http://${services.db.address}/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Template(pub Vec<TemplatePart>);

/// A piece of a [`Template`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TemplatePart {
    /// As it stands.
    Text(String),
    /// An output of a service.
    Output {
        /// Whose.
        service: ServiceName,
        /// Which: `address`, `host`, `port` or `url`.
        output: String,
    },
}

/// Where a secret is found: `env:NAME`, `file:/path`. The value itself is never in here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SecretRef(pub String);

/// A disk that outlives its tasks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Where a container sees it; a local process is told its folder in `VOLUME`.
    pub path: String,
    /// Its size, for platforms that sell it by size.
    pub size_gib: u32,
}
