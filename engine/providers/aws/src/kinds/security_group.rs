//! `aws.security-group`: who may talk to whom. Its rules are resources of their own; the rule that lets everything
//! out is AWS's own and stays.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A security group.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecurityGroup {
    /// Its VPC.
    pub(crate) vpc: String,
    /// What it is for; AWS takes letters, digits, spaces and `._-:/()#,@[]+=&;{}!$*`.
    pub(crate) description: String,
}

impl Shape for SecurityGroup {
    const KIND: Kind = Kind::new("aws.security-group");
    const FIXED: &'static [&'static str] = &["vpc", "description"];
    const RANK: u8 = 72;
}
