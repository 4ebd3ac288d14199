//! `aws.namespace`: a private DNS namespace of Cloud Map: names that only the VPC sees. Made and removed by an
//! operation of its own that takes a while.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A private DNS namespace.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Namespace {
    /// Its name (`staging.shop.internal`).
    pub(crate) name: String,
    /// The VPC that sees it.
    pub(crate) vpc: String,
}

impl Shape for Namespace {
    const KIND: Kind = Kind::new("aws.namespace");
    const FIXED: &'static [&'static str] = &["name", "vpc"];
    const RANK: u8 = 20;
}
