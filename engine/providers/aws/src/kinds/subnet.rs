//! `aws.subnet`: a range of a VPC in one zone.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A subnet.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Subnet {
    /// Its VPC.
    pub(crate) vpc: String,
    /// Its range.
    pub(crate) cidr: String,
    /// Its availability zone (`eu-central-1a`).
    pub(crate) zone: String,
    /// Whether what starts in it gets a public address.
    pub(crate) public: bool,
}

impl Shape for Subnet {
    const KIND: Kind = Kind::new("aws.subnet");
    const FIXED: &'static [&'static str] = &["vpc", "cidr", "zone"];
    const RANK: u8 = 80;
}
