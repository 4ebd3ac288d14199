//! `aws.task-definition`: one revision of a task definition, for one release of a service (its address carries the
//! release's number). It never changes. `RegisterTaskDefinition` knows no token: it is found by its family, which
//! derives from its mark, and by its tags. Its id is its ARN.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A task definition with one container, which bears the service's name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TaskDefinition {
    /// The container's name.
    pub(crate) container: String,
    /// The image with its digest.
    pub(crate) image: String,
    /// What it runs; empty for the image's own.
    #[serde(default)]
    pub(crate) command: Vec<String>,
    /// CPU units, 1024 to a processor.
    pub(crate) cpu: u32,
    /// MiB.
    pub(crate) memory: u32,
    /// Whether it runs on Fargate; on EC2 otherwise.
    pub(crate) fargate: bool,
    /// Where it listens.
    #[serde(default)]
    pub(crate) ports: Vec<PortMapping>,
    /// Environment values.
    #[serde(default)]
    pub(crate) env: BTreeMap<String, String>,
    /// Secrets, by the ARN of where they are.
    #[serde(default)]
    pub(crate) secrets: BTreeMap<String, String>,
    /// The role that starts it (pulls the image, reads secrets, writes logs).
    pub(crate) execution_role: String,
    /// The role that it has itself.
    pub(crate) task_role: String,
    /// The log group.
    pub(crate) log_group: String,
    /// The region of the log group.
    pub(crate) log_region: String,
    /// A check inside of the container; none where the load balancer checks.
    #[serde(default)]
    pub(crate) health_command: Option<Vec<String>>,
    /// How long it may take to end, in seconds (at most 120).
    pub(crate) stop_timeout: u32,
    /// A disk of the node.
    #[serde(default)]
    pub(crate) mount: Option<Mount>,
    /// The version, for what is told of its tasks (carried as the tag `gantry:version`).
    #[serde(default)]
    pub(crate) version: String,
}

impl Shape for TaskDefinition {
    const KIND: Kind = Kind::new("aws.task-definition");
    const FIXED: &'static [&'static str] = &[
        "container",
        "image",
        "command",
        "cpu",
        "memory",
        "fargate",
        "ports",
        "env",
        "secrets",
        "execution_role",
        "task_role",
        "log_group",
        "log_region",
        "health_command",
        "stop_timeout",
        "mount",
    ];
    const RANK: u8 = 35;
}

/// A port of a container.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PortMapping {
    /// Its name.
    pub(crate) name: String,
    /// Its number.
    pub(crate) port: u16,
}

/// A folder of the node that a container sees.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Mount {
    /// Where it is on the node.
    pub(crate) host_path: String,
    /// Where the container sees it.
    pub(crate) path: String,
}
