//! `aws.route-table`: a table of routes. Its routes and associations belong to it: they carry no tags of their own,
//! and go with it.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// A route table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteTable {
    /// Its VPC.
    pub(crate) vpc: String,
}

impl Shape for RouteTable {
    const KIND: Kind = Kind::new("aws.route-table");
    const FIXED: &'static [&'static str] = &["vpc"];
    const RANK: u8 = 75;
}
