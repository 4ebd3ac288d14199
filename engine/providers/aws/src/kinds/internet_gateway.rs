//! `aws.internet-gateway`: the way out of a VPC, attached to it.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// An internet gateway.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct InternetGateway {
    /// The VPC that it is attached to.
    pub(crate) vpc: String,
}

impl Shape for InternetGateway {
    const KIND: Kind = Kind::new("aws.internet-gateway");
    const FIXED: &'static [&'static str] = &["vpc"];
    const RANK: u8 = 70;
}
