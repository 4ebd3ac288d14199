//! `aws.nat-gateway`: how private subnets reach the internet. Made and removed in minutes.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A NAT gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NatGateway {
    /// The public subnet that it stands in.
    pub(crate) subnet: String,
    /// The allocation id of its address.
    pub(crate) address: String,
}

impl Shape for NatGateway {
    const KIND: Kind = Kind::new("aws.nat-gateway");
    const FIXED: &'static [&'static str] = &["subnet", "address"];
    const RANK: u8 = 60;
}
