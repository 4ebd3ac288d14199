//! `aws.capacity-provider`: lets ECS scale an Auto Scaling group by what its tasks need, and drain its nodes. Its
//! id is its name.

use super::{ARN, ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// A capacity provider with managed scaling, termination protection and draining.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CapacityProvider {
    /// The ARN of the scaling group.
    pub(crate) group: String,
    /// The per cent of the group that tasks should use.
    pub(crate) target: u32,
}

impl Shape for CapacityProvider {
    const KIND: Kind = Kind::new("aws.capacity-provider");
    const FIXED: &'static [&'static str] = &["group"];
    const OUTPUTS: &'static [Output] = &[ID, ARN];
    const RANK: u8 = 46;
}
