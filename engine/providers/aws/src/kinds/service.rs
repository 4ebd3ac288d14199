//! `aws.service`: an ECS service. A put is a rollout: it stays pending until the deployment that it started is
//! steady, or was taken back. Its id is its ARN.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// An ECS service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// The cluster's name.
    pub(crate) cluster: String,
    /// The task definition's ARN.
    pub(crate) task: String,
    /// How many tasks.
    pub(crate) desired: u32,
    /// What it runs on.
    pub(crate) launch: Launch,
    /// The subnets of its tasks.
    pub(crate) subnets: Vec<String>,
    /// Their security groups.
    pub(crate) groups: Vec<String>,
    /// Whether they have public addresses: without a NAT gateway that is their way out (Fargate only).
    #[serde(default)]
    pub(crate) public_ip: bool,
    /// CPU units of a task, for the price; its task definition says them to AWS.
    #[serde(default)]
    pub(crate) cpu: u32,
    /// MiB of a task, likewise.
    #[serde(default)]
    pub(crate) memory: u32,
    /// Where the load balancers find it.
    #[serde(default)]
    pub(crate) targets: Vec<Registration>,
    /// The ARN of its discovery service.
    #[serde(default)]
    pub(crate) registry: Option<String>,
    /// At least so many per cent stay while it rolls out.
    pub(crate) min_percent: u32,
    /// At most so many per cent run while it rolls out.
    pub(crate) max_percent: u32,
    /// How long health checks of a load balancer don't count after a start, in seconds.
    pub(crate) grace: u32,
    /// Whether people may run commands in its tasks.
    #[serde(default)]
    pub(crate) exec: bool,
    /// Counts restarts: another number makes new tasks of the same definition.
    #[serde(default)]
    pub(crate) restarts: u32,
    /// How long a rollout may take before it is taken back, in seconds.
    pub(crate) deadline: u32,
    /// The release, for what is told of it.
    pub(crate) release: u32,
    /// The version, for what is told of it.
    pub(crate) version: String,
}

impl Shape for Service {
    const KIND: Kind = Kind::new("aws.service");
    const FIXED: &'static [&'static str] = &["cluster"];
    const RANK: u8 = 10;
}

/// What a service's tasks run on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Launch {
    /// AWS's own machines.
    Fargate,
    /// The nodes of this capacity provider, by name.
    Provider(String),
}

/// A container's port in a target group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Registration {
    /// The target group's ARN.
    pub(crate) group: String,
    /// The container's name.
    pub(crate) container: String,
    /// The port.
    pub(crate) port: u16,
}
