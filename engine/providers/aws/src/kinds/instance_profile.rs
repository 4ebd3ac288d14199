//! `aws.instance-profile`: how an instance gets a role. A new one can't be used for some seconds.

use super::{ARN, ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// An instance profile with one role.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InstanceProfile {
    /// The role's name.
    pub(crate) role: String,
}

impl Shape for InstanceProfile {
    const KIND: Kind = Kind::new("aws.instance-profile");
    const FIXED: &'static [&'static str] = &[];
    const OUTPUTS: &'static [Output] = &[ID, ARN];
    const RANK: u8 = 49;
}
