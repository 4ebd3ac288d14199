//! `aws.vpc`: the network of an environment, with DNS names on. `CreateVpc` knows no token: it is found by its tags.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A virtual private cloud.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Vpc {
    /// Its range (`10.20.0.0/16`).
    pub(crate) cidr: String,
}

impl Shape for Vpc {
    const KIND: Kind = Kind::new("aws.vpc");
    const FIXED: &'static [&'static str] = &["cidr"];
    const RANK: u8 = 90;
}
