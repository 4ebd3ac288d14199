//! `aws.launch-template`: how the nodes of a cluster are started. A change makes a new version of the same
//! template, and that the default.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A launch template. IMDSv2 is required, the root disk is encrypted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LaunchTemplate {
    /// The machine image: an id, or `resolve:ssm:` with the name of a public parameter, which AWS looks up at
    /// each start.
    pub(crate) image: String,
    /// The instance type.
    pub(crate) instance_type: String,
    /// The ARN of the instance profile.
    pub(crate) profile: String,
    /// The security groups.
    pub(crate) groups: Vec<String>,
    /// What the node runs when it starts, as text; the driver encodes it.
    pub(crate) user_data: String,
    /// The size of the root disk in GiB.
    pub(crate) disk_gib: u32,
}

impl Shape for LaunchTemplate {
    const KIND: Kind = Kind::new("aws.launch-template");
    const FIXED: &'static [&'static str] = &[];
    const RANK: u8 = 55;
}
