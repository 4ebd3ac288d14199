//! `aws.discovery-service`: a name of a Cloud Map namespace, under which ECS registers the tasks of a service (A
//! records).

use super::{ARN, ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// A discovery service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DiscoveryService {
    /// The namespace's id.
    pub(crate) namespace: String,
    /// The first label of its name.
    pub(crate) name: String,
    /// How long answers may be kept, in seconds.
    pub(crate) ttl: u32,
}

impl Shape for DiscoveryService {
    const KIND: Kind = Kind::new("aws.discovery-service");
    const FIXED: &'static [&'static str] = &["namespace", "name"];
    const OUTPUTS: &'static [Output] = &[ID, ARN];
    const RANK: u8 = 15;
}
