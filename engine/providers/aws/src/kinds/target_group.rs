//! `aws.target-group`: the tasks of a service that a load balancer may send requests to. Its id is its ARN.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A target group of IP addresses.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TargetGroup {
    /// Its VPC.
    pub(crate) vpc: String,
    /// The port of the containers.
    pub(crate) port: u16,
    /// The path that must answer 2xx.
    pub(crate) health_path: String,
    /// The time between two checks, in seconds (5 to 300).
    pub(crate) interval: u32,
    /// The time that one may take, in seconds (2 to 120).
    pub(crate) timeout: u32,
    /// So many good ones make a target healthy (2 to 10).
    pub(crate) healthy: u32,
    /// So many bad ones make it unhealthy (2 to 10).
    pub(crate) unhealthy: u32,
    /// How long requests may go on when a target leaves, in seconds.
    pub(crate) deregistration_delay: u32,
}

impl Shape for TargetGroup {
    const KIND: Kind = Kind::new("aws.target-group");
    const FIXED: &'static [&'static str] = &["vpc", "port"];
    const RANK: u8 = 28;
}
