//! `aws.security-rule`: one ingress rule of a security group. Rules have ids and tags of their own.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// An ingress rule: exactly one of its sources is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SecurityRule {
    /// The group that it lets into.
    pub(crate) group: String,
    /// `tcp`.
    pub(crate) protocol: String,
    /// The first port.
    pub(crate) from_port: u16,
    /// The last port.
    pub(crate) to_port: u16,
    /// From members of this group.
    #[serde(default)]
    pub(crate) source_group: Option<String>,
    /// From this IPv4 range.
    #[serde(default)]
    pub(crate) cidr: Option<String>,
    /// From this IPv6 range.
    #[serde(default)]
    pub(crate) cidr_v6: Option<String>,
    /// What it is for.
    pub(crate) description: String,
}

impl Shape for SecurityRule {
    const KIND: Kind = Kind::new("aws.security-rule");
    // The description changes in place: two rules that differ in nothing else can't stand side by side.
    const FIXED: &'static [&'static str] =
        &["group", "protocol", "from_port", "to_port", "source_group", "cidr", "cidr_v6"];
    const RANK: u8 = 30;
}
