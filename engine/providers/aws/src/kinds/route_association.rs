//! `aws.route-association`: which table a subnet uses. It can't be tagged: it belongs to its table.

use super::Shape;
use gantry_engine::address::Kind;
use serde::Deserialize;

/// An association of a subnet with a route table. Changed in place by replacing the association.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RouteAssociation {
    /// The table.
    pub(crate) table: String,
    /// The subnet.
    pub(crate) subnet: String,
}

impl Shape for RouteAssociation {
    const KIND: Kind = Kind::new("aws.route-association");
    const FIXED: &'static [&'static str] = &["subnet"];
    const RANK: u8 = 41;
}
