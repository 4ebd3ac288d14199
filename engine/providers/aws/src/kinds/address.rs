//! `aws.address`: an elastic IP address; its id is the allocation id.

use super::{ID, Shape};
use gantry_engine::address::Kind;
use gantry_engine::value::Output;
use serde::Deserialize;

/// An elastic IP address.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Address {}

impl Shape for Address {
    const KIND: Kind = Kind::new("aws.address");
    const FIXED: &'static [&'static str] = &[];
    const OUTPUTS: &'static [Output] = &[ID, IP];
    const RANK: u8 = 65;
}

/// The address itself.
pub(crate) const IP: Output = Output::new("ip");
