//! `aws.scaling-group`: an Auto Scaling group. How many nodes there are between its bounds is ECS's to say, so the
//! desired number is no part of the spec. Its tags go to its instances. Its id is its name.

use super::{ARN, ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// An Auto Scaling group that starts from the template's `$Latest` version.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ScalingGroup {
    /// The launch template's id.
    pub(crate) template: String,
    /// The type of its instances, for the price; the template says it to AWS.
    #[serde(default)]
    pub(crate) instance_type: String,
    /// The subnets.
    pub(crate) subnets: Vec<String>,
    /// At least so many nodes.
    pub(crate) min: u32,
    /// At most so many.
    pub(crate) max: u32,
    /// Whether nodes are protected from scale-in (ECS managed termination protection wants that).
    #[serde(default)]
    pub(crate) protected: bool,
}

impl Shape for ScalingGroup {
    const KIND: Kind = Kind::new("aws.scaling-group");
    const FIXED: &'static [&'static str] = &[];
    const OUTPUTS: &'static [Output] = &[ID, ARN];
    const RANK: u8 = 25;
}
